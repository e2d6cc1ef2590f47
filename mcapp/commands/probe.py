"""`mcapp probe`: what an App Key may really do."""

from dataclasses import replace
from typing import Any

import typer

from mcapp import config as configuration
from mcapp.cli.command import Common, command, common, flag, option, split_words
from mcapp.cli.output import ReportWriter, targets
from mcapp.commands.stored_keys import announce, opened, stored_names
from mcapp.errors import McappError
from mcapp.keys.vault import resolve
from mcapp.net import target
from mcapp.scopes import expect as expectations
from mcapp.scopes import history, recording
from mcapp.scopes import plan as planning
from mcapp.scopes.catalogue import GROUPS, load, names
from mcapp.scopes.plan import Limits, check_limits
from mcapp.scopes.probe_formats import FORMATS, PLAN_FORMATS
from mcapp.scopes.report import FAIL_ON, FAIL_ON_DEFAULT, ProbeReport
from mcapp.terminal.drawing import progress
from mcapp.terminal.format import plural

_DEFAULT = Limits()

# Options that `mcapp fleet check` has too.
INCLUDE_WRITES: Any = flag("--include-writes", "Send the POSTs too, with the empty body that ManyChat refuses.")
EXPECT: Any = option("SCOPE,...", "The key should have these scopes, in place of those in mcapp.toml.", words=names)
EXPECT_FILE: Any = option("FILE", "The same from a file: one a line, # begins a comment.")
RATE: Any = option("NUMBER", f"Requests a second ({_DEFAULT.rate:g}, at most 10).", default=_DEFAULT.rate)
TIMEOUT: Any = option("SECONDS", f"For one request ({_DEFAULT.timeout:g}).", default=_DEFAULT.timeout)
BASE_URL: Any = option("URL", f"Where to send it ({target.MANYCHAT}).", default=target.MANYCHAT)
ALLOW_HOST: Any = option("HOST", "Let the key go to this host, if --base-url names it too.")


