"""`mcapp emulate` as a user runs it."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from mcapp import schemas
from tests.harness import Cli, environment

Start = Callable[..., tuple["subprocess.Popen[bytes]", str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start it as a process of its own and wait for the line that says where it listens."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*args: str) -> tuple["subprocess.Popen[bytes]", str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "mcapp", "emulate", "--timeout", "30", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead of a line would be lost to `communicate`
            env=environment(),
        )
        running.append(process)
        assert process.stderr is not None
        first = process.stderr.readline().decode()
        match = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", first)
        assert match, first
        return process, match[1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ask(base_url: str, path: str, key: str) -> int:
    return httpx.get(base_url + path, headers={"Authorization": f"Bearer {key}"}, trust_env=False).status_code


def fits(document: Any) -> None:
    schema = json.loads(schemas.text("emulate"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_with_a_whole_report(start: Start, number: signal.Signals, code: int) -> None:
    process, base_url = start("--json")
    assert ask(base_url, "/fb/page/getTags", "emulated-some") == 200
    assert ask(base_url, "/fb/page/getFlows", "emulated-some") == 401
    assert ask(base_url, "/fb/page/getInfo", "nobody") == 401
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == code, err
    report = json.loads(out)
    fits(report)
    assert report["base_url"] == base_url
    assert [(request["path"], request["key"], request["status"]) for request in report["requests"]] == [
        ("/fb/page/getTags", "some", 200),
        ("/fb/page/getFlows", "some", 401),
        ("/fb/page/getInfo", "unknown", 401),
    ]
    assert report["unchanged"] is True
    assert report["ok"] is (code == 0)
    assert [error["code"] for error in report["errors"]] == ["interrupted"] * (code == 130)
    assert b"Traceback" not in err


def test_it_tells_of_requests_as_they_come_and_sums_them_up(start: Start) -> None:
    process, base_url = start("--scopes", "reads", "--fault", "/fb/page/getTags=500*1")
    for _ in range(2):
        ask(base_url, "/fb/page/getTags", "emulated-key")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert out.decode().splitlines() == [
        "GET /fb/page/getTags  1 x 500, 1 x 200",
        "2 requests; the account is unchanged",
    ]
    assert "key emulated-key" in err.decode()
    assert re.search(r"500  emulated-key  GET /fb/page/getTags  \(fault 500\)\n", err.decode())


def test_keys_of_a_file_are_not_shown(start: Start, tmp_path: Path) -> None:
    marker = "made-up-but-secret"
    (tmp_path / "keys.toml").write_text(f'[[keys]]\nname = "shop-a"\nkey = "{marker}"\nscopes = ["page"]\n')
    process, base_url = start("--keys", str(tmp_path / "keys.toml"), "--json")
    assert ask(base_url, "/fb/page/getTags", marker) == 200
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert marker not in (out + err).decode()
    assert json.loads(out)["keys"][0]["name"] == "shop-a"


def test_a_time_limit_ends_it(cli: Cli) -> None:
    result = cli("emulate", "--timeout", "0.1", "--json")
    assert result.code == 0
    fits(result.json())
    assert result.json()["requests"] == []
    quiet = cli("emulate", "--timeout", "0.1", "-q")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["--order", "first"], "scope-first, key-body-scope, body-first"),
        (["--state", "gone"], "working, uninstalled"),
        (["--fault", "*=x"], "the kinds are: 401"),
        (["--fault", "x"], "for example"),
        (["--scopes", "getInfo"], "did you mean"),
        (["--keys", "x.toml", "--scopes", "page"], "leave out"),
        (["--host", "192.0.2.1"], "--port 0 takes a free port"),
    ],
)
def test_wrong_options_are_refused(cli: Cli, args: list[str], hint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "--host" in args:
        # What the system says of an address that is not this machine's; the tests' guard would end the run first.
        def refuse(*_: object) -> None:
            raise OSError(99, "Cannot assign requested address")

        monkeypatch.setattr("mcapp.emulator.service.Emulator.start", refuse)
    result = cli("emulate", *args, "--timeout", "0")
    assert result.code == 2
    assert hint in result.err


def test_an_error_is_in_the_report_too(cli: Cli) -> None:
    result = cli("emulate", "--scopes", "/me", "--json")
    assert result.code == 2
    fits(result.json())
    assert result.json()["errors"][0]["code"] == "unknown-scope"


def test_the_help_says_what_it_does_not_imitate(cli: Cli) -> None:
    assert "Not imitated:" in cli("emulate", "--help").out


def test_the_journal_grows_with_each_request_and_loses_none_to_a_reset(start: Start) -> None:
    process, base_url = start("--journal", "calls.jsonl")
    with httpx.Client(base_url=base_url, headers={"Authorization": "Bearer emulated-some"}, trust_env=False) as client:
        assert client.get("/fb/page/getTags").status_code == 200
        assert client.post("/_emulator/reset").status_code == 200
        assert client.get("/fb/page/getFlows").status_code == 401
    for _ in range(100):
        lines = [json.loads(line) for line in Path("calls.jsonl").read_text(encoding="utf-8").splitlines()]
        if len(lines) == 2:
            break
        time.sleep(0.05)
    process.kill()
    assert [(line["path"], line["status"], line["key"]) for line in lines] == [
        ("/fb/page/getTags", 200, "some"),
        ("/fb/page/getFlows", 401, "some"),
    ]


def test_files_that_cannot_be_used(cli: Cli) -> None:
    Path("notes.txt").write_text("no recording\n", encoding="utf-8")
    result = cli("emulate", "--replay", "notes.txt")
    assert (result.code, "notes.txt is not a recording" in result.err) == (2, True)
    assert cli("emulate", "--journal", "no/such/folder/calls.jsonl").code == 2
