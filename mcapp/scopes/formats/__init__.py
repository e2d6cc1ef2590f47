"""The formats of `mcapp probe`. Each renders a `mcapp.scopes.report.ProbeReport` and is a module of this folder."""

from mcapp.scopes.report import ProbeReport
from mcapp.terminal.console import Style
from mcapp.terminal.format import Format, lazy, table

_markdown = lazy("mcapp.scopes.formats.markdown")


def _summary(report: ProbeReport) -> str:
    made: str = _markdown(report, Style(on=False), 80)
    return made


FORMATS = table(
    Format("text", lazy("mcapp.scopes.formats.text"), people=True),
    Format("json", lazy("mcapp.scopes.formats.jsonformat"), machine=True),
    Format("jsonl", lazy("mcapp.scopes.formats.jsonformat", "render_lines"), machine=True),
    Format("markdown", _markdown),
    Format("junit", lazy("mcapp.scopes.formats.junit"), machine=True),
    Format("github", lazy("mcapp.scopes.formats.github"), people=True, summary=_summary),
)
