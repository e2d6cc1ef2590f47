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
from mcapp.terminal.cells import Window, around, fits, hang, wrap
from mcapp.terminal.cells import width as columns
from mcapp.terminal.console import Style, headed, visible
from mcapp.terminal.redact import mask

# Below this a line would be all ellipsis.
LEAST_ROOM = 12
# A label that would get less room than this beside its connector starts further left instead.
LEAST_LABEL = 24
# A source line that is wider is cut, also where nothing is wrapped: a minified document is a single line.
MOST_ROOM = 120


class Source(dict[int, str]):
    """The lines of one document as they may be shown, by number: masked, each once; empty beyond the end."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document

    def __missing__(self, number: int) -> str:
        # Before anything is cut: half a key would look like none. Credentials may also follow their scheme on the next
        # line of a broken string.
        before = self._raw(number - 1)[-40:]
        self[number] = mask(f"{before}\n{self._raw(number)}")[len(before) + 1 :]
        return self[number]

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


class Snippet:
    """The source lines of a finding, with what is underlined in them. `digits` is the room for line numbers.

    Lines with nothing to underline are shown only if they are in `context`. A row is at most `width` columns wide,
    unless that leaves less than LEAST_ROOM for the source.
    """

    def __init__(self, finding: Finding, source: Source, style: Style, width: int, context: Iterable[int] = ()) -> None:
        self.source = source
        self.style = style
        self.severity = finding.severity
        first, start = finding.line, finding.column - 1
        last, end = finding.end_line, finding.end_column - 1
        if end <= 0 and last > first:  # up to and with a line's end
            last -= 1
            end = len(source[last])
        self.marks: dict[int, list[Mark]] = {number: [] for number in (first, last, *context)}
        # Of a span over several lines: the lines that its bar reaches from above, and the characters at its ends.
        self.inside = range(first + 1, last + 1)
        self.ends: dict[int, Mark] = {}
        if self.inside:
            self.ends = {
                first: Mark(start, start + 1, primary=True),
                last: Mark(max(end - 1, 0), max(end, 1), primary=True),
            }
        else:
            self.marks[first].append(Mark(start, end, primary=True))
        for message, _, place in finding.related:
            end = place.end_column - 1 if place.end_line == place.line else len(source[place.line])
            self.marks.setdefault(place.line, []).append(Mark(place.column - 1, end, message))
        self.digits = len(str(max(self.marks)))
        self.room = min(max(width - self.digits - 3 - (2 if self.ends else 0), LEAST_ROOM), MOST_ROOM)

    def rows(self) -> list[str]:
        """An empty row, then numbers, source and underlines."""
        result = [self._gutter()]
        before = 0
        for number in sorted(self.marks):
            missing = number - before - 1
            bar = self._bar("|" if number in self.inside else " ")
            if before and missing == 1:
                result += self._line(before + 1, bar)
            elif before and missing:
                result.append((self.style.frame("...") + " " * (self.digits - 1) + bar).rstrip())
            result += self._line(number, bar)
            before = number
        return result

    def _line(self, number: int, bar: str) -> list[str]:
        """A line, once for each part of it that is shown, and what is underlined in it."""
        line, end = self.source[number], self.ends.get(number)
        marks = self.marks.get(number, [])
        result = []
        for window, part in _windows(line, marks if end is None else [end, *marks], self.room):
            edge = end if end in part else None
            # A block that opens its line is hooked to the bar directly.
            hooked = edge is not None and number not in self.inside and not line[: edge.start].strip()
            result.append(self._row(window.text, self._bar("/") if hooked else bar, number))
            bar = self._bar("|") if hooked else bar
            result += [self._row(row, bar) for row in self._underlines(window, [one for one in part if one != edge])]
            if edge is not None and not hooked:
                reach = "_" * (window.columns(*edge[:2])[0] + 1)
                result.append(self._gutter() + bar + self.style.severity(self.severity, reach + "^"))
        return result

    def _underlines(self, window: Window, marks: Sequence[Mark]) -> list[str]:
        """The rows for `marks`, all of which are in the window; none is wider than the room if its words allow it."""
        if not marks:
            return []
        style = self.style
        spots = [(*window.columns(mark.start, mark.end), mark) for mark in marks]
        line = [" "] * max(last for _, last, _ in spots)
        for first, last, mark in sorted(spots, key=lambda spot: spot[2].primary):
            line[first:last] = ("^" if mark.primary else "-") * (last - first)
        row = [
            (run.start(), style.severity(self.severity, run[0]) if run[0][0] == "^" else style.frame(run[0]))
            for run in re.finditer(r"\^+|-+", "".join(line))
        ]
        hanging = sorted((spot for spot in spots if spot[2].label), key=lambda spot: spot[:2])
        beside = max(hanging, key=lambda spot: spot[1], default=None)
        if beside and beside[1] == len(line) and len(line) + 1 + columns(beside[2].label) <= self.room:
            hanging.remove(beside)
            row.append((len(line) + 1, style.frame(beside[2].label)))
        rows = [_joined(row)]
        if hanging:
            rows.append(_joined(self._connectors(hanging)))
        while hanging:
            column, _, mark = hanging.pop()
            needed = columns(mark.label)
            # A label that would get too little room below its place starts further left.
            if column + needed > self.room and self.room - column < LEAST_LABEL:
                column = max(0, self.room - max(needed, 1))
            left = [each for each in self._connectors(hanging) if each[0] + 1 < column]
            texts = wrap(mark.label, self.room - column, self.room - column)
            rows += [_joined([*left, (column, style.frame(text))]) for text in texts]
        return rows

    def _connectors(self, hanging: Iterable[tuple[int, int, Mark]]) -> list[tuple[int, str]]:
        return [(column, self.style.frame("|")) for column in sorted({spot[0] for spot in hanging})]

    def _bar(self, char: str) -> str:
        """The column in which the block's bar is drawn; nothing where there is no block."""
        if not self.ends:
            return ""
        return " " + (char if char == " " else self.style.severity(self.severity, char))

    def _gutter(self, number: int | None = None) -> str:
        return self.style.frame(f"{'' if number is None else number:>{self.digits}} |")

    def _row(self, text: str, bar: str, number: int | None = None) -> str:
        return f"{self._gutter(number)}{bar} {text}".rstrip()


