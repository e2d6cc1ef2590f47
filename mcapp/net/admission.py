"""Which requests a server on this machine accepts, by their sender and the length of their body.

A web page must not be able to deliver a key, or to read what the local ManyChat was asked. A page of another site may
post to 127.0.0.1; then the request has its `Origin` (Fetch standard, 3.1), and in newer browsers `Sec-Fetch-Site`. A
page whose name was rebound to 127.0.0.1 has its own name in `Host`. ManyChat's call comes from a server, which sends
neither of the first two (I).
"""

import ipaddress
import re
from collections.abc import Callable
from email import errors
from email.message import Message
from urllib.parse import urlsplit

from mcapp.net.target import is_loopback

LARGEST = 1_000_000  # bytes of a body
# Python's parser takes the rest for the body after a line that is not a header, and misses an `Origin` there.
_DAMAGED = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)

_LENGTH = re.compile(r"[0-9]{1,18}")
_HOST = re.compile(r"\s*(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?\s*")


class Rejected(Exception):  # an answer rather than an error
    """The request is not accepted: the status of the answer, the reason, and what to do about it."""

    def __init__(self, status: int, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.hint = hint


def check_sender(headers: Message, target: str, admits: Callable[[str], bool]) -> None:
    """Raise Rejected unless the request names a host that `admits`, and comes from no web page of another site.

    `target` is that of the request's first line; an absolute one names a host too (RFC 9112, 3.2.2).
    """
    if any(isinstance(defect, _DAMAGED) for defect in headers.defects):
        raise Rejected(400, "a line among the headers is not a header")
    hosts = headers.get_all("Host", [])
    if len(hosts) != 1:
        raise Rejected(400, "a request must have exactly one Host header")
    names = [hosts[0]]
    if "://" in target.partition("?")[0]:
        names.append(urlsplit(target).netloc)
    for name in names:
        if not admits(host_of(name)):
            raise Rejected(
                403,
                f"the Host header names another host: {name}",
                "let the tunnel rewrite it: ngrok http --host-header=rewrite PORT",
            )
    own = f"http://{hosts[0].strip()}".lower()
    # The request for an image has no `Origin`, and in older browsers only a `Referer`.
    pages = [*headers.get_all("Origin", []), *(_origin(page) for page in headers.get_all("Referer", []))]
    for origin in pages:
        if origin.strip().lower() != own:
            of = f" of {origin.strip()}" if origin.strip().lower() not in ("", "null") else ""
            raise Rejected(403, f"it comes from a web page{of}")
    for site in headers.get_all("Sec-Fetch-Site", []):
        if site.strip().lower() not in ("none", "same-origin"):
            raise Rejected(403, "it comes from a web page of another site")


def admits(host: str, named: str, bound: str) -> bool:
    """Whether the Host header may name `host`, where --host was `named` and the server's address is `bound`.

    It may name this machine, or the name in --host; where other machines can connect, any IP address too: unlike a
    name, it cannot be rebound.
    """
    if is_loopback(host) or host == named.lower().rstrip("."):
        return True
    # The bound address counts, not the --host option: a name, or `127.1`, may be loopback too.
    if is_loopback(bound):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _origin(page: str) -> str:
    parts = urlsplit(page.strip())
    return f"{parts.scheme}://{parts.netloc}"


def content_length(headers: Message, method: str) -> int:
    """The length of the body in bytes. Raises Rejected where it is missing, ambiguous or too large."""
    if headers.get("Transfer-Encoding") is not None:
        raise Rejected(411, "chunked bodies are not accepted", "send the body with a Content-Length")
    lengths = {length.strip() for length in headers.get_all("Content-Length", [])}
    if not lengths:
        if method in ("POST", "PUT", "PATCH"):
            raise Rejected(411, f"{method} requires a Content-Length")
        return 0
    length = lengths.pop()
    if lengths or not _LENGTH.fullmatch(length):
        raise Rejected(400, "the Content-Length is not a number, or there are two")
    if int(length) > LARGEST:
        raise Rejected(413, f"the body has {int(length):,} bytes; at most {LARGEST:,} are accepted")
    return int(length)


def host_of(text: str) -> str:
    """The name or address in a Host header, without port and brackets, in lower case; "" if it is neither."""
    match = _HOST.fullmatch(text)
    return (match[1] or match[2]).lower().rstrip(".") if match else ""
