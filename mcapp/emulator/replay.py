"""Answers from a recording (`mcapp probe --record`), in place of those of the emulated account."""

import json
from collections.abc import Iterable
from typing import Any

from mcapp.emulator.account import NOT_FOUND, page
from mcapp.emulator.faults import Fault
from mcapp.net.server import Reply
from mcapp.scopes.recording import Exchange

# Values for what a recording knows the type of alone.
_VALUES = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
_TOO_LARGE = 2_000_001  # bytes: one more than probe reads


class Replay:
    """The answers of a recording, for each request in turn; the last one is repeated. `ManyChat` holds a lock."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._waiting: dict[tuple[str, str], list[Exchange]] = {}
        for one in exchanges:
            self._waiting.setdefault((one.scope, one.key), []).append(one)

    def answer(self, scope: str, authorization: str | None) -> tuple[Reply, Fault | None]:
        """The reply to a request, with the fault that spoils it on the wire. 404 for what was not recorded."""
        key = "none" if authorization is None else "stranger" if authorization.startswith("Bearer 0:") else "key"
        waiting = self._waiting.get((scope, key))
        if not waiting:
            return NOT_FOUND, None
        one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if one.problem == "timeout":
            return NOT_FOUND, Fault("timeout")
        if one.status is None or one.status < 200:
            return NOT_FOUND, Fault("reset")
        reply = _reply(one, one.status)
        return reply, Fault("truncated") if one.problem == "reset" else None


def _reply(one: Exchange, status: int) -> Reply:
    if status in (204, 304):  # which have no body
        return Reply(status, b"", (("Location", "/"),) if status == 304 else ())
    if one.problem == "html":
        return page(status, "A web page")
    if one.problem == "redirect":
        reply = page(status, "Elsewhere")
        return reply._replace(headers=(*reply.headers, ("Location", "https://elsewhere.invalid/")))
    headers = [("Content-Type", "text/plain" if one.problem == "content-type" else "application/json")]
    if one.problem == "encoding":
        headers.append(("Content-Encoding", "br"))
    if one.retry_after is not None:
        headers.append(("Retry-After", str(one.retry_after)))
    body = {"not-json": b"{", "too-large": b" " * _TOO_LARGE}.get(one.problem) or json.dumps(_body(one)).encode()
    return Reply(status, body, tuple(headers))


def _body(one: Exchange) -> dict[str, Any]:
    outline = one.outline if isinstance(one.outline, dict) else {}
    body = {name: _made_up(value) for name, value in outline.items() if name.isascii()}
    said = {"status": one.api_status, "message": one.message}
    body |= {name: text for name, text in said.items() if text or isinstance(body.get(name), str)}
    if one.code is None:
        body.pop("code", None)
    else:
        body["code"] = one.code
    if "details" in body or one.details:
        body["details"] = {"messages": [{"message": text} for text in one.details]}
    return body


def _made_up(outline: Any) -> Any:
    if isinstance(outline, dict):
        return {name: _made_up(value) for name, value in outline.items() if name.isascii()}
    if isinstance(outline, list):
        return [_made_up(outline[0])] if outline else []
    return _VALUES.get(outline) if isinstance(outline, str) else None
