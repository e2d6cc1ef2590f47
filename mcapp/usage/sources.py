"""Which files are searched: text that git does not ignore, below the given folders. No link is followed."""

import os
import re
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from mcapp import files
from mcapp.errors import InputProblem, McappError
from mcapp.search import SKIPPED

LARGEST = 20_000_000  # bytes of a file that is read
_HEAD = 8000  # bytes of a file in which a NUL shows that it is binary, as in git
_SEVERAL = 200  # files from which on git looks for the words: it has threads, and takes a quarter of the time
_SECONDS = 60  # for git
_LEFT_OUT = 50  # too large files that git gets a pattern for, to leave them out
_STARS = 4  # `**` in a line of a .gitignore from which on it is not read

# Folders of other people's code, whatever git says of them.
_OTHERS = SKIPPED | {"vendor"}
# Prose, data, and what was made from sources: a path in them is not a call.
_PROSE = re.compile(
    r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt|org|tex|log|csv|tsv|jsonl|ndjson|har|map|lock|diff|patch|po|pot|ico|svg"
    r"|png|jpe?g|gif|webp|pdf|zip|gz|tgz|bz2|xz|7z|jar|war|class|pyc|so|dll|exe|o|a|woff2?|ttf|eot|otf|mp3|mp4|mov|avi"
    r"|db|sqlite3?|parquet|xlsx|docx|pptx)$",
    re.IGNORECASE,
)
_PROJECT = ("mcapp.toml", "pyproject.toml")  # they declare scopes


@dataclass
class Sources:
    """What was found: the files to read, each with the given folder that it is below ("" for one that was named).

    `searched` counts those in which git has found none of the words too; `large` are left out.
    """

    files: list[tuple[str, str]] = field(default_factory=list)
    problems: list[McappError] = field(default_factory=list)
    large: list[str] = field(default_factory=list)
    searched: int = 0


def find(paths: Sequence[str], words: Sequence[bytes]) -> Sources:
    """The files at `paths` (a folder, or a file, which is taken whatever it is), each once, in order.

    A use needs one of the `words`; git is asked which files contain one where that is quicker than to read them all.
    """
    git = shutil.which("git") or ""
    if not Path(git).is_absolute():  # Windows would run a `git` of the current folder
        git = ""
    found = Sources()
    seen: set[str] = set()
    for given in paths or ["."]:
        if not os.path.isdir(given):  # noqa: PTH112  # a path as it was typed
            if os.path.normpath(given) not in seen:
                seen.add(os.path.normpath(given))
                found.files.append((given, ""))
                found.searched += 1
            continue
        trees = list(_by_git(git, given)) if git else []
        tracked = any(names for _, names in trees)
        if not tracked:  # no repository, or a folder that it ignores
            trees = [(given, list(_walk(given, found.problems)))]
        for folder, names in trees:
            own, large = _regular(folder, names, seen)
            hits = _hits(git, folder, words, large) if tracked and len(own) >= _SEVERAL else None
            found.files.extend((path, given) for path in own if hits is None or path in hits)
            found.large.extend(large)
            found.searched += len(own)
    return found


def read(found: Sources) -> Iterator[tuple[str, str, bytes]]:
    """The files with their content, without binary ones; one that cannot be read becomes a problem."""
    for path, folder in found.files:
        try:
            data = files.read(path, most=LARGEST)
        except InputProblem as error:
            if error.code != "missing" or not folder:  # a file that is gone meanwhile is not in the code any more
                found.problems.append(error)
            continue
        if b"\0" not in data[:_HEAD]:
            yield path, folder, data


def _regular(folder: str, names: Iterable[str], seen: set[str]) -> tuple[list[str], list[str]]:
    """The paths of those sources that are regular files, and of those that are too large. No link is followed."""
    own: list[str] = []
    large: list[str] = []
    start = os.path.normpath(folder)
    start = "" if start == "." else os.path.join(start, "")  # noqa: PTH118  # with a separator at its end
    for name in names:
        path = start + (name if os.sep == "/" else name.replace("/", os.sep))
        if path in seen or not _is_source(name):
            continue
        try:
            status = os.lstat(path)
        except OSError:  # deleted, and git still lists it
            continue
        if stat.S_ISREG(status.st_mode):
            seen.add(path)
            (large if status.st_size > LARGEST else own).append(path)
    return own, large


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


