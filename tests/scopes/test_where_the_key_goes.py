"""The key goes to the host that was chosen on the command line, and is seen nowhere else."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcapp.emulator.manychat import ApiRequest
from mcapp.net.server import Reply
from mcapp.net.target import choose
from mcapp.net.transport import Proxy, proxy
from mcapp.scopes.plan import Selection, build
from mcapp.scopes.probe_formats import FORMATS
from mcapp.testing import Emulator, Fault
from tests.harness import Cli, Process
from tests.hostile import hostile_kinds  # noqa: F401  # a fixture
from tests.scopes.counting import Counting

PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


@pytest.fixture
def counting() -> Iterator[Counting]:
    with Counting() as server:
        yield server


def test_a_proxy_never_sees_a_call_to_this_machine(cli: Cli, emulator: Emulator, counting: Counting) -> None:
    key = emulator.key()
    env = dict.fromkeys(PROXIES, f"http://127.0.0.1:{counting.port}") | {"MANYCHAT_APP_KEY": key}
    for url in (emulator.base_url, emulator.base_url.replace("127.0.0.1", "localhost")):
        result = cli("probe", "--base-url", url, "--rate", "1000", "--json", env=env)
        assert result.code == 0, result.err
    assert counting.received == []
    assert len(emulator.journal) == 2 * len(build(choose(), Selection()).requests)


def test_a_proxy_sees_a_tunnel_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "http://proxy.example:3128")
    # https: it is asked for a tunnel, and sees no header. Windows knows variables in capitals only.
    name = "HTTPS_PROXY" if sys.platform == "win32" else "https_proxy"
    assert proxy(choose()) == Proxy(name, "http://proxy.example:3128")
    assert proxy(choose("http://staging.example", "staging.example")) is None
    assert proxy(choose("https://127.0.0.1:1")) is None
    assert proxy(choose("https://localhost:1")) is None
    monkeypatch.setenv("NO_PROXY", "manychat.com")
    assert proxy(choose()) is None


def test_a_proxy_is_asked_for_a_tunnel_and_sees_no_key(cli: Cli, counting: Counting) -> None:
    """ManyChat itself is never reached: what answers here is no tunnel, and the handshake fails."""
    key = "fake-key-fake-key"
    env = {"HTTPS_PROXY": f"http://127.0.0.1:{counting.port}", "MANYCHAT_APP_KEY": key}
    result = cli("probe", "--only", "GET /fb/page/getInfo", "--rate", "10", "--deadline", "5", "--json", env=env)
    assert result.code == 3
    assert result.json()["key"]["verdict"] == "unreachable"
    assert counting.received
    for first in counting.received:
        assert first.startswith(b"CONNECT api.manychat.com:443 HTTP/1.1\r\n")
        assert key.encode() not in first
        assert b"authorization" not in first.lower()


@pytest.mark.parametrize(
    "text",
    [
        'base-url = "{url}"\n',
        'base_url = "{url}"\n',
        'allow-host = "127.0.0.1"\n',
        '[probe]\nbase-url = "{url}"\n',
        '[scopes]\nbase-url = "{url}"\n',
    ],
)
def test_no_configuration_names_a_host(cli: Cli, counting: Counting, text: str) -> None:
    Path("mcapp.toml").write_text(text.format(url=f"http://127.0.0.1:{counting.port}"))
    result = cli("probe", "--json", env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    assert result.code == 2
    assert result.json()["errors"][0]["code"] == "config"
    assert counting.received == []


@pytest.mark.parametrize(
    "name",
    ["MCAPP_BASE_URL", "MANYCHAT_BASE_URL", "MANYCHAT_API_URL", "MCAPP_ALLOW_HOST", "BASE_URL", "MCAPP_PROBE_BASE_URL"],
)
def test_no_variable_names_a_host(cli: Cli, emulator: Emulator, counting: Counting, name: str) -> None:
    env = {"MANYCHAT_APP_KEY": emulator.key(), name: f"http://127.0.0.1:{counting.port}"}
    result = cli("probe", "--base-url", emulator.base_url, "--rate", "1000", env=env)
    assert result.code == 0
    plan = cli("probe", "--dry-run", "--json", env=env).json()
    assert plan["base_url"] == "https://api.manychat.com"
    assert all(request["url"].startswith("https://api.manychat.com/fb/") for request in plan["requests"])
    assert counting.received == []


@pytest.mark.parametrize(
    "options",
    [
        ["--base-url", "http://192.0.2.1:{port}"],
        ["--base-url", "http://192.0.2.1:{port}", "--allow-host", "192.0.2.2"],
        ["--base-url", "https://api.manychat.com.evil.example"],
        ["--base-url", "http://api.manychat.com"],
        ["--base-url", "http://user@127.0.0.1:{port}"],
        ["--base-url", "http://127.0.0.1:{port}/proxy"],
    ],
)
def test_no_option_alone_names_another_host(cli: Cli, counting: Counting, options: list[str]) -> None:
    words = [option.format(port=counting.port) for option in options]
    result = cli("probe", *words, "--json", env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    # A mistake in the options themselves is said on stderr alone.
    assert (result.code, result.out) == (2, "")
    assert "error:" in result.err
    assert counting.received == []


def test_a_redirect_takes_the_key_nowhere(cli: Cli, emulator: Emulator, counting: Counting) -> None:
    for location in (
        f"http://127.0.0.1:{counting.port}/",
        f"//127.0.0.1:{counting.port}/fb/page/getInfo",
        "http://[",
        "",
    ):
        emulator.clear_faults()
        emulator.add_fault(Fault("redirect", location=location))
        options = ["--base-url", emulator.base_url, "--rate", "1000", "--include-writes"]
        result = cli("probe", *options, env={"MANYCHAT_APP_KEY": emulator.key()})
        assert result.code == 3
    assert counting.received == []


def test_a_host_named_twice_is_told_when_it_is_not_encrypted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcapp.scopes.verdicts.make_transport", lambda _target: _Nowhere())
    options = ["--base-url", "http://staging.example", "--allow-host", "staging.example", "--deadline", "2"]
    result = cli("probe", *options, env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    assert result.code == 3
    assert "the key goes to staging.example without encryption" in result.err


def _Nowhere() -> object:  # noqa: N802  # stands for a transport's class
    import httpx

    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nowhere")

    return httpx.MockTransport(refuse)


def test_the_key_is_in_no_output(process: Process, emulator: Emulator) -> None:
    """Not in a report, not in talk, not in a log of httpx that somebody has switched on, whatever the server echoes."""
    key = emulator.key(["page"])
    into_files = [word for name in FORMATS if name != "text" for word in ("--output-format", f"{name}={name}.out")]
    for kind in (None, "redirect", "garbage", "timeout", "html"):
        emulator.clear_faults()
        if kind:
            emulator.add_fault(Fault(kind, location=f"{emulator.base_url}/{key}"))
        result = process(
            "probe",
            *("--base-url", emulator.base_url, "--rate", "1000", "--timeout", "0.3", "--deadline", "1", "-v"),
            *("--output-format", "text", *into_files, "--include-writes"),
            env={"MANYCHAT_APP_KEY": key},
        )
        assert result.code in (0, 3)
        written = "".join(Path(f"{name}.out").read_text() for name in FORMATS if name != "text")
        assert len(written) > 5_000
        assert key not in result.out + result.err + written
        assert "Traceback" not in result.err


def test_the_key_is_in_no_log(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    from mcapp.api import probe

    key = emulator.key()
    with caplog.at_level(logging.DEBUG):
        report = probe(key, base_url=emulator.base_url, rate=1000)
    assert "send_request_headers" in caplog.text  # the libraries below do log
    assert key not in caplog.text
    assert key not in repr(report)


def test_no_cookie_is_kept(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in front of an API hands out cookies; a probe is nobody's visitor."""
    from mcapp.api import probe
    from mcapp.emulator import service

    seen: list[str | None] = []
    serve = service._Handler._serve

    def spy(handler: service._Handler, raw: bytes) -> None:
        seen.append(handler.headers.get("Cookie"))
        serve(handler, raw)

    answer = emulator.answer

    def with_cookie(call: ApiRequest) -> tuple[Reply, Fault | None]:
        reply, fault = answer(call)
        return reply._replace(headers=(*reply.headers, ("Set-Cookie", "visitor=1; Path=/"))), fault

    monkeypatch.setattr(service._Handler, "_serve", spy)
    monkeypatch.setattr(emulator, "answer", with_cookie)
    report = probe(emulator.key(), base_url=emulator.base_url, rate=1000, include_writes=True)
    assert report.exit_code == 0
    assert seen == [None] * (len(build(choose(), Selection(include_writes=True)).requests))


@pytest.mark.parametrize("key", ["with blank 123", "with\nline", "ünïcode-key-123", "tab\tkey-12345", ""])
def test_a_key_that_no_request_can_carry_is_not_sent_and_not_shown(emulator: Emulator, key: str) -> None:
    from mcapp.api import probe
    from mcapp.errors import NoKey

    with pytest.raises(NoKey) as caught:
        probe(key, base_url=emulator.base_url)
    assert not key or key not in str(caught.value)
    assert emulator.journal == ()


def test_an_echo_of_the_key_is_masked(cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcapp.emulator import account

    key = emulator.key([])
    monkeypatch.setattr(account, "OUT_OF_SCOPE", account.error(401, f"{key} is not allowed"))
    for name in FORMATS:
        options = ["--base-url", emulator.base_url, "--rate", "1000", "--output-format", name]
        result = cli("probe", *options, env={"MANYCHAT_APP_KEY": key})
        assert result.code == 3
        assert key not in result.out + result.err
    assert (
        "is not allowed"
        in json.loads(cli("probe", *options[:-1], "json", env={"MANYCHAT_APP_KEY": key}).out)["scopes"][0]["message"]
    )
