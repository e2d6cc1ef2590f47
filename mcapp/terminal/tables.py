"""Tables: drawn by rich at a terminal, the same cells in plain columns in a pipe or a file."""

import re
from collections.abc import Sequence

from mcapp.terminal.cells import width as cell_width
from mcapp.terminal.console import Style, rich_console
from mcapp.terminal.redact import mask

_GAP = 2  # columns between two cells
_INDENT = 4
_NARROW = 24  # columns: with less room the last cell is printed below its row
_ANSI = re.compile("\x1b\\[[0-9;]*m")


def table(
    rows: Sequence[Sequence[str] | str], headings: Sequence[str] = (), *, style: Style, width: int | None = None
) -> str:
    """`rows` in aligned columns under `headings`; a row that is a string is a line between the rows, such as a heading.

    Cells may be coloured with `style`. `width` is the terminal's width in columns, or None in a pipe, where nothing is
    wrapped (`Console.fit` gives the right one). At a terminal the last column is wrapped at spaces, or printed below
    its row if it would be too narrow. The other columns are never broken, so that paths and codes stay whole.
    """
    head: list[Sequence[str] | str] = [[style.bold(each) for each in headings]] if headings else []
    # Masked before wrapping: a key that is broken into two lines would not be recognised.
    lines = [mask(row) if isinstance(row, str) else [mask(cell) for cell in row] for row in (*head, *rows)]
    full = [row for row in lines if not isinstance(row, str)]
    if not full:
        return "\n".join(line for line in lines if isinstance(line, str))
    columns = [max(_width(row[at]) if at < len(row) else 0 for row in full) for at in range(max(map(len, full)))]
    left = sum(columns[:-1]) + _GAP * (len(columns) - 1)
    if width is not None and left + columns[-1] > width:
        return _drawn(lines, columns, style, width, headed=bool(headings))
    parts = []
    for row in lines:
        if isinstance(row, str):
            parts.append(row)
            continue
        padded = [cell + " " * (size - _width(cell)) for cell, size in zip(row, columns, strict=False)]
        parts.append((" " * _GAP).join(padded).rstrip())
    return "\n".join(parts)


def _drawn(
    lines: Sequence[Sequence[str] | str], columns: Sequence[int], style: Style, width: int, *, headed: bool
) -> str:
    """The table by rich, with the last column wrapped."""
    from io import StringIO

    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    room = width - sum(columns[:-1]) - _GAP * (len(columns) - 1)
    below = room < _NARROW
    console = rich_console(StringIO(), style, sum(columns) + _GAP * len(columns))

    def wrapped(cell: str, most: int) -> Text:
        """Wrapped at spaces only: a longer word stays whole."""
        longest = max(map(_width, cell.split(" ")))
        return Text("\n").join(line for line in Text.from_ansi(cell).wrap(console, max(most, longest)))

    drawing = Table.grid(padding=(0, _GAP, 0, 0))
    drawings: list[Table | Text | Padding] = [drawing]
    for number, row in enumerate(lines):
        if isinstance(row, str):
            drawing = Table.grid(padding=(0, _GAP, 0, 0))
            drawings += Text.from_ansi(row), drawing
            continue
        if not drawing.columns:
            for size in columns[:-1]:
                drawing.add_column(min_width=size, no_wrap=True)
            if not below:
                drawing.add_column(no_wrap=True)
        *cells, last = [*row, *[""] * (len(columns) - len(row))]
        drawing.add_row(*map(Text.from_ansi, cells), *([] if below else [wrapped(last, room)]))
        if below and last and not (headed and number == 0):
            text = wrapped(last, width - _INDENT)
            drawing = Table.grid(padding=(0, _GAP, 0, 0))
            drawings += Padding(text, (0, 0, 0, _INDENT)), drawing
    with console.capture() as captured:
        for each in drawings:
            if isinstance(each, Table) and not each.rows:
                continue
            console.print(each, no_wrap=True, crop=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def _width(cell: str) -> int:
    return cell_width(_ANSI.sub("", cell))
