"""`mcapp fleet`: which scopes many keys have, and which installations are gone."""

import os
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import typer

from mcapp import config as configuration
from mcapp.cli.command import Common, Group, argument, command, common, flag, option
from mcapp.cli.output import ReportWriter, targets
from mcapp.commands import probe
from mcapp.commands.stored_keys import announce
from mcapp.errors import Refused, UsageProblem
from mcapp.fleet.fleet_report import FORMATS, FleetReport, report
from mcapp.fleet.key_list import KeyList
from mcapp.fleet.state_file import Asked, Run, State, moment, opened
from mcapp.keys.private_files import Folder
from mcapp.keys.secret import sealed
from mcapp.net import target
from mcapp.scopes import plan as planning
from mcapp.scopes.plan import Limits, check_limits
from mcapp.terminal.drawing import progress
from mcapp.terminal.format import plural

_DEFAULT = Limits()
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EXITS = {
    0: "every key works, and has what was expected",
    1: "a key does not work (uninstalled, rejected, or without any scope), or lacks an expected scope",
    3: "could not be decided: an outage, no answer, or the check is not complete",
    4: "there is no key to ask",
}

STATE_FILE: Any = option("FILE", "Where the results are (a file for this folder, among mcapp's own).", "--state")


@command(
    formats=FORMATS,
    examples="""
    mcapp fleet check --keys keys.jsonl                       does every installation still work?
    mcapp fleet check --keys keys.csv --expect-file scopes.txt
    mcapp fleet check --keys keys.jsonl --resume              go on after an end of any kind
    mcapp fleet check --keys keys.jsonl --since 7d            only those that were not asked for a week
    mcapp fleet check --env-prefix MANYCHAT_KEY_
    mcapp fleet check --keys keys.jsonl --shard 2/8           one of eight machines; then: mcapp fleet merge
    """,
    exits=_EXITS,
    notes="""
    The list is JSONL or CSV with key, and optionally name and page_id; "-" is standard input. No key is stored: the
    state has fingerprints, names, page ids, verdicts, scopes and times.

    Each key gets GET /fb/page/getInfo, and one harmless request for each expected scope, as mcapp probe sends it. A
    key that is not answered properly is asked once more at the end. Only then it is called uninstalled, and only while
    other keys are answered: one that works is asked again to find out. If all answer 500, it is an outage. A 429
    pauses all requests; the third in a row ends the check.
    """,
)
def check(
    ctx: typer.Context,
    keys: str | None = option("FILE", "The list of keys, JSONL or CSV; - for standard input."),
    env_prefix: str | None = option("PREFIX", "The keys in all variables whose names begin like this."),
    state: str | None = STATE_FILE,
    resume: bool = flag("--resume", "Go on with the last check: ask only what it has no result for."),
    since: str | None = option("AGE", "Leave out keys with a result of the last 12h, 7d, 2w."),
    shard: str = option("N/ALL", "Ask only this part of the list, such as 2/8.", default="1/1"),
    expect: list[str] | None = probe.EXPECT,
    expect_file: list[str] | None = probe.EXPECT_FILE,
    include_writes: bool = probe.INCLUDE_WRITES,
    rate: float = probe.RATE,
    concurrency: int = option("NUMBER", f"Keys at once ({_DEFAULT.concurrency}).", default=_DEFAULT.concurrency),
    timeout: float = probe.TIMEOUT,
    base_url: str = probe.BASE_URL,
    allow_host: str | None = probe.ALLOW_HOST,
) -> None:
    """Ask every key of a list whether it works and has the expected scopes, and keep what was found out."""
    shared = common(ctx)
    targets(ctx, FORMATS)
    place = target.choose(base_url, allow_host)
    limits = Limits(rate, concurrency, timeout)
    check_limits(place, limits)
    if (keys is None) == (env_prefix is None) or env_prefix == "":
        raise UsageProblem("name the keys: --keys FILE, or --env-prefix PREFIX", hint="--keys - reads standard input")
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", shard)
    part = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part[0] <= part[1]:
        raise UsageProblem(f"--shard takes a part and the number of parts, such as 2/8, not {shard!r}")
    moment_since = _ago(since)
    writer = _writer(ctx)
    selected = planning.Selection(include_writes=include_writes, as_expected=True)
    expected = tuple(probe.expected_scopes(shared, expect, expect_file, selected) or ())
    plan = planning.build(place, selected, expected=expected)
    asked = Asked(place.history_name, place.base_url, expected, include_writes, f"{part[0]}/{part[1]}")
    from mcapp.fleet.fleet_check import Check  # httpx and asyncio, 100 ms: not for the help
    from mcapp.net.transport import make_transport, run_blocking, skip_sniffio

    skip_sniffio()
    with sealed():
        listed = KeyList(keys or "", env_prefix or "", part)
        total = listed.count()
        announce(shared.console, place)
        with (
            opened(_path(shared, state, make=True), write=True) as kept,
            progress(shared.console, "checking", "keys") as watch,
        ):
            current = _resumed(kept, asked) if resume else kept.begin(asked)
            work = Check(plan, listed, kept, current, limits, since=moment_since, total=total, watch=watch)
            run_blocking(work.whole(make_transport(place)))
            code = {"interrupted": 130, "refused-by-guard": 70}.get(work.ended, 0)
            made = report(kept, errors=work.failures, failed=code)
            shared.console.detail(f"the results are in {kept.path}")
            writer.write(made)
    raise typer.Exit(made.exit_code)


