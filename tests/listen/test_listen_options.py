"""The options of `mcapp listen`: which are refused, and what is said of where it listens."""

from typing import Any

import pytest

from mcapp.commands.base import Common
from mcapp.commands.listen_keep import Keeper
from mcapp.commands.listen_session import Session
from mcapp.commands.servers import Interrupts
from mcapp.commands.streams import Stream
from mcapp.delivery.listen_server import Listener
from tests.harness import Cli
from tests.listen.conftest import Listen, Start, deliver, make_key, report

KEY = make_key(1)


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["--path", "install"], "begins with /"),
        (["--path", "/a b"], "no blanks"),
        (["--path", "/a?b"], "no blanks"),
        (["--status", "99"], "--status"),
        (["--force"], "--store-as NAME"),
        (["--store-as", "no name"], "cannot be the name of a key"),
        (["--store-as", "x", "--store", "usb"], "there are: auto, system, file"),
        (["--output-format", "sarif"], "there are: text, json, jsonl"),
    ],
)
def test_wrong_options_are_refused(cli: Cli, args: list[str], hint: str) -> None:
    result = cli("listen", *args, "--timeout", "0")
    assert result.code == 2
    assert hint in result.err


def test_a_port_that_is_taken_is_said(cli: Cli, listen: Listen) -> None:
    port = listen().url.split(":")[2].rstrip("/")
    result = cli("listen", "--port", port, "--timeout", "0", "--json")
    assert result.code == 2
    (error,) = report(result.out)["errors"]
    assert (error["code"], error["hint"].split(";")[0]) == ("listen", "--port 0 takes a free port")


def test_more_than_loopback_is_said_loudly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing may listen there in tests, so the announcement is made without it."""
    monkeypatch.setattr(Listener, "url", "http://0.0.0.0:1/")
    console = Common().console
    for host, loud in (("0.0.0.0", True), ("dev.example", True), ("127.0.0.1", False), ("::1", False)):  # noqa: S104
        session = Session(Listener(host=host), console, _Deaf(), _Nothing(), None, None, Interrupts())
        session.announce()
        assert ("other machines can reach it" in capsys.readouterr().err) is loud


class _Deaf(Stream):
    def __init__(self) -> None:
        """Reports nothing."""

    def event(self, kind: str, content: Any) -> None: ...


class _Nothing(Keeper):
    def __init__(self) -> None:
        """Keeps nothing."""


def test_by_default_it_is_this_machines_own(start: Start) -> None:
    running = start("--once")
    assert running.url.startswith("http://127.0.0.1:")
    deliver(running.url, {"app_token": KEY})
    assert running.end()[0] == 0
