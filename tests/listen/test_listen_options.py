"""The options of `mcapp listen`: which are refused, and what is said of where it listens."""

import pytest

from tests.harness import Cli
from tests.listen.conftest import Listen, Start, deliver, make_key, report

KEY = make_key(1)


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["--path", "in stall"], "begins with one /"),
        (["--path", "//install"], "begins with one /"),
        (["--path", "/a b"], "no spaces"),
        (["--path", "/a?b"], "no spaces"),
        (["--status", "99"], "--status"),
        (["--force"], "--store-as NAME"),
        (["--store-as", "no name"], "cannot be the name of a key"),
        (["--store-as", "x", "--store", "usb"], "known stores: auto, system, file"),
        (["--output-format", "sarif"], "known formats: text, json, jsonl"),
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


def test_by_default_it_is_this_machines_own(start: Start) -> None:
    running = start("--once")
    assert running.url.startswith("http://127.0.0.1:")
    deliver(running.url, {"app_token": KEY})
    assert running.end()[0] == 0


@pytest.mark.parametrize("words", [["listen", "--timeout"], ["emulate", "--timeout"], ["emulate", "--latency"]])
def test_no_number_is_no_time_limit(cli: Cli, words: list[str]) -> None:
    result = cli(*words, "nan")
    assert (result.code, result.out) == (2, "")
    assert f"{words[1]} is a number of seconds" in result.err
