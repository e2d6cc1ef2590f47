"""The formats of `mcapp probe`: of its report, and of the plan that `--dry-run` shows.

schemas/probe.schema.json describes the JSON. It is ASCII, so that no terminal, pipe or code page can damage it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from json import dumps
from typing import TYPE_CHECKING, Any

from mcapp.errors import Failure
from mcapp.scopes.plan import NONE, OWN, STRANGER, Plan
from mcapp.scopes.report import (
    DENIED,
    EXTRA,
    GRANTED,
    INCONCLUSIVE,
    MISSING,
    SKIPPED,
    UNCLEAR,
    UNREACHABLE,
    VERDICTS,
    WORKING,
    Changes,
    Expectation,
    KeyResult,
    ProbeReport,
    ScopeResult,
)
from mcapp.terminal.cells import hang
from mcapp.terminal.console import UNWRAPPED, Style, failure_text, visible
from mcapp.terminal.drawing import table as columns
from mcapp.terminal.format import Format, failure_row, plain, plural, table

if TYPE_CHECKING:
    from mcapp.report.annotations import Annotation

# The verdict of a scope, as a symbol.
MARKS = {GRANTED: "✅", DENIED: "⛔", INCONCLUSIVE: "❔", SKIPPED: "⏭️"}


# If at least so many scopes rest on the same evidence, it is stated once for all.
_MANY = 3
_NAMED = 5  # scopes that the last line names

# Nothing else means denied.
DENIAL = '401 "Wrong access token"'


def evidence(result: ScopeResult) -> str:
    """What a verdict rests on, in a line: the server's own words where it was refused, else the reason."""
    said = f"{result.status} {visible(result.message)}".strip() if result.status is not None else ""
    if result.verdict == DENIED:
        return said
    if result.verdict == GRANTED:
        return "" if result.status == 200 else f"{result.status} for its empty body" if result.mutates else said
    return visible(result.reason)


def counts(report: ProbeReport) -> str:
    """`8 granted, 5 denied (401 "Wrong access token"), 0 inconclusive, 22 skipped`."""
    words = {DENIED: f"{DENIED} ({DENIAL})" if report.summary[DENIED] else DENIED}
    return ", ".join(f"{report.summary[verdict]} {words.get(verdict, verdict)}" for verdict in VERDICTS)


def beside_and_below(report: ProbeReport) -> tuple[dict[str, str], list[str]]:
    """What stands beside each scope in a table; and below it what is true of many, once for all of them.

    `19 skipped: a write, and only reads were asked for`
    """
    asked = [(result, evidence(result)) for result in report.scopes if result.asked and result.verdict != DENIED]
    kinds = Counter((result.verdict, text) for result, text in asked)
    beside = {result.scope: text for result, text in asked if kinds[result.verdict, text] < _MANY}
    below = [f"{number} {verdict}: {text}" for (verdict, text), number in kinds.items() if text and number >= _MANY]
    left_out = Counter((result.reason, result.next) for result in report.scopes if not result.asked)
    for (reason, step), number in left_out.items():
        below.append(f"{number} skipped: {visible(reason)}{f' ({visible(step)})' if step else ''}")
    return beside, below


def conclusion(report: ProbeReport, *, named: bool = False) -> str:
    """The verdict on the run in a line, for its first line and, with the scopes that it rests on `named`, its last."""
    if report.key is None:
        return ""
    if report.key.verdict != WORKING:
        return report.key.verdict
    if report.expectation is None:
        granted, asked = len(report.granted), sum(result.asked for result in report.scopes)
        return f"{WORKING}, {granted} of {asked} scopes granted" if named else WORKING
    expectation = report.expectation
    number = plural(len(expectation.expected), "expected scope")
    if expectation.missing:
        scopes, text = expectation.missing, f"lacks {len(expectation.missing)} of {number}"
    elif expectation.uncertain:
        scopes, text = expectation.uncertain, f"{len(expectation.uncertain)} of {number} uncertain"
    elif EXTRA in report.fail_on and expectation.extra:
        scopes, text = expectation.extra, f"has {len(expectation.extra)} beyond {number}"
    else:
        return f"{WORKING}, has all {number}" if expectation.expected else f"{WORKING}, nothing was expected"
    more = f" and {len(scopes) - _NAMED} more" if len(scopes) > _NAMED else ""
    return f"{text}: {', '.join(_with_reasons(report, scopes[:_NAMED]))}{more}" if named else text


