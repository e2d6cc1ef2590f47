"""`keys list` and `keys show` tell what the last probe came to, and of whom."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcapp.keys.private_files import Folder
from mcapp.keys.vault import Vault
from mcapp.net.target import MANYCHAT
from mcapp.scopes.history import remember
from mcapp.scopes.report import REJECTED, WORKING, KeyResult, ProbeReport
from tests.harness import Cli
from tests.keys.conftest import MakeKey, report


@pytest.fixture
def two(cli: Cli, make_key: MakeKey, shop: str, vault: Vault) -> dict[str, str]:
    """Two stored keys, their ids by name."""
    assert cli("keys", "add", "shop-b", "--stdin", stdin=make_key(1)).code == 0
    assert shop
    return {entry.name: entry.id for entry in vault.index().entries}


def probed(folder: Folder, ids: dict[str, str], name: str, verdict: str, place: str = MANYCHAT) -> str:
    """As after a probe of this key; gives when it was."""
    result = ProbeReport(KeyResult(name, "file", "abcdef", verdict, ""), place, ())
    remember(result, folder, ids[name], place, ids.values())
    at: str = json.loads((folder.path / "probes.json").read_text())["keys"][ids[name]][place]["at"]
    return at


def last(cli: Cli, *words: str) -> dict[str, Any]:
    return {key["name"]: key["last_probe"] for key in report(cli("keys", *words, "--json"))["keys"]}


def test_nothing_is_said_before_a_probe(cli: Cli, two: dict[str, str]) -> None:
    assert last(cli, "list") == dict.fromkeys(two)
    assert "PROBE" not in cli("keys", "list").out
    assert "probed" not in cli("keys", "show", "shop-a").out


def test_each_key_has_its_own_verdict(cli: Cli, two: dict[str, str], folder: Folder) -> None:
    probed(folder, two, "shop-a", REJECTED)
    at = probed(folder, two, "shop-a", WORKING)
    assert last(cli, "list") == {"shop-a": {"verdict": "working", "at": at}, "shop-b": None}
    assert last(cli, "show", "shop-a") == {"shop-a": {"verdict": "working", "at": at}}
    head, first, second = cli("keys", "list").out.splitlines()
    assert head.endswith("  LAST PROBE")
    assert first.endswith(f"  working {at[:10]}")
    assert "working" not in second
    assert f"  probed:  working, {at}\n" in cli("keys", "show", "shop-a").out
    assert last(cli, "rename", "shop-a", "shop-c") == {"shop-c": {"verdict": "working", "at": at}}
    revealed = json.loads(cli("keys", "show", "shop-c", "--reveal", "--force", "--json").out)
    assert revealed["keys"][0]["last_probe"]["verdict"] == "working"


def test_an_emulator_does_not_count(cli: Cli, two: dict[str, str], folder: Folder) -> None:
    probed(folder, two, "shop-a", WORKING, "loopback")
    assert last(cli, "list") == dict.fromkeys(two)


@pytest.mark.parametrize(
    ("old", "new"), [('"working"', '"\\u001b[31mfine"'), ('"20', '"about 20'), ('"keys"', '"other"'), ("{", "[")]
)
def test_what_another_hand_wrote_is_left_out(cli: Cli, two: dict[str, str], folder: Folder, old: str, new: str) -> None:
    probed(folder, two, "shop-a", WORKING)
    path = Path(folder.path / "probes.json")
    path.write_text(path.read_text().replace(old, new))
    assert last(cli, "list") == dict.fromkeys(two)
    assert cli("keys", "list").code == 0


def test_a_key_that_is_replaced_keeps_its_past(
    cli: Cli, two: dict[str, str], folder: Folder, make_key: MakeKey
) -> None:
    at = probed(folder, two, "shop-a", WORKING)
    assert cli("keys", "add", "shop-a", "--stdin", "--force", stdin=make_key(2)).code == 0
    assert last(cli, "show", "shop-a") == {"shop-a": {"verdict": "working", "at": at}}
    assert cli("keys", "add", "shop-a", "--stdin", "--force", "--page-id", "9", stdin=make_key(3)).code == 0
    assert last(cli, "show", "shop-a") == {"shop-a": None}  # another page's key


@pytest.mark.usefixtures("keyring")
def test_a_key_that_is_moved_keeps_its_past(cli: Cli, two: dict[str, str], folder: Folder, vault: Vault) -> None:
    at = probed(folder, two, "shop-a", WORKING)
    for store in ("system", "file"):
        assert cli("keys", "move", "shop-a", "--store", store).code == 0
        assert last(cli, "list") == {"shop-a": {"verdict": "working", "at": at}, "shop-b": None}
    assert vault.entry("shop-a").id not in two.values(), "it has another id in its new place"
    (folder.path / "probes.json").write_text("damaged")
    assert cli("keys", "move", "shop-a", "--store", "system").code == 0
