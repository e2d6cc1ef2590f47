"""Doctor's part in the stored keys: it looks without writing, repairs what was interrupted, and destroys nothing."""

from pathlib import Path

import pytest

from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, Checkup
from mcapp.keys.index import ADDING, LOST, READY, REMOVING
from mcapp.keys.private_files import BUSY, Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, SYSTEM, FileStore, Timeouts
from mcapp.keys.vault import Vault
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture
def vault(vault: Vault) -> Vault:
    vault.timeouts = Timeouts(limit=20)
    return vault


def checks(vault: Vault, *, repair: bool = True) -> dict[str, Check]:
    return {check.area: check for check in Checkup(vault).run(repair=repair)}


def stored(vault: Vault, name: str, key: str, store: str = FILE) -> str:
    """Add a key; its id."""
    return vault.add(name, Secret(key), vault.store(store), "7", "App", force=False).id


def state(vault: Vault, key_id: str, to: str) -> None:
    with vault.change() as index:
        index.put(index.entries[0]._replace(id=key_id, state=to))


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_an_empty_place_is_fine_and_stays_empty(vault: Vault) -> None:
    found = checks(vault)
    assert {area: check.status for area, check in found.items()} == {
        "folder": OK,
        "index": OK,
        "file store": OK,
        "system store": NOTE,
    }
    assert found["index"].message == "0 keys"
    assert found["system store"].message.startswith("there is no keyring here")
    assert not vault.folder.path.exists()


@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_looking_writes_nothing(keyring: Session, vault: Vault, make_key: MakeKey, store: str) -> None:
    stored(vault, "a", make_key(1), store)
    before = tree(vault.folder.path), keyring.secrets(), tree(keyring.folder)
    found = checks(vault)
    assert {check.status for check in found.values()} == {OK}
    assert (
        found["key a"].message
        == f"in {vault.store_of(vault.entry('a')).where()}, fingerprint {Secret(make_key(1)).fingerprint}"
    )
    assert found[f"{store} store"].message.endswith("can be read, and holds 1 key")
    assert (tree(vault.folder.path), keyring.secrets(), tree(keyring.folder)) == before


def test_dry_run_writes_nothing_even_where_something_is_wrong(vault: Vault, make_key: MakeKey) -> None:
    state(vault, stored(vault, "a", make_key()), ADDING)
    before = tree(vault.folder.path)
    found = checks(vault, repair=False)["key a"]
    assert (found.status, found.repaired) == (WARNING, False)
    assert tree(vault.folder.path) == before


def settled(vault: Vault, area: str, code: str) -> Check:
    """The check of this area, which was put right; a second look finds nothing."""
    check = checks(vault)[area]
    assert (check.status, check.code, check.repaired) == (WARNING, code, True)
    assert {check.status for check in checks(vault).values()} <= {OK, NOTE}
    return check


def test_an_add_interrupted_after_the_secret_is_finished(vault: Vault, make_key: MakeKey) -> None:
    state(vault, stored(vault, "a", make_key()), ADDING)
    assert settled(vault, "key a", "unfinished").message == "adding it was interrupted; the key is there"
    assert vault.read(vault.entry("a")).reveal() == make_key()


def test_an_add_interrupted_before_the_secret_is_dropped(vault: Vault, make_key: MakeKey) -> None:
    key_id = stored(vault, "a", make_key())
    FileStore(vault.folder).delete(key_id)
    state(vault, key_id, ADDING)
    assert "undone" in settled(vault, "key a", "unfinished").message
    assert vault.index().entries == []


def test_an_add_interrupted_whose_name_has_an_owner_is_undone(vault: Vault, make_key: MakeKey) -> None:
    key_id = stored(vault, "a", make_key(1))
    state(vault, key_id, ADDING)
    stored(vault, "a", make_key(2))
    found = [check for check in Checkup(vault).run() if check.area == "key a"]
    assert sorted((check.status, check.repaired) for check in found) == [(OK, False), (WARNING, True)]
    assert vault.read(vault.entry("a")).reveal() == make_key(2)
    assert set(FileStore(vault.folder).ids() or ()) == {vault.entry("a").id}


def test_of_two_adds_interrupted_one_gets_the_name(vault: Vault, make_key: MakeKey) -> None:
    first = stored(vault, "a", make_key(1))
    state(vault, first, ADDING)
    stored(vault, "a", make_key(2))
    with vault.change() as index:
        index.put(index.owner("a")._replace(state=ADDING))
    checks(vault)
    assert [entry.state for entry in vault.index().entries] == [READY]
    assert set(FileStore(vault.folder).ids() or ()) == {vault.entry("a").id}


