"""The one reader and the one atomic writer of files that users name.

Reading: regular files (and standard input, where a command accepts it), up to a limit. Opening a FIFO would hang, a
device may never end, and a sparse file can be larger than memory: mcapp refuses them with an error.

Writing: the file has the old content or the new one, never a part of either. The new content goes into a temporary file
in the same folder, is flushed to the disk, and replaces the old file in one step. Other users who may write to that
folder can swap the files in it at any moment. Therefore the folder is opened once and every step goes through its
descriptor, and owner and mode are set on the open file. On the way to the folder, a link that another user made is not
followed. Windows has no such calls; mcapp uses paths there.
"""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from mcapp.errors import InputProblem, Refused, UsageProblem, in_words, nearest

MOST = 1_000_000  # bytes of a configuration, a list of scopes, a payload: far more than anybody writes by hand
# One byte more than the document reader accepts, so that it can report MC009 without reading the rest.
MOST_OF_A_DOCUMENT = 20_000_001

# How every file is opened. Without O_NONBLOCK, opening a FIFO waits until another program writes to it.
SAFE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOCTTY", 0)
SAFE |= getattr(os, "O_BINARY", 0)
_MOST_LINKS = 40  # on the way to one folder, as in Linux
_NEIGHBOURS = 1000  # file names that are compared for "did you mean"

Result = TypeVar("Result")


def read(path: str | Path, *, most: int = MOST, name: str = "", stdin: bool = False, cut: bool = False) -> bytes:
    """The bytes of a regular file; with `stdin` the path "-" is standard input.

    `name` is what messages call the file, by default its path. A file of more than `most` bytes is refused; with `cut`
    only its first `most` bytes are read. Raises InputProblem, code "missing", "not-a-file", "too-large", "unreadable"
    or "no-stdin".
    """
    path = str(path)
    piped = stdin and path == "-"
    name = name or ("standard input" if piped else path)
    asked = most if cut else most + 1
    try:
        if piped and sys.stdin is None:
            raise InputProblem("there is no standard input to read", path="-", code="no-stdin")
        raw = sys.stdin.buffer.read(asked) if piped else _read(path, asked)
    except (OSError, ValueError, Irregular) as error:
        raise unreadable(path, error, name, stdin=stdin) from None
    if len(raw) > most:
        raise InputProblem(f"{name} is larger than {most:,} bytes", path=path, code="too-large")
    return raw


def lines(path: str, *, most: int = 100_000, stdin: bool = False) -> Iterator[bytes]:
    """The lines of a regular file of any size, one at a time; `most` bytes each. `stdin` and errors as for `read`."""
    piped = stdin and path == "-"
    try:
        with _open_stdin() if piped else os.fdopen(open_regular(path), "rb") as file:
            while line := file.readline(most + 1):
                if len(line) > most:
                    raise InputProblem(f"{path} has a line of more than {most:,} bytes", path=path, code="too-large")
                yield line
    except (OSError, ValueError, Irregular) as error:
        raise unreadable(path, error, "standard input" if piped else path, stdin=stdin) from None


def read_document(path: str) -> bytes:
    """The bytes of an App JSON, "-" for standard input; cut where the document reader calls it too large."""
    return read(path, most=MOST_OF_A_DOCUMENT, stdin=True, cut=True)


def parse_toml(raw: bytes, path: str | Path) -> dict[str, Any]:
    """Parse `raw`, the content of `path`. Raises InputProblem, code "not-toml", with the line and column."""
    import re
    import tomllib

    # tomllib needs time quadratic in the parts of a dotted key: 20 s for a hostile file of 1 MB.
    # The search begins only where a part begins: from every letter of a long word it would be quadratic itself.
    part = rb"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
    reason = "a key has more than 40 parts" if re.search(rb"(?<![\w-])(?:%s){40}" % part, raw) else ""
    try:
        if not reason:
            return tomllib.loads(raw.decode("utf-8-sig"))
    except RecursionError:
        reason = "it is nested too deeply"
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte {error.start + 1})"
    except ValueError as error:  # tomllib's own, which never quotes the file, and int's for thousands of digits
        reason = "a number has thousands of digits" if "int_max_str_digits" in str(error) else str(error)
    raise InputProblem(f"{path} is not valid TOML: {reason}", path=str(path), code="not-toml")


