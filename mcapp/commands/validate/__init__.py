"""`mcapp validate`: check App JSON files."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from mcapp import config as configuration
from mcapp import search
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common
from mcapp.cli.output import Json, ReportWriter, format_option
from mcapp.commands.validate.each_file import Job, judge
from mcapp.errors import UsageProblem
from mcapp.lint.check import Settings, choose
from mcapp.report import FORMATS
from mcapp.report.result import Report
from mcapp.terminal.console import is_terminal
from mcapp.terminal.diffs import colored

KINDS = ("app", "auth", "request")


@help_page(
    examples="""
    mcapp validate app.json                      one file
    mcapp validate                               every App JSON below this folder
    mcapp validate - < app.json                  standard input
    mcapp validate app.json --fix                mend what is safe to mend
    mcapp validate app.json --unsafe-fixes --diff     show what all the fixes would do
    mcapp validate apps/ --output-format github --output-format sarif=mcapp.sarif
    """,
    exits={
        0: "no finding at the threshold",
        1: "findings at the threshold; with --diff: there are fixes",
    },
)
def validate(  # a command has as many parameters as options
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Files, folders, or - for standard input; nothing: this folder."),
    ] = None,
    as_kind: Annotated[
        str | None,
        typer.Option("--as", metavar="app|auth|request", help="Say what the input is, instead of letting it be seen."),
    ] = None,
    stdin_filename: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name that findings on standard input carry.")
    ] = None,
    output_format: Annotated[list[str] | None, format_option(FORMATS)] = None,
    json: Json = False,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="RULE,...", help="Check only these rules: codes, names, or the beginning of codes."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULE,...", help="Leave these rules out; stronger than --select.")
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(metavar="|".join(configuration.FAIL_ON), help="Exit with 1 from this severity on (error)."),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found.")] = False,
    fix_safe: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Apply the unsafe fixes too: they may change what the file means.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what the fixes would change and write nothing.")] = False,
) -> None:
    """Check App JSON files and say what is wrong, where, and how to mend it.

    Takes a whole App JSON, an `auth` object or a `request` block; a fragment pasted from the documentation too.
    Opens no socket and touches no key store.
    """
    shared = common(ctx)
    config = configuration.load(shared.config, isolated=shared.isolated)
    threshold = fail_on or config.fail_on
    if threshold not in configuration.FAIL_ON:
        raise UsageProblem(f"--fail-on is one of {', '.join(configuration.FAIL_ON)}, not {threshold!r}")
    if as_kind is not None and as_kind not in KINDS:
        raise UsageProblem(f"--as is one of {', '.join(KINDS)}, not {as_kind!r}")
    job = Job(
        settings=Settings(
            rules=choose(_words(select) or config.select, _words(ignore) or config.ignore),
            kind=as_kind,
            placeholders=config.placeholders,
        ),
        fail_on=threshold,
        stdin_name=stdin_filename or "-",
        fix=fix_safe or unsafe_fixes or diff,
        unsafe=unsafe_fixes,
        diff=diff,
    )
    writer = ReportWriter(
        ctx,
        FORMATS,
        output_format,
        json,
        failed=lambda error: Report(errors=(error.failure,), fail_on=threshold),
    )
    taken = diff or (job.fix and "-" in (paths or ()))
    if taken and writer.stdout is not None and not writer.stdout.people:
        name = writer.stdout.name
        busy = "--diff shows the fixes on" if diff else "with --fix and - the fixed text goes to"
        writer.done()
        raise UsageProblem(
            f"{busy} stdout, so the {name} report cannot go there",
            hint=f"write the report to a file: --output-format {name}=report.{name}",
        )
    judged = judge(search.find(paths or (), config), job, shared.console)
    report = judged.report
    if judged.diffs:
        text = "".join(judged.diffs)
        # For a person in colours and harmless; in a pipe as it is, so that `git apply` can take it.
        shown = shared.console.style.on or is_terminal(sys.stdout)
        shared.console.out(colored(text, shared.console.style) if shown else text)
    elif judged.stdin is not None and job.fix and not diff:
        shared.console.out_bytes(judged.stdin.raw)
    writer.write(report, aside=diff or (job.fix and judged.stdin is not None))
    if report.interrupted:
        raise typer.Exit(130)
    if report.errors:
        raise typer.Exit(2)
    raise typer.Exit(0 if exit_zero or (report.ok and not judged.diffs) else 1)


def _words(given: Sequence[str] | None) -> tuple[str, ...]:
    """Repeated and comma-separated words as one list."""
    return tuple(word.strip() for item in given or () for word in item.split(",") if word.strip())


command = build("validate", validate)
