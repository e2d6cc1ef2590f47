"""An emulator with keys in different states, and lists of them."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.emulator.emulated_key import EmulatedKey, scopes_of
from mcapp.scopes import run
from mcapp.terminal import redact
from mcapp.testing import Emulator
from tests.harness import Cli, Result

# In every made-up key: it must not turn up anywhere.
MARKER = "marker4711"
INFO, TAGS, FLOWS = "GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows"

Fleet = Callable[..., Result]


@pytest.fixture(autouse=True)
def forgotten_keys() -> Iterator[None]:
    """The end of a process forgets the keys that it loaded; here the end of a test does."""
    yield
    redact._loaded.clear()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, a second attempt comes soon."""
    monkeypatch.setattr(run, "BACKOFF", 0.01)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


def know(emulator: Emulator, number: int, state: str = "working", scopes: tuple[str, ...] = (INFO, TAGS)) -> str:
    """Let the emulator know a key of this number, in place of one that it knew; its value."""
    value = f"{MARKER}-{number:05}-abcdefghijkl"
    emulator.add(EmulatedKey(value, scopes_of(scopes), state, f"shop-{number}"))
    return value


def listed(path: str, keys: Mapping[int, str]) -> str:
    """Write a list of these keys, with names and page ids."""
    rows = [{"key": key, "name": f"shop-{number}", "page_id": 1000 + number} for number, key in keys.items()]
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def calls(emulator: Emulator) -> Counter[tuple[str | None, str]]:
    """How often each key was asked for each scope."""
    return Counter((call.key, call.scope) for call in emulator.journal)


@pytest.fixture
def fleet(cli: Cli, emulator: Emulator) -> Fleet:
    """`fleet("check", "--keys", "keys.jsonl")`: against the emulator as fast as it goes, with the state in `state`."""

    def check(command: str, *args: str, **more: Any) -> Result:
        where = ("--base-url", emulator.base_url, "--rate", "5000") if command == "check" else ()
        return cli("fleet", command, "--state", "state", *where, *args, **more)

    return check


def fits(document: Any) -> Any:
    """The document, which fits schemas/fleet.schema.json."""
    jsonschema.validate(document, json.loads(schemas.text("fleet")))
    return document
