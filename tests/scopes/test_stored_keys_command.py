"""`mcapp probe` with stored keys, with the environment's, and with none."""

from typing import Any

import pytest

from mcapp.emulator.emulated_key import EmulatedKey
from mcapp.keys.private_files import Folder, config_folder
from mcapp.testing import Emulator
from tests.harness import Cli
from tests.scopes.conftest import Probe, fits

READS = ["GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows"]


def test_no_key_is_no_green_run(probe_command: Probe) -> None:
    result = probe_command(None, "--json")
    report = fits(result.json())
    assert (result.code, result.err, report["key"], report["ok"]) == (4, "", None, False)
    assert report["errors"][0]["code"] == "no-key"
    text = probe_command(None)
    assert (text.code, text.out) == (4, "")
    assert "store one: mcapp keys add" in text.err
    assert (probe_command(None, "-q").code, probe_command(None, "-q").out) == (4, "")


def test_stored_keys_and_what_changed_since(cli: Cli, emulator: Emulator) -> None:
    key = emulator.key(READS[:2], name="it")
    assert cli("keys", "add", "shop-a", "--stdin", "--store", "file", stdin=key).code == 0

    def run(*args: str) -> Any:
        return fits(cli("probe", "--base-url", emulator.base_url, "--rate", "2000", "--json", *args).json())

    first = run()
    assert (first["key"]["name"], first["key"]["source"], first["changes"]) == ("shop-a", "file", None)
    assert run("--key", "shop-a")["changes"] == {"added": [], "removed": []}
    emulator.add(EmulatedKey(key, frozenset(READS[1:]), "working", "it"))
    # A run that asks only for some scopes forgets nothing of the others.
    assert run("--only", READS[2])["changes"] == {"added": [READS[2]], "removed": []}
    assert run()["changes"] == {"added": [], "removed": [READS[0]]}
    kept = Folder(config_folder()).read("probes.json")
    assert kept is not None
    assert key.encode() not in kept
    assert b"Emulated Page" not in kept
    text = cli("probe", "--base-url", emulator.base_url, "--rate", "2000", "--only", READS[2])
    assert "since the last run" not in text.out


def test_a_new_scope_stands_out(cli: Cli, emulator: Emulator) -> None:
    key = emulator.key(READS[:1], name="it")
    cli("keys", "add", "--stdin", "--store", "file", stdin=key)
    options = ["probe", "--base-url", emulator.base_url, "--rate", "2000"]
    assert cli(*options).code == 0
    emulator.add(EmulatedKey(key, frozenset(READS[:2]), "working", "it"))
    out = cli(*options).out
    assert f"):\n  {READS[1]}\n" in out
    assert "new since the last run (20" in out


def test_the_key_named_on_the_command_line_beats_the_environment(cli: Cli, emulator: Emulator) -> None:
    stored, other = emulator.key(READS), emulator.key([], name="other")
    cli("keys", "add", "shop-a", "--stdin", "--store", "file", stdin=stored)
    options = ["probe", "--base-url", emulator.base_url, "--rate", "2000", "--json"]
    env = {"MANYCHAT_APP_KEY": other}
    assert cli(*options, "--key", "shop-a", env=env).json()["key"]["name"] == "shop-a"
    assert cli(*options, env=env).json()["key"]["source"] == "environment"
    missing = cli(*options, "--key", "shop-b", env=env)
    assert missing.code == 4
    assert fits(missing.json())["key"] is None


def test_a_history_that_cannot_be_kept_fails_no_probe(
    cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mcapp.errors import NoKey

    cli("keys", "add", "--stdin", "--store", "file", stdin=emulator.key(READS))

    def fail(*_: object) -> None:
        raise NoKey("the disk is full")

    monkeypatch.setattr("mcapp.scopes.history.remember", fail)
    result = cli("probe", "--base-url", emulator.base_url, "--rate", "2000")
    assert result.code == 0
    assert "could not be kept for the next comparison: the disk is full" in result.err
