"""What can go wrong with a key store, how long one is waited for, and the file store."""

import tomllib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from mcapp.errors import NoKey
from mcapp.keys.private_files import Folder, UnsafeFile
from mcapp.keys.secret import Secret

SYSTEM, FILE, ENVIRONMENT = "system", "file", "environment"

KEYS = "keys.toml"  # the file store's file
_HEAD = b"# App Keys in plain text, kept by mcapp: do not share this file. mcapp keys list shows what is in it.\n"
_VERSION = 1

REMEDIES = """\
start or unlock a keyring (on Linux a Secret Service such as gnome-keyring or KeePassXC), or
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
        return f"the file {self._folder.path / KEYS}"

    def get(self, key_id: str) -> Secret | None:
        value = self._load().get(key_id)
        return None if value is None else Secret(value)

    def set(self, key_id: str, secret: Secret) -> None:
        with self._folder.lock():
            self._save({**self._load(), key_id: secret.reveal()})

    def delete(self, key_id: str) -> None:
        if key_id in self._load():
            with self._folder.lock():
                self._save({known: value for known, value in self._load().items() if known != key_id})

    def ids(self) -> frozenset[str] | None:
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
        with suppress(ValueError, AttributeError):
            content = tomllib.loads(data.decode("utf-8"))
            keys: dict[str, Any] = content.get("keys", {})
            if content.get("schema_version") == _VERSION and all(isinstance(key, str) and key for key in keys.values()):
                return keys
        path = self._folder.path / KEYS
        hint = "fix it by hand, or move it away and add its keys again"
        raise UnsafeFile(path, f"{path} is damaged; it was left untouched", hint, "corrupt-store")
