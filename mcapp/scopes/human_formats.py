"""The report for people: text, Markdown, GitHub annotations, and the text of `--dry-run`."""

import textwrap
from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from mcapp.errors import Failure
from mcapp.scopes.plan import NONE, OWN, Plan, Request
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
    ProbeReport,
    ScopeResult,
)
from mcapp.terminal.console import UNWRAPPED, Style, visible
from mcapp.terminal.tables import table

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


def beside(report: ProbeReport, result: ScopeResult) -> str:
    """What stands beside a scope in a table: nothing where `below` says it for all of its kind."""
    text = evidence(result)
    return "" if not result.asked or result.verdict == DENIED or _kinds(report)[result.verdict, text] >= _MANY else text


def below(report: ProbeReport) -> list[str]:
    """What is true of many scopes, once: `19 skipped: a write, and only reads were asked for`."""
    lines = [
        f"{number} {verdict}: {text}"
        for (verdict, text), number in _kinds(report).items()
        if text and number >= _MANY and verdict != DENIED
    ]
    left_out = Counter((result.reason, result.next) for result in report.scopes if not result.asked)
    return lines + [
        f"{number} skipped: {visible(reason)}{f' ({visible(step)})' if step else ''}"
        for (reason, step), number in left_out.items()
    ]


def _kinds(report: ProbeReport) -> Counter[tuple[str, str]]:
    return Counter((result.verdict, evidence(result)) for result in report.scopes if result.asked)


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
    number = f"{len(expectation.expected)} expected scope{'' if len(expectation.expected) == 1 else 's'}"
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


def key_line(report: ProbeReport) -> str:
    """Which key it was: `key shop-a (fingerprint 3f9c1a, file)`."""
    if report.key is None:
        return "no key"
    name = f" {visible(report.key.name)}" if report.key.name else ""
    return f"key{name} (fingerprint {report.key.fingerprint}, {visible(report.key.source)})"


def remarks(report: ProbeReport) -> list[tuple[str, list[str]]]:
    """What an expectation and the last run make of the result: a heading, and the scopes under it."""
    found: list[tuple[str, list[str]]] = []
    if report.expectation is not None:
        found += [
            ("expected, but denied", _with_reasons(report, report.expectation.missing)),
            ("expected, but not certain", _with_reasons(report, report.expectation.uncertain)),
            ("granted, but not expected", list(report.expectation.extra)),
        ]
    if report.changes is not None:
        since = f"since the last run ({report.changes.since})"
        found += [(f"new {since}", list(report.changes.added)), (f"gone {since}", list(report.changes.removed))]
    return [(heading, scopes) for heading, scopes in found if scopes]


def _with_reasons(report: ProbeReport, scopes: Iterable[str]) -> list[str]:
    """The scopes, each with why the file of expectations needs it: `POST /fb/subscriber/addTag (src/tags.js:12)`."""
    return [f"{scope} ({reason})" if (reason := reason_of(report, scope)) else scope for scope in scopes]


def reason_of(report: ProbeReport, scope: str) -> str:
    """Why a scope is expected; "" where nobody says it."""
    return visible(report.expectation.reasons.get(scope, "")) if report.expectation is not None else ""


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
    path = f"{visible(failure.path)}: " if failure.path and failure.path not in failure.message else ""
    hint = f" ({visible(failure.hint)})" if failure.hint else ""
    return f"{path}{visible(failure.message)}{hint}"


# --- text: the verdict on the key on top, a table by group, what to do next


