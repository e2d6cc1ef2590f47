"""The output formats of `mcapp probe`: a table for its report, and one for the plan that `--dry-run` shows."""

from mcapp.terminal.format import Format, lazy, table

_HUMAN, _MACHINE = "mcapp.scopes.human_formats", "mcapp.scopes.machine_formats"

FORMATS = table(
    Format("text", lazy(_HUMAN, "render_text"), people=True),
    Format("json", lazy(_MACHINE, "render_json"), machine=True),
    Format("jsonl", lazy(_MACHINE, "render_jsonl"), machine=True),
    Format("markdown", lazy(_HUMAN, "render_markdown")),
    Format("junit", lazy(_MACHINE, "render_junit"), machine=True),
    Format("github", lazy(_HUMAN, "render_github"), people=True, summary=lazy(_HUMAN, "render_summary"), commands=True),
    Format("azure", lazy(_HUMAN, "render_azure"), commands=True),
)

PLAN_FORMATS = table(
    Format("text", lazy(_HUMAN, "render_plan"), people=True),
    Format("json", lazy(_MACHINE, "render_plan_json"), machine=True),
)
