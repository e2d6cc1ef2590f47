"""One request, one Answer. Time, size and decompression are bounded; a failure becomes a word, not an exception."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import monotonic
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

from mcapp import __version__
from mcapp.keys.secret import Secret
from mcapp.net.transport import explain_failure
from mcapp.scopes.guard import Guard
from mcapp.scopes.outline import outline
from mcapp.scopes.plan import Plan, Request
from mcapp.terminal.redact import mask

# The largest honest answers are lists of a hundred contacts or of all automations: some hundred kB. Ten requests may
# be under way at once, and all of them together must leave the process below 80 MB.
BODY_LIMIT = 2_000_000
_PIECE = 65_536
_DEPTH = 4
_MESSAGE_LIMIT = 200  # characters of a server's message that are kept


@dataclass(frozen=True, slots=True)
class ApiMessage:
    """What an answer's body says about the request: nothing else of it is kept, because the rest is personal data.

    `status` is its field of that name, `details` the texts under `details.messages`, `code` ManyChat's error number.
    `outline` is the form of the body, for a recording.
    """

    status: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    code: int | None = None
    outline: Any = field(default=None, compare=False)


_NO_MESSAGE = ApiMessage()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Without a `status` nothing did; with a `problem` the body cannot be used.

    `problem` is one of timeout, refused, dns, tls, reset, protocol, connect, too-large, encoding, html, content-type,
    not-json, redirect; `explanation` says it in a sentence. `retry_after` and `elapsed` are in seconds.
    """

    status: int | None = None
    problem: str = ""
    explanation: str = ""
    body: ApiMessage = _NO_MESSAGE
    retry_after: float | None = None
    elapsed: float = 0.0

    @property
    def message(self) -> str:
        """What the server said, in at most 200 characters."""
        details = "; ".join(detail for detail in self.body.details if detail)
        # Masked before it is cut: half a key is no longer found.
        text = mask(": ".join(part for part in (self.body.message, details) if part))
        return text if len(text) <= _MESSAGE_LIMIT else text[: _MESSAGE_LIMIT - 1] + "…"


_HEADERS = {"user-agent": f"mcapp/{__version__}", "accept": "application/json", "accept-encoding": "identity"}


class Client:
    """Sends the plan's requests through the guard, which hands them to `inner`. An async context manager.

    Over a transport alone, not over httpx.AsyncClient: that keeps cookies, follows redirects if asked to, reads the
    environment, and costs half a millisecond a request. `timeout` is in seconds, for one request.
    """

    def __init__(self, plan: Plan, secret: Secret, timeout: float, inner: httpx.AsyncBaseTransport) -> None:
        self._base_url = plan.target.base_url
        self._timeout = timeout
        self._guard = Guard(plan, secret, inner)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._guard.aclose()

    async def send(self, request: Request) -> Answer:
        """Send it once. Raises RefusedByGuard; every failure of the server or the network is an Answer."""
        started = monotonic()
        status: int | None = None
        body = {} if request.body is None else {"content-type": "application/json"}
        built = httpx.Request(
            request.method,
            self._base_url + request.url,
            headers={**_HEADERS, **body},
            content=request.body,
            extensions={"mcapp.request": request},
        )
        try:
            # One clock for the whole request: httpx's own timeouts, which are not set, restart with every byte.
            async with asyncio.timeout(self._timeout):
                response = await self._guard.handle_async_request(built)
                try:
                    status = response.status_code
                    return await self._answer(response, started)
                finally:
                    await response.aclose()
        except TimeoutError:
            when = "no answer" if status is None else "the answer did not end"
            return _failed("timeout", f"{when} within {self._timeout:g} s", status, started)
        except UnreadableError as error:
            return _failed(error.kind, error.message, status, started)
        except (httpx.HTTPError, OSError) as error:  # an OSError: what a proxy's transport may let through
            return _failed(*explain_failure(error, status), status, started)

    async def _answer(self, response: httpx.Response, started: float) -> Answer:
        status = response.status_code
        wait = _retry_after(response.headers.get("retry-after", "")) if status == 429 else None
        if 300 <= status < 400:
            try:
                # Not httpx.URL, which decodes international names and fails at invalid ones. Masked before it is split.
                host = urlsplit(mask(response.headers.get("location", ""))).hostname or ""
            except ValueError:
                host = ""
            where = f" to {host}" if host else ""
            return _failed("redirect", f"a redirect{where}, which is not followed", status, started)
        problem = explanation = ""
        message = _NO_MESSAGE
        try:
            raw = await read_body(response.aiter_raw(), response.headers.get("content-encoding", ""))
            message = parse_body(raw, response.headers.get("content-type", ""))
        except UnreadableError as error:
            problem, explanation = error.kind, error.message
        return Answer(status, problem, explanation, message, wait, monotonic() - started)