def unreadable(path: str, error: Exception, name: str = "", *, stdin: bool = False) -> InputProblem:
    """The error for a file or folder that cannot be read, with what to do instead."""
    name = name or path
    never = sys.platform == "win32" and isinstance(error, OSError) and error.errno == errno.EINVAL  # `*` in the name
    if never or isinstance(error, FileNotFoundError):
        return InputProblem(f"{name} does not exist", path=path, code="missing", hint=_instead(path))
    if isinstance(error, Irregular):
        hint = "to read what a program writes, pipe it in and name the file -" if stdin else "name a regular file"
        return InputProblem(f"{name} is {error}", path=path, code="not-a-file", hint=hint)
    return InputProblem(f"{name} cannot be read: {in_words(error)}", path=path, code="unreadable")


def patiently(act: Callable[[], Result], seconds: float = 0.8) -> Result:
    """What `act` gives. On Windows a file cannot be replaced while it is read, nor read while it is replaced."""
    if sys.platform == "win32":
        import time

        until, pause = time.monotonic() + seconds, 0.005
        while time.monotonic() < until:
            try:
                return act()
            except PermissionError as error:
                if os.path.isdir(error.filename or ""):  # noqa: PTH112  # never raises; waiting makes no file of it
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
    return act()


class Irregular(Exception):
    """A file of this mode is not a regular one. The message: `a folder`, `not a regular file but a FIFO`."""

    def __init__(self, mode: int) -> None:
        kinds = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
        kind = kinds.get(stat.S_IFMT(mode), "a device")
        super().__init__("a folder" if stat.S_ISDIR(mode) else f"not a regular file but {kind}")


def _read(path: str, most: int, folder: int | None = None) -> bytes:
    """At most `most` bytes of a regular file; `path` is inside `folder`, a descriptor. Raises OSError, Irregular."""
    descriptor = open_regular(path, folder)
    try:
        size = os.fstat(descriptor).st_size
        # A read of `most` bytes would allocate them first: 15 us. A file may have another size than fstat says.
        raw = os.read(descriptor, min(size + 1, most))
        if len(raw) != size:
            while more := os.read(descriptor, most - len(raw)):
                raw += more
    except BlockingIOError:  # a kernel file without data at the moment, such as /proc/kmsg
        raise Irregular(stat.S_IFCHR) from None
    else:
        return raw
    finally:
        os.close(descriptor)


