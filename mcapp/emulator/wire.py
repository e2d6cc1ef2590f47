"""How a reply goes over a socket, whole or spoilt by a fault. Every wait ends at once when the server stops."""

import os
import socket
import struct
import threading
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import repeat

from mcapp.emulator.faults import Fault
from mcapp.net.server import Reply, encode

_DRIP = 0.5  # seconds between two bytes
_SLOW = 5.0
_LARGE = 1_000_000_000


class ConnectionDone(Exception):  # no error: the connection has served its purpose
    """After this reply the connection is of no use."""


def send(connection: socket.socket, reply: Reply, fault: Fault | None, stopping: threading.Event) -> None:
    """Send it. Raises ConnectionDone where the connection has to end."""
    kind = fault.kind if fault else ""
    number = fault.number if fault else None
    if kind == "slow":
        stopping.wait(_SLOW if number is None else number)
    if kind in ("", "slow"):
        connection.sendall(b"".join(encode(reply)))
        return
    if kind == "content-type":
        connection.sendall(b"".join(encode(reply._replace(headers=(("Content-Type", "text/plain"),)))))
        return
    for piece in _pieces(kind, reply, stopping, _DRIP if number is None else number):
        if stopping.is_set():
            break
        connection.sendall(piece)
    if kind == "reset":
        # Closed with no time to linger a connection ends with RST; an orderly shutdown first would send FIN.
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        socket.close(connection.detach())
    raise ConnectionDone


def _pieces(kind: str, reply: Reply, stopping: threading.Event, pause: float) -> Iterator[bytes]:
    head, body = encode(reply, keep_alive=False)
    if kind == "timeout":
        stopping.wait()
    elif kind in ("drip", "drip-headers"):
        if kind == "drip":
            yield head
        for byte in body if kind == "drip" else head + body:
            stopping.wait(pause)
            yield bytes([byte])
    elif kind == "truncated":
        yield head + body[: len(body) // 2]
    elif kind == "garbage":
        yield b"\x00\x01 this is no HTTP\r\n\r\n"
    elif kind == "gzip-bomb":
        yield _head("Content-Encoding: gzip\r\n")
        yield from _bomb()
    elif kind == "endless":
        yield _head("")
        yield b'{"status":"success","data":["'
        yield from repeat(b"0" * 65_536)


def _head(more: str) -> bytes:
    """A head without Content-Length: the body ends with the connection."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}Connection: close\r\n\r\n".encode("latin-1")


def _bomb() -> Iterator[bytes]:
    first, block, blocks = _bomb_parts()
    yield first
    yield from repeat(block, blocks)


@cache
def _bomb_parts() -> tuple[bytes, bytes, int]:
    """The beginning, and a compressed megabyte that can follow itself: a full flush forgets all that came before."""
    size = 1_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    first = packer.compress(b'{"status":"success","data":["') + packer.flush(zlib.Z_FULL_FLUSH)
    packer.compress(b"0" * size)
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"0" * size) + packer.flush(zlib.Z_FULL_FLUSH)
    return first, block, _LARGE // size