@pytest.mark.parametrize("gone", [False, True])
def test_a_removal_interrupted_is_finished(vault: Vault, make_key: MakeKey, gone: bool) -> None:
    key_id = stored(vault, "a", make_key())
    if gone:
        FileStore(vault.folder).delete(key_id)
    state(vault, key_id, REMOVING)
    assert "finished" in settled(vault, "key a", "unfinished").message
    assert vault.index().entries == []
    assert FileStore(vault.folder).ids() == frozenset()


def test_a_lost_key_keeps_its_name_and_comes_back(keyring: Session, vault: Vault, make_key: MakeKey) -> None:
    key_id = stored(vault, "a", make_key(), SYSTEM)
    vault.store(SYSTEM).delete(key_id)
    for _ in range(2):
        found = checks(vault)["key a"]
        assert (found.status, found.code, found.repaired) == (PROBLEM, "lost-key", False)
        assert "mcapp keys add a" in found.hint
        assert "mcapp keys remove a" in found.hint
    entry = vault.entry("a")
    assert (entry.state, entry.page_id, entry.app) == (LOST, "7", "App")
    vault.store(SYSTEM).set(key_id, Secret(make_key()))
    settled(vault, "key a", "found-again")
    assert vault.entry("a").state == READY
    assert keyring.secrets() == {key_id: make_key()}


def test_a_lost_key_is_added_again_without_force(vault: Vault, make_key: MakeKey) -> None:
    FileStore(vault.folder).delete(stored(vault, "a", make_key(1)))
    checks(vault)
    stored(vault, "a", make_key(2))
    assert [entry.state for entry in vault.index().entries] == [READY]
    assert {check.status for check in checks(vault).values()} <= {OK, NOTE}


def test_a_lost_key_is_removed_although_its_store_is_gone(bus: Session, vault: Vault, make_key: MakeKey) -> None:
    daemon = bus.keyring()
    key_id = stored(vault, "a", make_key(), SYSTEM)
    vault.store(SYSTEM).delete(key_id)
    checks(vault)
    bus.kill(daemon)
    vault.remove(["a"])
    assert vault.index().entries == []


@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_a_key_without_an_entry_gets_one(keyring: Session, vault: Vault, make_key: MakeKey, store: str) -> None:
    assert keyring
    key_id = stored(vault, "a", make_key(), store)
    (vault.folder.path / "index.toml").unlink()
    name = f"recovered-{Secret(make_key()).fingerprint}"
    assert f"mcapp keys rename {name} NAME" in settled(vault, f"key {name}", "stray-key").hint
    assert vault.entry(name).id == key_id
    assert vault.read(vault.entry(name)).reveal() == make_key()


def test_keys_of_another_folder_in_the_same_keyring_are_left_alone(
    keyring: Session, vault: Vault, make_key: MakeKey, tmp_path: Path
) -> None:
    from mcapp.keys.private_files import Folder

    other = Vault(Folder(tmp_path / "other"), Timeouts(limit=20))
    stored(other, "theirs", make_key(1), SYSTEM)
    vault.store(SYSTEM).set("not-a-uuid", Secret(make_key(2)))
    before = keyring.secrets()
    stored(vault, "ours", make_key(3), SYSTEM)
    found = checks(vault)
    assert {check.status for check in found.values()} == {OK}
    assert found["system store"].message.endswith("holds 1 key")
    assert before.items() <= keyring.secrets().items()
    assert {check.status for check in checks(other).values()} == {OK}


def test_two_strays_of_one_key_get_two_names(vault: Vault, make_key: MakeKey) -> None:
    for _ in range(2):
        FileStore(vault.folder).set(vault.new_id(), Secret(make_key()))
    checks(vault)
    assert len({entry.name for entry in vault.index().shown}) == 2


def test_a_half_written_file_is_removed(vault: Vault, make_key: MakeKey) -> None:
    stored(vault, "a", make_key())
    left = vault.folder.path / "keys.toml.new"
    left.write_text("half a key")
    assert checks(vault, repair=False)["folder"].code == "half-written"
    assert left.exists()
    settled(vault, "folder", "half-written")
    assert not left.exists()