def render_text(report: ProbeReport, style: Style, width: int) -> str:
    """The whole report. Paths are never broken; what stands behind them is, where there is no room."""
    width = width if width >= UNWRAPPED else min(width, 140)
    lines: list[str] = []
    paint = {0: style.good, 3: style.warning}.get(report.exit_code, style.error)
    if report.key is not None:
        verdict = conclusion(report)
        first, *rest = _wrapped(f"{verdict}: {key_line(report)} at {report.base_url}", width, "")
        lines += [first.replace(f"{verdict}:", f"{paint(verdict)}{style.bold(':')}"), *(f"  {line}" for line in rest)]
        for sentence in (report.key.reason, *report.route.notes):
            lines += _wrapped(sentence, width, "  ")
    lines += _table(report, style, width)
    if report.scopes:
        lines += ["", *_wrapped(counts(report), width, "")]
    for reason in below(report):
        lines += [style.dim(line) for line in _wrapped(reason, width, "  ")]
    for heading, scopes in remarks(report):
        colour = style.good if heading.startswith("new") else style.warning
        lines += ["", colour(heading) + style.bold(":"), *(f"  {scope}" for scope in scopes)]
    text = steps(report)
    if text:
        lines += ["", style.note("next:")]
        for step in text:
            lines += _wrapped(step, width, "  ")
    if report.errors:
        lines.append("")
    for failure in report.errors:
        lines += _wrapped(failure_line(failure), width, "", f"{style.error('error')}{style.bold(':')} ", len("error: "))
    if report.key is not None:
        lines += ["", *_wrapped(conclusion(report, named=True), width, "")]
    return "\n".join(lines).strip("\n") + "\n"


def _table(report: ProbeReport, style: Style, width: int) -> list[str]:
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
            rows.append([f"  {verdict}", name, style.dim(beside(report, result))])
        if len(skipped) > 1:
            rows.append([f"  {style.dim(SKIPPED)}", f"{len(skipped)} scopes"])
    return [table(rows, style=style, width=width)]


def _wrapped(text: str, width: int, indent: str, head: str = "", room: int = 0) -> list[str]:
    """`text` in lines; `head` stands before the first and takes `room` columns."""
    body = textwrap.wrap(
        visible(text), max(width - len(indent) - room, 20), break_long_words=False, break_on_hyphens=False
    )
    return [f"{indent}{head if number == 0 else ' ' * room}{line}" for number, line in enumerate(body)]


# --- Markdown, for a job summary, an issue or a pull request


