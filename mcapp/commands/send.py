"""`mcapp send`: play ManyChat after an install."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from secrets import token_hex
from typing import Any, Literal

import typer

from mcapp import config as configuration
from mcapp import files, search
from mcapp.appjson.placeholders import APP_KEY, Placeholder, find
from mcapp.cli.command import argument, check_utf8, command, common, flag, option
from mcapp.cli.output import ContentWriter
from mcapp.commands.stored_keys import announce, opened, stored_names
from mcapp.config import Config
from mcapp.document import Document
from mcapp.errors import InputProblem, NoKey, UsageProblem
from mcapp.handover import block as blocks
from mcapp.handover import outcome as outcomes
from mcapp.handover import render
from mcapp.handover.block import Block, check_block
from mcapp.handover.outcome import Outcome, answers_json, outcome_text
from mcapp.handover.render import FORMS, Prepared
from mcapp.keys.secret import Secret
from mcapp.keys.vault import VARIABLE, from_environment, resolve
from mcapp.lint.check import Settings, choose, read
from mcapp.lint.model import ERROR, WARNING
from mcapp.report import FORMATS
from mcapp.report.json_report import finding_row
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Console, is_terminal, visible
from mcapp.terminal.format import failure_row, file_word, plural, quoted
from mcapp.terminal.prompts import ask_line

TIMES = 100
# The content of a report that has none (schemas/send.schema.json).
_EMPTY: dict[str, Any] = dict.fromkeys(("file", "key", "route", "request", "printed", "app_setup"))
_EMPTY |= {"values": {}, "times": 0, "expected_status": 200, "answers": [], "findings": [], "notes": []}


@command(
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
        1: "the endpoint gave another answer, or auth.request is missing or has errors and nothing was sent",
        3: "no answer: a time-out, a refused connection",
        4: "no such key, or no usable key store",
    },
    notes="""
    The request goes only to --to. A path or a query that --to lacks is taken from auth.request's own URL, which is
    never contacted itself.

    ManyChat's values are made up, and so is the App Key: it has no access. A real key is sent to this machine, or to a
    host that --to and --allow-host both name. --key takes the name of a stored key, or MANYCHAT_APP_KEY for the one in
    the environment.

    Only 200 counts: App Setup shows success for it, and an error for any other answer. ManyChat is reported to give up
    after 10 seconds. It may call again at every save, retry and reinstall: an endpoint must cope with repeated calls.

    Values arrive exactly as they were set. In a URL they are percent-encoded where necessary; how ManyChat encodes
    them there is not documented.
    """,
)
def send(
    ctx: typer.Context,
    to: str = option("URL", "Your endpoint: where the request goes.", default=...),
    path: str | None = argument("[FILE]", "The App JSON, or - for standard input; default: the one here."),
    set_: list[str] | None = option(
        "NAME=VALUE", "The value of a param, or of page_id and the like. Repeatable.", "--set"
    ),
    key: str | None = option("NAME", "Send this key instead of a made-up one.", words=stored_names),
    allow_host: str | None = option("HOST", "Allow a real key to be sent to this host of --to."),
    times: int = option("N", "Send the same request N times (1).", min=1, max=TIMES, default=1),
    expect_status: int = option("STATUS", "The expected status (200).", min=200, max=599, default=200),
    timeout: float = option("SECONDS", "The time limit for one answer (10).", default=10.0),
    dry_run: bool = flag("--dry-run", "Show the request and send nothing."),
    form: Literal["http", "curl", "httpx"] | None = option(
        "|".join(FORMS),
        f"Print the request for another program, with {VARIABLE} in place of the key; send nothing.",
        "--print",
    ),
) -> None:
    """The block is checked first, then filled in with made-up values, those of --set and those that you enter at a
    terminal, and sent as ManyChat would send it.
    """
    shared = common(ctx)
    console = shared.console
    check_utf8(to, *(set_ or ()))
    goal, given = render.parse_to(to), blocks.parse_set(set_ or ())
    if not 0 < timeout <= 3600:
        raise UsageProblem(f"--timeout must be above 0 and at most 3600 seconds, not {timeout:g}")
    if dry_run and form:
        raise UsageProblem("--dry-run and --print cannot both be given: neither sends anything")
    if key is not None:
        render.refuse_key(goal, allow_host)
    elif allow_host is not None:
        raise UsageProblem("--allow-host is for a real key: name it with --key")
    writer = ContentWriter(ctx, _EMPTY)
    writer.check_files()
    config = configuration.load(shared.config, isolated=shared.isolated)
    document = _document(path, config)
    chosen_rules = Settings(choose(config.select, config.ignore, config.path), None, config.placeholders)
    findings, block = check_block(document, chosen_rules)
    content: dict[str, Any] = {
        "file": visible(document.name),
        "expected_status": expect_status,
        "findings": list(map(finding_row, findings)),
    }
    if block is None:
        file = FileResult(document.name, None, document.readable)
        errors = tuple(finding for finding in findings if finding.severity == ERROR)
        report = Report((file,), errors, documents={document.name: document})
        writer.emit(content, lambda style, width: FORMATS["text"].render(report, style, width), ok=False)
        console.say("nothing was sent: ManyChat would not accept this, or would not send the key")
        raise typer.Exit(1)
    warnings = sum(finding.severity == WARNING for finding in findings)
    if warnings:
        console.say(f"auth.request has {plural(warnings, 'warning')}: mcapp validate shows them")
    in_url = find(to)
    known = {**blocks.MADE_UP, **_ask(block, in_url, given, console)}
    used = {item.name for item in (*block.placeholders(), *in_url)}
    content["values"] = {name: value for name, value in known.items() if name in used}
    outcome = Outcome(expect_status)
    with opened(ctx) as vault:
        if form:
            secret = Secret(f"mcapp{token_hex(16)}")  # which print_as replaces
        elif key is None or dry_run:
            secret = Secret(blocks.made_up_key())
            content["key"] = {"source": "made-up", "name": None, "fingerprint": secret.fingerprint}
        else:
            found = from_environment() if key == VARIABLE else resolve(key, vault)
            if found is None:
                raise NoKey(f"{VARIABLE} is not set", hint="--key NAME takes a stored key: mcapp keys list")
            secret = found.secret
            content["route"] = announce(console, goal.target, found).data
            content["key"] = {"source": found.source, "name": found.name or None, "fingerprint": secret.fingerprint}
        prepared = render.prepare(block, goal, {**known, APP_KEY: secret.reveal()})
        content["request"] = render.request_json(prepared)
        content["notes"] = list(map(visible, prepared.notes))
        made_up = ", ".join(f"{name} {value}" for name, value in blocks.MADE_UP.items() if name in used - set(given))
        if made_up:
            console.say(console.err_style.dim(f"made up: {made_up}; --set NAME=VALUE sets them"))
        for note in prepared.notes:
            console.say(f"{console.err_style.note('note')}: {visible(note)}")
        if dry_run or form:
            text = render.print_as(form, prepared, secret.reveal(), timeout) if form else None
            shown = text or render.request_text(prepared, console.style)
            writer.emit({**content, "key": None, "printed": text}, shown)
            if form == "http" and secret.reveal() in prepared.url:
                console.say(f"{console.err_style.note('note')}: percent-encode the value of {VARIABLE} in the URL")
            console.say("nothing was sent" + (f"; the program needs the variable {VARIABLE}" if form else ""))
            return
        _send(prepared, outcome, times, timeout, console)
        content |= {
            "times": len(outcome.answers),
            "app_setup": outcome.app_setup,
            "answers": answers_json(outcome),
            "errors": [failure_row(error.failure) for error in outcome.errors],
        }
        texts = render.request_text(prepared, console.style), outcome_text(outcome, console.style)
        writer.emit(content, "\n\n".join(texts), ok=outcome.exit_code == 0)
    raise typer.Exit(outcome.exit_code)


def _document(path: str | None, config: Config) -> Document:
    """The named file, or the only App JSON here. Raises InputProblem."""
    found = list(search.find([] if path is None else [path], config))
    if len(found) > 1:
        names = ", ".join(file_word(item.path) for item in found[:5]) + (", …" if len(found) > 5 else "")
        raise InputProblem("there is more than one App JSON here", hint=f"name one of them: {names}", code="several")
    problem = found[0].problem
    if problem:
        problem.hint = problem.hint.replace("mcapp validate FILE", "mcapp send FILE --to …")
        raise problem
    return read(files.read_document(found[0].path), found[0].path)


def _ask(block: Block, in_url: Sequence[Placeholder], given: dict[str, str], console: Console) -> dict[str, str]:
    """The values of --set, and those that a person enters. Raises UsageProblem where nobody can be asked."""
    blocks.refuse_unknown(block, in_url, given)
    missing = blocks.missing(block, in_url, given)
    if missing and not console.can_ask:
        raise UsageProblem(
            f"auth.request uses {' and '.join(f'`{visible(name)}`' for name in missing)}: the value is missing",
            hint=quoted(*(word for name in missing for word in ("--set", f"{name}=VALUE"))),
            code="missing-value",
        )
    chosen = dict(given)
    for name in missing:
        title = block.params.get(name, name)
        chosen[name] = ask_line(console, visible(title) + ("" if title == name else f" ({visible(name)})"))
    return chosen


def _send(prepared: Prepared, outcome: Outcome, times: int, timeout: float, console: Console) -> None:
    """Send it `times` times, or until an answer is missing, or until Ctrl-C."""
    try:
        for number in range(1, times + 1):
            which = f" {number} of {times}" if times > 1 else ""
            with _waiting(console, f"waiting for the answer{which}"):
                answer = outcomes.send(prepared, timeout)
            outcome.answers.append(answer)
            if times > 1:
                console.detail(f"{number} of {times}: {answer.status or answer.trouble}")
            if answer.problem:
                break
    except KeyboardInterrupt:
        outcome.interrupted = True


def _waiting(console: Console, words: str) -> AbstractContextManager[object]:
    """Show on a terminal what is waited for."""
    if console.quiet or not is_terminal(sys.stderr):
        return nullcontext()
    from rich.console import Console as RichConsole  # 14 ms

    return RichConsole(stderr=True, no_color=not console.err_style.on).status(words)