def key_line(key: KeyResult) -> str:
    """Which key it was: `key shop-a (fingerprint 3f9c1a, file)`."""
    name = f" {visible(key.name)}" if key.name else ""
    return f"key{name} (fingerprint {key.fingerprint}, {visible(key.source)})"


def remarks(report: ProbeReport) -> list[tuple[str, Sequence[str]]]:
    """What an expectation and the last run make of the result: a heading, and the scopes under it."""
    expectation, changes = report.expectation or Expectation(), report.changes or Changes()
    since = f"since the last run ({changes.since})"
    found = [
        ("expected, but denied", _with_reasons(report, expectation.missing)),
        ("expected, but not certain", _with_reasons(report, expectation.uncertain)),
        ("granted, but not expected", expectation.extra),
        (f"new {since}", changes.added),
        (f"gone {since}", changes.removed),
    ]
    return [(heading, scopes) for heading, scopes in found if scopes]


def _with_reasons(report: ProbeReport, scopes: Sequence[str]) -> Sequence[str]:
    """The scopes, each with why the file of expectations needs it: `POST /fb/subscriber/addTag (src/tags.js:12)`."""
    return [f"{scope} ({reason})" if (reason := reason_of(report, scope)) else scope for scope in scopes]


def reason_of(report: ProbeReport, scope: str) -> str:
    """Why a scope is expected; "" where nobody says it."""
    return visible((report.expectation or Expectation()).reasons.get(scope, ""))


def steps(report: ProbeReport) -> list[str]:
    """What to do next, once each: for the key first, then for its scopes."""
    by_step: dict[tuple[str, str], list[str]] = {}
    for result in report.scopes:
        if result.next and result.asked:
            by_step.setdefault((result.next, result.verdict), []).append(result.scope)
    lines = [report.key.next] if report.key is not None and report.key.next else []
    for (step, verdict), scopes in by_step.items():
        if not any(step in line for line in lines):
            lines.append(f"{scopes[0] if len(scopes) == 1 else f'{len(scopes)} {verdict}'}: {step}")
    return [visible(line) for line in lines]


def failure_line(failure: Failure) -> str:
    """An error with what to do about it, on one line."""
    return f"{failure_text(failure)} ({visible(failure.hint)})" if failure.hint else failure_text(failure)


def problems(report: ProbeReport) -> dict[str, tuple[str, str]]:
    """The scopes with something the matter: the word of --fail-on for it, and what it is."""
    expectation = report.expectation or Expectation()
    found = dict.fromkeys(expectation.missing, (MISSING, "expected, but denied"))
    found |= dict.fromkeys(expectation.extra, (EXTRA, "granted, but not expected"))
    verdicts = {result.scope: result.verdict for result in report.scopes}
    return found | {scope: (INCONCLUSIVE, verdicts[scope]) for scope in report.undecided}


# --- text: the verdict on the key on top, a table by group, what to do next


