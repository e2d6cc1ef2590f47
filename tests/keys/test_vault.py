"""Index and stores change together, or not at all; what cannot be undone is left to doctor, with its intention."""

from typing import Any

import pytest

from mcapp.errors import NoKey, Refused
from mcapp.keys.index import ADDING, READY, REMOVING
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, SYSTEM, FileStore, KeyringFailed, KeyringLocked, KeyringSlow, NoKeyring, Timeouts
from mcapp.keys.vault import Vault
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def never(error: NoKeyring) -> bool:
    raise AssertionError(f"asked, although nobody may be: {error}")


def add(vault: Vault, name: str, key: str, *, force: bool = False) -> None:
    vault.add(name, Secret(key), vault.store(FILE), force=force)


def held(vault: Vault) -> dict[str, str]:
    """The names in the index with the keys in the file; fails if either side has more than the other."""
    store = FileStore(vault.folder)
    index = vault.index()
    assert {entry.id for entry in index.entries} == set(store.ids() or ())
    assert {entry.state for entry in index.entries} <= {READY}
    keys = {entry.name: store.get(entry.id) for entry in index.entries}
    return {name: secret.reveal() for name, secret in keys.items() if secret}


def test_a_key_is_added_read_and_removed(vault: Vault, make_key: MakeKey) -> None:
    entry = vault.add("a", Secret(make_key()), vault.store(FILE), "123", "My app", force=False)
    assert entry == vault.entry("a")
    assert (entry.state, entry.store, entry.page_id, entry.app) == (READY, FILE, "123", "My app")
    assert entry.hint == "…" + make_key()[-4:]
    assert entry.added.endswith("Z")
    assert vault.read(entry).reveal() == make_key()
    assert vault.remove(["a", "a"]) == [entry]
    assert held(vault) == {}


