"""`mcapp keys add`: take a key in, from a prompt, a pipe or a variable."""

import os
import sys

import typer

from mcapp.cli.command import argument, command, common, flag, option
from mcapp.cli.output import ContentWriter
from mcapp.commands.keys import shared
from mcapp.errors import Refused, Undecided, UsageProblem
from mcapp.keys.index import EXPOSED, PAGE_ID, check_name
from mcapp.keys.paste import MAX_BYTES, BadPaste, Cleaned, clean
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE
from mcapp.keys.vault import store_wanted
from mcapp.net.target import choose
from mcapp.terminal.console import Console, is_terminal
from mcapp.terminal.redact import looks_like_key


@command(
    examples="""
    mcapp keys add                               asks for the key, hidden; stores it as "default"
    pbpaste | mcapp keys add shop-a --stdin      takes it from the clipboard (xclip -o, wl-paste, Get-Clipboard)
    mcapp keys add shop-a --from-env SHOP_KEY    takes it from a variable
    mcapp keys add shop-a --stdin --verify       stores it only if ManyChat accepts it
    mcapp keys add shop-a --store file           keeps it in a private file instead of the system's keyring
    """,
    exits={
        **shared.EXITS,
        0: "stored",
        1: "a key of this name, or this very key, is already stored; with --verify: ManyChat does not accept it",
        2: "what came in is not a key; or usage, configuration",
        3: "with --verify: ManyChat could not be asked",
        4: "no key store can be used",
    },
    notes="""
    A key is never taken from an argument: every user of the machine can read a process's arguments. What was copied
    along with the key (spaces, quotes, "Bearer", a variable's or header's name, JSON) is removed and reported.
    """,
)
def add(
    ctx: typer.Context,
    name: str = argument("[NAME]", "The name to store it under.", default="default"),
    stdin: bool = flag("--stdin", "Take the key from standard input."),
    from_env: str | None = option("VAR", "Take the key from this environment variable.", "--from-env"),
    store: str | None = shared.STORE,
    page_id: str = option("ID", "The page (account) that the key belongs to, as a note.", "--page-id", default=""),
    app: str = option("NAME", "The app that it belongs to, as a note.", "--app", default=""),
    verify: bool = flag("--verify", "First ask ManyChat, with one harmless request, whether it accepts the key."),
    force: bool = flag("--force", "Replace the key that has this name."),
) -> None:
    """Store an App Key."""
    console = common(ctx).console
    wanted = store_wanted(store)
    check_name(name)
    if ctx.args:
        raise UsageProblem("a key is never taken from an argument", hint=EXPOSED, code="key-as-argument")
    if page_id and not PAGE_ID.fullmatch(page_id):
        raise UsageProblem("--page-id is not an id", hint="at most 40 letters, digits, dots, dashes and underscores")
    if app and (len(app) > 80 or not app.isprintable()):
        raise UsageProblem("--app is not a name", hint="at most 80 printable characters")
    if looks_like_key(app) or looks_like_key(page_id):
        raise UsageProblem(
            "--page-id and --app are notes that anybody may read, and this looks like a key",
            hint="treat the key as exposed: it is in the shell's history now",
        )
    if stdin and from_env is not None:
        raise UsageProblem("--stdin and --from-env are two sources for one key", hint="use one of them")
    if stdin and is_terminal(sys.stdin) and not console.can_ask:
        raise UsageProblem("--stdin is a terminal, and prompts are not allowed", hint="pipe the key in")
    if not stdin and from_env is None and not console.can_ask:
        raise UsageProblem(
            "there is no terminal to ask for the key",
            hint="pipe it in with --stdin, or name the variable that holds it: --from-env VAR",
        )
    output = ContentWriter(ctx, {**shared.EMPTY, "received": None, "route": None})
    with shared.opened(ctx) as vault:
        vault.index().refuse_taken(name, force=force)
        target = vault.choose(wanted, lambda error: shared.offer_file(console, vault, error))
        came = _take(console, name, stdin=stdin, from_env=from_env)
        vault.refuse_twin(came.secret, name)
        on_the_way = shared.announce(console, choose()) if verify else None
        verdict = _verified(came.secret) if verify else ""
        before = vault.index().find(name)
        entry = vault.add(name, came.secret, target, page_id, app, force=force)
        notes = [f"removed: {', '.join(came.removed)}"] if came.removed else []
        if before and before.page_id == entry.page_id:
            shared.carry_probes(vault, before, entry)
            kept = [f"page {entry.page_id}"] * bool(entry.page_id) + [f"app {entry.app}"] * bool(entry.app)
            notes += [f"as before: {', '.join(kept)}"] * bool(kept)
        notes += [f"warning: {warning}" for warning in came.warnings]
        if verdict:
            notes.append(verdict)
        for note in notes:
            console.say(note)
        text = (
            f"received {len(came.secret):,} characters, {entry.hint}, fingerprint {entry.fingerprint}\n"
            f"stored as {name} in {vault.where(entry)}"
        )
        if vault.index().default == name:
            text += "\nit is the default key"
        received = {"characters": len(came.secret), "removed": list(came.removed)}
        route = on_the_way and on_the_way.data
        shared.emit(output, vault, [entry], text, notes=notes, received=received, route=route)
    if entry.store == FILE and wanted != FILE:
        console.say("there is no keyring here, so the file is used, as you chose before")


add.allow_extra_args = True  # a key as a further argument gets its own answer


def _verified(secret: Secret) -> str:
    """ManyChat's verdict on the key, from `GET /fb/page/getInfo` alone.

    Raises Refused for a key that ManyChat does not accept, Undecided where it could not be asked.
    """
    from mcapp.api import probe
    from mcapp.net import target

    key = probe(secret, only=["GET /fb/page/getInfo"], base_url=target.MANYCHAT).key
    if key is None or key.verdict in ("unreachable", "unclear"):
        reason = key.reason if key else "no answer"
        raise Undecided(
            f"ManyChat could not be asked, and the key was not stored: {reason}",
            hint="without --verify it is stored without asking",
        )
    if key.verdict in ("rejected", "uninstalled"):
        raise Refused(f"the key is {key.verdict}, and was not stored: {key.reason}", hint=key.next, code="not-accepted")
    return f"ManyChat was asked: {key.verdict} ({key.reason})"


def _take(console: Console, name: str, *, stdin: bool, from_env: str | None) -> Cleaned:
    """The key, cleaned. At a terminal it is never echoed, even with `--stdin`."""
    if from_env is not None:
        value = os.environ.get(from_env)
        if value is None:
            raise UsageProblem("the variable that --from-env names is not set", hint="give its name alone, without $")
        return clean(value)
    if stdin and not is_terminal(sys.stdin):
        return clean(sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin else b"")  # none where it was closed
    from mcapp.keys.key_prompt import read_hidden

    prompt = console.err_style.bold(f"App Key for {name} (what you paste stays hidden): ")
    while True:  # or the next paste would land in the shell, and in its history
        try:
            return clean(read_hidden(prompt, sys.stdin, sys.stderr))
        except BadPaste as error:
            console.error(error)
