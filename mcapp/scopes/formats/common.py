"""What several formats say in the same words."""

from collections import Counter

from mcapp.errors import Failure
from mcapp.scopes.report import DENIED, GRANTED, INCONCLUSIVE, SKIPPED, VERDICTS, ProbeReport, ScopeResult
from mcapp.terminal.console import visible

# The verdict of a scope, as a mark for those who skim.
MARKS = {GRANTED: "✅", DENIED: "⛔", INCONCLUSIVE: "❔", SKIPPED: "⏭️"}


# From so many scopes on with the same evidence it is told once for all.
_MANY = 3

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
    told = evidence(result)
    return "" if not result.asked or result.verdict == DENIED or _kinds(report)[result.verdict, told] >= _MANY else told


def below(report: ProbeReport) -> list[str]:
    """What is true of many scopes, once: `19 skipped: a write, and only reads were asked for`."""
    lines = [
        f"{number} {verdict}: {told}"
        for (verdict, told), number in _kinds(report).items()
        if told and number >= _MANY and verdict != DENIED
    ]
    left_out = Counter((result.reason, result.next) for result in report.scopes if not result.asked)
    return lines + [
        f"{number} skipped: {visible(reason)}{f' ({visible(step)})' if step else ''}"
        for (reason, step), number in left_out.items()
    ]


def _kinds(report: ProbeReport) -> Counter[tuple[str, str]]:
    return Counter((result.verdict, evidence(result)) for result in report.scopes if result.asked)


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
        expected = report.expectation.expected
        undecided = [scope for scope in report.undecided if scope in expected]
        found += [
            ("expected, but denied", list(report.expectation.missing)),
            ("expected, but not certain", undecided),
            ("granted, but not expected", list(report.expectation.extra)),
        ]
    if report.changes is not None:
        since = f"since the last run ({report.changes.since})"
        found += [
            (f"new {since}", list(report.changes.added)),
            (f"gone {since}", list(report.changes.removed)),
        ]
    return [(heading, scopes) for heading, scopes in found if scopes]


def steps(report: ProbeReport) -> list[str]:
    """What to do next, once each: for the key first, then for its scopes."""
    told: dict[tuple[str, str], list[str]] = {}
    for result in report.scopes:
        if result.next and result.asked:
            told.setdefault((result.next, result.verdict), []).append(result.scope)
    lines = [report.key.next] if report.key is not None and report.key.next else []
    for (step, verdict), scopes in told.items():
        if not any(step in line for line in lines):
            lines.append(f"{scopes[0] if len(scopes) == 1 else f'{len(scopes)} {verdict}'}: {step}")
    return [visible(line) for line in lines]


def failure_line(failure: Failure) -> str:
    """An error with what to do about it, on one line."""
    path = f"{visible(failure.path)}: " if failure.path and failure.path not in failure.message else ""
    hint = f" ({visible(failure.hint)})" if failure.hint else ""
    return f"{path}{visible(failure.message)}{hint}"
