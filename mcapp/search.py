"""Which files a run checks: the given files, and the App JSON files in the given folders."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from mcapp.config import Config
from mcapp.errors import InputProblem
from mcapp.files import unreadable

# Folders that hold other people's files.
SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"})


class Input(NamedTuple):
    """A file, by the path that is shown ("-" for standard input), or the problem that stands in for it."""

    path: str
    problem: InputProblem | None = None


def find(paths: Sequence[str], config: Config) -> Iterator[Input]:
    """The files at `paths`, with folders searched; without paths the working directory. Each file once, in order."""
    seen: set[str] = set()
    for given in expanded(paths) or ["."]:
        if given != "-" and os.path.isdir(given):  # noqa: PTH112  # a path as it was typed; pathlib would rewrite it
            found: Iterator[Input] = _search(given, config)
        else:
            found = iter([Input(given)])
        for item in found:
            key = item.path if item.path == "-" else os.path.normpath(item.path)
            if key not in seen:
                seen.add(key)
                yield item


def expanded(paths: Sequence[str]) -> Sequence[str]:
    """The paths, with `*` and `?` expanded where the shell does not: on Windows. What matches nothing stays."""
    if sys.platform != "win32" or not any(set("*?") & set(path) for path in paths):
        return paths
    from glob import glob

    matches = (sorted(glob(path)) if set("*?") & set(path) else [] for path in paths)  # noqa: PTH207  # as it was typed
    return [found for path, names in zip(paths, matches, strict=True) for found in names or [path]]


def _search(folder: str, config: Config) -> Iterator[Input]:
    """The App JSON files below `folder`, sorted; links are not followed. A folder that cannot be read is a problem."""
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
            yield Input(current or ".", unreadable(current or ".", error))
            continue
        below = []
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    below.append(os.path.join(current, entry.name))  # noqa: PTH118  # as above
            elif entry.is_file(follow_symlinks=False):
                path = os.path.join(current, entry.name)  # noqa: PTH118  # as above
                if wanted(path, config):
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


def wanted(path: str, config: Config) -> bool:
    """Whether one of the patterns matches the end of the path; `*` does not match a slash."""
    if config.path is None:
        name = os.path.basename(path)  # noqa: PTH119  # the hot loop of a search
        return name in ("app.json", "manychat.json") or name.endswith(".manychat.json")
    pure = PurePath(path)
    return any(pure.match(pattern) for pattern in config.files)
