"""What the state says: the last check of each key, compared with those before; as text, json, jsonl, csv and markdown.

schemas/fleet.schema.json describes the JSON.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from json import dumps
from typing import Any, NamedTuple

from mcapp.errors import Failure
from mcapp.fleet.state_file import COMPLETE, Asked, Found, Installation, State
from mcapp.scopes.report import KEY_VERDICTS, NO_SCOPE, REJECTED, UNCLEAR, UNINSTALLED, UNREACHABLE, WORKING
from mcapp.terminal.cells import hang
from mcapp.terminal.console import Style, failure_block, visible
from mcapp.terminal.drawing import table as columns
from mcapp.terminal.format import Format, failure_row, plain, plural, table

# Verdicts that say something about the key; the others say something about the moment.
_DECIDED = (WORKING, UNINSTALLED, REJECTED, NO_SCOPE)
_ALL = 2  # keys from which on something may be said of all
_SHOWN = 20  # page ids in a report for people
_COLUMNS = (
    *("fingerprint", "name", "page_id", "verdict", "since", "before", "status", "checked"),
    *("granted", "denied", "undecided", "lost", "gained"),
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Row(NamedTuple):
    """One key: its last result, since when its verdict has been the same (UTC), and the result that it had before.

    `lost` are the scopes that were granted and now are denied, `gained` the other way round.
    """

    key: Installation
    found: Found
    since: str
    before: Found | None
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The whole fleet, counted; `rows` reads the keys one by one.

    `verdicts` counts the keys by verdict, `changes` by (verdict before, verdict now); `denied`, `undecided`, `lost` and
    `gained` count those that work by scope. `reviews` are the scopes that all keys lost which had them, `dead` the page
    ids of the uninstalled. `outage`: every key was answered with status 500. `checked` is when the last check began,
    `compared` what is compared with instead of the check before (UTC). `failed` is the exit code of an error that
    ended the run (0: none).
    """

    state: str = ""
    asked: Asked | None = None
    checked: str = ""
    complete: bool = True
    verdicts: Counter[str] = field(default_factory=Counter)
    denied: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reviews: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    outage: bool = False
    compared: str = ""
    errors: tuple[Failure, ...] = ()
    failed: int = 0
    rows: Callable[[], Iterator[Row]] = lambda: iter(())

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return self.verdicts.total()

    @property
    def exit_code(self) -> int:
        """As for probe: 0 all is as expected, 1 a key does not work or lacks a scope, 3 undecided, 4 no key."""
        if self.failed:
            return self.failed
        if not self.keys:
            return 4
        if any(self.verdicts[verdict] for verdict in (UNINSTALLED, REJECTED, NO_SCOPE)) or self.denied:
            return 1
        unknown = self.verdicts[UNCLEAR] or self.verdicts[UNREACHABLE] or self.undecided
        return 3 if unknown or self.errors or not self.complete else 0


def report(state: State, *, since: str = "", errors: tuple[Failure, ...] = (), failed: int = 0) -> FleetReport:
    """Count the keys in the list of the last check. `since`: compare with what was known then (UTC).

    Raises InputProblem for a state that is damaged.
    """
    runs = state.last_runs()
    if not runs:
        return FleetReport(state.path, errors=errors, failed=failed)

    def rows() -> Iterator[Row]:
        for key, (found, *older) in state.histories(runs):
            decided = [one for one in older if one.verdict in _DECIDED]
            start = found.at
            for one in decided:
                if one.verdict != found.verdict:
                    break
                start = one.at
            before = next((one for one in decided if not since or one.at <= since), None)
            lost = tuple(scope for scope in found.denied if before and scope in before.granted)
            gained = tuple(scope for scope in found.granted if before and scope in before.denied)
            yield Row(key, found, start, before, lost, gained)

    made = FleetReport(
        state.path,
        runs[0].asked,
        checked=min(run.started for run in runs),
        complete=all(run.how == COMPLETE for run in runs),
        compared=since,
        errors=errors,
        failed=failed,
        rows=rows,
    )
    had: Counter[str] = Counter()
    dead: list[str] = []
    statuses: set[int | None] = set()
    for row in rows():
        found, before = row.found, row.before
        made.verdicts[found.verdict] += 1
        statuses.add(found.status)
        if found.verdict == WORKING:
            made.denied.update(found.denied)
            made.undecided.update(found.undecided)
        made.lost.update(row.lost)
        made.gained.update(row.gained)
        if before is not None:
            had.update(scope for scope in before.granted if scope in found.granted or scope in found.denied)
            if before.verdict != found.verdict and found.verdict in _DECIDED:
                made.changes[before.verdict, found.verdict] += 1
        if found.verdict == UNINSTALLED and row.key.page_id:
            dead.append(row.key.page_id)
    reviews = (scope for scope, number in made.lost.items() if number == had[scope] and number >= _ALL)
    outage = made.keys >= _ALL and statuses == {500}
    return replace(made, reviews=tuple(reviews), dead=tuple(dead), outage=outage)


