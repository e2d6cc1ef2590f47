"""One line per finding, for editors and grep: `app.json:12:18: error[MC203] message`. Nothing when all is well."""

from mcapp.report.common import failure_text, link, shown
from mcapp.report.result import Report
from mcapp.terminal.console import Style


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The findings, then what could not be read: `missing.json: error[missing] missing.json does not exist`."""
    lines = []
    for finding in report.findings:
        place = f"{style.bold(shown(finding.path))}:{finding.line}:{finding.column}:"
        severity = style.severity(finding.severity, finding.severity)
        lines.append(f"{place} {severity}[{link(finding.rule, finding.url, style)}] {finding.message}")
    for failure in report.errors:
        path = f"{style.bold(shown(failure.path))}: " if failure.path is not None else ""
        lines.append(f"{path}{style.error('error')}[{failure.code}] {failure_text(failure)}")
    return "".join(line + "\n" for line in lines)
