"""mcapp's own folder: private files, whole-or-nothing writes, locks, and a check of everything before it is used.

A file is read only if the opened descriptor is a regular file that this user owns and nobody else can read: the check
and the read see the same file, a link is not followed, and a FIFO cannot make mcapp wait. On Windows the user's profile
protects the files; owner and mode are not checked there.
"""

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from mcapp import files
from mcapp.errors import InputProblem, NoKey, in_words
from mcapp.terminal.format import move_command, quoted, remove_command

LOCK = "lock"  # held while a file is changed
BUSY = "busy.lock"  # shared by every process that changes keys, exclusive for doctor while it repairs
PROBES = "probes.json"  # results of the last probes; no keys, but private too
LOCK_WAIT = 30.0  # seconds: fifty processes adding a key at once on two cores are through in a fifth of this
MAX_BYTES = 5_000_000  # a thousand times what anybody keeps; more is not what mcapp wrote

_ELSEWHERE = "MCAPP_CONFIG_DIR names another folder"


class UnsafeFile(NoKey):
    """A file or folder that others could read or have put there. The hint is the command that fixes it."""

    default_code = "unsafe-file"

    def __init__(self, path: Path, message: str, hint: str, code: str = "") -> None:
        super().__init__(message, hint=hint, code=code, path=str(path))


class StoreBusy(NoKey):
    """Another mcapp has held the lock for longer than anything should take."""

    default_code = "store-busy"


class Folder:
    """mcapp's own folder. It is made when something is written, so that reading leaves no trace."""

    def __init__(self, path: Path | None = None) -> None:
        self._given = path
        self._changing = False

    @cached_property
    def path(self) -> Path:
        """By default `config_folder`. Raises NoKey, only here because a key of the environment needs no folder."""
        return self._given or config_folder()

    def read(self, name: str) -> bytes | None:
        """The file's content, or None if there is none. Raises UnsafeFile."""
        path = self.path / name
        if not self.exists():
            return None
        with self._reading():
            try:
                descriptor = _open(path, os.O_RDONLY)
            except FileNotFoundError:
                return None
            with os.fdopen(descriptor, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            message = f"{path} is larger than {MAX_BYTES:,} bytes, so mcapp did not write it"
            raise UnsafeFile(path, message, _move_away(path))
        return data

    def write(self, name: str, data: bytes) -> None:
        """Replace the file by `data`, or change nothing. To be called with the lock held. Raises NoKey."""
        path = self.path / name
        try:
            # A temporary file of this name was left by a run that was killed: the lock is ours. It may hold keys.
            files.write(path, data, private=True, temporary=f"{name}.new")
        except InputProblem as error:
            raise NoKey(error.message, hint=_ELSEWHERE, code="store-unusable", path=str(path)) from None

    @contextmanager
    def lock(self, name: str = LOCK, *, shared: bool = False, wait: float = LOCK_WAIT) -> Iterator[None]:
        """Hold the lock file `name`, alone or shared, as `hold` does. Makes the folder."""
        self.make()
        with hold(self.path / name, "the stored keys", shared=shared, wait=wait):
            self._changing = name == LOCK and not shared
            try:
                yield
            finally:
                self._changing = False

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """On Windows a file that is read cannot be replaced, so that a reader has a share in the lock there."""
        if sys.platform != "win32" or self._changing or not (self.path / LOCK).exists():
            yield
        else:
            with hold(self.path / LOCK, "the stored keys", shared=True):
                yield

    def leftovers(self) -> list[Path]:
        """Temporary files of writes that were killed. They may hold keys; the next write removes its own."""
        return sorted(self.path.glob("*.new")) if self.exists() else []

    def remove(self, leftover: Path) -> None:
        """Remove one of them, with the lock held: without it another mcapp may be at work on it. Raises NoKey."""
        with self.lock():
            try:
                leftover.unlink(missing_ok=True)
            except OSError as error:
                raise _disk(leftover, "removed", error) from None

    def exists(self) -> bool:
        """Whether the folder exists. Raises UnsafeFile if it is not this user's alone, and NoKey."""
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise _disk(self.path, "read", error) from None
        if not stat.S_ISDIR(found.st_mode):
            raise UnsafeFile(self.path, f"{self.path} is not a folder", _move_away(self.path))
        _check(self.path, found, others=0o022)
        return True

    def make(self) -> None:
        """Make the folder and its missing parents, each private from the start. Raises UnsafeFile and NoKey."""
        if self.exists():
            return
        try:
            for folder in (*reversed(self.path.parents), self.path):
                if not folder.exists():
                    with suppress(FileExistsError):  # another mcapp was quicker
                        folder.mkdir(mode=0o700)
                        folder.chmod(0o700)  # whatever the umask took away from the owner
        except OSError as error:
            raise _disk(self.path, "made", error) from None
        self.exists()

    def readers(self) -> str:
        """Who can read the files, in words. On Windows nothing but the user's profile protects them."""
        if sys.platform != "win32" or self.path.is_relative_to(Path.home()):
            return "readable by you alone"
        return "readable by everyone who may open that folder"


@contextmanager
def hold(path: Path, what: str, *, shared: bool = False, wait: float = LOCK_WAIT) -> Iterator[None]:
    """Hold the lock file `path` on `what`. It is never deleted: a lock on a deleted file keeps nobody out.

    Each process that gets the lock touches the file: a hundred in turn wait for one another, however long that takes
    (on Windows minutes). Raises StoreBusy where one alone holds it for `wait` seconds, UnsafeFile, and NoKey. A killed
    process loses its lock.
    """
    descriptor = _open(path, os.O_RDWR | os.O_CREAT)
    try:
        if sys.platform != "win32":
            os.fchmod(descriptor, 0o600)  # whatever the umask took away from the owner
        deadline, pause, touched = time.monotonic() + wait, 0.005, os.fstat(descriptor).st_mtime_ns
        while not _try_lock(descriptor, shared=shared):
            last = os.fstat(descriptor).st_mtime_ns
            if last != touched:
                touched, deadline = last, time.monotonic() + wait
            elif time.monotonic() >= deadline:
                raise StoreBusy(
                    f"another mcapp has held the lock on {what} for {wait:.0f} seconds",
                    hint="wait for it or end it, then run this command again",
                    path=str(path),
                )
            time.sleep(pause)
            pause = min(pause * 1.5, 0.25)  # a hundred that wait must not take the time of the one that works
        os.utime(descriptor if os.utime in os.supports_fd else path)
        yield
    finally:
        os.close(descriptor)  # which gives the lock up


def exists(path: Path) -> bool:
    """Whether this private file exists. Raises UnsafeFile if its type, owner or mode is wrong, and NoKey."""
    try:
        os.close(_open(path, os.O_RDONLY))
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _open(path: Path, flags: int) -> int:
    """A descriptor of the private file `path` itself. Raises as `exists`, or OSError if there is none."""
    if os.path.islink(path):  # noqa: PTH114  # never raises, whatever the folder's mode
        target = os.path.realpath(path)  # pathlib's `resolve` and `is_file` raise
        fix = move_command(Path(target), path) if os.path.isfile(target) else remove_command(path)  # noqa: PTH113
        message = f"{path} is a link, and mcapp does not follow links here"
        raise UnsafeFile(path, message, f"put the file itself there: {fix}")
    try:
        descriptor = files.open_regular(str(path), flags=flags | getattr(os, "O_NOFOLLOW", 0))
    except files.Irregular as error:
        raise UnsafeFile(path, f"{path} is {error}", _move_away(path)) from None
    except OSError as error:
        if isinstance(error, (FileNotFoundError, NotADirectoryError)) and not flags & os.O_CREAT:
            raise
        with suppress(OSError):  # another user's file, which may not be opened, has its own message
            _check(path, path.lstat(), others=0)
        raise _disk(path, "opened", error) from None
    try:
        _check(path, os.fstat(descriptor), others=0o077)
    except UnsafeFile:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, found: os.stat_result, *, others: int) -> None:
    """Raise UnsafeFile if it is not this user's, or its mode gives others one of these permissions."""
    if sys.platform == "win32":
        return
    if found.st_uid != os.geteuid():
        hint = f"take ownership: sudo chown $(id -u) {quoted(str(path))}"
        if os.geteuid() == 0:
            hint = "run mcapp without sudo, as the user whose keys these are"
        raise UnsafeFile(path, f"{path} belongs to another user (uid {found.st_uid})", hint)
    mode = stat.S_IMODE(found.st_mode)
    if mode & others:
        raise UnsafeFile(path, f"{path} can be accessed by other users (mode {mode:04o})", make_private(path))


