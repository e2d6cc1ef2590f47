"""Sends one request over a connection of its own. What goes wrong becomes a word in the Answer, not an exception.

No redirects, no cookies, and no proxy for this machine. Time and size are bounded.
"""

import asyncio
from time import monotonic

import httpx

from mcapp import __version__
from mcapp.handover.outcome import BODY_LIMIT, Answer
from mcapp.handover.render import Prepared
from mcapp.net.transport import explain_failure, make_transport, run_blocking


def send(prepared: Prepared, timeout: float) -> Answer:
    """Send it once, within `timeout` seconds from the DNS query to the last byte.

    Raises Undecided where the environment's proxy or certificates cannot be used, and no other network error.
    """
    return run_blocking(_send(prepared, timeout, make_transport(prepared.destination.target)))


async def _send(prepared: Prepared, timeout: float, inner: httpx.AsyncBaseTransport) -> Answer:
    answer = Answer()
    started = monotonic()
    base_url = prepared.destination.target.base_url
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in prepared.headers]
    present = {name.lower() for name, _ in headers}
    # What every client sends, unless the block has it.
    usual = ((b"User-Agent", f"mcapp/{__version__}".encode()), (b"Accept", b"*/*"))
    headers += [(name, value) for name, value in usual if name.lower() not in present]
    request = httpx.Request(
        prepared.method,
        base_url,
        headers=[(b"Host", base_url.partition("://")[2].encode("ascii")), *headers],
        content=prepared.body,
        # The exact path: httpx would normalize it.
        extensions={"target": prepared.path.encode("ascii")},
    )
    try:
        async with inner, asyncio.timeout(timeout):
            response = await inner.handle_async_request(request)
            try:
                received = tuple((_text(name), _text(value)) for name, value in response.headers.raw)
                answer = Answer(response.status_code, response.reason_phrase, received)
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > BODY_LIMIT:
                        break
                answer = answer._replace(body=bytes(body[:BODY_LIMIT]), whole=len(body) <= BODY_LIMIT)
            finally:
                await response.aclose()
    except TimeoutError:
        when = "no answer came" if answer.status is None else "the answer did not end"
        answer = answer._replace(problem="timeout", trouble=f"{when} within {timeout:g} s")
    except (httpx.HTTPError, OSError) as error:
        problem, trouble = explain_failure(error, answer.status)
        answer = answer._replace(problem=problem, trouble=trouble)
    return answer._replace(elapsed=monotonic() - started)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
