"""The file store: a TOML file that only its owner can read.

Only used if the user chose it. Not encrypted: a script cannot type a passphrase, and a passphrase in the environment
protects no better than the key in the environment would. It protects the key from other users and from shell history,
not from backups or from programs of the same user. On Windows the user's profile protects it.
"""

import tomllib
from typing import Any

from mcapp.keys.private_files import Folder, UnsafeFile
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, StoreProblem

NAME = "keys.toml"
_HEAD = b"# App Keys in plain text, kept by mcapp: do not share this file. mcapp keys list shows what is in it.\n"
_VERSION = 1


class FileStore:
    """Keys in `keys.toml` of mcapp's folder."""

    name = FILE
    backend = ""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def where(self) -> str:
        """The file's path; it is printed whenever a key is stored."""
        return f"the file {self._folder.path / NAME}"

    def get(self, key_id: str) -> Secret | None:
        """The key, or None."""
        value = self._load().get(key_id)
        return None if value is None else Secret(value)

    def set(self, key_id: str, secret: Secret) -> None:
        """Write it; `Folder.write` reads it back from the disk before it counts."""
        with self._folder.lock():
            self._save({**self._load(), key_id: secret.reveal()})

    def delete(self, key_id: str) -> None:
        """Write the file without it."""
        if key_id not in self._load():
            return
        with self._folder.lock():
            self._save({known: value for known, value in self._load().items() if known != key_id})

    def ids(self) -> frozenset[str] | None:
        """All ids."""
        return frozenset(self._load())

    def _load(self) -> dict[str, str]:
        data = self._folder.read(NAME)
        if data is None:
            return {}
        return self._parse(data)

    def _save(self, keys: dict[str, str]) -> None:
        import tomli_w

        data = _HEAD + tomli_w.dumps({"schema_version": _VERSION, "keys": keys}).encode("utf-8")

        def check(written: bytes) -> None:
            if self._parse(written) != keys:
                raise StoreProblem(f"{self._folder.path / NAME} did not keep what was written", code="store-unusable")

        self._folder.write(NAME, data, check)

    def _parse(self, data: bytes) -> dict[str, str]:
        try:
            content: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
            keys = content.get("keys", {})
            sound = content.get("schema_version") == _VERSION and isinstance(keys, dict)
            if sound and all(isinstance(value, str) and value for value in keys.values()):
                return dict(keys)
        except ValueError:  # not TOML, not UTF-8; the error itself may quote a line, and a line may hold a key
            pass
        path = self._folder.path / NAME
        hint = "fix it by hand, or move it away and add its keys again"
        raise UnsafeFile(path, f"{path} is damaged; it was left untouched", hint, "corrupt-store")
