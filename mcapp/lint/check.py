"""From a document to findings: choose the rules, run them, turn places in the data into lines and columns."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from mcapp.appjson import secrets
from mcapp.appjson.app_schema import OBJECTS
from mcapp.appjson.facts import Facts
from mcapp.document import Document, pointer
from mcapp.document import read as read_any
from mcapp.document.places import Path, Span
from mcapp.errors import UsageProblem, suggestion
from mcapp.lint.model import Finding, FindingFix, Label, Problem, Related, Rule, Rules, by_place
from mcapp.lint.rules import ALL, NAMES
from mcapp.terminal.console import visible
from mcapp.terminal.redact import remember

if TYPE_CHECKING:
    from mcapp.config import Suppression
    from mcapp.document.repair.machine import Expected
    from mcapp.lint.suppress import Match

# A file with more findings of one rule than this has one mistake, not thousands: nobody reads on.
MOST = 500
# Defects of the text that may have been meant otherwise. What other rules find in such a text rests on how it is
# repaired: it has no fix until the text is JSON.
_REPAIRED = ("invalid-json", "unclosed-bracket", "typographic-quote", "missing-braces")
_TEXT = "MC0"  # how the codes of the rules about the text itself begin


class Settings(NamedTuple):
    """How documents are checked: the rules, the kind ("app", "auth", "request", None: by keys), and the notation.

    `suppressions` are the entries of `[[suppress]]` for the document that is checked.
    """

    rules: Rules = ALL
    kind: str | None = None
    placeholders: str = "manychat"
    suppressions: "tuple[Suppression, ...]" = ()


class Checked(NamedTuple):
    """A document and its findings; `fixed` is how many were fixed before (mcapp.lint.fix).

    `matches` are the entries of `[[suppress]]` that fit a finding; it is in `findings` only if the entry has expired.
    """

    document: Document
    kind: str | None
    findings: tuple[Finding, ...] = ()
    matches: "tuple[Match, ...]" = ()
    fixed: int = 0


def read(raw: bytes, name: str = "-", *, every_defect: bool = False) -> Document:
    """Read an App JSON that is to be checked: where its text is broken, it is repaired as one."""
    return read_any(raw, name, expected=_expected, every_defect=every_defect)


@cache
def _expected() -> "Expected":
    """The shape of any document that can be checked, by its first key; an entry of `headers` is one header."""
    from mcapp.document.repair.machine import Expected  # a file that is strict JSON needs none

    app, auth, request = OBJECTS["app"], OBJECTS["auth"], OBJECTS["request"]
    first = {key: node for node in (request, auth, app) for key in node.properties}
    return Expected(first, request.properties["headers"].items)


def choose(select: Sequence[str] = (), ignore: Sequence[str] = (), where: object = None) -> Rules:
    """The rules whose code, name or beginning of a code is in `select` (empty: all) and not in `ignore`.

    Raises UsageProblem, which names `where`, for a word that fits no rule.
    """
    at = f"{where}: " if where else ""
    wanted = _named(select, at) if select else {rule.code for rule in ALL}
    unwanted = _named(ignore, at)
    return tuple(rule for rule in ALL if rule.code in wanted and rule.code not in unwanted)


def _named(words: Iterable[str], at: str) -> set[str]:
    codes: set[str] = set()
    for word in words:
        upper = word.strip().upper()
        found = {rule.code for rule in ALL if rule.name.upper() == upper or (upper and rule.code.startswith(upper))}
        if not found:
            raise UsageProblem(f"{at}unknown rule {word!r}", hint=suggestion(word, NAMES, "'mcapp rules' lists them"))
        codes |= found
    return codes


def check(
    document: Document,
    settings: Settings | None = None,
    *,
    most: int | None = MOST,
    facts: Facts | None = None,
    only_findings: bool = False,
) -> Checked:
    """The findings of the chosen rules in `document`, sorted by place; at most `most` of each rule (None: all).

    From now on no output shows a secret of the document, whatever rules were chosen. Collecting them takes a third of
    the time of a clean file: with `only_findings` nothing else is going to be shown, and where there is none it is left
    out.
    """
    settings = settings or Settings()
    known = facts or Facts(document, settings.kind, settings.placeholders)
    known.most = None if most is None else known.most
    if only_findings and not any(True for rule in settings.rules for _ in rule.check(known)):
        return Checked(document, known.kind)
    for secret in secrets.hidden(document, known.secrets):
        remember(secret)
    problems = [(rule, problem) for rule in settings.rules for problem in rule.check(known)]
    if not problems:
        return Checked(document, known.kind)
    if most is not None and len(problems) > most and not settings.suppressions:
        problems = _first(problems, most)
    show = cache(visible)  # most texts are those of many findings
    if not known.defects.keys().isdisjoint(_REPAIRED):
        problems = [(rule, each if rule.code.startswith(_TEXT) else each._replace(fix=None)) for rule, each in problems]
    findings = [_finding(document, rule, problem, show) for rule, problem in problems]
    findings.sort(key=by_place)
    if not settings.suppressions:
        return Checked(document, known.kind, tuple(findings))
    from mcapp.lint.suppress import match

    matches = match(document, findings, settings.suppressions)
    hidden = {id(found.finding) for found in matches if not found.expired}
    left = tuple(finding for finding in findings if id(finding) not in hidden)
    return Checked(document, known.kind, left, matches)


def _first(problems: list[tuple[Rule, Problem]], most: int) -> list[tuple[Rule, Problem]]:
    """The first problems of each rule; the last of them says how many more there are."""
    kept = []
    for rule, group in groupby(problems, key=lambda found: found[0]):
        own = [problem for _, problem in group]
        if len(own) > most:
            last = own[most - 1]
            message = f"{last.message} (and {len(own) - most:,} more like this in the file)"
            own[most - 1 :] = [last._replace(message=message)]
        kept += [(rule, problem) for problem in own]
    return kept


def _finding(document: Document, rule: Rule, problem: Problem, show: Callable[[str], str]) -> Finding:
    span = _span(document, problem)
    place = document.place(span)
    related = []
    for label in problem.related:
        other = _span(document, label)
        related.append(Related(show(label.message), other, document.place(other)))
    fix = None
    if problem.fix and rule.fix:
        edits = list(problem.fix.edits)
        if problem.fix.changes:
            from mcapp.document import edits as changing  # a clean file needs none

            for change in problem.fix.changes:
                edits += changing.edits(document, change)
        fix = FindingFix(rule.fix, show(problem.fix.title), tuple(edits)) if edits else None
    return Finding(
        rule=rule.code,
        name=rule.name,
        severity=problem.severity or rule.severity,
        message=show(problem.message),
        help=show(problem.help),
        url=rule.url,
        path=show(document.name),
        pointer=None if problem.path is None else show(pointer(problem.path)),
        **place._asdict(),
        span=span,
        related=tuple(related),
        fix=fix,
    )


def _span(document: Document, where: Problem | Label) -> Span:
    if where.span is not None:
        return where.span
    path: Path = where.path or ()
    if where.key and path and isinstance(path[-1], str):
        return document.key_span(path)
    if where.chars is not None:
        return document.chars_span(path, *where.chars)
    span = document.span(path)
    # What an object or an array lacks has no place in the text: its opening bracket is shown instead.
    if document.text[span.start : span.start + 1] in ("{", "["):
        return Span(span.start, span.start + 1)
    return span
