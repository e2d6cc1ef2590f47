"""`mcapp listen`: the developer's endpoint."""

import re
import threading
from typing import Annotated, Any

import typer

from mcapp import config as configuration
from mcapp import files
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common
from mcapp.cli.output import EventFormat, EventWriter, Json
from mcapp.cli.servers import Host, Port, check_host, check_number, interrupts, listening, terminated
from mcapp.commands.keys.shared import opened
from mcapp.commands.listen.session import Session
from mcapp.commands.listen.storing import Keeper
from mcapp.document import read
from mcapp.errors import InputProblem, UsageProblem
from mcapp.handover.endpoint.listener import Listener
from mcapp.handover.endpoint.saved import prepare_folder
from mcapp.handover.endpoint.slots import Block, block_of
from mcapp.keys.index import check_name
from mcapp.keys.vault import store_wanted
from mcapp.net.server import LOOPBACK

# RFC 3986, 3.3: what a path may be written with. Two slashes at its head would begin a host's name.
_PATH = re.compile(r"(?!//)/[A-Za-z0-9._~!$&'()+,*;=:@%/-]*")


@help_page(
    examples="""
    mcapp listen                                a free port; asks before it stores
    mcapp listen --port 3000 --path /manychat/install --app app.json
    mcapp listen --store-as shop-a --once --timeout 60  for scripts and CI
    mcapp listen --once --save fixtures/        for your tests, without the key
    """,
    exits={
        0: "a key arrived (and was stored, where --store-as asked for it), or nothing did until it was told to end",
        1: "no delivery carried a key, or the key was not stored: the name or the key is there already",
        3: "nothing arrived within --timeout",
        4: "no key store can be used",
        130: "ended by Ctrl-C; the report is complete",
    },
    notes="""
    With --app it looks for the key where the block has {{app_token}}. Without it, in headers, fields at any depth and
    parameters that are called like a key (x-token-header, app_token, api-key …), and for the form of an account's API
    key (digits, a colon, letters) or of one that mcapp send makes up. What merely may be a key is masked and never
    stored.

    A delivered key never becomes the default one. Of one run only the first key is stored under --store-as.

    Refused, with nothing stored: a Host header that is not this machine's, what a web page sent (Origin,
    Sec-Fetch-Site, Referer), other paths and methods, bodies of more than 1 MB, in chunks or without their length, and
    what is not there as a whole after 10 seconds. A tunnel has to rewrite the Host header: ngrok http
    --host-header=rewrite PORT.

    Nobody proves to be ManyChat here: whoever can reach the port can deliver a key. There is no TLS either.
    """,
)
def listen(
    ctx: typer.Context,
    host: Host = LOOPBACK,
    port: Port = 0,
    path: Annotated[
        str, typer.Option(metavar="PATH", show_default=False, help="Take deliveries at this path (/).")
    ] = "/",
    app: Annotated[
        str | None, typer.Option(metavar="FILE", help="Look for the key where this App JSON's auth.request puts it.")
    ] = None,
    store_as: Annotated[
        str | None, typer.Option(metavar="NAME", help="Store the first key that arrives under this name.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="auto|system|file", help="Where to store it, as for 'keys add'. [env: MCAPP_KEY_STORE]"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the key that has this name.")] = False,
    once: Annotated[bool, typer.Option("--once", help="End after the first delivery.")] = False,
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, help="End after so long; 3 if nothing arrived.")
    ] = None,
    status: Annotated[
        int,
        typer.Option(
            metavar="STATUS",
            min=200,
            max=599,
            show_default=False,
            help="Answer with this status (200), to try failing.",
        ),
    ] = 200,
    save_to: Annotated[
        str | None,
        typer.Option("--save", metavar="DIR", help="Write each delivery into this folder as JSON, without its key."),
    ] = None,
    output_format: EventFormat = None,
    json: Json = False,
) -> None:
    """Play the endpoint that ManyChat hands the App Key to: show what arrives, and say where the key came.

    It shows every delivery with the key masked, answers 200, and stores a key only with --store-as, or after a yes at
    the terminal.
    """
    shared = common(ctx)
    console = shared.console
    if shared.config is not None:
        configuration.load(shared.config)  # it says nothing to this command, but a mistake in it should not go unseen
    if store_as is not None:
        check_name(store_as)
    elif (force or store is not None) and not console.can_ask:
        raise UsageProblem("--force and --store are about storing, and nothing is stored", hint="add --store-as NAME")
    if not _PATH.fullmatch(path):
        raise UsageProblem("--path is no path of a URL: it begins with one / and has no blanks, ? or #")
    check_number("--timeout", timeout)
    wanted = store_wanted(store)
    blank: dict[str, Any] = {"url": None, "deliveries": [], "refused": [], "stored": []}
    output = EventWriter(ctx, output_format, json, lambda: blank, streamed=("deliveries", "refused"))
    output.check_files()
    block = _block(app) if app is not None else None
    folder = prepare_folder(save_to) if save_to is not None else None
    listener = Listener(host=check_host(host), port=port, path=path, status=status, once=once)
    with opened(ctx) as vault:
        keeper = Keeper(console, vault, name=store_as, force=force, store=wanted)
        keeper.prepare()
        stop = threading.Event()
        with interrupts() as control_c:
            session = Session(listener, console, output, keeper, block, folder, control_c)
            with listening(listener.start, listener.stop), terminated(stop, control_c):
                session.announce()
                session.watch(stop, timeout)
            session.settle()
        interrupted = control_c.came
        stored = [entry.data(vault.index().default) for entry in keeper.entries]
    expired = timeout is not None and not stop.is_set() and not interrupted
    code = session.report(stored, timeout if expired else None, interrupted=interrupted)
    output.done()
    raise typer.Exit(code)


def _block(path: str) -> Block:
    """Where the block in this file puts the key. Raises InputProblem if it does not."""
    document = read(files.read_document(path), path)
    block = block_of(document)
    if block is None:
        raise InputProblem(
            f"{path} has no auth.request, so ManyChat delivers nothing",
            hint=f"mcapp generate --url URL --into {path} writes one",
            code="no-request",
            path=path,
        )
    if not block.key_spots:
        hint = f"mcapp validate {path} tells what is wrong with it"
        raise InputProblem(f"the auth.request in {path} never sends the App Key", hint=hint, code="no-key", path=path)
    return block


command = build("listen", listen)
