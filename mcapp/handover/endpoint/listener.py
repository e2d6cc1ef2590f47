"""The developer's endpoint over real sockets: takes what is a delivery, refuses the rest, and outlives both."""

import ipaddress
import queue
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from io import BufferedReader
from json import dumps
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from mcapp.handover.endpoint.admission import METHODS, Rejected, check_sender, content_length
from mcapp.handover.endpoint.connections import Patient, Roomy
from mcapp.net.server import LOOPBACK, Reply, encode
from mcapp.net.target import is_loopback

PATIENCE = 10.0  # seconds until a request has to be there as a whole; ManyChat itself waits no longer for an answer
_MOST_DELIVERIES = 1000  # whoever needs more is not rehearsing
_MOST_WAITING = 64_000_000  # bytes of bodies that nobody has looked at yet
_DRAINED = 20_000_000  # bytes that are read and thrown away, so that the refusal reaches whoever is still sending


class Delivery(NamedTuple):
    """What arrived and was answered. `at` is seconds since the start; headers and names are as they were sent."""

    number: int
    at: float
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int


class Refusal(NamedTuple):
    """A request that was turned away: nothing of it is kept but this."""

    at: float
    method: str
    path: str
    status: int
    reason: str
    hint: str = ""


class Listener:
    """Listens on `host` and `port` (0: a free one) once started; what happens is put into `events`, in order.

    `once` takes one delivery and refuses the rest. Raises OSError from `start` where the address cannot be had.
    """

    def __init__(
        self,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        path: str = "/",
        status: int = 200,
        once: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self.host = host
        self.path = path
        self.status = status
        self.once = once
        self.patience = patience
        self.events: queue.SimpleQueue[Delivery | Refusal] = queue.SimpleQueue()
        self._address = (host, port)
        self._server: _Server | None = None
        self._started = 0.0
        self._lock = threading.Lock()
        self._taken = 0
        self._waiting = 0

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self._started = time.monotonic()
        self._server = _Server(self._address, self)
        self._server.start("mcapp-listen")

    def stop(self) -> None:
        """Close every connection and the port; `events` is complete afterwards. Stopping twice is no mistake."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/PATH`. Raises RuntimeError while it is not running."""
        if self._server is None:
            raise RuntimeError("the listener is not running: start it first")
        return self._server.base_url + self.path

    def now(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._started, 3)

    def claim(self, size: int) -> int:
        """A number for a delivery with a body of `size` bytes; 0 where no more can be taken now."""
        with self._lock:
            if self._taken >= (1 if self.once else _MOST_DELIVERIES) or self._waiting + size > _MOST_WAITING:
                return 0
            self._taken += 1
            self._waiting += size
            return self._taken

    def release(self, delivery: Delivery) -> None:
        """Say that a delivery's body is no longer needed."""
        with self._lock:
            self._waiting -= len(delivery.body)

    def admits(self, host: str) -> bool:
        """Whether a request may name this host: this machine, or the name in `--host`.

        Where others were let in, any address too: it cannot be rebound as a name can.
        """
        if is_loopback(host) or host == self.host.lower().rstrip("."):
            return True
        # What was bound, not what was asked for: a name may be this machine's alone, and `127.1` is no more.
        server = self._server
        if is_loopback(self.host if server is None else str(server.server_address[0])):
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True


class _Server(Roomy):
    def __init__(self, address: tuple[str, int], listener: Listener) -> None:
        self.listener = listener
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        """As the parent's, with a reader that gives up on slow senders."""
        super().setup()
        self.rfile.close()
        self.sender = Patient(self.connection, self.server.listener.patience)
        self.rfile = BufferedReader(self.sender)

    def handle(self) -> None:
        """One request, one answer, and the connection ends: nothing that is left over can be taken for a request."""
        listener = self.server.listener
        self.command, self.path = "", ""
        self.awaited = False
        try:
            try:
                body = self._receive()
            finally:
                self.server.was_read(self.connection)
            if body is None:
                return
            number = self._claim(body)
        except Rejected as refused:
            self._refuse(refused)
        except TimeoutError:
            # A browser opens connections that it may never use; who says nothing has asked for nothing.
            if not self.server.stopping.is_set() and not self.sender.silent:
                seconds = f"{listener.patience:g} seconds"
                self._refuse(Rejected(408, f"the request was not there as a whole after {seconds}"))
        except OSError:
            return  # the other side went away
        except ValueError:  # an address in the request that is none
            self._refuse(Rejected(400, "this is no HTTP request that can be read"))
        else:
            self._accept(number, body)

    def _receive(self) -> bytes | None:
        """The body of a request that is a delivery; None if the other side said nothing. Raises Rejected."""
        self.raw_requestline = self.rfile.readline(65_537)
        if not self.raw_requestline:
            return None
        if len(self.raw_requestline) > 65_536:
            raise Rejected(414, "the request's first line is too long")
        if not self.parse_request():
            return None  # send_error has answered
        check_sender(self.headers, self.path, self.server.listener.admits)
        if self.command not in METHODS:
            raise Rejected(405, f"a delivery is no {self.command}", f"there are: {', '.join(METHODS)}")
        if urlsplit(self.path).path != self.server.listener.path:
            path = self.server.listener.path
            raise Rejected(404, "nothing listens at this path", f"it is {path}")
        length = content_length(self.headers, self.command)
        if self.awaited:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(length)
        if len(body) < length:
            raise Rejected(400, f"the body ends after {len(body)} of {length} bytes")
        return body

    def _claim(self, body: bytes) -> int:
        number = self.server.listener.claim(len(body))
        if not number:
            hint = f"one run takes {_MOST_DELIVERIES:,}, and few large ones that nobody has looked at: start it again"
            if self.server.listener.once:
                hint = "the listener was asked for one, and has it"
            raise Rejected(503, "no more deliveries are taken", hint)
        return number

    def _accept(self, number: int, body: bytes) -> None:
        listener = self.server.listener
        url = urlsplit(self.path)
        headers = tuple((name, _text(value)) for name, value in self.headers.items())
        delivery = Delivery(number, listener.now(), self.command, url.path, url.query, headers, body, listener.status)
        try:
            self._answer(listener.status, {"delivery": number})
        finally:  # whether the sender stayed to hear the answer or not
            listener.events.put(delivery)
        self._linger(0)

    def _refuse(self, refused: Rejected) -> None:
        listener = self.server.listener
        path = self.path.partition("?")[0]
        listener.events.put(
            Refusal(listener.now(), self.command or "", path, refused.status, refused.reason, refused.hint)
        )
        try:
            self._answer(refused.status, {"refused": refused.reason})
            self._linger(_DRAINED)
        except OSError:
            return  # gone

    def _answer(self, status: int, content: dict[str, object]) -> None:
        bodyless = status in (204, 205, 304)
        reply = Reply(status, b"" if bodyless else dumps(content).encode() + b"\n", () if bodyless else _JSON_HEADERS)
        self.connection.settimeout(PATIENCE)
        head, body = encode(reply, keep_alive=False)
        self.connection.sendall(head if self.command == "HEAD" else head + body)

    def _linger(self, most: int) -> None:
        """Let the other side read the answer before the connection is reset under what it still sends."""
        self.connection.shutdown(socket.SHUT_WR)
        until = time.monotonic() + min(self.server.listener.patience, 3.0)
        seen = 0
        while seen <= most and (rest := until - time.monotonic()) > 0:
            self.connection.settimeout(rest)
            piece = self.connection.recv(65_536)
            if not piece:
                return
            seen += len(piece)

    def handle_expect_100(self) -> bool:
        """Say "continue" once the head was found to be a delivery's, not before."""
        self.awaited = True
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002  # the parent's form
        """What is no HTTP, as the parent found while it parsed."""
        self.command = ""
        self.path = ""
        # The parent's message quotes what came, which may hold a key.
        self._refuse(Rejected(int(code), "this is no HTTP request that can be read"))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        """Who listens tells of it."""


_JSON_HEADERS = (("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"))


def _text(value: str) -> str:
    """A header's value: http.server reads it as Latin-1, most senders mean UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
