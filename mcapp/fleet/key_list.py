"""The keys of a fleet: a JSONL or CSV file, standard input, or variables; read as a stream, never kept.

A row has `key`, and may have `name` and `page_id`; other fields are ignored. The first line shows which form it is.
"""

import csv
import json
import os
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import InputProblem, NoKey
from mcapp.keys import paste
from mcapp.keys.secret import Secret
from mcapp.terminal.console import visible

_LONGEST = 200  # characters of a name that are kept
_FIELDS = ("key", "name", "page_id")


class ListedKey(NamedTuple):
    """A key, the name that the list gives it, and its page's id; both may be empty."""

    secret: Secret
    name: str = ""
    page_id: str = ""

    @property
    def fingerprint(self) -> str:
        """What the state knows it by."""
        return self.secret.long_fingerprint


class KeyList:
    """The keys of a file ("-": standard input), or of the variables whose names begin with a prefix.

    `shard` is (number, of): only the keys that this one of so many machines asks. A key that is taken out of the
    list stays masked until its `Secret.forget` is called, which is up to the caller.
    """

    def __init__(self, path: str = "", prefix: str = "", shard: tuple[int, int] = (1, 1)) -> None:
        self.path = path
        self._prefix = prefix
        self._number, self._of = shard
        self._waiting: list[ListedKey] = []

    @property
    def is_stream(self) -> bool:
        """Whether it can be read only once."""
        return self.path == "-"

    def count(self) -> int | None:
        """How many keys there are, after checking all of them; None for a stream. Raises as reading does."""
        if self.is_stream:
            return None
        number = 0
        for key in self:
            key.secret.forget()
            number += 1
        if not number:
            where = f"{self.path} has" if self.path else f"the variables that begin with {self._prefix} have"
            raise NoKey(f"{where} no key for this check")
        return number

    def __iter__(self) -> Iterator[ListedKey]:
        """Every key. Raises InputProblem, which names the line and never repeats what is in it."""
        for key in self._of_file() if self.path else self._of_environment():
            if int(key.fingerprint, 16) % self._of == self._number - 1:
                yield key
            else:
                key.secret.forget()

    def set_aside(self, key: ListedKey) -> bool:
        """Keep a key of a stream for `again`; False for any other list, which is read once more."""
        if self.is_stream:
            self._waiting.append(key)
        return self.is_stream

    def again(self) -> Iterator[ListedKey]:
        """Every key once more; of a stream those that were set aside."""
        return iter(self._waiting) if self.is_stream else iter(self)

    def _of_environment(self) -> Iterator[ListedKey]:
        for name in sorted(os.environ):
            if name.startswith(self._prefix) and os.environ[name].strip():
                yield _listed({"key": os.environ[name], "name": name.removeprefix(self._prefix)}, name)

    def _of_file(self) -> Iterator[ListedKey]:
        name = "standard input" if self.is_stream else self.path
        lines = (_decoded(raw, name, number) for number, raw in enumerate(files.lines(self.path, stdin=True), 1))
        for number, first in enumerate(lines, 1):
            if first.strip():
                rows = (_of_lines if first.lstrip().startswith("{") else _of_table)(first, lines, name, number)
                yield from (_listed(row, where) for where, row in rows)
                return


# A place, `keys.csv:3`, with what is there.
Rows = Iterator[tuple[str, dict[str, Any]]]


def _of_lines(first: str, rest: Iterator[str], name: str, number: int) -> Rows:
    """JSONL whose `first` line has this number."""
    for place, line in enumerate(chain([first], rest), number):
        try:
            row = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            raise InputProblem(f"{name}:{place} is not a JSON object") from None
        if line.strip():
            yield f"{name}:{place}", row if isinstance(row, dict) else {}


def _of_table(first: str, rest: Iterator[str], name: str, number: int) -> Rows:
    """CSV, separated by commas, semicolons or tabs, whichever the first line has."""
    separator = max(",;\t", key=first.count)
    names = [cell.strip().strip('"').lower() for cell in first.strip().split(separator)]
    if "key" not in names:
        raise InputProblem(
            f"the first line of {name} has no column `key`",
            hint='CSV with the columns key,name,page_id, or JSONL: {"key": "…", "name": "…", "page_id": "…"}',
        )
    reader = csv.reader(rest, delimiter=separator)
    try:
        for cells in reader:
            if any(cells):
                yield f"{name}:{number + reader.line_num}", dict(zip(names, cells, strict=False))
    except csv.Error:
        raise InputProblem(f"{name}:{number + reader.line_num} is not CSV") from None


def _decoded(raw: bytes, name: str, number: int) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise InputProblem(f"{name}:{number} is not UTF-8 text", hint="save the list as UTF-8") from None


def _listed(row: dict[str, Any], where: str) -> ListedKey:
    """A row as a key. Raises InputProblem; of what a row holds nothing is repeated."""
    key, name, page_id = (row.get(field) for field in _FIELDS)
    if not isinstance(key, str) or not key.strip():
        raise InputProblem(f"{where} has no `key`", hint="a row has key, and may have name and page_id")
    try:
        secret = paste.clean(key).secret
    except InputProblem as error:
        raise InputProblem(f"{where}: {error.message}", hint=error.hint, code=error.code) from None
    return ListedKey(secret, _text(name), _text(page_id))


def _text(value: object) -> str:
    """A name or an id as it may be kept and shown."""
    plain = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return visible(plain)[:_LONGEST].strip()
