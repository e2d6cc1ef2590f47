"""`mcapp scopes`: which scopes does my code need?"""

from pathlib import Path

import typer

from mcapp import config as configuration
from mcapp import files
from mcapp.cli.command import Common, argument, command, common, option
from mcapp.cli.output import ReportWriter
from mcapp.commands.stored_keys import opened, stored_names
from mcapp.errors import McappError, Refused
from mcapp.net.target import MANYCHAT
from mcapp.scopes import expect as expectations
from mcapp.scopes import history
from mcapp.terminal.drawing import progress
from mcapp.terminal.format import plural
from mcapp.usage import usage_report
from mcapp.usage.usage_report import FAIL_ON_DEFAULT, FORMATS, KINDS, Known, UsageReport, search


@command(
    formats=FORMATS,
    examples="""
    mcapp scopes                                   the current folder
    mcapp scopes src/ --fail-on missing,unused     in CI: code and [scopes] in mcapp.toml agree
    mcapp scopes src/ --write-expect scopes.txt    record what the code needs …
    mcapp probe --expect-file scopes.txt           … and ask whether a key has it
    mcapp emulate --port 8080 --journal calls.jsonl
    mcapp scopes --observed calls.jsonl            with what the tests really called
    """,
    exits={0: "nothing that --fail-on names", 1: "something that --fail-on names; each with file and line"},
    notes="""
    It reads text of any language, not syntax. A use has one of five classes: literal (/fb/subscriber/addTag),
    prefix-elsewhere (a helper adds /fb), sdk-chain ($api->fb->page->getInfo()), comment-or-test, and dynamic (put
    together at run time: which operation it is stays unknown). Comments and tests count for nothing.

    The table shows for each scope whether the configuration declares it ([scopes] in mcapp.toml), whether the last
    probe of the key against ManyChat was granted it, and how many times it is used and was observed.

    Read is what git does not ignore, except node_modules, vendor, .venv, Markdown and other prose; links are not
    followed. Files over 20 MB and binary files are left out. No request is sent, and no key is read.
    """,
)
def scopes(
    ctx: typer.Context,
    paths: list[str] | None = argument("[PATH]...", "Folders and files to search (the current folder)."),
    observed: list[str] | None = option(
        "FILE", "Count the calls in this journal of mcapp emulate --journal. Repeatable."
    ),
    key: str | None = option("NAME", "The stored key whose last probe is shown (the default key).", words=stored_names),
    write_expect: str | None = option("FILE", "Write the scopes that are called, for mcapp probe --expect-file."),
    fail_on: list[str] | None = option(
        "WORD,...", f"What fails: {', '.join(KINDS)} (default: all but unused).", words=KINDS
    ),
) -> None:
    shared = common(ctx)
    fails = FAIL_ON_DEFAULT if fail_on is None else expectations.fail_on(fail_on, KINDS)
    writer: ReportWriter[UsageReport] = ReportWriter(
        ctx, FORMATS, failed=lambda error: UsageReport(errors=(error.failure,), failed=error.exit_code)
    )
    declared = _declared(shared)
    if write_expect is not None:
        expectations.refuse_other(write_expect)
    known = Known(*declared, *_last_probe(ctx, key))
    calls = tuple(use for path in observed or () for use in usage_report.journal(path))
    with progress(shared.console, "searching", "files") as watch:
        report = search(paths or [], known, calls if observed else None, fails, watch)
    if write_expect is not None and not report.failed:
        called = usage_report.needed(report.uses)
        if not called:
            raise Refused(f"nothing was written to {write_expect}: no use of an operation was found", code="no-use")
        files.write(write_expect, usage_report.expectation(report.uses))
        shared.console.say(f"wrote {plural(len(called), 'scope')} to {write_expect}")
    writer.write(report)
    raise typer.Exit(report.exit_code)


def _declared(shared: Common) -> tuple[dict[str, int | None] | None, str]:
    """The scopes that the configuration declares, with their lines, and its path; None if it says nothing of scopes."""
    config = configuration.load(shared.config, isolated=shared.isolated)
    if config.expect is None or config.path is None:
        return None, ""
    own = config.path.absolute()
    path = str(own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own)
    text = files.read(config.path).decode("utf-8-sig", "replace")
    return usage_report.declared_in(text, expectations.scopes(config.expect, path)), path


def _last_probe(ctx: typer.Context, key: str | None) -> tuple[str, dict[str, bool] | None]:
    """The key's name, and which scopes the last probe against ManyChat was granted and denied; None without one.

    Raises NoKey for a name that is not stored. Without a name nothing about the keys stops the run.
    """
    try:
        with opened(ctx) as vault:
            name = key or vault.index().default
            return (name, history.last(vault.folder, vault.entry(name).id, MANYCHAT)) if name else ("", None)
    except McappError:
        if key is not None:
            raise
        return "", None