def _by_git(git: str, folder: str) -> Iterator[tuple[str, list[str]]]:
    """A working tree and the repositories inside of it, each with its files that are not ignored."""
    listed = _git(git, folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names, inside = [], []
    for name in dict.fromkeys(listed or ()):
        path = os.path.join(folder, name)  # noqa: PTH118  # for each of many files
        # git lists a repository as a file, with a slash behind it if it does not track it.
        may_be_folder = name.endswith("/") or "." not in name.rpartition("/")[2]
        if may_be_folder and os.path.isdir(path):  # noqa: PTH112  # as above
            if not os.path.islink(path.rstrip("/")) and _is_source(f"{name}/x"):  # noqa: PTH114  # as above
                inside.append(path)
        else:
            names.append(name)
    if listed is not None:
        yield folder, names
    for path in inside:
        if (Path(path) / ".git").exists():
            yield from _by_git(git, path)


def _hits(git: str, folder: str, words: Sequence[bytes], large: Sequence[str]) -> set[str] | None:
    """The files of a working tree that contain one of the words; None if git cannot say."""
    if len(large) > _LEFT_OUT:
        return None
    patterns = [part for word in words for part in ("-e", word.decode())]
    # git would read them whole.
    left_out = [f":(exclude,literal){os.path.relpath(path, folder)}" for path in large]
    found = _git(git, folder, "grep", "--untracked", "-lzIF", *patterns, "--", ".", *left_out)
    return None if found is None else {os.path.normpath(os.path.join(folder, name)) for name in found}  # noqa: PTH118


# --- outside git

# A line of a .gitignore: the path that it matches, in parts, what it says of it, and whether of folders alone.
_Rule = tuple[tuple[str, ...], bool, bool]


def _walk(folder: str, problems: list[McappError]) -> Iterator[str]:
    """The files below `folder`, sorted, by paths from it with slashes, without what its .gitignore files name."""

    def report(error: OSError) -> None:
        problems.append(files.unreadable(error.filename, error))

    rules: dict[str, list[_Rule]] = {}
    for at, folders, names in os.walk(folder, onerror=report):
        current = os.path.relpath(at, folder).replace(os.sep, "/")
        below = "" if current == "." else f"{current}/"
        here = rules.get(current.rpartition("/")[0] or ".", [])
        if ".gitignore" in names:
            here = here + _rules(os.path.join(at, ".gitignore"), below)  # noqa: PTH118  # a path as it was typed
        rules[current] = here
        folders[:] = sorted(
            name for name in folders if name not in _OTHERS and not _ignored(below + name, here, is_folder=True)
        )
        yield from (below + name for name in sorted(names) if not _ignored(below + name, here, is_folder=False))


def _rules(path: str, folder: str) -> list[_Rule]:
    """The rules of a .gitignore in `folder`, in their order; none where it cannot be read."""
    try:
        lines = map(str.strip, files.read(path).decode("utf-8", "replace").splitlines())
    except InputProblem:
        return []
    rules = []
    for line in lines:
        body = line.removeprefix("!").rstrip("/")
        if body and not line.startswith("#") and body.count("**") < _STARS:
            where = folder if "/" in body else f"{folder}**/"
            parts = tuple(filter(None, f"{where}{body}".split("/")))
            rules.append((parts, not line.startswith("!"), line.endswith("/")))
    return rules


def _ignored(name: str, rules: Sequence[_Rule], *, is_folder: bool) -> bool:
    """What the last rule that matches says."""
    parts = tuple(name.split("/"))
    for pattern, ignores, of_folders in reversed(rules):
        if (is_folder or not of_folders) and _matches(parts, pattern):
            return ignores
    return False


def _matches(parts: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_matches(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(parts[1:], pattern[1:])
