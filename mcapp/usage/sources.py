"""Which files are searched: text that git does not ignore, below the given folders. No link is followed."""

import os
import re
import shutil
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import NamedTuple

from mcapp import files
from mcapp.errors import InputProblem
from mcapp.search import SKIPPED

LARGEST = 20_000_000  # bytes of a file that is read
_SEVERAL = 200  # files from which on git looks for the words first: it has threads
_SECONDS = 60  # for git
_LEFT_OUT = 50  # too large files that git gets a pattern for, to leave them out
_STARS = 4  # `**` in a line of a .gitignore from which on it is not read

# Folders of other people's code, whatever git says of them.
_OTHERS = SKIPPED | {"vendor"}
# Prose, data, and what was made from sources: a path in there is no call.
_PROSE = re.compile(
    r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|org|tex|log|csv|tsv|jsonl|ndjson|har|map|lock|diff|patch|po|pot|ico|svg"
    r"|png|jpe?g|gif|webp|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|pyc|so|dll|exe|o|a|woff2?|ttf|eot|otf|mp3|mp4|mov|avi"
    r"|db|sqlite3?|parquet|xlsx|docx|pptx)$",
    re.IGNORECASE,
)
_PROJECT = ("mcapp.toml", "pyproject.toml")  # they declare scopes


class Sources(NamedTuple):
    """What was found below the given paths: the files to search, and what is left out and why, in numbers.

    `folder` is the given path that a file is below of; `candidates` names the files that contain one of the words, None
    if git did not look.
    """

    files: list[tuple[str, str]]
    problems: list[InputProblem]
    large: list[str]
    candidates: set[str] | None = None


def suffix(path: str) -> str:
    """`js` of `a.test.js`; the name in lower case of a file without one: `dockerfile`."""
    name = os.path.basename(path).lower()  # noqa: PTH119  # for each of many files
    return name.rpartition(".")[2]


def find(paths: Sequence[str], words: Sequence[bytes]) -> Sources:
    """The files at `paths` (a folder, or a file that is taken whatever it is), each once, in order."""
    found = Sources([], [], [])
    candidates: set[str] | None = set()
    seen: set[str] = set()
    for given in paths or ["."]:
        if not os.path.isdir(given):  # noqa: PTH112  # a path as it was typed
            if os.path.normpath(given) not in seen:
                seen.add(os.path.normpath(given))
                found.files.append((given, ""))
                candidates = None if candidates is None else {*candidates, given}
            continue
        git = shutil.which("git")
        # A `git` of the current folder is not git: Windows looks there first.
        git = git if git is not None and Path(git).is_absolute() else None
        listed = _listed_by_git(git, given) if git is not None else None
        by_git = bool(listed)
        names = listed if listed else list(_walk(given, found.problems))
        own: list[tuple[str, str]] = []
        large = []
        for name in names:
            path = os.path.normpath(os.path.join(given, name))  # noqa: PTH118  # for each of many files
            if path in seen or not _is_source(name):
                continue
            try:
                status = os.lstat(path)
            except OSError:  # deleted, and git still lists it
                continue
            if stat.S_ISREG(status.st_mode):
                seen.add(path)
                if status.st_size > LARGEST:
                    large.append(name)
                else:
                    own.append((path, given))
        found.files.extend(own)
        found.large.extend(os.path.join(given, name) for name in large)  # noqa: PTH118  # as above
        several = by_git and git is not None and len(own) >= _SEVERAL and len(large) <= _LEFT_OUT
        hits = _hits(git, given, words, large) if several and git is not None else None
        if hits is None:
            hits = {path for path, _ in own}
        candidates = None if candidates is None else candidates | hits
    return found._replace(candidates=candidates)


def _is_source(name: str) -> bool:
    """Whether a file below a folder is read, by its path."""
    parts = name.split("/") if os.sep == "/" else re.split(r"[\\/]", name)
    return not _PROSE.search(name) and parts[-1] not in _PROJECT and _OTHERS.isdisjoint(parts[:-1])


