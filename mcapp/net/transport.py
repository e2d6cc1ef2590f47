"""What opens sockets to a target, what a failed connection is called, and an event loop to run in."""

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, TypeVar

import httpx

from mcapp.errors import Undecided
from mcapp.net import proxies
from mcapp.net.target import Target, is_loopback

Result = TypeVar("Result")


def make_transport(target: Target) -> httpx.AsyncBaseTransport:
    """The transport to `target`. TLS is verified; a proxy from the environment only sees a tunnel to an https host.

    Raises Undecided where the proxy or the certificates that the environment names cannot be used, or where no
    connection can be prepared for another reason.
    """
    try:
        # The environment's certificates count: companies with an authority of their own need them. Plain http never
        # uses a context, and this one trusts nobody.
        https = target.scheme == "https"
        context = proxies.trust().context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        proxy = proxies.proxy(target)
        if proxy is not None:
            proxy.check()
        # A proxy that is itself reached over TLS is verified too, by what the system, httpx and SSL_CERT_FILE trust.
        plain = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0, proxy=proxy and proxy.url)
    except (OSError, ValueError, ImportError) as error:
        raise Undecided(
            f"no connection can be prepared: {type(error).__name__}",
            hint="mcapp doctor checks proxy and certificates",
            code="connection",
        ) from None
    return _LocalhostCheck(plain, target) if target.kind == "loopback" and target.host == "localhost" else plain


class _ForeignLocalhostError(httpx.ConnectError):
    """`localhost` is the name of another machine here."""


class _LocalhostCheck(httpx.AsyncBaseTransport):
    """Resolves `localhost` once and connects to what it has checked: a hosts file can give that name to any machine."""

    def __init__(self, inner: httpx.AsyncBaseTransport, target: Target) -> None:
        self._inner = inner
        self._target = target
        self._addresses: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self._addresses:
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(self._target.host, self._target.port, type=socket.SOCK_STREAM)
            addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
            if not all(map(is_loopback, addresses)):
                raise _ForeignLocalhostError("localhost is not this machine", request=request)
            self._addresses = addresses
        for address in self._addresses:
            try:
                response = await self._inner.handle_async_request(_to(address, request))
            except httpx.ConnectError:
                if address == self._addresses[-1]:
                    raise
            else:
                self._addresses = [address]
                return response
        raise AssertionError  # the last address has returned or raised

    async def aclose(self) -> None:
        await self._inner.aclose()


def _to(address: str, request: httpx.Request) -> httpx.Request:
    """The request to `address`; the Host header and the name in the certificate stay."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def explain_failure(error: BaseException, status: int | None) -> tuple[str, str]:
    """What went wrong on the way, as (word, sentence); `status` is the answer's, where its head had arrived.

    A library's own text is not repeated: it may quote what was sent.
    """
    if status is not None:
        return "reset", "the connection closed in the middle of the answer"
    if isinstance(error, _ForeignLocalhostError):
        return "connect", "the name localhost points to another machine here: nothing was sent"
    chain = list(_chain(error))
    if any(isinstance(link, socket.gaierror) for link in chain):
        return "dns", "the host name could not be resolved"
    if any(isinstance(link, ssl.SSLError) for link in chain):
        return "tls", "no trusted encrypted connection could be made (certificate, or a proxy in between)"
    if any(isinstance(link, ConnectionRefusedError) for link in chain):
        return "refused", "the connection was refused: nothing listens there"
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return "connect", "no connection could be made"
    if isinstance(error, httpx.ProtocolError):
        return "protocol", "the server closed the connection or did not speak HTTP"
    return "reset", "the connection was closed"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes; a failed connection holds one error for each address that was tried."""
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


def skip_sniffio() -> None:
    """Make `import sniffio` fail at once where it is not installed. Only for a process that is mcapp's own.

    httpcore tries the import at every lock, and each time Python searches its whole path: 6 of 170 ms of a quick run.
    """
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # documented: the import then fails


class _OwnThreads(ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own: the system's resolver of names knows no deadline."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it in a thread that dies with the process."""
        future: Future[Any] = Future()

        def work() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call(*args, **kwargs))
                except BaseException as error:  # noqa: BLE001  # the waiter gets it from the future
                    future.set_exception(error)

        threading.Thread(target=work, daemon=True, name="mcapp-network").start()
        return future


def run_blocking(work: Coroutine[Any, Any, Result]) -> Result:
    """Run `work` to its end, also where an event loop runs already (a notebook): then in a thread of its own."""

    def here() -> Result:
        with asyncio.Runner() as runner:
            runner.get_loop().set_default_executor(_OwnThreads())
            return runner.run(work)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return here()
    result: Result = _OwnThreads().submit(here).result()
    return result
