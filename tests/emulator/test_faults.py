"""Each fault, as it comes over the wire."""

import socket
import time
import zlib
from urllib.parse import urlsplit

import httpx
import pytest

from mcapp.emulator.faults import parse
from mcapp.errors import UsageProblem
from mcapp.testing import Emulator, Fault
from tests.emulator.conftest import Call
from tests.hostile import ALL_KINDS, hostile_kinds  # noqa: F401  # a fixture

PAGE = "GET /fb/page/getInfo"


def ask(emulator: Emulator, limit: int = 100_000, timeout: float = 5.0) -> bytes:
    """What comes back, byte for byte, until the other side closes or `limit` bytes are there."""
    key = emulator.key()
    url = urlsplit(emulator.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=timeout) as connection:
        connection.sendall(
            f"GET /fb/page/getInfo HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        )
        received = b""
        while len(received) < limit and (piece := connection.recv(65_536)):
            received += piece
    return received


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("401", 401, '"message":"Session is over"'),
        ("404", 404, "<html>"),
        ("429", 429, '"message":"Too many requests"'),
        ("500", 500, "<html>"),
        ("exception", 500, '{"status":"exception","message":"Something went wrong"}'),
        ("html", 200, "<html>"),
        ("status-error", 200, '{"status":"error"'),
        ("redirect", 302, "<html>"),
    ],
)
def test_another_answer(emulator: Emulator, call: Call, kind: str, status: int, text: str) -> None:
    key = emulator.key()
    emulator.fault(kind)
    response = call(PAGE, key)
    assert response.status_code == status
    assert text in response.text
    assert response.headers.get("location", "https://elsewhere.invalid/") == "https://elsewhere.invalid/"
    assert "retry-after" not in response.headers
    (entry,) = emulator.journal
    assert (entry.fault, entry.status) == (kind, status)


def test_a_429_may_say_how_long(emulator: Emulator, call: Call) -> None:
    emulator.fault("429", number=7)
    assert call(PAGE, emulator.key()).headers["retry-after"] == "7"


def test_reset_is_a_reset(emulator: Emulator) -> None:
    emulator.fault("reset")
    with pytest.raises(ConnectionResetError):
        ask(emulator)


def test_close_and_garbage(emulator: Emulator) -> None:
    emulator.fault("close", times=1)
    assert ask(emulator) == b""
    emulator.fault("garbage")
    assert ask(emulator).startswith(b"\x00")


def test_timeout_never_answers(emulator: Emulator) -> None:
    emulator.fault("timeout")
    with pytest.raises(TimeoutError):
        ask(emulator, timeout=0.3)


def test_truncated_breaks_off_in_the_body(emulator: Emulator) -> None:
    emulator.fault("truncated")
    head, _, body = ask(emulator).partition(b"\r\n\r\n")
    length = int(head.partition(b"Content-Length: ")[2].split()[0])
    assert 0 < len(body) < length


@pytest.mark.parametrize("kind", ["drip", "drip-headers"])
def test_drip_takes_its_time(emulator: Emulator, kind: str) -> None:
    emulator.fault(kind, number=0.01)
    started = time.monotonic()
    head, _, body = ask(emulator, limit=120).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert time.monotonic() - started > (0.1 if kind == "drip" else 1)
    assert body.startswith(b'{"stat') or kind == "drip-headers"


def test_slow_is_right_in_the_end(emulator: Emulator, call: Call) -> None:
    emulator.fault("slow", number=0.2)
    started = time.monotonic()
    assert call(PAGE, emulator.key()).json()["status"] == "success"
    assert time.monotonic() - started > 0.2


def test_content_type(emulator: Emulator, call: Call) -> None:
    emulator.fault("content-type")
    response = call(PAGE, emulator.key())
    assert response.headers["content-type"] == "text/plain"
    assert response.json()["status"] == "success"


def test_the_gzip_bomb_is_one(emulator: Emulator) -> None:
    emulator.fault("gzip-bomb")
    head, _, body = ask(emulator, limit=50_000).partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    unpacked = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(body, 30_000_000)
    assert unpacked.startswith(b'{"status":"success","data":["000')
    assert len(unpacked) > 200 * len(body)


def test_endless_does_not_end(emulator: Emulator) -> None:
    emulator.fault("endless")
    assert len(ask(emulator, limit=5_000_000)) >= 5_000_000


def test_a_fault_without_an_answer_has_no_effect(emulator: Emulator) -> None:
    key = emulator.key()
    emulator.fault("reset", "POST /fb/page/createTag")
    with pytest.raises(httpx.TransportError):
        httpx.post(
            f"{emulator.base_url}/fb/page/createTag",
            json={"name": "x"},
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )
    assert emulator.unchanged
    assert emulator.journal[0].status is None


def test_a_fault_may_hit_one_endpoint_a_number_of_times(emulator: Emulator, call: Call) -> None:
    key = emulator.key()
    emulator.fault("500")
    emulator.fault("429", PAGE, times=2)
    assert [call(PAGE, key).status_code for _ in range(3)] == [429, 429, 500]
    assert call("GET /fb/page/getTags", key).status_code == 500
    emulator.clear_faults()
    assert call(PAGE, key).status_code == 200


@pytest.mark.parametrize("kind", sorted(ALL_KINDS))
def test_stopping_waits_for_no_fault(kind: str) -> None:
    with Emulator() as emulator:
        emulator.fault(kind)
        url = urlsplit(emulator.base_url)
        with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
            connection.sendall(b"GET /fb/page/getInfo HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            deadline = time.monotonic() + 5
            while not emulator.journal and time.monotonic() < deadline:
                time.sleep(0.005)
            started = time.monotonic()
            emulator.stop()
            assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ("*=timeout", Fault("timeout")),
        ("GET /fb/page/getInfo=429:2*1", Fault("429", PAGE, number=2, times=1)),
        ("/fb/page/getInfo=slow:0.25", Fault("slow", PAGE, number=0.25)),
        ("*=500*3", Fault("500", times=3)),
    ],
)
def test_a_fault_in_words(spec: str, fault: Fault) -> None:
    assert parse(spec) == fault


@pytest.mark.parametrize("spec", ["timeout", "*=nonsense", "GET /me=500", "*=429:x", "=500", ""])
def test_wrong_words_are_refused(spec: str) -> None:
    with pytest.raises(UsageProblem):
        parse(spec)


def test_the_newest_fault_counts(emulator: Emulator, call: Call) -> None:
    emulator.fault("404", PAGE)
    emulator.fault("500")
    assert call(PAGE, emulator.key()).status_code == 500
    emulator.fault("html", PAGE)
    assert call(PAGE, emulator.key()).status_code == 200
