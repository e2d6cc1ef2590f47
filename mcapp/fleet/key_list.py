"""The keys of a fleet: a JSONL or CSV file, standard input, or variables; read as a stream, never kept.

A row has `key`, and may have `name` and `page_id`; other fields are ignored. The first line shows which form it is.
"""

import csv
import json
import os
from collections.abc import Iterable, Iterator
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
        lines = (
            (number, _decoded(raw, name, number)) for number, raw in enumerate(files.lines(self.path, stdin=True), 1)
        )
        filled = ((number, line) for number, line in lines if line.strip())
        first = next(filled, None)
        if first is None:
            return
        rows = chain([first], filled)
        if first[1].lstrip().startswith("{"):
            for number, line in rows:
                where = f"{name}:{number}"
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    raise InputProblem(f"{where} is not a JSON object", path=self.path) from None
                yield _listed(row if isinstance(row, dict) else {}, where)
        else:
            yield from _of_table(rows, name, self.path)


def _of_table(rows: Iterable[tuple[int, str]], name: str, path: str) -> Iterator[ListedKey]:
    """The rows of CSV, separated by commas, semicolons or tabs, whichever the first line has."""
    number, header = 0, ""

    def lines() -> Iterator[str]:
        nonlocal number, header
        for number, line in rows:  # noqa: B007  # which line the reader is at
            header = header or line
            yield line

    text = lines()
    head = next(text)
    separator = max(",;\t", key=head.count)
    names = [cell.strip().strip('"').lower() for cell in head.strip().split(separator)]
    if "key" not in names:
        raise InputProblem(
            f"the first line of {name} has no column `key`",
            hint='CSV with the columns key,name,page_id, or JSONL: {"key": "…", "name": "…", "page_id": "…"}',
            path=path,
        )
    try:
        for cells in csv.reader(text, delimiter=separator):
            yield _listed(dict(zip(names, cells, strict=False)), f"{name}:{number}")
    except csv.Error:
        raise InputProblem(f"{name}:{number} is not CSV", path=path) from None


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
