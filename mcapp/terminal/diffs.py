"""Unified diffs, as `--diff` shows them."""

import re
import sys

from mcapp.terminal.console import Console, Style, fence, is_terminal, repository_path, visible
from mcapp.terminal.redact import mask


def unified(before: str | None, after: str, name: str) -> str:
    """The changes from `before` (None: a new file) to `after`; empty if the texts are equal.

    `patch` and `git apply` accept it, also where the final newline is missing.
    """
    from difflib import unified_diff

    path = repository_path(name).lstrip("/")
    old = "/dev/null" if before is None else f"a/{path}"
    # Split at line feeds only: a lone carriage return or a Unicode line separator belongs to its line.
    was, now = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before or "", after))
    lines = unified_diff(was, now, old, f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def print_diff(diff: str, console: Console) -> None:
    """Print a diff on stdout, coloured for people; in a pipe as `git apply` reads it, and a note where it cannot."""
    if console.style.on or is_terminal(sys.stdout):
        console.out(colored(diff, console.style))
        return
    text = readable(diff)
    console.out(text)
    if text != diff:
        console.say(
            "note: git cannot apply this diff, because keys are masked in it and unseen characters made visible"
        )


def readable(diff: str) -> str:
    """The diff with keys masked, and without characters and lines that a terminal or a CI runner would obey."""
    return fence("\n".join(map(_line, mask(diff).split("\n"))))


def colored(diff: str, style: Style) -> str:
    """The same for people, coloured."""
    paints = {"--- ": style.bold, "+++ ": style.bold, "@@": style.note, "-": style.removed, "+": style.added}
    lines = []
    for line in readable(diff).split("\n"):
        text = line.removesuffix("\r")
        lines.append(next((paint(text) for start, paint in paints.items() if text.startswith(start)), text))
    return "\n".join(lines)


def _line(line: str) -> str:
    end = "\r" if line.endswith("\r") else ""
    return "\t".join(map(visible, line.removesuffix("\r").split("\t"))) + end