def render_markdown(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A heading with the verdict, the table of the scopes that were asked for, remarks and next steps."""
    from mcapp.report.markdown import plain  # it imports the linter: 20 ms

    verdict = conclusion(report) or "no key"
    lines = [f"### {'✅' if report.ok else '❌'} mcapp probe: {plain(verdict)}", ""]
    if report.key is not None:
        said = ". ".join(plain(visible(sentence)) for sentence in (report.key.reason, *report.route.notes))
        lines += [f"The {plain(key_line(report))} at {plain(report.base_url)}. {said}.", ""]
    asked = [result for result in report.scopes if result.asked]
    if asked:
        lines += ["| | Scope | Verdict | |", "|---|---|---|---|"]
        for result in asked:
            cells = (
                MARKS[result.verdict],
                f"<code>{plain(result.scope)}</code>",
                result.verdict,
                plain(beside(report, result)),
            )
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    if report.scopes:
        lines += [f"{plain(counts(report))}.", ""]
        reasons = [f"- {plain(reason)}" for reason in below(report)]
        lines += [*reasons, ""] if reasons else []
    for heading, scopes in remarks(report):
        lines += [f"**{plain(heading)}**", "", *(f"- <code>{plain(scope)}</code>" for scope in scopes), ""]
    text = [plain(step) for step in steps(report)] + [f"**error**: {plain(failure_line(one))}" for one in report.errors]
    lines += [f"- {line}" for line in text]
    return "\n".join(lines).rstrip("\n") + "\n"


def render_summary(report: ProbeReport) -> str:
    """The same, for the job summary of GitHub Actions."""
    return render_markdown(report, Style(on=False), 80)


# --- GitHub Actions: the text report, then annotations for what the exit code rests on, the worst first


def render_github(report: ProbeReport, style: Style, width: int) -> str:
    """The text, fenced off so that no server can give the runner orders; then at most ten annotations of each kind."""
    from mcapp.report.github import MOST_ANNOTATIONS, command, fenced  # as above

    lines = fenced(render_text(report, style, width))
    for kind in ("error", "warning", "notice"):
        text = [(title, text) for level, title, text in _annotations(report) if level == kind]
        lines += [command(kind, {"title": title}, text) for title, text in text[:MOST_ANNOTATIONS]]
        if len(text) > MOST_ANNOTATIONS:
            lines.append(
                f"GitHub shows {MOST_ANNOTATIONS} annotations of a kind; {len(text)} {kind}s are in the report."
            )
    # Last, and safe outside the fence: it has nothing from the server.
    lines += [conclusion(report, named=True)] if report.key is not None else []
    return "\n".join(lines) + "\n"


def _annotations(report: ProbeReport) -> list[tuple[str, str, str]]:
    """Level, title and text of each."""
    found = [("error", f"mcapp {failure.code}", failure_line(failure)) for failure in report.errors]
    key = report.key
    if key is not None and key.verdict != WORKING:
        level = "warning" if key.verdict in (UNREACHABLE, UNCLEAR) else "error"
        found.append((level, f"App Key {key.verdict}", visible(f"{key.reason}; {key.next}")))
    results = {result.scope: result for result in report.scopes}
    if report.expectation is not None:
        for name, scopes, title in (
            (MISSING, report.expectation.missing, "expected, but denied"),
            (EXTRA, report.expectation.extra, "granted, but not expected"),
        ):
            level = "error" if name in report.fail_on else "warning"
            found += [
                (level, f"{scope}: {title}", f"{evidence(results[scope]) or title}{_needed(report, scope)}")
                for scope in scopes
            ]
    level = "error" if INCONCLUSIVE in report.fail_on else "warning"
    found += [
        (level, f"{scope}: {results[scope].verdict}", f"{evidence(results[scope])}{_needed(report, scope)}")
        for scope in report.undecided
    ]
    if report.changes is not None:
        found += [("notice", "App Key", f"new since the last run: {scope}") for scope in report.changes.added]
        found += [("warning", "App Key", f"gone since the last run: {scope}") for scope in report.changes.removed]
    return found


def _needed(report: ProbeReport, scope: str) -> str:
    reason = reason_of(report, scope)
    return f"; needed by {reason}" if reason else ""


# --- Azure Pipelines: the same annotations, without the text report: nothing would keep the agent from obeying it


def render_azure(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A command for each annotation, the worst first, then the verdict and the counts."""
    from mcapp.report.azure import TYPE, issue  # as above

    found = sorted(_annotations(report), key=lambda one: list(TYPE).index(one[0]))
    lines = [issue(TYPE[level], {"code": title}, text) for level, title, text in found]
    if report.key is not None:
        lines.append(f"{report.key.verdict}: {key_line(report)} at {visible(report.base_url)}")
    return "\n".join([*lines, counts(report)]) + "\n"


# --- `--dry-run`: every request of a plan, and why it is harmless

# Which key goes with a request.
_KEYS = {OWN: "the App Key", NONE: "no key"}


def render_plan(plan: Plan, style: Style, width: int) -> str:
    """A numbered list, in the order of sending."""
    width = width if width >= UNWRAPPED else min(width, 110)
    lines = []
    for number, request in enumerate(plan.requests, 1):
        body = f"  {request.body.decode()}" if request.body is not None else ""
        lines.append(f"{number:3}  {style.bold(f'{request.method} {request.url}')}{body}")
        text = f"{request.purpose}; with {_key(request)}. {request.endpoint.harmless}"
        lines += [f"     {style.dim(line)}" for line in textwrap.wrap(text, max(width - 5, 20), break_on_hyphens=False)]
    lines.append("")
    for reason, number in Counter(skip.reason for skip in plan.skipped.values()).items():
        lines += textwrap.wrap(f"left out: {number} ({reason})", max(width, 20), subsequent_indent="  ")
    writes = "; writes only if both calibrations are refused for the key" if plan.writes else ""
    number = len(plan.requests)
    text = f"{number} request{'' if number == 1 else 's'} to {plan.target.base_url}{writes}; nothing was sent"
    lines += textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def _key(request: Request) -> str:
    return _KEYS.get(request.auth, "a key that nobody has")