def test_a_half_written_file_that_cannot_be_removed_is_a_problem(vault: Vault, make_key: MakeKey) -> None:
    stored(vault, "a", make_key())
    (vault.folder.path / "keys.toml.new").mkdir()
    found = checks(vault)
    assert (found["folder"].status, found["key a"].status) == (PROBLEM, OK)
    assert "keys.toml.new cannot be removed: " in found["folder"].message


def test_a_folder_that_a_file_is_in_the_way_of_is_one_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = checks(Vault(Folder(tmp_path / "file" / "mcapp"), Timeouts()))
    assert found["folder"].status == WARNING
    assert "files" not in found


def test_another_key_than_the_one_added_is_told(vault: Vault, make_key: MakeKey) -> None:
    FileStore(vault.folder).set(stored(vault, "a", make_key(1)), Secret(make_key(2)))
    settled(vault, "key a", "other-key")
    assert vault.entry("a").fingerprint == Secret(make_key(2)).fingerprint


@pytest.mark.parametrize("used", [False, True])
def test_a_locked_keyring_is_a_problem_if_keys_lie_in_it(
    keyring: Session, vault: Vault, make_key: MakeKey, used: bool
) -> None:
    if used:
        stored(vault, "a", make_key(), SYSTEM)
    keyring.lock()
    found = checks(vault)["system store"]
    assert (found.status, found.code) == (PROBLEM if used else WARNING, "keyring-locked")
    if used:
        assert vault.entry("a").state == READY


def test_no_keyring_is_a_problem_if_keys_lie_in_one(bus: Session, vault: Vault, make_key: MakeKey) -> None:
    daemon = bus.keyring()
    stored(vault, "a", make_key(), SYSTEM)
    bus.kill(daemon)
    found = checks(vault)["system store"]
    assert (found.status, found.code) == (PROBLEM, "no-keyring")
    assert "Secret Service, where the key is kept, cannot be reached" in found.message
    assert vault.entry("a").state == READY


def test_a_damaged_index_or_file_is_a_problem_and_is_left_alone(vault: Vault, make_key: MakeKey) -> None:
    stored(vault, "a", make_key())
    (vault.folder.path / "keys.toml").write_text("[")
    assert (checks(vault)["file store"].status, checks(vault)["file store"].code) == (PROBLEM, "corrupt-store")
    (vault.folder.path / "index.toml").write_text("[")
    assert (checks(vault)["index"].status, checks(vault)["index"].code) == (PROBLEM, "corrupt-index")
    assert (vault.folder.path / "index.toml").read_text() == "["


def test_loose_modes_are_told(vault: Vault, make_key: MakeKey) -> None:
    stored(vault, "a", make_key())
    vault.folder.path.chmod(0o755)
    found = checks(vault)
    assert (found["folder"].status, found["folder"].code) == (WARNING, "loose")
    vault.folder.path.chmod(0o700)
    (vault.folder.path / "keys.toml").chmod(0o644)
    assert (checks(vault)["file store"].status, checks(vault)["file store"].code) == (PROBLEM, "unsafe-file")


def test_work_under_way_is_left_alone(vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    from mcapp.keys import checkup

    monkeypatch.setattr(checkup, "_BUSY_WAIT", 0.05)
    state(vault, stored(vault, "a", make_key()), ADDING)
    with vault.folder.lock(BUSY, shared=True):
        found = checks(vault)["key a"]
        assert (found.status, found.repaired) == (WARNING, False)
        assert "another mcapp" in found.hint
        assert vault.index().entries[0].state == ADDING
    settled(vault, "key a", "unfinished")


@pytest.mark.parametrize("method", ["set", "delete"])
def test_an_add_and_a_removal_under_way_are_left_alone(
    vault: Vault, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    from mcapp.keys import checkup

    monkeypatch.setattr(checkup, "_BUSY_WAIT", 0.05)
    stored(vault, "a", make_key(1))
    real = getattr(FileStore, method)
    seen: list[Check] = []

    def slowly(self: FileStore, *args: object) -> None:
        monkeypatch.setattr(FileStore, method, real)
        seen.extend(check for check in Checkup(vault).run() if check.status == WARNING)
        real(self, *args)

    monkeypatch.setattr(FileStore, method, slowly)
    if method == "set":
        stored(vault, "b", make_key(2))
    else:
        vault.remove(["a"])
    assert [(check.code, check.repaired) for check in seen] == [("unfinished", False)]
    assert [entry.name for entry in vault.index().entries] == (["a", "b"] if method == "set" else [])
