"""Which files a run reads, and their bytes. Only regular files: a FIFO would hang, a device never ends."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePath
from typing import NamedTuple

from mcapp.config import Config
from mcapp.errors import InputProblem, nearest

# Folders that hold other people's files.
SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"})

# One byte more than the document reader accepts, so that it can say "too large" without the rest being read.
MOST_BYTES = 20_000_001
# Of a folder, how many names are looked at for the one that was meant.
_NEIGHBOURS = 1000


class Input(NamedTuple):
    """A file by the path that is shown, "-" for standard input; or why there is none."""

    path: str
    problem: InputProblem | None = None


def find(paths: Sequence[str], config: Config) -> Iterator[Input]:
    """The files that `paths` name, folders searched; nothing means the working directory. Each file once, in order."""
    seen: set[str] = set()
    for given in paths or ["."]:
        if given != "-" and os.path.isdir(given):  # noqa: PTH112  # a path as it was typed; pathlib would rewrite it
            found: Iterator[Input] = _search(given, config)
        else:
            found = iter([Input(given)])
        for item in found:
            key = item.path if item.path == "-" else os.path.normpath(item.path)
            if key not in seen:
                seen.add(key)
                yield item


def _search(folder: str, config: Config) -> Iterator[Input]:
    """The App JSON files below `folder`, sorted, links not followed; InputProblem for a folder that cannot be read."""
    shown = "" if folder == "." else folder
    waiting = [shown]
    count = 0
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current or ".") as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            count += 1
            yield Input(current or ".", _unreadable(current or ".", error))
            continue
        below = []
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    below.append(os.path.join(current, entry.name))  # noqa: PTH118  # as above
            elif entry.is_file(follow_symlinks=False):
                path = os.path.join(current, entry.name)  # noqa: PTH118  # as above
                if _wanted(path, config):
                    count += 1
                    yield Input(path)
        waiting.extend(reversed(below))
    if not count:
        names = ", ".join(config.files)
        yield Input(
            folder,
            InputProblem(
                f"no App JSON in {'this folder' if folder == '.' else folder}: looked for {names}",
                code="nothing-found",
                path=folder,
                hint="name the file: mcapp validate FILE (or set `files` in mcapp.toml)",
            ),
        )


def _wanted(path: str, config: Config) -> bool:
    """Whether one of the patterns fits the path's end; `*` stops at a slash."""
    if config.path is None:
        name = os.path.basename(path)  # noqa: PTH119  # the hot loop of a search
        return name in ("app.json", "manychat.json") or name.endswith(".manychat.json")
    pure = PurePath(path)
    return any(pure.match(pattern) for pattern in config.files)


def read(path: str) -> bytes:
    """The bytes of a regular file, or of standard input for "-". Raises InputProblem, with what to do about it."""
    if path == "-":
        return _read_stdin()
    try:
        # Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        # Before fdopen, which raises for a folder and leaves the descriptor open.
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _irregular(path, status.st_mode)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            # Asking for the most there may be makes room for it first: 15 us. What has grown since is read as well.
            raw = file.read(min(status.st_size + 1, MOST_BYTES))
            return raw if len(raw) <= status.st_size else raw + file.read(MOST_BYTES - len(raw))
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)


def _read_stdin() -> bytes:
    if sys.stdin is None:
        raise InputProblem("there is no standard input to read", path="-", code="no-stdin")
    try:
        return sys.stdin.buffer.read(MOST_BYTES)
    except OSError as error:
        raise _unreadable("standard input", error) from None


def _irregular(path: str, mode: int) -> InputProblem:
    if stat.S_ISDIR(mode):
        return InputProblem(f"{path} is a folder", path=path, code="not-a-file", hint="name a file")
    hint = "to check what a program writes, pipe it: … | mcapp validate -"
    return InputProblem(f"{path} is not a regular file", path=path, code="not-a-file", hint=hint)


def _unreadable(path: str, error: Exception) -> InputProblem:
    if isinstance(error, FileNotFoundError):
        return InputProblem(f"{path} does not exist", path=path, code="missing", hint=_instead(path))
    if isinstance(error, IsADirectoryError):
        return InputProblem(f"{path} is a folder", path=path, code="not-a-file")
    if isinstance(error, PermissionError):
        return InputProblem(f"{path} cannot be read: permission denied", path=path, code="unreadable")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputProblem(f"{path} cannot be read: {reason[:1].lower()}{reason[1:]}", path=path, code="unreadable")


def _instead(path: str) -> str:
    """What was probably meant by the name of a file that is not there."""
    folder, name = os.path.split(path)
    try:
        with os.scandir(folder or ".") as entries:
            names = [entry.name for entry in islice(entries, _NEIGHBOURS)]
    except (OSError, ValueError):
        return f"there is no folder {folder}" if folder else ""
    meant = nearest(name, names)
    if meant:
        return f"did you mean {os.path.join(folder, meant)}?"  # noqa: PTH118  # a path as it was typed
    return "mcapp generate --emit app -o FILE writes a new one" if name.endswith(".json") else ""
