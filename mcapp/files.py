"""Write a file whole or not at all: whoever reads it sees the old text or the new one, never a part of either.

The new text goes into a temporary file in the same folder, is flushed to the disk, and takes the old file's place in
one step (`os.replace`). Only regular files are written: a link would be replaced by a file, a device or a FIFO is no
place for a result.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from mcapp.errors import InputProblem, Refused


def write_text(path: str | Path, text: str, *, replace: bool = True) -> None:
    """`write_bytes` in UTF-8; a lone surrogate, which no encoding can write, becomes an escape."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"), replace=replace)


def write_bytes(
    path: str | Path, data: bytes, *, replace: bool = True, expected: bytes | None = None, mode: int = 0o666
) -> None:
    """Make `path` a file of `data`. An existing file keeps its mode and, where that is allowed, its owner.

    A new file gets what the umask leaves of `mode`.

    With `replace` false an existing file is kept: Refused, code "exists". With `expected` the file must still hold
    these bytes, so that nothing is lost that was saved after it was read: else Refused, code "changed". Raises
    InputProblem where `path` is no regular file or cannot be written; then nothing has changed.
    """
    name = str(path)
    try:
        old = _existing(name)
        if old is not None and not replace:
            raise _exists(name)
        _write(name, data, old, replace=replace, expected=expected, mode=mode)
    except OSError as error:
        raise _unwritable(name, error) from None
    except ValueError:  # a NUL in the path
        raise InputProblem(f"{name!r} cannot be the name of a file", code="unwritable") from None


def exists(path: str, *, keep: bool = False) -> bool:
    """Whether `path` is a file that `write_bytes` would replace; with `keep` that is Refused, code "exists".

    Raises InputProblem where `write_bytes` would, so that a question can be asked again before the answer is used.
    """
    try:
        found = _existing(path) is not None
        if not found:
            os.stat(os.path.dirname(path) or ".")  # noqa: PTH116, PTH120  # as above
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    if found and keep:
        raise _exists(path)
    return found


def _existing(path: str) -> os.stat_result | None:
    """What is at `path` now; None if nothing is."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode):
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "it is read-only")
        return found
    if stat.S_ISLNK(found.st_mode):
        raise InputProblem(
            f"{path} is a link, and only files themselves are written",
            hint=f"name the file that it leads to: {os.path.realpath(path)}",
            code="not-a-file",
            path=path,
        )
    what = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
    raise InputProblem(f"{path} is {what}", hint="name a file", code="not-a-file", path=path)


def _write(
    path: str, data: bytes, old: os.stat_result | None, *, replace: bool, expected: bytes | None, mode: int
) -> None:
    folder = os.path.dirname(path) or "."  # noqa: PTH120  # a path as it was typed; pathlib would rewrite it
    temporary = os.path.join(folder, f".mcapp-{os.urandom(6).hex()}.tmp")  # noqa: PTH118  # as above
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    # One that will replace another stays private until it has its mode.
    descriptor = os.open(temporary, flags, mode if old is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if old is not None:
                _make_alike(temporary, old)
            os.fsync(file.fileno())
        if expected is not None:
            _same_as(path, expected)
        if replace:
            os.replace(temporary, path)  # noqa: PTH105  # as above
        else:
            _claim(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108  # as above
        raise
    if os.name == "posix":  # elsewhere a folder cannot be opened
        _sync_folder(folder)


def _same_as(path: str, expected: bytes) -> None:
    if Path(path).read_bytes() != expected:
        raise Refused(
            f"{path} was changed by something else in the meantime",
            hint="nothing was written; run the command again",
            code="changed",
            path=path,
        )


def _make_alike(temporary: str, old: os.stat_result) -> None:
    """Give the temporary file the old one's owner and mode."""
    if hasattr(os, "chown"):
        # Only root may give a file away; anybody else's file becomes the user's own, as with every editor.
        with suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, stat.S_IMODE(old.st_mode))  # noqa: PTH101  # as above


def _claim(temporary: str, path: str) -> None:
    """Give a new file its name, unless somebody else took that name in the meantime."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without hard links (FAT, some network drives)
        if os.path.lexists(path):
            raise _exists(path) from None
        os.replace(temporary, path)  # noqa: PTH105  # as above
    else:
        os.unlink(temporary)  # noqa: PTH108  # as above


def _sync_folder(folder: str) -> None:
    """Make the new name itself outlive a power cut. Some file systems refuse this, and then there is no more to do."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exists(path: str) -> Refused:
    return Refused(f"{path} exists already", hint="--force replaces it", code="exists", path=path)


def _unwritable(path: str, error: OSError | ValueError) -> InputProblem:
    folder = os.path.dirname(path) or "."  # noqa: PTH120  # as above
    if isinstance(error, FileNotFoundError) and not os.path.isdir(folder):  # noqa: PTH112  # as above
        return InputProblem(f"{path} cannot be written: there is no folder {folder}", code="unwritable", path=path)
    reason = (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
    return InputProblem(f"{path} cannot be written: {reason[:1].lower()}{reason[1:]}", code="unwritable", path=path)
