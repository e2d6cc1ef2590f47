"""Where mcapp's own folder is, and what stands in for it where there is no place for one."""

import os
from contextlib import suppress
from pathlib import Path

from mcapp.errors import NoKey
from mcapp.keys.safefile import Folder


def config_folder() -> Path:
    """Where index and key file live: MCAPP_CONFIG_DIR, else the platform's place for an application's settings.

    Raises NoKey where there is no such place.
    """
    named = os.environ.get("MCAPP_CONFIG_DIR")
    # A user may have no home (in a container), another name none either, and the working directory may be gone.
    with suppress(RuntimeError, OSError):
        if named:
            return Path(named).expanduser().absolute()
        from platformdirs import user_config_path

        path = user_config_path("mcapp", appauthor=False)
        if path.is_absolute():  # an older platformdirs leaves a `~` that it cannot expand
            return path
    what = f"MCAPP_CONFIG_DIR is {named}, which leads nowhere" if named else "this user has no home folder"
    raise NoKey(
        f"{what}, so there is no place for the index of the keys",
        hint="name one by its full path: MCAPP_CONFIG_DIR=/path/to/folder",
        code="no-folder",
    )


class Nowhere(Folder):
    """Stands in where there is no place for a folder: a key of the environment is used all the same."""

    def __init__(self, error: NoKey) -> None:
        super().__init__(Path("nowhere"))
        self._error = error

    def _exists(self) -> bool:
        raise self._error

    def _make(self) -> None:
        raise self._error


def own_folder() -> Folder:
    """mcapp's own folder, by `config_folder`. Where there is no place for it, whatever is asked of it raises NoKey."""
    try:
        return Folder(config_folder())
    except NoKey as error:
        return Nowhere(error)