def render_text(report: ProbeReport, style: Style, width: int) -> str:
    """The whole report. Paths are never broken; what stands behind them is, where there is no room."""
    width = width if width >= UNWRAPPED else min(width, 140)
    lines: list[str] = []
    paint = {0: style.good, 3: style.warning}.get(report.exit_code, style.error)
    if report.key is not None:
        head = f"{paint(conclusion(report))}{style.bold(':')} "
        lines += hang(head, f"{key_line(report.key)} at {visible(report.base_url)}", width, 2)
        for sentence in (report.key.reason, *report.route.notes):
            lines += hang("  ", visible(sentence), width, 2)
    beside, below = beside_and_below(report)
    lines.append(_table(report, beside, style, width))
    if report.scopes:
        lines += ["", *hang("", counts(report), width, 0)]
    for reason in below:
        lines += map(style.dim, hang("  ", reason, width, 2))
    for heading, scopes in remarks(report):
        colour = style.good if heading.startswith("new") else style.warning
        lines += ["", colour(heading) + style.bold(":"), *(f"  {scope}" for scope in scopes)]
    if text := steps(report):
        lines += ["", style.note("next:"), *(line for step in text for line in hang("  ", step, width, 2))]
    if report.errors:
        lines.append("")
    for failure in report.errors:
        lines += hang(f"{style.error('error')}{style.bold(':')} ", failure_line(failure), width, len("error: "))
    if report.key is not None:
        lines += ["", *hang("", conclusion(report, named=True), width, 0)]
    return "\n".join(lines).strip("\n") + "\n"


def _table(report: ProbeReport, beside: dict[str, str], style: Style, width: int) -> str:
    """One row for each scope, one for all that were skipped; beside it what is not said below for all of its kind."""
    colours = {GRANTED: style.good, DENIED: style.error, INCONCLUSIVE: style.warning}
    rows: list[list[str] | str] = []
    for group, results in groupby(report.scopes, key=lambda result: result.group):
        rows += ["", style.bold(group)]
        listed = list(results)
        skipped = [result for result in listed if result.verdict == SKIPPED]
        for result in listed:
            method, _, path = result.scope.partition(" ")
            name = f"{method:4} {path}"
            if result.verdict == SKIPPED and len(skipped) > 1:
                continue
            verdict = colours.get(result.verdict, style.dim)(result.verdict)
            rows.append([f"  {verdict}", name, style.dim(beside.get(result.scope, ""))])
        if len(skipped) > 1:
            rows.append([f"  {style.dim(SKIPPED)}", f"{len(skipped)} scopes"])
    return columns(rows, style=style, width=width)


# --- Markdown, for a job summary, an issue or a pull request


