"""Tables: drawn by rich where a person looks, the same cells in plain columns in a pipe or a file."""

import re
from collections.abc import Sequence

from mcapp.terminal.cells import width as cell_width
from mcapp.terminal.console import Style
from mcapp.terminal.redact import mask

_GAP = 2  # columns between two cells
_INDENT = 4
_NARROW = 24  # columns: less is no room for prose, which then stands below its row
_ANSI = re.compile("\x1b\\[[0-9;]*m")


def table(
    rows: Sequence[Sequence[str] | str], headings: Sequence[str] = (), *, style: Style, width: int | None = None
) -> str:
    """`rows` in aligned columns under `headings`; a row that is one string is a heading between the others.

    Cells may be coloured by `style`. `width` is the terminal's, None in a pipe (`Console.fit` knows): then nothing is
    wrapped or cut. At a terminal the last column is wrapped at spaces, or put on lines of its own where that column
    would be too narrow; the others are never broken, so paths and codes stay whole.
    """
    head: list[Sequence[str] | str] = [[style.bold(each) for each in headings]] if headings else []
    # Masked before they are broken: of a key on two lines, neither half would be recognised.
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
    """By rich, with the last column in what room there is."""
    from io import StringIO

    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    room = width - sum(columns[:-1]) - _GAP * (len(columns) - 1)
    below = room < _NARROW
    console = Console(
        file=StringIO(),
        width=sum(columns) + _GAP * len(columns),
        force_terminal=style.on,
        color_system="standard" if style.on else None,
        legacy_windows=False,
        highlight=False,
    )

    def wrapped(cell: str, most: int) -> Text:
        """At spaces alone: a word that is longer than a line stays whole."""
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
