"""The catalogue as `mcapp endpoints` shows it: the list, all about one endpoint, the rows of the report.

And what a recording says of it: whether ManyChat answered each endpoint as the catalogue has it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from mcapp.scopes import classify
from mcapp.scopes.catalogue import EMPTY, GRADES, GROUPS, NAMED, NEVER, READ, Endpoint
from mcapp.scopes.classify import Answer, ApiMessage
from mcapp.scopes.recording import Exchange
from mcapp.terminal.console import Style
from mcapp.terminal.drawing import table

_WIDE = 100  # columns from which there is room for the summaries

CONFIRMS, CONTRADICTS, OPEN = "confirms", "contradicts", "open"

_MISSING = re.compile(r"(\w+) cannot be blank")


def endpoint_row(endpoint: Endpoint, remark: "Remark | None" = None) -> dict[str, Any]:
    """An endpoint in a JSON report (schemas/endpoints.schema.json); `remark` is what a recording says."""
    request = {"query": dict(endpoint.query), "body": None if endpoint.send == READ else {}}
    return {
        "scope": endpoint.scope,
        "group": endpoint.group,
        "summary": endpoint.summary,
        "mutates": endpoint.mutates,
        "effect": endpoint.effect or None,
        "deprecated": endpoint.deprecated,
        "limit": endpoint.limit or None,
        "required": dict(endpoint.required),
        "send": endpoint.send,
        "request": None if endpoint.send == NEVER else request,
        "harmless": endpoint.harmless,
        "granted": endpoint.granted or None,
        "grade": endpoint.grade,
        "evidence": endpoint.evidence,
        "recorded": None if remark is None else {"result": remark.result, "reason": remark.reason},
    }


# What probe does with an endpoint, in a word or two.
_PROBED = {READ: "read", EMPTY: "write", NAMED: "when named", NEVER: "never"}


def _sent(endpoint: Endpoint) -> str:
    if endpoint.send == NEVER:
        return "nothing"
    if endpoint.send == READ:
        query = "&".join(f"{name}={value}" for name, value in endpoint.query.items())
        return f"{endpoint.method} {endpoint.path}?{query}" if query else f"{endpoint.method} {endpoint.path}"
    return f"{endpoint.method} {endpoint.path} with the body {{}}" + (
        f", only with --only '{endpoint.scope}'" if endpoint.send == NAMED else ""
    )


def listing(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    """The endpoints by group; what each is for only where there is room."""
    rows: list[list[str] | str] = []
    for group in GROUPS:
        found = [endpoint for endpoint in chosen if endpoint.group == group]
        if found:
            rows += [*([""] if rows else []), style.bold(group)]
        for endpoint in found:
            summary = [style.dim(endpoint.summary)] if width >= _WIDE else []
            rows.append([f"  {endpoint.method:4} {endpoint.path}", _PROBED[endpoint.send], *summary])
    writes = sum(endpoint.mutates for endpoint in chosen)
    counts = f"{len(chosen) - writes} reads, {writes} writes; mcapp endpoints SCOPE explains one"
    return f"{table(rows, style=style)}\n\n{counts}"


def compared(chosen: Sequence[Endpoint], remarks: "Mapping[str, Remark]", style: Style, width: int) -> str:
    """What a recording says of each endpoint that it asks (see `compare`), and how often it says what."""
    paint = {CONFIRMS: style.good, CONTRADICTS: style.error}
    rows = [
        [paint.get(remark.result, style.dim)(remark.result), scope, remark.reason] for scope, remark in remarks.items()
    ]
    counts = Counter(remark.result for remark in remarks.values())
    words = f"{counts[CONFIRMS]} confirmed, {counts[CONTRADICTS]} contradicted, {counts[OPEN]} open"
    text = f"{words}, {len(chosen) - len(remarks)} not asked"
    return f"{table(rows, style=style, width=width)}\n\n{text}" if rows else text


def details(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    """Everything that is known of each endpoint."""
    return "\n\n".join(_detail(endpoint, style, min(width, 100)) for endpoint in chosen)


def _detail(endpoint: Endpoint, style: Style, width: int) -> str:
    rows = {
        "what": endpoint.summary + (" Deprecated." if endpoint.deprecated else ""),
        "effect": endpoint.effect or "reads",
        "required": ", ".join(f"{name} ({kind})" for name, kind in endpoint.required.items()) or "nothing",
        "limit": f"{endpoint.limit} requests a second" if endpoint.limit else "none is stated",
        "probe sends": _sent(endpoint),
        "harmless": endpoint.harmless,
        "granted": endpoint.granted,
        "evidence": f"{endpoint.evidence} ({GRADES[endpoint.grade]})",
    }
    cells = [[f"  {style.note(name)}", text] for name, text in rows.items() if text]
    return f"{style.bold(endpoint.scope)}\n{table(cells, style=style, width=width)}"


# --- what a recording says of the catalogue


class Remark(NamedTuple):
    """What a recording says of one endpoint: one of the words above, and why."""

    result: str
    reason: str


def compare(endpoints: Iterable[Endpoint], exchanges: Sequence[Exchange]) -> dict[str, Remark]:
    """A remark for each of the endpoints that the recording asks, by its scope."""
    from mcapp.scopes.plan import EMPTY_BODY, OWN, Request  # 10 ms: the list needs none

    found: dict[str, Remark] = {}
    for endpoint in endpoints:
        own: list[Answer] = []
        others: list[Answer] = []
        for one in exchanges:
            if one.scope == endpoint.scope:
                said = ApiMessage(one.api_status, one.message, one.details, one.code)
                answer = Answer(one.status, one.problem, one.problem, said, one.retry_after)
                (own if one.key == OWN else others).append(answer)
        strange = next((answer for answer in others if not classify.is_calibrated(answer)), None)
        if strange is not None:
            status = f"status {strange.status}" if strange.status else strange.problem
            found[endpoint.scope] = Remark(CONTRADICTS, f"without a valid key it was answered with {status}, not 401")
        elif own:
            body = EMPTY_BODY if endpoint.mutates else None
            request = Request(endpoint, endpoint.method, endpoint.path, tuple(endpoint.query.items()), body)
            found[endpoint.scope] = _remark(endpoint, own[-1], classify.classify(request, own[-1]))
    return found


def _remark(endpoint: Endpoint, answer: Answer, outcome: classify.Outcome) -> Remark:
    if answer.status == 404:
        return Remark(CONTRADICTS, "404: there is no such endpoint")
    if outcome.kind == classify.WRITTEN:
        return Remark(CONTRADICTS, "it accepted the empty body")
    if outcome.kind in (classify.LET_IN, classify.REFUSED):
        return Remark(CONFIRMS, outcome.reason)
    if outcome.kind != classify.VALIDATED:
        return Remark(CONTRADICTS if answer.status == 400 else OPEN, outcome.reason)
    missing = {name for text in answer.body.details for name in _MISSING.findall(text)}
    if not missing:
        return Remark(OPEN, f"it refused the empty body without naming a field ({answer.message or answer.status})")
    if missing == set(endpoint.required):
        return Remark(CONFIRMS, f"it requires {', '.join(sorted(missing))}")
    required = ", ".join(sorted(endpoint.required)) or "nothing"
    return Remark(CONTRADICTS, f"it requires {', '.join(sorted(missing))}; the catalogue says {required}")
