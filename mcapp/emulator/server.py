"""The emulator over real sockets: one thread for each connection, on a free port of this machine."""

import json
import socket
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mcapp.emulator import wire
from mcapp.emulator.api import SCOPE_FIRST, Call, Entry, ManyChat
from mcapp.emulator.keys import EmulatedKey
from mcapp.emulator.reply import Reply

LOOPBACK = "127.0.0.1"
# Where the journal, the state and the faults can be reached over HTTP, for suites that are not written in Python.
CONTROL = "/_emulator/"

_LARGEST = 1_000_000  # bytes of a request's body
_PATIENCE = 2.0  # seconds that stopping waits for the connections' threads


class Emulator(ManyChat):
    """A local ManyChat API. Start it with `with`, or with `start` and `stop`; `base_url` says where it is.

        with Emulator() as manychat:
            key = manychat.key(["GET /fb/page/getInfo"])
            httpx.get(f"{manychat.base_url}/fb/page/getInfo", headers={"Authorization": f"Bearer {key}"})

    `port` 0 takes a free one. Raises OSError from `start` where the port is taken.
    """

    def __init__(
        self,
        keys: Iterable[EmulatedKey] = (),
        *,
        order: str = SCOPE_FIRST,
        latency: float = 0.0,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        super().__init__(keys, order=order, latency=latency)
        self.host = host
        self._address = (host, port)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> "Emulator":
        """Listen, in a thread of its own."""
        self._server = _Server(self._address, self)
        # The default looks every half second whether it should stop: too long for a fixture.
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="mcapp-emulator"
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection and the port. Stopping twice is no mistake."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.stop()
            thread.join(_PATIENCE)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`. Raises RuntimeError while it is not running."""
        if self._server is None:
            raise RuntimeError("the emulator is not running: start it first")
        host, port = self._server.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{name}:{port}"

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], manychat: ManyChat) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.manychat = manychat
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self.changed = threading.Condition()
        super().__init__(address, _Handler)

    def stop(self) -> None:
        """End the waits of faults, then the connections, then the port."""
        self.stopping.set()
        self.shutdown()
        with self.changed:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster
            self.changed.wait_for(lambda: not self.connections, _PATIENCE)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection before its thread begins, so that `stop` misses none."""
        with self.changed:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """The connection is over, in whatever way."""
        super().shutdown_request(request)
        with self.changed:
            self.connections.discard(request)
            self.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is everyday life for a server that is used to try faults."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def handle_one_request(self) -> None:
        """As the parent's, but one function answers every method."""
        try:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or len(self.raw_requestline) > 65_536 or not self.parse_request():
                self.close_connection = True
                return
            raw = self._read_body()
            if raw is None:
                self._plain(Reply(413, b"", ()))
                self.close_connection = True
            else:
                self._serve(raw)
        except (wire.ConnectionDone, OSError, ValueError):
            self.close_connection = True

    def _serve(self, raw: bytes) -> None:
        manychat, stopping = self.server.manychat, self.server.stopping
        url = urlsplit(self.path)
        if url.path.startswith(CONTROL):
            self._plain(_control(manychat, self.command, url.path.removeprefix(CONTROL), raw))
            return
        arrived = time.monotonic()
        body = _json(raw)
        call = Call(
            self.command,
            url.path,
            dict(parse_qsl(url.query, keep_blank_values=True)),
            self.headers.get("Authorization"),
            body,
            raw if body is None else b"",
        )
        reply, fault = manychat.answer(call)
        rest = arrived + manychat.latency - time.monotonic()
        if rest > 0:
            stopping.wait(rest)
        wire.send(self.connection, reply, fault, stopping)

    def _plain(self, reply: Reply) -> None:
        self.connection.sendall(b"".join(wire.encode(reply)))

    def _read_body(self) -> bytes | None:
        """The body; None if it is too large."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length) if 0 <= length <= _LARGEST else None
        body = b""
        while (size := int(self.rfile.readline(100).partition(b";")[0], 16)) > 0:
            if len(body) + size > _LARGEST:
                return None
            body += self.rfile.read(size)
            self.rfile.readline(3)
        while self.rfile.readline(65_536).strip():
            pass  # trailers
        return body

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the parent's name
        """The journal is the log."""


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _control(manychat: ManyChat, method: str, what: str, raw: bytes) -> Reply:
    """`GET journal`, `GET state`, `POST faults` (a JSON list of SCOPE=KIND specs, which replaces all), `POST reset`."""
    from mcapp.emulator.faults import parse
    from mcapp.emulator.reply import error, success
    from mcapp.errors import UsageProblem

    if (method, what) == ("GET", "journal"):
        return success([as_dict(entry) for entry in manychat.journal])
    if (method, what) == ("GET", "state"):
        return success({"unchanged": manychat.unchanged, "account": manychat.state()})
    if (method, what) == ("POST", "faults"):
        specs = _json(raw)
        if not isinstance(specs, list) or not all(isinstance(spec, str) for spec in specs):
            return error(400, "the body is a JSON list of faults, each SCOPE=KIND")
        try:
            faults = [parse(spec) for spec in specs]
        except UsageProblem as problem:
            return error(400, f"{problem.message}: {problem.hint}")
        manychat.mend()
        for fault in reversed(faults):
            manychat.add_fault(fault)
        return success(bare=True)
    if (method, what) == ("POST", "reset"):
        manychat.reset()
        return success(bare=True)
    return error(404, "there are: GET journal, GET state, POST faults, POST reset")


def as_dict(entry: Entry) -> dict[str, Any]:
    """A journal entry as plain data."""
    return {name: getattr(entry, name) for name in Entry.__slots__}
