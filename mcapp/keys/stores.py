"""The two stores: a private file, and the operating system's own keyring through the `keyring` library.

Only the backends listed here, each imported by name. `keyring.get_keyring()` would take whatever has the highest
priority among everything installed, what PYTHON_KEYRING_BACKEND names, or what keyringrc.cfg names; measured: a key
went to a foreign plugin, base64-coded to disk, and to a null backend that keeps nothing.

A keyring may wait for a person, or for a daemon that hangs, for ever. So every call runs in a thread with a limit; a
thread that never returns is a daemon thread and does not keep the process from ending. Tried with gnome-keyring on
Linux and, under Wine, with the Credential Manager; macOS is simulated by a test. KDE Wallet was not tried.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from uuid import uuid4

from mcapp import files
from mcapp.errors import InputProblem, NoKey
from mcapp.keys.private_files import Folder, UnsafeFile
from mcapp.keys.secret import Secret
from mcapp.terminal.console import visible
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SYSTEM, FILE, ENVIRONMENT = "system", "file", "environment"

KEYS = "keys.toml"  # the file store's file
_HEAD = b"# App Keys in plain text, kept by mcapp: do not share this file. mcapp keys list shows what is in it.\n"
_VERSION = 1

REMEDIES = """\
start or unlock a keyring (on Linux gnome-keyring or KeePassXC), or
keep keys in a private file: --store file, or MCAPP_KEY_STORE=file, or
pass the key in the environment variable MANYCHAT_APP_KEY"""

OTHERWISE = REMEDIES.partition("\n")[2]  # for a keyring that is there, but cannot be used
AT_A_TERMINAL = 30.0  # seconds: time to find and type the keyring's password


class NoKeyring(NoKey):
    """The system has no keyring, or none that this session can reach; only then the file store may be offered."""

    default_code = "no-keyring"


class KeyringLocked(NoKey):
    """The keyring is locked, or was never set up."""

    default_code = "keyring-locked"


class KeyringSlow(NoKey):
    """The keyring did not answer within the limit. Whether it did what was asked is not known."""

    default_code = "keyring-slow"


class KeyringFailed(NoKey):
    """The keyring answered with an error, or did not keep what it accepted."""

    default_code = "keyring-failed"


class Timeouts(NamedTuple):
    """How long one call to a keyring may take, in seconds, and what to call while mcapp waits.

    `interactive` says that a person can answer the keyring's own prompt; without one no prompt is raised.
    """

    limit: float = 3.0
    interactive: bool = False
    say: Callable[[str], None] = lambda _text: None


def locked(where: str, why: str = "is locked") -> KeyringLocked:
    """The error for a keyring that must be unlocked first."""
    return KeyringLocked(f"{where} {why}", hint=f"unlock it and run this again, or\n{OTHERWISE}")


class FileStore:
    """Keys in a TOML file of mcapp's folder that only its owner can read. Only used if the user chose it.

    Not encrypted: a script cannot type a passphrase, and one in the environment protects no better than the key there.
    """

    name = FILE
    backend = ""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def where(self) -> str:
        """The file's path; it is printed whenever a key is stored."""
        return f"the file {visible(str(self._folder.path / KEYS))}"

    def get(self, key_id: str) -> Secret | None:
        """The key, or None."""
        value = self._load().get(key_id)
        return None if value is None else Secret(value)

    def set(self, key_id: str, secret: Secret) -> None:
        """Write the file with it."""
        with self._folder.lock():
            self._save({**self._load(), key_id: secret.reveal()})

    def delete(self, key_id: str) -> None:
        """Write the file without it."""
        if key_id in self._load():
            with self._folder.lock():
                self._save({known: value for known, value in self._load().items() if known != key_id})

    def ids(self) -> frozenset[str] | None:
        """All ids."""
        return frozenset(self._load())

    def _load(self) -> dict[str, str]:
        data = self._folder.read(KEYS)
        return {} if data is None else self._parse(data)

    def _save(self, keys: dict[str, str]) -> None:
        import tomli_w

        data = _HEAD + tomli_w.dumps({"schema_version": _VERSION, "keys": keys}).encode("utf-8")
        self._parse(data)  # what could not be read again replaces no key
        self._folder.write(KEYS, data)

    def _parse(self, data: bytes) -> dict[str, str]:
        # Not TOML, not UTF-8, not a table: the error may quote a line, and a line may hold a key.
        with suppress(InputProblem, AttributeError):
            content = files.parse_toml(data, KEYS)
            keys: dict[str, Any] = content.get("keys", {})
            if content.get("schema_version") == _VERSION and all(isinstance(key, str) and key for key in keys.values()):
                return keys
        path = self._folder.path / KEYS
        hint = "fix it by hand, or move it away and add its keys again"
        raise UnsafeFile(path, f"{path} is damaged; it was left untouched", hint, "corrupt-store")


