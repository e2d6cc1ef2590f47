"""A strict parser of tokens that keeps nothing but its state, and weighs how well what it reads fits what is expected.

The state is a value: the search for a repair goes back to any of the last ones and reads on from there with an edit.
"""

import re
from collections import deque
from collections.abc import Mapping
from types import NoneType
from typing import NamedTuple, Protocol

from mcapp.document.places import MAX_DEPTH
from mcapp.document.reader import (
    BEGINS,
    CLOSE,
    COLON,
    COMMA,
    DOUBLE,
    KEYED,
    MAX_DIGITS,
    NUMBER,
    OPEN,
    SINGLE,
    STRING,
    TOKEN,
)

# What may come next.
VALUE = 0
FIRST_VALUE = 1  # after `[`
KEY = 2
FIRST_KEY = 3  # after `{`
AFTER_KEY = 4
AFTER_VALUE = 5
DONE = 6  # the document's one value is complete
_BEFORE_KEY = (KEY, FIRST_KEY)
_BEFORE_CLOSER = (AFTER_VALUE, FIRST_KEY, FIRST_VALUE)

_STRINGS = (STRING, KEYED)
_TWO_HEADERS = re.compile(r"[,;]\s*[A-Za-z][\w-]*:\s")
# A typographic quote before punctuation: more than one string, perhaps.
_QUOTED_MORE = re.compile(rf"[{DOUBLE}] *[,:\]}}]")
# A quote at one end of a string alone: it was to end there.
_HALF_QUOTED = re.compile(rf"['`{SINGLE}{DOUBLE}][^'`{SINGLE}{DOUBLE}]*+|[^{DOUBLE}]*+[{DOUBLE}]")
_PLAIN_KEY = re.compile(r"(?! )[\w$. -]*+(?<! )")
_PUNCTUATION = rf"[{{}}\[\]():,;='`{SINGLE}]"
_GARBLED_KEY = re.compile(rf"[{DOUBLE}]|\\\"|^['`{SINGLE}]|['`{SINGLE}]$|{_PUNCTUATION} *{_PUNCTUATION}")
# The end of another string and what follows it, or the beginning of another and what is before it.
_GARBLED = re.compile(rf"['`{SINGLE}{DOUBLE}]\s*[}}\],:][}}\],:\s]*\Z|[}}\]]\s*,\s*['`{SINGLE}{DOUBLE}]")

# What each mismatch weighs, in the same unit as the costs of edits.
WRONG_KIND = 2.0
ELSEWHERE = 3.0  # a key that is known in an object around this one, or twice here
UNKNOWN_KEY = 1.0
LACKING = 1.0
SUSPICIOUS_TEXT = 1.0
INDENTATION = 0.6
GARBLED = 10.0  # a key or string with punctuation in it that can only be the text's own
MIXED = 0.5  # elements of several kinds in an array


