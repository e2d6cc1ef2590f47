"""The tolerant half of reading."""

from typing import NamedTuple

from mcapp.document.lines import Lines
from mcapp.document.model import Defect, Path, Span
from mcapp.document.reader import DONE, Reader
from mcapp.document.tree import Child


class Reading(NamedTuple):
    """What could be read of a text."""

    data: object
    root: Child | None
    wrapped: bool
    guessed: frozenset[Path]
    defects: tuple[Defect, ...]


def recover(text: str, begin: int, max_depth: int, lines: Lines) -> Reading:
    """Read a text, whatever is wrong with it."""
    reader = Reader(text, begin, max_depth)
    reader.advance()
    lines.number(begin)
    defects: tuple[Defect, ...] = ()
    if reader.state != DONE or text[reader.position :].strip():
        place = Span(reader.position, len(text))
        defects = (Defect("invalid-json", place, "the text cannot be read from here on"),)
    items = reader.root.node.items or []
    data = reader.root.data[0] if items else None
    return Reading(data, items[0] if items else None, wrapped=False, guessed=frozenset(), defects=defects)
