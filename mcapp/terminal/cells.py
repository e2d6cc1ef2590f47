"""How wide text is on a terminal, in cells: tabs, wide and combining characters, control characters; wrapping.

Plain ASCII is counted by `len`. For the rest `rich.cells` knows the widths; it is imported when first needed (2 ms).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mcapp.terminal.console import visible

TAB = 4
ELLIPSIS = "\u2026"

# Characters that only choose how the one before them looks (variation selectors, skin tones). Terminals disagree about
# their width, so they are left out: what remains is as wide everywhere.
_PRESENTATION = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]")
# What is quoted stays together.
_WORD = re.compile(r"""(?:`[^`]*`|"[^"]*"|\S)+""")


class Window(NamedTuple):
    """A piece of a line as it is shown: `line[start:end]`, cut to the terminal's width.

    `cells` has a column for each character of the piece, and one for the end of the text.
    """

    text: str
    start: int
    end: int
    cells: Sequence[int]

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters [start:end] of the line are shown; at least one column, the ends cut off if need be."""
        first = self.cells[min(max(start, self.start), self.end) - self.start]
        last = width(self.text) if end > self.end else self.cells[max(end, self.start) - self.start]
        if last > first:
            return first, last
        # Nothing but a combining character is shown at the character that carries it; an empty place where it is.
        return (first - 1, first) if end > start and first > 0 else (first, first + 1)


def width(text: str) -> int:
    """Columns that `text` takes, which has no control characters."""
    if text.isascii():
        return len(text)
    from rich.cells import get_character_cell_size

    return sum(map(get_character_cell_size, text))


def whole(line: str, room: int) -> Window | None:
    """All of `line`, or None if it needs more than `room` columns."""
    # A bound, so that a million characters of no width do not count as short.
    if len(line) > 4 * room:
        return None
    shown = _window(line, 0, len(line))
    return shown if shown.cells[-1] <= room else None


def fits(line: str, start: int, end: int, room: int) -> bool:
    """Whether the characters [start:end] can all be shown in a line that is cut to `room` columns."""
    return end - start <= 2 * room and sum(map(_most, line[start:end])) <= room - 2


def around(line: str, start: int, end: int, room: int) -> Window:
    """As much of `line` as fits into `room` columns, with the characters [start:end] in the middle.

    Where the place itself is wider than the room, its beginning is shown.
    """
    spare = room - 2  # an ellipsis at either end
    start = min(start, len(line))
    end = min(end, len(line), start + 2 * room)
    share = spare if fits(line, start, end, room) else spare * 3 // 4
    left = right = start
    while right < end and (cost := _most(line[right])) <= share:
        right, share, spare = right + 1, share - cost, spare - cost
    grown = True
    while grown and right - left < 4 * room:
        grown = False
        if left > 0 and (cost := _most(line[left - 1])) <= spare:
            left, spare, grown = left - 1, spare - cost, True
        if right < len(line) and (cost := _most(line[right])) <= spare:
            right, spare, grown = right + 1, spare - cost, True
    while 0 < left < start and not _most(line[left]):
        left += 1  # a combining character would sit on the ellipsis
    return _window(line, left, right)


def _window(line: str, start: int, end: int) -> Window:
    head = ELLIPSIS if start > 0 else ""
    tail = ELLIPSIS if end < len(line) else ""
    piece = line[start:end]
    at = len(head)
    if piece.isascii() and piece.isprintable():
        return Window(head + piece + tail, start, end, range(at, at + len(piece) + 1))
    parts, cells = [head], []
    for char in piece:
        shown = " " * (TAB - at % TAB) if char == "\t" else _shown(char)
        cells.append(at)
        parts.append(shown)
        at += width(shown)
    cells.append(at)
    return Window("".join(parts) + tail, start, end, cells)


def _shown(char: str) -> str:
    return "" if _PRESENTATION.match(char) else visible(char)


def _most(char: str) -> int:
    """The columns that `char` takes at most, wherever it stands."""
    if " " <= char <= "~":
        return 1
    return TAB if char == "\t" else width(_shown(char))


def wrap(text: str, first: int, rest: int) -> list[str]:
    """`text` broken into lines: the first has room for `first` columns, the others for `rest`.

    Breaks at spaces, and inside what is quoted only if that is wider than a line. No word is broken: a path, a URL or a
    code that is too long stays whole.
    """
    if width(text) <= first:
        return [text]
    words: list[str] = []
    for word in _WORD.findall(text):
        words.extend(word.split(" ") if width(word) > rest else [word])
    lines: list[str] = []
    line, used = "", 0
    for word in words:
        cost = width(word)
        if used and used + 1 + cost > (rest if lines else first):
            lines.append(line)
            line, used = word, cost
        elif used:
            line, used = f"{line} {word}", used + 1 + cost
        else:
            line, used = word, cost
    return [*lines, line]
