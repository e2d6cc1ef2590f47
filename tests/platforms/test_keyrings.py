"""The keyrings of macOS and Windows, played by what they answer; keyring's own code in between is the real one."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import keyring.backends.macOS
import keyring.backends.Windows
import pytest

from mcapp.errors import NoKey
from mcapp.keys.secret import Secret
from mcapp.keys.stores import Timeouts
from tests.keys.conftest import MakeKey
from tests.platforms.conftest import copy_of

LIMIT = Timeouts(limit=20.0)


# macOS


class Error(Exception):
    """What keyring's module for the Security framework raises, with the status as its first argument."""


class NotFound(Error):
    """-25300"""


class KeychainDenied(Error):
    """-128"""


class SecAuthFailure(Error):
    """-25293"""


class Keychain:
    """The Security framework: items, and the status that it answers with instead."""

    Error, NotFound, KeychainDenied, SecAuthFailure = Error, NotFound, KeychainDenied, SecAuthFailure

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.status = 0

    def answer(self) -> None:
        """Raise as keyring does for the status."""
        kinds = {-25300: NotFound, -128: KeychainDenied, -25293: SecAuthFailure}
        if self.status:
            raise kinds.get(self.status, Error)(self.status, "Unknown Error")

    def find_generic_password(self, _: object, service: str, user: str) -> str:
        """SecItemCopyMatching."""
        self.answer()
        if (service, user) not in self.items:
            raise NotFound(-25300, "Item not found")
        return self.items[service, user]

    def set_generic_password(self, _: object, service: str, user: str, password: str) -> None:
        """SecItemAdd."""
        self.answer()
        self.items[service, user] = password

    def delete_generic_password(self, _: object, service: str, user: str) -> None:
        """SecItemDelete."""
        self.answer()
        self.items.pop((service, user), None)


@pytest.fixture
def keychain(macos: None, monkeypatch: pytest.MonkeyPatch) -> Keychain:  # noqa: ARG001  # the platform
    played = Keychain()
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr(keyring.backends.macOS, "api", played, raising=False)
    return played


def store() -> Any:
    return copy_of("mcapp.keys.stores").SystemStore(LIMIT)


@pytest.mark.usefixtures("keychain")
def test_the_keychain_keeps_a_key(make_key: MakeKey) -> None:
    keys = store()
    keys.set("id1", Secret(make_key()))
    assert keys.get("id1") == Secret(make_key())
    assert keys.where() == "the system keyring (macOS Keychain)"
    keys.delete("id1")
    assert keys.get("id1") is None


@pytest.mark.parametrize(
    ("status", "code", "message", "hint"),
    [
        (-25308, "keyring-locked", "is locked, and cannot ask for its password in this session", "unlock-keychain"),
        (-25293, "keyring-locked", "is locked: its password was not accepted", "security unlock-keychain"),
        (-128, "keyring-locked", "was not opened: its question was cancelled", "run this again and allow"),
        (-25307, "no-keyring", "does not exist: this user has no default keychain", "--store file"),
        (-25291, "no-keyring", "is not available in this session", "--store file"),
        (
            -25244,
            "keyring-failed",
            "keeps this key for the program that stored it, such as another Python",
            "Keychain Access",
        ),
        (-25299, "keyring-failed", "failed: Can't", "repair or restart it"),
    ],
)
@pytest.mark.parametrize("act", ["get", "set", "delete"])
def test_each_status_of_the_keychain_has_its_own_sentence(
    keychain: Keychain, make_key: MakeKey, status: int, code: str, message: str, hint: str, act: str
) -> None:
    keys = store()
    keys.set("id1", Secret(make_key()))
    keychain.status = status
    with pytest.raises(NoKey) as caught:
        keys.set("id1", Secret(make_key())) if act == "set" else getattr(keys, act)("id1")
    assert caught.value.code == code
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_code == 4


# Windows


