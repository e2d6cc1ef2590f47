"""`keys add --verify`: ManyChat, played by the emulator, is asked before the key is stored."""

import pytest

from mcapp.emulator.service import Emulator
from mcapp.net import target
from tests.harness import Cli

ADD = ("keys", "add", "shop-a", "--stdin", "--store", "file", "--verify")


@pytest.fixture
def manychat(monkeypatch: pytest.MonkeyPatch) -> Emulator:
    emulator = Emulator()
    monkeypatch.setattr(target, "MANYCHAT", "http://127.0.0.1:1")
    return emulator


def test_a_key_that_works_is_stored(cli: Cli, manychat: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with manychat:
        monkeypatch.setattr(target, "MANYCHAT", manychat.base_url)
        result = cli(*ADD, stdin=manychat.key(["GET /fb/page/getInfo"]))
        assert result.code == 0, result.err
        assert "ManyChat was asked: working" in result.err
        assert [entry.scope for entry in manychat.journal] == ["GET /fb/page/getInfo"]
        assert manychat.unchanged
    assert "shop-a" in cli("keys", "list").out


def test_a_key_without_that_scope_is_stored_with_the_verdict(
    cli: Cli, manychat: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with manychat:
        monkeypatch.setattr(target, "MANYCHAT", manychat.base_url)
        result = cli(*ADD, stdin=manychat.key(["GET /fb/page/getTags"]))
        assert result.code == 0, result.err
        assert "ManyChat was asked: no-scope-or-unknown" in result.err


@pytest.mark.parametrize("state", ["uninstalled", "revoked", "malformed"])
def test_a_key_that_is_not_accepted_is_not_stored(
    cli: Cli, manychat: Emulator, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    with manychat:
        monkeypatch.setattr(target, "MANYCHAT", manychat.base_url)
        result = cli(*ADD, "--json", stdin=manychat.key(["GET /fb/page/getInfo"], state=state))
    assert result.code == 1, result.out
    assert result.json()["errors"][0]["code"] == "not-accepted"
    assert "shop-a" not in cli("keys", "list").out


def test_where_manychat_cannot_be_asked_nothing_is_stored(cli: Cli, manychat: Emulator) -> None:  # noqa: ARG001  # moves ManyChat to a closed port
    result = cli(*ADD, stdin="not-a-real-key-0123456789")
    assert result.code == 3
    assert "without --verify it is stored without asking" in result.err
    assert "shop-a" not in cli("keys", "list").out
