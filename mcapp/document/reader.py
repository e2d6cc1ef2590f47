"""A JSON text as data with a place for each piece of it, and what JSON is made of: one expression for all its tokens.

Characters are repeated possessively, so that no text makes it try twice; whatever it refuses is left to `repair/`,
before the text comes here.
"""

import re
import sys
from collections.abc import Callable, Sequence, Set
from json.decoder import scanstring  # type: ignore[attr-defined]  # json's own: escapes mean the same everywhere
from typing import Any, NamedTuple

from mcapp.document.places import Child, Node, Path, Span, item

# The kinds of token are the groups of TOKEN: `match.lastindex` is the kind.
STRING = 1  # a string in double quotes
KEYED = 2  # such a string together with the colon after it
OPEN = 3
CLOSE = 4
COMMA = 5
COLON = 6
NUMBER = 8  # group 7 is the integer part, group 8 the rest, empty for an integer
LITERAL = 9
# The group that each of them begins with.
BEGINS = {STRING: 1, KEYED: 1, OPEN: 3, CLOSE: 4, NUMBER: 7, LITERAL: 9}

# The lookaheads refuse what can only be a mistake, although its beginning is fine: `01` and `1.` (no JSON numbers),
# `{{x}}` and `[[x]]` (a placeholder without quotes). The groups are not possessive, because none of them can match
# differently a second time.
TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        ("[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*")(?:[ \t\n\r]*+(:))?
      | (\{(?!\{)|\[(?!\[[ ]*+(?!(?:true|false|null)\b)[A-Za-z_]))
      | ([}\]])
      | (,)
      | (:)
      | (-?+(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?(?:[eE][-+]?+[0-9]++)?)(?![\w.+-])
      | (true|false|null)(?![\w$-])
    )""",
    re.VERBOSE,
)

# Python converts no longer integers from text (CVE-2020-10735); 4,300 unless the environment asks for fewer.
MAX_DIGITS = min(4300, sys.get_int_max_str_digits() or 4300)


def beginning(piece: str) -> str:
    """The beginning of the first line of `piece`, in backticks. No word is cut: half a key would not be masked."""
    line = "".join(piece.splitlines()[:1])
    short = line if len(line) <= 40 else line[:41].rpartition(" ")[0]
    return f"`{short}…`" if len(short) < len(piece) else f"`{short}`"


# Quotes that are not the straight double one. The lone surrogates are the bytes that Windows-1252 has for them, in a
# file that is not UTF-8.
DOUBLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02\udc93\udc94\udc84"
SINGLE = "\u2018\u2019\u201a\u201b\u2039\u203a\udc91\udc92\udc82"
# What can begin a string, or was meant to.
OPENING = "\"'`" + DOUBLE + SINGLE

_UNIT = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a surrogate pair is one character
    r'|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
    r"|.",
    re.DOTALL,
)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescape(content: str) -> str:
    """The characters that the inside of a literal stands for; a wrong escape stands for itself."""
    return _UNIT.sub(_character, content) if "\\" in content else content


def _character(unit: re.Match[str]) -> str:
    found = unit.group()
    if len(found) == 1:
        return found
    if len(found) == 2:
        return ESCAPES.get(found[1], found[1])
    if len(found) == 6:
        return chr(int(found[2:], 16))
    return chr(0x10000 + ((int(found[2:6], 16) - 0xD800) << 10) + int(found[8:], 16) - 0xDC00)


def offsets(text: str, literal: Span) -> Sequence[int]:
    """Where each character of a string stands, given where its literal does; the last one is where they end."""
    begin = literal.start + (text[literal.start] in OPENING)
    if text.find("\\", begin, literal.end) < 0:
        return range(begin, literal.end + 1)
    return [*(unit.start() for unit in _UNIT.finditer(text, begin, literal.end)), literal.end]


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
            value = text[start + 1 : stop - 1]
            if "\\" in value:
                value = scanstring(text, start + 1)[0]
            span = place(start, stop) if place else (start, stop)
            if kind == KEYED:
                key, key_span = value, span
                continue
            child = span
        else:
            start = found.start(BEGINS[kind])  # type: ignore[index]  # each alternative has a group
            piece = text[start:end]
            number = int if found.end(7) == end else float
            value = _LITERALS[piece] if kind == LITERAL else number(piece)
            child = place(start, end) if place else (start, end)
        if node.items is None:
            if key in data:
                before = node.members[key]
                node.shadowed = node.shadowed or []
                node.shadowed.append((key, before))
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
