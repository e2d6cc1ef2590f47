"""`mcapp listen` as a user runs it: what it shows, how it ends, and what its reports hold."""

import json
import os
import signal
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest

from mcapp import schemas
from tests.harness import Cli
from tests.keys.person import Person
from tests.listen.conftest import Start, deliver, make_key, report

KEY = make_key(1)
posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and modes as POSIX has them")


def test_it_shows_what_arrives_with_the_key_masked(start: Start) -> None:
    running = start("--once", "--path", "/manychat/install")
    body = {"app_token": KEY, "page_id": "7", "name": "Ann\x1b[31m", "list": [1, None, True]}
    assert deliver(running.url, body, f"x-token-header: {KEY}") == (200, {"delivery": 1})
    code, out, err = running.end()
    assert code == 0
    assert KEY not in out + err
    lines = out.splitlines()
    assert lines[0] == "1. POST /manychat/install  answered 200"
    assert f"   x-token-header: {'*' * 40}" in lines
    assert f'     "app_token": "{"*" * 40}",' in lines
    assert '     "name": "Ann\\u001b[31m",' in lines
    assert "App Key in the header x-token-header and the payload's /app_token: …w_K2, 40 characters" in out
    assert "page_id 7" in lines
    assert lines[-1] == "1 delivery, 1 with an App Key"
    assert "Ctrl-C ends it" in err


def test_the_json_report_is_one_document(start: Start) -> None:
    running = start("--json", "--status", "500")
    assert deliver(running.url + "?a=1", {"app_token": KEY, "n": 1}).status == 500
    assert deliver(running.url, b"\x00\xff").status == 500
    assert deliver(running.url, {}, host="evil.example").status == 403
    code, out, err = running.end(signal.SIGTERM)
    assert code == 0
    assert KEY not in out + err
    document = report(out)
    first, second = document["deliveries"]
    assert document["url"] == running.url
    assert first["key"]["found"] == [{"kind": "field", "name": "/app_token"}]
    assert (first["query"], first["body"], first["status"]) == (
        [{"name": "a", "value": "1"}],
        {"app_token": "*" * 40, "n": 1},
        500,
    )
    assert (second["key"], second["body_kind"], second["bytes"], second["body"]) == (None, "binary", 2, None)
    assert [row["status"] for row in document["refused"]] == [403]
    assert "it answers 500: ManyChat shows success for 200 alone" in err


