"""The report for people: each finding with its source lines, as good compilers show them, and a line of counts."""

from mcapp.report.common import counts, shown, summary
from mcapp.report.result import Report
from mcapp.terminal.console import Style


def render(report: Report, style: Style, width: int) -> str:
    """Findings, what could not be read, and the counts; no row wider than `width` columns where that can be helped."""
    parts = []
    if report.findings or report.errors:
        # Nothing of this is needed, or imported, where all is well.
        from mcapp.report.finding_text import failure_block, finding_block
        from mcapp.report.snippet import Source

        sources = {shown(path): Source(document) for path, document in report.documents.items()}
        for finding in report.findings:
            source = sources.get(shown(finding.path))
            parts.append(finding_block(finding, source, style, width))
        parts.extend(failure_block(failure, style, width) for failure in report.errors)
    return "\n\n".join([*parts, _summary(report, style, width)]) + "\n"


def _summary(report: Report, style: Style, width: int) -> str:
    text = summary(report)
    if len(text) > width:
        from mcapp.terminal.cells import wrap

        text = "\n".join(wrap(text, width, width))
    for severity, words in counts(report):
        text = text.replace(words, style.severity(severity, words), 1)
    return style.good(text) if report.ok and not report.findings else text
