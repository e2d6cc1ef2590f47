"""The marker test: a key that occurs nowhere but in its store, whatever is typed and whatever goes wrong.

The marker has no shape that a pattern could know; only `Secret` and `remember` can keep it out of sight.
"""

import base64
import gc
import logging
import os
import urllib.parse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcapp.keys.private_files import Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FileStore
from mcapp.keys.vault import Vault
from tests.harness import Cli, Process, Result
from tests.keys.secret_service import Session

MARKER = "fakeMarker+/Key\\with'odd\"ones&<x>=%41~0123456789"
OTHER = "fakeOther+/Key\\with'odd\"ones&<x>=%41~9876543210"
FORMS = [
    MARKER,
    OTHER,
    *(key[:14] for key in (MARKER, OTHER)),
    urllib.parse.quote(MARKER, safe=""),
    repr(MARKER)[1:-1],
    base64.b64encode(MARKER.encode()).decode(),
    MARKER[::-1],
]

# Every command with everything that it can do, and some that fail; `{}` stands where a word may need quoting.
COMMANDS: list[list[str]] = [
    ["list"],
    ["show", "a"],
    ["show", "a", "--reveal"],  # into a pipe: refused
    ["show", "missing"],
    ["use", "a"],
    ["rename", "a", "b"],
    ["rename", "b", "a"],
    ["add", "a", "--stdin"],  # there already
    ["add", "twin", "--stdin"],  # the same key
    ["add", "a", "--stdin", "--force"],
    ["add", "bad", "--from-env", "TWO_LINES"],
    ["add", "bad", "--from-env", "MASKED"],
    ["add", "bad", "--from-env", "NOWHERE"],
    ["move", "a", "--store", "file"],
    ["move", "a", "--store", "system"],
    ["exec", "a", "--", "true"],
    ["exec", "a", "--", "no-such-command"],
    ["path"],
    ["remove", "a"],  # wants --yes
    ["remove", "missing", "--yes"],
    ["remove", "a", "--yes"],
]
ENV = {"TWO_LINES": f"{MARKER}\n{MARKER}", "MASKED": f"{MARKER[:14]}…"}


def clean(text: str) -> None:
    found = [form for form in FORMS if form in text]
    assert not found, f"{found} in {text}"


def with_format(words: list[str], output: list[str]) -> list[str]:
    place = words.index("--") if "--" in words else len(words)
    return ["keys", *words[:place], *output, *words[place:]]


def nowhere_on_the_disk(*folders: Path, but: tuple[str, ...] = ()) -> None:
    """No file holds a form of the marker, except those named."""
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and path.name not in but:
                clean(path.read_bytes().decode("utf-8", "replace"))


@pytest.mark.parametrize(("store", "output"), [("file", []), ("system", ["--json"]), ("system", ["-v"])])
def test_no_command_shows_it_or_leaves_it(
    keyring: Session, cli: Cli, process: Process, closed_off: Path, tmp_path: Path, store: str, output: list[str]
) -> None:
    def run(words: list[str], **more: Any) -> Result:
        # A process of its own takes long; one store shows what only that does, and exec becomes another program.
        start = process if store == "file" or "exec" in words else cli
        done = start(*words, env={**ENV, "MCAPP_KEY_STORE": store}, **more)
        clean(done.out + done.err)
        assert done.code != 70, done.err
        return done

    assert run(["keys", "add", "a", "--stdin", *output], stdin=MARKER).code == 0
    ended = [run(with_format(words, output), stdin=MARKER).code for words in COMMANDS]
    assert set(ended) == {0, 1, 2, 4, 127}  # each way to end was met
    run(["doctor", *output])
    assert run(["keys", "add", "a", "--stdin", *output], stdin=MARKER).code == 0
    but = ("keys.toml",) if store == "file" else ()
    nowhere_on_the_disk(closed_off, tmp_path, keyring.folder, but=but)
    assert (MARKER in keyring.secrets().values()) is (store == "system")
    assert FileStore(Folder(closed_off / "mcapp")).ids() is not None


