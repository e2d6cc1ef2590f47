"""`--output-format NAME[=PATH]`, `--json`, MCAPP_OUTPUT_FORMAT: which reports a run writes, and where."""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mcapp.errors import InputProblem, UsageProblem, nearest
from mcapp.terminal.console import Console, Style
from mcapp.terminal.redact import mask

HELP = "Write the report as NAME; with =PATH into that file. Repeatable; one of them may lack a path."


class Target(NamedTuple):
    """One report: its format, and the file it goes to (None: stdout)."""

    name: str
    path: str | None = None


def targets(given: Sequence[str], names: Iterable[str], *, json: bool, default: str = "text") -> tuple[Target, ...]:
    """What `--output-format` (repeated), `--json` and MCAPP_OUTPUT_FORMAT ask for. Raises UsageProblem."""
    known = list(names)
    words = list(given)
    if json:
        words.append("json")
    source = ""
    if not words:
        source = "MCAPP_OUTPUT_FORMAT: "
        variable = os.environ.get("MCAPP_OUTPUT_FORMAT", "")
        # The variable speaks for every command, also for those that do not know its format.
        words = [word for word in variable.split() if word.partition("=")[0] in known]
    chosen: list[Target] = []
    for word in words:
        name, equals, path = word.partition("=")
        if name not in known:
            meant = nearest(name, known)
            raise UsageProblem(
                f"there is no output format {name!r}",
                hint=f"did you mean {meant}?" if meant else f"there are: {', '.join(known)}",
            )
        if equals and not path:
            raise UsageProblem(f"{source}--output-format {name}= names no file")
        target = Target(name, path or None)
        if target not in chosen:
            chosen.append(target)
    without = [target.name for target in chosen if target.path is None]
    if len(without) > 1:
        raise UsageProblem(
            f"{source}two reports cannot both go to stdout: {' and '.join(without)}",
            hint=f"give one of them a file: --output-format {without[1]}=report.{without[1]}",
        )
    paths = [os.path.normpath(target.path) for target in chosen if target.path]
    if len(paths) != len(set(paths)):
        raise UsageProblem(f"{source}two reports cannot go to the same file")
    return tuple(chosen) or (Target(default),)


def write(chosen: Iterable[Target], render: Callable[[str, Style], str], console: Console) -> None:
    """Write each report; `render(name, style)` makes the text. A file is written whole or not at all.

    `--quiet` silences what is meant for people; a report for a program was asked for by name and is still written.
    """
    for target in chosen:
        if target.path is not None:
            from mcapp.files import write as write_file

            write_file(target.path, mask(render(target.name, Style(on=False))))
            console.detail(f"wrote {target.name} to {target.path}")
        elif not (console.quiet and target.name in ("text", "concise")):
            console.out(render(target.name, console.style))


def append_summary(render: Callable[[], str]) -> None:
    """The job summary of GitHub Actions: a file that every step appends to, where GITHUB_STEP_SUMMARY names one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    from mcapp.files import append

    text = mask(render())
    try:
        append(path, text, name="the job summary")
    except InputProblem as error:
        raise InputProblem(error.message, code="summary", path=path) from None
