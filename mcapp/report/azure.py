"""Azure Pipelines: logging commands that list the findings on the run's page, and the counts.

https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands

The text report is not there: the agent obeys `##vso[…]` anywhere in a line, cannot be stopped from it, and the report
quotes the files.
"""

from mcapp.lint.model import SEVERITIES
from mcapp.report.result import Report, failure_text, repository_path, summary
from mcapp.terminal.console import Style, fence

# Azure has two types. `notice` is what GitHub calls a note.
TYPE = {"error": "error", "warning": "warning", "note": "warning", "notice": "warning"}


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """What could not be read, then the findings, the worst first, then the counts."""
    lines = []
    for kind, failures in (("error", report.errors), ("warning", report.warnings)):
        for failure in failures:
            where = {} if failure.path is None else {"sourcepath": repository_path(failure.path)}
            lines.append(issue(kind, {**where, "code": failure.code}, failure_text(failure)))
    for finding in sorted(report.findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        where = {
            "sourcepath": repository_path(finding.path),
            "linenumber": str(finding.line),
            "columnnumber": str(finding.column),
            "code": finding.rule,
        }
        lines.append(issue(TYPE[finding.severity], where, finding.text))
    return "\n".join([*lines, summary(report)]) + "\n"


def issue(kind: str, properties: dict[str, str], text: str) -> str:
    """The command that logs an error or a warning. No text in it holds another command."""
    values = "".join(f"{name}={_escape(fence(value), ';]')};" for name, value in {"type": kind, **properties}.items())
    return f"##vso[task.logissue {values}]{_escape(fence(text))}"


def _escape(text: str, more: str = "") -> str:
    """Escape what ends a command; in properties also `more`. First the percent sign, as `%AZP25`."""
    text = text.replace("%", "%AZP25")
    for char in f"\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text
