"""The formats of `mcapp validate`. Each renders a `mcapp.report.result.Report` by a function in this folder."""

from mcapp.terminal.format import Format, lazy, table

_MARKDOWN = lazy("mcapp.report.text", "render_markdown")

FORMATS = table(
    Format("text", lazy("mcapp.report.text"), people=True),
    Format("concise", lazy("mcapp.report.text", "render_concise"), people=True),
    Format("json", lazy("mcapp.report.json_report"), machine=True),
    Format("jsonl", lazy("mcapp.report.json_report", "render_lines"), machine=True),
    Format("sarif", lazy("mcapp.report.sarif"), machine=True),
    Format("github", lazy("mcapp.report.annotations", "render_github"), summary=_MARKDOWN, commands=True),
    Format("azure", lazy("mcapp.report.annotations", "render_azure"), commands=True),
    Format("gitlab", lazy("mcapp.report.review", "render_gitlab"), machine=True),
    Format("junit", lazy("mcapp.report.junit"), machine=True),
    Format("markdown", _MARKDOWN),
    Format("rdjson", lazy("mcapp.report.review", "render_rdjson"), machine=True),
)
