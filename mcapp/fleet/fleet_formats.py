"""The report on a fleet as text, json, jsonl, csv and markdown. schemas/fleet.schema.json describes the JSON."""

import csv
import io
from collections.abc import Iterator, Mapping
from json import dumps
from typing import Any

from mcapp.fleet.fleet_report import FleetReport, Row
from mcapp.scopes.report import KEY_VERDICTS, WORKING
from mcapp.terminal.console import Style, failure_block, visible
from mcapp.terminal.drawing import table as columns
from mcapp.terminal.format import Format, failure_row, plain, plural, table

_SHOWN = 20  # page ids in a report for people
_COLUMNS = (
    *("fingerprint", "name", "page_id", "verdict", "since", "before", "status", "checked"),
    *("granted", "denied", "undecided", "lost", "gained"),
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def headline(report: FleetReport) -> str:
    """The verdict on the fleet, in a line."""
    if not report.keys:
        return "no key was asked"
    if report.outage:
        return (
            f"{plural(report.keys, 'key')} answered with status 500, all of them: an outage rather than uninstalled "
            "apps; ask again later (--resume)"
        )
    return f"{report.verdicts[WORKING]:,} of {plural(report.keys, 'key')} work{'' if report.keys > 1 else 's'}"


def remarks(report: FleetReport) -> list[str]:
    """What is true of many keys, each in a line."""
    lines = [
        f"{scope}: all {plural(report.lost[scope], 'key')} that had it lost it: a review or a change of the app, "
        "not of single installations"
        for scope in report.reviews
    ]
    if not report.complete:
        lines.append("the check is not complete: mcapp fleet check --resume goes on")
    return lines


def sections(report: FleetReport) -> list[tuple[str, list[tuple[str, str]]]]:
    """Headings with their rows."""
    found = [
        ("keys", [(verdict, f"{report.verdicts[verdict]:,}") for verdict in KEY_VERDICTS if report.verdicts[verdict]])
    ]
    working = report.verdicts[WORKING]
    for heading, counter in (("lacking", report.denied), ("undecided", report.undecided)):
        found.append(
            (heading, [(scope, f"{counter[scope]:,} of {plural(working, 'key')}") for scope in sorted(counter)])
        )
    rows = [(f"{before} -> {now}", plural(count, "key")) for (before, now), count in sorted(report.changes.items())]
    for word, counter in (("lost", report.lost), ("gained", report.gained)):
        rows += [(f"{word} {scope}", plural(counter[scope], "key")) for scope in sorted(counter)]
    found.append((f"changed since {report.compared or 'the check before'}", rows))
    return [section for section in found if section[1]]


def place(report: FleetReport) -> str:
    """Where and when."""
    return f"checked {report.checked} at {visible(report.asked.base_url)}" if report.asked else ""


def render_text(report: FleetReport, style: Style, width: int) -> str:
    """The verdict, the counts, what changed, and the page ids of the uninstalled."""
    paint = style.good if report.exit_code == 0 else style.warning
    lines = [paint(headline(report)), *([style.dim(f"  {place(report)}")] if report.asked else [])]
    for heading, rows in sections(report):
        lines += [
            "",
            style.bold(heading),
            columns([(f"  {name}", count) for name, count in rows], style=style, width=width),
        ]
    if report.dead:
        more = len(report.dead) - _SHOWN
        lines += ["", style.bold("pages that uninstalled the app"), *(f"  {page}" for page in report.dead[:_SHOWN])]
        lines += [f"  and {more:,} more: --output-format csv lists them"] if more > 0 else []
    if said := remarks(report):
        lines += ["", *said]
    for failure in report.errors:
        lines += ["", failure_block(failure, style, width)]
    return "\n".join(lines).rstrip() + "\n"


def render_markdown(report: FleetReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The same, for a job summary or an issue."""
    lines = [f"### {'✅' if report.exit_code == 0 else '❌'} mcapp fleet: {plain(headline(report))}", ""]
    lines += [f"{plain(place(report))}.", ""] if report.asked else []
    for heading, rows in sections(report):
        lines += [f"| {plain(heading)} | |", "|---|---|", *(f"| {plain(name)} | {count} |" for name, count in rows), ""]
    if report.dead:
        shown = ", ".join(map(plain, report.dead[:_SHOWN]))
        more = f" and {len(report.dead) - _SHOWN:,} more" if len(report.dead) > _SHOWN else ""
        lines += [f"Pages that uninstalled the app: {shown}{more}.", ""]
    said = [*remarks(report), *(failure.message for failure in report.errors)]
    return "\n".join([*lines, *(f"- {plain(line)}" for line in said)]).rstrip("\n") + "\n"


def render_json(report: FleetReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """The whole report, with each key on a line of its own."""
    keys = ",\n    ".join(dumps(_row(row)) for row in report.rows())
    return (
        f'{dumps(_head(report), indent=2)[:-2]},\n  "keys": [{f"{chr(10)}    {keys}{chr(10)}  " if keys else ""}]\n}}'
    )


def render_jsonl(report: FleetReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """`{"type": "key", …}` for each key, then `{"type": "summary", …}`."""
    lines = [dumps({"type": "key", **_row(row)}) for row in report.rows()]
    return "\n".join([*lines, dumps({"type": "summary", **_head(report)})]) + "\n"


def render_csv(report: FleetReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """A row for each key, for a spreadsheet; several scopes in one cell are separated by semicolons."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(map(_cells, map(_row, report.rows())))
    return text.getvalue()


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    for name in _COLUMNS:
        value = row[name]
        cell = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
        yield f"'{cell}" if cell.startswith(_FORMULA) else cell


def _row(row: Row) -> dict[str, Any]:
    key, found = row.key, row.found
    return {
        "fingerprint": visible(key.fingerprint),
        "name": visible(key.name),
        "page_id": visible(key.page_id),
        "verdict": found.verdict,
        "since": row.since,
        "before": row.before.verdict if row.before else None,
        "status": found.status,
        "checked": found.at,
        **{name: list(getattr(found, name)) for name in ("granted", "denied", "undecided")},
        "lost": list(row.lost),
        "gained": list(row.gained),
    }


def _head(report: FleetReport) -> dict[str, Any]:
    asked = report.asked

    def counted(counter: Mapping[str, int]) -> list[dict[str, Any]]:
        return [{"scope": scope, "keys": count} for scope, count in sorted(counter.items())]

    return {
        "schema_version": 1,
        "command": "fleet",
        "ok": report.exit_code == 0,
        "state": visible(report.state) or None,
        "base_url": visible(asked.base_url) if asked else None,
        "expected": list(asked.expected) if asked else [],
        "checked": report.checked or None,
        "complete": report.complete,
        "outage": report.outage,
        "summary": {"keys": report.keys, **{verdict: report.verdicts[verdict] for verdict in KEY_VERDICTS}},
        "lacking": counted(report.denied),
        "undecided": counted(report.undecided),
        "changes": {
            "since": report.compared or None,
            "verdicts": [
                {"before": before, "now": now, "keys": count} for (before, now), count in sorted(report.changes.items())
            ],
            "lost": counted(report.lost),
            "gained": counted(report.gained),
            "reviews": list(report.reviews),
        },
        "dead_page_ids": [visible(page) for page in report.dead],
        "errors": [failure_row(failure) for failure in report.errors],
    }


FORMATS = table(
    Format("text", render_text, people=True),
    Format("json", render_json, machine=True),
    Format("jsonl", render_jsonl, machine=True),
    Format("csv", render_csv),
    Format("markdown", render_markdown),
)
