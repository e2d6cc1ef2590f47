"""One request, one Answer. Time, size and decompression are bounded; a failure becomes a word, not an exception."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from time import monotonic
from urllib.parse import urlsplit

import httpx

from mcapp import __version__
from mcapp.keys.secret import Secret
from mcapp.net.transport import explain_failure
from mcapp.scopes.classify import Answer, ApiMessage
from mcapp.scopes.guard import Guard
from mcapp.scopes.plan import Plan, Request
from mcapp.scopes.recording import Exchange, exchange, outline
from mcapp.terminal.redact import mask

# The largest honest answers are lists of a hundred contacts or of all automations: some hundred kB. Ten requests may
# be under way at once, and all of them together must leave the process below 80 MB.
BODY_LIMIT = 2_000_000
_PIECE = 65_536
_DEPTH = 4


_HEADERS = {"user-agent": f"mcapp/{__version__}", "accept": "application/json", "accept-encoding": "identity"}


class Client:
    """Sends the plan's requests through the guard, which hands them to `inner`.

    Over a transport alone, not over httpx.AsyncClient: that keeps cookies, follows redirects if asked to, reads the
    environment, and costs half a millisecond a request. `timeout` is in seconds, for one request. `record` gets what a
    recording keeps of each answer.
    """

    def __init__(
        self,
        plan: Plan,
        secret: Secret,
        timeout: float,
        inner: httpx.AsyncBaseTransport,
        record: list[Exchange] | None = None,
    ) -> None:
        self._base_url = plan.target.base_url
        self._timeout = timeout
        self._guard = Guard(plan, secret, inner)
        self._record = record

    async def send(self, request: Request) -> Answer:
        """Send it once. Raises RefusedByGuard; every failure of the server or the network is an Answer."""
        started = monotonic()
        answer = replace(await self._send(request), elapsed=monotonic() - started)
        if self._record is not None:
            self._record.append(exchange(request, answer))
        return answer

    async def _send(self, request: Request) -> Answer:
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
                    return await _answer(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            when = "no answer" if status is None else "the answer did not end"
            return Answer(status, "timeout", f"{when} within {self._timeout:g} s")
        except (httpx.HTTPError, OSError) as error:  # an OSError: what a proxy's transport may let through
            return Answer(status, *explain_failure(error, status))


async def _answer(response: httpx.Response) -> Answer:
    status = response.status_code
    if 300 <= status < 400:
        try:
            # Not httpx.URL, which decodes international names and fails at invalid ones. Masked before it is split.
            host = urlsplit(mask(response.headers.get("location", ""))).hostname or ""
        except ValueError:
            host = ""
        where = f" to {host}" if host else ""
        return Answer(status, "redirect", f"a redirect{where}, which is not followed")
    wait = _retry_after(response.headers.get("retry-after", "")) if status == 429 else None
    try:
        raw = await read_body(response.aiter_raw(), response.headers.get("content-encoding", ""))
        message = parse_body(raw, response.headers.get("content-type", ""))
    except UnreadableError as error:
        return Answer(status, error.kind, error.message, retry_after=wait)
    return Answer(status, body=message, retry_after=wait)


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
    kind = encoding.strip().lower()
    if kind not in ("", "identity", "gzip", "x-gzip", "deflate"):
        shown = mask(encoding.strip())[:40]
        raise UnreadableError("encoding", f"the answer has an encoding that was not asked for ({shown})")
    # 32 + 15: zlib detects a gzip or a zlib header.
    unpack = None if kind in ("", "identity") else zlib.decompressobj(32 + zlib.MAX_WBITS)
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        rest = chunk
        while rest and max(received, len(body)) <= limit:
            try:
                body += rest if unpack is None else unpack.decompress(rest, _PIECE)
            except zlib.error:
                raise UnreadableError("encoding", "the answer's compressed data is damaged") from None
            rest = b"" if unpack is None else unpack.unconsumed_tail
        if max(received, len(body)) > limit:
            large = f"the answer is larger than {limit // 1_000_000} MB; reading stopped there"
            raise UnreadableError("too-large", large)
    return bytes(body)


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
