"""Where a key goes and where it shows: nowhere that was not typed, and in nothing that is printed."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mcapp.scopes import run as running
from mcapp.terminal import redact
from tests.harness import Cli
from tests.send.conftest import REAL_KEY, Endpoint, app, report

ODD_KEY = "fake-k/e+y:Qz7=" * 2
pytestmark = pytest.mark.usefixtures("forgotten")


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    redact._loaded.clear()


@pytest.fixture
def stored(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> str:
    """A stored key's name."""
    monkeypatch.setenv("MCAPP_KEY_STORE", "file")
    assert cli("keys", "add", "shop-a", "--stdin", stdin=REAL_KEY).code == 0
    return "shop-a"


def echo(endpoint: Endpoint) -> None:
    """An endpoint that hands everything back: in its headers, as JSON, as a URL, as a page."""

    def body(arrived: object) -> bytes:
        key = endpoint.arrived[-1].headers["x-token-header"]
        forms = [key, quote(key), quote(key, safe=""), json.dumps(key), key.replace("/", "\\/"), repr(arrived)]
        endpoint.headers["x-echo"] = key
        return "\n".join([*forms, "x" * 1985 + key]).encode()

    endpoint.body = body


@pytest.mark.parametrize("option", [[], ["--json"], ["-v"], ["--color", "always"]])
@pytest.mark.parametrize("status", [200, 302, 500])
def test_a_key_is_masked_in_everything(
    cli: Cli, endpoint: Endpoint, stored: str, option: list[str], status: int
) -> None:
    app(request={"url": "https://example.com/x/{{app_token}}?k={{app_token}}"})
    echo(endpoint)
    endpoint.status = status
    result = cli("send", "--to", endpoint.base, "--key", stored, "--times", "2", *option)
    assert endpoint.arrived[-1].headers["x-token-header"] == REAL_KEY
    shown = result.out + result.err
    assert REAL_KEY not in shown
    assert quote(REAL_KEY, safe="") not in shown
    assert REAL_KEY[:24] not in shown
    assert "using the key shop-a" in result.err


def test_a_key_with_odd_characters_is_masked_however_it_is_spelt(cli: Cli, endpoint: Endpoint) -> None:
    app(request={"url": "https://example.com/x/{{app_token}}?k={{app_token}}"})
    echo(endpoint)
    env = {"MANYCHAT_APP_KEY": ODD_KEY}
    result = cli("send", "--to", endpoint.base, "--key", "MANYCHAT_APP_KEY", "--json", env=env)
    assert result.code == 0, result.err
    assert endpoint.only.headers["x-token-header"] == ODD_KEY
    assert report(result)["key"]["source"] == "environment"
    spelt = {
        ODD_KEY,
        quote(ODD_KEY),
        quote(ODD_KEY, safe=""),
        ODD_KEY.replace("/", "\\/"),
        ODD_KEY.replace("/", "\\\\/"),
    }
    assert not [form for form in spelt if form in result.out + result.err]
    assert "fake-k" not in result.out


def test_the_made_up_key_is_masked_too(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url)
    key = endpoint.only.headers["x-token-header"]
    assert key not in result.out + result.err
    assert "*" * len(key) in result.out


def test_without_key_the_real_ones_stay_at_home(cli: Cli, endpoint: Endpoint, stored: str) -> None:
    app()
    result = cli("send", "--to", endpoint.url, "--json", env={"MANYCHAT_APP_KEY": ODD_KEY})
    assert result.code == 0, stored
    assert report(result)["key"]["source"] == "made-up"
    assert REAL_KEY not in str(endpoint.arrived)
    assert ODD_KEY not in str(endpoint.arrived)


@pytest.mark.parametrize(
    "to",
    [
        "https://example.com/manychat/install",
        "https://api.manychat.com/",
        "http://127.0.0.1.example.com/",
        "http://10.0.0.1/",
        "http://0.0.0.0:3000/",
        "https://localhost.example.com",
    ],
)
@pytest.mark.parametrize("more", [[], ["--allow-host", "other.example"], ["--dry-run"], ["--print", "curl"]])
def test_a_real_key_goes_nowhere_that_was_not_typed_twice(cli: Cli, stored: str, to: str, more: list[str]) -> None:
    app(request={"url": "https://example.com/manychat/install"})
    result = cli("send", "--to", to, "--key", stored, *more)
    assert (result.code, result.out) == (2, "")
    assert "a real key is not sent to" in result.err
    assert "--allow-host" in result.err


