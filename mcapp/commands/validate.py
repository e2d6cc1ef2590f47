"""`mcapp validate`: check App JSON files."""

from collections.abc import Sequence
from typing import Annotated

import typer

from mcapp import config as configuration
from mcapp import search
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common, completing
from mcapp.cli.output import Json, ReportWriter, format_option
from mcapp.errors import UsageProblem
from mcapp.lint.check import Settings, choose
from mcapp.lint.rules import ALL
from mcapp.report import FORMATS
from mcapp.report.result import Report
from mcapp.report.validation import Job
from mcapp.report.validation import validate as validate_files
from mcapp.terminal.diffs import print_diff
from mcapp.terminal.progress import progress

KINDS = ("app", "auth", "request")


def _rule_words() -> list[str]:
    return [word for rule in ALL for word in (rule.code, rule.name)]


@help_page(
    examples="""
    mcapp validate app.json                      one file
    mcapp validate                               every App JSON below this folder
    mcapp validate - < app.json                  standard input
    mcapp validate app.json --fix                apply the safe fixes
    mcapp validate app.json --unsafe-fixes --diff     show what every fix would change
    mcapp validate apps/ --output-format github --output-format sarif=mcapp.sarif
    """,
    exits={
        0: "no finding at the threshold",
        1: "findings at the threshold; with --diff: there are fixes",
    },
)
def validate(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Files, folders, or - for standard input. Default: this folder."),
    ] = None,
    as_kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            metavar="|".join(KINDS),
            help="What the input is, instead of finding it out.",
            autocompletion=completing(lambda: KINDS),
        ),
    ] = None,
    stdin_filename: Annotated[
        str | None, typer.Option(metavar="NAME", help="The file name to show in findings on standard input.")
    ] = None,
    output_format: Annotated[list[str] | None, format_option(FORMATS)] = None,
    json: Json = False,
    select: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE,...",
            help="Check only these rules: codes, names, or beginnings of codes.",
            autocompletion=completing(_rule_words),
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE,...",
            help="Skip these rules; takes precedence over --select.",
            autocompletion=completing(_rule_words),
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(configuration.FAIL_ON),
            help="Exit with 1 for findings of this severity or worse (error).",
            autocompletion=completing(lambda: configuration.FAIL_ON),
        ),
    ] = None,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 even if there are findings.")] = False,
    fix_safe: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes.")] = False,
    unsafe_fixes: Annotated[
        bool,
        typer.Option("--unsafe-fixes", help="Apply the unsafe fixes too, which may change the meaning; implies --fix."),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what the fixes would change and write nothing.")] = False,
) -> None:
    """Check App JSON files and say what is wrong, where, and how to fix it.

    Accepts a whole App JSON, an `auth` object, a `request` block, or a fragment pasted from the documentation.
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
    console = shared.console
    writer = ReportWriter(
        ctx, FORMATS, output_format, json, lambda error: Report(errors=(error.failure,), fail_on=threshold)
    )
    fixed_to_stdout = job.fix and not diff and "-" in (paths or ())
    if (diff or fixed_to_stdout) and writer.stdout is not None and not writer.stdout.people:
        name = writer.stdout.name
        writer.done()  # a mistake in the options is printed on stderr alone
        raise UsageProblem(
            f"{'--diff shows the fixes on' if diff else 'with --fix and - the fixed text goes to'} stdout, "
            f"so the {name} report cannot go there",
            hint=f"write the report to a file: --output-format {name}=report.{name}",
        )
    found = list(search.find(paths or (), config))
    writer.refuse_inputs(item.path for item in found)
    with progress(console, "checking", "files") as show:
        done = validate_files(found, job, show)
    if done.diffs:
        print_diff("".join(done.diffs), console)
    elif fixed_to_stdout and done.stdin is not None:
        console.out_bytes(done.stdin.raw)
    report = done.report
    writer.write(report, aside=diff or (fixed_to_stdout and done.stdin is not None))
    if report.interrupted:
        raise typer.Exit(130)
    if report.errors:
        raise typer.Exit(2)
    raise typer.Exit(0 if exit_zero or (report.ok and not done.diffs) else 1)


def _words(given: Sequence[str] | None) -> tuple[str, ...]:
    """Repeated and comma-separated words as one list."""
    return tuple(word.strip() for item in given or () for word in item.split(",") if word.strip())


command = build("validate", validate)
