"""A JSON text as data with a place for each piece of it. Whatever is not JSON is repaired before it comes here."""

from collections.abc import Callable, Set
from json.decoder import scanstring  # type: ignore[attr-defined]  # json's own: escapes mean the same everywhere
from typing import Any, NamedTuple

from mcapp.document.places import Path, Span
from mcapp.document.tokens import CLOSE, COMMA, KEYED, NUMBER, OPEN, STRING, TOKEN
from mcapp.document.tree import Child, Node, item

# Of more repeated keys than these, nobody reads the list.
_MANY = 1_000
_STRINGS = (STRING, KEYED)
_LITERALS = {"true": True, "false": False, "null": None}


class Reading(NamedTuple):
    """The data and the tree of places of a text.

    `repeats` are the keys that an object has more than once, as (path, where it stands again, where it stood before):
    the first of the `repeated`. `marked` are the paths of the objects and arrays that were asked for.
    """

    data: Any
    root: Child
    repeats: list[tuple[Path, Span, Span]]
    repeated: int
    marked: frozenset[Path]


def read_json(
    text: str, begin: int, place: Callable[[int, int], tuple[int, int]] | None = None, marks: Set[int] = frozenset()
) -> Reading:
    """Read text[begin:], which is one JSON value; no recursion, and time in proportion to the text.

    `place` says where a piece text[start:end] stands in the text that the tree is for, if that is another. `marks` are
    offsets in that text of brackets whose paths are wanted.
    """
    repeats: list[tuple[Path, Span, Span]] = []
    repeated = 0
    marked: set[Path] = set()
    data: Any = []
    node = document = Node(begin, is_object=False)
    key = ""
    key_span = (0, 0)
    outer: list[tuple[Any, Node, str]] = []

    def path() -> Path:
        """Where the open object or array stands in the data."""
        return tuple(len(inside) - 1 if isinstance(inside, list) else key for inside, _, key in outer[1:])

    for found in TOKEN.finditer(text, begin):
        kind = found.lastindex
        if kind == COMMA:
            continue
        end = found.end()
        if kind == CLOSE:
            node.end = place(end - 1, end)[1] if place else end
            data, node, _ = outer.pop()
            continue
        value: Any
        child: Child
        if kind == OPEN:
            is_object = text[end - 1] == "{"
            value = {} if is_object else []
            child = Node(place(end - 1, end)[0] if place else end - 1, is_object=is_object)
        elif kind in _STRINGS:
            start, stop = found.span(1)
            value = text[start:stop]
            if "\\" in value:
                value = scanstring(text, start)[0]
            span = place(start - 1, stop + 1) if place else (start - 1, stop + 1)
            if kind == KEYED:
                key, key_span = value, span
                continue
            child = span
        elif kind == NUMBER:
            start, stop = found.span(7)
            value = int(text[start:end]) if stop == end else float(text[start:end])
            child = place(start, end) if place else (start, end)
        else:
            start = found.start(9)
            value = _LITERALS[text[start:end]]
            child = place(start, end) if place else (start, end)
        if node.items is None:
            if key in data:
                before = node.hide(key)
                repeated += 1
                if len(repeats) < _MANY:
                    outer.append((data, node, key))
                    repeats.append((path(), Span(*key_span), Span(*before[:2])))
                    outer.pop()
            data[key] = value
            node.members[key] = (*key_span, child)
        else:
            data.append(value)
            node.items.append(child)
        if isinstance(child, Node):
            outer.append((data, node, key))
            data, node = value, child
            if child.start in marks:
                marked.add(path())
    return Reading(data[0], item(document, 0), repeats, repeated, frozenset(marked))
