"""One request and its answer, over a connection of its own. What goes wrong becomes a word, not an error.

No redirect is followed, no cookie kept, and a call to this machine passes no proxy. Time and size are bounded.
"""

import asyncio
from time import monotonic

import httpx

from mcapp import __version__
from mcapp.handover.answer import BODY_LIMIT, Answer
from mcapp.handover.render import Prepared
from mcapp.net.transport import explain_failure, make_transport, run_blocking


def send(prepared: Prepared, timeout: float) -> Answer:
    """Send it once, within `timeout` seconds from the first look-up to the last byte.

    Raises Undecided where the environment allows no connection at all, and nothing else that concerns the network.
    """
    return run_blocking(_send(prepared, timeout, make_transport(prepared.place.target)))


async def _send(prepared: Prepared, timeout: float, inner: httpx.AsyncBaseTransport) -> Answer:
    answer = Answer()
    started = monotonic()
    request = httpx.Request(
        prepared.method,
        prepared.place.target.base_url,
        headers=_headers(prepared),
        content=prepared.body,
        # The path exactly as it was made: httpx would encode and shorten it in its own way.
        extensions={"target": prepared.path.encode("ascii")},
    )
    try:
        async with inner, asyncio.timeout(timeout):
            response = await inner.handle_async_request(request)
            try:
                headers = tuple((_text(name), _text(value)) for name, value in response.headers.raw)
                answer = Answer(response.status_code, response.reason_phrase, headers)
                answer = await _read(response, answer)
            finally:
                await response.aclose()
    except TimeoutError:
        when = "no answer came" if answer.status is None else "the answer did not end"
        answer = answer._replace(problem="timeout", trouble=f"{when} within {timeout:g} s")
    except (httpx.HTTPError, OSError) as error:
        problem, trouble = explain_failure(error, answer.status)
        answer = answer._replace(problem=problem, trouble=trouble)
    return answer._replace(elapsed=monotonic() - started)


async def _read(response: httpx.Response, answer: Answer) -> Answer:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > BODY_LIMIT:
            return answer._replace(body=bytes(body[:BODY_LIMIT]), whole=False)
    return answer._replace(body=bytes(body))


def _headers(prepared: Prepared) -> list[tuple[bytes, bytes]]:
    """The block's own, and what every client sends, unless the block says it."""
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in prepared.headers]
    said = {name.lower() for name, _ in headers}
    for name, value in ((b"User-Agent", f"mcapp/{__version__}".encode()), (b"Accept", b"*/*")):
        if name.lower() not in said:
            headers.append((name, value))
    return [(b"Host", prepared.place.netloc.encode("ascii")), *headers]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
