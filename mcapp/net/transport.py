"""What opens sockets to a target, through the proxy and with the certificates that the environment names.

`mcapp doctor` reports the same two. What cannot be used is an error before anything is sent. The text of a proxy's URL
is never repeated: it may hold a password. And what a failed connection is called, and an event loop to run in.
"""

import asyncio
import os
import re
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx

from mcapp.errors import Undecided, in_words
from mcapp.net.target import DIRECT, Route, Target, is_loopback

Result = TypeVar("Result")

SCHEMES = ("http", "https", "socks5", "socks5h")
CERTIFICATE_FILE, CERTIFICATE_FOLDER = "SSL_CERT_FILE", "SSL_CERT_DIR"
KEY_LOG = "SSLKEYLOGFILE"

_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")  # how OpenSSL finds an authority's certificate in a folder


class Proxy(NamedTuple):
    """A proxy, and where it is named: a variable, or the system's settings. `url` may hold a password."""

    source: str
    url: str

    @property
    def shown(self) -> str:
        """Scheme, host and port, and that there are credentials; nothing of what they are."""
        url = httpx.URL(self.url)
        host = f"[{url.host}]" if ":" in url.host else url.host
        port = "" if url.port is None else f":{url.port}"
        return f"{url.scheme}://{host}{port}{' with credentials' if url.userinfo else ''}"

    def check(self) -> None:
        """Raise Undecided if no connection can go through it."""
        try:
            url = httpx.Proxy(self.url).url
            usable = re.fullmatch(r"[\w.:-]+", url.host) and 0 < (url.port or 1) < 65536
        except (ValueError, httpx.InvalidURL):
            usable = None
        if not usable:
            hint = f"write it as {self.source}=http://HOST:PORT; mcapp knows {', '.join(SCHEMES)}"
            raise _unusable(f"{self.source} is not the URL of a proxy that mcapp can use", hint)
        if url.scheme.startswith("socks") and find_spec("socksio") is None:
            hint = "install it beside mcapp: python -m pip install socksio"
            raise _unusable(f"{self.source} names a SOCKS proxy, which needs the package socksio", hint)


class Trust(NamedTuple):
    """Where the trusted authorities' certificates come from: the variable and its value.

    Both are empty for what Windows or macOS trusts, and elsewhere for httpx's bundle.
    """

    source: str = ""
    path: str = ""

    def context(self) -> ssl.SSLContext:
        """What verifies servers. Raises Undecided if it would trust no certificate at all."""
        named, unset = f"{self.source} names {self.path}", f"name another, or unset {self.source}"
        folders = [Path(folder) for folder in self.path.split(os.pathsep)]
        names = (path.name for folder in folders for path in folder.glob("*"))
        if self.source == CERTIFICATE_FOLDER and not any(map(_HASHED.fullmatch, names)):
            rehash = f"run openssl rehash FOLDER, or unset {self.source}"
            raise _unusable(f"{named}, where no certificate has the name that OpenSSL looks for", rehash)
        # A FIFO would block for ever.
        if self.source == CERTIFICATE_FILE and not os.path.isfile(self.path):  # noqa: PTH113  # never raises
            raise _unusable(f"{named}, which is not a readable file", unset)
        try:
            if self.source == CERTIFICATE_FOLDER:
                return ssl.create_default_context(capath=self.path)
            if self.source == CERTIFICATE_FILE:
                return ssl.create_default_context(cafile=self.path)
            if sys.platform == "win32" or sys.platform == "darwin":  # a company's own authorities included
                import truststore

                return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            return httpx.create_ssl_context(trust_env=False)
        except ssl.SSLError:
            if self.source:
                raise _unusable(f"{named}, which holds no certificate in PEM form", unset) from None
            raise
        except OSError as error:
            log = os.environ.get(KEY_LOG)
            if log and error.filename == log:
                raise _unusable(f"{KEY_LOG} names {log}, which cannot be written", f"unset {KEY_LOG}") from None
            if self.source:
                raise _unusable(f"{named}, which cannot be read: {in_words(error)}", unset) from None
            raise

    @property
    def key_log(self) -> str:
        """The file that OpenSSL logs the keys of its sessions to; truststore lets it log none."""
        system = not self.source and sys.platform in ("win32", "darwin")
        return "" if system else os.environ.get(KEY_LOG, "")


def proxy(target: Target) -> Proxy | None:
    """The proxy on the way to `target`; None where there is none, always for this machine and for plain http."""
    if target.scheme != "https" or target.kind == "loopback":
        return None
    from urllib.request import getproxies, proxy_bypass

    if proxy_bypass(target.host):
        return None
    proxies = getproxies()
    for scheme in ("https", "all"):
        if proxies.get(scheme):
            name = f"{scheme}_proxy"
            set_so = [variable for variable in os.environ if variable.lower() == name and os.environ[variable]]
            # Lower case wins; without a variable it comes from the system (macOS, Windows).
            source = max(set_so, default="the system's settings")
            return Proxy(source, proxies[scheme])
    return None


def trust() -> Trust:
    """Whose certificates count: those in SSL_CERT_FILE, else in SSL_CERT_DIR, else the system's or httpx's."""
    for name in (CERTIFICATE_FILE, CERTIFICATE_FOLDER):
        if os.environ.get(name):
            return Trust(name, os.environ[name])
    return Trust()


def route(target: Target) -> Route:
    """What the environment puts on the way to `target`. Raises Undecided for a proxy that cannot be used."""
    if target.scheme != "https":
        return DIRECT
    through, trusted = proxy(target), trust()
    log = trusted.key_log
    if through is not None:
        through.check()
    return Route(
        f"{through.shown} ({through.source})" if through else "",
        f"{trusted.path} ({trusted.source})" if trusted.source else "",
        f"{log} ({KEY_LOG})" if log else "",
    )


def _unusable(message: str, hint: str) -> Undecided:
    return Undecided(message, hint=hint, code="connection")


def make_transport(target: Target) -> httpx.AsyncBaseTransport:
    """The transport to `target`. TLS is verified; a proxy from the environment only sees a tunnel to an https host.

    Raises Undecided where the proxy or the certificates that the environment names cannot be used, or where no
    connection can be prepared for another reason.
    """
    try:
        # The environment's certificates count: companies with an authority of their own need them. Plain http never
        # uses a context, and this one trusts nobody.
        https = target.scheme == "https"
        context = trust().context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        through = proxy(target)
        if through is not None:
            through.check()
        # A proxy that is itself reached over TLS is verified too, by what the system, httpx and SSL_CERT_FILE trust.
        plain = httpx.AsyncHTTPTransport(verify=context, trust_env=False, retries=0, proxy=through and through.url)
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
            there = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # the Host header and the name in the certificate stay
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
            try:
                response = await self._inner.handle_async_request(there)
            except httpx.ConnectError:
                if address == self._addresses[-1]:
                    raise
            else:
                self._addresses = [address]
                return response
        raise AssertionError  # the last address has returned or raised

    async def aclose(self) -> None:
        await self._inner.aclose()


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
    waiting: list[BaseException | None] = [error]
    while waiting:
        if link := waiting.pop():
            yield link
            waiting.append(link.__cause__ or link.__context__)
            waiting += link.exceptions if isinstance(link, BaseExceptionGroup) else ()


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
