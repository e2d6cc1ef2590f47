"""`mcapp send`: play ManyChat after an install."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_hex
from typing import Annotated, Any, Literal

import typer

from mcapp import config as configuration
from mcapp.appjson.placeholders import APP_KEY
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.commands.keys.shared import complete_name, opened
from mcapp.commands.send import display as shown
from mcapp.commands.send.asking import Job, ask, text_of, the_document
from mcapp.errors import NoKey, UsageProblem
from mcapp.handover import block as blocks
from mcapp.handover import destination as places
from mcapp.handover import printed, values
from mcapp.handover.block import Block
from mcapp.handover.destination import Place
from mcapp.handover.render import Prepared, prepare
from mcapp.handover.verdict import UNDECIDED, judge
from mcapp.keys.secret import Secret
from mcapp.keys.stores.environment import VARIABLE, EnvironmentStore
from mcapp.keys.vault import FoundKey, resolve
from mcapp.lint.check import Settings, choose
from mcapp.terminal.console import Console, is_terminal, visible
from mcapp.terminal.redact import remember

TIMES = 100


@help_page(
    examples="""
    mcapp send --to http://127.0.0.1:3000               the app.json here
    mcapp send app.json --to http://127.0.0.1:3000/hook --set email=me@example.com
    mcapp send --to http://127.0.0.1:3000 --times 3     is it idempotent?
    mcapp send --to http://127.0.0.1:3000 --dry-run     show it, send nothing
    mcapp send --to http://127.0.0.1:3000 --print curl
    mcapp send --to http://127.0.0.1:3000 --key shop-a  a stored key
    """,
    exits={
        0: "every answer was 200, or the expected one; with --dry-run and --print: shown",
        1: "the endpoint answered otherwise, or auth.request has errors or is not there: nothing was sent",
        3: "no answer: a time-out, a refused connection",
        4: "no such key, or a key store that cannot be used",
    },
    notes="""
    Only --to names where the request goes. A path or a query that it leaves out is taken from auth.request's own URL,
    which is never contacted itself.

    The values of ManyChat's own are made up, and the App Key too: it opens nothing. A real key goes to this machine,
    or to a host that --to and --allow-host both name. --key takes a stored key's name, or MANYCHAT_APP_KEY for the
    environment's.

    Only 200 counts: App Setup then shows success, and an error for any other answer. ManyChat is reported to give up
    after 10 seconds. It may call again at every save, retry and reinstall, so an endpoint must bear being called twice.

    Values arrive exactly as they were set. In a URL they are percent-encoded where they would break it; how ManyChat
    encodes them there is not documented.
    """,
)
def send(
    ctx: typer.Context,
    to: Annotated[str, typer.Option(metavar="URL", help="Your endpoint: where the request goes.")],
    path: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="The App JSON, or - for standard input; nothing: the one here."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="The value of a param, or of page_id and the like. Repeatable."
        ),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Send this key instead of a made-up one.", autocompletion=complete_name),
    ] = None,
    allow_host: Annotated[
        str | None, typer.Option(metavar="HOST", help="Let a real key go to this host, if --to names it too.")
    ] = None,
    times: Annotated[
        int, typer.Option(metavar="N", min=1, max=TIMES, show_default=False, help="Send the same request so often (1).")
    ] = 1,
    expect_status: Annotated[
        int,
        typer.Option(metavar="STATUS", min=200, max=599, show_default=False, help="The right answer (200), for tests."),
    ] = 200,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", show_default=False, help="How long one answer may take (10).")
    ] = 10.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the request and send nothing.")] = False,
    form: Annotated[
        Literal["http", "curl", "httpx"] | None,
        typer.Option(
            "--print",
            metavar="|".join(printed.FORMS),
            help=f"Print the request for another program, with {VARIABLE} in the key's place; send nothing.",
        ),
    ] = None,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Play ManyChat after an install: send your auth.request to your endpoint, and say what App Setup would show.

    The block is checked first, then filled in with made-up values, --set and what is asked for at a terminal, and
    sent as ManyChat would send it.
    """
    shared = common(ctx)
    console = shared.console
    job = Job(to, places.read(text_of(to)), values.parse(map(text_of, set_ or ())), times, expect_status, timeout)
    if not 0 < timeout <= 3600:
        raise UsageProblem(f"--timeout is a number of seconds from above 0 to 3600, not {timeout:g}")
    if dry_run and form:
        raise UsageProblem("--dry-run and --print both send nothing: give one of them")
    if key is not None:
        places.refuse_key(job.place, allow_host)
    elif allow_host is not None:
        raise UsageProblem("--allow-host is for a real key: name it with --key")
    output = ContentWriter(ctx, output_format, json, shown.blank)
    output.check_files()
    config = configuration.load(shared.config, isolated=shared.isolated)
    settings = Settings(choose(config.select, config.ignore), None, config.placeholders)
    document = the_document(path, config)
    found = blocks.read(document, settings)
    for written in found.secrets:
        remember(written)
    content: dict[str, Any] = {
        "file": visible(document.name),
        "expected_status": expect_status,
        "findings": shown.findings_json(document, found.findings),
    }
    if found.block is None:
        output.emit(content, shown.findings_text(document, found.errors, console), ok=False)
        console.say("nothing was sent: ManyChat would not accept this, or would not send the key")
        raise typer.Exit(1)
    warnings = sum(finding.severity == "warning" for finding in found.findings)
    if warnings:
        console.say(f"auth.request has {warnings} warning{'s' if warnings > 1 else ''}: mcapp validate shows them")
    typed = ask(found.block, job, console)
    if dry_run or form:
        mark = values.made_up_key() if dry_run else f"mcapp{token_hex(16)}"
        if dry_run:
            remember(mark)  # shown as every key is, though it opens nothing
        prepared = _prepared(found.block, job, typed, mark, console, content)
        text = printed.write(form, prepared, mark, timeout) if form else shown.request_text(prepared, console.style)
        output.emit({**content, "printed": text if form else None}, text)
        console.say("nothing was sent" + (f"; the program that runs it needs {VARIABLE}" if form else ""))
        return
    if key is None:
        secret = Secret(values.made_up_key())
        content["key"] = {"source": "made-up", "name": None, "fingerprint": secret.fingerprint}
        outcome = _rehearse(found.block, job, typed, secret, output, content, console)
    else:
        with opened(ctx) as vault:
            real = _environment() if key == VARIABLE else resolve(key, vault, EnvironmentStore())
            _tell(real, job.place, console)
            fingerprint = real.secret.fingerprint
            content["key"] = {"source": real.source, "name": real.name or None, "fingerprint": fingerprint}
            outcome = _rehearse(found.block, job, typed, real.secret, output, content, console)
    raise typer.Exit(outcome.exit_code)