def _move_away(path: Path) -> str:
    return f"move it away: {move_command(path, f'{path}.old')}"


def make_private(path: Path, what: str = "make it private") -> str:
    """The hint for a file or folder that others can use, or its owner cannot: `what` the command does."""
    if path.parts[:2] == ("/", "mnt"):
        import platform

        if "microsoft" in platform.release().lower():
            return f"under WSL the drives of Windows have no modes: {_ELSEWHERE}"
    return f"{what}: chmod {700 if path.is_dir() else 600} {quoted(str(path))}"


def _disk(path: Path, what: str, error: OSError) -> NoKey:
    return NoKey(f"{path} cannot be {what}: {in_words(error)}", hint=_ELSEWHERE, code="store-unusable", path=str(path))


def config_folder() -> Path:
    """MCAPP_CONFIG_DIR, else the platform's folder for an application's settings. Raises NoKey where there is none."""
    named = os.environ.get("MCAPP_CONFIG_DIR")
    # A user may have no home (in a container), another name none either, and the working directory may be gone.
    with suppress(RuntimeError, OSError):
        if named:
            return Path(named).expanduser().absolute()
        from platformdirs import user_config_path

        path = user_config_path("mcapp", appauthor=False)
        if path.is_absolute():  # an older platformdirs leaves a `~` that it cannot expand
            return path
    what = f"MCAPP_CONFIG_DIR is {named}, which is not a folder's path" if named else "this user has no home folder"
    raise NoKey(
        f"{what}, so there is no folder for the index of the keys",
        hint="set a full path: MCAPP_CONFIG_DIR=/path/to/folder",
        code="no-folder",
    )


if sys.platform != "win32":
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

else:
    import msvcrt
    from random import randrange

    # There is no shared lock here: a shared one locks one byte of many, an exclusive one all of them.
    _BYTES = 1 << 30

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        os.lseek(descriptor, randrange(_BYTES) if shared else 0, os.SEEK_SET)  # noqa: S311  # any free byte will do
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1 if shared else _BYTES)
        except OSError:
            return False
        return True
