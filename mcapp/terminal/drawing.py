"""What people look at, drawn by rich: tables, wrapped in their last column at a terminal, and progress of long work.

The only place that builds a rich Console.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

from mcapp.terminal.cells import width as cell_width
from mcapp.terminal.console import UNWRAPPED, Console, Style, is_terminal
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress, TaskID

_GAP = 2  # columns between two cells
_INDENT = 4
_NARROW = 24  # columns: with less room the last cell is printed below its row
_LONG = 0.5  # seconds before anything is drawn, so that a quick run does not import rich
_EVERY = 0.1  # seconds between two drawings


def table(
    rows: Sequence[Sequence[str] | str], headings: Sequence[str] = (), *, style: Style, width: int = UNWRAPPED
) -> str:
    """`rows` in aligned columns under `headings`; a row that is a string is a line between the rows, such as a heading.

    Cells may be coloured with `style`. In `width` columns (see `Console.fit`) the last column is wrapped at spaces, or
    printed below its row if it would be too narrow. The others are never broken, so that paths and codes stay whole.
    """
    head: list[Sequence[str] | str] = [[style.bold(each) for each in headings]] if headings else []
    # Masked before wrapping: a key that is broken into two lines would not be recognised.
    lines = [mask(row) if isinstance(row, str) else [mask(cell) for cell in row] for row in (*head, *rows)]
    full = [row for row in lines if not isinstance(row, str)]
    if not full:
        return "\n".join(line for line in lines if isinstance(line, str))
    columns = [max(cell_width(row[at]) if at < len(row) else 0 for row in full) for at in range(max(map(len, full)))]
    left = sum(columns[:-1]) + _GAP * (len(columns) - 1)
    fits = left + columns[-1] <= width
    room = width - left  # for the last column
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
                parts += [" " * _INDENT + line for line in _wrapped(last, width - _INDENT, style)]
    return "\n".join(parts)


def _wrapped(cell: str, most: int, style: Style) -> list[str]:
    """The lines of a cell, broken by rich at spaces only: a longer word stays whole."""
    from io import StringIO

    from rich.text import Text

    most = max(most, *map(cell_width, cell.split(" ")))
    console = _console(StringIO(), style, most)
    with console.capture() as captured:
        for line in Text.from_ansi(cell).wrap(console, most):
            console.print(line, no_wrap=True, crop=False)
    return [line.rstrip() for line in captured.get().removesuffix("\n").split("\n")]


@contextmanager
def progress(console: Console, label: str, unit: str = "") -> Iterator[Callable[[int, int | None], None]]:
    """Draw a progress bar, which is removed afterwards.

        with progress(console, "checking", "files") as show:
            show(done, total)    # a total of None: unknown

    `show` may be called often, but from one thread only. Nothing is drawn with --quiet.
    """
    drawn: Progress | None = None
    task: TaskID | None = None
    started = last = time.monotonic()

    def show(done: int, total: int | None) -> None:
        nonlocal drawn, task, last
        now = time.monotonic()
        if now - started < _LONG or now - last < _EVERY:
            return
        last = now
        if drawn is None or task is None:
            drawn = _bar(console, unit)
            task = drawn.add_task(label, total=total)
            drawn.start()
        drawn.update(task, completed=done, total=total)
        drawn.refresh()

    watched = is_terminal(sys.stderr) and not console.quiet
    try:
        yield show if watched else lambda _done, _total: None
    finally:
        if drawn is not None:
            with suppress(OSError):  # the terminal was closed; the work is done all the same
                drawn.stop()


def _bar(console: Console, unit: str) -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TextColumn(unit))
    # Without rich's own thread, which would slow down the work and could write between its lines.
    drawn_on = _console(sys.stderr, console.err_style, console.width)
    return Progress(*columns, TimeRemainingColumn(), console=drawn_on, transient=True, auto_refresh=False)


def _console(stream: TextIO, style: Style, width: int) -> "RichConsole":
    """A rich console that draws on `stream`, a terminal or a buffer for one; what it writes is masked.

    Importing it takes 14 ms, so only what is drawn for a person uses it.
    """
    from rich.console import Console as RichConsole

    return RichConsole(
        file=_Masked(stream),  # type: ignore[arg-type]  # it has the methods that rich calls
        force_terminal=style.on or is_terminal(stream),
        no_color=not style.on,
        color_system="standard" if style.on else None,
        width=width,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )


class _Masked:
    """A text stream that masks what is written to it; rich writes a whole drawing at a time."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(mask(text))

    def flush(self) -> None:
        self._stream.flush()

    def isatty(self) -> bool:
        return is_terminal(self._stream)

    @property
    def encoding(self) -> str:
        return self._stream.encoding or "utf-8"
