"""`mcapp demo`: the whole loop on one machine."""

import time
from pathlib import Path

import typer

from mcapp import config as configuration
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common
from mcapp.cli.output import EventFormat, EventWriter, Json
from mcapp.cli.servers import interrupts
from mcapp.commands.demo.stage import Stage
from mcapp.commands.demo.transcript import Show, Unexpected
from mcapp.commands.emulate import KEY
from mcapp.emulator.emulated_key import scopes_of
from mcapp.errors import Interrupted, McappError
from mcapp.keys.stores.environment import VARIABLE
from mcapp.scopes import expect

_ENDPOINT = "https://example.com/manychat/install"
_PATH = "/manychat/install"
_SCOPES = ("page", "GET /fb/subscriber/getInfo", "POST /fb/sending/sendContent")
_LIFETIME = ("--timeout", "120")  # seconds; a server that nobody is left to end, ends by itself


@help_page(
    examples="""
    mcapp demo                     see the whole loop, in some seconds
    mcapp demo --json              each command, its exit code and what it printed, as data
    """,
    exits={
        0: "every step went as it should, and the probe found just the scopes that the key was given",
        1: "a step went otherwise",
        3: "a step could not be done: nothing can listen on 127.0.0.1, or it took too long",
    },
    notes="""
    It writes a block and checks it, plays the developer's endpoint (listen) and ManyChat's side of an installation
    (send), stores the key that arrives, plays ManyChat's API (emulate), and asks there what the key may do (probe).

    No account is needed, and no other machine is reached. Everything lies in a temporary folder that is removed at the
    end, the key store too: your own files, keys and settings are neither read nor touched.
    """,
)
def demo(
    ctx: typer.Context,
    output_format: EventFormat = None,
    json: Json = False,
) -> None:
    """Show the whole loop on this machine, without an account: from an empty folder to a probed key.

    Each step is an mcapp command that is really run, shown as you would type it.
    """
    shared = common(ctx)
    console = shared.console
    if shared.config is not None:
        configuration.load(shared.config)  # it says nothing to this command, but a mistake in it should not go unseen
    output = EventWriter(ctx, output_format, json, lambda: {"steps": [], "granted": []}, streamed=("steps",))
    show = Show(output, console)
    begun = time.monotonic()
    try:
        color = console.style.on and output.prints_text
        with (
            interrupts("SIGTERM", "SIGHUP") as control_c,
            Stage(control_c, color=color, width=console.width) as stage,
        ):
            _play(stage, show)
    except KeyboardInterrupt:
        show.fail(Interrupted("interrupted"))
    except McappError as error:
        show.fail(error)
    show.finish()
    if not show.code and output.prints_text:
        seconds = time.monotonic() - begun
        console.say(
            f"\nThat took {seconds:.1f} seconds on this machine alone, and nothing is left of it.\n"
            "next: mcapp generate    asks for your own endpoint, and writes the block"
        )
    output.done()
    raise typer.Exit(show.code)


def _play(stage: Stage, show: Show) -> None:
    show.title("generate", "an App JSON whose auth.request hands the App Key to your endpoint")
    payload = [
        word
        for field in ("app_token=<<app_token>>", "page=<<page_id>>", "email=<<email>>")
        for word in ("--payload", field)
    ]
    show.ran(
        stage.run(
            *("generate", "--url", _ENDPOINT, "--param", "email=Your e-mail", *payload),
            *("--emit", "app", "-o", "app.json"),
        )
    )
    show.title("validate", "what otherwise shows only when an installation fails")
    show.ran(stage.run("validate", "app.json"))
    _spoil(stage.folder / "app.json", stage.folder / "slips.json")
    show.ran(stage.run("validate", "slips.json"), expected=1)
    show.title("listen", "your endpoint, played by mcapp")
    listener = stage.start("listen", "--app", "app.json", "--path", _PATH, "--store-as", "demo", "--once", *_LIFETIME)
    show.begins(listener)
    show.title("send", "ManyChat's side of an installation: it fills in your block and sends it")
    filled = ("--to", listener.url, "--set", "email=me@example.com")
    show.ran(stage.run("send", "app.json", *filled, "--key", VARIABLE, variables={VARIABLE: KEY}))
    show.title("store", "what the listener saw; it stored the key, as it was asked to")
    show.ended(listener)
    show.ran(stage.run("keys", "list"))
    show.title("emulate", "ManyChat's API, played by mcapp, for a key with some scopes")
    emulator = stage.start("emulate", "--scopes", ",".join(_SCOPES), *_LIFETIME)
    show.begins(emulator)
    show.title("probe", "what the stored key may really do")
    show.ran(
        stage.run(
            *("probe", "--key", "demo", "--base-url", emulator.url, "--include-writes", "--rate", "100"),
            *("--write-expect", "scopes.txt"),
        )
    )
    emulator.end()
    show.ended(emulator, expected=None, printed=False)
    show.granted = expect.read_file(str(stage.folder / "scopes.txt"))
    if set(show.granted) != scopes_of(_SCOPES):
        raise Unexpected("the probe did not find just the scopes that the key was given")


def _spoil(good: Path, bad: Path) -> None:
    """Two slips that nobody sees: the key in the clear, and the wrong brackets."""
    text = good.read_text(encoding="utf-8")
    text = text.replace(_ENDPOINT, _ENDPOINT.replace("https", "http")).replace("{{app_token}}", "[[app_token]]")
    bad.write_text(text, encoding="utf-8")


command = build("demo", demo)
