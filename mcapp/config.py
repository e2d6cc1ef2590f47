"""The configuration: `mcapp.toml`, or `[tool.mcapp]` in `pyproject.toml`, as a frozen Config.

mcapp looks for it from the working directory up to the repository's root. It can never name a host that a key is sent
to, a key, or a command: a cloned repository must not be able to steal a key. KEYS lists everything that it accepts.
"""

import json
import os
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import ConfigProblem, InputProblem, suggestion

OWN, PROJECT = "mcapp.toml", "pyproject.toml"
FILES = ("app.json", "manychat.json", "*.manychat.json")
FAIL_ON = ("error", "warning", "note", "never")
PLACEHOLDERS = ("manychat", "portable")


class Suppression(NamedTuple):
    """An entry of `[[suppress]]`: a finding that is accepted, with the reason.

    `rule` is a code or a name, `file` relative to the configuration's folder, `pointer` the finding's (None where it
    has none), `value` a short hash of what is there ("" for any); `expires` a date ("2027-01-31", "" for never).
    """

    rule: str
    file: str
    reason: str
    pointer: str | None = None
    value: str = ""
    expires: str = ""


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
    suppress: tuple[Suppression, ...] = ()


# The accepted keys, each with the type or the values of its setting; a dict is a table with further keys, a list holds
# the keys of each table of an array.
KEYS: dict[str, Any] = {
    "files": "strings",
    "select": "strings",
    "ignore": "strings",
    "fail-on": FAIL_ON,
    "placeholders": PLACEHOLDERS,
    "scopes": {"expect": "strings"},
    "suppress": [
        {"rule": "text", "file": "text", "pointer": "text", "value": "text", "reason": "text", "expires": "date"}
    ],
}


def load(explicit: str | None = None, *, isolated: bool = False, start: Path | None = None) -> Config:
    """The configuration of a run that starts in `start` (by default the working directory).

    `explicit` is the file of `--config`; `isolated` means the defaults. Raises ConfigProblem for a file that cannot be
    read, is not valid TOML, or has unknown keys or invalid values.
    """
    path = Path(explicit) if explicit is not None else None if isolated else find(start)
    if path is None:
        return Config()
    data = _read(path)[1]
    return _parse(path, _tools(data).get("mcapp", {}) if path.name == PROJECT else data)


def within(config: Config, path: str) -> str:
    """A file's path relative to the configuration's folder (or the working directory), with forward slashes."""
    folder = config.path.absolute().parent if config.path is not None else Path.cwd()
    full = os.path.abspath(path)  # noqa: PTH100  # links are not followed
    try:
        return Path(os.path.relpath(full, folder)).as_posix()
    except ValueError:  # another drive
        return Path(full).as_posix()


def find(start: Path | None = None) -> Path | None:
    """The configuration nearest to `start`, up to the repository's root. Raises ConfigProblem for an unreadable one."""
    try:
        folder = (start or Path.cwd()).absolute()
    except OSError:
        raise ConfigProblem(
            "the working directory does not exist any more", hint="change to another folder, or use --isolated"
        ) from None
    for parent in (folder, *folder.parents):
        if _is_there(parent / OWN):
            return parent / OWN
        # Most pyproject.toml files do not mention mcapp; they are not parsed.
        if _is_there(parent / PROJECT) and "mcapp" in _tools(_read(parent / PROJECT, b"mcapp")[1]):
            return parent / PROJECT
        if os.path.exists(parent / ".git"):  # noqa: PTH110  # as in _is_there
            break
    return None


def _tools(data: dict[str, Any]) -> dict[str, Any]:
    tools = data.get("tool")
    return tools if isinstance(tools, dict) else {}


def _is_there(path: Path) -> bool:
    """Whether this name is taken, but not by a folder; a FIFO or a broken link is then an error instead of ignored."""
    return os.path.lexists(path) and not os.path.isdir(path)  # noqa: PTH112  # pathlib's raises where one may not look


def _read(path: Path, word: bytes = b"") -> tuple[bytes, dict[str, Any]]:
    """The file's bytes, and what they say; they are not parsed unless `word` is in them."""
    try:
        raw = files.read(path, name=f"the configuration {path}")
        return raw, files.parse_toml(raw, path) if word in raw else {}
    except InputProblem as error:
        raise ConfigProblem(error.message, hint=error.hint) from None


def _parse(path: Path, data: dict[str, Any]) -> Config:
    check(path, data, KEYS, "tool.mcapp." if path.name == PROJECT else "")
    for pattern in data.get("files", ()):
        parts = pattern.replace("\\", "/").split("/")
        if not pattern or pattern.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise ConfigProblem(
                f"{path}: `files` has the pattern {pattern!r}, which leads out of the configuration's folder",
                hint="write patterns such as app.json or apps/*/manifest.json",
            )
    suppress = []
    for row in data.get("suppress", ()):
        missing = [key for key in ("rule", "file", "reason") if not row.get(key, "").strip()]
        if missing or ("pointer" not in row and "value" not in row):
            raise ConfigProblem(
                f"{path}: an entry of [[suppress]] has no `{missing[0] if missing else 'pointer'}`",
                hint="it needs rule, file, pointer and reason: 'mcapp validate --suppress-all --reason TEXT' writes it",
            )
        file = within(Config(path), str(path.parent / row["file"]))
        suppress.append(Suppression(**{**row, "file": file, "expires": str(row.get("expires", ""))}))
    fields: dict[str, Any] = {"suppress": tuple(suppress)}
    for key, value in {**data, **data.get("scopes", {})}.items():
        if key not in ("scopes", "suppress"):
            fields[key.replace("-", "_")] = tuple(value) if isinstance(value, list) else value
    return Config(path, **fields)


