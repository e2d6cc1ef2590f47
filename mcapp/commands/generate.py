"""`mcapp generate`: write the auth.request block."""

from collections.abc import Sequence
from typing import Any, Literal

import typer

from mcapp import config as configuration
from mcapp import files
from mcapp.appjson.placeholders import APP_KEY
from mcapp.cli.command import check_utf8, command, common, flag, option, split_words
from mcapp.cli.output import ContentWriter
from mcapp.errors import UsageProblem
from mcapp.generate import build as blocks
from mcapp.generate import draft as drafts
from mcapp.generate.build import PayloadEntry, RequestSpec, merge, parse_entry, parse_object
from mcapp.generate.draft import Draft, WriteTarget
from mcapp.handover.block import block_of, missing
from mcapp.report import FORMATS
from mcapp.report.json_report import finding_row
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Console, visible
from mcapp.terminal.drawing import print_diff
from mcapp.terminal.format import file_word, quoted
from mcapp.terminal.redact import looks_like_key, remember

# The content of the JSON report (schemas/generate.schema.json) where no block could be made.
_EMPTY: dict[str, Any] = {"action": "none", "path": None, "block": None, "diff": None}
_EMPTY |= {"missing_params": [], "kept_params": [], "findings": []}
_SYSTEM = tuple(name for name in blocks.DEFAULT_PAYLOAD if name != APP_KEY)


@command(
    examples="""
    mcapp generate                                         asks, step by step
    mcapp generate --url https://example.com/manychat/install
    mcapp generate --url https://example.com/install --into app.json --diff
    mcapp generate --url https://example.com/install --param "email=Your e-mail" --into app.json
    mcapp generate --url https://example.com/install --payload "app_token=<<app_token>>"
    mcapp generate --url https://example.com/install --emit app -o app.json
    mcapp generate --url https://example.com/install | mcapp validate -
    """,
    notes="""
    <<name>> stands for a value that ManyChat fills in: <<app_token>> (the App Key), <<page_id>>, <<app_id>>,
    <<app_version>>, and every --param. It becomes {{name}} or [[name]], whichever ManyChat expects; these two are
    accepted too and not changed.

    Without --payload, the payload holds app_token, page_id, app_id, app_version and every --param; with it, only what
    is named, and --system adds some of ManyChat's values. The key is also sent in the x-token-header header, unless a
    header or payload in the options has it. GET and DELETE have no payload.
    """,
    exits={
        0: "printed, written, or shown with --diff",
        1: "nothing written: the block would have errors or warnings, or the file or request exists (--force)",
    },
)
def generate(
    ctx: typer.Context,
    url: str | None = option("URL", "Your endpoint, called after each install."),
    method: Literal["POST", "GET", "PUT", "DELETE"] | None = option(
        "|".join(blocks.METHODS), "The method.  [default: POST]", case_sensitive=False
    ),
    header: list[str] | None = option('"NAME: VALUE"', "A header. Repeatable."),
    payload: list[str] | None = option(
        "KEY=VALUE",
        r"An entry of the payload; a dot in KEY nests, '\.' is a dot, KEY:=JSON for other types. Repeatable.",
    ),
    payload_json: str | None = option("TEXT|@FILE|-", "The payload as JSON; --payload entries are added to it."),
    system: str | None = option(",".join(_SYSTEM), "Add these values to a payload of --payload.", words=_SYSTEM),
    param: list[str] | None = option("NAME[=TITLE]", "A value that the installer enters. Repeatable."),
    token_in: Literal["header", "payload", "both"] | None = option(
        "|".join(blocks.TOKEN_IN), "Where the App Key is sent.  [default: both]"
    ),
    token_header: str | None = option("NAME", f"The header with the key.  [default: {blocks.KEY_HEADER}]"),
    emit: Literal["request", "auth", "app"] | None = option(
        "|".join(blocks.EMIT),
        "The request block, the whole auth, or a complete App JSON with a sample action.  [default: request]",
    ),
    placeholders: Literal["manychat", "portable"] | None = option(
        "|".join(configuration.PLACEHOLDERS),
        "'portable' does not change <<name>>.  [default: the configuration's, else manychat]",
    ),
    into: str | None = option("FILE", "Put the block into this App JSON; the rest is not changed."),
    out: str | None = option("FILE", "Write a new file instead of printing.", "-o", "--output"),
    force: bool = flag("--force", "Replace an existing request or file."),
    diff: bool = flag("--diff", "Show what would change and write nothing."),
) -> None:
    """Prints it, puts it into an existing App JSON (--into) or writes a new file (-o), after checking it with every
    rule of 'mcapp validate'. Without --url, at a terminal, it asks. It opens no socket and no key store.
    """
    shared = common(ctx)
    check_utf8(url, payload_json, system, token_header, *(header or ()), *(payload or ()), *(param or ()))
    for value in filter(looks_like_key, (url or "", *(header or ()))):
        remember(value)  # a key in the wrong place, which the findings would show
    target = _target(into, out, emit, force=force, diff=diff)
    entries = list(map(parse_entry, payload or ()))
    params = tuple(map(blocks.parse_param, param or ()))
    if url is None and not shared.console.can_ask:
        raise UsageProblem(
            "--url is missing, and there is no terminal to ask for it",
            hint="mcapp generate --url https://example.com/manychat/install",
        )
    output = ContentWriter(ctx, _EMPTY)
    config = configuration.load(shared.config, isolated=shared.isolated)
    wanted = RequestSpec(
        url=url or "",
        method=method or "POST",
        headers=tuple(header or ()),
        payload=_payload(payload_json, entries, system),
        params=params,
        token_in=token_in,
        token_header=token_header,
        portable=(placeholders or config.placeholders) == "portable",
        emit=emit or "request",
    )
    wizard = None
    if url is None:
        from mcapp.generate.wizard import Wizard

        given = [name for name, value in (("method", method), ("emit", emit)) if value is not None]
        wizard = Wizard(shared.console, wanted, target, given)
    while True:
        if wizard:
            wanted, target = wizard.ask()
        made = drafts.make(wanted, target)
        if made.findings and not output.stdout.machine:
            shared.console.say(FORMATS["text"].render(_findings(made), shared.console.err_style, shared.console.width))
        if made.flaw:
            output.emit(_report(made, "none"), "", ok=False)
            shared.console.say("nothing was written: what mcapp writes has no errors and no warnings")
            raise typer.Exit(1)
        if wizard is None or wizard.confirms(wanted, made):
            break
    if target.path is None:
        action = "printed"
        if not output.stdout.machine:
            shared.console.out_bytes(made.document.raw)
    elif target.diff and made.changed:
        action = "shown"
        if not output.stdout.machine:
            print_diff(made.diff, shared.console)
    else:
        action = drafts.write(made)
    output.emit(_report(made, action), "")
    _say_outcome(made, action, shared.console)
    if action in ("inserted", "created", "replaced") or (wizard and action == "printed"):
        shared.console.say(_next_commands(made, target.path))
    if wizard:
        shared.console.say(f"the same without questions: {wizard.command(wanted, target)}")