def open_regular(path: str, folder: int | None = None, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a regular file, which may be inside `folder`, a descriptor. Raises OSError, Irregular."""
    try:
        descriptor = patiently(lambda: os.open(path, flags | SAFE, 0o600, dir_fd=folder))
    except OSError as error:
        # A socket cannot be opened, a folder not to be written to, and on Windows not at all.
        if error.errno in (errno.ENXIO, errno.EISDIR, errno.EACCES) and not stat.S_ISREG(
            mode := os.stat(path, dir_fd=folder).st_mode  # pathlib knows no dir_fd
        ):
            raise Irregular(mode) from None
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)  # fdopen raises for a folder and would leave it open
        raise Irregular(mode)
    return descriptor


def _open_stdin() -> BinaryIO:
    """A reader of standard input of its own: Python cannot end while a thread waits in the one that it has opened."""
    if sys.stdin is None:
        raise InputProblem("there is no standard input to read", path="-", code="no-stdin")
    with suppress(OSError):  # in tests it is in memory
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    return sys.stdin.buffer


def _instead(path: str) -> str:
    """The hint for a file that does not exist."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in islice(entries, _NEIGHBOURS) if entry.name != name]  # a link to nothing
    except (OSError, ValueError):
        return f"there is no folder {folder}" if folder else ""
    meant = nearest(name, names)
    if meant:
        return f"did you mean {os.path.join(folder, meant)}?"  # noqa: PTH118  # a path as it was typed
    return "mcapp generate --emit app -o FILE writes a new one" if name.endswith(".json") else ""


def write(
    path: str | Path,
    data: str | bytes,
    *,
    replace: bool = True,
    expected: bytes | None = None,
    private: bool = False,
    temporary: str = "",
) -> None:
    """Make `path` a regular file with the content `data`, or change nothing. Text is written in UTF-8.

    An existing file keeps its permissions (without setuid and setgid) and, where the system allows it, its owner. A new
    file has mode 0666 less the umask; with `private` the mode is always 0600.

    With `replace` false an existing file is kept: Refused, code "exists". With `expected` the file must still contain
    these bytes, so that changes made after it was read are not lost: otherwise Refused, code "changed". `temporary` is
    the temporary file's name for callers that hold a lock; a file of that name is left over from a killed run and
    deleted.

    Raises InputProblem: code "not-a-file" where `path` is not a regular file, otherwise "unwritable".
    """
    name = str(path)
    # A lone surrogate cannot be encoded and becomes an escape.
    raw = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    with _folder_of(name) as at:
        old = _existing(name, at)
        if old is not None and not replace:
            raise _exists(name)
        # A file that will replace another one is private until it has that one's mode.
        with _temporary(at, temporary, 0o666 if old is None and not private else 0o600) as (fresh, file):
            file.write(raw)
            file.flush()
            if sys.platform != "win32" and private:
                os.fchmod(file.fileno(), 0o600)  # the umask may have removed permissions of the owner
            elif sys.platform != "win32" and old is not None:
                with suppress(OSError):  # only root may; for others the new file is their own, as with every editor
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
                os.fchmod(file.fileno(), old.st_mode & 0o777)
            os.fsync(file.fileno())
            if expected is not None and _read(at.name, len(expected) + 1, at.fd) != expected:
                raise Refused(
                    f"{name} was changed by another program in the meantime",
                    hint="nothing was written; run the command again",
                    code="changed",
                    path=name,
                )
            made = os.fstat(file.fileno())
            if sys.platform == "win32":
                file.close()  # an open file cannot be renamed there
            # The file is still open, so no other file can have its inode number.
            if not os.path.samestat(made, at.stat(fresh)):
                raise OSError(errno.EBUSY, "the temporary file was replaced by another program")
            if replace:
                _replace(fresh, at)
            else:
                _claim(fresh, at, name)
        if at.fd is not None:
            # The folder's entry, so that it survives a power cut. Some file systems do not support this.
            with suppress(OSError):
                descriptor = os.open(".", os.O_RDONLY | SAFE, dir_fd=at.fd)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)


def exists(path: str, *, keep: bool = False) -> bool:
    """Whether `path` is a file that `write` would replace; with `keep` that is Refused, code "exists".

    Raises InputProblem where `write` would, so that a prompt can ask again before the answer is used.
    """
    with _folder_of(path) as at:
        found = _existing(path, at) is not None
    if found and keep:
        raise _exists(path)
    return found


def append(path: str, text: str, *, name: str = "") -> None:
    """Append to a regular file that other programs append to as well. Raises InputProblem, code "unwritable"."""
    with _folder_of(path, name) as at:
        _existing(name or path, at)  # a link is refused with a hint
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | SAFE
        descriptor = os.open(at.name, flags, 0o666, dir_fd=at.fd)
        with os.fdopen(descriptor, "ab") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise Irregular(found.st_mode)
            if sys.platform != "win32" and found.st_nlink > 1:  # it may be another user's way to a file elsewhere
                raise OSError(errno.EMLINK, "it has more than one name")
            file.write(text.encode("utf-8", "backslashreplace"))


class _At(NamedTuple):
    """The file to write: its folder, the folder's descriptor (None on Windows), and the file's name for `dir_fd=fd`."""

    folder: str
    fd: int | None
    name: str

    def inside(self, name: str) -> str:
        """A name to use together with `dir_fd=fd`."""
        return name if self.fd is not None else os.path.join(self.folder, name)  # noqa: PTH118  # as typed

    def stat(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False)  # pathlib knows no dir_fd


