"""Which key a command works with, and that it always says so."""

import pytest

from mcapp.errors import NoKey
from mcapp.keys.secret import Secret
from mcapp.keys.stores import ENVIRONMENT, FILE, FileStore
from mcapp.keys.vault import FoundKey, Vault, resolve
from tests.keys.conftest import MakeKey


@pytest.fixture
def vault(vault: Vault, make_key: MakeKey) -> Vault:
    """With the keys a (the default) and b."""
    for number, name in enumerate("ab", 1):
        vault.add(name, Secret(make_key(number)), vault.store(FILE), force=False)
    return vault


def found(vault: Vault, name: str | None = None, **environ: str) -> FoundKey:
    return resolve(name, vault, environ)


def test_a_name_beats_the_environment_beats_the_default_key(vault: Vault, make_key: MakeKey) -> None:
    named = found(vault, "b", MANYCHAT_APP_KEY=make_key(3))
    assert (named.secret.reveal(), named.source, named.name) == (make_key(2), FILE, "b")
    environment = found(vault, MANYCHAT_APP_KEY=make_key(3))
    assert (environment.secret.reveal(), environment.source, environment.name) == (make_key(3), ENVIRONMENT, "")
    default = found(vault)
    assert (default.secret.reveal(), default.source, default.name) == (make_key(1), FILE, "a")


def test_the_source_is_said_and_the_key_is_not(vault: Vault, make_key: MakeKey) -> None:
    fingerprint = Secret(make_key(1)).fingerprint
    where = vault.store(FILE).where()
    assert found(vault).message == f"using the key a (…{make_key(1)[-4:]}, fingerprint {fingerprint}) from {where}"
    environment = found(vault, MANYCHAT_APP_KEY=f"'{make_key(3)}'")
    assert environment.message.endswith("from the environment variable MANYCHAT_APP_KEY")
    assert environment.notes == (
        "removed from MANYCHAT_APP_KEY: quotes",
        "it takes the place of the default key a; --key a uses that one",
    )
    assert make_key(3)[:12] not in repr(environment)


def test_the_environment_needs_no_index(vault: Vault, make_key: MakeKey) -> None:
    (vault.folder.path / "index.toml").write_text("damaged")
    assert found(vault, MANYCHAT_APP_KEY=make_key(3)).secret.reveal() == make_key(3)


def test_an_unusable_key_is_an_error_and_no_other_takes_its_place(vault: Vault) -> None:
    with pytest.raises(NoKey, match="there is no key named c"):
        found(vault, "c", MANYCHAT_APP_KEY="fake-0123456")
    with pytest.raises(NoKey, match="MANYCHAT_APP_KEY holds no usable key"):
        found(vault, MANYCHAT_APP_KEY="{{app_token}}")
    FileStore(vault.folder).delete(vault.entry("a").id)
    with pytest.raises(NoKey, match="in the index, but not in"):
        found(vault)


def test_an_empty_variable_counts_as_none(vault: Vault) -> None:
    assert found(vault, MANYCHAT_APP_KEY="", MANYCHAT_APP_KEY_FILE="  ").name == "a"


def test_no_key_at_all_is_4_with_what_to_do(vault: Vault) -> None:
    vault.remove(["a"])
    with pytest.raises(NoKey, match="there is no default key") as caught:
        found(vault)
    assert "there are: b" in caught.value.hint
    vault.remove(["b"])
    with pytest.raises(NoKey, match="no App Key found") as caught:
        found(vault)
    assert caught.value.exit_code == 4
    assert "mcapp keys add" in caught.value.hint