def _target(into: str | None, out: str | None, emit: str | None, *, force: bool, diff: bool) -> WriteTarget:
    if into is not None and out is not None:
        raise UsageProblem("--into and -o cannot both be given", hint="--into changes a file, -o writes a new one")
    if into is not None and emit is not None:
        raise UsageProblem("--emit has no effect with --into, which puts the request into the file's `auth`")
    if into == "-":
        raise UsageProblem("--into needs a file", hint="without --into and -o the block is printed")
    path = into if into is not None else None if out == "-" else out
    if diff and path is None:
        raise UsageProblem("--diff compares with a file", hint="name it with --into or -o")
    return WriteTarget(path, into=into is not None, force=force, diff=diff)


def _payload(text: str | None, entries: Sequence[PayloadEntry], system: str | None) -> dict[str, object] | None:
    """The values of `--system`, `--payload-json` over them, then the `--payload` entries; None for the default one."""
    names = split_words([system or ""])
    for name in names:
        if name not in _SYSTEM:
            raise UsageProblem(f"--system does not accept {name!r}", hint=f"it accepts: {', '.join(_SYSTEM)}")
    if text is None and not entries:
        if names:
            raise UsageProblem("--system adds to a payload of --payload; the default one has all of them")
        return None
    base: dict[str, object] = {}
    if text is not None:
        if text == "-" or text.startswith("@"):
            path = text.removeprefix("@")
            base = parse_object(files.read(path, stdin=True), "--payload-json -" if path == "-" else path)
        else:
            base = parse_object(text.encode("utf-8"), "--payload-json")
    return merge({**{name: f"<<{name}>>" for name in names}, **base}, entries)


def _say_outcome(made: Draft, action: str, console: Console) -> None:
    name = visible(made.target.path or "")
    sentences = {
        "inserted": f"put auth.request into {name}",
        "created": f"wrote {name}",
        "replaced": f"replaced {name}",
        "unchanged": f"{name} has this block already: nothing to write",
    }
    if action in sentences:
        console.say(sentences[action])
    for param in made.kept:
        console.say(f"{name} declares the param `{visible(param)}` already: its title is kept")
    if made.missing:
        member = blocks.render({"params": list(made.missing)})[2:-3]  # without the outer braces
        console.say(f"the block needs these params in `auth` (--into and --emit auth write them):\n{member}")


def _next_commands(made: Draft, path: str | None) -> str:
    """The commands that check and rehearse it, with the block's own path and the values that `send` will need."""
    if path is None:
        return "next: put it into your App JSON with --into app.json, then check that: mcapp validate app.json"
    block = block_of(made.document)
    to, needed = "http://127.0.0.1:3000", list[str]()
    if block:
        to += (block.path or "").rstrip("/")
        needed = [word for name in missing(block, (), {}) for word in ("--set", f"{name}=VALUE")]
    return f"next: mcapp validate {file_word(path)}\n      mcapp send {file_word(path)} {quoted('--to', to, *needed)}"


def _findings(made: Draft) -> Report:
    """The findings as a report of `validate`. Their fixes are left out: --fix cannot change a text without a file."""
    names = sorted({finding.path for finding in made.findings})
    return Report(
        files=tuple(FileResult(name, None, readable=True) for name in names),
        findings=tuple(finding._replace(fix=None) for finding in made.findings),
        documents=made.documents,
        fail_on="warning",
    )


def _report(made: Draft, action: str) -> dict[str, Any]:
    return {
        "action": action,
        "path": made.target.path,
        "block": made.data,
        "missing_params": list(made.missing),
        "kept_params": list(made.kept),
        "diff": made.diff if made.target.diff and not made.flaw else None,
        "findings": [finding_row(finding._replace(fix=None)) for finding in made.findings],
    }
