"""`mcapp generate`: write the block."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import typer

from mcapp import config as configuration
from mcapp import inputs
from mcapp.cli import formats
from mcapp.cli.base import build, common, spec
from mcapp.commands.generate.writing import Output, Place, make
from mcapp.errors import UsageProblem
from mcapp.generate import build as blocks
from mcapp.generate.build import RequestSpec
from mcapp.generate.payload import merge, parse_entry, parse_object
from mcapp.terminal.console import visible

FORMATS = ("text", "json")


@spec(
    examples="""
    mcapp generate                                         asks, step by step
    mcapp generate --url https://example.com/manychat/install
    mcapp generate --url https://example.com/install --into app.json --diff
    mcapp generate --url https://example.com/install --param email='Your e-mail' \\
        --payload app_token='<<app_token>>' --payload email='<<email>>' --into app.json
    mcapp generate --url https://example.com/install --emit app -o app.json
    mcapp generate --url https://example.com/install | mcapp validate -
    """,
    notes="""
    <<name>> stands for a value that ManyChat fills in: <<app_token>> (the App Key), <<page_id>>, <<app_id>>,
    <<app_version>>, and every --param. It becomes {{name}} or [[name]], whichever ManyChat expects; both are accepted
    as they are, too.

    Without --payload, the payload holds app_token, page_id, app_id and app_version. The key is also sent in the
    x-token-header header, unless a given header, or a given payload, carries it. GET and DELETE have no payload.
    """,
    exits={
        0: "printed, written, or shown with --diff",
        1: "nothing written: the block would have errors or warnings, or something is there already (--force)",
    },
)
def generate(
    ctx: typer.Context,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Your endpoint, called after each install.")] = None,
    method: Annotated[
        Literal["POST", "GET", "PUT", "DELETE"] | None,
        typer.Option(metavar="|".join(blocks.METHODS), case_sensitive=False, help="The method.  [default: POST]"),
    ] = None,
    header: Annotated[list[str] | None, typer.Option(metavar="'NAME: VALUE'", help="A header. Repeatable.")] = None,
    payload: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            help=r"An entry of the payload; a dot in KEY nests, '\.' is a dot, KEY:=JSON for other types. Repeatable.",
        ),
    ] = None,
    payload_json: Annotated[
        str | None,
        typer.Option(metavar="TEXT|@FILE|-", help="The payload as JSON; --payload entries are put over it."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[=TITLE]", help="Something that the installer types in. Repeatable."),
    ] = None,
    token_in: Annotated[
        Literal["header", "payload", "both"] | None,
        typer.Option(metavar="|".join(blocks.TOKEN_IN), help="Where the App Key travels.  [default: both]"),
    ] = None,
    token_header: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"The header with the key.  [default: {blocks.KEY_HEADER}]")
    ] = None,
    emit: Annotated[
        Literal["request", "auth", "app"] | None,
        typer.Option(
            metavar="|".join(blocks.EMIT),
            help="The request block, the whole auth, or a complete App JSON with a sample action.  [default: request]",
        ),
    ] = None,
    placeholders: Annotated[
        Literal["manychat", "portable"] | None,
        typer.Option(
            metavar="|".join(configuration.PLACEHOLDERS),
            help="'portable' keeps <<name>> as it is.  [default: the configuration's, else manychat]",
        ),
    ] = None,
    into: Annotated[
        str | None, typer.Option(metavar="FILE", help="Put the block into this App JSON; the rest of it stays.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write a new file instead of printing.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a request, or a file, that is there already.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what would change and write nothing.")] = False,
    output_format: Annotated[
        list[str] | None, typer.Option(metavar="NAME[=PATH]", help=f"{formats.HELP} One of {', '.join(FORMATS)}.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Short for --output-format json.")] = False,
) -> None:
    """Write the auth.request block that makes ManyChat hand over an App Key.

    Prints it, puts it into an existing App JSON (--into) or writes a new file (-o). What it writes has been checked
    with every rule of 'mcapp validate' first. Without --url, at a terminal, it asks. Opens no socket and touches no
    key store.
    """
    shared = common(ctx)
    output = Output(formats.targets(output_format or (), FORMATS, json=json), shared.console)
    shared.failure = output.failed
    config = configuration.load(shared.config, isolated=shared.isolated)
    _refuse_odd_text((url, payload_json, token_header, *(header or ()), *(payload or ()), *(param or ())))
    place = _place(into, out, emit, force=force, diff=diff)
    wanted = RequestSpec(
        url=url or "",
        method=method or "POST",
        headers=tuple(header or ()),
        payload=_payload(payload_json, payload or ()),
        params=tuple(map(blocks.parse_param, param or ())),
        token_in=token_in,
        token_header=token_header,
        portable=(placeholders or config.placeholders) == "portable",
        emit=emit or "request",
    )
    if url is None and not shared.console.can_ask:
        raise UsageProblem(
            "there is no --url, and nobody to ask for it",
            hint="mcapp generate --url https://example.com/manychat/install",
        )
    wizard = None
    if url is None:
        from mcapp.commands.generate.wizard import Given, Wizard

        wizard = Wizard(shared.console)
        wanted, place = wizard.ask(wanted, place, Given(method is not None, emit is not None))
    made = make(wanted, place)
    if not output.accepts(made, place):
        raise typer.Exit(1)
    if wizard:
        wizard.confirm(made, place)
    output.deliver(made, place, talk=wizard is not None)
    if wizard:
        words = visible(shlex.join([*sys.argv[1:], *wizard.words]))
        shared.console.say(f"the same without questions: mcapp {words}")


def _refuse_odd_text(words: Iterable[str | None]) -> None:
    """An argument that is no valid UTF-8 reaches Python as lone surrogates, and no file could hold it."""
    for word in words:
        if word is not None:
            try:
                word.encode("utf-8")
            except UnicodeEncodeError:
                raise UsageProblem("an argument is not valid UTF-8") from None


def _place(into: str | None, out: str | None, emit: str | None, *, force: bool, diff: bool) -> Place:
    """Where the block goes, as the options say."""
    if into is not None and out is not None:
        raise UsageProblem("--into and -o cannot both be given", hint="--into changes a file, -o writes a new one")
    if into is not None and emit is not None:
        raise UsageProblem("--into puts the block into the file's `auth`, so --emit has nothing to say")
    if into == "-":
        raise UsageProblem("--into needs a file", hint="without --into and -o the block is printed")
    path = into if into is not None else None if out == "-" else out
    if diff and path is None:
        raise UsageProblem("--diff compares with a file", hint="name it with --into or -o")
    return Place(path, into=into is not None, force=force, diff=diff)


def _payload(text: str | None, words: Sequence[str]) -> dict[str, object] | None:
    """`--payload-json` first, the `--payload` entries over it; None if there is neither."""
    if text is None and not words:
        return None
    base: dict[str, object] = {}
    if text is not None:
        if text == "-" or text.startswith("@"):
            path = text.removeprefix("@")
            base = parse_object(inputs.read(path), "--payload-json -" if path == "-" else path)
        else:
            base = parse_object(text.encode("utf-8"), "--payload-json")
    return merge(base, map(parse_entry, words))


command = build("generate", generate)
