"""What bounds the connections of a listener: how many there are, and how slow one may be."""

import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from io import RawIOBase
from typing import Any

from mcapp.net.server import Server

_MOST_CONNECTIONS = 256


class Roomy(Server):
    """A server that has room for whoever comes: of too many connections the one that idles longest is closed."""

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        # Those whose request is not there as a whole, the oldest first. A dict, for its order.
        self._unread: dict[socket.socket, None] = {}
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """As the parent's, but never for more connections than threads can be had for."""
        with self.changed:
            full = len(self.connections) >= _MOST_CONNECTIONS
            idle = next(iter(self._unread), None) if full else None
            if idle is not None:
                del self._unread[idle]
            if idle is not None or not full:
                self._unread[request] = None
        if idle is not None:
            with suppress(OSError):  # it went by itself
                idle.shutdown(socket.SHUT_RDWR)
        elif full:
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def was_read(self, connection: socket.socket) -> None:
        """Its request is there, or over: it need not make room for another."""
        with self.changed:
            self._unread.pop(connection, None)


class Patient(RawIOBase):
    """A socket's bytes until a certain time, however slowly they come; `silent` until the first."""

    def __init__(self, connection: socket.socket, patience: float) -> None:
        self.silent = True
        self._connection = connection
        self._until = time.monotonic() + patience

    def readable(self) -> bool:
        """As every source of bytes must say."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As the parent's. Raises TimeoutError once the time is over."""
        rest = self._until - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        self._connection.settimeout(rest)
        number = self._connection.recv_into(buffer)
        self.silent = self.silent and not number
        return number