def check(path: Path, data: Any, keys: dict[str, Any], prefix: str = "") -> None:
    """Raise ConfigProblem for an unknown key (with a suggestion) or an invalid value; `keys` are written as KEYS."""
    if not isinstance(data, dict):
        raise ConfigProblem(f"{path}: `{prefix.rstrip('.')}` must be a table")
    for key, value in data.items():
        if key not in keys:
            hint = suggestion(key, keys, f"known keys: {', '.join(keys)}")
            raise ConfigProblem(f"{path}: unknown key `{prefix}{key}`", hint=hint)
        wanted, must_be = keys[key], ""
        if isinstance(wanted, dict):
            check(path, value, wanted, f"{prefix}{key}.")
        elif isinstance(wanted, list):
            if isinstance(value, list):
                for row in value:
                    check(path, row, wanted[0], f"{prefix}{key}.")
            else:
                must_be = f"an array of tables, [[{prefix}{key}]]"
        elif wanted == "text":
            must_be = "" if isinstance(value, str) else "a string"
        elif wanted == "date":
            must_be = "" if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)) else "a date, such as 2027-01-31"
        elif wanted == "strings":
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
            must_be = "" if fits else "a list of strings"
        elif value not in wanted:
            must_be = f"one of {', '.join(wanted)}"
        if must_be:
            raise ConfigProblem(f"{path}: `{prefix}{key}` must be {must_be}")


# --- changing [[suppress]] in place: everything else in the file stays, byte for byte

# Compiled by `re` when they are first used.
_HEADER = r'[ \t]*\[\[\s*(?:"?tool"?\s*\.\s*"?mcapp"?\s*\.\s*)?"?suppress"?\s*\]\]'
_LINES = r"[^\n]*\n|[^\n]+"


def add_suppressions(path: Path, entries: Sequence[Suppression]) -> None:
    """Append entries to the configuration, which is created if it does not exist.

    Raises ConfigProblem for a file that cannot be changed in this way, InputProblem for one that cannot be written.
    """
    name = "[[tool.mcapp.suppress]]" if path.name == PROJECT else "[[suppress]]"

    def change(text: str) -> str:
        end = "\r\n" if "\r\n" in text else "\n"
        blocks = []
        for entry in entries:
            # JSON's strings are strings of TOML, but for one character.
            lines = [
                f"{key} = {json.dumps(value, ensure_ascii=False)}".replace("\x7f", "\\u007f")
                for key, value in _row(entry).items()
            ]
            blocks.append(end.join([name, *lines, ""]))
        gap = "" if not text else end if text.endswith("\n") else end * 2
        return text + gap + end.join(blocks)

    _change(path, change, lambda rows: [*rows, *map(_row, entries)])


def remove_suppressions(path: Path, numbers: Collection[int]) -> None:
    """Remove the entries with these numbers, counted from 0; comments outside of them are kept. Raises as above."""

    def change(text: str) -> str:
        lines = re.findall(_LINES, text)
        headers = [number for number, line in enumerate(lines) if re.match(_HEADER, line)]
        for number in sorted(numbers, reverse=True):
            start = headers[number]
            end = start + 1
            while end < len(lines) and not lines[end].lstrip().startswith("["):
                end += 1
            while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
                end -= 1  # what is below the entry belongs to the next one
            if start and not lines[start - 1].strip():
                start -= 1
            del lines[start:end]
        return "".join(lines)

    _change(path, change, lambda rows: [row for number, row in enumerate(rows) if number not in numbers])


def _change(path: Path, change: Callable[[str], str], expected: Callable[[list[Any]], list[Any]]) -> None:
    """Write the changed text if it is proven that it holds the expected entries and nothing else has changed."""
    exists = path.exists()
    old, data = _read(path) if exists else (b"", {})
    old_rows, old_rest = _split(data)
    try:
        new = change(old.decode()).encode()
        rows, rest = _split(files.parse_toml(new, path))
        proven = rest == old_rest and rows == expected(old_rows)
    except (InputProblem, IndexError, UnicodeError):
        proven = False
    if not proven:
        raise ConfigProblem(
            f"{path}: mcapp cannot change [[suppress]] in this file",
            hint="write each entry as a table of its own, [[suppress]], with one-line strings, or edit it yourself",
        )
    if len(new) > files.MOST:
        raise ConfigProblem(f"{path} would be larger than {files.MOST:,} bytes", hint="use `ignore` for whole rules")
    files.write(path, new, replace=exists, expected=old if exists else None)


def _split(data: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The entries, and what is left of the data, without tables that held nothing else."""
    tools = _tools(data)
    own = tools["mcapp"] if isinstance(tools.get("mcapp"), dict) else data
    rows = [{**row, "expires": str(row["expires"])} if "expires" in row else row for row in own.pop("suppress", [])]
    if not own and own is not data:
        del tools["mcapp"]
    if not tools:
        data.pop("tool", None)
    return rows, data


def _row(entry: Suppression) -> dict[str, str]:
    return {key: value for key, value in entry._asdict().items() if value or (key == "pointer" and value is not None)}
