"""The reports for people: `text` and `concise`.

What draws findings is imported only where there are any: a file without findings is reported in 1 ms.
"""

from mcapp.report.result import Report, counts, link, statistics, summary
from mcapp.terminal.cells import wrap
from mcapp.terminal.console import Style, failure_block, failure_text, visible


def render(report: Report, style: Style, width: int) -> str:
    """Findings, what could not be read, and the counts; no row wider than `width` columns where that can be helped."""
    parts = []
    if report.findings or report.failures:
        # Nothing of this is needed, or imported, where all is well.
        from mcapp.report.finding_text import Source, finding_block

        sources = {visible(path): Source(document) for path, document in report.documents.items()}
        if report.statistics and report.findings:
            parts.append("\n".join(_statistics(report, style)))
        for finding in () if report.statistics else report.findings:
            source = sources.get(visible(finding.path))
            parts.append(finding_block(finding, source, style, width))
        parts.extend(failure_block(failure, style, width, severity) for severity, failure in report.failures)
    return "\n\n".join([*parts, _counts_line(report, style, width)]) + "\n"


def _statistics(report: Report, style: Style) -> list[str]:
    rows = statistics(report)
    room = len(f"{rows[0].findings:,}")
    return [
        f"{row.findings:>{room},}  {style.severity(row.severity, f'{row.severity:7}')}  {row.rule}  {row.name}"
        + (f" ({row.fixable:,} fixable)" if row.fixable else "")
        for row in rows
    ]


def _counts_line(report: Report, style: Style, width: int) -> str:
    text = summary(report)
    if len(text) > width:
        text = "\n".join(wrap(text, width, width))
    for severity, words in counts(report):
        text = text.replace(words, style.severity(severity, words), 1)
    return style.good(text) if report.ok and not report.findings else text


def render_concise(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The findings, then what could not be read: `missing.json: error[missing] missing.json does not exist`."""
    lines = _statistics(report, style) if report.statistics and report.findings else []
    for finding in () if report.statistics else report.findings:
        place = f"{style.bold(visible(finding.path))}:{finding.line}:{finding.column}:"
        severity = style.severity(finding.severity, finding.severity)
        lines.append(f"{place} {severity}[{link(finding.rule, finding.url, style)}] {finding.message}")
    for severity, failure in report.failures:
        path = f"{style.bold(visible(failure.path))}: " if failure.path is not None else ""
        lines.append(f"{path}{style.severity(severity, severity)}[{failure.code}] {failure_text(failure)}")
    return "".join(line + "\n" for line in lines)
