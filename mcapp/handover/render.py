"""The request that ManyChat would send: the block with its values in it.

Values are data. They are put in once and never read again: a `{{` in a value is no placeholder, a quote ends no string.
A payload's values stay strings (S: all published ones are), a header's must fit on one line, and in a URL exactly those
characters are percent-encoded that would end the part they stand in. How ManyChat itself encodes them is open (?).
"""

import re
from json import dumps
from typing import Any, NamedTuple

from mcapp.errors import UsageProblem
from mcapp.handover import destination as places
from mcapp.handover.block import Block
from mcapp.handover.destination import Place
from mcapp.handover.values import Filler, left

METHOD = "POST"  # where the block names none: what all known blocks say (S)

# RFC 9110, 5.6.2: a token. A name or a method that is none cannot be sent.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ONE_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

# What concerns the connection is said by whoever makes it (RFC 9110, 7.6.1, and 7.2 for Host).
_CONNECTION = """
    connection content-length expect host http2-settings keep-alive proxy-connection te trailer transfer-encoding
    upgrade
"""
_OWN = frozenset(_CONNECTION.split())


class Prepared(NamedTuple):
    """A request ready to be sent. `path` holds the query too, in ASCII; `body` is UTF-8, None for no body at all.

    `payload` is what `body` says, `notes` what a person should know of the differences to the block.
    """

    method: str
    place: Place
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    payload: Any
    notes: tuple[str, ...]

    @property
    def url(self) -> str:
        """The whole URL, as it is sent."""
        return self.place.target.base_url + self.path


def prepare(block: Block, place: Place, fill: Filler) -> Prepared:
    """The block, filled, for the endpoint at `place`. Raises UsageProblem for a value that HTTP cannot carry there."""
    notes: list[str] = []
    method = block.method.strip().upper()
    if not method:
        method = METHOD
        notes.append(f"auth.request names no method: sent as {METHOD}")
    elif not _TOKEN.fullmatch(method):
        raise UsageProblem(f"the method {method!r} cannot be sent", code="method")
    headers = _headers(block, fill, notes)
    body, payload = None, None
    if block.payload is not None and method == "GET":
        notes.append("a GET has no payload: it was left out")
    elif block.payload is not None:
        payload = _filled(block.payload, fill)
        body = _json(payload)
        if not any(name.lower() == "content-type" for name, _ in headers):
            notes.append("auth.request has no Content-Type header, so the payload is sent without one")
    stay = left(block, fill)
    if stay:
        notes.append(f"sent as it stands, because nobody knows its value: {', '.join(stay)} (--set gives it one)")
    return Prepared(
        method, place, places.target(place, block.url, block.query, fill), headers, body, payload, tuple(notes)
    )


def _headers(block: Block, fill: Filler, notes: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for written, template in block.headers:
        name, value = fill(written), fill(template).strip(" \t")
        if not _TOKEN.fullmatch(name):
            raise UsageProblem(f"the name of the header `{written}` is none once it is filled in", code="header")
        if not _ONE_LINE.fullmatch(value):
            raise UsageProblem(
                f"the header `{name}` cannot carry its value: it holds a line break or another control character",
                hint="--set a value of one line, or let the payload carry it",
                code="header",
            )
        if name.lower() in _OWN:
            notes.append(f"the header {name} is left to the connection")
        else:
            found.append((name, value))
    return tuple(found)


def _filled(value: Any, fill: Filler) -> Any:
    """A JSON value with its strings filled, keys too. The text may be 256 levels deep, which recursion can bear."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {fill(key): _filled(item, fill) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, fill) for item in value]
    return value


def _json(payload: Any) -> bytes:
    try:
        return dumps(payload, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return dumps(payload).encode("ascii")  # half a surrogate pair (`\\ud800`) can only be written escaped