@command(
    name="report",
    formats=FORMATS,
    examples="""
    mcapp fleet report
    mcapp fleet report --since 30d                   what changed in a month?
    mcapp fleet report --output-format csv=fleet.csv --output-format text
    mcapp fleet report --json
    """,
    exits=_EXITS,
    notes="""
    It is about the keys in the list of the last check, and needs no key itself. What changed is found by comparing each
    key's last result with the one before, or with what was known at the time that --since names.
    """,
)
def show(
    ctx: typer.Context,
    state: str | None = STATE_FILE,
    since: str | None = option("AGE", "Compare with what was known so long ago: 12h, 7d, 2w."),
) -> None:
    """Show what the last check found: how many keys work, which are gone, what is missing, what changed."""
    moment_since = _ago(since)
    writer = _writer(ctx)
    with opened(_path(common(ctx), state), write=False) as kept:
        made = report(kept, since=moment_since)
        writer.write(made)
    raise typer.Exit(made.exit_code)


@command(
    formats=(),
    examples="""
    mcapp fleet merge part-1.sqlite part-2.sqlite --state fleet.sqlite
    """,
    exits={0: "done"},
    notes="""
    What is in the files stays there. Taking the same file over twice changes nothing.
    """,
)
def merge(
    ctx: typer.Context,
    paths: list[str] = argument("FILE...", "The states to take over.", default=...),
    state: str | None = STATE_FILE,
) -> None:
    """Join the states of several machines, which checked parts of a list with --shard, in one state."""
    shared = common(ctx)
    path = _path(shared, state, make=True)
    with opened(path, write=True) as kept:
        for other in paths:
            if Path(other).exists() and Path(other).samefile(path):
                raise Refused(f"{other} is the state that the others are joined in", hint="name it once: --state")
            shared.console.say(f"{plural(kept.merge(other), 'key')} from {other}")


def _writer(ctx: typer.Context) -> ReportWriter[FleetReport]:
    return ReportWriter(ctx, FORMATS, failed=lambda error: FleetReport(errors=(error.failure,), failed=error.exit_code))


def _path(shared: Common, state: str | None, *, make: bool = False) -> str:
    """The state that is named, else this app's own: a file in mcapp's folder, for the folder of the configuration."""
    if state is not None:
        return state
    found = configuration.load(shared.config, isolated=shared.isolated).path
    folder = found.absolute().parent if found is not None else Path.cwd()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name)[:40]
    own = Folder()
    if make:
        own.make()
    mark = sha256(os.fsencode(folder)).hexdigest()[:8]
    return str(own.path / f"fleet-{name}-{mark}.sqlite")


def _resumed(kept: State, asked: Asked) -> Run:
    """The last check of this part of the list; a new one if there is none. Raises UsageProblem if it asked others."""
    last = next((run for run in kept.last_runs() if run.asked.shard == asked.shard), None)
    if last is None:
        return kept.begin(asked)
    if last.asked._replace(base_url="") != asked._replace(base_url=""):
        raise UsageProblem(
            "the last check asked something else, or somewhere else",
            hint="give the same --expect, --include-writes, --base-url and --shard, or leave out --resume",
        )
    kept.finish(last, "")
    return last


def _ago(age: str | None) -> str:
    """The time so long ago. Raises UsageProblem."""
    if age is None:
        return ""
    match = re.fullmatch(r"(\d{1,5})([mhdw])", age.strip())
    if match is None:
        raise UsageProblem(f"--since takes a number and m, h, d or w, such as 7d, not {age!r}")
    return moment(timedelta(**{_UNITS[match[2]]: int(match[1])}))


fleet = Group("fleet", [check, show, merge])
