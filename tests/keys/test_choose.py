"""Which store a new key goes to: the system's keyring, and the file only after a yes or by name."""

import signal
import sys

import pytest

from mcapp.keys.index import Index
from mcapp.keys.stores import FILE, SYSTEM, KeyringLocked, KeyringSlow, NoKeyring, Timeouts
from mcapp.keys.vault import AUTO, Vault
from tests.keys.secret_service import Session

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


def never(error: NoKeyring) -> bool:
    raise AssertionError(f"asked, although nobody may be: {error}")


def test_auto_is_the_systems_keyring(keyring: Session, vault: Vault) -> None:
    assert keyring
    for wanted in (AUTO, SYSTEM):
        assert vault.choose(wanted, never).name == SYSTEM
    assert vault.choose(FILE, never).name == FILE


def test_without_a_keyring_the_file_is_offered_once_and_a_yes_is_remembered(vault: Vault) -> None:
    asked: list[str] = []

    def answer(error: NoKeyring, yes: bool) -> bool:
        asked.append(error.message)
        return yes

    with pytest.raises(NoKeyring):
        vault.choose(AUTO, lambda error: answer(error, yes=False))
    assert vault.index() == Index()
    assert vault.choose(AUTO, lambda error: answer(error, yes=True)).name == FILE
    assert vault.index().file_agreed
    assert vault.choose(AUTO, never).name == FILE
    assert len(asked) == 2
    with pytest.raises(NoKeyring):
        vault.choose(SYSTEM, never)


def test_a_locked_slow_or_failing_keyring_never_leads_to_the_file(bus: Session, vault: Vault) -> None:
    with vault.change() as index:
        index.file_agreed = True
    daemon = bus.keyring()
    bus.lock()
    with pytest.raises(KeyringLocked):
        vault.choose(AUTO, never)
    if sys.platform == "win32":
        raise NotImplementedError
    daemon.send_signal(signal.SIGSTOP)
    vault.timeouts = Timeouts(limit=0.5)
    with pytest.raises(KeyringSlow):
        vault.choose(AUTO, never)
    bus.kill(daemon)
    bus.keyring(unlock=False)
    vault.timeouts = Timeouts(limit=20)
    with pytest.raises(KeyringLocked):
        vault.choose(AUTO, never)
