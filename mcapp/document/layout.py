"""How a file is laid out: indentation, line ends, spaces, escapes. What is written into it must look like the rest."""

import re
from functools import cached_property
from itertools import islice
from json import dumps

from mcapp.document.places import LINE_END, Child, Lines, Node, bounds

_SPACES = re.compile(r"[ \t]*+")
_INDENTED = re.compile(r"^([ \t]++)\S", re.MULTILINE)
_COLON = re.compile(r'"([ \t]*+:[ \t]*+)["\d{\[tfn-]')
_COMMA = re.compile(r'["\d}\]],([ \t]*+)["\d{\[-]')
_NON_ASCII_ESCAPE = re.compile(r"\\u(?!00[0-7])")
_SURROGATE = re.compile("[\ud800-\udfff]")


def entries(node: Node) -> list[tuple[int, int]]:
    """(start, end) of every member, from its key, or element, in the order of the text."""
    if node.items is not None:
        return [bounds(child) for child in node.items]
    members = [*node.members.values(), *(member for _, member in node.shadowed or ())]
    return sorted((start, bounds(child)[1]) for start, _, child in members)


class Layout:
    """The layout of one text, found out as far as it is asked for, and once: every fix of a file asks again."""

    def __init__(self, text: str, lines: Lines | None = None) -> None:
        self.text = text
        self._known = lines

    @cached_property
    def _lines(self) -> Lines:
        return self._known or Lines(self.text)

    def _line_start(self, offset: int) -> int:
        return self._lines.start(self._lines.number(offset))

    def indent(self, offset: int) -> str:
        """The white space that the line with `offset` begins with."""
        spaces = _SPACES.match(self.text, self._line_start(offset))
        return spaces.group() if spaces else ""

    def on_own_line(self, offset: int) -> bool:
        """Whether nothing but white space stands before `offset` on its line."""
        return self._line_start(offset) + len(self.indent(offset)) >= offset

    def spans_lines(self, child: Child) -> bool:
        """Whether a value begins and ends on different lines."""
        return bool(LINE_END.search(self.text, *bounds(child)))

    def line_end(self, offset: int) -> str:
        """The line end in use around `offset`: the one before it, else the next."""
        at = self._line_start(offset) - 1
        if at < 0 or self.text[at] not in "\r\n":
            return self._first_line_end
        return "\r\n" if self.text[at] == "\n" and self.text[at - 1 : at] == "\r" else self.text[at]

    @cached_property
    def _first_line_end(self) -> str:
        found = LINE_END.search(self.text)
        return found.group() if found else "\n"

    def unit(self, around: list[Node]) -> str:
        """What one level is indented by: as in the innermost of the nodes that shows it, else as in the file."""
        for node in reversed(around):
            # Not of the whole list: it would be made anew for every fix.
            first = [bounds(child) for child in node.items[:1]] if node.items is not None else entries(node)[:1]
            for start, _ in first:
                outer, inner = self.indent(node.start), self.indent(start)
                if self.on_own_line(start) and inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :]
        return self._first_indent

    @cached_property
    def _first_indent(self) -> str:
        found = _INDENTED.search(self.text)
        return found[1] if found else "  "

    @cached_property
    def colon(self) -> str:
        """The colon between key and value, with the spaces that this file puts around it."""
        return self._usual(_COLON) or ": "

    @cached_property
    def comma(self) -> str:
        """The comma between two values on one line, with the space after it."""
        found = self._usual(_COMMA)
        if found is not None:
            return "," + found
        return "," if _COLON.search(self.text) and not self.colon.endswith(" ") else ", "

    def _usual(self, pattern: re.Pattern[str]) -> str | None:
        """What the pattern's group is most often; of two that are equally frequent, the first."""
        found = [match[1] for match in islice(pattern.finditer(self.text), 100)]
        return max(found, key=found.count) if found else None

    def is_spread(self, node: Node, around: list[Node]) -> bool:
        """Whether the members or elements of a node stand on lines of their own, or would if it had any."""
        inside = entries(node)
        if inside:
            return self.on_own_line(inside[0][0]) and self.on_own_line(inside[-1][0])
        return not around or self.is_spread(around[-1], around[:-1])

    @cached_property
    def _ascii_only(self) -> bool:
        return self.text.isascii() and bool(_NON_ASCII_ESCAPE.search(self.text))

    def string(self, value: str) -> str:
        """A string as JSON: with plain characters unless the file has escaped them all so far."""
        return _encodable(dumps(value, ensure_ascii=not value.isascii() and self._ascii_only))

    def render(self, value: object, margin: str | None, step: str, eol: str) -> str:
        """A value as JSON: on one line, or, if `margin` is given, spread over lines that begin with it and `step`s."""
        if margin is None or not isinstance(value, dict | list) or not value:
            separators = (self.comma, self.colon)
            return _encodable(dumps(value, ensure_ascii=self._ascii_only, allow_nan=False, separators=separators))
        written = dumps(
            value, ensure_ascii=self._ascii_only, allow_nan=False, indent=step, separators=(",", self.colon)
        )
        return _encodable(written.replace("\n", eol + margin))


def _encodable(written: str) -> str:
    """JSON that can be encoded: half a surrogate pair cannot, except as an escape."""
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", written)