# --- the formats


def _headline(report: FleetReport) -> str:
    if not report.keys:
        return "no key was asked"
    if report.outage:
        return (
            f"{plural(report.keys, 'key')} answered with status 500, all of them: an outage rather than uninstalled "
            "apps; ask again later (--resume)"
        )
    return f"{report.verdicts[WORKING]:,} of {plural(report.keys, 'key')} work{'' if report.keys > 1 else 's'}"


def _remarks(report: FleetReport) -> list[str]:
    """What is true of many keys, each in a line."""
    lines = [
        f"{scope}: all {plural(report.lost[scope], 'key')} that had it lost it: a review or a change of the app, "
        "not of single installations"
        for scope in report.reviews
    ]
    if not report.complete:
        lines.append("the check is not complete: mcapp fleet check --resume goes on")
    return lines


def _sections(report: FleetReport) -> list[tuple[str, list[tuple[str, str]]]]:
    of_all = f"of {plural(report.verdicts[WORKING], 'key')}"
    changes = [(f"{before} -> {now}", plural(count, "key")) for (before, now), count in sorted(report.changes.items())]
    for word, counter in (("lost", report.lost), ("gained", report.gained)):
        changes += [(f"{word} {scope}", plural(count, "key")) for scope, count in sorted(counter.items())]
    found = [
        ("keys", [(verdict, f"{report.verdicts[verdict]:,}") for verdict in KEY_VERDICTS if report.verdicts[verdict]]),
        ("lacking", [(scope, f"{count:,} {of_all}") for scope, count in sorted(report.denied.items())]),
        ("undecided", [(scope, f"{count:,} {of_all}") for scope, count in sorted(report.undecided.items())]),
        (f"changed since {report.compared or 'the check before'}", changes),
    ]
    return [section for section in found if section[1]]


def _place(report: FleetReport) -> str:
    return f"checked {report.checked} at {visible(report.asked.base_url)}" if report.asked else ""


def render_text(report: FleetReport, style: Style, width: int) -> str:
    """The verdict, the counts, what changed, and the page ids of the uninstalled."""
    paint = style.good if report.exit_code == 0 else style.warning
    lines = [*map(paint, hang("", _headline(report), width, 0))]
    lines += map(style.dim, hang("  ", _place(report), width, 2) if report.asked else ())
    for heading, rows in _sections(report):
        indented = [(f"  {name}", count) for name, count in rows]
        lines += ["", style.bold(heading), columns(indented, style=style, width=width)]
    if report.dead:
        more = len(report.dead) - _SHOWN
        lines += ["", style.bold("pages that uninstalled the app"), *(f"  {page}" for page in report.dead[:_SHOWN])]
        lines += [f"  and {more:,} more: --output-format csv lists them"] if more > 0 else []
    if said := _remarks(report):
        lines += ["", *(line for remark in said for line in hang("", remark, width, 2))]
    for failure in report.errors:
        lines += ["", failure_block(failure, style, width)]
    return "\n".join(lines).rstrip() + "\n"


def render_markdown(report: FleetReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The same, for a job summary or an issue."""
    lines = [f"### {'✅' if report.exit_code == 0 else '❌'} mcapp fleet: {plain(_headline(report))}", ""]
    lines += [f"{plain(_place(report))}.", ""] if report.asked else []
    for heading, rows in _sections(report):
        lines += [f"| {plain(heading)} | |", "|---|---|", *(f"| {plain(name)} | {count} |" for name, count in rows), ""]
    if report.dead:
        shown = ", ".join(map(plain, report.dead[:_SHOWN]))
        more = f" and {len(report.dead) - _SHOWN:,} more" if len(report.dead) > _SHOWN else ""
        lines += [f"Pages that uninstalled the app: {shown}{more}.", ""]
    said = [*_remarks(report), *(failure.message for failure in report.errors)]
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
    for row in map(_row, report.rows()):
        cells = [";".join(row[name]) if isinstance(row[name], list) else row[name] for name in _COLUMNS]
        writer.writerow(f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells)
    return text.getvalue()


def _row(row: Row) -> dict[str, Any]:
    found = row.found
    return {
        **row.key._asdict(),
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
        "dead_page_ids": list(report.dead),
        "errors": [failure_row(failure) for failure in report.errors],
    }


FORMATS = table(
    Format("text", render_text, people=True),
    Format("json", render_json, machine=True),
    Format("jsonl", render_jsonl, machine=True),
    Format("csv", render_csv),
    Format("markdown", render_markdown),
)
