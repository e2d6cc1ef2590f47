"""`mcapp emulate`: a local ManyChat API."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from json import dumps
from queue import SimpleQueue
from typing import Any

import typer

from mcapp import config as configuration
from mcapp import files
from mcapp.cli.command import command, common, option, split_words
from mcapp.cli.output import ContentWriter
from mcapp.cli.servers import HOST, PORT, READY, check_host, finite, handled, listening, warn_of_reach
from mcapp.emulator import faults
from mcapp.emulator.emulated_key import ACCOUNT, STATES, WORKING, EmulatedKey, read_file, samples, scopes_of
from mcapp.emulator.manychat import ORDERS, SCOPE_FIRST, Call, Replay
from mcapp.emulator.service import Emulator
from mcapp.errors import Interrupted, UsageProblem
from mcapp.scopes import recording
from mcapp.terminal.console import Console, Style, visible
from mcapp.terminal.format import failure_row, plural
from mcapp.terminal.redact import remember

# What --scopes gives its scopes to.
KEY = "emulated-key"
_TICK = 0.05  # seconds between two looks at what arrived


@command(
    examples="""
    mcapp emulate                                    a free port, and a key for each case
    mcapp emulate --port 8080 --keys keys.toml       with keys that you make up
    mcapp emulate --scopes "page,POST /fb/sending/sendContent"
    mcapp emulate --fault "GET /fb/page/getTags=429:2*1" --fault "*=slow:0.2"
    mcapp emulate --journal calls.jsonl              what do my tests really call?
    mcapp emulate --replay run.json                  the answers of a recorded run
    mcapp probe --base-url http://127.0.0.1:8080     ask it what a key may do
    """,
    exits={0: "ended by --timeout, or asked to end (SIGTERM)", 130: "ended by Ctrl-C; the report is complete"},
    notes=f"""
    It answers every operation of the catalogue by the key's scopes and state, in ManyChat's own words where those are
    recorded, and does what a call asks for in an account that it makes up.

    A file of keys is TOML, with a table [[keys]] for each: name, key (made up), scopes (a list of scopes, groups,
    "reads", "writes" or "*") and state: {", ".join(STATES)}.

    A fault is SCOPE=KIND[:NUMBER][*TIMES], with * as the scope for all. Kinds: {", ".join(faults.KINDS)}.

    For suites in other languages: GET /_emulator/journal and /_emulator/state, POST /_emulator/faults (a JSON list of
    faults, in place of those before) and /_emulator/reset. For pytest: mcapp.testing.

    Not imitated: ManyChat's own limits (429 comes only as a fault), the Profile API, what a message or an automation
    does after it was accepted, formats of phone numbers, dates and content, and the wording of errors that were
    never recorded. Which check ManyChat makes first is not known: --order tries all three.
    """,
)
def emulate(
    ctx: typer.Context,
    host: str = HOST,
    port: int = PORT,
    keys: str | None = option("FILE", "Know the keys in this TOML file."),
    scopes: str | None = option("SCOPE,...", f"Know one key, {KEY}, with these scopes or groups."),
    state: str | None = option("STATE", f"Its state ({WORKING}): {', '.join(STATES)}.", words=STATES),
    order: str = option("ORDER", f"Which check comes first ({SCOPE_FIRST}): {', '.join(ORDERS)}.", default=SCOPE_FIRST),
    latency: float = option("SECONDS", "How long each answer takes (0).", min=0, max=60, default=0.0, callback=finite),
    fault: list[str] | None = option("SCOPE=KIND", "Make something go wrong; see below. Repeatable."),
    replay: str | None = option("FILE", "Answer from a recording, written by mcapp probe --record."),
    journal: str | None = option("FILE", "Append each request to this file, as a line of JSON."),
    timeout: float | None = option("SECONDS", "End after this time.", min=0, callback=finite),
) -> None:
    """Without --keys or --scopes it knows a made-up key for each case: working, uninstalled, revoked and so on.

    Requests are shown on stderr as they arrive, with a summary on stdout at the end; with --json the whole journal is
    printed.
    """
    shared = common(ctx)
    console = shared.console
    if shared.config is not None:
        configuration.load(shared.config)  # this command uses nothing of it, but an error in it is reported
    if keys is not None and (scopes is not None or state is not None):
        raise UsageProblem("--keys names a file that holds scopes and states: leave out --scopes and --state")
    wrong = [faults.parse(text) for text in fault or ()]
    empty: dict[str, Any] = {"base_url": None, "order": order, "keys": [], "requests": [], "unchanged": True}
    output = ContentWriter(ctx, empty)
    output.check_files()
    if keys is not None:
        known = read_file(keys)
        for key in known:
            remember(key.value)  # the file may hold a real one
    elif scopes is None and state is None:
        known = samples()
    else:
        words = split_words(["*" if scopes is None else scopes])
        known = (EmulatedKey(KEY, scopes_of(words), state or WORKING, KEY),)
    recorded = None if replay is None else Replay(recording.read(replay))
    if journal is not None:
        files.append(journal, "")  # a file that cannot be written is reported before the start
    emulator = Emulator(known, order=order, latency=latency, host=check_host(host), port=port, replay=recorded)
    for one in reversed(wrong):
        emulator.add_fault(one)
    arrived: SimpleQueue[Call] = SimpleQueue()
    emulator.on_call = arrived.put
    stop = threading.Event()
    with listening(emulator.start), handled(lambda *_: stop.set(), "SIGTERM"):
        base_url = emulator.base_url
        _announce(emulator, console, shown=keys is None)
        interrupted = _watch(arrived, console, stop, timeout, journal)
    calls, unchanged = emulator.journal, emulator.unchanged
    ending = [Interrupted("interrupted; these are the requests until then")] if interrupted else []
    content = {
        "base_url": base_url,
        "order": order,
        "keys": [{"name": key.name, "state": key.state, "scopes": sorted(key.scopes)} for key in known],
        "requests": [entry._asdict() for entry in calls],
        "unchanged": unchanged,
        "errors": [failure_row(error.failure) for error in ending],
    }
    output.emit(content, _summary(calls, unchanged=unchanged), ok=not interrupted)
    if interrupted:
        raise typer.Exit(130)


def _announce(emulator: Emulator, console: Console, *, shown: bool) -> None:
    console.say(f"listening on {emulator.base_url}")
    warn_of_reach(emulator.base_url, console, "read its journal")
    for key in emulator.keys:
        name = key.value if shown else visible(key.name)
        count = "every scope" if key.state == ACCOUNT else f"{len(key.scopes)} scopes"
        console.say(f"  key {name}  {console.err_style.dim(f'{key.state}, {count}')}")
    console.say(console.err_style.dim(READY))


def _watch(
    arrived: SimpleQueue[Call], console: Console, stop: threading.Event, timeout: float | None, path: str | None
) -> bool:
    """Show each request as it arrives, and append it to the file `path`, until the end; True if Ctrl-C ended it."""
    until = None if timeout is None else time.monotonic() + timeout
    interrupted = over = False
    while not over:
        try:
            over = stop.wait(_TICK) or (until is not None and time.monotonic() >= until)
        except KeyboardInterrupt:
            over = interrupted = True
        new = [arrived.get() for _ in range(arrived.qsize())]
        for entry in new:
            console.say(_line(entry, console.err_style))
        if path is not None and new:
            files.append(path, "".join(dumps(entry._asdict()) + "\n" for entry in new))
    return interrupted


def _line(entry: Call, style: Style) -> str:
    """One request: `   1.203  401  some  GET /fb/page/getTags`."""
    status = "---" if entry.status is None else str(entry.status)
    paint = style.good if status.startswith("2") else style.warning
    fault = style.dim(f"  (fault {entry.fault})") if entry.fault else ""
    changed = style.error("  changed the account") if entry.changed else ""
    key = visible(entry.key) if entry.key else "no key"
    return f"{entry.at:8.3f}  {paint(status)}  {key}  {visible(entry.scope)}{fault}{changed}"


def _summary(journal: Sequence[Call], *, unchanged: bool) -> str:
    calls: dict[str, Counter[str]] = {}
    for entry in journal:
        status = entry.fault or "no answer" if entry.status is None else str(entry.status)
        calls.setdefault(visible(entry.scope), Counter())[status] += 1
    column = max(map(len, calls), default=0)
    lines = [
        f"{scope:{column}}  {', '.join(f'{number} x {status}' for status, number in answers.items())}"
        for scope, answers in calls.items()
    ]
    number = plural(len(journal), "request")
    return "\n".join([*lines, f"{number}; the account is {'unchanged' if unchanged else 'changed'}"])
