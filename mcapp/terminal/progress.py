"""Progress of long work: a bar with the time left on stderr if that is a terminal, otherwise nothing."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mcapp.terminal.console import Console, is_terminal, rich_console

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LONG = 0.5  # seconds before anything is drawn, so that a quick run does not import rich
_EVERY = 0.1  # seconds between two drawings


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
    drawn_on = rich_console(sys.stderr, console.err_style, console.width)
    return Progress(*columns, TimeRemainingColumn(), console=drawn_on, transient=True, auto_refresh=False)