def _git(git: str, folder: str, *words: str) -> list[str] | None:
    """What git prints, split at NUL; None if it cannot say. It runs no program that the repository names."""
    import subprocess

    settings = ("core.fsmonitor=false", "submodule.recurse=false", "grep.fullName=false")
    options = [part for setting in settings for part in ("-c", setting)]
    try:
        done = subprocess.run(  # noqa: S603  # git itself
            [git, *options, *words],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if done.returncode not in (0, 1):
        return None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _listed_by_git(git: str, folder: str) -> list[str] | None:
    """The files of a working tree that are not ignored, by paths from `folder`; None outside of one.

    A repository inside of it, which git lists as a folder, is asked itself.
    """
    listed = _git(git, folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed is None:
        return None
    names: list[str] = []
    for name in dict.fromkeys(listed):
        inner = os.path.join(folder, name)  # noqa: PTH118  # for each of many files
        # Only a folder of its own has no suffix, or a slash at the end; links are not followed.
        if (name.endswith("/") or "." not in name.rpartition("/")[2]) and _is_folder(inner):
            if (Path(inner) / ".git").exists() and _OTHERS.isdisjoint(PurePath(name).parts):
                names += [f"{name.rstrip('/')}/{each}" for each in _listed_by_git(git, inner) or ()]
        else:
            names.append(name)
    return names


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path.rstrip("/"))  # noqa: PTH112, PTH114  # as above


def _hits(git: str, folder: str, words: Sequence[bytes], large: Sequence[str]) -> set[str] | None:
    """The files below `folder` that contain one of the words: what this module would find, in a quarter of the time."""
    patterns = [part for word in words for part in ("-e", word.decode())]
    left_out = [f":(exclude,literal){name}" for name in large]  # git would read them whole
    found = _git(git, folder, "grep", "--untracked", "-lzIF", *patterns, "--", ".", *left_out)
    return None if found is None else {os.path.normpath(os.path.join(folder, name)) for name in found}  # noqa: PTH118


# --- outside git


def _walk(folder: str, problems: list[InputProblem]) -> Iterator[str]:
    """The files below `folder`, sorted, by paths from it with slashes, without what its .gitignore files name."""
    waiting: list[tuple[str, tuple[_Rule, ...]]] = [("", ())]
    while waiting:
        current, rules = waiting.pop()
        at = os.path.join(folder, current)  # noqa: PTH118  # a path as it was typed
        try:
            with os.scandir(at) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            problems.append(files.unreadable(at, error))
            continue
        if any(entry.name == ".gitignore" for entry in listed):
            rules += tuple(_rules(os.path.join(at, ".gitignore"), current))  # noqa: PTH118  # as above
        below = []
        for entry in listed:
            name = f"{current}/{entry.name}" if current else entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if (entry.name in _OTHERS and is_folder) or _ignored(name, rules, is_folder=is_folder):
                continue
            if is_folder:
                below.append((name, rules))
            elif entry.is_file(follow_symlinks=False):
                yield name
        waiting.extend(reversed(below))


class _Rule(NamedTuple):
    """A line of a .gitignore: the path that it matches, in parts, what it says of it, and whether of folders alone."""

    parts: tuple[str, ...]
    ignores: bool
    folders: bool


def _rules(path: str, folder: str) -> Iterator[_Rule]:
    """The rules of a .gitignore in `folder`, in their order; none where it cannot be read."""
    try:
        lines = files.read(path).decode("utf-8", "replace").splitlines()
    except InputProblem:
        return
    for line in lines:
        text = line.strip()
        body = text.removeprefix("!").rstrip("/")
        if body and not text.startswith("#") and body.count("**") < _STARS:
            anywhere = () if "/" in body else ("**",)
            parts = (*filter(None, folder.split("/")), *anywhere, *filter(None, body.split("/")))
            yield _Rule(parts, not text.startswith("!"), text.endswith("/"))


def _ignored(name: str, rules: Sequence[_Rule], *, is_folder: bool) -> bool:
    """What the last rule that matches says."""
    parts = tuple(name.split("/"))
    for rule in reversed(rules):
        if (is_folder or not rule.folders) and _matches(parts, rule.parts):
            return rule.ignores
    return False


def _matches(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_matches(parts[start:], patterns[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _matches(parts[1:], patterns[1:])