SERVICE = "mcapp"
_WORD_AFTER = 2.0  # seconds until a line says what mcapp waits for
_TICK = 0.05  # seconds
_PAUSES = (0.0, 0.02, 0.05, 0.1, 0.1, 0.2)  # seconds, before another try where others change keys at the same time
_PROPERTY = "KEYRING_PROPERTY_"

Result = TypeVar("Result")


class Allowed(NamedTuple):
    """A backend that may have keys: its name in the index, its class, its name for people."""

    backend: str
    module: str
    kind: str
    title: str


SECRET_SERVICE = Allowed("secret-service", "keyring.backends.SecretService", "Keyring", "Secret Service")
_KWALLET = Allowed("kwallet", "keyring.backends.kwallet", "DBusKeyring", "KDE Wallet")
_MACOS = Allowed("macos-keychain", "keyring.backends.macOS", "Keyring", "macOS Keychain")
_WINDOWS = Allowed("windows-credentials", "keyring.backends.Windows", "WinVaultKeyring", "Windows Credential Manager")

# The numbers in the errors of macOS (SecBase.h) and Windows (winerror.h): what each means, in words, and the hint.
_UNLOCK = f"security unlock-keychain unlocks it; then run this again, or\n{OTHERWISE}"
_NUMBERS: dict[int, tuple[type[NoKey], str, str]] = {
    -25308: (KeyringLocked, "is locked, and cannot ask for its password in this session", _UNLOCK),
    -25293: (KeyringLocked, "is locked: its password was not accepted", _UNLOCK),
    -128: (
        KeyringLocked,
        "was not opened: its question was cancelled",
        f"run this again and allow it, or\n{OTHERWISE}",
    ),
    -25307: (NoKeyring, "does not exist: this user has no default keychain", REMEDIES),
    -25291: (NoKeyring, "is not available in this session", REMEDIES),
    -25244: (
        KeyringFailed,
        "keeps this key for the program that stored it, such as another Python",
        "use that one; or delete the items named mcapp in Keychain Access, and add the keys again",
    ),
    1312: (NoKeyring, "is not available: this session has no logon of its own, as over SSH or in a service", REMEDIES),
    1783: (KeyringFailed, "accepts no key of more than 1,280 characters", OTHERWISE),
}

_HERE = {"darwin": (_MACOS,), "win32": (_WINDOWS,)}.get(sys.platform, (SECRET_SERVICE, _KWALLET))
ALLOWED = {allowed.backend: allowed for allowed in _HERE}


