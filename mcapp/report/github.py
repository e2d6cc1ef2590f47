"""GitHub Actions: the text report, and workflow commands that annotate the changed lines.

The job summary is in `mcapp.report.markdown`.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections import Counter
from hashlib import sha256

from mcapp.lint.model import ERROR, SEVERITIES
from mcapp.report.result import Report, failure_text, repository_path
from mcapp.report.text import render as render_text
from mcapp.terminal.console import Style, fence
from mcapp.terminal.format import plural

_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}

# GitHub shows this many annotations of each kind per step, and drops the rest silently.
# https://docs.github.com/en/rest/checks/runs#update-a-check-run
MOST_ANNOTATIONS = 10


def render(report: Report, style: Style, width: int) -> str:
    """The text report; the annotations, the worst first; and how many findings get no annotation."""
    text = render_text(report, style, width)
    lines = fenced(text)
    left = Counter(dict.fromkeys(_COMMAND, MOST_ANNOTATIONS))
    cut = 0
    for failure in report.errors:
        place = {} if failure.path is None else {"file": repository_path(failure.path)}
        if left[ERROR] > 0:
            lines.append(command("error", {**place, "title": f"mcapp {failure.code}"}, failure_text(failure)))
        cut += left[ERROR] <= 0
        left[ERROR] -= 1
    for finding in sorted(report.findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        if left[finding.severity] > 0:
            # The start alone: GitHub draws a span that reaches the end of the file at a wrong place.
            where = {
                "file": repository_path(finding.path),
                "line": str(finding.line),
                "col": str(finding.column),
                "title": f"{finding.rule} {finding.name}",
            }
            lines.append(command(_COMMAND[finding.severity], where, finding.text))
        cut += left[finding.severity] <= 0
        left[finding.severity] -= 1
    for failure in report.warnings:
        place = {} if failure.path is None else {"file": repository_path(failure.path)}
        lines.append(command("warning", {**place, "title": f"mcapp {failure.code}"}, failure_text(failure)))
    if cut:
        lines.append(
            f"GitHub shows {MOST_ANNOTATIONS} annotations of a kind per step: "
            f"{plural(cut, 'finding')} above {'has' if cut == 1 else 'have'} none."
        )
    return "\n".join(lines) + "\n"


def fenced(text: str) -> list[str]:
    """The lines of a report, between marks that make the runner print them without obeying them.

    The report may contain what the runner takes for a command (`##[…]` even in the middle of a line). The token that
    ends the fence cannot be guessed, because it depends on the whole text.
    """
    token = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return [f"::stop-commands::{token}", fence(text).rstrip("\n"), f"::{token}::"]


def command(name: str, properties: dict[str, str], text: str) -> str:
    """A workflow command: `error`, `warning` or `notice` annotate. No text in it holds another command."""
    values = ",".join(f"{key}={_escape(fence(value), ':,')}" for key, value in properties.items())
    return f"::{name} {values}::{_escape(fence(text))}"


def _escape(text: str, more: str = "") -> str:
    """Escape what ends a command; in properties also `more`, the characters that separate them."""
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
