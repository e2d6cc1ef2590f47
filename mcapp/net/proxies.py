"""The proxy in front of an https host, and the certificates that are trusted, as the environment names them.

`make_transport` uses them and `mcapp doctor` reports them, so that the two cannot disagree. What cannot be used is an
error before anything is sent. The text of a proxy's URL is never repeated: it may hold a password.
"""

import os
import re
import ssl
import sys
from contextlib import suppress
from importlib.util import find_spec
from typing import NamedTuple

import httpx

from mcapp.errors import Undecided, in_words
from mcapp.net.target import DIRECT, Route, Target

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
        if self.source == CERTIFICATE_FOLDER and not self.hashed():
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
            if log and not _writable(log):
                raise _unusable(f"{KEY_LOG} names {log}, which cannot be written", f"unset {KEY_LOG}") from None
            if self.source:
                raise _unusable(f"{named}, which cannot be read: {in_words(error)}", unset) from None
            raise

    @property
    def key_log(self) -> str:
        """The file that OpenSSL logs the keys of its sessions to; truststore lets it log none."""
        system = not self.source and sys.platform in ("win32", "darwin")
        return "" if system else os.environ.get(KEY_LOG, "")

    def hashed(self) -> int:
        """How many files in the folders have a name that OpenSSL looks for."""
        found = 0
        for folder in self.path.split(os.pathsep):
            with suppress(OSError):
                found += sum(bool(_HASHED.fullmatch(name)) for name in os.listdir(folder or "."))  # noqa: PTH208  # names alone
        return found


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


def _writable(path: str) -> bool:
    try:
        with open(path, "ab"):  # noqa: PTH123  # as OpenSSL does, which has just tried
            return True
    except OSError:
        return False


def _unusable(message: str, hint: str) -> Undecided:
    return Undecided(message, hint=hint, code="connection")
