"""What `emulate` refuses, and that its journal has no key."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest

from mcapp.emulator import service
from mcapp.testing import Emulator


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
    monkeypatch.setattr(service._Handler, "timeout", 0.3)
    url = urlsplit(emulator.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
        connection.sendall(b"GET /fb/page/getInfo HT")
        assert connection.recv(100) == b""


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
