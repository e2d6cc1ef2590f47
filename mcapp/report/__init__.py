"""The formats of `mcapp validate`. Each renders a `mcapp.report.result.Report` and is a module of this folder."""

from mcapp.terminal.format import Format, lazy, table

FORMATS = table(
    Format("text", lazy("mcapp.report.text"), people=True),
    Format("concise", lazy("mcapp.report.text", "render_concise"), people=True),
    Format("json", lazy("mcapp.report.json_report"), machine=True),
    Format("jsonl", lazy("mcapp.report.json_report", "render_lines"), machine=True),
    Format("sarif", lazy("mcapp.report.sarif"), machine=True),
    Format(
        *("github", lazy("mcapp.report.annotations", "render_github")),
        summary=lazy("mcapp.report.markdown"),
        commands=True,
    ),
    Format("azure", lazy("mcapp.report.annotations", "render_azure"), commands=True),
    Format("gitlab", lazy("mcapp.report.gitlab"), machine=True),
    Format("junit", lazy("mcapp.report.junit"), machine=True),
    Format("markdown", lazy("mcapp.report.markdown")),
    Format("rdjson", lazy("mcapp.report.rdjson"), machine=True),
)
