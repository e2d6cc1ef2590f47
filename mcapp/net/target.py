"""Which hosts a key may be sent to: ManyChat's, this machine, or one that the user named twice on the command line.

Neither configuration nor environment can name a host. A proxy from the environment only sees an encrypted tunnel to an
https host, and never a call to this machine.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from mcapp.errors import UsageProblem

MANYCHAT = "https://api.manychat.com"

# A host can be spelt in several ways; what is compared here must be what is connected to.
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")

# ManyChat documents 10 a second for most calls of an account; more could take its own automations down with it.
MANYCHAT_RATE = 10.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where a run goes. Made by `choose` alone, which applies the rule. `base_url` has no path and no final slash."""

    base_url: str
    scheme: str
    host: str
    port: int
    kind: str  # "manychat", "loopback" or "named"

    @property
    def history_name(self) -> str:
        """The name under which results are remembered: this machine's ports change from run to run."""
        return "loopback" if self.kind == "loopback" else self.base_url


class Route(NamedTuple):
    """What the environment puts on the way to a target; empty is mcapp's default. Made by `transport.route`.

    `proxy` is its URL without credentials, `authorities` the file or folder of those that are trusted in place of the
    usual ones, `key_log` the file that makes recorded traffic readable; each with its variable.
    """

    proxy: str = ""
    authorities: str = ""
    key_log: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence for each."""
        others = f"servers are verified by the authorities in {self.authorities}, not the usual ones"
        if self.proxy:
            others += ": anyone who controls both can read what is sent"
        said = {
            self.proxy: f"it goes through the proxy {self.proxy}",
            self.authorities: others,
            self.key_log: f"with {self.key_log}, recorded traffic can be decrypted",
        }
        return tuple(sentence for name, sentence in said.items() if name)

    @property
    def data(self) -> dict[str, str | None]:
        """For a report."""
        return {name: value or None for name, value in self._asdict().items()}


DIRECT = Route()


def choose(base_url: str = MANYCHAT, allow_host: str | None = None) -> Target:
    """The target that `--base-url` and `--allow-host` name together. Raises UsageProblem for one that gets no key."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        raise _wrong("this is not a URL") from None
    host = (parts.hostname or "").rstrip(".")
    ignored = parts.netloc.partition("]")[2].strip(":0123456789")  # by Python's parser, after an address in brackets
    if parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or ignored:
        raise _wrong("the URL names no host", "it begins with scheme and host: http://127.0.0.1:8080")
    if parts.path not in ("", "/") or parts.query or parts.fragment or not base_url.isprintable():
        raise _wrong("a base URL must end after host and port", f"write it as {parts.scheme}://{parts.netloc}")
    if not _HOST.fullmatch(host) or ("xn--" in host and not _ascii(host)):
        ascii_name = "" if host.isascii() else _ascii(host)
        hint = f"write an international name in its ASCII form: {ascii_name}" if ascii_name else ""
        raise _wrong("the URL does not hold the name or address of a single host", hint)
    if parts.scheme == "https" and host == "api.manychat.com" and port in (None, 443):
        kind = "manychat"
    elif is_loopback(host):
        kind = "loopback"
    elif allow_host is not None and allow_host.lower().rstrip(".").strip("[]") == host:
        kind = "named"
    else:
        raise UsageProblem(
            f"the key is not sent to {host}",
            hint=f"it goes to ManyChat or to this machine; to send it to {host} anyway, add\n--allow-host {host}",
            code="host",
        )
    written = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{written}" + ("" if port is None else f":{port}")
    default = 443 if parts.scheme == "https" else 80
    return Target(origin, parts.scheme, host, default if port is None else port, kind)


def _wrong(message: str, hint: str = "") -> UsageProblem:
    return UsageProblem(message, hint=hint, code="base-url")


def _ascii(host: str) -> str:
    """The form of an international name that a request is made for; empty where there is none, as for `xn--a`."""
    import httpx  # 60 ms, and only for such a name

    try:
        url = httpx.URL(f"https://{host}/")
        return url.raw_host.decode() if url.host else ""
    except (httpx.InvalidURL, ValueError):
        return ""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by its address or by the name that every system keeps for it (RFC 6761)."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
