"""The system store against a real Secret Service in all its moods."""

import signal
import sys
import time
from typing import Any

import pytest

from mcapp.keys import stores
from mcapp.keys.secret import Secret
from mcapp.keys.stores import KeyringFailed, KeyringLocked, KeyringSlow, NoKeyring, SystemStore, Timeouts
from tests.harness import Process
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session

if sys.platform == "win32":
    pytest.skip("a Secret Service needs D-Bus", allow_module_level=True)

# What keyring leaves open when it raises is closed by the collector, which says so.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

QUICK = Timeouts(limit=1.0)
PATIENT = Timeouts(limit=20.0)  # for a loaded machine, where the answer comes for sure


def test_what_is_kept_is_really_there_under_the_id(keyring: Session, secret: Secret) -> None:
    SystemStore(PATIENT).set("some-id", secret)
    assert keyring.secrets() == {"some-id": secret.reveal()}
    SystemStore(PATIENT).delete("some-id")
    assert keyring.secrets() == {}


@pytest.mark.parametrize(
    "address", [None, "", "unix:path=/nowhere/at/all", "nonsense", "tcp:host=127.0.0.1,port=1", "autolaunch:"]
)
def test_no_bus_is_no_keyring(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    if address is not None:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with pytest.raises(NoKeyring) as caught:
        SystemStore(PATIENT).get("a")
    assert caught.value.exit_code == 4
    assert caught.value.message.startswith("there is no keyring here (")
    for remedy in ("start or unlock a keyring", "--store file", "MCAPP_KEY_STORE=file", "MANYCHAT_APP_KEY"):
        assert remedy in caught.value.hint


@pytest.mark.usefixtures("bus")
def test_a_bus_without_a_service_is_no_keyring() -> None:
    with pytest.raises(NoKeyring, match="neither running nor activatable"):
        SystemStore(PATIENT).open()


def test_a_service_without_a_collection_was_never_set_up(bus: Session) -> None:
    bus.keyring(unlock=False)
    with pytest.raises(KeyringLocked, match="no default collection yet"):
        SystemStore(PATIENT).get("a")


def test_a_locked_collection_is_told_and_no_prompt_is_raised(keyring: Session, secret: Secret) -> None:
    SystemStore(PATIENT).set("a", secret)
    keyring.lock()
    store = SystemStore(PATIENT)
    for act in (lambda: store.get("a"), lambda: store.set("b", secret), lambda: store.delete("a"), store.ids):
        with pytest.raises(KeyringLocked, match=r"the system keyring \(Secret Service\) is locked") as caught:
            act()
        assert "unlock it" in caught.value.hint
        assert "--store file" in caught.value.hint
        assert caught.value.exit_code == 4


def test_at_a_terminal_the_prompt_is_raised_and_may_be_dismissed(keyring: Session) -> None:
    keyring.lock()
    # Nothing in this session can show a prompt, which gnome-keyring takes for a dismissal.
    with pytest.raises(KeyringLocked):
        SystemStore(PATIENT._replace(interactive=True)).get("a")


def test_a_daemon_that_hangs_is_given_up_after_the_limit(bus: Session, secret: Secret) -> None:
    daemon = bus.keyring()
    store = SystemStore(QUICK)
    store.set("a", secret)
    daemon.send_signal(signal.SIGSTOP)
    before = time.monotonic()
    with pytest.raises(KeyringSlow, match="did not answer within 1 seconds"):
        store.get("a")
    assert 0.9 < time.monotonic() - before < 5
    daemon.send_signal(signal.SIGCONT)
    assert SystemStore(PATIENT).get("a") == secret


def test_a_bus_that_hangs_is_given_up_too(bus: Session) -> None:
    bus.daemons[0].send_signal(signal.SIGSTOP)
    with pytest.raises(KeyringSlow):
        SystemStore(QUICK).get("a")


def test_at_a_terminal_a_word_is_said_after_two_seconds(bus: Session) -> None:
    daemon = bus.keyring()
    daemon.send_signal(signal.SIGSTOP)
    said = []
    timeouts = Timeouts(limit=2.5, interactive=True, say=lambda text: said.append((text, time.monotonic())))
    before = time.monotonic()
    with pytest.raises(KeyringSlow):
        SystemStore(timeouts).get("a")
    (text, when) = said[0]
    assert text == "waiting for your keyring to be unlocked…"
    assert 1.9 < when - before < 2.5
    assert len(said) == 1


def test_a_daemon_killed_between_two_calls_is_an_error(bus: Session, secret: Secret) -> None:
    daemon = bus.keyring()
    store = SystemStore(PATIENT)
    store.set("a", secret)
    bus.kill(daemon)
    with pytest.raises(KeyringFailed, match="failed: "):
        store.get("a")
    with pytest.raises(NoKeyring):
        SystemStore(PATIENT).get("a")
    bus.keyring()
    assert SystemStore(PATIENT).get("a") == secret


def test_the_process_ends_at_once_although_a_call_still_hangs(
    bus: Session, process: Process, make_key: MakeKey
) -> None:
    bus.keyring().send_signal(signal.SIGSTOP)
    start = time.monotonic()
    process("keys", "list")
    before = time.monotonic()
    done = process("keys", "add", "--stdin", stdin=make_key())
    # What a loaded machine takes to start a process is not the keyring's time.
    assert time.monotonic() - before - (before - start) < 5
    assert done.code == 4
    assert "did not answer within 3 seconds" in done.err


def test_a_backend_that_accepts_and_forgets_is_found_out(
    keyring: Session, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.backends import SecretService

    monkeypatch.setattr(SecretService.Keyring, "set_password", lambda *_: None)
    with pytest.raises(KeyringFailed, match="accepted the key but does not give it back"):
        SystemStore(PATIENT).set("a", secret)
    assert keyring.secrets() == {}


def test_a_key_that_another_takes_away_meanwhile_is_gone_and_no_error(
    keyring: Session, secret: Secret, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a Secret Service's list of items and the question to one of them, that one may be removed."""
    from secretstorage.item import Item

    assert keyring
    store, other = SystemStore(PATIENT), SystemStore(PATIENT)
    real = Item.__init__

    def too_late(self: Item, *args: Any) -> None:
        monkeypatch.setattr(Item, "__init__", real)
        other.delete("a")
        real(self, *args)

    for act, expected in (
        (lambda: store.get("a"), None),
        (lambda: store.delete("a"), None),
        (store.ids, frozenset({"b"})),
    ):
        store.set("a", secret)
        store.set("b", Secret(make_key(1)))
        monkeypatch.setattr(Item, "__init__", too_late)
        assert act() == expected
        assert Item.__init__ is real


def test_a_list_is_whole_although_others_remove_keys_all_the_while(
    keyring: Session, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One item after the other is removed just before it is asked for its name."""
    from secretstorage.item import Item

    assert keyring
    store = SystemStore(PATIENT)
    names = {f"id-{number}" for number in range(20)}
    for number, name in enumerate(sorted(names)):
        store.set(name, Secret(make_key(number)))
    real, gone = Item.__init__, set[str]()

    def too_late(self: Item, *args: Any) -> None:
        real(self, *args)
        if len(gone) < 12:
            gone.add(self.get_attributes()["username"])
            self.delete()
            real(self, *args)

    monkeypatch.setattr(Item, "__init__", too_late)
    assert store.ids() == frozenset(names - gone)
    assert len(gone) == 12


def test_a_collection_that_is_away_for_a_moment_is_waited_for(
    keyring: Session, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gnome-keyring drops its collection for a moment when it writes it."""
    import secretstorage

    assert keyring
    SystemStore(PATIENT).set("a", secret)
    away = iter([True, True])
    real = secretstorage.Collection

    def collection(*args: Any) -> secretstorage.Collection:
        if next(away, False):
            raise secretstorage.ItemNotFoundException
        return real(*args)

    monkeypatch.setattr(secretstorage, "Collection", collection)
    assert SystemStore(PATIENT).get("a") == secret
    assert next(away, None) is None


def test_no_collection_is_made_and_no_prompt_raised_in_a_script(bus: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    bus.keyring(unlock=False)
    made: list[object] = []
    monkeypatch.setattr(stores, "_refuse_locked", lambda _where: None)  # it was there a moment ago
    monkeypatch.setattr("secretstorage.collection.create_collection", lambda *_: made.append(1))
    with pytest.raises(KeyringFailed):
        SystemStore(PATIENT).get("a")
    assert made == []


def test_an_error_of_the_backend_is_cut_to_a_line_and_named(keyring: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends import SecretService

    def fail(*_: object) -> None:
        raise OSError("first\n  second " + "x" * 500)

    assert keyring
    monkeypatch.setattr(SecretService.Keyring, "get_password", fail)
    with pytest.raises(KeyringFailed, match=r"failed: first second x+…$") as caught:
        SystemStore(PATIENT).get("a")
    assert len(caught.value.message) < 300


def test_the_keyring_a_key_was_put_into_is_asked_for_it(keyring: Session) -> None:
    assert keyring
    with pytest.raises(NoKeyring, match="KDE Wallet, where the key is kept, cannot be reached"):
        SystemStore(PATIENT, "kwallet").get("a")


def test_the_text_of_an_error_is_masked_before_it_is_cut() -> None:
    key = "made-up-Zqbcdfghjklmnpqrstvwz"
    Secret(key)
    for at in range(len(key)):
        assert key[:6] not in stores._one_line(RuntimeError("x" * (200 - at) + key))