class WinError(Exception):
    """pywintypes.error."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


class Blob(str):
    """A password as Windows gives it back: bytes."""

    __slots__ = ()

    def decode(self, _: str) -> str:
        """As bytes are decoded."""
        return str(self)


class Credentials:
    """The Credential Manager; a write takes a moment, in which others come between."""

    CRED_TYPE_GENERIC, CRED_PERSIST_ENTERPRISE, CRED_PERSIST_LOCAL_MACHINE = 1, 3, 2

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.no_session = False

    def CredRead(self, Type: int, TargetName: str) -> dict[str, Any]:  # noqa: N802, N803, ARG002  # Windows' own names
        """Give the item."""
        if self.no_session:
            raise WinError(1312, "CredRead", "A specified logon session does not exist.")
        if TargetName not in self.items:
            raise WinError(1168, "CredRead", "Element not found.")
        return self.items[TargetName]

    def CredWrite(self, credential: dict[str, Any], _: int) -> None:  # noqa: N802  # as above
        """Keep the item."""
        if len(credential["CredentialBlob"].encode("utf-16-le")) > 2560:
            raise WinError(1783, "CredWrite", "The stub received bad data.")
        time.sleep(0.001)
        self.items[credential["TargetName"]] = {**credential, "CredentialBlob": Blob(credential["CredentialBlob"])}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N802, N803, ARG002  # as above
        """Forget the item."""
        del self.items[TargetName]


@pytest.fixture
def credentials(windows: None, monkeypatch: pytest.MonkeyPatch) -> Credentials:  # noqa: ARG001  # the platform
    played = Credentials()
    monkeypatch.setattr(keyring.backends.Windows, "missing_deps", None)
    monkeypatch.setattr(keyring.backends.Windows, "win32cred", played, raising=False)
    monkeypatch.setattr(keyring.backends.Windows, "pywintypes", SimpleNamespace(error=WinError), raising=False)
    return played


def test_keys_that_are_added_at_the_same_time_are_all_kept(credentials: Credentials, make_key: MakeKey) -> None:
    keys = store()
    keys.open()
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda number: keys.set(f"id{number}", Secret(make_key(number))), range(40)))
    assert all(keys.get(f"id{number}") == Secret(make_key(number)) for number in range(40))
    assert len(credentials.items) == 40
    keys.delete("id7")
    assert keys.get("id7") is None
    assert len(credentials.items) == 39


def test_a_key_stays_on_this_machine(credentials: Credentials, make_key: MakeKey) -> None:
    keys = store()
    keys.set("id1", Secret(make_key()))
    (item,) = credentials.items.values()
    assert item["Persist"] == credentials.CRED_PERSIST_LOCAL_MACHINE
    assert keys.where() == "the system keyring (Windows Credential Manager)"


def test_a_session_without_a_logon_has_no_keyring(credentials: Credentials) -> None:
    credentials.no_session = True
    with pytest.raises(NoKey, match="no logon of its own, as over SSH") as caught:
        store().open()
    assert caught.value.code == "no-keyring"
    assert "--store file" in caught.value.hint


def test_a_key_that_is_too_long_is_told_so(credentials: Credentials, make_key: MakeKey) -> None:
    keys = store()
    with pytest.raises(NoKey, match="no key of more than 1,280 characters") as caught:
        keys.set("id1", Secret(make_key(length=1281)))
    assert caught.value.code == "keyring-failed"
    keys.set("id1", Secret(make_key(length=1280)))
    assert len(credentials.items) == 1


# keys exec on macOS


@pytest.mark.skipif(sys.platform == "win32", reason="there is no execvpe")
def test_keys_exec_waits_for_no_signal(macos: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """XNU drops SIGCHLD before `sigwait` sees it, so that whatever waits for it waits for ever."""
    became: list[Any] = []
    monkeypatch.setattr("signal.sigwait", lambda _: pytest.fail("waits for a signal"))
    monkeypatch.setattr("os.execvpe", lambda *words: became.append(words))
    copy_of("mcapp.keys.run_command").run(["npm", "start"], {"A": "b"})
    assert became == [("npm", ["npm", "start"], {"A": "b"})]
