"""Brackets that are never closed: what is said about them, and what would close them."""

from typing import NamedTuple

from mcapp.document import layout
from mcapp.document.lines import Lines
from mcapp.document.places import Edit, Span
from mcapp.document.reader import PAIRS, Frame

# So many brackets are named in a sentence.
_NAMED = 3


class Unclosed(NamedTuple):
    """Frames, innermost first, that end at text[at] without a bracket."""

    text: str
    lines: Lines
    frames: list[Frame]
    at: int

    @property
    def span(self) -> Span:
        """The innermost of the brackets."""
        start = self.frames[0].node.start
        return Span(start, start + 1)

    @property
    def cause(self) -> str:
        """Which they are, and where they were opened."""
        if len(self.frames) == 1:
            frame = self.frames[0]
            opened = f"opened on line {self.lines.number(frame.node.start)}"
            name = _name(frame)
            return f"{name}, {opened}, is never closed" if " of " in name else f"{name} {opened} is never closed"
        named = [f"{_name(frame)} (line {self.lines.number(frame.node.start)})" for frame in self.frames[:_NAMED]]
        more = f" and {len(self.frames) - _NAMED} more" if len(self.frames) > _NAMED else ""
        return f"{len(self.frames)} brackets are never closed: {', '.join(named)}{more}"

    @property
    def help(self) -> str:
        """What to add, and where."""
        closers = "".join(PAIRS[frame.opener] for frame in self.frames[:20])
        return f"add `{closers}` after line {self.lines.number(self.at)}"

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """The other brackets."""
        others = (frame.node.start for frame in self.frames[1:_NAMED])
        return tuple((Span(start, start + 1), "nor is this one") for start in others)

    def edits(self, *, comma: int | None, more: bool, same: bool) -> tuple[Edit, ...]:
        """Close them, each below the line that opened it.

        `comma` is where a comma stands behind the last value, if there is one; with `more` to come in the object or
        array around them it stays, or is added.
        """
        eol = layout.line_end(self.text, self.at)
        last_line = self.lines.number(self.at)
        new = ""
        for frame in self.frames:
            if self.lines.number(frame.node.start) < last_line:
                new += eol + layout.indent(self.text, frame.node.start)
            new += PAIRS[frame.opener]
        if more and comma is None:
            new += "," + (" " if same else "")
        gone = (Edit(comma, comma + 1, ""),) if comma is not None and not more else ()
        return (Edit(self.at, self.at, new), *gone)


def _name(frame: Frame) -> str:
    """`the `[` of `headers``."""
    return f"the `{frame.opener}`" + (f" of `{frame.key[:40]}`" if isinstance(frame.key, str) and frame.key else "")
