"""How a file is laid out: indentation, line ends, spaces, escapes. What is written into it must look like the rest."""

import re
from collections.abc import Callable
from itertools import islice
from json import dumps
from typing import TypeVar, TypeVarTuple

from mcapp.document.lines import Lines
from mcapp.document.tree import Child, Node, bounds

_SPACES = re.compile(r"[ \t]*+")
_LINE_END = re.compile(r"\r\n?|\n")
_INDENTED = re.compile(r"^([ \t]++)\S", re.MULTILINE)
_COLON = re.compile(r'"([ \t]*+:[ \t]*+)["\d{\[tfn-]')
_COMMA = re.compile(r'["\d}\]],([ \t]*+)["\d{\[-]')
_NON_ASCII_ESCAPE = re.compile(r"\\u(?!00[0-7])")
_SURROGATE = re.compile("[\ud800-\udfff]")

More = TypeVarTuple("More")
Answer = TypeVar("Answer")


def _kept(ask: Callable[[str, *More], Answer]) -> Callable[[str, *More], Answer]:
    """Keep what was found out about the last text: every fix of a file asks for it again.

    `lru_cache` would compare megabytes at each call where two texts are equal and not the same.
    """
    kept: dict[tuple[*More], tuple[str, Answer]] = {}

    def answer(text: str, *more: *More) -> Answer:
        if more not in kept or kept[more][0] is not text:
            kept[more] = text, ask(text, *more)
        return kept[more][1]

    return answer


def entries(node: Node) -> list[tuple[int, int]]:
    """(start, end) of every member, from its key, or element, in the order of the text."""
    if node.items is not None:
        return [bounds(child) for child in node.items]
    members = [*node.members.values(), *(member for _, member in node.shadowed or ())]
    return sorted((start, bounds(child)[1]) for start, _, child in members)


def indent(text: str, offset: int) -> str:
    """The white space that the line with `offset` begins with."""
    spaces = _SPACES.match(text, _line_start(text, offset))
    return spaces.group() if spaces else ""


def on_own_line(text: str, offset: int) -> bool:
    """Whether nothing but white space stands before `offset` on its line."""
    start = _line_start(text, offset)
    return start + len(indent(text, offset)) >= offset


def line_end(text: str, offset: int) -> str:
    """The line end in use around `offset`: the one before it, else the next."""
    at = _line_start(text, offset) - 1
    if at < 0 or text[at] not in "\r\n":
        return _first_line_end(text)
    return "\r\n" if text[at] == "\n" and text[at - 1 : at] == "\r" else text[at]


@_kept
def _first_line_end(text: str) -> str:
    found = _LINE_END.search(text)
    return found.group() if found else "\n"


def unit(text: str, around: list[Node]) -> str:
    """What one level is indented by: as in the innermost of the nodes that shows it, else as in the file."""
    for node in reversed(around):
        # Not the whole list: it would be made anew for every fix.
        for start, _ in [bounds(child) for child in node.items[:1]] if node.items is not None else entries(node)[:1]:
            outer, inner = indent(text, node.start), indent(text, start)
            if on_own_line(text, start) and inner.startswith(outer) and inner != outer:
                return inner[len(outer) :]
    return _indented(text)


@_kept
def _indented(text: str) -> str:
    found = _INDENTED.search(text)
    return found[1] if found else "  "


def colon(text: str) -> str:
    """The colon between key and value, with the spaces that this file puts around it."""
    return _usual(text, _COLON) or ": "


def comma(text: str) -> str:
    """The comma between two values on one line, with the space after it."""
    found = _usual(text, _COMMA)
    if found is not None:
        return "," + found
    return "," if _COLON.search(text) and not colon(text).endswith(" ") else ", "


@_kept
def _usual(text: str, pattern: re.Pattern[str]) -> str | None:
    """What the pattern's group is most often; of two that are equally frequent, the first."""
    found = [match[1] for match in islice(pattern.finditer(text), 100)]
    return max(found, key=found.count) if found else None


def is_spread(text: str, node: Node, around: list[Node]) -> bool:
    """Whether the members or elements of a node stand on lines of their own, or would if it had any."""
    inside = entries(node)
    if inside:
        return on_own_line(text, inside[0][0]) and on_own_line(text, inside[-1][0])
    return not around or is_spread(text, around[-1], around[:-1])


def is_closed(text: str, node: Node) -> bool:
    """Whether the node has both its brackets."""
    return node.end - node.start > 1 and text[node.start] + text[node.end - 1] in ("{}", "[]")


def string(text: str, value: str) -> str:
    """A string as JSON, for a file with this text: with plain characters unless it has escaped them all so far."""
    literal = dumps(value, ensure_ascii=not value.isascii() and _escapes(text))
    # Nothing can encode half a surrogate pair.
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", literal)


def render(text: str, value: object, margin: str | None, step: str, eol: str) -> str:
    """A value as JSON: on one line, or, if `margin` is given, spread over lines that begin with it and `step`s."""
    ascii_only = _escapes(text)
    if margin is None or not isinstance(value, dict | list) or not value:
        written = dumps(value, ensure_ascii=ascii_only, allow_nan=False, separators=(comma(text), colon(text)))
    else:
        written = dumps(value, ensure_ascii=ascii_only, allow_nan=False, indent=step, separators=(",", colon(text)))
        written = written.replace("\n", eol + margin)
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", written)


def spans_lines(text: str, child: Child) -> bool:
    """Whether a value begins and ends on different lines."""
    return bool(_LINE_END.search(text, *bounds(child)))


@_kept
def _escapes(text: str) -> bool:
    return text.isascii() and bool(_NON_ASCII_ESCAPE.search(text))


def _line_start(text: str, offset: int) -> int:
    lines = _lines(text)
    return lines.start(lines.number(offset))


@_kept
def _lines(text: str) -> Lines:
    return Lines(text)
