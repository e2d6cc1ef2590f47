"""What `emulate` and `listen` refuse, and what they hold in memory under the largest heads."""

import json
import re
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mcapp.emulator import service
from mcapp.net.server import Server
from mcapp.testing import Emulator
from tests.emulator.test_server import raw
from tests.harness import environment


def get(emulator: Emulator, path: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{emulator.base_url}{path}", headers=named, trust_env=False)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Host": "evil.example"}, "the Host header names another host: evil.example"),
        ({"Origin": "https://evil.example"}, "it comes from a web page of https://evil.example"),
        ({"Origin": "null"}, "it comes from a web page"),
        ({"Referer": "https://evil.example/page"}, "it comes from a web page of https://evil.example"),
        ({"Sec_Fetch_Site": "cross-site"}, "it comes from a web page of another site"),
    ],
)
@pytest.mark.parametrize("path", ["/_emulator/journal", "/fb/page/getInfo"])
def test_a_web_page_gets_no_answer(emulator: Emulator, path: str, headers: dict[str, str], reason: str) -> None:
    answer = get(emulator, path, **headers)
    assert (answer.status_code, answer.json()["message"]) == (403, reason)
    assert emulator.journal == ()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:80", "[::1]"])
def test_this_machine_gets_one_by_any_name(emulator: Emulator, host: str) -> None:
    assert get(emulator, "/_emulator/state", Host=host).status_code == 200


def test_a_slow_request_is_given_up(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "TIME_LIMIT", 0.3)
    url = urlsplit(emulator.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
        connection.sendall(b"GET /fb/page/getInfo HT")
        assert connection.recv(100) == b""


def test_the_whole_head_is_bounded(emulator: Emulator) -> None:
    for lines in (90, 150):  # the second is too many lines as well
        head = b"GET /fb/page/getInfo HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"x: %s\r\n" % (b"y" * 900) * lines + b"\r\n"
        assert raw(emulator, head).startswith(b"HTTP/1.1 431 ")
    head = b"GET /fb/page/getInfo HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"x: %s\r\n" % (b"y" * 900) * 60 + b"\r\n"
    assert raw(emulator, head).startswith(b"HTTP/1.1 401 ")


def test_a_client_that_gave_up_on_an_answer_frees_its_connection(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "most_connections", 3)
    emulator.fault("timeout")
    for _ in range(5):
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{emulator.base_url}/fb/page/getInfo", timeout=0.1, trust_env=False)
    emulator.clear_faults()
    assert get(emulator, "/fb/page/getInfo").status_code == 401


def test_no_key_stands_in_the_journal(emulator: Emulator) -> None:
    key = emulator.key()
    get(emulator, f"/fb/page/getInfo?app_token=unknown-secret-1&note={key}&tag=7")
    httpx.post(
        f"{emulator.base_url}/fb/page/createTag",
        json={"name": f"a {key} b", "list": [key, {key: 1}]},
        headers={"Authorization": f"Bearer {key}"},
        trust_env=False,
    )
    journal = get(emulator, "/_emulator/journal").text
    assert key not in journal
    assert "unknown-secret-1" not in journal
    assert emulator.journal[0].query == {"app_token": "***", "note": "***", "tag": "7"}
    assert emulator.journal[1].body == {"name": "a *** b", "list": ["***", {"***": 1}]}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in /proc")
@pytest.mark.parametrize("command", ["emulate", "listen"])
def test_the_largest_heads_of_256_connections_take_little_memory(command: str, tmp_path: Path) -> None:
    head = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"x: %s\r\n" % (b"y" * 65_500) * 97
    words = [sys.executable, "-m", "mcapp", command, "--timeout", "30", "--json"]
    with ExitStack() as stack:
        server = stack.enter_context(
            subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path)
        )
        stack.callback(server.kill)
        assert server.stderr is not None
        port = int(re.search(rb"listening on http://127\.0\.0\.1:(\d+)", server.stderr.readline())[1])  # type: ignore[index]
        connections = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5)) for _ in range(256)
        ]
        for _ in range(5):
            for number, connection in enumerate(connections):
                connection.settimeout(0)
                with suppress(OSError):  # its buffer is full, or the server has refused it
                    connection.send(head if number % 2 else head[:60_000])
        time.sleep(0.5)  # until it has read what it accepts
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{server.pid}/status").read_text())
        assert peak is not None
        assert int(peak[1]) < 100_000, json.dumps({command: int(peak[1])})
        sys.stderr.write(f"{command}: {peak[1]} kB\n")
