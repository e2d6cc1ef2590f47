"""The configuration: `mcapp.toml`, or `[tool.mcapp]` in `pyproject.toml`, as a frozen Config.

mcapp looks for it from the working directory up to the repository's root. It can never name a host that a key is sent
to, a key, or a command: a cloned repository must not be able to steal a key. KEYS lists everything that it accepts.
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

    `files` are patterns for the names of App JSON files in folders; `select` and `ignore` are rule codes, names or
    prefixes; `expect` are the scopes that a key must have, None if the file does not set them.
    """

    path: Path | None = None
    files: tuple[str, ...] = FILES
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "error"
    placeholders: str = "manychat"
    expect: tuple[str, ...] | None = None


# The accepted keys, each with the type or the values of its setting; a dict is a table with further keys.
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

    `explicit` is the file of `--config`; `isolated` means the defaults. Raises ConfigProblem for a file that cannot be
    read, is not valid TOML, or has unknown keys or invalid values.
    """
    path = Path(explicit) if explicit is not None else None if isolated else find(start).path
    return Config() if path is None else _parse(path, _read(path), table=path.name == PROJECT)


class Found(NamedTuple):
    """The result of a search: the configuration file or None, and the folders that were searched."""

    path: Path | None
    folders: tuple[Path, ...]


def find(start: Path | None = None) -> Found:
    """Look for the configuration, from `start` (by default the working directory) up to the repository's root.

    Raises ConfigProblem for a pyproject.toml that cannot be read or is not valid TOML.
    """
    try:
        folder = (start or Path.cwd()).absolute()
    except OSError:
        raise ConfigProblem(
            "the working directory does not exist any more", hint="change to another folder, or use --isolated"
        ) from None
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
    # Most pyproject.toml files do not mention mcapp; they are not parsed.
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
                f"{path}: `files` has the pattern {pattern!r}, which leads out of the configuration's folder",
                hint="write patterns such as app.json or apps/*/manifest.json",
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
    """Raise ConfigProblem for an unknown key (with a suggestion) or an invalid value."""
    if not isinstance(data, dict):
        raise ConfigProblem(f"{path}: `{prefix.rstrip('.')}` must be a table")
    for key, value in data.items():
        if key not in keys:
            meant = nearest(key, keys)
            raise ConfigProblem(
                f"{path}: unknown key `{prefix}{key}`",
                hint=f"did you mean `{meant}`?" if meant else f"known keys: {', '.join(keys)}",
            )
        wanted = keys[key]
        if isinstance(wanted, dict):
            _check(path, value, wanted, f"{prefix}{key}.")
        elif wanted == "strings":
            if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
                raise ConfigProblem(f"{path}: `{prefix}{key}` must be a list of strings")
        elif value not in wanted:
            raise ConfigProblem(f"{path}: `{prefix}{key}` must be one of {', '.join(wanted)}")
