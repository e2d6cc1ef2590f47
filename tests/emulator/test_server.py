"""The server under clients of every kind."""

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from mcapp.net import server
from mcapp.testing import Emulator
from tests.emulator.conftest import Call


def raw(emulator: Emulator, data: bytes) -> bytes:
    url = urlsplit(emulator.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


def test_a_chunked_body_is_read(emulator: Emulator) -> None:
    def pieces() -> Any:
        yield b'{"na'
        yield b'me": "x"}'

    response = httpx.post(
        f"{emulator.base_url}/fb/page/createTag",
        content=pieces(),
        headers={"Authorization": f"Bearer {emulator.key()}"},
        trust_env=False,
    )
    assert response.json()["data"]["tag"]["name"] == "x"


def test_one_connection_serves_many_requests(emulator: Emulator) -> None:
    request = b"GET /fb/page/getInfo HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    assert raw(emulator, request * 3).count(b"HTTP/1.1 401") == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"POST /fb/page/createTag HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /fb/page/createTag HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /fb/page/createTag HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
)
def test_nonsense_does_no_harm(emulator: Emulator, data: bytes) -> None:
    assert b"200" not in raw(emulator, data)[:20]
    key = emulator.key()
    response = httpx.get(
        f"{emulator.base_url}/fb/page/getInfo", headers={"Authorization": f"Bearer {key}"}, trust_env=False
    )
    assert response.status_code == 200


def test_a_request_that_ends_too_early_was_never_made(emulator: Emulator) -> None:
    data = b"POST /fb/page/createTag HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"
    assert raw(emulator, data) == raw(emulator, data + b'{"name"') == b""
    assert emulator.journal == ()


def test_a_body_that_is_too_large_is_refused(emulator: Emulator) -> None:
    answer = raw(emulator, b"POST /fb/page/createTag HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert emulator.journal == ()


def test_deep_json_is_no_object(emulator: Emulator, call: Call) -> None:
    response = httpx.post(
        f"{emulator.base_url}/fb/page/createTag",
        content=b"[" * 100_000,
        headers={"Authorization": f"Bearer {emulator.key()}"},
        trust_env=False,
    )
    assert response.status_code == 400
    assert call("GET /fb/page/getTags", emulator.key()).status_code == 200


def test_requests_are_answered_side_by_side() -> None:
    with Emulator(latency=0.3) as emulator, httpx.Client(trust_env=False) as client:
        headers = {"Authorization": f"Bearer {emulator.key()}"}

        def status(_: int) -> int:
            return client.get(f"{emulator.base_url}/fb/page/getTags", headers=headers).status_code

        started = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(status, range(8))) == {200}
        assert 0.3 <= time.monotonic() - started < 2.2  # one after the other: 2.4
        assert len(emulator.journal) == 8


def test_control_over_http(emulator: Emulator, call: Call) -> None:
    key = emulator.key(name="shop-a")

    def control(method: str, what: str, body: Any = None) -> Any:
        return httpx.request(method, f"{emulator.base_url}/_emulator/{what}", json=body, trust_env=False).json()

    specs = ["/fb/page/getTags=500*1", "*=404"]
    assert control("POST", "faults", specs) == {"status": "success"}
    assert [call("GET /fb/page/getTags", key).status_code for _ in range(2)] == [500, 404]
    assert control("POST", "faults", []) == {"status": "success"}
    call("POST /fb/page/createTag", key, body={"name": "x"})
    journal = control("GET", "journal")["data"]
    assert [(entry["path"], entry["key"], entry["status"]) for entry in journal] == [
        ("/fb/page/getTags", "shop-a", 500),
        ("/fb/page/getTags", "shop-a", 404),
        ("/fb/page/createTag", "shop-a", 200),
    ]
    assert control("GET", "state")["data"]["unchanged"] is False
    assert control("POST", "reset") == {"status": "success"}
    assert control("GET", "state")["data"]["unchanged"] is True
    assert "unknown fault" in control("POST", "faults", ["*=x"])["message"]
    assert control("POST", "faults", {"a": 1})["status"] == "error"
    assert control("GET", "nothing")["status"] == "error"
    # Asking the emulator about itself is no request to ManyChat.
    assert emulator.journal == ()


def test_many_at_once_lose_nothing(emulator: Emulator) -> None:
    key = emulator.key()

    def work(number: int) -> None:
        with httpx.Client(
            base_url=emulator.base_url, headers={"Authorization": f"Bearer {key}"}, trust_env=False
        ) as client:
            for turn in range(10):
                client.post("/fb/page/createTag", json={"name": f"{number}-{turn}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(emulator.state()["tags"]) == 2 + 80
    assert sorted(entry.number for entry in emulator.journal) == list(range(1, 81))


def test_start_and_stop() -> None:
    emulator = Emulator()
    before = threading.active_count()
    emulator.start()
    url = urlsplit(emulator.base_url)
    idle = socket.create_connection((url.hostname or "", url.port or 0), timeout=5)
    emulator.stop()
    emulator.stop()
    idle.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((url.hostname or "", url.port or 0), timeout=5)
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert threading.active_count() <= before
    with Emulator(port=url.port or 0) as again:
        assert again.base_url.endswith(f":{url.port}")
        with pytest.raises(OSError, match="in use"):
            Emulator(port=url.port or 0).start()


def test_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        emulator = Emulator(host="::1").start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with emulator:
        assert emulator.base_url.startswith("http://[::1]:")
        assert httpx.get(f"{emulator.base_url}/fb/page/getInfo", trust_env=False).status_code == 401


def test_the_json_of_the_journal_is_plain(emulator: Emulator, call: Call) -> None:
    call("POST /fb/page/createTag", emulator.key(), body={"name": "x", "nested": [1, None]})
    assert json.loads(json.dumps(emulator.journal[0]._asdict()))["body"] == {"name": "x", "nested": [1, None]}


def test_a_thread_that_hangs_does_not_keep_the_server_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a thread may go on waiting for its client although the connection was shut down."""
    monkeypatch.setattr(server, "_STOP_TIMEOUT", 0.1)
    over, begun = threading.Event(), threading.Event()

    class Hanging(BaseHTTPRequestHandler):
        def handle(self) -> None:
            begun.set()
            over.wait(30)

    listening = server.Server(("127.0.0.1", 0), Hanging, None)
    with socket.create_connection(("127.0.0.1", listening.server_address[1])):
        assert begun.wait(10)
        started = time.monotonic()
        listening.stop()
        assert time.monotonic() - started < 10
    over.set()