def test_jsonl_tells_while_it_happens(start: Start, tmp_path: Path) -> None:
    running = start("--output-format", "jsonl", "--output-format", f"json={tmp_path / 'all.json'}")
    lines = [running.line()]
    deliver(running.url, {"app_token": KEY})
    lines.append(running.line())
    deliver(running.url + "other", {})
    lines.append(running.line())
    code, out, _ = running.end(signal.SIGTERM)
    assert code == 0
    lines += out.splitlines()
    found = [json.loads(line) for line in lines]
    assert [line["event"] for line in found] == ["listening", "delivery", "refused", "end"]
    schema = json.loads(schemas.text("listen"))
    event = {"$schema": schema["$schema"], "$ref": "#/$defs/event", "$defs": schema["$defs"]}
    for line in found:
        jsonschema.Draft202012Validator(event).validate(line)
    assert KEY not in "".join(lines)
    whole = report((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert found[1] == {"schema_version": 1, "event": "delivery", **whole["deliveries"][0]}


def test_a_report_for_people_can_go_to_a_file(start: Start, tmp_path: Path) -> None:
    running = start("--once", "--json", "--output-format", f"text={tmp_path / 'report.txt'}")
    deliver(running.url, {"app_token": KEY})
    _, out, _ = running.end()
    report(out)
    text = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert text.startswith("1. POST /  answered 200\n")
    assert text.endswith("\n1 delivery, 1 with an App Key")


@posix
@pytest.mark.parametrize("args", [[], ["--json"]], ids=["text", "json"])
def test_control_c_prints_what_arrived(start: Start, args: list[str]) -> None:
    running = start(*args)
    for number in range(3):
        deliver(running.url, {"app_token": make_key(number)})
    code, out, err = running.end(signal.SIGINT)
    assert code == 130
    if args:
        document = report(out)
        assert len(document["deliveries"]) == 3
        assert [error["code"] for error in document["errors"]] == ["interrupted"]
    else:
        assert out.endswith("3 deliveries, 3 with an App Key\n")
        assert "interrupted" in err


def test_nothing_within_the_time_limit_is_undecided(cli: Cli) -> None:
    result = cli("listen", "--timeout", "0.1")
    assert (result.code, result.out) == (3, "0 deliveries, 0 with an App Key\n")
    assert "nothing arrived within 0.1 seconds" in result.err
    result = cli("listen", "--timeout", "0.1", "--once", "--json")
    assert result.code == 3
    assert [error["code"] for error in report(result.out)["errors"]] == ["timeout"]
    quiet = cli("listen", "--timeout", "0", "-q", "--json")
    assert quiet.code == 3
    assert quiet.err == ""


def test_a_delivery_without_a_key_is_a_no(start: Start) -> None:
    running = start("--once", "--json")
    assert deliver(running.url, {"page_id": "7"}).status == 200
    code, out, _ = running.end()
    assert code == 1
    document = report(out)
    assert document["deliveries"][0]["problem"]
    assert [error["code"] for error in document["errors"]] == ["no-key-came"]


def test_refused_requests_are_no_event(start: Start) -> None:
    running = start("--once", "--json")
    assert deliver(running.url, {"app_token": KEY}, "Origin: https://evil.example").status == 403
    assert deliver(running.url, {"app_token": make_key(2)}).status == 200
    code, out, err = running.end()
    assert code == 0
    document = report(out)
    assert len(document["deliveries"]) == len(document["refused"]) == 1
    assert "it comes from a web page of https://evil.example" in err


BLOCK = {
    "auth": {
        "request": {"url": "https://x.example/in/ ställ?a=b", "method": "PUT", "headers": ["x-mine: T {{app_token}}"]}
    }
}


def test_with_an_app_it_looks_where_the_block_says(start: Start) -> None:
    Path("app.json").write_text(json.dumps(BLOCK), encoding="utf-8")
    running = start("--app", "app.json", "--json", "--once")
    assert running.url.endswith("/in/%20st%C3%A4ll")
    assert deliver(running.url, {}).status == 405
    deliver(running.url, {"app_token": make_key(2)}, f"X-Mine: T {KEY}", method="PUT")
    code, out, err = running.end()
    assert code == 0
    assert "POST is not a method of a delivery" in err
    assert "the block puts the key into the header x-mine" in err
    key = report(out)["deliveries"][0]["key"]
    assert key["found"] == [{"kind": "header", "name": "X-Mine"}]
    assert make_key(2) not in out + err


@pytest.mark.parametrize(
    ("content", "code", "hint"),
    [
        ('{"auth": null, "actions": []}', "no-request", "mcapp generate --url URL --into app.json"),
        ('{"request": {"url": "https://x.example/", "method": "POST"}}', "no-key", "mcapp validate app.json"),
        ("", "no-request", ""),
        (None, "missing", ""),
    ],
)
def test_an_app_that_delivers_nothing_is_unusable(cli: Cli, content: str | None, code: str, hint: str) -> None:
    if content is not None:
        Path("app.json").write_text(content, encoding="utf-8")
    result = cli("listen", "--app", "app.json", "--timeout", "0", "--json")
    assert result.code == 2
    (error,) = report(result.out)["errors"]
    assert error["code"] == code
    assert hint in error["hint"]


@posix
def test_what_arrived_is_saved_without_the_key(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "fixtures"
    running = start("--save", str(folder), "--json")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: deliver(running.url, {"app_token": make_key(n), "page_id": str(n)}), range(30)))
    code, out, _ = running.end(signal.SIGTERM)
    assert code == 0
    files = sorted(folder.iterdir())
    assert sorted(row["saved"] for row in report(out)["deliveries"]) == [str(path) for path in files]
    assert len(files) == 30
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    kept = [json.loads(path.read_text(encoding="ascii")) for path in files]
    assert sorted(int(one["body"]["page_id"]) for one in kept) == list(range(30))
    assert {one["body"]["app_token"] for one in kept} == {"*" * 40}
    assert "fake" not in "".join(map(str, kept))


def test_a_folder_that_cannot_be_used_is_said_before_anything_arrives(cli: Cli) -> None:
    Path("taken").write_text("", encoding="utf-8")
    for folder in ("taken", "taken/below", "nul\x00"):
        result = cli("listen", "--save", folder, "--timeout", "0")
        assert result.code == 2
        assert "listening" not in result.err


@pytest.mark.parametrize("command", ["listen", "emulate", "send"])
@pytest.mark.parametrize("path", ["missing/report.json", "folder"])
def test_a_report_that_cannot_be_written_is_said_before_anything_happens(cli: Cli, command: str, path: str) -> None:
    """What arrived could not be had again. Nothing listens at the port, and there is no file to send."""
    Path("folder").mkdir()
    words = ["--to", "http://127.0.0.1:1/"] if command == "send" else ["--timeout", "0"]
    for more in ([], ["--output-format", "text=report.txt"]):
        result = cli(command, *words, "--output-format", f"json={path}", *more)
        assert result.code == 2
        assert result.err.startswith(f"error: {path} ")
    result = cli(command, *words, "--json", "--output-format", f"text={path}")
    assert result.code == 2
    assert [error["path"] for error in result.json()["errors"]] == [path]


def test_a_body_too_long_for_the_report_is_cut_there_and_whole_in_the_file(start: Start, tmp_path: Path) -> None:
    running = start("--save", str(tmp_path / "fx"), "--json", "--once")
    deliver(running.url, {"app_token": KEY, "rows": ["x y"] * 20_000})
    _, out, _ = running.end()
    row = report(out)["deliveries"][0]
    assert row["truncated"]
    assert len(row["body"]) == 65_536
    saved = json.loads(Path(row["saved"]).read_text(encoding="ascii"))
    assert len(saved["body"]["rows"]) == 20_000


@posix
def test_without_a_terminal_nothing_is_asked_and_nothing_stored(start: Start, cli: Cli) -> None:
    running = start("--once")
    deliver(running.url, {"app_token": KEY})
    assert running.end()[0] == 0
    assert cli("keys", "list", "--json").json()["keys"] == []
    assert not os.path.exists(os.environ["MCAPP_CONFIG_DIR"])  # noqa: PTH110  # a path from the environment


@posix
def test_at_a_terminal_it_asks_before_it_stores(cli: Cli) -> None:
    with Person("listen", "--timeout", "40", env={"MCAPP_KEY_STORE": "file"}) as person:
        person.sees("listening on ")
        url = person.sees("\r\n")
        assert deliver(url, {"app_token": KEY}).status == 200
        person.sees("Store this key? [y/N] ")
        person.types("n\n")
        person.sees("not stored")
        assert deliver(url, {"app_token": KEY}).status == 200  # a no is remembered
        assert deliver(url, {"app_token": make_key(2)}).status == 200
        person.sees("Store this key? [y/N] ")
        person.types("y\n")
        person.sees("Name for it: ")
        person.types("../x\n")
        person.sees("cannot be the name")
        person.sees("Name for it: ")
        person.types("shop-b\n")
        person.sees("stored as shop-b")
        person.types("\x03")
        code, shown = person.leaves()
    assert code == 130
    assert "3 deliveries, 3 with an App Key" in shown
    kept = cli("keys", "list", "--json").json()
    assert [(key["name"], key["default"]) for key in kept["keys"]] == [("shop-b", False)]


@posix
@pytest.mark.parametrize("answers", [[], ["y\n"]])
@pytest.mark.parametrize(("number", "ends_with"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_an_open_question_keeps_it_from_nothing(answers: list[str], number: signal.Signals, ends_with: int) -> None:
    with Person("listen", "--timeout", "40", env={"MCAPP_KEY_STORE": "file"}) as person:
        person.sees("listening on ")
        url = person.sees("\r\n")
        assert deliver(url, {"app_token": KEY}).status == 200
        person.sees("Store this key? [y/N] ")
        assert deliver(url, {"app_token": make_key(2)}).status == 200  # who delivers need not wait for the answer
        for answer in answers:
            person.types(answer)
            person.sees("Name for it: ")
        person.signals(number)
        code, shown = person.leaves()
    assert code == ends_with
    assert shown.startswith("\n")
    assert "2 deliveries, 2 with an App Key\n" in shown
    assert shown.count("interrupted") == (1 if number == signal.SIGINT else 0)
    assert not os.path.exists(os.environ["MCAPP_CONFIG_DIR"])  # noqa: PTH110  # a path from the environment
