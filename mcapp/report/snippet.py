"""Source lines with what matters underlined, as good compilers show them.

    4 |     "url": "http://example.com",
      |            ^^^^^^^^^^^^^^^^^^^^
    ...
    9 |     "url": "https://example.com"
      |     ----- the second one wins

A line that is wider than the terminal is cut around what is underlined; places too far apart for that show the same
line once each. A span over several lines is drawn from its first line to its last, with a bar beside what it holds.
"""

from collections.abc import Iterable
from typing import NamedTuple

from mcapp.document import Document
from mcapp.lint.model import Finding
from mcapp.report.underline import Mark, underline
from mcapp.terminal.cells import Window, around, fits, whole
from mcapp.terminal.console import Style
from mcapp.terminal.redact import mask

# Below this a line would be all ellipsis.
LEAST_ROOM = 12


class Source:
    """The lines of one document as they may be shown: masked, each once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines: dict[int, str] = {}

    def line(self, number: int) -> str:
        """Line `number`, as long as it is in the file; empty beyond the end."""
        if number not in self._lines:
            # Before anything is cut: half a key would look like none. Credentials may also follow their scheme on the
            # next line of a broken string.
            before = self._raw(number - 1)[-40:]
            self._lines[number] = mask(f"{before}\n{self._raw(number)}")[len(before) + 1 :]
        return self._lines[number]

    def _raw(self, number: int) -> str:
        try:
            return self._document.line(number) if number > 0 else ""
        except IndexError:
            return ""


class _Block(NamedTuple):
    """A span, its characters counted from 0 in each line; `end` is in the line `last`, exclusive."""

    first: int
    start: int
    last: int
    end: int


def snippet(
    finding: Finding, source: Source, style: Style, width: int, context: Iterable[int] = ()
) -> tuple[int, list[str]]:
    """How many digits the line numbers have, and the rows: an empty one, then numbers, source and underlines.

    Lines with nothing to underline are shown only if they are in `context`. A row is at most `width` columns wide,
    unless that leaves less than LEAST_ROOM for the source.
    """
    block = _block(finding, source)
    several = block.last > block.first
    marks: dict[int, list[Mark]] = {number: [] for number in (block.first, block.last, *context)}
    if not several:
        marks[block.first].append(Mark(block.start, block.end, primary=True))
    for related in finding.related:
        place = related.place
        end = place.end_column - 1 if place.end_line == place.line else len(source.line(place.line))
        marks.setdefault(place.line, []).append(Mark(place.column - 1, end, related.message))
    drawing = _Drawing(source, block if several else None, finding.severity, style, width, max(marks))
    return drawing.digits, drawing.rows(marks)


def _block(finding: Finding, source: Source) -> _Block:
    last, end = finding.end_line, finding.end_column - 1
    if end <= 0 and last > finding.line:  # up to and with a line's end
        last -= 1
        end = len(source.line(last))
    return _Block(finding.line, finding.column - 1, last, end)


class _Drawing:
    """One snippet in the making."""

    def __init__(
        self, source: Source, block: _Block | None, severity: str, style: Style, width: int, last: int
    ) -> None:
        self.source = source
        self.block = block
        self.severity = severity
        self.style = style
        self.digits = len(str(last))
        self.room = max(width - self.digits - 3 - (2 if block else 0), LEAST_ROOM)

    def rows(self, marks: dict[int, list[Mark]]) -> list[str]:
        result = [self.gutter()]
        before = 0
        for number in sorted(marks):
            missing = number - before - 1
            bar = self.bar("|" if self.inside(number) else " ")
            if before and missing == 1:
                result.extend(self.line(before + 1, [], bar))
            elif before and missing:
                result.append((self.style.frame("...") + " " * (self.digits - 1) + bar).rstrip())
            result.extend(self.line(number, marks[number], bar))
            before = number
        return result

    def line(self, number: int, marks: list[Mark], bar: str) -> list[str]:
        """A line, once for each part of it that is shown, and what is underlined in it."""
        line = self.source.line(number)
        edge = self.edge(number)
        result = []
        for window, part in _windows(line, [*edge, *marks], self.room):
            ends = [mark for mark in part if mark in edge]
            # A block that opens its line is hooked to the bar directly.
            hooked = bool(ends) and not self.inside(number) and not line[: ends[0].start].strip()
            result.append(self.row(window.text, self.bar("/") if hooked else bar, number))
            bar = self.bar("|") if hooked else bar
            labelled = [mark for mark in part if mark not in edge]
            below = underline(window, labelled, self.severity, self.style, self.room)
            result.extend(self.row(row, bar) for row in below)
            for mark in [] if hooked else ends:
                reach = "_" * (window.columns(mark.start, mark.end)[0] + 1)
                result.append(self.gutter() + bar + self.style.severity(self.severity, reach + "^"))
        return result

    def inside(self, number: int) -> bool:
        """Whether the block's bar reaches line `number` from above."""
        return self.block is not None and self.block.first < number <= self.block.last

    def edge(self, number: int) -> list[Mark]:
        """The character at which the block starts or ends, where it does so in this line."""
        if self.block is None or number not in (self.block.first, self.block.last):
            return []
        at = self.block.start if number == self.block.first else max(self.block.end - 1, 0)
        return [Mark(at, at + 1, primary=True)]

    def bar(self, char: str) -> str:
        """The column in which the block's bar is drawn; nothing where there is no block."""
        return "" if self.block is None else " " + (char if char == " " else self.style.severity(self.severity, char))

    def gutter(self, number: int | None = None) -> str:
        return self.style.frame(f"{'' if number is None else number:>{self.digits}} |")

    def row(self, text: str, bar: str, number: int | None = None) -> str:
        return f"{self.gutter(number)}{bar} {text}".rstrip()


def _windows(line: str, marks: list[Mark], room: int) -> list[tuple[Window, list[Mark]]]:
    """The parts of `line` that have to be shown, from left to right, each with its marks."""
    complete = whole(line, room) or (None if marks else around(line, 0, 0, room))
    if complete is not None:
        return [(complete, marks)]
    waiting = sorted(marks, key=lambda mark: (not mark.primary, mark.start))
    found = []
    while waiting:
        lead, *others = waiting
        start, end, part, waiting = lead.start, lead.end, [lead], []
        for mark in others:
            if fits(line, min(start, mark.start), max(end, mark.end), room):
                start, end = min(start, mark.start), max(end, mark.end)
                part.append(mark)
            else:
                waiting.append(mark)
        found.append((around(line, start, end, room), part))
    return sorted(found, key=lambda one: one[0].start)
