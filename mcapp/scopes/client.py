"""One request, one Answer. Time, size and decompression are bounded; what goes wrong becomes a word, not an error."""

import asyncio
import socket
import ssl
import sys
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from time import monotonic
from types import TracebackType

import httpx

from mcapp import __version__
from mcapp.keys.secret import Secret
from mcapp.net import proxies
from mcapp.net.target import Target, is_loopback
from mcapp.scopes.answer import Answer, Told
from mcapp.scopes.body import UnreadableError, read, told
from mcapp.scopes.guard import Guard
from mcapp.scopes.plan import Plan, Request


def spare_searches() -> None:
    """Let `import sniffio` fail at once where it is not installed; for a process that is mcapp's own.

    httpcore tries it at every lock, and each time Python searches its whole path: 6 of 170 ms of a quick run.
    """
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # documented: the import then fails


def transport(target: Target) -> httpx.AsyncBaseTransport:
    """What opens the sockets. TLS is verified; a proxy of the environment only ever sees a tunnel to an https host.

    Raises Undecided where proxy or certificates, as the environment names them, cannot be used.
    """
    # The environment's certificates are heeded, which companies with an authority of their own need. For plain http no
    # context is ever used, and this one trusts nobody.
    https = target.scheme == "https"
    context = proxies.trust().context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    proxy = proxies.proxy(target)
    if proxy is not None:
        proxy.check()
    # A proxy that is itself reached over TLS is verified too, by what the system, httpx and SSL_CERT_FILE trust.
    plain = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0, proxy=proxy and proxy.url)
    return _AtHome(plain, target) if target.kind == "loopback" and target.host == "localhost" else plain


class Elsewhere(httpx.ConnectError):
    """`localhost` is another machine's name here."""


class _AtHome(httpx.AsyncBaseTransport):
    """Asks the system what `localhost` is before anything goes there: a file can give that name to any machine."""

    def __init__(self, inner: httpx.AsyncBaseTransport, target: Target) -> None:
        self._inner = inner
        self._target = target
        self._found = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._found:
            loop = asyncio.get_running_loop()
            addresses = await loop.getaddrinfo(self._target.host, self._target.port, type=socket.SOCK_STREAM)
            if not all(is_loopback(str(address[0])) for *_, address in addresses):
                raise Elsewhere("localhost is not this machine", request=request)
            self._found = True
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


_HEADERS = {"user-agent": f"mcapp/{__version__}", "accept": "application/json", "accept-encoding": "identity"}


class Client:
    """Sends the plan's requests through the guard. An async context manager.

    Over a transport alone, not over httpx.AsyncClient: that keeps cookies, follows redirects if asked to, reads the
    environment, and costs half a millisecond a request.
    """

    def __init__(
        self, plan: Plan, secret: Secret, timeout: float, inner: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._base_url = plan.target.base_url
        self._timeout = timeout
        self._guard = Guard(plan, secret, inner or transport(plan.target))

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._guard.aclose()

    async def send(self, request: Request) -> Answer:
        """Send it once. Raises RefusedByGuard, and nothing else that concerns the server or the way to it."""
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
            # One clock for the whole: those of httpx, which are not set, start anew with every byte that drips in.
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
        except httpx.HTTPError as error:
            return _failed(*cause(error, status), status, started)
        except OSError as error:  # what a transport of the environment may let through
            return _failed(*cause(error, status), status, started)

    async def _answer(self, response: httpx.Response, started: float) -> Answer:
        status = response.status_code
        wait = _retry_after(response.headers.get("retry-after", "")) if status == 429 else None
        if 300 <= status < 400:
            place = httpx.URL(response.headers.get("location", "")).host if _is_url(response) else ""
            where = f" to {place}" if place else ""
            return _failed("redirect", f"a redirect{where}, which is not followed", status, started)
        problem = trouble = ""
        said = Told()
        try:
            raw = await read(response.aiter_raw(), response.headers.get("content-encoding", ""))
            said = told(raw, response.headers.get("content-type", ""))
        except UnreadableError as error:
            problem, trouble = error.kind, error.message
        return Answer(status, problem, trouble, said, wait, monotonic() - started)


def _is_url(response: httpx.Response) -> bool:
    try:
        httpx.URL(response.headers.get("location", ""))
    except httpx.InvalidURL:
        return False
    return True


def _failed(problem: str, trouble: str, status: int | None, started: float) -> Answer:
    return Answer(status, problem, trouble, elapsed=monotonic() - started)


def cause(error: BaseException, status: int | None) -> tuple[str, str]:
    """What went wrong, as (word, sentence). A library's own text is not repeated: it may quote what was sent."""
    if status is not None:
        return "reset", "the answer broke off"
    if isinstance(error, Elsewhere):
        return "connect", "the name localhost leads to another machine here: nothing was sent"
    chain = list(_chain(error))
    if any(isinstance(link, socket.gaierror) for link in chain):
        return "dns", "the name of the host could not be resolved"
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return "tls", "no trusted encrypted connection could be made (certificate, or a proxy in between)"
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "refused", "the connection was refused: nothing listens there"
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return "connect", "no connection could be made"
    if isinstance(error, httpx.ProtocolError):
        return "protocol", "the server broke off or did not speak HTTP"
    return "reset", "the connection broke off"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it came from; a failed connection holds one error for each address that was tried."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            waiting += link.exceptions


def _retry_after(value: str) -> float | None:
    """Seconds to wait (RFC 9110, 10.2.3: a number of seconds or a date); None if the header says nothing usable."""
    from datetime import UTC, datetime

    value = value.strip()
    if value.isdigit() and len(value) < 10:
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