@contextmanager
def _folder_of(path: str, name: str = "") -> Iterator[_At]:
    """Open the folder of `path`. An OSError of the body becomes an InputProblem, which calls the file `name`."""
    folder, last = os.path.split(path)
    folder = folder or "."
    descriptor = None
    try:
        if os.open in os.supports_dir_fd:
            descriptor = _open_folder(folder)
        else:
            os.stat(folder)  # noqa: PTH116  # a path as it was typed
        yield _At(folder, descriptor, path if descriptor is None else last or ".")
    except (OSError, ValueError, Irregular) as error:
        reason = f"it is {error}" if isinstance(error, Irregular) else in_words(error)
        if isinstance(error, ValueError):  # NUL, or what the system's encoding does not have
            reason = "no file can have this name"
        elif isinstance(error, FileNotFoundError) and not os.path.isdir(folder):  # noqa: PTH112  # a path as typed
            reason = f"there is no folder {folder}"
        raise InputProblem(f"{name or path} cannot be written: {reason}", code="unwritable", path=path) from None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _open_folder(folder: str) -> int:
    """The folder's descriptor. A link on the way is followed only if this user or root made it."""
    if sys.platform != "linux":
        return os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
    # O_PATH also opens a folder that the user may write to but not list, and a link itself.
    flags = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
    at = os.open("/" if folder.startswith("/") else ".", flags)
    parts, links = [".", *folder.split("/")[::-1]], 0  # the last to open is ".", which only a folder has
    try:
        while parts:
            inner = os.open(parts.pop() or ".", flags, dir_fd=at)
            found = os.fstat(inner)
            if stat.S_ISLNK(found.st_mode):
                links += 1
                try:
                    if found.st_uid not in (0, os.geteuid()):
                        raise PermissionError(errno.EACCES, "a link of another user leads there")
                    if links > _MOST_LINKS:
                        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                    target = os.readlink("", dir_fd=inner)
                finally:
                    os.close(inner)
                parts += target.split("/")[::-1]
                if not target.startswith("/"):
                    continue
                inner = os.open("/", flags)
            os.close(at)
            at = inner
    except BaseException:
        os.close(at)
        raise
    return at


@contextmanager
def _temporary(at: _At, name: str, mode: int) -> Iterator[tuple[str, BinaryIO]]:
    """A new file in the folder: its name and the open file. It is deleted if the body fails."""
    # A random name, which other users cannot guess and occupy.
    fresh = at.inside(name or f".mcapp-{os.urandom(6).hex()}.tmp")
    if name:
        with suppress(FileNotFoundError):
            os.unlink(fresh, dir_fd=at.fd)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | SAFE
    descriptor = os.open(fresh, flags, mode, dir_fd=at.fd)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield fresh, file
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh, dir_fd=at.fd)
        raise


def _existing(path: str, at: _At) -> os.stat_result | None:
    """The status of the file that `write` would replace, None if there is no file. Raises as `write` does."""
    try:
        found = at.stat(at.name)
    except FileNotFoundError:
        return None
    if stat.S_ISREG(found.st_mode):
        if not os.access(at.name, os.W_OK, dir_fd=at.fd):
            raise PermissionError(errno.EACCES, "it is read-only")
        return found
    if stat.S_ISLNK(found.st_mode):
        raise InputProblem(
            f"{path} is a link, and mcapp writes no file through a link",
            hint=f"name the file that it leads to: {os.path.realpath(path)}",
            code="not-a-file",
            path=path,
        )
    raise InputProblem(f"{path} is {Irregular(found.st_mode)}", hint="name a file", code="not-a-file", path=path)


def _replace(fresh: str, at: _At) -> None:
    """Replace the old file by the new one; where many programs read it, a moment without a reader is rare."""
    patiently(lambda: os.replace(fresh, at.name, src_dir_fd=at.fd, dst_dir_fd=at.fd), 10.0)


def _claim(fresh: str, at: _At, path: str) -> None:
    """Give a new file its name, unless a file of that name was created in the meantime."""
    try:
        if at.fd is None:
            os.link(fresh, at.name)
        else:
            os.link(fresh, at.name, src_dir_fd=at.fd, dst_dir_fd=at.fd, follow_symlinks=False)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without hard links (FAT, some network drives)
        with suppress(FileNotFoundError):
            at.stat(at.name)
            raise _exists(path) from None
        _replace(fresh, at)
    else:
        os.unlink(fresh, dir_fd=at.fd)


def _exists(path: str) -> Refused:
    return Refused(f"{path} exists already", hint="--force replaces it", code="exists", path=path)


def refuse_other(path: str, read: Callable[[str], object], kind: str) -> None:
    """Raise Refused if `path` exists and `read` does not accept it: only `kind` of file is replaced without asking."""
    if not Path(path).exists():
        return
    try:
        read(path)
    except (InputProblem, UsageProblem) as error:
        if error.code == "not-a-file":
            raise
        message = f"{path} exists and is not {kind}"
        raise Refused(message, hint="name another file", code="exists", path=path) from None
