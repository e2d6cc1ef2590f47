"""The width of text on a terminal, with tabs, wide, combining and control characters; cutting and wrapping lines.

The width of ASCII text is its length. For other text `rich.cells` is imported when it is first needed (2 ms).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

# Letters, marks and symbols that are not seen: fillers, joiners, variation selectors.
UNSEEN = (
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U00016fe4\U0001d159"
    "\U000e0100-\U000e01ef]"
)
TAB = 4
ELLIPSIS = "\u2026"

# Characters that change how the one before them looks (variation selectors, skin tones). Terminals disagree about their
# width, so they are not printed.
_PRESENTATION = "[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef]"
# Colours and links.
_STYLED = r"\x1b(?:\[[0-9;]*m|\]8;;[^\x1b]*\x1b\\)"
# Quoted text counts as one word.
_WORD = r"""(?:`[^`]*`|"[^"]*"|\S)+"""


class Window(NamedTuple):
    """A part of a source line that fits the terminal: the printed `text` of `line[start:end]`.

    `cells` has the column (0-based) of each character of that part and of its end.
    """

    text: str
    start: int
    end: int
    cells: Sequence[int]

    def columns(self, start: int, end: int) -> tuple[int, int]:
        """The columns of the characters [start:end] of the line: at least one, and none outside the window."""
        first = self.cells[min(max(start, self.start), self.end) - self.start]
        last = width(self.text) if end > self.end else self.cells[max(end, self.start) - self.start]
        if last > first:
            return first, last
        # A combining character alone has the column of its base character; an empty range has the column where it is.
        return (first - 1, first) if end > start and first > 0 else (first, first + 1)


def symbol(char: str) -> str:
    """The character, or a symbol for one that is not seen."""
    if char.isprintable() and not re.match(UNSEEN, char):
        return char
    from unicodedata import category  # almost no text needs it

    if category(char) == "Zs":  # a space, of any width
        return char
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"<U+{code:04X}>"


def width(text: str) -> int:
    """The columns of `text`, which contains no control characters but those of colours and links."""
    if "\x1b" in text:
        text = re.sub(_STYLED, "", text)
    if text.isascii():
        return len(text)
    from rich.cells import get_character_cell_size

    return sum(map(get_character_cell_size, text))


def fits(line: str, start: int, end: int, room: int) -> bool:
    """Whether the characters [start:end] fit into a line that is cut to `room` columns."""
    return end - start <= 2 * room and sum(map(_most, line[start:end])) <= room - 2


def around(line: str, start: int, end: int, room: int) -> Window:
    """`line`, or as much as fits into `room` columns: characters [start:end], or their beginning, in the middle."""
    # The limit keeps a million characters without width from counting as short.
    if len(line) <= 4 * room and (shown := _window(line, 0, len(line))).cells[-1] <= room:
        return shown
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
        left += 1  # a combining character would combine with the ellipsis
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
    return "" if re.match(_PRESENTATION, char) else symbol(char)


def _most(char: str) -> int:
    """The most columns that `char` can take in any position."""
    if " " <= char <= "~":
        return 1
    return TAB if char == "\t" else width(_shown(char))


def wrap(text: str, first: int, rest: int) -> list[str]:
    """Break `text` into lines: `first` columns for the first line, `rest` for the others.

    Lines break at spaces, and inside quoted text only if it is wider than a line. Words are never broken, so that
    paths, URLs and codes stay whole.
    """
    if width(text) <= first:
        return [text]
    words: list[str] = []
    for word in re.findall(_WORD, text):
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


def hang(head: str, text: str, most: int, indent: int) -> list[str]:
    """`text` in lines of `most` columns (see `wrap`): the first behind `head`, the others indented."""
    first, *rest = wrap(text, most - width(head), most - indent)
    return [head + first, *(" " * indent + line for line in rest)]
