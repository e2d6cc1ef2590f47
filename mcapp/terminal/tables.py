"""Tables: aligned columns, with the last one wrapped by rich at a terminal."""

from collections.abc import Sequence

from mcapp.terminal.cells import width as cell_width
from mcapp.terminal.console import Style, rich_console
from mcapp.terminal.redact import mask

_GAP = 2  # columns between two cells
_INDENT = 4
_NARROW = 24  # columns: with less room the last cell is printed below its row


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
    columns = [max(cell_width(row[at]) if at < len(row) else 0 for row in full) for at in range(max(map(len, full)))]
    left = sum(columns[:-1]) + _GAP * (len(columns) - 1)
    fits = width is None or left + columns[-1] <= width
    whole = width or 0
    room = whole - left  # for the last column
    parts: list[str] = []
    for number, row in enumerate(lines):
        if isinstance(row, str):
            parts.append(row)
            continue
        *cells, last = [*row, *[""] * (len(columns) - len(row))]
        before = "".join(
            cell + " " * (size - cell_width(cell) + _GAP) for cell, size in zip(cells, columns, strict=False)
        )
        if fits:
            parts.append((before + last).rstrip())
        elif room >= _NARROW:
            first, *rest = _wrapped(last, room, style)
            parts += [(before + first).rstrip(), *(" " * left + line for line in rest)]
        else:
            parts.append(before.rstrip())
            if last and not (headings and number == 0):
                parts += [" " * _INDENT + line for line in _wrapped(last, whole - _INDENT, style)]
    return "\n".join(parts)


def _wrapped(cell: str, most: int, style: Style) -> list[str]:
    """The lines of a cell, broken by rich at spaces only: a longer word stays whole."""
    from io import StringIO

    from rich.text import Text

    most = max(most, *map(cell_width, cell.split(" ")))
    console = rich_console(StringIO(), style, most)
    with console.capture() as captured:
        for line in Text.from_ansi(cell).wrap(console, most):
            console.print(line, no_wrap=True, crop=False)
    return [line.rstrip() for line in captured.get().removesuffix("\n").split("\n")]