class SystemStore:
    """Keys in the system's keyring: service `mcapp`, user name = the key's id, so that a new name never moves a key.

    `backend` is the one that holds an existing key; empty takes the one with the highest priority here.
    """

    name = SYSTEM

    def __init__(self, timeouts: Timeouts, backend: str = "") -> None:
        self._timeouts = timeouts
        self._wanted = backend
        self._found: tuple[Allowed, KeyringBackend] | None = None

    @property
    def backend(self) -> str:
        """The name of the backend in use. Finds out, if nothing has been asked of the keyring yet."""
        if self._found is None:
            self.open()
        return self._found[0].backend if self._found else ""

    def where(self) -> str:
        """`the system keyring (Secret Service)`."""
        allowed = self._found[0] if self._found else ALLOWED.get(self._wanted)
        return f"the system keyring ({allowed.title})" if allowed else "the system keyring"

    def open(self) -> None:
        """Find the keyring, and ask it for a key that cannot be there; at a terminal that unlocks it. Raises NoKey."""
        self.get(str(uuid4()))

    def get(self, key_id: str) -> Secret | None:
        """The key, or None."""
        value = self._call(lambda allowed, keyring: keyring.get_password(*_item(allowed, key_id)))
        return None if value is None else Secret(value)

    def set(self, key_id: str, secret: Secret) -> None:
        """Store it, and read it back: a backend may accept everything and store nothing."""
        value = secret.reveal()
        self._call(lambda allowed, keyring: keyring.set_password(*_item(allowed, key_id), value))
        if self.get(key_id) != secret:
            raise KeyringFailed(f"{self.where()} accepted the key but does not give it back", hint=REMEDIES)

    def delete(self, key_id: str) -> None:
        """Delete it. Backends differ in what they do about an item that is not there, so it is looked up first."""

        def forget(allowed: Allowed, keyring: "KeyringBackend") -> None:
            item = _item(allowed, key_id)
            if keyring.get_password(*item) is None:
                return
            try:
                keyring.delete_password(*item)
            except Exception:
                if keyring.get_password(*item) is not None:
                    raise  # else another mcapp was quicker

        self._call(forget)

    def ids(self) -> frozenset[str] | None:
        """What a Secret Service lists. The other keyrings cannot be asked for everything under one service."""
        return self._call(lambda allowed, _: _user_names() if allowed == SECRET_SERVICE else None)

    def _call(self, work: Callable[[Allowed, "KeyringBackend"], Result]) -> Result:
        """Do `work` with the keyring, within the limit. Raises NoKey, never an error of keyring's own."""
        modules = {}
        # Imported out here: reading code from a cold disk is not the keyring's slowness.
        for allowed in ALLOWED.values():
            with suppress(ImportError):  # a platform's own library is missing
                modules[allowed.backend] = import_module(allowed.module)

        def run() -> Result:
            if self._found is None:
                self._found = _choose(modules, self._wanted)
            allowed, keyring = self._found
            if allowed == SECRET_SERVICE and not self._timeouts.interactive:
                from secretstorage.collection import DEFAULT_COLLECTION

                # keyring would make a default collection where it finds none, which raises a prompt; not if it is named
                vars(keyring)["preferred_collection"] = DEFAULT_COLLECTION
                _refuse_locked(self.where())
            return work(allowed, keyring)

        return _limited(run, self._timeouts, self.where)


def _item(allowed: Allowed, key_id: str) -> tuple[str, str]:
    """Service and user name. The Credential Manager has one item for a service, and keyring moves another key's
    aside before it writes: of a hundred keys that were added at once it lost sixteen.
    """
    return (f"{SERVICE}/{key_id}" if allowed == _WINDOWS else SERVICE), key_id


def _refuse_locked(where: str) -> None:
    """Raise KeyringLocked if a Secret Service's default collection is locked, or was never made.

    keyring finds that out by raising the prompt that unlocks or makes it, on whatever screen there may be, and waits.
    """
    from secretstorage import Collection, dbus_init
    from secretstorage.exceptions import ItemNotFoundException

    with closing(dbus_init()) as bus:
        try:
            is_locked = Collection(bus).is_locked()
        except ItemNotFoundException as error:  # gnome-keyring drops it for a moment when it writes it: see `_is_gone`
            raise locked(where, "has no default collection yet, so it was never set up") from error
    if is_locked:
        raise locked(where)


def _user_names() -> frozenset[str]:
    """The user names of all items that `keyring` keeps for mcapp in a Secret Service, which it cannot be asked for."""
    from secretstorage import Collection, Item, dbus_init
    from secretstorage.defines import SS_PREFIX
    from secretstorage.exceptions import ItemNotFoundException
    from secretstorage.util import DBusAddressWrapper

    with closing(dbus_init()) as bus:
        # Collection.search_items gives up the whole list at the first item that somebody removes meanwhile. Measured
        # with six processes at work: every fourth list, however often it was begun again.
        collection = DBusAddressWrapper(Collection(bus).collection_path, f"{SS_PREFIX}Collection", bus)
        (paths,) = collection.call("SearchItems", "a{ss}", {"service": SERVICE})
        names = set()
        for path in paths:
            with suppress(ItemNotFoundException):
                names.add(Item(bus, path).get_attributes().get("username", ""))
    return frozenset(names - {""})


def _is_gone(error: BaseException) -> bool:
    """Whether a Secret Service's item or collection was found, and taken away by another before it could be used."""
    if "secretstorage" not in sys.modules:
        return False
    from secretstorage.exceptions import ItemNotFoundException

    # keyring wraps what happens to the collection, and not what happens to an item.
    return isinstance(error, ItemNotFoundException) or isinstance(error.__context__, ItemNotFoundException)


