"""What reading a text yields: places, defects and edits, its lines, and the tree of where everything in it stands."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

MAX_DEPTH = 256
BOM = "\ufeff"
_SPACE = re.compile(r"[ \t\n\r]*+")
LINE_END = re.compile(r"\r\n?|\n")

# Where a value stands in the data: object keys and array indices from the root. () is the root.
Path = tuple[str | int, ...]


class Span(NamedTuple):
    """A piece of the text, in code points: text[start:end]."""

    start: int
    end: int


class Position(NamedTuple):
    """The same piece for people: lines and columns from 1, columns in code points; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Edit(NamedTuple):
    """Replace text[start:end] by `text`; start == end inserts."""

    start: int
    end: int
    text: str


class Defect(NamedTuple):
    """Something wrong with the text itself, found while reading it.

    `kind` is the name of the rule that reports it ("comment", "trailing-comma", "invalid-json", …), `cause` the
    sentence that says what is wrong here, `help` what to do about it. `related` are further places with a label each.
    `edits` repair it (empty: no repair is known); whether that is safe is the rule's to say. `path` is given where the
    defect belongs to a place in the data (a duplicate key), else None.
    """

    kind: str
    span: Span
    cause: str
    help: str = ""
    related: tuple[tuple[Span, str], ...] = ()
    edits: tuple[Edit, ...] = ()
    path: Path | None = None


def invalid(
    start: int, end: int, cause: str, advice: str, new: str | None = None, kind: str = "invalid-json"
) -> Defect:
    """A defect of text[start:end] that `new` in its place repairs; None: no repair is known."""
    return Defect(kind, Span(start, end), cause, advice, (), () if new is None else (Edit(start, end, new),))


class SetValue(NamedTuple):
    """Replace the value at `path` by `value` (anything `json.dumps` takes), laid out like the text around it."""

    path: Path
    value: object


class RenameKey(NamedTuple):
    """Give the member at `path` the key `name`."""

    path: Path
    name: str


class SetText(NamedTuple):
    """Inside the string at `path`, replace the characters [start:end] of its decoded value by `text`."""

    path: Path
    start: int
    end: int
    text: str


class AddMember(NamedTuple):
    """Append `key: value` to the object at `path`, laid out like its siblings."""

    path: Path
    key: str
    value: object


class AddElement(NamedTuple):
    """Append `value` to the array at `path`, laid out like its siblings."""

    path: Path
    value: object


Change = SetValue | RenameKey | SetText | AddMember | AddElement


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits. Insertions at the same place keep their order; ValueError if two edits overlap."""
    parts = []
    done = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if start < done:
            raise ValueError(f"two edits overlap at offset {start}")
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])


def pointer(path: Path) -> str:
    """The JSON pointer (RFC 6901) of a path, as reports have it; "" is the whole document."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


class Lines:
    """The lines of a text, which end at \\n, \\r\\n or \\r. A byte order mark takes no column."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [1 if text.startswith(BOM) else 0, *(end.end() for end in LINE_END.finditer(text))]

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


def line_end(text: str, at: int) -> int:
    """Where the line that `at` is on ends, before its line break."""
    found = LINE_END.search(text, at)
    return found.start() if found else len(text)


def skip_space(text: str, at: int) -> int:
    """Behind the white space of JSON at `at`."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


class Node:
    """An object or an array at text[start:end]: `members` or `items`, never both.

    `shadowed` are the members that a later one with the same key hides, in the order of the text.
    """

    __slots__ = ("end", "items", "members", "shadowed", "start")

    def __init__(self, start: int, *, is_object: bool) -> None:
        self.start = start
        self.end = start
        self.members: dict[str, Member] = {}
        self.items: list[Child] | None = None if is_object else []
        self.shadowed: list[tuple[str, Member]] | None = None


# A string, number or literal is just (start, end): there are many of them.
Child = Node | tuple[int, int]
# The key with its quotes, and the value: (start of the key, end of the key, value).
Member = tuple[int, int, Child]


def bounds(child: Child) -> tuple[int, int]:
    """(start, end) of a value in the text."""
    return (child.start, child.end) if isinstance(child, Node) else child


def find(root: Child, path: Path) -> Child:
    """The place of the value at `path`; KeyError or IndexError where there is none."""
    child = root
    for step in path:
        child = member(child, step)[2] if isinstance(step, str) else item(child, step)
    return child


def member(parent: Child, key: str) -> Member:
    """The member `key` of an object; KeyError where there is none."""
    if not isinstance(parent, Node):
        raise KeyError(key)
    return parent.members[key]


def item(parent: Child, index: int) -> Child:
    """An element of an array, from 0; IndexError where there is none."""
    if not isinstance(parent, Node) or parent.items is None or index < 0:
        raise IndexError(index)
    return parent.items[index]
