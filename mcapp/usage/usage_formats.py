"""The formats of `mcapp scopes`: text, json, markdown, github."""

from json import dumps
from typing import Any

from mcapp.terminal.console import Style, failure_block, visible
from mcapp.terminal.drawing import table as columns
from mcapp.terminal.format import Format, failure_row, plain, plural, table
from mcapp.usage.usage_report import OBSERVED, Finding, Row, UsageReport, counts
from mcapp.usage.uses import COMMENT, DYNAMIC, Use

_MOST = 50  # places that text and Markdown list of one kind; JSON has them all


def _cells(row: Row) -> list[str]:
    """A row of the table: what is not known is a question mark."""
    words = {None: "?", True: "yes", False: "no"}
    observed = "?" if row.observed is None else str(row.observed)
    return [words[row.declared], words[row.granted], str(row.used), observed, row.scope]


_HEADINGS = ("declared", "granted", "used", "observed", "scope")


def _place(finding: Finding) -> str:
    parts = [visible(finding.path or ""), *(str(part) for part in (finding.line, finding.column) if part)]
    return ":".join(parts) if finding.path else ""


def _classes(report: UsageReport) -> str:
    """`12 literal, 3 prefix-elsewhere, … in 40 files`."""
    classes = ", ".join(f"{number} {kind}" for kind, number in counts(report.uses).items())
    return f"{classes} in {plural(report.files, 'file')}"


def _at(use: Use) -> str:
    return f"{visible(use.path)}:{use.line}:{use.column}"


def _more(total: int) -> list[str]:
    return [f"and {total - _MOST} more; --json lists them all"] if total > _MOST else []


def render_text(report: UsageReport, style: Style, width: int) -> str:
    lines = []
    if report.rows:
        lines += [columns([_cells(row) for row in report.rows], _HEADINGS, style=style, width=width), ""]
    if report.files:
        lines.append(_classes(report))
    calls = [use for use in report.uses if use.kind not in (COMMENT, OBSERVED)]
    calls.sort(key=lambda use: use.kind != DYNAMIC)
    if calls:
        places = [
            [
                style.warning(DYNAMIC) if use.kind == DYNAMIC else use.kind,
                _at(use),
                use.scope or visible(use.unknown or use.text),
            ]
            for use in calls[:_MOST]
        ]
        lines += ["", columns(places, style=style, width=width), *_more(len(calls))]
    for finding in report.findings:
        failing = finding.kind in report.fail_on
        level = style.error(f"error[{finding.kind}]") if failing else style.warning(f"warning[{finding.kind}]")
        place = _place(finding)
        lines += ["", f"{level}{style.bold(':')} {visible(finding.message)}"]
        lines += [f" {style.note('-->')} {place}"] if place else []
        lines += [f"  = help: {visible(finding.help)}"]
    if report.blind_spots:
        lines += ["", style.note("blind spots") + style.bold(":")]
        lines += [f"  {visible(each)}" for each in report.blind_spots]
    for failure in report.errors:
        lines += ["", failure_block(failure, style, width)]
    return "\n".join(lines).strip("\n") + "\n"


def render_json(report: UsageReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """schemas/scopes.schema.json describes it."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "command": "scopes",
        "ok": report.exit_code == 0,
        "key": report.key or None,
        "summary": {"files": report.files, **counts(report.uses)},
        "scopes": [row._asdict() for row in report.rows],
        "uses": [
            {
                "path": visible(use.path),
                "line": use.line,
                "column": use.column,
                "class": use.kind,
                "text": visible(use.text),
                "scope": use.scope or None,
                "unknown": visible(use.unknown) or None,
                "method": visible(use.method) or None,
                "parameters": [visible(name) for name in use.parameters],
            }
            for use in report.uses
        ],
        "findings": [
            {
                **finding._asdict(),
                "message": visible(finding.message),
                "help": visible(finding.help),
                "scope": finding.scope or None,
                "path": None if finding.path is None else visible(finding.path),
                "failing": finding.kind in report.fail_on,
            }
            for finding in report.findings
        ],
        "blind_spots": [visible(each) for each in report.blind_spots],
        "errors": [failure_row(failure) for failure in report.errors],
    }
    return dumps(document, indent=2)


def render_markdown(report: UsageReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    lines = [f"### {'✅' if report.exit_code == 0 else '❌'} mcapp scopes", "", f"{plain(_classes(report))}.", ""]
    if report.rows:
        lines += [f"| {' | '.join(_HEADINGS)} |", f"|{'---|' * len(_HEADINGS)}"]
        for row in report.rows:
            *rest, scope = _cells(row)
            lines.append(f"| {' | '.join(rest)} | <code>{plain(scope)}</code> |")
        lines.append("")
    if report.findings:
        lines += ["| | Place | Finding |", "|---|---|---|"]
        for finding in report.findings[:_MOST]:
            place = f"<code>{plain(_place(finding))}</code>" if finding.path else ""
            lines.append(f"| {finding.kind} | {place} | {plain(visible(finding.message))}<br>{plain(finding.help)} |")
        lines += ["", *_more(len(report.findings))]
    dynamic = [f"{_at(use)} {visible(use.text)}" for use in report.uses if use.kind == DYNAMIC]
    if dynamic:
        notes = [*dynamic[:_MOST], *_more(len(dynamic))]
        lines += ["**dynamic: the operation is unknown**", "", *(f"- <code>{plain(note)}</code>" for note in notes), ""]
    lines += [f"- {plain(visible(each))}" for each in report.blind_spots]
    lines += [f"- **error**: {plain(visible(failure.message))}" for failure in report.errors]
    return "\n".join(lines).rstrip("\n") + "\n"


def render_github(report: UsageReport, style: Style, width: int) -> str:
    """The text, fenced off so that no source file can give the runner orders; then an annotation for each finding."""
    from mcapp.report.annotations import Annotation, github  # it imports the linter: 20 ms

    found = [
        Annotation(
            "error" if finding.kind in report.fail_on else "warning",
            f"{visible(finding.message)}\n{finding.help}",
            finding.kind,
            f"mcapp {finding.kind}",
            finding.path,
            (finding.line or 1) if finding.path else None,
        )
        for finding in report.findings
    ]
    return github(render_text(report, style, width), found)


FORMATS = table(
    Format("text", render_text, people=True),
    Format("json", render_json, machine=True),
    Format("markdown", render_markdown),
    Format("github", render_github, people=True, summary=render_markdown, commands=True),
)
