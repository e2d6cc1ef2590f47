"""Offsets of a text as lines and columns."""

import re
from bisect import bisect_right

from mcapp.document.places import Position, Span

_SPACE = re.compile(r"[ \t\n\r]*+")
_LINE_END = re.compile(r"\r\n?|\n")
BOM = "\ufeff"


class Lines:
    """The lines of a text, which end at \\n, \\r\\n or \\r. A byte order mark takes no column."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [1 if text.startswith(BOM) else 0, *(end.end() for end in _LINE_END.finditer(text))]

    def number(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return max(bisect_right(self._starts, offset), 1)

    def start(self, number: int) -> int:
        """The offset at which line `number` starts, after a byte order mark; behind the last one, the end."""
        return self._starts[number - 1] if 0 < number <= len(self._starts) else len(self._text)

    def place(self, span: Span) -> Position:
        """Lines and columns of a span."""
        first, last = self.number(span.start), self.number(span.end)
        return Position(first, self._column(first, span.start), last, self._column(last, span.end))

    def _column(self, line: int, offset: int) -> int:
        return max(offset - self._starts[line - 1], 0) + 1

    def line(self, number: int) -> str:
        """The text of a line without its end; empty for a line that does not exist."""
        if not 0 < number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self._text)
        return self._text[self._starts[number - 1] : end].rstrip("\r\n")


def skip_space(text: str, at: int) -> int:
    """Behind the white space of JSON at `at`."""
    found = _SPACE.match(text, at)
    return found.end() if found else at
