"""The index: what is written is read, what is damaged is refused and left alone."""

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.errors import NoKey, Refused, UsageProblem
from mcapp.keys.index import ADDING, LOST, NAME, READY, REMOVING, Index, StoredKey, check_name, parse, render
from mcapp.keys.private_files import Folder
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import Vault

ID = "01234567-89ab-4cde-8f01-23456789abc{}"


def entry(number: int = 0, name: str = "shop-a", state: str = READY, **more: Any) -> StoredKey:
    known = StoredKey(ID.format(number), name, state, "system", fingerprint="3f9c1a", hint="…")
    return known._replace(**more)


INDEX = Index(
    [
        entry(0, backend="secret-service", page_id="123", app='My "App" ü', added="2026-01-02T03:04:05Z", hint="…wxyz"),
        entry(1, "shop-b", ADDING),
        entry(2, "shop-b", LOST),
    ],
    default="shop-a",
    file_agreed=True,
)


def test_what_is_written_is_read() -> None:
    assert parse(render(INDEX)) == INDEX
    assert parse(render(Index())) == Index()


texts = st.text(st.characters(codec="utf-8"), max_size=20).filter(str.isprintable)


@settings(max_examples=100)
@given(st.lists(st.tuples(texts, texts, texts, st.sampled_from([ADDING, READY, REMOVING, LOST])), max_size=5))
def test_any_printable_text_survives(rows: list[tuple[str, str, str, str]]) -> None:
    entries = [
        entry(number, f"k{number}", state, app=app, page_id=page, added=added)
        for number, (app, page, added, state) in enumerate(rows)
    ]
    assert parse(render(Index(entries))) == Index(entries)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "schema_version is missing"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"not toml at all", "after a key"),
        (b"a = " + b"[" * 3000, "nested too deeply"),
        (render(INDEX)[:-20], ""),
        (b"schema_version = 2\n", "a newer mcapp wrote it"),
        (b"schema_version = 1\nkeys = 3\n", "not a list of tables"),
        (b"schema_version = 1\nkeys = [1]\n", "not a list of tables"),
        (b"schema_version = 1\ndefault = 3\n", "default is not a name"),
        (b'schema_version = 1\ndefault = "\\u001b[2J"\n', "default is not a name"),
        (render(INDEX).replace(b"ready", b"almost"), "no valid state"),
        (render(INDEX).replace(b'"system"', b'"cloud"'), "no valid store"),
        (render(INDEX).replace(b'"3f9c1a"', b'"3F9C1A"', 1), "no valid fingerprint"),
        (render(INDEX).replace("…wxyz".encode(), b"fake-0123-key", 1), "no valid hint"),
        (render(INDEX).replace(b'"123"', b'"\\u001b[2J"', 1), "no valid page_id"),
        (render(INDEX).replace(b"01234567-", b"0123-", 1), "no valid id"),
        (render(INDEX).replace(b'name = "shop-a"', b'name = "shop a"'), "no valid name"),
        (render(INDEX).replace(b'"adding"', b'"ready"'), "occurs twice"),
        (render(INDEX).replace(b"abc1", b"abc0"), "occurs twice"),
    ],
)
def test_a_damaged_index_is_refused_untouched_with_the_way_out(folder: Folder, data: bytes, reason: str) -> None:
    with folder.lock():
        folder.write(NAME, data)
    file = Vault(folder, Timeouts())
    for use in (file.index, lambda: file.change().__enter__()):
        with pytest.raises(NoKey, match="is damaged") as caught:
            use()
        assert caught.value.code == "corrupt-index"
        assert reason in caught.value.message
        assert "mcapp doctor" in caught.value.hint
        assert f"{'move' if sys.platform == 'win32' else 'mv --'} {folder.path / NAME}" in caught.value.hint
    assert folder.read(NAME) == data


def put(vault: Vault, index: Index) -> None:
    with vault.change() as known:
        known.entries, known.default, known.file_agreed = index.entries, index.default, index.file_agreed


def test_a_change_that_changes_nothing_writes_nothing(folder: Folder) -> None:
    put(Vault(folder, Timeouts()), Index())
    assert folder.read(NAME) is None


def test_what_could_not_be_read_again_replaces_nothing(folder: Folder) -> None:
    vault = Vault(folder, Timeouts())
    put(vault, INDEX)
    with pytest.raises(NoKey, match="no valid app"):
        put(vault, Index([INDEX.entries[0]._replace(app="\x1b[2J")]))
    assert vault.index() == INDEX


def test_a_change_that_raises_changes_nothing(folder: Folder) -> None:
    vault = Vault(folder, Timeouts())
    put(vault, INDEX)

    def fail() -> None:
        with vault.change() as index:
            index.entries = []
            raise Refused(f"no: {index.default}")

    with pytest.raises(Refused, match="no: shop-a"):
        fail()
    assert vault.index() == INDEX


def test_a_name_belongs_to_whoever_is_ready_or_lost() -> None:
    assert INDEX.find("shop-a") == INDEX.entries[0]
    assert INDEX.find("shop-b") == INDEX.entries[2]
    assert Index([entry(0, state=ADDING), entry(1, state=REMOVING)]).find("shop-a") is None


def test_an_unknown_name_gets_a_useful_hint() -> None:
    def hint(index: Index, name: str) -> str:
        with pytest.raises(NoKey, match=f"there is no key named {name}") as caught:
            index.owner(name)
        return caught.value.hint

    assert hint(INDEX, "shop-c") == "did you mean shop-b?"
    assert hint(INDEX, "zzz") == "known keys: shop-a, shop-b"
    assert "mcapp keys add" in hint(Index(), "zzz")
    assert "mcapp doctor" in hint(Index([entry(0, "zzz", ADDING)]), "zzz")


def test_dropping_the_default_key_leaves_no_default() -> None:
    index = Index([*INDEX.entries], INDEX.default)
    index.drop(ID.format(1))
    assert index.default == "shop-a"
    index.drop(ID.format(0))
    assert index.default == ""


@pytest.mark.parametrize(
    "name", ["a", "shop-a", "Shop_A.2", "9", "a" * 14 + "1", "my-production-shop-number-12", "x" * 64]
)
def test_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "-a", ".a", "a b", "a/b", "ü", "x" * 65, "a\n", "..", "--"])
def test_no_names(name: str) -> None:
    with pytest.raises(UsageProblem, match="cannot be the name"):
        check_name(name)


@pytest.mark.parametrize(
    "name", ["12345678:" + "ab1c" * 8, "0a1b2c3d4e5f6a7b", "Bearer-0a1b2c3d4e5f6a7b8c", "key:0123456789abc"]
)
def test_a_key_in_a_names_place_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        check_name(name)
    told = caught.value.message + caught.value.hint
    assert "looks like a key" in told
    assert "exposed" in told
    assert not any(name[start : start + 8] in told for start in range(len(name) - 8))
