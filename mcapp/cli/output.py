"""How a command reports: which formats go where, and how an error gets into a report.

`@command(formats=…)` gives a command `--output-format` and `--json`. It makes a writer: `ReportWriter` with a table of
its own formats, `ContentWriter` for a text or one JSON document, `EventWriter` for what is reported while it happens.
From then on an error that ends the run goes into every report for programs as well.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import product
from json import dumps
from typing import Any, Generic, NamedTuple, TypeVar

import typer

from mcapp import files
from mcapp.cli.command import common
from mcapp.errors import InputProblem, McappError, UsageProblem, suggestion
from mcapp.terminal.console import UNWRAPPED, Style, fence
from mcapp.terminal.format import Format, Table, failure_row, table
from mcapp.terminal.redact import mask

Report = TypeVar("Report")


NOTHING = Format("", lambda *_: "")


class Target(NamedTuple):
    """One report of a run: its format, and the file it goes to (None: stdout)."""

    format: Format
    path: str | None = None


def targets(ctx: typer.Context, formats: Table) -> tuple[Target, ...]:
    """What `--output-format` (repeated), `--json` and MCAPP_OUTPUT_FORMAT ask for, else text. Raises UsageProblem."""
    words = [*common(ctx).output_format, *(["json"] if common(ctx).json else [])]
    source = ""
    if not words:
        source = "MCAPP_OUTPUT_FORMAT: "
        variable = os.environ.get("MCAPP_OUTPUT_FORMAT", "")
        # The variable is set for every command, so a command ignores the formats that it does not have.
        words = [word for word in variable.split() if word.partition("=")[0] in formats]
    chosen: list[Target] = []
    for word in words:
        name, equals, path = word.partition("=")
        if name not in formats:
            hint = suggestion(name, formats, f"known formats: {', '.join(formats)}")
            raise UsageProblem(f"unknown output format {name!r}", hint=hint)
        if equals and not path:
            raise UsageProblem(f"{source}--output-format {name}= has no file name after the =")
        target = Target(formats[name], path or None)
        if target not in chosen:
            chosen.append(target)
    on_stdout = [target.format.name for target in chosen if target.path is None]
    if len(on_stdout) > 1:
        raise UsageProblem(
            f"{source}two reports cannot both go to stdout: {' and '.join(on_stdout)}",
            hint=f"give one of them a file: --output-format {on_stdout[1]}=report.{on_stdout[1]}",
        )
    paths = [os.path.normpath(target.path) for target in chosen if target.path]
    if len(paths) != len(set(paths)):
        raise UsageProblem(f"{source}two reports cannot go to the same file")
    return tuple(chosen) or (Target(formats["text"]),)


def on_stdout(chosen: Iterable[Target]) -> Format:
    """The format that stdout gets, or NOTHING."""
    return next((target.format for target in chosen if target.path is None), NOTHING)


class ReportWriter(Generic[Report]):
    """Where the reports of this run go. Make it once the options are understood: from then on errors go there too.

    `failed` makes the report of a run that an error ended.
    """

    def __init__(self, ctx: typer.Context, formats: Table, failed: Callable[[McappError], Report]) -> None:
        self._console = common(ctx).console
        self.targets = targets(ctx, formats)
        self._waiting = list(self.targets)
        self._failed = failed
        for value in (common(ctx).config, *ctx.params.values()):
            self.refuse_inputs(value if isinstance(value, list | tuple) else [value])
        common(ctx).failure = self.fail

    @property
    def stdout(self) -> Format:
        """The format that stdout gets, or NOTHING. Where it is for programs, nothing else may be printed there."""
        return on_stdout(self.targets)

    def refuse_inputs(self, names: Iterable[object]) -> None:
        """Raise UsageProblem if a report would replace one of these files, which the run reads or writes."""
        for target, name in product(self.targets, names):
            with suppress(OSError, ValueError):
                if target.path and isinstance(name, str) and os.path.samefile(name, target.path):  # noqa: PTH121  # as typed
                    self._waiting = []  # a mistake in the options is printed on stderr alone
                    raise UsageProblem(f"the {target.format.name} report would replace {name}, which this run uses")

    def check_files(self) -> None:
        """For a run that cannot be repeated: raise InputProblem before it starts if a report cannot be written."""
        for target in self.targets:
            if target.path is not None:
                files.exists(target.path)

    def write(self, report: Report, *, aside: bool = False) -> None:
        """Write every report, those in files first; `aside`: on stderr in place of stdout, which has other content.

        From then on an error is printed on stderr alone.
        Raises InputProblem for a file that cannot be written, after the other reports; a report for programs on stdout
        then holds this error instead.
        """
        waiting, self._waiting = self._waiting, []
        trouble: McappError | None = None
        for target in sorted(waiting, key=lambda target: target.path is None):
            if trouble and target.path is None and target.format.machine:
                self._waiting = [target]
                break
            try:
                if aside and target.path is None:
                    console = self._console
                    console.say(target.format.render(report, console.err_style, console.width))
                else:
                    self._send(target, report)
            except McappError as error:
                trouble = trouble or error
        summary = os.environ.get("GITHUB_STEP_SUMMARY")  # the file with the job summary of GitHub Actions
        for target in waiting:
            if summary and target.format.summary is not None:
                try:
                    markdown = target.format.summary(report, Style(on=False), UNWRAPPED)
                    files.append(summary, mask(markdown), name="the job summary")
                except InputProblem as error:
                    raise InputProblem(error.message, code="summary", path=summary) from None
        if trouble:
            raise trouble

    def fail(self, error: McappError) -> bool:
        """Put an error into the reports for programs that are not written yet; True if stdout is one of them."""
        waiting, self._waiting = self._waiting, []
        report = self._failed(error)
        printed = False
        for target in waiting:
            if target.format.machine:
                try:
                    self._send(target, report)
                    printed = printed or target.path is None
                except McappError as second:
                    if second.message != error.message:
                        self._console.error(second)
        return printed

    def _send(self, target: Target, report: Report) -> None:
        """Write one report; a file is written whole or not at all."""
        console = self._console
        if target.path is not None:
            text = mask(target.format.render(report, Style(on=False), UNWRAPPED))
            files.write(target.path, text if target.format.commands else fence(text))
            console.detail(f"wrote {target.format.name} to {target.path}")
        elif not (console.quiet and target.format.people):
            console.out(target.format.render(report, console.style, console.fit), commands=target.format.commands)


class Content(NamedTuple):
    """A report that is one JSON document, a text (which may depend on style and width), or lines of JSON."""

    document: dict[str, Any]
    text: str | Callable[[Style, int], str] = ""
    lines: Sequence[str] = ()

    def render(self, style: Style, width: int) -> str:
        """The text."""
        return self.text if isinstance(self.text, str) else self.text(style, width)


TEXT = Format("text", Content.render, people=True)
# In ASCII, so that no terminal or code page can damage it.
JSON = Format("json", lambda report, _style, _width: dumps(report.document, indent=2), machine=True)
JSONL = Format("jsonl", lambda report, _style, _width: "\n".join(report.lines), machine=True)


class ContentWriter(ReportWriter[Content]):
    """For a command whose report is a text or one JSON document.

    `empty` is the content of a report that has none; it is the frame of every report, an error's too.
    """

    formats = table(TEXT, JSON)

    def __init__(self, ctx: typer.Context, empty: Mapping[str, Any]) -> None:
        self._lines: list[str] = []
        self._frame = {"schema_version": 1, "command": ctx.command_path.removeprefix("mcapp "), "ok": False}
        self._empty = {**empty, "errors": []}
        super().__init__(ctx, self.formats, lambda error: self.content(_errors(error), ok=False))

    def emit(self, content: Mapping[str, Any], text: str | Callable[[Style, int], str], *, ok: bool = True) -> None:
        """Write the report: a JSON document with `content`, or `text`."""
        self.write(self.content(content, text, ok=ok))

    def content(self, content: Mapping[str, Any], text: str | Callable[[Style, int], str] = "", *, ok: bool) -> Content:
        """A report with this content."""
        return Content({**self._frame, "ok": ok, **self._empty, **content}, text, self._lines)


class EventWriter(ContentWriter):
    """For a command that reports things while they happen: at once in `text` and `jsonl`, at the end in `json`."""

    formats = table(TEXT, JSON, JSONL)

    def __init__(self, ctx: typer.Context, empty: Mapping[str, Any]) -> None:
        super().__init__(ctx, empty)
        self._texts: list[str] = []

    def event(self, kind: str, content: Mapping[str, Any]) -> None:
        """Add a line of jsonl."""
        self._lines.append(dumps({"schema_version": 1, "event": kind, **content}))
        if self.stdout is JSONL:
            self._console.out(self._lines[-1])

    def say(self, paint: Callable[[Style], str], *, apart: bool = False) -> None:
        """Add a part to the text; `apart`: after an empty line."""
        gap = "\n" if apart and self._texts else ""
        self._texts.append(gap + paint(Style(on=False)))
        if self.stdout is TEXT and not self._console.quiet:
            self._console.out(gap + paint(self._console.style))

    def finish(self, content: Mapping[str, Any], text: str, *, ok: bool, streamed: Collection[str]) -> None:
        """Write the last line, without the parts that were `streamed`, and the reports that are written as a whole."""
        self.event("end", {"ok": ok, **{name: value for name, value in content.items() if name not in streamed}})
        self.say(lambda _style: text, apart=True)
        self.emit(content, "\n".join(self._texts), ok=ok)

    def fail(self, error: McappError) -> bool:
        """As for every report; the last line of jsonl holds the error."""
        if self._waiting:
            self.event("end", {"ok": False, **self._empty, **_errors(error)})
        return super().fail(error)

    def _send(self, target: Target, report: Content) -> None:
        if target.path is not None or target.format is JSON:  # the others were printed as it happened
            super()._send(target, report)


def _errors(error: McappError) -> dict[str, Any]:
    return {"errors": [failure_row(error.failure)]}
