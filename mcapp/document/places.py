"""What reading a text yields: places, defects of the text, and edits. Plain tuples; nothing here knows a rule."""

from collections.abc import Iterable
from typing import NamedTuple

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
