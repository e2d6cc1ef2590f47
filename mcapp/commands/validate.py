"""`mcapp validate`: check App JSON files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import typer

from mcapp import config as configuration
from mcapp import search
from mcapp.cli.command import argument, command, common, flag, option, split_words
from mcapp.cli.output import ReportWriter, on_stdout, targets
from mcapp.errors import UsageProblem
from mcapp.files import MOST_OF_A_DOCUMENT
from mcapp.lint.check import Settings, choose
from mcapp.lint.rules import NAMES
from mcapp.report import FORMATS
from mcapp.report.result import Report
from mcapp.report.validation import Job
from mcapp.report.validation import validate as validate_files
from mcapp.terminal.console import Console
from mcapp.terminal.drawing import print_diff, progress
from mcapp.terminal.format import plural

UNUSED = "unused-suppression"
COUNTING = ("text", "concise", "json")


@command(
    formats=FORMATS,
    examples="""
    mcapp validate app.json                      one file
    mcapp validate                               every App JSON below this folder
    git show HEAD:app.json | mcapp validate -    standard input
    mcapp validate app.json --fix                apply the safe fixes
    mcapp validate app.json --unsafe-fixes --diff     show what every fix would change
    mcapp validate apps/ --output-format github --output-format sarif=mcapp.sarif
    mcapp validate --suppress-all --reason "before the relaunch"     accept what is there, report what is new
    """,
    exits={0: "no finding at the threshold", 1: "findings at the threshold; with --diff: there are fixes"},
)
def validate(
    ctx: typer.Context,
    paths: list[str] | None = argument("[PATH]...", "Files, folders, or - for standard input. Default: this folder."),
    as_kind: Literal["request", "auth", "app"] | None = option(
        "request|auth|app", "What the input is, instead of finding it out.", "--as"
    ),
    stdin_filename: str | None = option("NAME", "The file name to show in findings on standard input."),
    select: list[str] | None = option(
        "RULE,...", "Check only these rules: codes, names, or beginnings of codes.", words=NAMES
    ),
    ignore: list[str] | None = option("RULE,...", "Skip these rules; takes precedence over --select.", words=NAMES),
    fail_on: str | None = option(
        "|".join((*configuration.FAIL_ON, UNUSED)),
        "Exit with 1 for findings of this severity or worse (error); with "
        "unused-suppression also if an entry of [[suppress]] matches nothing or has expired.",
        words=(*configuration.FAIL_ON, UNUSED),
    ),
    exit_zero: bool = flag("--exit-zero", "Exit with 0 even if there are findings."),
    fix_safe: bool = flag("--fix", "Apply the safe fixes."),
    unsafe_fixes: bool = flag(
        "--unsafe-fixes", "Apply the unsafe fixes too, which may change the meaning; implies --fix."
    ),
    diff: bool = flag("--diff", "Show what the fixes would change and write nothing."),
    statistics: bool = flag("--statistics", "Count the findings by rule instead of showing them; in json: as well."),
    suppress_all: bool = flag(
        "--suppress-all", "Accept all present findings: write them to [[suppress]] in mcapp.toml."
    ),
    reason: str | None = option("TEXT", "Why --suppress-all accepts them; kept in each entry."),
    prune_suppressions: bool = flag(
        "--prune-suppressions", "Remove the entries of [[suppress]] that match nothing any more."
    ),
    no_suppress: bool = flag("--no-suppress", "Ignore [[suppress]]: show every finding."),
) -> None:
    """Accepts a whole App JSON, an `auth` object, a `request` block, or a fragment pasted from the documentation.
    Opens no socket and touches no key store.
    """
    shared = common(ctx)
    words = split_words([fail_on or ""])
    threshold = ",".join(word for word in words if word != UNUSED)
    if threshold not in ("", *configuration.FAIL_ON):
        raise UsageProblem(f"--fail-on is one of {', '.join((*configuration.FAIL_ON, UNUSED))}, not {threshold!r}")
    writing = "--suppress-all" if suppress_all else "--prune-suppressions" if prune_suppressions else ""
    other = "--no-suppress" if no_suppress else "--diff" if diff else "--isolated" if shared.isolated else ""
    if writing and other:
        raise UsageProblem(f"{writing} and {other} exclude each other")
    if suppress_all and not (reason and reason.strip()):
        raise UsageProblem("--suppress-all needs a reason", hint='say why: --reason "known, fixed in the next release"')
    if reason is not None and not suppress_all:
        raise UsageProblem("--reason is for --suppress-all")
    if suppress_all and "-" in (paths or ()) and not stdin_filename:
        raise UsageProblem("--suppress-all needs the name of the file on standard input", hint="--stdin-filename NAME")
    selected, ignored = split_words(select), split_words(ignore)
    choose(selected, ignored)
    console = shared.console
    chosen = targets(ctx, FORMATS)
    printed = on_stdout(chosen)
    fixed_to_stdout = (fix_safe or unsafe_fixes) and not diff and "-" in (paths or ())
    if (diff or fixed_to_stdout) and printed.name and not printed.people:
        raise UsageProblem(
            f"{'--diff shows the fixes on' if diff else 'with --fix and - the fixed text goes to'} stdout, "
            f"so the {printed.name} report cannot go there",
            hint=f"write the report to a file: --output-format {printed.name}=report.{printed.name}",
        )
    uncounted = [target.format.name for target in chosen if target.format.name not in COUNTING]
    if statistics and uncounted:
        raise UsageProblem(f"--statistics is for {', '.join(COUNTING)}, not for {uncounted[0]}")
    writer = ReportWriter(ctx, FORMATS, lambda error: Report(errors=(error.failure,)))
    config = configuration.load(shared.config, isolated=shared.isolated)
    job = Job(
        settings=Settings(
            rules=choose(selected or config.select, ignored or config.ignore, config.path),
            kind=as_kind,
            placeholders=config.placeholders,
        ),
        fail_on=threshold or config.fail_on,
        stdin_name=stdin_filename or "-",
        fix=fix_safe or unsafe_fixes or diff,
        unsafe=unsafe_fixes,
        diff=diff,
        config=config._replace(suppress=()) if no_suppress else config,
    )
    found = list(search.find(paths or (), config))
    writer.refuse_inputs([*(item.path for item in found), str(config.path or "")])
    with progress(console, "checking", "files") as show:
        done = validate_files(found, job, show)
    if done.diffs:
        print_diff("".join(done.diffs), console)
    elif fixed_to_stdout and done.stdin is not None and len(done.stdin.raw) < MOST_OF_A_DOCUMENT:  # else it is cut
        console.out_bytes(done.stdin.raw)
    report = done.report._replace(statistics=statistics, strict=UNUSED in words)
    settled = not report.errors and not report.interrupted
    if suppress_all and not settled:
        console.say("nothing was suppressed: not every file was checked")
    elif suppress_all and report.findings:
        report = _suppress_all(report, config, reason or "", console)
    if prune_suppressions and done.unused:
        if settled and not select and not ignore and as_kind is None:
            report = _prune(report, config, done.unused, console)
        else:
            console.say("nothing was removed from [[suppress]]: not every rule was applied to every file")
    if report.fixed and printed.name == "concise":
        console.say(f"fixed {plural(report.fixed, 'problem')}")
    writer.write(report, aside=diff or fixed_to_stdout)
    if report.interrupted:
        raise typer.Exit(130)
    if report.errors:
        raise typer.Exit(2)
    raise typer.Exit(0 if exit_zero or (report.ok and not done.diffs) else 1)


def _suppress_all(report: Report, config: configuration.Config, reason: str, console: Console) -> Report:
    from mcapp.lint.suppress import accepted

    path = config.path or Path(configuration.OWN)
    new = accepted(report.findings, report.documents, config, reason)
    configuration.add_suppressions(path, [one.entry for one in new])
    console.say(f"suppressed {plural(len(new), 'finding')} in {path}")
    return report._replace(findings=(), suppressed=(*report.suppressed, *new))


def _prune(report: Report, config: configuration.Config, unused: Sequence[int], console: Console) -> Report:
    from mcapp.lint.suppress import warnings

    path = config.path or Path(configuration.OWN)
    configuration.remove_suppressions(path, unused)
    console.say(f"removed {plural(len(unused), 'suppression')} that matched nothing from {path}")
    left = tuple(entry for number, entry in enumerate(config.suppress) if number not in unused)
    return report._replace(warnings=warnings(config._replace(suppress=left), ()))