def _choose(modules: dict[str, Any], wanted: str) -> tuple[Allowed, "KeyringBackend"]:
    """The usable backend of the highest priority, or the wanted one. Reading `priority` is keyring's own test."""
    usable, reasons = [], []
    for allowed in ALLOWED.values():
        if allowed.backend not in modules or wanted not in ("", allowed.backend):
            continue
        kind = getattr(modules[allowed.backend], allowed.kind)
        try:
            usable.append((float(kind.priority), allowed, kind))
        except (RuntimeError, FileNotFoundError, ConnectionError) as error:
            # keyring's way to say "not here"; and for a bus address that does not exist
            reasons.append(f"{allowed.title}: {_one_line(error)}")
    if not usable:
        missing = ALLOWED.get(wanted)
        what = f"{missing.title}, where the key is kept, cannot be reached" if missing else "there is no keyring here"
        raise NoKeyring(f"{what} ({'; '.join(reasons) or 'none is known for this system'})", hint=REMEDIES)
    _, allowed, kind = max(usable, key=lambda entry: entry[0])
    backend = kind()
    if allowed == _WINDOWS:
        backend.persist = "local machine"  # keyring's default follows the user to every machine of a company's domain
    for name in os.environ:
        # keyring sets a backend's attributes from these: another collection than the default one, other field names.
        if name.startswith(_PROPERTY):
            vars(backend).pop(name.removeprefix(_PROPERTY).lower(), None)
    return allowed, backend


def _limited(work: Callable[[], Result], timeouts: Timeouts, where: Callable[[], str]) -> Result:
    """The result of `work`, which runs in a daemon thread, within the limit."""
    outcome: list[Result] = []
    failure: list[BaseException] = []
    given_up = threading.Event()

    def run() -> None:
        pauses = iter(_PAUSES)
        while not outcome and not given_up.is_set():
            try:
                outcome.append(work())
            except TimeoutError:
                pass  # the D-Bus library's own limit for a greeting, shorter than ours
            except BaseException as error:  # noqa: BLE001  # raised again, in the thread that asked
                pause = next(pauses, None)
                if pause is None or not _is_gone(error):
                    failure.append(error)
                    return
                time.sleep(pause)

    thread = threading.Thread(target=run, daemon=True, name="keyring")
    thread.start()
    # Counted in ticks and not by the clock: where fifty processes share two cores a tick takes longer, and so may the
    # answer, which is not the keyring's fault. On an idle machine both are the same.
    for tick in range(1, round(timeouts.limit / _TICK) + 1):
        thread.join(_TICK)
        if not thread.is_alive():
            break
        if timeouts.interactive and tick == round(_WORD_AFTER / _TICK):
            timeouts.say("waiting for your keyring to be unlocked…")
    if failure:
        raise _translated(failure[0], where()) from None
    if not outcome:
        given_up.set()
        raise KeyringSlow(
            f"{where()} did not answer within {timeouts.limit:g} seconds",
            hint=f"it may hang, or wait for a password: unlock or restart it, or\n{OTHERWISE}",
        )
    return outcome[0]


def _translated(error: BaseException, where: str) -> BaseException:
    """keyring's errors as mcapp's. Their text comes from daemons and libraries; it is cut to one line and masked."""
    if isinstance(error, NoKey):
        return error
    for each in (error, error.__cause__):  # keyring raises its own error from the system's
        for number in (getattr(each, "winerror", None), *getattr(each, "args", ())[:1]):
            if isinstance(number, int) and number in _NUMBERS:
                kind, text, hint = _NUMBERS[number]
                return kind(f"{where} {text}", hint=hint)
    from keyring import errors

    if isinstance(error, errors.KeyringLocked):
        return locked(where)
    if isinstance(error, errors.NoKeyringError):
        return NoKeyring(f"there is no keyring here ({_one_line(error)})", hint=REMEDIES)
    if isinstance(error, Exception):
        return KeyringFailed(f"{where} failed: {_one_line(error)}", hint=f"repair or restart it, or\n{OTHERWISE}")
    return error


def _one_line(error: BaseException) -> str:
    text = mask(" ".join(str(error).split()).rstrip(".")) or type(error).__name__
    return text if len(text) <= 200 else text[:200] + "…"
