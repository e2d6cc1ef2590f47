"""One contract for both stores, each of them real: a file, a Secret Service; and the key in the environment."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from mcapp.errors import NoKey
from mcapp.keys.private_files import Folder, UnsafeFile
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, KEYS, SYSTEM, FileStore, SystemStore, Timeouts
from mcapp.keys.vault import Store, from_environment
from tests.keys.conftest import MakeKey


class Kind(NamedTuple):
    """A kind of store, and how to open it."""

    name: str
    open: Callable[[], Store]


# What keyring leaves open when it raises is closed by the collector, which says so.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(params=[FILE, SYSTEM])
def kind(request: pytest.FixtureRequest, folder: Folder) -> Kind:
    if request.param == SYSTEM:
        request.getfixturevalue("keyring")
        return Kind(SYSTEM, lambda: SystemStore(Timeouts(limit=20)))
    return Kind(FILE, lambda: FileStore(folder))


def kept(kind: Kind, secret: Secret) -> str:
    """Put a key into the store; its id."""
    key_id = str(uuid4())
    kind.open().set(key_id, secret)
    return key_id


def test_it_says_who_it_is(kind: Kind, secret: Secret) -> None:
    store = kind.open()
    assert store.name == kind.name
    assert secret.reveal() not in store.where()
    assert {FILE: "the file /", SYSTEM: "the system keyring"}[kind.name] in store.where()
    assert store.backend == ("secret-service" if kind.name == SYSTEM else "")


def test_a_key_is_given_back(kind: Kind, secret: Secret) -> None:
    key_id = kept(kind, secret)
    assert kind.open().get(key_id) == secret


@pytest.mark.parametrize("length", [8, 4094])
def test_the_shortest_and_the_longest_key(kind: Kind, make_key: MakeKey, length: int) -> None:
    secret = Secret(make_key(length=length))
    assert kind.open().get(kept(kind, secret)) == secret


def test_every_character_of_a_key_comes_back(kind: Kind) -> None:
    secret = Secret("0123-" + "".join(chr(code) for code in range(0x22, 0x7F)))
    assert kind.open().get(kept(kind, secret)) == secret


def test_an_unknown_id_is_no_error(kind: Kind, secret: Secret) -> None:
    assert kind.open().get(str(uuid4())) is None
    kept(kind, secret)
    assert kind.open().get(str(uuid4())) is None
    kind.open().delete(str(uuid4()))


def test_it_lists_what_it_has(kind: Kind, secret: Secret) -> None:
    assert set(kind.open().ids() or ()) == set()
    key_id = kept(kind, secret)
    assert set(kind.open().ids() or ()) == {key_id}


def test_a_key_is_replaced_and_forgotten(kind: Kind, secret: Secret, make_key: MakeKey) -> None:
    key_id, other = kept(kind, secret), kept(kind, Secret(make_key(2)))
    kind.open().set(key_id, Secret(make_key(1)))
    assert kind.open().get(key_id) == Secret(make_key(1))
    kind.open().delete(key_id)
    assert kind.open().get(key_id) is None
    kind.open().delete(key_id)
    assert set(kind.open().ids() or ()) == {other}
    assert kind.open().get(other) == Secret(make_key(2))


# The file store alone


def test_the_file_says_what_it_is_and_holds_no_name(folder: Folder, secret: Secret) -> None:
    FileStore(folder).set("01234567", secret)
    text = (folder.path / KEYS).read_text()
    assert text.startswith("# App Keys in plain text")
    assert f'01234567 = "{secret.reveal()}"' in text


@pytest.mark.parametrize(
    "damage",
    [
        "[",
        "schema_version = 2\n",
        'schema_version = 1\nkeys = ["{}"]\n',
        "\x00",
        "{}",
        'a = "{}\n',
        "a = " + "[" * 3000,
    ],
)
def test_a_damaged_file_is_refused_untouched_and_unquoted(folder: Folder, secret: Secret, damage: str) -> None:
    store = FileStore(folder)
    store.set("a", secret)
    damaged = damage.replace("{}", secret.reveal())
    (folder.path / KEYS).write_text(damaged)
    for act in (lambda: store.get("a"), lambda: store.set("b", secret), lambda: store.delete("a"), store.ids):
        with pytest.raises(UnsafeFile, match="is damaged; it was left untouched") as caught:
            act()
        assert secret.reveal()[:8] not in caught.value.message + caught.value.hint
    assert (folder.path / KEYS).read_text() == damaged


def test_what_could_not_be_read_again_replaces_nothing(
    folder: Folder, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    FileStore(folder).set("a", secret)
    monkeypatch.setattr("tomli_w.dumps", lambda _: "half a f")
    with pytest.raises(UnsafeFile, match="is damaged"):
        FileStore(folder).set("b", secret)
    assert set(FileStore(folder).ids() or ()) == {"a"}


# The environment's key


def test_the_variable_gives_its_key_whatever_its_characters_and_length(make_key: MakeKey) -> None:
    characters = "0123-" + "".join(chr(code) for code in range(0x22, 0x7F))
    for key in (make_key(length=8), make_key(length=4094), characters):
        found = from_environment({"MANYCHAT_APP_KEY": key})
        assert found
        assert (found.variable, found.secret.reveal(), found.notes) == ("MANYCHAT_APP_KEY", key, ())
    assert from_environment({}) is None


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: Secret) -> Path:
    path = tmp_path / "mounted"
    path.write_text(f"{secret.reveal()}\n")
    monkeypatch.setenv("MANYCHAT_APP_KEY_FILE", str(path))
    return path


def test_a_mounted_file_gives_its_key_whatever_its_mode(key_file: Path, secret: Secret, tmp_path: Path) -> None:
    key_file.chmod(0o444)
    link = tmp_path / "link"
    link.symlink_to(key_file)
    os.environ["MANYCHAT_APP_KEY_FILE"] = str(link)
    found = from_environment()
    assert found
    assert (found.variable, found.secret) == ("MANYCHAT_APP_KEY_FILE", secret)
    assert found.notes == ("removed from MANYCHAT_APP_KEY_FILE: a line end",)
    assert found.where == "the environment variable MANYCHAT_APP_KEY_FILE"


@pytest.mark.usefixtures("key_file")
def test_the_key_itself_beats_the_files_name(make_key: MakeKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYCHAT_APP_KEY", make_key(1))
    first = from_environment()
    assert first
    assert (first.variable, first.secret, first.notes) == ("MANYCHAT_APP_KEY", Secret(make_key(1)), ())
    monkeypatch.setenv("MANYCHAT_APP_KEY", "  ")
    found = from_environment()
    assert found
    assert found.variable == "MANYCHAT_APP_KEY_FILE"


@pytest.mark.parametrize("make", ["nothing", "folder", "fifo", "binary"])
def test_a_file_that_gives_no_key_is_an_error_at_once(key_file: Path, make: str) -> None:
    key_file.unlink()
    if make == "folder":
        key_file.mkdir()
    elif make == "fifo":
        if sys.platform == "win32":
            pytest.skip("FIFOs as POSIX has them")
        os.mkfifo(key_file)
    elif make == "binary":
        key_file.write_bytes(bytes(range(256)))
    with pytest.raises(NoKey, match="MANYCHAT_APP_KEY_FILE holds no usable key"):
        from_environment()


def test_a_key_where_the_files_name_belongs_is_not_repeated(secret: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYCHAT_APP_KEY_FILE", secret.reveal())
    with pytest.raises(NoKey) as caught:
        from_environment()
    assert secret.reveal()[:12] not in caught.value.message


def test_a_placeholder_in_the_variable_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYCHAT_APP_KEY", "{{app_token}}")
    with pytest.raises(NoKey, match="MANYCHAT_APP_KEY holds no usable key: this is a placeholder"):
        from_environment()
