"""What a recording says of the catalogue: whether ManyChat answered each endpoint as the catalogue has it."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mcapp.scopes.catalogue import Endpoint
from mcapp.scopes.classify import LET_IN, REFUSED, VALIDATED, WRITTEN, classify, is_calibrated
from mcapp.scopes.client import Answer, ApiMessage
from mcapp.scopes.plan import EMPTY_BODY, OWN, Request
from mcapp.scopes.recording import Exchange

CONFIRMS, CONTRADICTS, OPEN = "confirms", "contradicts", "open"

_MISSING = re.compile(r"(\w+) cannot be blank")


class Remark(NamedTuple):
    """What a recording says of one endpoint: one of the words above, and why."""

    result: str
    reason: str


def compare(endpoints: Iterable[Endpoint], exchanges: Sequence[Exchange]) -> dict[str, Remark]:
    """A remark for each of the endpoints that the recording asks, by its scope."""
    found: dict[str, Remark] = {}
    for endpoint in endpoints:
        asked = [one for one in exchanges if one.scope == endpoint.scope]
        own = [one for one in asked if one.key == OWN]
        strange = next((one for one in asked if one.key != OWN and not is_calibrated(_answer(one))), None)
        if strange is not None:
            status = f"status {strange.status}" if strange.status else strange.problem
            found[endpoint.scope] = Remark(CONTRADICTS, f"without a valid key it was answered with {status}, not 401")
        elif own:
            found[endpoint.scope] = _remark(endpoint, own[-1])
    return found


def _answer(one: Exchange) -> Answer:
    said = ApiMessage(one.api_status, one.message, one.details, one.code)
    return Answer(one.status, one.problem, one.problem, said, one.retry_after)


def _remark(endpoint: Endpoint, one: Exchange) -> Remark:
    body = EMPTY_BODY if endpoint.mutates else None
    request = Request(endpoint, endpoint.method, endpoint.path, tuple(endpoint.query.items()), body)
    answer = _answer(one)
    outcome = classify(request, answer)
    if one.status == 404:
        return Remark(CONTRADICTS, "404: there is no such endpoint")
    if outcome.kind == WRITTEN:
        return Remark(CONTRADICTS, "it accepted the empty body")
    if outcome.kind in (LET_IN, REFUSED):
        return Remark(CONFIRMS, outcome.reason)
    if outcome.kind != VALIDATED:
        result = CONTRADICTS if one.status == 400 else OPEN
        return Remark(result, outcome.reason)
    missing = {name for text in one.details for name in _MISSING.findall(text)}
    if not missing:
        return Remark(OPEN, f"it refused the empty body without naming a field ({answer.message or one.status})")
    if missing == set(endpoint.required):
        return Remark(CONFIRMS, f"it requires {', '.join(sorted(missing))}")
    required = ", ".join(sorted(endpoint.required)) or "nothing"
    return Remark(CONTRADICTS, f"it requires {', '.join(sorted(missing))}; the catalogue says {required}")
