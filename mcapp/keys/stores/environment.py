"""The environment's key: MANYCHAT_APP_KEY, or the file that MANYCHAT_APP_KEY_FILE names. For CI and containers.

The file is somebody else's (a mounted secret): it may be a link, and others may be allowed to read it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from mcapp import files
from mcapp.errors import InputProblem, NoKey
from mcapp.keys import paste
from mcapp.keys.secret import Secret

VARIABLE, FILE_VARIABLE = "MANYCHAT_APP_KEY", "MANYCHAT_APP_KEY_FILE"


class EnvironmentKey(NamedTuple):
    """A key and the variable that gives it; what was removed from around the key, and warnings about it."""

    variable: str
    secret: Secret
    removed: tuple[str, ...]
    warnings: tuple[str, ...]


def read(environ: Mapping[str, str] = os.environ) -> EnvironmentKey | None:
    """The environment's key: the key itself beats the file's name. A variable that is empty counts as not set.

    Raises NoKey if what the variable holds is not a key.
    """
    name = next((name for name in (VARIABLE, FILE_VARIABLE) if environ.get(name, "").strip()), "")
    if not name:
        return None
    text = environ[name]
    try:
        if name == FILE_VARIABLE:
            text = paste.decode(files.read(text, most=paste.MAX_BYTES, name=_unless_key(text)))[0]
        return EnvironmentKey(name, *paste.clean(text))
    except InputProblem as error:
        raise NoKey(f"{name} holds no usable key: {error.message}", hint=error.hint, code=error.code) from None


def _unless_key(path: str) -> str:
    """The path for a message, unless somebody put the key itself where its file's name belongs."""
    with suppress(InputProblem):
        if os.sep not in path and paste.clean(path):
            return "the file that it names"
    return path