def test_a_host_that_was_typed_twice_may_have_it(cli: Cli, stored: str) -> None:
    app()
    to = "https://hooks.example.com/install"
    result = cli("send", "--to", to, "--key", stored, "--allow-host", "HOOKS.example.com.", "--dry-run")
    assert result.code == 0, result.err
    assert to in result.out


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_may_have_it(cli: Cli, stored: str, host: str) -> None:
    app()
    assert cli("send", "--to", f"http://{host}:1/", "--key", stored, "--dry-run").code == 0


TO = {"send": ["--to"], "probe": ["--rate", "1000", "--base-url"]}


@pytest.mark.parametrize("command", TO)
def test_localhost_may_be_another_machine(
    cli: Cli, endpoint: Endpoint, stored: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/etc/hosts can say so. The guard around the tests fails this one if a way to that machine is opened."""
    app()
    port = endpoint.server.server_port
    words = [*TO[command], f"http://localhost:{port}", "--key", stored, "--json"]
    monkeypatch.setattr(running, "BACKOFF", 0.01)
    assert cli(command, *words).code == (0 if command == "send" else 3)
    arrived = len(endpoint.arrived)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.1", "192.0.2.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    result = cli(command, *words)
    assert result.code == 3
    assert "localhost points to another machine" in result.out
    assert len(endpoint.arrived) == arrived


@pytest.mark.parametrize("command", TO)
def test_localhost_is_resolved_once_and_what_was_checked_is_connected_to(
    cli: Cli, endpoint: Endpoint, stored: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app()
    port = endpoint.server.server_port
    real, asked = socket.getaddrinfo, []

    def changing(host: Any, *words: Any, **more: Any) -> Any:
        if host not in ("localhost", b"localhost"):
            return real(host, *words, **more)
        asked.append(host)
        addresses = ["::1", "127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    words = [*TO[command], f"http://localhost:{port}", "--key", stored]
    monkeypatch.setattr(running, "BACKOFF", 0.01)
    assert cli(command, *words).code == (0 if command == "send" else 3)
    assert len(asked) == 1
    assert endpoint.arrived
    assert all(
        {name.lower(): value for name, value in one.headers.items()}["host"] == f"localhost:{port}"
        for one in endpoint.arrived
    )


def test_the_configuration_names_no_host(cli: Cli, stored: str) -> None:
    app()
    Path("mcapp.toml").write_text('allow-host = "example.com"\n', encoding="utf-8")
    result = cli("send", "--to", "http://127.0.0.1:1/", "--key", stored)
    assert result.code == 2
    assert "unknown key" in result.err


def test_a_proxy_never_sees_this_machine(cli: Cli, endpoint: Endpoint) -> None:
    app()
    proxy = "http://127.0.0.1:9"
    env = dict.fromkeys(["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"], proxy)
    assert cli("send", "--to", endpoint.url, env=env).code == 0
    assert endpoint.only.path == "/install"


def test_a_redirect_is_not_followed(cli: Cli, endpoint: Endpoint, stored: str) -> None:
    app()
    endpoint.status, endpoint.headers = 307, {"Location": endpoint.base + "/elsewhere"}
    assert cli("send", "--to", endpoint.url, "--key", stored).code == 1
    assert endpoint.only.path == "/install"


def test_a_key_that_is_not_there(cli: Cli, endpoint: Endpoint) -> None:
    app()
    for name in ("nobody", "MANYCHAT_APP_KEY"):
        result = cli("send", "--to", endpoint.url, "--key", name, "--json")
        assert result.code == 4
        assert report(result)["errors"]
    assert not endpoint.arrived


def test_a_key_is_no_value(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url, "--set", f"app_token={REAL_KEY}")
    assert (result.code, result.out) == (2, "")
    assert REAL_KEY not in result.err
    assert not endpoint.arrived


def test_a_name_in_a_url_is_sent_nothing(cli: Cli, endpoint: Endpoint) -> None:
    """The guard around the tests fails any test that opens a way to example.com, the block's own host."""
    app()
    assert cli("send", "--to", endpoint.url, "--set", "page_id=https://example.com/").code == 0
    assert len(endpoint.arrived) == 1