def render_markdown(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A heading with the verdict, the table of the scopes that were asked for, remarks and next steps."""
    verdict = conclusion(report) or "no key"
    beside, below = beside_and_below(report)
    lines = [f"### {'✅' if report.ok else '❌'} mcapp probe: {plain(verdict)}", ""]
    if report.key is not None:
        said = ". ".join(plain(visible(sentence)) for sentence in (report.key.reason, *report.route.notes))
        lines += [f"The {plain(key_line(report.key))} at {plain(report.base_url)}. {said}.", ""]
    asked = [result for result in report.scopes if result.asked]
    if asked:
        lines += ["| | Scope | Verdict | |", "|---|---|---|---|"]
        for result in asked:
            scope, said = plain(result.scope), plain(beside.get(result.scope, ""))
            lines.append(f"| {MARKS[result.verdict]} | <code>{scope}</code> | {result.verdict} | {said} |")
        lines.append("")
    if report.scopes:
        lines += [f"{plain(counts(report))}.", ""]
        reasons = [f"- {plain(reason)}" for reason in below]
        lines += [*reasons, ""] if reasons else []
    for heading, scopes in remarks(report):
        lines += [f"**{plain(heading)}**", "", *(f"- <code>{plain(scope)}</code>" for scope in scopes), ""]
    text = [plain(step) for step in steps(report)] + [f"**error**: {plain(failure_line(one))}" for one in report.errors]
    lines += [f"- {line}" for line in text]
    return "\n".join(lines).rstrip("\n") + "\n"


# --- GitHub Actions and Azure Pipelines: annotations for what the exit code rests on, the worst first


def render_github(report: ProbeReport, style: Style, width: int) -> str:
    """The text, fenced off so that no server can give the runner orders, then the annotations."""
    from mcapp.report.annotations import github  # it imports the linter: 20 ms

    text = github(render_text(report, style, width), _annotations(report))
    # Last, and safe outside the fence: it has nothing from the server.
    return text if report.key is None else f"{text}{conclusion(report, named=True)}\n"


def render_azure(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The same annotations, then the verdict and the counts."""
    from mcapp.report.annotations import azure  # as above

    key = report.key
    verdict = "" if key is None else f"{key.verdict}: {key_line(key)} at {visible(report.base_url)}\n"
    return azure(_annotations(report), verdict + counts(report))


def _annotations(report: ProbeReport) -> "list[Annotation]":
    from mcapp.report.annotations import Annotation  # as above

    found = [("error", f"mcapp {failure.code}", failure_line(failure)) for failure in report.errors]
    key = report.key
    if key is not None and key.verdict != WORKING:
        level = "warning" if key.verdict in (UNREACHABLE, UNCLEAR) else "error"
        found.append((level, f"App Key {key.verdict}", visible(f"{key.reason}; {key.next}")))
    results = {result.scope: result for result in report.scopes}
    for scope, (word, title) in problems(report).items():
        level = "error" if word in report.fail_on else "warning"
        needed = f"; needed by {reason}" if (reason := reason_of(report, scope)) else ""
        found.append((level, f"{scope}: {title}", f"{evidence(results[scope]) or title}{needed}"))
    changes = report.changes or Changes()
    found += [("note", "App Key", f"new since the last run: {scope}") for scope in changes.added]
    found += [("warning", "App Key", f"gone since the last run: {scope}") for scope in changes.removed]
    return [Annotation(level, text, title, title) for level, title, text in found]


# --- `--dry-run`: every request of a plan, and why it is harmless

# Which key goes with a request.
_KEYS = {OWN: "the App Key", NONE: "no key", STRANGER: "a key that nobody has"}


def render_plan(plan: Plan, style: Style, width: int) -> str:
    """A numbered list, in the order of sending."""
    width = width if width >= UNWRAPPED else min(width, 110)
    lines = []
    for number, request in enumerate(plan.requests, 1):
        body = f"  {request.body.decode()}" if request.body is not None else ""
        lines.append(f"{number:3}  {style.bold(f'{request.method} {request.url}')}{body}")
        text = f"{request.purpose}; with {_KEYS[request.auth]}. {request.endpoint.harmless}"
        lines += map(style.dim, hang("     ", text, width, 5))
    lines.append("")
    for reason, number in Counter(skip.reason for skip in plan.skipped.values()).items():
        lines += hang("", f"left out: {number} ({reason})", width, 2)
    writes = "; writes only if both calibrations are refused for the key" if plan.writes else ""
    text = f"{plural(len(plan.requests), 'request')} to {plan.target.base_url}{writes}; nothing was sent"
    return "\n".join([*lines, *hang("", text, width, 0)])


# --- for programs


def render_json(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The whole report, indented by 2."""
    return dumps(_document(report), indent=2)


def render_jsonl(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """`{"type": "scope", …}` for each scope, then `{"type": "summary", …}`: the report without its scopes."""
    summary = _document(report)
    lines = [{"type": "scope", **row} for row in summary.pop("scopes")]
    return "".join(dumps(line) + "\n" for line in (*lines, {"type": "summary", **summary}))


def _document(report: ProbeReport) -> dict[str, Any]:
    key, expectation, changes = report.key, report.expectation, report.changes
    rows = []
    for result in report.scopes:
        row = {**asdict(result), "reason": visible(result.reason), "message": visible(result.message)}
        del row["indistinguishable"], row["asked"]
        rows.append(row)
    expected: dict[str, Any] | None = None
    if expectation is not None:
        expected = {name: list(getattr(expectation, name)) for name in ("missing", "extra", "uncertain")}
        if reasons := {scope: visible(reason) for scope, reason in expectation.reasons.items() if reason}:
            expected["reasons"] = reasons
    return {
        "schema_version": 1,
        "command": "probe",
        "ok": report.ok,
        "key": None if key is None else {name: value and visible(value) for name, value in asdict(key).items()},
        "base_url": report.base_url,
        "route": {name: value and visible(value) for name, value in report.route.data.items()},
        "summary": report.summary,
        "scopes": rows,
        "expectation": expected,
        "changes": None if changes is None else {"added": list(changes.added), "removed": list(changes.removed)},
        "errors": [failure_row(failure) for failure in report.errors],
    }


def render_plan_json(plan: Plan | ProbeReport, style: Style, width: int) -> str:
    """What `--dry-run` shows, as one document; the report of an error where no plan could be made."""
    if isinstance(plan, ProbeReport):
        return render_json(plan, style, width)
    document: dict[str, Any] = {
        "schema_version": 1,
        "command": "probe",
        "dry_run": True,
        "ok": True,
        "base_url": plan.target.base_url,
        "requests": [
            {
                "number": number,
                "scope": request.endpoint.scope,
                "method": request.method,
                "url": plan.target.base_url + request.url,
                "body": None if request.body is None else {},
                "key": request.auth,
                "purpose": request.purpose,
                "harmless": request.endpoint.harmless,
            }
            for number, request in enumerate(plan.requests, 1)
        ],
        "skipped": [{"scope": scope, "reason": skip.reason, "next": skip.next} for scope, skip in plan.skipped.items()],
        "errors": [],
    }
    return dumps(document, indent=2)


def render_junit(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """One `<testsuites>` with one suite for each group."""
    from xml.etree.ElementTree import Element, SubElement

    from mcapp.report import junit  # as above

    root = Element("testsuites", name="mcapp probe")
    if report.key is not None:
        suite = SubElement(root, "testsuite", name="key")
        case = SubElement(suite, "testcase", classname="mcapp.probe.key", name=report.key.verdict, time="0")
        if report.key.verdict != WORKING:
            kind = "error" if report.key.verdict in (UNREACHABLE, UNCLEAR) else "failure"
            junit.outcome(case, kind, report.key.verdict, f"{report.key.reason}\n{report.key.next}")
    wrong = problems(report)
    for group, results in groupby(report.scopes, key=lambda result: result.group):
        suite = SubElement(root, "testsuite", name=group)
        for result in results:
            time = f"{result.elapsed_ms / 1000:.3f}"
            case = SubElement(suite, "testcase", classname=f"mcapp.probe.{group}", name=result.scope, time=time)
            said = evidence(result) or result.reason
            needed = f"needed by {reason}\n" if (reason := reason_of(report, result.scope)) else ""
            word, title = wrong.get(result.scope, ("", ""))
            if word in report.fail_on:
                kind = "error" if word == INCONCLUSIVE else "failure"
                junit.outcome(case, kind, title, f"{needed}{said}\n{result.next}")
            elif result.verdict in (SKIPPED, INCONCLUSIVE):
                junit.outcome(case, "skipped", result.reason)
            else:
                SubElement(case, "system-out").text = visible(f"{result.verdict}: {said}")
    if report.errors:
        suite = SubElement(root, "testsuite", name="errors")
        for failure in report.errors:
            case = SubElement(suite, "testcase", classname="mcapp.probe.errors", name=failure.code, time="0")
            junit.outcome(case, "error", failure.code, failure_line(failure))
    return junit.document(root)


FORMATS = table(
    Format("text", render_text, people=True),
    Format("json", render_json, machine=True),
    Format("jsonl", render_jsonl, machine=True),
    Format("markdown", render_markdown),
    Format("junit", render_junit, machine=True),
    Format("github", render_github, people=True, summary=render_markdown, commands=True),
    Format("azure", render_azure, commands=True),
)

PLAN_FORMATS = table(Format("text", render_plan, people=True), Format("json", render_plan_json, machine=True))
