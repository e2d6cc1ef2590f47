"""Progress of long work: a bar with the time left on stderr where a person looks, silence everywhere else."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from mcapp.terminal.console import Console, is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LONG = 0.5  # seconds after which waiting begins to feel long; a quicker run does not pay for importing rich
_EVERY = 0.1  # seconds between two drawings


@contextmanager
def progress(console: Console, label: str, unit: str = "") -> Iterator[Callable[[int, int | None], None]]:
    """Show how far the work is; what was drawn is gone afterwards.

        with progress(console, "checking", "files") as show:
            show(done, total)    # a total of None is not known: the bar only counts

    `show` may be called as often as convenient, from one thread. Nothing is drawn with --quiet or in a pipe.
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
        yield show if watched else _ignore
    finally:
        if drawn is not None:
            with suppress(OSError):  # the terminal went away: the work itself is done
                drawn.stop()


def _ignore(_done: int, _total: int | None) -> None:
    pass


def _bar(console: Console, unit: str) -> "Progress":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(30), MofNCompleteColumn(), TextColumn(unit))
    # Drawn by `show` alone: a thread that draws would take time from the work and write between its lines.
    return Progress(
        *columns, TimeRemainingColumn(), console=console.rich(stderr=True), transient=True, auto_refresh=False
    )
