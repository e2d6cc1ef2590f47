"""The configuration: `mcapp.toml`, or `[tool.mcapp]` in `pyproject.toml`, as a frozen Config.

It is found upwards from the working directory to the repository's root. It can never name a host that a key is sent
to, a key, or a command: a cloned repository must not be able to take a key away. What it may hold is KEYS, no more.
"""

import os
from pathlib import Path
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import ConfigProblem, InputProblem, nearest

OWN, PROJECT = "mcapp.toml", "pyproject.toml"
FILES = ("app.json", "manychat.json", "*.manychat.json")
FAIL_ON = ("error", "warning", "note", "never")
PLACEHOLDERS = ("manychat", "portable")


class Config(NamedTuple):
    """The settings of one run. `path` is the file that they come from, None for the defaults.

    `files` are patterns for the names of files to look for in folders; `select` and `ignore` rule codes, names or
    prefixes; `expect` the scopes that a key must have, None if the file does not say.
    """

    path: Path | None = None
    files: tuple[str, ...] = FILES
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    placeholders: str = "manychat"
    expect: tuple[str, ...] | None = None


# What the file may say. A table of its own holds further keys.
KEYS: dict[str, Any] = {
    "files": "strings",
    "select": "strings",
    "ignore": "strings",
    "fail-on": FAIL_ON,
    "placeholders": PLACEHOLDERS,
    "scopes": {"expect": "strings"},
}


def load(explicit: str | None = None, *, isolated: bool = False, start: Path | None = None) -> Config:
    """The configuration of a run that starts in `start` (by default the working directory).

    `explicit` names a file outright, `isolated` asks for the defaults. Raises ConfigProblem for a file that cannot be
    read, is no TOML, or says something that a configuration cannot say.
    """
    path = Path(explicit) if explicit is not None else None if isolated else find(start).path
    return Config() if path is None else _parse(path, _read(path), table=path.name == PROJECT)


class Found(NamedTuple):
    """What a search came to: the file, None if there is none, and the folders that were looked into."""

    path: Path | None
    folders: tuple[Path, ...]


def find(start: Path | None = None) -> Found:
    """Look for the configuration, from `start` (by default the working directory) up to the repository's root.

    Raises ConfigProblem where a pyproject.toml that speaks of mcapp cannot be read.
    """
    try:
        folder = (start or Path.cwd()).absolute()
    except OSError:
        raise ConfigProblem("the working directory is gone", hint="go to one that exists, or use --isolated") from None
    folders = []
    for parent in (folder, *folder.parents):
        folders.append(parent)
        if _is_file(parent / OWN):
            return Found(parent / OWN, tuple(folders))
        if speaks(parent / PROJECT):
            return Found(parent / PROJECT, tuple(folders))
        if os.path.exists(parent / ".git"):  # noqa: PTH110  # as in _is_file
            break
    return Found(None, tuple(folders))


def speaks(project: Path) -> bool:
    """Whether this pyproject.toml has a table [tool.mcapp]. Raises ConfigProblem if it cannot be read."""
    if not _is_file(project):
        return False
    raw = _read(project)
    # Most pyproject.toml files say nothing of mcapp; those are not parsed.
    return b"mcapp" in raw and "mcapp" in _tools(_toml(project, raw))


def _tools(data: dict[str, Any]) -> dict[str, Any]:
    tools = data.get("tool")
    return tools if isinstance(tools, dict) else {}


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113  # pathlib's raises in a folder that may not be looked into


def _read(path: Path) -> bytes:
    try:
        return files.read(path, name=f"the configuration {path}")
    except InputProblem as error:
        raise ConfigProblem(error.message, hint=error.hint) from None


def _toml(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        return files.parse_toml(raw, path)
    except InputProblem as error:
        raise ConfigProblem(error.message) from None


def _parse(path: Path, raw: bytes, *, table: bool) -> Config:
    data = _toml(path, raw)
    if table:
        data = _tools(data).get("mcapp", {})
    _check(path, data, KEYS, "tool.mcapp." if table else "")
    patterns = tuple(data.get("files", FILES))
    for pattern in patterns:
        parts = pattern.replace("\\", "/").split("/")
        if not pattern or pattern.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise ConfigProblem(
                f"{path}: `files` has the pattern {pattern!r}", hint="a pattern stays inside the configuration's folder"
            )
    expect = data.get("scopes", {}).get("expect")
    return Config(
        path=path,
        files=patterns,
        select=tuple(data.get("select", ())),
        ignore=tuple(data.get("ignore", ())),
        fail_on=data.get("fail-on", "error"),
        placeholders=data.get("placeholders", "manychat"),
        expect=None if expect is None else tuple(expect),
    )


def _check(path: Path, data: Any, keys: dict[str, Any], prefix: str) -> None:
    """Raise ConfigProblem for an unknown key (with a suggestion) or a value of the wrong form."""
    if not isinstance(data, dict):
        raise ConfigProblem(f"{path}: `{prefix.rstrip('.')}` must be a table")
    for key, value in data.items():
        if key not in keys:
            meant = nearest(key, keys)
            raise ConfigProblem(
                f"{path}: unknown key `{prefix}{key}`",
                hint=f"did you mean `{meant}`?" if meant else f"it may hold: {', '.join(keys)}",
            )
        wanted = keys[key]
        if isinstance(wanted, dict):
            _check(path, value, wanted, f"{prefix}{key}.")
        elif wanted == "strings":
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise ConfigProblem(f"{path}: `{prefix}{key}` must be a list of strings")
        elif value not in wanted:
            raise ConfigProblem(f"{path}: `{prefix}{key}` must be one of {', '.join(wanted)}")
