"""The developer's endpoint on a real socket: accepts deliveries and refuses other requests.

What a sender can occupy is bounded: connections, the size of a request, and the time until it is complete.
"""

import queue
import threading
import time
from contextlib import suppress
from json import dumps
from typing import NamedTuple
from urllib.parse import urlsplit

from mcapp.handover.received import Delivery, hide_words
from mcapp.net import server
from mcapp.net.server import LOOPBACK, Rejected

TIMEOUT = 10.0  # seconds until a request must be complete; ManyChat itself waits no longer for an answer
# ManyChat's External Request has the first four (D); a developer may try the last.
METHODS = ("POST", "GET", "PUT", "DELETE", "PATCH")


class Refusal(NamedTuple):
    """A request that was refused, its secrets masked; its headers and body are not kept."""

    at: float
    method: str
    path: str
    status: int
    reason: str
    hint: str


def refusal(at: float, method: str, target: str, why: Rejected) -> Refusal:
    """A refused request, without the query of its target, and without what may be a key in the rest."""
    path, reason, hint = map(hide_words, (target.partition("?")[0], why.reason, why.hint))
    return Refusal(at, method, path[:200], why.status, reason[:300], hint)


class Listener(server.Server[None]):
    """Listens on `host` and `port` (0: a free one), and puts what happens into `events`, in order.

    Deliveries come to `path`, by one of `methods`, and are answered with `status`. `once` accepts one delivery and
    refuses the rest; `timeout` is in seconds. Raises OSError where the address is not available.
    """

    def __init__(
        self,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        path: str = "/",
        methods: tuple[str, ...] = METHODS,
        status: int = 200,
        once: bool = False,
        timeout: float = TIMEOUT,
    ) -> None:
        self.path, self.methods, self.status, self.once = path, methods, status, once
        self.time_limit = timeout
        self.events: queue.SimpleQueue[Delivery | Refusal] = queue.SimpleQueue()
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._accepted = 0
        super().__init__((host, port), _Handler, None)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT/PATH`."""
        return self.base_url + self.path

    def now(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._started, 3)

    def next_number(self) -> int:
        """The number of a delivery, from 1. Raises Rejected where `once` has its one."""
        with self._lock:
            if self.once and self._accepted:
                raise Rejected(503, "no more deliveries are accepted", "--once: the listener has its one delivery")
            self._accepted += 1
            return self._accepted


class _Handler(server.Handler):
    server: Listener

    def setup(self) -> None:
        self.time_limit = self.server.time_limit
        super().setup()

    def handle(self) -> None:
        """One request, one answer, and the connection ends: what follows is never read as a second request."""
        listener = self.server
        self.command, self.path = "", ""
        try:
            body = self._receive()
            if body is None:
                return
            number = listener.next_number()
        except Rejected as refused:
            self._refuse(refused)
        except TimeoutError:
            # A browser opens connections that it may never use: those without a byte are not reported.
            if not self.server.stopping.is_set() and not self.sender.silent:
                self._refuse(Rejected(408, f"the request was not complete after {listener.time_limit:g} seconds"))
        except OSError:
            return  # the client closed the connection
        except ValueError:  # an invalid URL in the request
            self._refuse(Rejected(400, "this is not a valid HTTP request"))
        else:
            url = urlsplit(self.path)
            headers = tuple((name, _text(value)) for name, value in self.headers.items())
            try:
                self._answer(listener.status, {"delivery": number})
            finally:  # also if the client did not wait for the answer
                at, status = listener.now(), listener.status
                listener.events.put(Delivery(number, at, self.command, url.path, url.query, headers, body, status))
            self.linger()

    def _receive(self) -> bytes | None:
        """The body of a delivery; None if the client sent nothing. Raises Rejected for any other request."""
        if not self.read_head():
            return None
        methods, path = self.server.methods, self.server.path
        if self.command not in methods:
            raise Rejected(405, f"{self.command} is not a method of a delivery", f"expected: {', '.join(methods)}")
        if urlsplit(self.path).path != path:
            raise Rejected(404, "deliveries have another path", f"expected: {path}")
        length = server.content_length(self.headers, self.command)
        body = self.rfile.read(length)
        if len(body) < length:
            raise Rejected(400, f"the body ends after {len(body)} of {length} bytes")
        return body

    def _refuse(self, refused: Rejected) -> None:
        listener = self.server
        listener.events.put(refusal(listener.now(), self.command or "", self.path, refused))
        with suppress(OSError):  # the client closed the connection
            self._answer(refused.status, {"refused": refused.reason})
            self.linger()

    def _answer(self, status: int, content: dict[str, object]) -> None:
        reply = server.Reply(status, dumps(content).encode() + b"\n", _JSON_HEADERS)
        if status in (204, 205, 304):  # which have no body
            reply = server.Reply(status, b"", ())
        self.connection.settimeout(TIMEOUT)
        head, body = server.encode(reply, keep_alive=False)
        self.connection.sendall(head if self.command == "HEAD" else head + body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002  # the parent's form
        """Refuse what the parent could not parse as HTTP."""
        self.command, self.path = "", ""
        # The parent's message quotes the request, which may contain a key.
        self._refuse(Rejected(int(code), server.TOO_LARGE if code == 431 else "this is not a valid HTTP request"))


_JSON_HEADERS = (("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"))


def _text(value: str) -> str:
    """A header's value: http.server decodes it as Latin-1, most clients send UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
