"""Servers that do worse than `mcapp emulate` offers: kinds of faults that only the tests of bounded reads need."""

import threading
import zlib
from collections.abc import Iterator
from functools import cache
from itertools import repeat

import pytest

from mcapp.emulator.faults import KINDS, Fault, Kind
from mcapp.net.server import Reply, encode

_DRIP = 0.5  # seconds between two bytes, where the fault names no number
_LARGE = 1_000_000_000


def _close(_reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    return iter(())


def _drip(reply: Reply, fault: Fault, stopping: threading.Event) -> Iterator[bytes]:
    head, body = encode(reply, keep_alive=False)
    if fault.kind == "drip":
        yield head
    for byte in body if fault.kind == "drip" else head + body:
        stopping.wait(_DRIP if fault.number is None else fault.number)
        yield bytes([byte])


def _called_text(reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    yield from encode(reply._replace(headers=(("Content-Type", "text/plain"),)), keep_alive=False)


def _garbage(_reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    yield b"\x00\x01 this is not HTTP\r\n\r\n"


def _gzip_bomb(_reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    yield _head("Content-Encoding: gzip\r\n")
    first, block, blocks = _bomb_parts()
    yield first
    yield from repeat(block, blocks)


def _endless(_reply: Reply, _fault: Fault, _stopping: threading.Event) -> Iterator[bytes]:
    yield _head("")
    yield b'{"status":"success","data":["'
    yield from repeat(b"0" * 65_536)


def _head(more: str) -> bytes:
    """A head without Content-Length: the body ends with the connection."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{more}Connection: close\r\n\r\n".encode("latin-1")


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


HOSTILE: dict[str, Kind] = {
    "close": Kind(wire=_close, silent=True),  # the connection is closed instead of an answer
    "drip": Kind(wire=_drip),  # the right answer, one byte at a time, a number of seconds apart (0.5)
    "drip-headers": Kind(wire=_drip),  # the same from the status line on
    "content-type": Kind(wire=_called_text),  # the right body, called text/plain
    "garbage": Kind(wire=_garbage, silent=True),  # bytes that are not HTTP
    "gzip-bomb": Kind(wire=_gzip_bomb, silent=True),  # a compressed body of 1 MB that unpacks to 1 GB
    "endless": Kind(wire=_endless, silent=True),  # a body that never ends
}
ALL_KINDS = (*KINDS, *HOSTILE)


@pytest.fixture(autouse=True)
def hostile_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an emulator of this process know the hostile kinds too. A test module that needs them imports this."""
    for name, kind in HOSTILE.items():
        monkeypatch.setitem(KINDS, name, kind)
