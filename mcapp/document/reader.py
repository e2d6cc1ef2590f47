"""The fast half of reading with places: it takes what is right, and stops at the first token that is not.

No recursion, and time in proportion to the text. What stops it is the business of `repair.py`.
"""

import sys
from json.decoder import scanstring  # type: ignore[attr-defined]  # json's own: escapes mean the same everywhere
from typing import TYPE_CHECKING, Any

from mcapp.document.places import Path, Span
from mcapp.document.tokens import CLOSE, COLON, COMMA, KEYED, LITERALS, MAX_DIGITS, NUMBER, OPEN, TOKEN
from mcapp.document.tree import Child, Node

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

# What may come next. Up to FIRST_VALUE a value may, after that and up to FIRST_KEY a key.
VALUE = 0
FIRST_VALUE = 1  # after `[`
KEY = 2
FIRST_KEY = 3  # after `{`
AFTER_KEY = 4
AFTER_VALUE = 5
DONE = 6  # the document's one value is complete
LOST = 7  # the rest of this member or element makes no sense

# The bracket that closes each.
PAIRS = {"{": "}", "[": "]"}

NEVER = sys.maxsize
# Of more repeated keys than these, nobody reads the list.
_MANY = 1_000


class Frame:
    """An object or array that is being read; the outermost frame is not a bracket, but holds the document's value.

    `opener` is "{", "[", or "" where no bracket stands in the text; `closer` the bracket that ends it, or "" if that
    needs a second look. `key` is where the value stands in the frame around it. A value that is not `wanted` has no
    place there, and is read only to find its end. One that is `swapped` (not
    -1: how many complaints there were before) stands in the wrong kind of bracket.
    """

    __slots__ = ("closer", "data", "is_object", "key", "node", "opener", "swapped", "wanted")

    def __init__(self, opener: str, start: int, *, is_object: bool) -> None:
        self.opener = opener
        self.closer = PAIRS.get(opener, "")
        self.is_object = is_object
        self.node = Node(start, is_object=is_object)
        self.data: Any = {} if is_object else []
        self.key: str | int = 0
        self.wanted = True
        self.swapped = -1


class Reader:
    """Reads text[begin:] as far as it is right: `root.data[0]` is the value, `root.node.items[0]` its place.

    `stop` is an offset that has to be looked at before it is read. Brackets nest `max_depth` deep at most.
    """

    def __init__(self, text: str, begin: int, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.position = begin
        self.stop = NEVER
        self.state = VALUE
        self.root = self.frame = Frame("", begin, is_object=False)
        self.outer: list[Frame] = []
        self.key = ""
        self.key_span = (0, 0)
        self.value_end = begin  # where the last value, or the last opening bracket, ends
        self.comma = begin  # where the last comma stands
        # Keys that an object has more than once: (path, where it stands again, where it stood before).
        self.repeats: list[tuple[Path, Span, Span]] = []
        self.repeated = 0  # how many such keys there are; only the first are kept

    def advance(self) -> None:
        """Read on to the end of the text, or until something is wrong or has to be looked at."""
        text, stop, max_depth, outer = self.text, self.stop, self.max_depth, self.outer
        # The expression also matches nothing, so there is always a match.
        match: Callable[[str, int], re.Match[str]] = TOKEN.match  # type: ignore[assignment]
        position, state, value_end, comma = self.position, self.state, self.value_end, self.comma
        frame, key, key_span = self.frame, self.key, self.key_span
        data, node, is_object = frame.data, frame.node, frame.is_object
        after = AFTER_VALUE if outer else DONE
        value: Any
        while True:
            found = match(text, position)
            kind = found.lastindex
            end = found.end()
            if kind is None or end > stop:
                break
            if kind == COMMA:
                if state != AFTER_VALUE:
                    break
                comma = end - 1
                state = KEY if is_object else VALUE
            elif kind == COLON:
                if state != AFTER_KEY:
                    break
                state = VALUE
            elif kind == OPEN:
                if state > FIRST_VALUE or len(outer) >= max_depth:
                    break
                self.key, self.key_span = key, key_span
                frame = self.open(text[end - 1], end - 1)
                data, node, is_object = frame.data, frame.node, frame.is_object
                state = FIRST_KEY if is_object else FIRST_VALUE
                after = AFTER_VALUE
                value_end = end
            elif kind == CLOSE:
                if state not in (AFTER_VALUE, FIRST_KEY, FIRST_VALUE) or frame.closer != text[end - 1]:
                    break
                node.end = value_end = end
                frame = self.frame = outer.pop()
                data, node, is_object = frame.data, frame.node, frame.is_object
                state = after = AFTER_VALUE if outer else DONE
            else:
                if kind <= KEYED:
                    start, stop_quote = found.span(1)
                    value = text[start:stop_quote]
                    if "\\" in value:
                        value = scanstring(text, start)[0]
                    start -= 1
                    if kind == KEYED or state > FIRST_VALUE:
                        if state != KEY and state != FIRST_KEY:
                            break
                        key = value
                        key_span = (start, stop_quote + 1)
                        state = VALUE if kind == KEYED else AFTER_KEY
                        position = end
                        continue
                elif state > FIRST_VALUE:
                    break
                elif kind == NUMBER:
                    start = found.start(7)
                    if found.end(7) < end:
                        value = float(text[start:end])
                    elif end - start > MAX_DIGITS and end - start - (text[start] == "-") > MAX_DIGITS:
                        break
                    else:
                        value = int(text[start:end])
                else:
                    start = found.start(9)
                    value = LITERALS[text[start:end]]
                if is_object:
                    if key in data:
                        self.shadow(key, key_span)
                    data[key] = value
                    node.members[key] = (*key_span, (start, end))
                else:
                    data.append(value)
                    node.items.append((start, end))  # type: ignore[union-attr]  # an array's node has items
                state = after
                value_end = end
            position = end
        self.position, self.state, self.value_end, self.comma = position, state, value_end, comma
        self.key, self.key_span = key, key_span

    def put(self, value: object, child: Child) -> None:
        """Give the open object or array a value."""
        data, node = self.frame.data, self.frame.node
        if node.items is None:
            if self.key in data:
                self.shadow(self.key, self.key_span)
            data[self.key] = value
            node.members[self.key] = (*self.key_span, child)
        else:
            data.append(value)
            node.items.append(child)

    def open(self, opener: str, start: int, *, is_object: bool | None = None, wanted: bool = True) -> Frame:
        """Begin an object or array."""
        frame = Frame(opener, start, is_object=opener == "{" if is_object is None else is_object)
        frame.wanted = wanted
        frame.key = self.key if self.frame.is_object else len(self.frame.data)
        if wanted:
            self.put(frame.data, frame.node)
        self.outer.append(self.frame)
        self.frame = frame
        return frame

    def shadow(self, key: str, again: tuple[int, int]) -> None:
        """The object has had `key` before: the new member hides the old one, which keeps its place in the text."""
        node = self.frame.node
        if node.shadowed is None:
            node.shadowed = []
        before = node.members[key]
        node.shadowed.append((key, before))
        self.repeated += 1
        if len(self.repeats) < _MANY:
            self.repeats.append(((*self.path(), key), Span(*again), Span(*before[:2])))

    def path(self) -> Path:
        """Where the open object or array stands in the data."""
        return tuple(frame.key for frame in (*self.outer[2:], self.frame)) if len(self.outer) > 1 else ()
