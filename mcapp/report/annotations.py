"""GitHub Actions and Azure Pipelines: annotations of the changed lines and of the run, as commands in the log.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands

GitHub gets the text report too. Azure does not: the agent obeys `##vso[…]` anywhere in a line, cannot be stopped from
it, and the report quotes the files.
"""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import NamedTuple

from mcapp.lint.model import SEVERITIES
from mcapp.report.result import Report, summary
from mcapp.report.text import render as render_text
from mcapp.terminal.console import Style, failure_text, fence, repository_path
from mcapp.terminal.format import plural

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}
_AZURE = {"error": "error", "warning": "warning", "note": "warning"}  # it has two kinds

# GitHub shows this many annotations of each kind per step, and drops the rest silently.
# https://docs.github.com/en/rest/checks/runs#update-a-check-run
MOST_ANNOTATIONS = 10


class Annotation(NamedTuple):
    """What is shown. `level` is error, warning or note; `code` is for Azure, `title` for GitHub.

    A place is shown as far as it is known: GitHub would draw a span that reaches the end of the file at a wrong place,
    so there is its start alone.
    """

    level: str
    text: str
    code: str
    title: str
    path: str | None = None
    line: int | None = None
    column: int | None = None


def render_github(report: Report, style: Style, width: int) -> str:
    """The text report, the annotations, the worst first, and how many findings get none."""
    return github(render_text(report, style, width), _annotations(report))


def render_azure(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The annotations, the worst first, then the counts."""
    return azure(_annotations(report), summary(report))


def _annotations(report: Report) -> list[Annotation]:
    found = [
        Annotation(level, failure_text(failure), failure.code, f"mcapp {failure.code}", failure.path)
        for level, failure in report.failures
    ]
    return found + [
        Annotation(one.severity, one.text, one.rule, f"{one.rule} {one.name}", one.path, one.line, one.column)
        for one in report.findings
    ]


def github(text: str, found: Collection[Annotation]) -> str:
    """The `text` of a report as the runner prints it without obeying it, then the annotations.

    The report may contain what the runner takes for a command (`##[…]` even in the middle of a line). The token that
    ends the fence cannot be guessed, because it depends on the whole text.
    """
    token = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
    lines = [f"::stop-commands::{token}", fence(text).rstrip("\n"), f"::{token}::"]
    left_out = 0
    for level, name in _GITHUB.items():
        of_level = [one for one in found if one.level == level]
        left_out += len(of_level[MOST_ANNOTATIONS:])
        for one in of_level[:MOST_ANNOTATIONS]:
            where = _where(one, ("file", "line", "col"), title=one.title)
            values = ",".join(f"{key}={_escaped(value, '%25', ':,')}" for key, value in where.items())
            lines.append(f"::{name} {values}::{_escaped(one.text, '%25')}")
    if left_out:
        lines.append(
            f"GitHub shows {MOST_ANNOTATIONS} annotations of a kind per step: "
            f"{plural(left_out, 'finding')} above {'has' if left_out == 1 else 'have'} none."
        )
    return "\n".join(lines) + "\n"


def azure(found: Collection[Annotation], last: str) -> str:
    """The annotations, then the line `last`."""
    lines = []
    for one in sorted(found, key=lambda one: SEVERITIES.index(one.level)):
        where = _where(one, ("sourcepath", "linenumber", "columnnumber"), code=one.code)
        properties = {"type": _AZURE[one.level], **where}
        values = "".join(f"{key}={_escaped(value, '%AZP25', ';]')};" for key, value in properties.items())
        lines.append(f"##vso[task.logissue {values}]{_escaped(one.text, '%AZP25')}")
    return "\n".join([*lines, last]) + "\n"


def _where(one: Annotation, names: tuple[str, str, str], **more: str) -> Mapping[str, str]:
    path = None if one.path is None else repository_path(one.path)
    place = zip(names, (path, one.line, one.column), strict=True)
    return {**{name: str(value) for name, value in place if value is not None}, **more}


def _escaped(text: str, percent: str, separators: str = "") -> str:
    """`text` without what ends a command or, in properties, what separates them. No text in it holds another."""
    text = fence(text).replace("%", percent)
    for char in f"\r\n{separators}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
