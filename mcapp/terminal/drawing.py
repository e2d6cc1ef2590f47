"""What people look at: tables, unified diffs, and the progress of long work, which rich draws."""

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mcapp.terminal.cells import width as cell_width
from mcapp.terminal.cells import wrap
from mcapp.terminal.console import UNWRAPPED, Console, Style, fence, is_terminal, repository_path, visible
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
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
    count = max(map(len, full), default=0)
    columns = [max(cell_width(row[at]) if at < len(row) else 0 for row in full) for at in range(count)]
    left = sum(columns[:-1]) + _GAP * (count - 1)
    room = width - left  # for the last column
    parts: list[str] = []
    for number, row in enumerate(lines):
        if isinstance(row, str):
            parts.append(row)
            continue
        *cells, last = [*row, *[""] * (count - len(row))]
        before = "".join(
            cell + " " * (size - cell_width(cell) + _GAP) for cell, size in zip(cells, columns, strict=False)
        )
        first, *rest = wrap(last, room, room)
        if room >= min(_NARROW, columns[-1]) and max(map(cell_width, (first, *rest))) <= room:
            parts += [(before + first).rstrip(), *(" " * left + line for line in rest)]
        else:
            parts.append(before.rstrip())
            if last and not (headings and number == 0):
                parts += [" " * _INDENT + line for line in wrap(last, width - _INDENT, width - _INDENT)]
    return "\n".join(parts)


def unified(before: str | None, after: str, name: str) -> str:
    """The changes from `before` (None: a new file) to `after`; empty if the texts are equal.

    `patch` and `git apply` accept it, also where the final newline is missing.
    """
    from difflib import unified_diff

    path = repository_path(name).lstrip("/")
    old = "/dev/null" if before is None else f"a/{path}"
    # Split at line feeds only: a lone carriage return or a Unicode line separator belongs to its line.
    was, now = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before or "", after))
    lines = unified_diff(was, now, old, f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def print_diff(diff: str, console: Console) -> None:
    """Print a diff on stdout, coloured for people; in a pipe as `git apply` reads it, and a note where it cannot."""
    if console.style.on or is_terminal(sys.stdout):
        console.out(colored(diff, console.style))
        return
    text = readable(diff)
    console.out(text)
    if text != diff:
        console.say(
            "note: git cannot apply this diff, because keys are masked in it and unseen characters made visible"
        )


def readable(diff: str) -> str:
    """The diff with keys masked, and without characters and lines that a terminal or a CI runner would obey."""
    # Tabs stay, and a carriage return at the end of a line.
    return fence(re.sub(r"(?:[^\t\r\n]|\r(?!\n))+", lambda text: visible(text[0]), mask(diff)))


def colored(diff: str, style: Style) -> str:
    """The same for people, coloured."""
    paints = {"--- ": style.bold, "+++ ": style.bold, "@@": style.note, "-": style.removed, "+": style.added}
    lines = []
    for line in readable(diff).split("\n"):
        text = line.removesuffix("\r")
        lines.append(next((paint(text) for start, paint in paints.items() if text.startswith(start)), text))
    return "\n".join(lines)


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
            from rich.console import Console as RichConsole  # 14 ms: only for what takes long
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            drawn = Progress(
                *(TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn()),
                *(TextColumn(unit), TimeRemainingColumn()),
                console=RichConsole(
                    stderr=True,
                    force_terminal=True,
                    no_color=not console.err_style.on,
                    color_system="standard" if console.err_style.on else None,
                    legacy_windows=False,
                ),
                transient=True,
                auto_refresh=False,  # rich's own thread would slow down the work and could write between its lines
            )
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
