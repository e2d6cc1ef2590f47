"""The environment store: MANYCHAT_APP_KEY, or the file that MANYCHAT_APP_KEY_FILE names. For CI and containers.

Read only. The file is somebody else's (a mounted secret): it may be a link, and others may be allowed to read it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress

from mcapp import files
from mcapp.errors import InputProblem, NoKey, Refused
from mcapp.keys import paste
from mcapp.keys.paste import Cleaned
from mcapp.keys.secret import Secret
from mcapp.keys.stores import ENVIRONMENT

VARIABLE, FILE_VARIABLE = "MANYCHAT_APP_KEY", "MANYCHAT_APP_KEY_FILE"


class EnvironmentStore:
    """The key under the id of the variable that holds it. A variable that is set but empty counts as not set."""

    name = ENVIRONMENT
    backend = ""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    def where(self) -> str:
        """The variable's name."""
        return f"the environment variable {self.variable() or VARIABLE}"

    def variable(self) -> str:
        """Which variable holds the key: the key itself beats the file's name. Empty if neither is set."""
        return next((name for name in (VARIABLE, FILE_VARIABLE) if self._environ.get(name, "").strip()), "")

    def get(self, key_id: str) -> Secret | None:
        """The key that the variable gives. Raises NoKey if what it holds is not a key."""
        found = self.cleaned() if key_id and key_id == self.variable() else None
        return found.secret if found else None

    def cleaned(self) -> Cleaned | None:
        """The key as `paste.clean` leaves it, with what was removed from it; None if no variable is set."""
        name = self.variable()
        if not name:
            return None
        try:
            text = self._environ[name] if name == VARIABLE else paste.decode(self._file(self._environ[name]))[0]
            return paste.clean(text)
        except InputProblem as error:
            raise NoKey(f"{name} holds no usable key: {error.message}", hint=error.hint, code=error.code) from None

    def _file(self, path: str) -> bytes:
        """The file's content, whatever its mode. Raises InputProblem."""
        return files.read(path, most=paste.MAX_BYTES, name=_unless_key(path))

    def set(self, key_id: str, secret: Secret) -> None:  # noqa: ARG002  # the contract's signature
        """Refused: mcapp cannot change the environment that it was started with."""
        raise self._read_only()

    def delete(self, key_id: str) -> None:
        """Refused, unless there is nothing to delete."""
        if key_id and key_id == self.variable():
            raise self._read_only()

    def ids(self) -> frozenset[str] | None:
        """The variable that holds a key, if one does."""
        return frozenset({self.variable()} - {""})

    def _read_only(self) -> Refused:
        return Refused(
            "the environment is read only for mcapp",
            hint=f"set or unset {VARIABLE} where it comes from",
            code="read-only",
        )


def _unless_key(path: str) -> str:
    """The path for a message, unless somebody put the key itself where its file's name belongs."""
    with suppress(InputProblem):
        if os.sep not in path and paste.clean(path):
            return "the file that it names"
    return path
