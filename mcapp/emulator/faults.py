"""What can be made to go wrong, for one endpoint or for all, always or a number of times."""

import re
from dataclasses import dataclass

from mcapp.emulator.reply import error, page
from mcapp.errors import UsageProblem
from mcapp.net.server import Reply
from mcapp.scopes.catalogue import find

# Faults that are another answer than the right one.
_ANSWERS = {
    "401": "401 with a message that nothing is known of",
    "404": "404 with a web page",
    "429": "429; with a number, Retry-After says so many seconds",
    "500": "500 with a web page",
    "exception": "500 with ManyChat's exception, as for an uninstalled app",
    "html": "200 with a web page",
    "status-error": "200 with the status error in the body",
    "redirect": "302 to another host",
}
# Faults of the way to the client: the right answer is spoilt, or none is sent. `wire` makes them.
_WIRE = {
    "timeout": "no answer at all; the connection stays open",
    "reset": "the connection is reset instead of an answer",
    "close": "the connection is closed instead of an answer",
    "slow": "the right answer, after a number of seconds (5)",
    "drip": "the right answer, one byte at a time, a number of seconds apart (0.5)",
    "drip-headers": "the same from the status line on",
    "truncated": "the connection is closed in the middle of the body",
    "content-type": "the right body, called text/plain",
    "garbage": "something that is no HTTP",
    "gzip-bomb": "a compressed body of 1 MB that unpacks to 1 GB",
    "endless": "a body that never ends",
}
KINDS = {**_ANSWERS, **_WIRE}

_SPEC = re.compile(r"(?P<scope>.+)=(?P<kind>[a-z0-9-]+?)(?::(?P<number>\d+(?:\.\d+)?))?(?:\*(?P<times>\d+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: `kind` is one of KINDS, `scope` the endpoint (None: every one).

    `number` is the seconds of 429, slow and drip (None: the kind's own), `times` how often it happens (None: always),
    `location` where a redirect leads.
    """

    kind: str
    scope: str | None = None
    number: float | None = None
    times: int | None = None
    location: str = "https://elsewhere.invalid/"

    def __post_init__(self) -> None:
        """Raise UsageProblem for a kind that there is not."""
        if self.kind not in KINDS:
            raise UsageProblem(f"there is no fault {self.kind!r}", hint=f"there are: {', '.join(KINDS)}")


def parse(spec: str) -> Fault:
    """`SCOPE=KIND[:NUMBER][*TIMES]`, with `*` as the scope for all. Raises UsageProblem."""
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise UsageProblem(
            f"{spec!r} is no fault",
            hint="for example 'GET /fb/page/getTags=429:2*1', or '*=slow:0.5' for all endpoints",
        )
    scope = None if match["scope"].strip() == "*" else find([match["scope"]])[0].scope
    return Fault(
        match["kind"],
        scope,
        None if match["number"] is None else float(match["number"]),
        None if match["times"] is None else int(match["times"]),
    )


def answer(fault: Fault) -> Reply | None:
    """The answer that takes the right one's place; None for a fault that is made on the wire."""
    if fault.kind == "401":
        return error(401, "Session is over")
    if fault.kind == "404":
        return page(404, "Page not found", 38_000)
    if fault.kind == "429":
        wait = () if fault.number is None else (("Retry-After", f"{fault.number:.0f}"),)
        reply = error(429, "Too many requests")
        return reply._replace(headers=(*reply.headers, *wait))
    if fault.kind == "500":
        return page(500, "Internal Server Error")
    if fault.kind == "exception":
        from mcapp.emulator.reply import UNINSTALLED

        return UNINSTALLED
    if fault.kind == "html":
        return page(200, "Welcome")
    if fault.kind == "status-error":
        return error(200, "Something is wrong")
    if fault.kind == "redirect":
        reply = page(302, "Found")
        return reply._replace(headers=(*reply.headers, ("Location", fault.location)))
    return None
