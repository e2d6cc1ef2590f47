"""A small HTTP server on this machine: what `emulate` and `listen` have in common. One thread for each connection.

A web page must not be able to deliver a key, or to read what the local ManyChat was asked. A page of another site may
post to 127.0.0.1; then the request has its `Origin` (Fetch standard, 3.1), and in newer browsers `Sec-Fetch-Site`. A
page whose name was rebound to 127.0.0.1 has its own name in `Host`. ManyChat's call comes from a server, which sends
neither of the first two (I).
"""

import ipaddress
import os
import re
import socket
import sys
import threading
import time
from contextlib import suppress
from email import errors
from email.message import Message
from http.client import responses
from http.server import BaseHTTPRequestHandler
from io import BufferedReader, BytesIO, RawIOBase
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

from mcapp.net.target import is_loopback

Owner = TypeVar("Owner")

LOOPBACK = "127.0.0.1"
HEAD = 65_536  # bytes of a request's first line and headers; browsers and servers accept between 8 and 64 kB
TOO_LARGE = f"its head is too large: at most {HEAD:,} bytes and 100 lines are accepted"
LARGEST = 1_000_000  # bytes of a body
_STOP_TIMEOUT = 2.0  # seconds that `stop` waits for the connections' threads
# Strictly: a parser of URLs ignores what follows a slash, or an address in brackets.
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::[0-9]{0,5})?")
# Python's parser takes the rest for the body after a line that is not a header, and misses an `Origin` there.
_DAMAGED = (
    errors.FirstHeaderLineIsContinuationDefect,
    errors.InvalidHeaderDefect,
    errors.MisplacedEnvelopeHeaderDefect,
    errors.MissingHeaderBodySeparatorDefect,
)


class Reply(NamedTuple):
    """One answer: status, body, headers beside Content-Length and Connection."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


def encode(reply: Reply, *, keep_alive: bool = True) -> tuple[bytes, bytes]:
    """Head and body, as they go over the wire."""
    headers = [*reply.headers]
    if reply.status != 204:  # which has no length (RFC 9110, 8.6)
        headers.append(("Content-Length", str(len(reply.body))))
    headers.append(("Connection", "keep-alive" if keep_alive else "close"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    head = f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}\r\n{lines}\r\n"
    return head.encode("latin-1"), reply.body


class Server(ThreadingMixIn, TCPServer, Generic[Owner]):
    """Listens and answers as soon as it is made, in a thread of its own; `stop` ends every connection.

    `owner` is whom it serves, for the handlers. `stopping` is set when it is to end, and a handler that waits waits for
    that. Raises OSError if the address is not available.
    """

    daemon_threads = True
    # On POSIX this frees a port that was just closed; on Windows it would take one that another program listens on.
    allow_reuse_address = os.name == "posix"
    request_queue_size = 256
    most_connections = 64  # at a time; further ones wait in the system's queue

    def server_bind(self) -> None:
        """On Windows another program could take the same port, and the keys that arrive there."""
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        super().server_bind()

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], owner: Owner) -> None:
        self.named = address[0]
        self.owner = owner
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)
        # By default it checks every half second whether it should stop: too long for a fixture.
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True, name="mcapp-server")
        self._thread.start()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        host, port = self.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{name}:{port}"

    def stop(self) -> None:
        """End the waits in handlers, then the connections and their threads, then the port. May be called twice.

        On Windows a thread may go on waiting for its client: it is not waited for, and ends with the process.
        """
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        for connection in list(self.connections):
            with suppress(OSError):  # the other side was faster
                connection.shutdown(socket.SHUT_RDWR)
        until = time.monotonic() + _STOP_TIMEOUT
        while self.connections and time.monotonic() < until:
            time.sleep(0.002)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Wait until a connection is free, and count it before its thread begins, so that `stop` misses none."""
        while len(self.connections) >= self.most_connections and not self.stopping.wait(0.02):
            pass
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over, in whatever way."""
        super().shutdown_request(request)
        self.connections.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that disconnects is normal for a server that is used to try faults."""


class Deadline(RawIOBase):
    """A socket's bytes until a deadline, however slowly they come; `silent` until the first."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._connection = connection
        self.restart(timeout)

    def restart(self, timeout: float) -> None:
        """Set the deadline, in seconds from now."""
        self.silent = True
        self._until = time.monotonic() + timeout

    def readable(self) -> bool:
        """As BufferedReader requires."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into `buffer` as RawIOBase does. Raises TimeoutError at the deadline."""
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        self._connection.settimeout(rest)
        number = self._connection.recv_into(buffer)
        self.silent = self.silent and not number
        return number


class Handler(BaseHTTPRequestHandler):
    """Reads a request of which time and head are bounded: `time_limit` seconds, HEAD bytes."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    time_limit = 10.0
    raw_requestline: bytes
    server: Server[Any]

    def setup(self) -> None:
        """As in the parent, with a reader that has a deadline."""
        super().setup()
        self.rfile.close()
        self.sender = Deadline(self.connection, self.time_limit)
        self.rfile = BufferedReader(self.sender)

    def read_head(self) -> bool:
        """First line and headers, of a sender that `check_sender` admits; False where there is nothing to answer.

        Raises Rejected.
        """
        lines: list[bytes] = []
        rest = HEAD
        while not lines or (b" HTTP/" in lines[0] and lines[-1].strip(b"\r\n")):  # else it is not HTTP
            lines.append(self.rfile.readline(rest + 1))
            rest -= len(lines[-1])
            if rest < 0:
                raise Rejected(414 if len(lines) == 1 else 431, TOO_LARGE)
        self.raw_requestline = lines[0]
        body, self.rfile = self.rfile, BytesIO(b"".join(lines[1:]))
        try:
            if not lines[0] or not self.parse_request():  # `send_error` has answered
                return False
        finally:
            self.rfile = body
        check_sender(self.headers, self.path, self.server)
        return True

    def linger(self) -> None:
        """Discard what the client still sends, for a while: closing at once would reset it before it has the answer."""
        self.connection.shutdown(socket.SHUT_WR)
        until = time.monotonic() + min(self.time_limit, 3.0)
        while (rest := until - time.monotonic()) > 0:
            self.connection.settimeout(rest)
            if not self.connection.recv(65_536):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        """Log nothing."""


class Rejected(Exception):  # an answer rather than an error
    """The request is not accepted: the status of the answer, the reason, and what to do about it."""

    def __init__(self, status: int, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.hint = hint


def check_sender(headers: Message, target: str, server: Server[Any]) -> None:
    """Raise Rejected unless the request names a host of this `server`, and comes from no web page of another site.

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
        match = _HOST.fullmatch(name.strip())
        host = (match[1] or match[2]).lower().rstrip(".") if match else ""
        if not admits(host, server.named, str(server.server_address[0])):
            raise Rejected(
                403,
                f"the Host header names another host: {name}",
                "let the tunnel rewrite it: ngrok http --host-header=rewrite PORT",
            )
    own = f"http://{hosts[0].strip()}".lower()
    # The request for an image has no `Origin`, and in older browsers only a `Referer`.
    referers = [urlsplit(page.strip()) for page in headers.get_all("Referer", [])]
    for origin in (*headers.get_all("Origin", []), *(f"{page.scheme}://{page.netloc}" for page in referers)):
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
    if lengths or not re.fullmatch(r"[0-9]{1,18}", length):
        raise Rejected(400, "the Content-Length is not a number, or there are two")
    if int(length) > LARGEST:
        raise Rejected(413, f"the body has {int(length):,} bytes; at most {LARGEST:,} are accepted")
    return int(length)
