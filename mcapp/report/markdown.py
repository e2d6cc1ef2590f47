"""Markdown: a table of the findings, for a comment or the job summary of GitHub Actions.

It stays one table with any text from outside: every character that Markdown or HTML gives a meaning is escaped.
"""

from mcapp.report.result import Report, summary
from mcapp.terminal.console import Style, failure_text, visible
from mcapp.terminal.format import plain, plural

# A job summary may have 1 MiB, a comment less; GitHub refuses a longer one as a whole.
MOST_ROWS = 500


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    mark = "✅" if report.ok else "❌"
    lines = [f"### {mark} mcapp validate", "", _markdown(summary(report)), ""]
    if report.findings:
        lines += ["| | Place | Finding |", "|---|---|---|"]
        for finding in report.findings[:MOST_ROWS]:
            place = f"<code>{plain(f'{visible(finding.path)}:{finding.line}:{finding.column}')}</code>"
            help_ = f"<br>{_markdown(finding.help)}" if finding.help else ""
            rule = f"[{finding.rule}]({finding.url})"
            lines.append(f"| {finding.severity} | {place} | {rule} {_markdown(finding.message)}{help_} |")
        lines.append("")
    if len(report.findings) > MOST_ROWS:
        lines += [f"{plural(len(report.findings) - MOST_ROWS, 'more finding')} not shown here.", ""]
    notes = (*report.errors, *report.warnings)
    if notes:
        lines += [f"- **{failure.code}**: {_markdown(failure_text(failure))}" for failure in notes[:MOST_ROWS]]
        lines.append("")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    """`text` for a table's cell: what is in backticks becomes code, the rest is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"<code>{plain(part)}</code>" if index % 2 else plain(part) for index, part in enumerate(parts))