class Shape(Protocol):
    """What is expected at one place of a document: a node of mcapp.appjson.app_schema, which this room does not know.

    `types` are the classes that a value may have, `properties` the members of an object (none: any key will do),
    `required` those it must have; `values` is the shape of its other members, `items` that of an array's entries.
    """

    @property
    def types(self) -> frozenset[type]: ...  # noqa: D102  # said above, as of the others
    @property
    def properties(self) -> "Mapping[str, Shape]": ...  # noqa: D102
    @property
    def required(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def values(self) -> "Shape | None": ...  # noqa: D102
    @property
    def items(self) -> "Shape | None": ...  # noqa: D102


class Expected(NamedTuple):
    """What a document probably is: `first` has its shape for each key that may come first in it.

    A string of the shape `header` is one line of an HTTP header.
    """

    first: Mapping[str, Shape] = {}
    header: Shape | None = None


class Level(NamedTuple):
    """The open object or array.

    It is in `outer`; its bracket stands at `start`, the state before that was `opened`. `line` is the indentation of
    the line with the bracket (-1: it is the document itself, without a bracket).
    """

    outer: "Level | None" = None
    opened: "State | None" = None
    is_object: bool = False
    start: int = -1
    shape: Shape | None = None
    line: int = -1
    depth: int = 0

    @property
    def closer(self) -> str:
        """The bracket that closes it."""
        return "}" if self.is_object else "]"

    def open(self) -> "list[Level]":
        """It and those around it, from the innermost outwards, but not the document itself."""
        return [] if self.outer is None else [self, *self.outer.open()]


class State(NamedTuple):
    """Before the token at or after text[pos].

    `current` is the shape of the value that comes; `seen` the keys that the open object has, or the types of what is in
    the open array; `last` the state before the bracket that opened what was closed last in it. `content` is the
    indentation of what is inside (-1: not known), `margin` that of the present line. `entry`: where the text of the
    open object's last member begins, ~where if it is the first. `weight`: what did not fit so far.
    """

    pos: int
    expect: int = VALUE
    level: Level = Level()
    current: Shape | None = None
    seen: frozenset[object] = frozenset()
    last: "State | None" = None
    key: str = ""
    entry: int = 0
    content: int = -1
    margin: int = 0
    weight: float = 0.0


Trace = deque[tuple[object, ...]]


class Machine:
    """The parser; `header` is the shape of a string that is one line of an HTTP header."""

    def __init__(self, header: Shape | None) -> None:
        self.header = header

    def run(  # one loop: a call for each token would double its time
        self, text: str, state: State, stop: int, trace: Trace | None = None, suspects: list[list[State]] | None = None
    ) -> State:
        """Read text from `state` to the first token that ends at or after `stop`, or up to one that is wrong.

        `trace` gets the state before each token, the wrong one's included; `suspects` copies of it where something does
        not fit, so that a bracket which was lost there can be found when the text ends.
        """
        pos, expect, level, current, seen, last, key, entry, content, margin, weight = state
        outer, _, is_object, _, shape, line, depth = level
        match = TOKEN.match
        value_type: type
        while pos < stop:
            if trace is not None:
                trace.append((pos, expect, level, current, seen, last, key, entry, content, margin, weight))
            found = match(text, pos)
            if found is None:
                break
            kind = found.lastindex
            end = found.end()
            if kind == COMMA:
                if expect != AFTER_VALUE:
                    break
                expect = KEY if is_object else VALUE
                current = None if is_object or shape is None else shape.items
                pos = end
                continue
            if kind == COLON:
                if expect != AFTER_KEY:
                    break
                expect = VALUE
                pos = end
                continue
            begin = found.start(BEGINS[kind])  # type: ignore[index]  # each alternative has a group
            misfit = 0.0
            if begin > pos:
                line_break = text.rfind("\n", pos, begin)
                if line_break >= 0:
                    margin = begin - line_break - 1
                    if kind == CLOSE:
                        if margin != line >= 0:
                            misfit += INDENTATION
                    elif content < 0:
                        content = margin
                        if margin <= line:
                            misfit += INDENTATION
                    elif margin != content:
                        misfit += INDENTATION
            if kind == CLOSE:
                if expect not in _BEFORE_CLOSER or outer is None or text[begin] != ("}" if is_object else "]"):
                    break
                if shape is not None and shape.required:
                    misfit += LACKING * sum(name not in seen for name in shape.required)
                last = level.opened
                _, _, level, _, seen, _, key, entry, content, _, _ = last  # type: ignore[misc]  # it was opened
                outer, _, is_object, _, shape, line, depth = level
                current = None
                expect = AFTER_VALUE if outer is not None else DONE
            elif kind == KEYED or (kind == STRING and expect in _BEFORE_KEY):
                if expect not in _BEFORE_KEY:
                    break
                key = text[begin + 1 : found.end(1) - 1]
                entry = pos if expect == KEY else ~pos
                expect = VALUE if kind == KEYED else AFTER_KEY
                current = None if shape is None else shape.properties.get(key, shape.values)
                if shape is not None and shape.properties:
                    if current is None:
                        misfit += ELSEWHERE if _known_around(outer, key) else UNKNOWN_KEY
                    elif key in seen:
                        misfit += ELSEWHERE
                    seen |= {key}
                if not (key.isidentifier() or _PLAIN_KEY.fullmatch(key)):
                    misfit += GARBLED if _GARBLED_KEY.search(key) else SUSPICIOUS_TEXT
            elif expect > FIRST_VALUE:
                break
            else:
                if kind == OPEN:
                    if depth >= MAX_DEPTH:
                        break
                    value_type = dict if text[begin] == "{" else list
                elif kind == STRING:
                    value_type = str
                    misfit += self._text(text[begin + 1 : found.end(1) - 1], current)
                elif kind == NUMBER:
                    digits = end - begin - (text[begin] == "-")
                    if digits > MAX_DIGITS and found.end(7) == end:
                        break
                    value_type = int
                else:
                    value_type = NoneType if text[begin] == "n" else bool
                if current is not None and value_type not in current.types:
                    misfit += WRONG_KIND
                if not is_object:
                    if seen and (len(seen) > 1 or value_type not in seen):
                        misfit += MIXED
                    seen |= {value_type}
                if kind == OPEN:
                    opened = State(pos, expect, level, current, seen, last, key, entry, content, margin, weight)
                    is_object, line, depth, outer = value_type is dict, margin, depth + 1, level
                    shape = current if current is not None and value_type in current.types else None
                    level = Level(outer, opened, is_object, begin, shape, line, depth)
                    current = None if is_object or shape is None else shape.items
                    seen, last, content = frozenset(), None, -1
                    expect = FIRST_KEY if is_object else FIRST_VALUE
                else:
                    expect = AFTER_VALUE if outer is not None else DONE
            if misfit:
                weight += misfit
                if suspects is not None and trace is not None and len(suspects) < 6:
                    suspects.append([State(*each) for each in trace])  # type: ignore[arg-type]  # the fields of a State
            pos = end
        return State(pos, expect, level, current, seen, last, key, entry, content, margin, weight)

    def _text(self, value: str, shape: Shape | None) -> float:
        """What a string weighs: it may be two, or have punctuation from around it."""
        weight = 0.0
        if value and (value[0] in ",: " or _GARBLED.search(value)):
            weight += GARBLED
        elif value and value[-1] in ",:[{ ":
            weight += SUSPICIOUS_TEXT
        if not value.isascii() and _QUOTED_MORE.search(value):
            weight += SUSPICIOUS_TEXT
        if _HALF_QUOTED.fullmatch(value):
            weight += WRONG_KIND
        if shape is not None and shape is self.header:
            if ":" not in value:
                weight += SUSPICIOUS_TEXT
            elif _TWO_HEADERS.search(value):
                weight += WRONG_KIND
        return weight


def _known_around(level: Level | None, key: str) -> bool:
    """Whether an object around this one has `key`."""
    while level is not None:
        if level.shape is not None and key in level.shape.properties:
            return True
        level = level.outer
    return False
