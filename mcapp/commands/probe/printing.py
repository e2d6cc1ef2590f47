"""What `mcapp probe` prints and writes, whatever becomes of the run."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mcapp.cli import formats
from mcapp.cli.base import Common
from mcapp.errors import McappError, UsageProblem
from mcapp.scopes.formats import FORMATS, MACHINE
from mcapp.scopes.plan import Plan
from mcapp.scopes.report import Failure, ProbeReport
from mcapp.terminal.console import Console, Style, is_terminal


class Output:
    """Where this run's report goes. From its making on, an error that ends the run is reported there too."""

    def __init__(self, shared: Common, targets: Sequence[formats.Target], base_url: str) -> None:
        self._shared = shared
        self._targets = tuple(targets)
        self._base_url = base_url
        shared.failure = self._fail

    def report(self, report: ProbeReport) -> None:
        """Print and write the report. What goes wrong afterwards is said on stderr alone."""
        self._write(self._targets, report)
        targets, self._targets = self._targets, ()
        if any(target.name == "github" for target in targets):
            markdown = FORMATS["markdown"]
            formats.append_summary(lambda: markdown(report, Style(on=False), 80))

    def plan(self, plan: Plan) -> None:
        """Print and write what `--dry-run` shows. Raises UsageProblem for a format that has no form for it."""
        from mcapp.scopes.formats.planned import render_json, render_text

        console = self._shared.console
        for target in self._targets:
            if target.name not in ("text", "json"):
                self._targets = ()
                raise UsageProblem(f"--dry-run has no {target.name} report", hint="it prints text or json")
        formats.write(
            self._targets,
            lambda name, style: render_json(plan) if name == "json" else render_text(plan, style, console.width),
            console,
        )
        self._targets = ()

    def _write(self, targets: Sequence[formats.Target], report: ProbeReport) -> None:
        console = self._shared.console
        for target in targets:
            if target.name == "github" and target.path is None and console.quiet:
                continue  # it is meant for people too
            formats.write([target], lambda name, style: FORMATS[name](report, style, console.width), console)

    def _fail(self, error: BaseException) -> bool:
        """Report an error in every report for programs; whether stdout is one, so that no more need be said."""
        if not isinstance(error, McappError):
            return False
        machine = [target for target in self._targets if target.name in MACHINE]
        failure = Failure(error.code, error.message, error.hint, error.path)
        report = ProbeReport(base_url=self._base_url, errors=(failure,), failed=error.exit_code)
        self._targets = ()
        self._write(machine, report)
        return any(target.path is None for target in machine)


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