@command(
    formats=FORMATS,
    examples="""
    mcapp probe                                    the default key, every read
    mcapp probe --dry-run                          what would be sent, and why it is harmless
    mcapp probe --key shop-a --include-writes      writes too: each is refused for its empty body
    mcapp probe --write-expect scopes.txt          record what the key has now …
    mcapp probe --expect-file scopes.txt -q        … and let CI check later keys against it
    mcapp probe --only "GET /fb/page/getInfo" --json
    mcapp probe --record run.json                  what ManyChat answers, without key or data
    """,
    exits={
        0: "the key works, and has what was expected",
        1: "the key does not work (uninstalled, rejected, or without any scope), or not all is as expected",
        3: "could not be decided: no answer, or a scope that matters stayed inconclusive or was skipped",
        4: "no key, or a key store that cannot be used",
    },
    notes="""
    A scope is one endpoint; mcapp endpoints lists them. Each gets one request that changes nothing, and no other
    endpoint gets any. GET /fb/page/getInfo always comes first, to check the key.

    Only 401 "Wrong access token" means denied. A time-out, a 429, a 5xx or a web page proves nothing: inconclusive.
    A write that ManyChat refused for its empty body is granted only if another write of the same run was
    refused for its scope; otherwise granted and denied look the same.

    The key goes to ManyChat or to this machine (mcapp emulate). To send it anywhere else, name the host in both
    --base-url and --allow-host; no configuration file and no variable can do that.
    """,
)
def probe(
    ctx: typer.Context,
    key: str | None = option(
        "NAME", "Probe this stored key; else MANYCHAT_APP_KEY, else the default key.", words=stored_names
    ),
    only: list[str] | None = option("SCOPE,...", "Only these scopes. Repeatable.", words=names),
    group: list[str] | None = option("NAME,...", f"Only these groups: {', '.join(GROUPS)}. Repeatable.", words=GROUPS),
    include_writes: bool = INCLUDE_WRITES,
    dry_run: bool = flag("--dry-run", "List every request and why it is harmless; send nothing."),
    expect: list[str] | None = EXPECT,
    expect_file: list[str] | None = EXPECT_FILE,
    write_expect: str | None = option("FILE", "Record the scopes that are granted, for --expect-file."),
    record: str | None = option("FILE", "Write what was asked and answered, without key or data."),
    fail_on: list[str] | None = option(
        "WORD,...", f"What fails: {', '.join(FAIL_ON)} (default: {','.join(FAIL_ON_DEFAULT)}).", words=FAIL_ON
    ),
    rate: float = RATE,
    concurrency: int = option("NUMBER", f"Requests at once ({_DEFAULT.concurrency}).", default=_DEFAULT.concurrency),
    timeout: float = TIMEOUT,
    deadline: float = option("SECONDS", f"For the whole run ({_DEFAULT.deadline:g}).", default=_DEFAULT.deadline),
    base_url: str = BASE_URL,
    allow_host: str | None = ALLOW_HOST,
) -> None:
    """ManyChat does not say which scopes a key has, so each endpoint gets one harmless request."""
    shared = common(ctx)
    # Mistakes in the options themselves come before anything else, and on stderr alone.
    targets(ctx, FORMATS)
    place = target.choose(base_url, allow_host)
    limits = Limits(rate, concurrency, timeout, deadline)
    check_limits(place, limits)
    fails = FAIL_ON_DEFAULT if fail_on is None else expectations.fail_on(fail_on)
    writer: ReportWriter[planning.Plan | ProbeReport] = ReportWriter(
        ctx,
        PLAN_FORMATS if dry_run else FORMATS,
        failed=lambda error: ProbeReport(base_url=place.base_url, errors=(error.failure,), failed=error.exit_code),
    )
    selected = planning.Selection(only=split_words(only), groups=split_words(group), include_writes=include_writes)
    expected = expected_scopes(shared, expect, expect_file, selected)
    plan = planning.build(place, selected, expected=expected or ())
    if dry_run:
        writer.write(plan)
        return
    if write_expect is not None:
        expectations.refuse_other(write_expect)
    if record is not None:
        recording.refuse_other(record)
    with opened(ctx) as vault:
        found = resolve(key, vault)
        announce(shared.console, place, found)
        from mcapp.net.transport import skip_sniffio  # httpx and asyncio, 100 ms: not for the help
        from mcapp.scopes.verdicts import run_probe

        skip_sniffio()
        exchanges: list[recording.Exchange] | None = None if record is None else []
        with progress(shared.console, "probing", "requests") as watch:
            report = run_probe(
                plan,
                found.secret,
                limits,
                source=found.source,
                name=found.name or None,
                expected=expected,
                fail_on=fails,
                watch=watch,
                record=exchanges,
            )
        if found.entry is not None:
            identity, console = found.entry.id, shared.console
            report = history.compare(report, vault.folder, identity, place.history_name)
            try:
                known = {entry.id for entry in vault.index().entries}
                history.remember(report, vault.folder, identity, place.history_name, known)
            except McappError as error:
                text = f"the result could not be kept for the next comparison: {error.message}"
                console.say(console.err_style.dim(text))
        if write_expect is not None:
            probed, report = report, expectations.record(report, write_expect)
            if report is probed:
                shared.console.say(f"wrote {plural(len(report.granted), 'scope')} to {write_expect}")
        if record is not None and exchanges is not None:
            try:
                recording.write(record, plan, exchanges, complete=not report.interrupted)
                shared.console.say(
                    f"wrote {plural(len(exchanges), 'answer')} to {record}; read it before you publish it"
                )
            except McappError as error:
                report = replace(report, errors=(*report.errors, error.failure), failed=error.exit_code)
        writer.write(report)
    raise typer.Exit(report.exit_code)


def expected_scopes(
    shared: Common, given: list[str] | None, files: list[str] | None, selected: planning.Selection
) -> dict[str, str] | None:
    """The scopes that the options expect of the key, else the configuration's `[scopes]`; None if neither names any.

    Each with the reason that the file of expectations gives.
    """
    if given is not None or files is not None:
        reasons = dict.fromkeys(expectations.scopes(split_words(given)), "")
        for path in files or ():
            reasons |= expectations.read_file(path)
        return {scope: reasons[scope] for scope in expectations.scopes(reasons)}
    config = configuration.load(shared.config, isolated=shared.isolated)
    if config.expect is None:
        return None
    expected = expectations.scopes(config.expect, str(config.path))
    # The configuration is about the whole key; a run about some scopes can only be held to those.
    return dict.fromkeys((scope for scope in expected if scope in selected.chosen(load())), "")
