"""The reports for people: `text`, `concise`, and `markdown`.

What draws findings is imported only where there are any: a file without findings is reported in 1 ms.
"""

from mcapp.report.result import Report, counts, link, statistics, summary
from mcapp.terminal.cells import wrap
from mcapp.terminal.console import Style, failure_block, failure_text, visible
from mcapp.terminal.format import plain, plural

# A job summary may have 1 MiB, a comment less; GitHub refuses a longer one as a whole.
MOST_ROWS = 500


def render(report: Report, style: Style, width: int) -> str:
    """Findings, what could not be read, and the counts; no row wider than `width` columns where that can be helped."""
    parts = []
    if report.findings or report.failures:
        from mcapp.report.finding_text import Source, finding_block

        sources = {visible(path): Source(document) for path, document in report.documents.items()}
        if report.statistics and report.findings:
            parts.append("\n".join(_statistics(report, style)))
        for finding in () if report.statistics else report.findings:
            source = sources.get(visible(finding.path))
            parts.append(finding_block(finding, source, style, width))
        parts.extend(failure_block(failure, style, width, severity) for severity, failure in report.failures)
    line = summary(report)
    if len(line) > width:
        line = "\n".join(wrap(line, width, width))
    for severity, words in counts(report):
        line = line.replace(words, style.severity(severity, words), 1)
    parts.append(style.good(line) if report.ok and not report.findings else line)
    return "\n\n".join(parts) + "\n"


def _statistics(report: Report, style: Style) -> list[str]:
    rows = statistics(report)
    room = len(f"{rows[0]['findings']:,}")
    lines = []
    for number, rule, name, severity, fixable in map(dict.values, rows):
        more = f" ({fixable:,} fixable)" if fixable else ""
        lines.append(f"{number:>{room},}  {style.severity(severity, f'{severity:7}')}  {rule}  {name}{more}")
    return lines


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


def render_markdown(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A heading with the verdict, the counts, a table of the findings, and what could not be read.

    It stays one table with any text from outside: every character that Markdown or HTML gives a meaning is escaped.
    """
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
    if report.failures:
        failures = [failure for _, failure in report.failures]
        lines += [f"- **{failure.code}**: {_markdown(failure_text(failure))}" for failure in failures[:MOST_ROWS]]
        lines.append("")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    """`text` for a table's cell: what is in backticks becomes code, the rest is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"<code>{plain(part)}</code>" if index % 2 else plain(part) for index, part in enumerate(parts))
