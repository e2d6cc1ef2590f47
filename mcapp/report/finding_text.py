"""One finding, or one file that could not be read, as people see it: message, place, source lines, help.

    4 |     "url": "http://example.com",
      |            ^^^^^^^^^^^^^^^^^^^^
    ...
    9 |     "url": "https://example.com"
      |     ----- the second one wins

A line that is wider than the terminal is cut around what is underlined; places too far apart for that show the same
line once each. A span over several lines is drawn from its first line to its last, with a bar beside what it holds.

Below a line stands what is underlined in it, and what is said of each place:

    "name": "a", "name": "b"
    ------       ^^^^^^ the second one wins
    |
    first written here
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mcapp.document import Document
from mcapp.lint.model import SAFE, Finding
from mcapp.report.result import link
from mcapp.terminal.cells import Window, around, fits, hang, whole, wrap
from mcapp.terminal.cells import width as columns
from mcapp.terminal.console import Style, headed, visible
from mcapp.terminal.redact import mask

# Below this a line would be all ellipsis.
LEAST_ROOM = 12
# A label that would get less room than this beside its connector starts further left instead.
LEAST_LABEL = 24
# A source line that is wider is cut, also where nothing is wrapped: a minified document is a single line.
MOST_ROOM = 120


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


class Mark(NamedTuple):
    """A place in one line: characters [start:end], counted from 0. `^` if it is the finding's own, else `-`."""

    start: int
    end: int
    label: str = ""
    primary: bool = False


class _Drawn(NamedTuple):
    """A mark in columns of the window."""

    first: int
    last: int
    mark: Mark


# Texts of a row, coloured, each with its column.
_Inks = list[tuple[int, str]]


def underline(window: Window, marks: Sequence[Mark], severity: str, style: Style, room: int) -> list[str]:
    """The rows for `marks`, all of which are in the window; no row is wider than `room` if its words allow it."""
    drawn = [_Drawn(*window.columns(mark.start, mark.end), mark) for mark in marks]
    if not drawn:
        return []
    line = [" "] * max(one.last for one in drawn)
    for one in sorted(drawn, key=lambda one: one.mark.primary):
        line[one.first : one.last] = ("^" if one.mark.primary else "-") * (one.last - one.first)
    first_row: _Inks = []
    for run in re.finditer(r"\^+|-+", "".join(line)):
        first_row.append((run.start(), style.severity(severity, run[0]) if run[0][0] == "^" else style.frame(run[0])))
    hanging = sorted((one for one in drawn if one.mark.label), key=lambda one: (one.first, one.last))
    beside = max(hanging, key=lambda one: one.last, default=None)
    if beside and beside.last == len(line) and beside.last + 1 + columns(beside.mark.label) <= room:
        hanging.remove(beside)
        first_row.append((beside.last + 1, style.frame(beside.mark.label)))
    rows = [_row(first_row)]
    if hanging:
        rows.append(_row(_bars(hanging, style)))
    while hanging:
        one = hanging.pop()
        # A label that would get too little room below its place starts further left.
        column, needed = one.first, columns(one.mark.label)
        if column + needed > room and room - column < LEAST_LABEL:
            column = max(0, room - max(needed, 1))
        for text in wrap(one.mark.label, room - column, room - column):
            left = [bar for bar in _bars(hanging, style) if bar[0] + 1 < column]
            rows.append(_row([*left, (column, style.frame(text))]))
    return rows


def _bars(hanging: Sequence[_Drawn], style: Style) -> _Inks:
    return [(column, style.frame("|")) for column in sorted({one.first for one in hanging})]


def _row(inks: _Inks) -> str:
    row, at = "", 0
    for column, text in inks:
        row += " " * (column - at) + text
        at = column + columns(text)
    return row


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
        self.room = min(max(width - self.digits - 3 - (2 if block else 0), LEAST_ROOM), MOST_ROOM)

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


def finding_block(finding: Finding, source: Source | None, style: Style, width: int) -> str:
    """Message, place, source lines, help and fix; without `source` no lines. At most `width` columns, if possible."""
    code = link(finding.rule, finding.url, style)
    lines = headed(style.severity(finding.severity, f"{finding.severity}[{code}]"), finding.message, style, width)
    digits, rows = (len(str(finding.line)), []) if source is None else snippet(finding, source, style, width)
    place = f"{visible(finding.path)}:{finding.line}:{finding.column}"
    lines += [f"{' ' * digits}{style.frame('-->')} {place}", *rows]
    notes = []
    if finding.help and not (finding.fix and finding.fix.title == finding.help):
        notes.append(("help", finding.help))
    if finding.fix:
        option = "--fix" if finding.fix.safety == SAFE else "--unsafe-fixes"
        notes.append(("fix", f"{finding.fix.title} ({option})"))
    if notes and source is not None:
        lines.append(style.frame(" " * digits + " |"))
    for label, text in notes:
        head = f"{' ' * (digits + 1)}{style.frame('=')} {style.bold(f'{label}:')} "
        indent = columns(head)
        lines += hang(head, text, max(width, indent + 20), indent)
    return "\n".join(lines)