def _joined(texts: Iterable[tuple[int, str]]) -> str:
    """A row of texts, each with its column."""
    row, at = "", 0
    for column, text in texts:
        row += " " * (column - at) + text
        at = column + columns(text)
    return row


def _windows(line: str, marks: list[Mark], room: int) -> list[tuple[Window, list[Mark]]]:
    """The parts of `line` that have to be shown, from left to right, each with its marks."""
    shown = around(line, 0, 0, room)
    if not marks or shown.end - shown.start == len(line):
        return [(shown, marks)]
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
    drawn = Snippet(finding, source, style, width) if source is not None else None
    digits = drawn.digits if drawn else len(str(finding.line))
    place = f"{visible(finding.path)}:{finding.line}:{finding.column}"
    lines += [f"{' ' * digits}{style.frame('-->')} {place}", *(drawn.rows() if drawn else ())]
    notes = []
    if finding.help and not (finding.fix and finding.fix.title == finding.help):
        notes.append(("help", finding.help))
    if finding.fix:
        option = "--fix" if finding.fix.safety == SAFE else "--unsafe-fixes"
        notes.append(("fix", f"{finding.fix.title} ({option})"))
    if notes and drawn:
        lines.append(style.frame(" " * digits + " |"))
    for label, text in notes:
        head = f"{' ' * (digits + 1)}{style.frame('=')} {style.bold(f'{label}:')} "
        indent = columns(head)
        lines += hang(head, text, max(width, indent + 20), indent)
    return "\n".join(lines)
