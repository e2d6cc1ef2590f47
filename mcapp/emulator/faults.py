"""What can be made to go wrong, for one endpoint or for all, always or a number of times, and how it is sent."""

import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from mcapp.emulator.account import UNINSTALLED, error, page
from mcapp.errors import UsageProblem
from mcapp.net.server import Reply, encode
from mcapp.scopes.catalogue import find

_SLOW = 5.0  # seconds that a slow answer takes, where the fault names no number

_SPEC = re.compile(r"(?P<scope>.+)=(?P<kind>[a-z0-9-]+?)(?::(?P<number>\d+(?:\.\d+)?))?(?:\*(?P<times>\d+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: `kind` is one of KINDS, `scope` the endpoint (None: every one).

    `number` is the seconds of 429 and slow (None: the kind's own), `times` how often it happens (None: always),
    `location` where a redirect leads. Raises UsageProblem for an unknown kind.
    """

    kind: str
    scope: str | None = None
    number: float | None = None
    times: int | None = None
    location: str = "https://elsewhere.invalid/"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageProblem(f"unknown fault {self.kind!r}", hint=f"the kinds are: {', '.join(KINDS)}")


class Kind(NamedTuple):
    """One kind of fault: `answer` makes an answer in place of the right one, or `wire` the bytes that are sent instead.

    `wire` gets the right reply, the fault and the event that stops every wait; after it the connection ends.
    `silent`: the client gets no answer at all, so the call has no effect and the journal no status.
    """

    answer: Callable[[Fault], Reply] | None = None
    wire: Callable[[Reply, Fault, threading.Event], Iterator[bytes]] | None = None
    silent: bool = False


def _too_many(fault: Fault) -> Reply:
    reply = error(429, "Too many requests")
    wait = () if fault.number is None else (("Retry-After", f"{fault.number:.0f}"),)
    return reply._replace(headers=(*reply.headers, *wait))


def _nothing(_reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    return iter(())


def _half(reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    head, body = encode(reply, keep_alive=False)
    yield head + body[: len(body) // 2]


KINDS: dict[str, Kind] = {
    "401": Kind(lambda _: error(401, "Session is over")),  # a message that ManyChat does not have
    "404": Kind(lambda _: page(404, "Page not found", 38_000)),
    "429": Kind(_too_many),
    "500": Kind(lambda _: page(500, "Internal Server Error")),
    "exception": Kind(lambda _: UNINSTALLED),
    "html": Kind(lambda _: page(200, "Welcome")),
    "status-error": Kind(lambda _: error(200, "Something is wrong")),
    "redirect": Kind(lambda fault: page(302, "Found", Location=fault.location)),
    "timeout": Kind(wire=_nothing, silent=True),  # the connection stays open
    "reset": Kind(wire=_nothing, silent=True),
    "slow": Kind(),  # the right answer, late
    "truncated": Kind(wire=_half),
}


def parse(spec: str) -> Fault:
    """`SCOPE=KIND[:NUMBER][*TIMES]`, with `*` as the scope for all. Raises UsageProblem."""
    match = _SPEC.fullmatch(spec.strip())
    if match is None:
        raise UsageProblem(
            f"{spec!r} is not a fault",
            hint="for example 'GET /fb/page/getTags=429:2*1', or '*=slow:0.5' for all endpoints",
        )
    scope = None if match["scope"].strip() == "*" else find([match["scope"]])[0].scope
    return Fault(
        match["kind"],
        scope,
        None if match["number"] is None else float(match["number"]),
        None if match["times"] is None else int(match["times"]),
    )


class ConnectionDone(Exception):  # not an error: the fault has been carried out
    """After this reply the connection must be closed."""


def send(connection: socket.socket, reply: Reply, fault: Fault | None, stopping: threading.Event) -> None:
    """Send the reply, spoilt by `fault` if there is one. Every wait ends at once when `stopping` is set.

    Raises ConnectionDone where the connection has to end, and OSError where the client is gone.
    """
    if fault is not None and fault.kind == "slow":
        stopping.wait(_SLOW if fault.number is None else fault.number)
    wire = None if fault is None else KINDS[fault.kind].wire
    if fault is None or wire is None:
        connection.sendall(b"".join(encode(reply)))
        return
    for piece in wire(reply, fault, stopping):
        if stopping.is_set():
            break
        connection.sendall(piece)
    if fault.kind == "timeout":
        # Until the client gives up, so that its connection is free again.
        connection.settimeout(0)
        while not stopping.wait(0.05):
            with suppress(BlockingIOError):
                if not connection.recv(65_536):
                    break
    if fault.kind == "reset":
        # Closed with no time to linger a connection ends with RST; an orderly shutdown first would send FIN.
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.close(connection.detach())
    raise ConnectionDone