def _failed(problem: str, explanation: str, status: int | None, started: float) -> Answer:
    return Answer(status, problem, explanation, elapsed=monotonic() - started)


def _retry_after(value: str) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3: a number of seconds or a date); None if the header says nothing usable."""
    from datetime import UTC, datetime

    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value[:20])  # whatever is longer than a year is the same: the run ends
    try:
        moment = parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):  # what email.utils raises for a date that is not one
        return None


class UnreadableError(Exception):
    """A body that no verdict can rest on. `kind` is a word for programs, `message` a sentence for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


async def read_body(chunks: AsyncIterable[bytes], encoding: str, limit: int = BODY_LIMIT) -> bytes:
    """The decoded body. `chunks` are the bytes as they came over the wire, `encoding` the Content-Encoding header.

    Neither the bytes on the wire nor the decoded ones are kept beyond `limit`. Raises UnreadableError.
    """
    decode = _decoder(encoding.strip(), limit)
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise _too_large(limit)
        decode(chunk, body)
    return bytes(body)


def _decoder(encoding: str, limit: int) -> Any:
    if encoding.lower() in ("", "identity"):

        def plain(chunk: bytes, body: bytearray) -> None:
            body += chunk

        return plain
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableError("encoding", f"the answer has an encoding that was not asked for ({mask(encoding)[:40]})")
    # 32 + 15: zlib detects a gzip or a zlib header.
    unpack = zlib.decompressobj(32 + zlib.MAX_WBITS)

    def packed(chunk: bytes, body: bytearray) -> None:
        try:
            while chunk:
                body += unpack.decompress(chunk, _PIECE)
                if len(body) > limit:
                    raise _too_large(limit)
                chunk = unpack.unconsumed_tail
        except zlib.error:
            raise UnreadableError("encoding", "the answer's compressed data is damaged") from None

    return packed


def _too_large(limit: int) -> UnreadableError:
    return UnreadableError("too-large", f"the answer is larger than {limit // 1_000_000} MB; reading stopped there")


def parse_body(raw: bytes, content_type: str) -> ApiMessage:
    """What the body says. Raises UnreadableError unless it is a JSON object with a JSON content type."""
    kind = mask(content_type).partition(";")[0].strip().lower()
    start = raw[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")) or kind in ("text/html", "application/xhtml+xml"):
        raise UnreadableError("html", "a web page came instead of an API answer")
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnreadableError("content-type", f"the answer's content type is not JSON but {kind[:60] or 'missing'}")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableError("not-json", "the answer is invalid or incomplete JSON") from None
    if not isinstance(data, dict):
        raise UnreadableError("not-json", "the answer is JSON, but not an object")
    code = data.get("code")
    details = data.get("details")
    return ApiMessage(
        status=_text(data.get("status")),
        message=_text(data.get("message")),
        details=tuple(_texts(details.get("messages"), _DEPTH)) if isinstance(details, dict) else (),
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        outline=outline(data),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object, depth: int) -> list[str]:
    """Every text in `details.messages`: a list of {"message"}, or an object keyed by field (both are recorded)."""
    if isinstance(value, str):
        return [value]
    if depth == 0:
        return []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in list(inner)[:20] for text in _texts(item, depth - 1)]
