"""What `mcapp probe` prints and writes, whatever becomes of the run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mcapp.terminal.console import Console, is_terminal
from mcapp.terminal.format import Format, lazy, table

PLAN_FORMATS = table(
    Format("text", lazy("mcapp.scopes.formats.planned", "render_text"), people=True),
    Format("json", lazy("mcapp.scopes.formats.planned", "render_json"), machine=True),
)


@contextmanager
def progress(console: Console) -> Iterator[Callable[[int, int], None] | None]:
    """Count the answers on a terminal's stderr, on a line that is gone afterwards."""
    if console.quiet or not is_terminal(sys.stderr):
        yield None
        return

    def show(done: int, every: int) -> None:
        sys.stderr.write(f"\rprobing… {done} of {every}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