def _prepared(
    block: Block, job: Job, typed: Mapping[str, str], key: str, console: Console, content: dict[str, Any]
) -> Prepared:
    """The request with this key; what was made up for it, and what differs from the block, is told and reported."""
    known = {**values.MADE_UP, **typed}
    prepared = prepare(block, job.place, values.Filler({**known, APP_KEY: key}))
    used = {item.name for item in (*block.placeholders(), *job.placeholders)}
    content["values"] = {name: value for name, value in known.items() if name in used}
    content["request"] = shown.request_json(prepared)
    content["notes"] = list(map(visible, prepared.notes))
    invented = [f"{name} {value}" for name, value in values.MADE_UP.items() if name in used and name not in typed]
    if invented:
        console.say(console.err_style.dim(f"made up: {', '.join(invented)}; --set NAME=VALUE sets them"))
    for note in prepared.notes:
        console.say(f"{console.err_style.note('note')}: {visible(note)}")
    return prepared


def _rehearse(
    block: Block,
    job: Job,
    typed: Mapping[str, str],
    secret: Secret,
    output: ContentWriter,
    content: dict[str, Any],
    console: Console,
) -> shown.Outcome:
    """Send it as often as was asked for, until no answer comes, and report. Ctrl-C keeps what there is."""
    from mcapp.handover.sender import send as send_once  # httpx and asyncio: 100 ms that the help need not wait for

    for form in places.spellings(secret.reveal()):
        remember(form)
    prepared = _prepared(block, job, typed, secret.reveal(), console, content)
    outcome = shown.Outcome(job.expected)
    try:
        for number in range(1, job.times + 1):
            which = f" {number} of {job.times}" if job.times > 1 else ""
            with _waiting(console, f"waiting for the answer{which}…"):
                answer = send_once(prepared, job.timeout)
            outcome.answers.append((answer, judge(answer)))
            if job.times > 1:
                console.detail(f"{number} of {job.times}: {answer.status or answer.trouble}")
            if outcome.answers[-1][1].outcome == UNDECIDED:
                break
    except KeyboardInterrupt:
        outcome.interrupted = True
    content |= {
        "times": len(outcome.answers),
        "app_setup": outcome.app_setup,
        "answers": shown.answers_json(outcome),
        "errors": outcome.errors,
    }
    text = f"{shown.request_text(prepared, console.style)}\n\n{shown.outcome_text(outcome, console.style)}"
    output.emit(content, text, ok=outcome.exit_code == 0)
    output.done()
    return outcome


@contextmanager
def _waiting(console: Console, words: str) -> Iterator[None]:
    """Say on a terminal what is waited for, as long as it is."""
    watched = is_terminal(sys.stderr) and not console.quiet
    if watched:
        sys.stderr.write(words)
        sys.stderr.flush()
    try:
        yield
    finally:
        if watched:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _environment() -> FoundKey:
    """The environment's key, asked for by the variable's name."""
    store = EnvironmentStore()
    cleaned = store.cleaned()
    if cleaned is None:
        raise NoKey(f"{VARIABLE} is not set", hint="--key NAME takes a stored key: mcapp keys list")
    return FoundKey(cleaned.secret, store.name, store.where(), notes=tuple(cleaned.warnings))


def _tell(found: FoundKey, place: Place, console: Console) -> None:
    """Which key is used, where it came from, and what a person should know of the way it takes."""
    console.say(found.message)
    for note in found.notes:
        console.say(console.err_style.dim(note))
    if place.target.kind != "loopback" and place.target.scheme == "http":
        console.say(f"{console.err_style.warning('warning')}: the key goes to {place.target.host} without encryption")


command = build("send", send)
