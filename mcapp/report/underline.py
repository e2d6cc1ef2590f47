"""The rows below a source line: what is underlined in it, and what is said of each place.

"name": "a", "name": "b"
------       ^^^^^^ the second one wins
|
first written here
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mcapp.terminal.cells import Window, width, wrap
from mcapp.terminal.console import Style

# A label that would get less room than this beside its connector starts further left instead.
LEAST_LABEL = 24


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


class _Ink(NamedTuple):
    """Something in a row, at a column."""

    column: int
    text: str
    paint: Callable[[str], str]


def underline(window: Window, marks: Sequence[Mark], severity: str, style: Style, room: int) -> list[str]:
    """The rows for `marks`, all of which are in the window; no row is wider than `room` if its words allow it."""
    drawn = [_Drawn(*window.columns(mark.start, mark.end), mark) for mark in marks]
    if not drawn:
        return []
    line = [" "] * max(one.last for one in drawn)
    for one in sorted(drawn, key=lambda one: one.mark.primary):
        line[one.first : one.last] = ("^" if one.mark.primary else "-") * (one.last - one.first)
    first_row = _runs("".join(line), severity, style)
    hanging = sorted((one for one in drawn if one.mark.label), key=lambda one: (one.first, one.last))
    beside = max(hanging, key=lambda one: one.last, default=None)
    if beside and beside.last == len(line) and beside.last + 1 + width(beside.mark.label) <= room:
        hanging.remove(beside)
        first_row.append(_Ink(beside.last + 1, beside.mark.label, style.frame))
    rows = [_row(first_row)]
    if hanging:
        rows.append(_row(_bars(hanging, style)))
    while hanging:
        one = hanging.pop()
        column, lines = _fit(one.mark.label, one.first, room)
        for text in lines:
            left = [bar for bar in _bars(hanging, style) if bar.column + 1 < column]
            rows.append(_row([*left, _Ink(column, text, style.frame)]))
    return rows


def _runs(line: str, severity: str, style: Style) -> list[_Ink]:
    """The underlines of a row, each run in its colour."""
    found: list[_Ink] = []
    start = 0
    for column in range(1, len(line) + 1):
        if column == len(line) or line[column] != line[start]:
            if line[start] == "^":
                found.append(_Ink(start, line[start:column], lambda text: style.severity(severity, text)))
            elif line[start] == "-":
                found.append(_Ink(start, line[start:column], style.frame))
            start = column
    return found


def _bars(hanging: Sequence[_Drawn], style: Style) -> list[_Ink]:
    return [_Ink(column, "|", style.frame) for column in sorted({one.first for one in hanging})]


def _fit(label: str, column: int, room: int) -> tuple[int, list[str]]:
    """Where a label below its place starts, and its lines."""
    if column + width(label) <= room:
        return column, [label]
    if room - column < LEAST_LABEL:
        column = max(0, room - max(width(label), 1))
    lines = wrap(label, room - column, room - column)
    return column, lines


def _row(inks: Sequence[_Ink]) -> str:
    parts, at = [], 0
    for ink in inks:
        parts.append(" " * (ink.column - at) + ink.paint(ink.text))
        at = ink.column + width(ink.text)
    return "".join(parts)