@pytest.mark.parametrize("variable", ["MANYCHAT_APP_KEY", "MANYCHAT_APP_KEY_FILE"])
def test_the_environments_key_is_not_shown(cli: Cli, process: Process, tmp_path: Path, variable: str) -> None:
    mounted = tmp_path / "mounted"
    mounted.write_text(MARKER)
    env = {variable: MARKER if variable == "MANYCHAT_APP_KEY" else str(mounted)}
    for words in (
        ["keys", "list"],
        ["keys", "list", "--json"],
        ["doctor"],
        ["doctor", "--json"],
        ["keys", "exec", "a", "--", "x"],
    ):
        done = (process if "exec" in words else cli)(*words, env=env)
        clean(done.out + done.err)
    assert variable in cli("keys", "list", env=env).out


@pytest.mark.parametrize(
    "place", ["name", "--from-env", "--page-id", "--app", "--store", "--output-format", "--key", "exec"]
)
def test_a_key_typed_in_the_wrong_place_is_not_repeated(cli: Cli, place: str) -> None:
    """Here the shape is all there is to know a key by."""
    key = "0a1b2c3d4e5f6a7b8c9d0e1f"
    words = {"name": ["keys", "add", key, "--stdin"], "exec": ["keys", "exec", key, "--", "true"]}
    done = cli(*words.get(place, ["keys", "add", "--stdin", place, key]), stdin="")
    assert done.code == 2
    assert key[:10] not in done.out + done.err


def _boom(*_: object, **__: object) -> None:
    """A bug after both keys were loaded: an exception, a log line and a warning that all quote them."""
    Secret(MARKER)
    Secret(OTHER)
    logging.getLogger("some.library").error("token=%s", MARKER)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"odd header {OTHER}", UserWarning, stacklevel=1)
    local = {"key": MARKER}
    raise RuntimeError(f"cannot send {local}")


BROKEN = {
    "add": (Vault, "add"),
    "list": (Vault, "index"),
    "show": (Vault, "entry"),
    "use": (Vault, "use"),
    "rename": (Vault, "rename"),
    "remove": (Vault, "remove"),
    "move": (Vault, "move"),
    "exec": (Vault, "read"),
    "path": (Path, "__truediv__"),
    "doctor": (Vault, "index"),
}
WORDS = {
    "add": ["add", "a", "--stdin", "--force"],
    "show": ["show", "a"],
    "use": ["use", "a"],
    "rename": ["rename", "a", "b"],
    "remove": ["remove", "a", "--yes"],
    "move": ["move", "a", "--store", "file"],
    "exec": ["exec", "a", "--", "true"],
}


@pytest.fixture
def collected() -> Iterator[None]:
    """What a broken command left open is closed before the next test."""
    yield
    gc.collect()


@pytest.mark.usefixtures("collected", "file_store")
@pytest.mark.parametrize("output", [[], ["--json"], ["-v"]], ids=["text", "json", "verbose"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_bug_in_any_command_is_one_sentence_without_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, output: list[str]
) -> None:
    assert cli("keys", "add", "a", "--stdin", stdin=MARKER).code == 0
    monkeypatch.setattr(*BROKEN[name], _boom)
    words = ["doctor", *output] if name == "doctor" else with_format(WORDS.get(name, [name]), output)
    done = cli(*words, stdin=OTHER)
    monkeypatch.undo()
    assert done.code == 70, done
    clean(done.out + done.err)
    assert "Traceback" not in done.err
    assert "ERROR some.library: token=****" in done.err
    assert "UserWarning: odd header ****" in done.err
    if output == ["--json"]:
        assert done.json()["errors"][0]["message"].startswith("mcapp itself failed: RuntimeError at ")
    else:
        assert "error: mcapp itself failed: RuntimeError at " in done.err


def test_the_marker_is_in_no_file_of_this_run(process: Process, closed_off: Path) -> None:
    """What proves the others: the store itself is found by the same search."""
    process("keys", "add", "--stdin", "--store", "file", stdin=MARKER)
    with pytest.raises(AssertionError):
        nowhere_on_the_disk(closed_off)
    assert os.listdir(closed_off / "mcapp")  # noqa: PTH208  # names are enough
