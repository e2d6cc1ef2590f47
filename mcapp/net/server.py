"""A small HTTP server on this machine: what `emulate` and `listen` have in common. One thread for each connection."""

import os
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, NamedTuple

LOOPBACK = "127.0.0.1"
JSON = "application/json"

_STOP_TIMEOUT = 2.0  # seconds that `stop` waits for the connections' threads


class Reply(NamedTuple):
    """One answer: status, body, headers beside Content-Length and Connection."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)


def encode(reply: Reply, *, keep_alive: bool = True) -> tuple[bytes, bytes]:
    """Head and body, as they go over the wire."""
    try:
        phrase = HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = ""
    headers = [*reply.headers]
    if reply.status != 204:  # which has no length (RFC 9110, 8.6)
        headers.append(("Content-Length", str(len(reply.body))))
    headers.append(("Connection", "keep-alive" if keep_alive else "close"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {reply.status} {phrase}\r\n{lines}\r\n".encode("latin-1"), reply.body


class Server(ThreadingMixIn, TCPServer):
    """Listens as soon as it is made; `start` answers, in a thread of its own, and `stop` ends every connection.

    `stopping` is set when it is to end, and a handler that waits waits for that. Raises OSError if the address is not
    available.
    """

    daemon_threads = True
    # On POSIX this frees a port that was just closed; on Windows it would take one that another program listens on.
    allow_reuse_address = os.name == "posix"
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        self.changed = threading.Condition()
        self._thread: threading.Thread | None = None
        super().__init__(address, handler)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        host, port = self.server_address[:2]
        name = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{name}:{port}"

    def start(self, name: str) -> None:
        """Answer, in a thread of this name."""
        # By default it checks every half second whether it should stop: too long for a fixture.
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name=name
        )
        self._thread.start()

    def stop(self) -> None:
        """End the waits in handlers, then the connections, then the port."""
        self.stopping.set()
        if self._thread is not None:
            self.shutdown()
        with self.changed:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the other side was faster
            self.changed.wait_for(lambda: not self.connections, _STOP_TIMEOUT)
        self.server_close()
        if self._thread is not None:
            self._thread.join(_STOP_TIMEOUT)

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
        """A client that disconnects is normal for a server that is used to try faults."""
