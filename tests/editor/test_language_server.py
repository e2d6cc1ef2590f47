"""`mcapp lsp` driven by a client over standard input and output, and what it answers tried on any text."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from lsprotocol import types as lsp

from mcapp.config import Suppression, add_suppressions
from mcapp.editor.analysis import Analysis
from mcapp.lint.check import Settings
from tests.editor.client import Client, frame
from tests.harness import Cli, environment

CORPUS = sorted((Path(__file__).parent.parent / "corpus").rglob("*.json"))
# The ordinary suite tries a sample.
EVERYTHING = bool(os.environ.get("MCAPP_TEST_EDITOR"))
APP = """{
  "description": "d",
  "auth": {
    "type": "APIKEY",
    "params": [{"name": "email", "title": "Your e-mail"}],
    "request": {
      "url": "https://example.com/install", "method": "post", // why
      "headers": ["x-token-header: {{app_token}}", "Content-Type: application/json"],
      "payload": {"page": "{{page_id}}", "email": "😀 [[email]] [[e-mail]]"}
    }
  },
  "sources": [{"name": "colours", "requests": []}],
  "actions": [{"name": "a", "title": "A", "forms": [{"name": "colour", "title": "C", "type": "select", "source": ""}],
    "requests": [{"url": "https://example.com/[[colour]]", "method": "POST", "mapping": []}]}]
}
"""


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n").lstrip("\ufeff")


def utf16(text: str, offset: int) -> dict[str, int]:
    before = text[:offset].rpartition("\n")[2]
    return {"line": text.count("\n", 0, offset), "character": len(before.encode("utf-16-le")) // 2}


def edited(text: str, edits: list[Any]) -> str:
    lines = text.split("\n")

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]].encode("utf-16-le")[: place["character"] * 2].decode("utf-16-le")
        return sum(len(one) + 1 for one in lines[: place["line"]]) + len(line)

    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


def test_it_ends_with_an_editor_that_crashed(tmp_path: Path) -> None:
    """pygls would report the failed write, again and again."""
    client = Client()
    client.initialize()
    assert client.process.stdout
    client.process.stdout.close()
    client.open(tmp_path / "app.json", APP)
    try:
        assert client.process.wait(20) == 141
    finally:
        client.close()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_control_c_does_not_wait_for_the_editor(tmp_path: Path) -> None:
    client = Client()
    client.initialize()
    client.found(client.open(tmp_path / "app.json", APP))
    client.process.send_signal(signal.SIGINT)
    try:
        assert client.process.wait(20) == 130
    finally:
        client.close()


def test_what_is_reported_quotes_nothing_that_was_sent() -> None:
    key = f"1234567:{token_hex(16)}"
    initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}}
    document = {"uri": "file:///none/app.json", "languageId": "json", "version": key, "text": key}
    messages = [
        initialize,
        {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"jsonrpc": "2.0", "id": key, "method": key, "params": key},
        {"jsonrpc": "2.0", "id": key, "result": key},
        [key],
    ]
    done = subprocess.run(
        [sys.executable, "-m", "mcapp", "lsp"],
        input=b"".join(map(frame, messages)),
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    said = done.stderr.decode().splitlines()
    assert len(said) >= 3
    assert all(line.startswith("mcapp lsp: ") for line in said)
    assert key not in done.stderr.decode()


def test_a_session(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    path.write_text(APP)
    with Client() as client:
        able = client.initialize()  # a client that knows nothing of positionEncodings
        assert able.get("positionEncoding", "utf-16") == "utf-16"
        uri = client.open(path, APP)
        found = client.found(uri)
        expected = cli("validate", path, "--json").json()["findings"]
        assert [one["code"] for one in found] == [one["rule"] for one in expected]
        emoji = next(one for one in found if one["code"] == "MC301")
        start = APP.index("[[e-mail]]")
        assert emoji["range"] == {"start": utf16(APP, start), "end": utf16(APP, start + 10)}

        # Fixes: the safe one is preferred, all safe ones at once, nothing is written.
        place = next(one for one in found if one["code"] == "MC218")["range"]
        actions = client.ask(uri, "codeAction", range=place, context={"diagnostics": []})
        (quick, every) = actions
        assert (quick["kind"], quick["isPreferred"], every["kind"]) == ("quickfix", True, "source.fixAll.mcapp")
        assert edited(APP, quick["edit"]["changes"][uri]) == APP.replace('"post"', '"POST"')
        fixed = edited(APP, every["edit"]["changes"][uri])
        assert fixed == APP.replace('"post"', '"POST"').replace(" // why", "")
        only = {"diagnostics": [], "only": ["source.fixAll"]}
        assert [one["kind"] for one in client.ask(uri, "codeAction", range=place, context=only)] == [every["kind"]]
        actions = client.ask(uri, "codeAction", range=emoji["range"], context={"diagnostics": []})
        assert [one["isPreferred"] for one in actions if one["kind"] == "quickfix"] == [False]
        assert path.read_text() == APP

        # An edit in the middle of a line, behind an emoji.
        at = utf16(APP, APP.index("[[e-mail]]") + 3)
        client.change(uri, {"range": {"start": at, "end": {**at, "character": at["character"] + 1}}, "text": ""})
        assert "MC301" not in {one["code"] for one in client.found(uri)}
        client.change(uri, {"text": fixed})
        assert not {"MC218", "MC002"} & {one["code"] for one in client.found(uri)}

        symbols = client.ask(uri, "documentSymbol")
        names = [(one["name"], one["detail"]) for one in symbols]
        assert names == [("request", "request"), ("email", "param"), ("a", "action"), ("colours", "source")]
        assert [one["name"] for one in symbols[2]["children"]] == ["colour"]

        hover = client.ask(uri, "hover", **utf16(fixed, fixed.index("app_token")))["contents"]["value"]
        assert "{{app_token}}" in hover
        assert "App Key of this installation" in hover
        hover = client.ask(uri, "hover", **utf16(fixed, fixed.index("[[email]]") + 2))["contents"]["value"]
        assert "Your e-mail" in hover
        assert client.ask(uri, "hover", 0, 0) is None
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert client.ask(uri, "documentSymbol") == []
        other = client.open(tmp_path / "package.json", "{}")
        assert client.found(other) == []
        assert client.diagnostics[uri] == []


@pytest.mark.parametrize(
    ("before", "after", "labels"),
    [
        ('"page": "{{', 'page_id}}"', {"app_token", "app_id", "app_version", "page_id"}),
        ('"https://example.com/[[', 'colour]]"', {"colour", "email"}),
        ('"https://example.com/{{', '[[colour]]"', {"user_id", "last_input_text"}),
        ('"source": "', '"}]', {"colours"}),
        ('"headers": ["', "x-token", {"x-token-header: {{app_token}}", "Content-Type: application/json"}),
        ('"https://example.com/[[colour]]", "', 'method"', {"headers", "payload", "method"}),
    ],
)
def test_completion(before: str, after: str, labels: set[str]) -> None:
    whole = before + after
    text = APP
    if whole not in APP:  # what stands between the two is typed anew
        start = APP.index(before) + len(before) if before in APP else APP.index(after)
        text = APP[:start] + (after if before in APP else "") + APP[start:]
        if before not in APP:
            text = APP[:start] + before + APP[start:]
    offset = text.index(whole) + len(before)
    found = Analysis(text, "app.json", Settings()).complete(offset)
    assert labels <= {one.label for one in found}, found
    assert len({one.kind for one in found}) == 1


def test_configuration_and_suppressions_are_followed(tmp_path: Path) -> None:
    (tmp_path / "mcapp.toml").write_text('ignore = ["MC002"]\n')
    path = tmp_path / "my shop.manychat.json"  # in its URI the blank is escaped
    add_suppressions(tmp_path / "mcapp.toml", [Suppression("MC218", path.name, "r", "/auth/request/method")])
    with Client() as client:
        client.initialize()
        uri = client.open(path, APP)
        assert {one["code"] for one in client.found(uri)}.isdisjoint({"MC002", "MC218"})
        (tmp_path / "mcapp.toml").write_text('ignore = ["MC999"]\n')
        client.notify("workspace/didChangeWatchedFiles", {"changes": []})
        assert {"MC002", "MC218"} <= {one["code"] for one in client.found(uri)}
        assert any("MC999" in message for message in client.messages)
    with Client("--isolated") as client:
        client.initialize()
        assert "MC218" in {one["code"] for one in client.found(client.open(path, APP))}
        assert not client.messages


@pytest.mark.parametrize("encoding", ["utf-8", "utf-32"])
def test_other_position_encodings(encoding: str, tmp_path: Path) -> None:
    with Client() as client:
        able = client.initialize(general={"positionEncodings": [encoding]})
        found = client.found(client.open(tmp_path / "app.json", APP))
    start = next(one for one in found if one["code"] == "MC301")["range"]["start"]
    line = APP[: APP.index("[[e-mail]]")].rpartition("\n")[2]
    units = {"utf-8": len(line.encode()), "utf-32": len(line), "utf-16": len(line.encode("utf-16-le")) // 2}
    assert start["character"] == units[able.get("positionEncoding", "utf-16")]


def test_diagnostics_are_those_of_validate(cli: Cli, tmp_path: Path) -> None:
    with Client() as client:
        client.initialize()
        for path in CORPUS if EVERYTHING else CORPUS[::5]:
            text = text_of(path)
            file = tmp_path / "app.json"
            file.write_text(text, encoding="utf-8")
            found = client.found(client.open(file, text))
            expected = json.loads(cli("validate", file, "--json").out)["findings"]
            assert [(one["code"], one["range"]["start"]["line"] + 1) for one in found] == [
                (one["rule"], one["line"]) for one in expected
            ], path


def answer(text: str, rng: random.Random) -> None:
    """Everything that an editor may ask about a text, at a few places."""
    known = Analysis(text, "app.json", Settings())
    known.outline(lambda span: lsp.Range(lsp.Position(0, span.start), lsp.Position(0, span.end)))
    for _ in range(3):
        offset = rng.randint(0, len(text))
        known.complete(offset)
        known.hover(offset)


def test_every_prefix_of_the_corpus_is_answered() -> None:
    rng = random.Random(1)  # noqa: S311  # a test
    for path in CORPUS:
        text = text_of(path)
        ends = range(len(text) + 1)
        for end in ends if EVERYTHING else rng.choices(ends, k=8):
            answer(text[:end], rng)


def test_random_edits_are_answered() -> None:
    rng = random.Random(2)  # noqa: S311  # a test
    pieces = ['"', "{", "}", "[", "]", ",", ":", "\n", "\\", "😀", "é", "{{", "]]", "<<x>>", "null", "\ud800", "\x00"]
    text = APP
    for number in range(2000 if EVERYTHING else 150):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 0, 1, 5, 40)))
        text = text[:start] + rng.choice([*pieces, APP[start : start + 30]]) + text[end:]
        if number % 100 == 99 or not text:
            text = APP
        answer(text, rng)


def test_without_the_extra_it_says_what_to_install(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.delitem(sys.modules, "mcapp.editor.language_server", raising=False)
    result = cli("lsp")
    assert result.code == 2
    assert 'pip install "mcapp[lsp]"' in result.err