def test_the_first_key_becomes_the_default_one(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    add(vault, "b", make_key(2))
    assert vault.index().default == "a"
    vault.use("b")
    vault.rename("b", "c")
    assert vault.index().default == "c"
    vault.remove(["c"])
    assert vault.index().default == ""
    add(vault, "d", make_key(3))
    assert vault.index().default == "d"


def test_what_is_there_is_replaced_only_with_force(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    with pytest.raises(Refused, match="a key named a is already stored") as caught:
        add(vault, "a", make_key(2))
    assert "--force" in caught.value.hint
    assert held(vault) == {"a": make_key(1)}
    add(vault, "a", make_key(2), force=True)
    assert held(vault) == {"a": make_key(2)}
    assert vault.index().default == "a"


def test_a_rename_touches_no_store_and_takes_no_other_name(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    add(vault, "b", make_key(2))
    before = vault.entry("a").id
    assert vault.rename("a", "c").id == before
    with pytest.raises(Refused, match="a key named b is already stored"):
        vault.rename("c", "b")
    assert vault.rename("c", "c").name == "c"
    assert held(vault) == {"c": make_key(1), "b": make_key(2)}


def test_nothing_is_removed_if_one_name_is_unknown(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    with pytest.raises(NoKey, match="there is no key named b"):
        vault.remove(["a", "b"])
    assert held(vault) == {"a": make_key(1)}


def test_the_same_key_under_another_name_is_refused(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key())
    vault.refuse_twin(Secret(make_key()), "a")
    vault.refuse_twin(Secret(make_key(1)), "b")
    with pytest.raises(Refused, match="already stored under the name a") as caught:
        vault.refuse_twin(Secret(make_key()), "b")
    assert caught.value.hint == "mcapp keys rename a b"


def test_keys_that_share_a_fingerprint_are_told_apart(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    same = Secret(make_key(2)).fingerprint
    with vault.change() as index:
        index.put(index.entries[0]._replace(fingerprint=same))
    vault.refuse_twin(Secret(make_key(2)), "b")


def failing(monkeypatch: pytest.MonkeyPatch, method: str, error: Exception, *, after: bool = False) -> None:
    """Let the file store's method raise, before or after it has done its work."""
    real: Any = getattr(FileStore, method)

    def fail(*args: object) -> None:
        if after:
            real(*args)
        raise error

    monkeypatch.setattr(FileStore, method, fail)


def states(vault: Vault) -> list[tuple[str, str]]:
    return sorted((entry.name, entry.state) for entry in vault.index().entries)


@pytest.mark.parametrize("after", [False, True])
def test_an_add_that_fails_is_undone(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    add(vault, "a", make_key(1))
    failing(monkeypatch, "set", KeyringFailed("it failed"), after=after)
    with pytest.raises(KeyringFailed, match="it failed"):
        add(vault, "a", make_key(2), force=True)
    with pytest.raises(KeyringFailed, match="it failed"):
        add(vault, "b", make_key(3))
    assert held(vault) == {"a": make_key(1)}


def test_an_add_that_can_not_be_undone_stays_announced(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "set", KeyringFailed("it failed"), after=True)
    failing(monkeypatch, "delete", KeyringFailed("this too"))
    with pytest.raises(KeyringFailed, match="it failed"):
        add(vault, "a", make_key())
    assert states(vault) == [("a", ADDING)]


def test_an_add_that_is_too_slow_stays_announced(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, "set", KeyringSlow("no answer", hint="wait"), after=True)
    with pytest.raises(KeyringSlow, match="no answer") as caught:
        add(vault, "a", make_key())
    assert caught.value.hint == "wait\nmcapp doctor then says whether it was stored"
    assert states(vault) == [("a", ADDING)]
    assert vault.index().find("a") is None


def test_of_two_adds_of_one_name_the_slower_is_undone(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FileStore.set
    other = Vault(vault.folder, Timeouts())

    def overtaken(self: FileStore, key_id: str, secret: Secret) -> None:
        monkeypatch.setattr(FileStore, "set", real)
        add(other, "a", make_key(1))
        real(self, key_id, secret)

    monkeypatch.setattr(FileStore, "set", overtaken)
    with pytest.raises(Refused, match="already stored"):
        add(vault, "a", make_key(2))
    assert held(vault) == {"a": make_key(1)}


def test_a_removal_that_fails_leaves_all_as_it_was(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(vault, "a", make_key())
    failing(monkeypatch, "delete", KeyringLocked("locked"))
    with pytest.raises(KeyringLocked):
        vault.remove(["a"])
    assert held(vault) == {"a": make_key()}
    assert vault.index().default == "a"


def test_a_removal_that_is_too_slow_stays_announced(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(vault, "a", make_key())
    failing(monkeypatch, "delete", KeyringSlow("no answer"))
    with pytest.raises(KeyringSlow):
        vault.remove(["a"])
    assert states(vault) == [("a", REMOVING)]
    with pytest.raises(NoKey, match="there is no key named a") as caught:
        vault.entry("a")
    assert "mcapp doctor" in caught.value.hint


def test_an_old_key_that_cannot_be_removed_is_told_and_left_to_doctor(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    vault.timeouts = Timeouts(say=said.append)
    add(vault, "a", make_key(1))
    failing(monkeypatch, "delete", KeyringLocked("locked"))
    add(vault, "a", make_key(2), force=True)
    assert vault.read(vault.entry("a")).reveal() == make_key(2)
    assert states(vault) == [("a", READY), ("a", REMOVING)]
    assert said == [f"the old key is still in the file {vault.folder.path / 'keys.toml'}: locked"]


def test_a_key_gone_from_its_store_is_an_error_and_no_other_is_taken(vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key(1))
    add(vault, "b", make_key(2))
    FileStore(vault.folder).delete(vault.entry("a").id)
    with pytest.raises(NoKey, match="in the index, but not in the file") as caught:
        vault.read(vault.entry("a"))
    assert caught.value.code == "lost-key"
    assert "mcapp doctor" in caught.value.hint


def test_a_key_moves_between_the_stores_and_keeps_what_is_known_of_it(
    keyring: Session, vault: Vault, make_key: MakeKey
) -> None:
    vault.timeouts = Timeouts(limit=20)
    first = vault.add("a", Secret(make_key()), vault.store(FILE), "7", "App", force=False)
    moved = vault.move("a", vault.choose(SYSTEM, never))
    assert (moved.store, moved.backend, moved.state) == (SYSTEM, "secret-service", READY)
    assert moved[5:] == first[5:]
    assert list(keyring.secrets().values()) == [make_key()]
    assert FileStore(vault.folder).ids() == frozenset()
    with pytest.raises(Refused, match="is in the system keyring"):
        vault.move("a", vault.choose(SYSTEM, never))
    vault.move("a", vault.choose(FILE, never))
    assert keyring.secrets() == {}
    assert held(vault) == {"a": make_key()}
    assert vault.index().default == "a"


def test_a_move_that_fails_leaves_the_key_where_it_was(bus: Session, vault: Vault, make_key: MakeKey) -> None:
    add(vault, "a", make_key())
    store = vault.store(SYSTEM, "secret-service")
    daemon = bus.keyring()
    vault.timeouts = Timeouts(limit=20)
    store = vault.choose(SYSTEM, never)
    bus.kill(daemon)
    with pytest.raises(KeyringFailed):
        vault.move("a", store)
    assert vault.read(vault.entry("a")).reveal() == make_key()


def test_a_key_that_somebody_else_sent_never_becomes_the_default_one(vault: Vault, make_key: MakeKey) -> None:
    vault.add("a", Secret(make_key(1)), vault.store(FILE), force=False, default=False)
    assert vault.index().default == ""
    add(vault, "b", make_key(2))
    vault.add("c", Secret(make_key(3)), vault.store(FILE), force=False, default=False)
    assert vault.index().default == "b"
    vault.add("b", Secret(make_key(4)), vault.store(FILE), force=True, default=False)
    assert vault.index().default == ""
    assert held(vault) == {"a": make_key(1), "b": make_key(4), "c": make_key(3)}
