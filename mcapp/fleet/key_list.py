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
from mcapp.fleet.state_file import Installation
from mcapp.keys import paste
from mcapp.keys.secret import Secret
from mcapp.terminal.console import visible

_LONGEST = 200  # characters of a name that are kept


class ListedKey(NamedTuple):
    """A key, and what the state knows it by: its fingerprint, the name that the list gives it, and its page's id."""

    secret: Secret
    installation: Installation


class KeyList:
    """The keys of a file ("-": standard input), or of the variables whose names begin with a prefix.

    `shard` is (number, of): only the keys that this one of so many machines asks. A key that is taken out of the
    list stays masked until its `Secret.forget` is called, which is up to the caller. `is_stream`: it can be read once.
    """

    def __init__(self, path: str = "", prefix: str = "", shard: tuple[int, int] = (1, 1)) -> None:
        self.path = path
        self.is_stream = path == "-"
        self._prefix = prefix
        self._number, self._of = shard
        self._place = ""  # where the row is that is being read: `keys.csv:3`, or a variable's name
        self._waiting: list[ListedKey] = []

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
        for row in self._of_file() if self.path else self._of_environment():
            key, name, page_id = (row.get(field) for field in ("key", "name", "page_id"))
            if not isinstance(key, str) or not key.strip():
                raise InputProblem(f"{self._place} has no `key`", hint="a row has key, and may have name and page_id")
            try:
                secret = paste.clean(key).secret
            except InputProblem as error:
                raise InputProblem(f"{self._place}: {error.message}", hint=error.hint, code=error.code) from None
            mark = secret.long_fingerprint
            if int(mark, 16) % self._of == self._number - 1:
                yield ListedKey(secret, Installation(mark, _text(name), _text(page_id)))
            else:
                secret.forget()

    def set_aside(self, key: ListedKey) -> bool:
        """Keep a key of a stream for `again`; False for any other list, which is read once more."""
        if self.is_stream:
            self._waiting.append(key)
        return self.is_stream

    def again(self) -> Iterator[ListedKey]:
        """Every key once more; of a stream those that were set aside."""
        return iter(self._waiting) if self.is_stream else iter(self)

    def _of_environment(self) -> Iterator[dict[str, Any]]:
        for name in sorted(os.environ):
            if name.startswith(self._prefix) and os.environ[name].strip():
                self._place = name
                yield {"key": os.environ[name], "name": name.removeprefix(self._prefix)}

    def _of_file(self) -> Iterator[dict[str, Any]]:
        """The rows of JSONL, or of CSV separated by commas, semicolons or tabs, whichever its first line has."""
        lines = self._lines()
        first = next(filter(str.strip, lines), "")
        if first.lstrip().startswith("{"):
            for line in filter(str.strip, chain([first], lines)):
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError):
                    raise InputProblem(f"{self._place} is not a JSON object") from None
                yield row if isinstance(row, dict) else {}
        elif first:
            separator = max(",;\t", key=first.count)
            names = [cell.strip().strip('"').lower() for cell in first.strip().split(separator)]
            if "key" not in names:
                raise InputProblem(
                    f"the first line of {self._place.rpartition(':')[0]} has no column `key`",
                    hint='CSV with the columns key,name,page_id, or JSONL: {"key": "…", "name": "…", "page_id": "…"}',
                )
            try:
                yield from (row for row in csv.DictReader(lines, names, delimiter=separator) if any(row.values()))
            except csv.Error:
                raise InputProblem(f"{self._place} is not CSV") from None

    def _lines(self) -> Iterator[str]:
        name = "standard input" if self.is_stream else self.path
        for number, raw in enumerate(files.lines(self.path, stdin=True), 1):
            self._place = f"{name}:{number}"
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise InputProblem(f"{self._place} is not UTF-8 text", hint="save the list as UTF-8") from None
            yield text


def _text(value: object) -> str:
    """A name or an id as it may be kept and shown."""
    return visible(str(value) if type(value) in (str, int) else "")[:_LONGEST].strip()
