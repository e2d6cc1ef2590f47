"""What every report for GitHub needs: workflow commands, text that the runner must not obey, and Markdown.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from hashlib import sha256

# GitHub shows so many annotations of each kind per step, and drops the rest without a word.
# https://docs.github.com/en/rest/checks/runs#update-a-check-run
MOST_ANNOTATIONS = 10


def fenced(text: str) -> list[str]:
    """The lines of a report that the runner only prints.

    It may hold what the runner takes for a command (`##[…]` even in the middle of a line). Nobody can foresee the token
    that ends the fence, because it depends on the whole text.
    """
    token = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return [f"::stop-commands::{token}", text.rstrip("\n"), f"::{token}::"]


def command(name: str, properties: dict[str, str], text: str) -> str:
    """A workflow command: `error`, `warning` or `notice` annotate."""
    told = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    return f"::{name} {told}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    """What the runner turns back; in properties also `more`, the characters that separate them."""
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text


def plain(text: str) -> str:
    """`text` without anything that Markdown or HTML would obey."""
    return "".join(f"&#{ord(char)};" if char in "\\`*_{}[]<>()#!|&@~$" else char for char in text)
