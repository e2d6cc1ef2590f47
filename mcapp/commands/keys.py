"""`mcapp keys`: keep pasted App Keys safely.

`add`, `show --reveal`, `remove`, `move` and `exec` ask a keyring, `list`, `path`, `use` and `rename` do not.
"""

import os
import sys
from collections.abc import Sequence
from json import dumps
from typing import Any

import typer

from mcapp.cli.command import Command, Group, argument, command, common, flag, option
from mcapp.cli.output import ContentWriter
from mcapp.commands.stored_keys import STORE, announce, carry_probes, offer_file, opened, stored_names
from mcapp.errors import NoKey, Refused, Undecided, UsageProblem
from mcapp.keys.index import EXPOSED, PAGE_ID, READY, StoredKey, check_name
from mcapp.keys.paste import MAX_BYTES, BadPaste, Cleaned, clean
from mcapp.keys.private_files import PROBES
from mcapp.keys.run_command import run
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE
from mcapp.keys.vault import AUTO, FILE_VARIABLE, STORES, VARIABLE, Vault, from_environment, resolve, store_wanted
from mcapp.net.target import choose
from mcapp.terminal.cells import width
from mcapp.terminal.console import Console, Style, is_terminal, visible
from mcapp.terminal.drawing import table
from mcapp.terminal.prompts import ask_yes
from mcapp.terminal.redact import looks_like_key

_EMPTY: dict[str, Any] = {"keys": [], "default": None, "notes": []}  # the content of a report that has none
_EXITS = {0: "done", 4: "no such key, or a key store that cannot be used"}
_HEAD = ("NAME", "STORE", "KEY", "FINGERPRINT", "PAGE", "APP", "ADDED", "LAST PROBE")
_NAME: Any = argument("NAME", "The stored key's name.", words=stored_names, default=...)


@command(
    examples="""
    mcapp keys add                               asks for the key, hidden; stores it as "default"
    pbpaste | mcapp keys add shop-a --stdin      takes it from the clipboard (xclip -o, wl-paste, Get-Clipboard)
    mcapp keys add shop-a --from-env SHOP_KEY    takes it from a variable
    mcapp keys add shop-a --stdin --verify       stores it only if ManyChat accepts it
    mcapp keys add shop-a --store file           keeps it in a private file instead of the system's keyring
    """,
    exits={
        **_EXITS,
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
    store: str | None = STORE,
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
    output = ContentWriter(ctx, {**_EMPTY, "received": None, "route": None})
    with opened(ctx) as vault:
        vault.index().refuse_taken(name, force=force)
        target = vault.choose(wanted, lambda error: offer_file(console, vault, error))
        came = _take(console, name, stdin=stdin, from_env=from_env)
        vault.refuse_twin(came.secret, name)
        on_the_way = announce(console, choose()) if verify else None
        verdict = _verified(came.secret) if verify else ""
        before = vault.index().find(name)
        entry = vault.add(name, came.secret, target, page_id, app, force=force)
        notes = [f"removed: {', '.join(came.removed)}"] if came.removed else []
        if before and before.page_id == entry.page_id:
            carry_probes(vault, before, entry)
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
        _emit(output, vault, [entry], text, notes=notes, received=received, route=route)
    if entry.store == FILE and wanted != FILE:
        console.say("there is no keyring here, so the file is used, as you chose before")


add.allow_extra_args = True  # a key as a further argument gets its own answer


@command(
    examples="""
    mcapp keys list
    mcapp keys list --json | jq -r ".keys[].name"
    """,
    exits={**_EXITS, 0: "listed, even if there are none", 4: "the index cannot be read"},
    notes="Reads only the index, which has names and masked keys. `mcapp doctor` compares it with the stores.",
)
def list_(ctx: typer.Context) -> None:
    """List the stored keys, masked."""
    console = common(ctx).console
    output = ContentWriter(ctx, {**_EMPTY, "environment": None})
    with opened(ctx) as vault:
        index, found, notes = vault.index(), None, list[str]()
        try:
            found = from_environment()
        except NoKey as error:
            notes.append(error.message)
        probes = _last_probes(vault) if index.shown else {}
        rows: list[tuple[str, ...]] = []
        for entry in index.shown:
            name = f"{entry.name} *" if entry.name == index.default else entry.name
            store = entry.store if entry.state == READY else f"{entry.store}, {entry.state}"
            probe = probes.get(entry.id)
            dates = entry.added[:10], f"{probe['verdict']} {probe['at'][:10]}" if probe else ""
            rows.append((name, store, entry.hint, entry.fingerprint, entry.page_id, visible(entry.app), *dates))
        environment = None
        if found:
            hint, fingerprint = found.secret.hint, found.secret.fingerprint
            environment = {"variable": found.variable, "hint": hint, "fingerprint": fingerprint}
            rows.append((found.variable, "environment", hint, fingerprint, "", "", "", ""))
            notes.append(f"{found.variable} is set: commands use it instead of the default key")
        unfinished = len(index.entries) - len(index.shown)
        if unfinished:
            notes.append(f"{unfinished} unfinished adds or removals: run mcapp doctor")
        if not rows:
            notes.append("no key is stored yet; store one: mcapp keys add")
        text = _table(console, rows) if rows else ""
        _emit(output, vault, index.shown, text, environment=environment, notes=notes)
        if not output.stdout.machine:
            for note in notes:
                console.say(note)


@command(
    examples="""
    mcapp keys show shop-a                 what is known about it, masked
    mcapp keys show shop-a --reveal        the key itself, at a terminal
    """,
    exits={**_EXITS, 0: "shown", 1: "--reveal into a pipe or file without --force"},
)
def show(
    ctx: typer.Context,
    name: str = _NAME,
    reveal: bool = flag("--reveal", "Print the key itself, and nothing else."),
    force: bool = flag("--force", "Reveal it even if stdout is not a terminal."),
) -> None:
    """Show one stored key, masked; with --reveal the key itself."""
    console = common(ctx).console
    output = ContentWriter(ctx, _EMPTY)
    if reveal and any(target.path is not None for target in output.targets):
        raise UsageProblem("--reveal writes the key into no file", hint="print it to stdout, as text or with --json")
    with opened(ctx) as vault:
        entry = vault.entry(name)
        if not reveal:
            probe = _last_probes(vault).get(entry.id)
            facts = {
                "key": f"{entry.hint}, fingerprint {entry.fingerprint}",
                "in": vault.where(entry),
                "page": entry.page_id,
                "app": visible(entry.app),
                "added": entry.added,
                "probed": f"{probe['verdict']}, {probe['at']}" if probe else "",
                "state": "" if entry.state == READY else f"{entry.state}; run mcapp doctor",
                "default": "yes" if vault.index().default == name else "",
            }
            text = "\n".join([name, *(f"  {label + ':':9}{fact}" for label, fact in facts.items() if fact)])
            _emit(output, vault, [entry], text)
            return
        if not (force or is_terminal(sys.stdout)):
            raise Refused(
                "the key would go into a pipe or a file",
                hint="--force prints it anyway; mcapp keys exec passes it to a command without showing it",
                code="not-a-terminal",
            )
        secret = vault.read(entry)
        console.say(f"{entry.described} from {vault.store_of(entry).where()}")
        # The one place where a key goes to stdout: not through `console.out`, which masks it.
        revealed = secret.reveal()
        if output.stdout.machine:
            content = {"keys": _rows(vault, [entry]), "secret": revealed}
            revealed = dumps(output.content(content, ok=True).document, indent=2)
        console.out_bytes(f"{revealed}\n".encode())


@command(
    examples="""
    mcapp keys path               the folder that holds the index and, if there is one, the key file
    mcapp keys path --json        the same, and the path of each file
    """,
    exits={**_EXITS, 0: "printed"},
    notes="MCAPP_CONFIG_DIR names another folder. In the system's keyring, keys have the service name mcapp.",
)
def path(ctx: typer.Context) -> None:
    """Print the folder of the index and the key file."""
    output = ContentWriter(ctx, {**_EMPTY, "paths": None})
    with opened(ctx) as vault:
        folder = vault.folder.path
        paths = {"folder": str(folder), "index": str(folder / "index.toml"), "file": str(folder / "keys.toml")}
        output.emit({"paths": paths}, visible(str(folder)))


@command(examples="mcapp keys use shop-a", exits=_EXITS)
def use(ctx: typer.Context, name: str = _NAME) -> None:
    """Make a stored key the default one."""
    output = ContentWriter(ctx, _EMPTY)
    with opened(ctx) as vault:
        entry = vault.use(name)
        _emit(output, vault, [entry], f"{entry.described} is now the default key")


@command(examples="mcapp keys rename default shop-a", exits={**_EXITS, 1: "the new name is taken"})
def rename(ctx: typer.Context, old: str = _NAME, new: str = argument("NEW", "Its new name.", default=...)) -> None:
    """Rename a stored key. The key itself does not move, and no keyring is asked."""
    output = ContentWriter(ctx, _EMPTY)
    with opened(ctx) as vault:
        entry = vault.rename(old, new)
        _emit(output, vault, [entry], f"{old} is now called {entry.described}")


@command(
    examples="""
    mcapp keys remove shop-a
    mcapp keys remove shop-a shop-b --yes      without asking
    """,
    exits={**_EXITS, 0: "removed", 1: "the answer was no"},
    notes="Only the stored copy is removed: the key stays valid until the app is uninstalled from the page.",
)
def remove(
    ctx: typer.Context,
    names: list[str] = argument("NAME…", "The stored keys' names.", words=stored_names, default=...),
    yes: bool = flag("--yes", "Do not ask."),
) -> None:
    """Remove keys from their stores and from the index."""
    console = common(ctx).console
    if not yes and not console.can_ask:
        raise UsageProblem("there is no terminal to ask before keys are removed", hint="--yes removes them")
    output = ContentWriter(ctx, _EMPTY)
    with opened(ctx) as vault:
        default = vault.index().default
        entries = [vault.entry(name) for name in dict.fromkeys(names)]
        if not yes:
            for entry in entries:
                console.say(f"{entry.described} in {vault.store_of(entry).where()}")
            if not ask_yes(
                console, "Remove this key for good?" if len(entries) == 1 else "Remove these keys for good?"
            ):
                raise Refused("nothing was removed", code="declined")
        removed = vault.remove(names)
        notes = []
        if default and not vault.index().default:
            notes.append(f"{default} was the default key; choose another: mcapp keys use NAME")
        _emit(output, vault, removed, "\n".join(f"removed {entry.described}" for entry in removed), notes=notes)
        for note in notes:
            console.say(note)


@command(
    examples="""
    mcapp keys move shop-a --store system      from the file into the system's keyring
    mcapp keys move shop-a --store file
    """,
    exits={**_EXITS, 0: "moved", 1: "it is there already"},
)
def move(
    ctx: typer.Context,
    name: str = _NAME,
    store: str | None = option("system|file", "Where to put it. [env: MCAPP_KEY_STORE]", "--store", words=STORES[1:]),
) -> None:
    """Put a stored key into another store."""
    wanted = store_wanted(store)
    if wanted == AUTO:
        raise UsageProblem("--store is missing: where to move the key", hint="--store system, or --store file")
    output = ContentWriter(ctx, _EMPTY)
    with opened(ctx) as vault:
        before = vault.entry(name)
        entry = vault.move(name, vault.choose(wanted, lambda _: False))
        carry_probes(vault, before, entry)
        _emit(output, vault, [entry], f"{entry.described} is now in {vault.where(entry)}")


class Exec(Command):
    """The command, with a name that may be missing before the `--`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as in Command
        """Without a name an empty one stands in its place: behind the `--` every word is the command's own."""
        if "--" in args:
            at = args.index("--") + 1
            given: dict[str, Any] = self.make_parser(ctx).parse_args(args=args[: at - 1])[0]
            if not isinstance(given.get("name"), str):
                args = [*args[:at], "", *args[at:]]
        return super().parse_args(ctx, args)


@command(
    kind=Exec,
    examples="""
    mcapp keys exec shop-a -- npm start
    mcapp keys exec -- npm start                   the key that other commands would use
    """,
    exits={
        0: "the command's own exit code, whatever it is",
        4: "no such key, or a key store that cannot be used",
        126: "the command cannot be run",
        127: "there is no such command",
    },
    notes="""
    The key is in the command's environment as MANYCHAT_APP_KEY, and in no argument list. mcapp's process becomes the
    command (on Windows: starts it and waits), so signals, terminal and exit code are the command's own. A report is
    printed only if the command could not be run.
    """,
)
def exec_(
    ctx: typer.Context,
    name: str = argument(
        "[NAME]",
        "The stored key's name; without it MANYCHAT_APP_KEY, else the default key.",
        words=stored_names,
        show_default=False,
        default="",
    ),
    *,
    command: list[str] = argument("-- COMMAND…", "The command with its arguments.", default=...),
) -> None:
    """Run a command with a key in its environment, as MANYCHAT_APP_KEY."""
    console = common(ctx).console
    ContentWriter(ctx, _EMPTY)  # for errors; the command's output is its own
    with opened(ctx) as vault:
        found = resolve(name, vault)
        console.say("\n".join((found.message, *found.notes)))
    environ = {name: value for name, value in os.environ.items() if name != FILE_VARIABLE}
    environ[VARIABLE] = found.secret.reveal()
    raise typer.Exit(run(command, environ))


def _verified(secret: Secret) -> str:
    """ManyChat's verdict on the key. Raises Refused if it does not accept it, Undecided if it could not be asked."""
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


def _emit(output: ContentWriter, vault: Vault, entries: Sequence[StoredKey], text: str, **more: Any) -> None:
    output.emit({"keys": _rows(vault, entries), "default": vault.index().default or None, **more}, text)


def _rows(vault: Vault, entries: Sequence[StoredKey]) -> list[dict[str, Any]]:
    """Keys for the JSON report, with the result of their last probe."""
    default, probes = vault.index().default, _last_probes(vault) if entries else {}
    return [{**entry.data(default), "last_probe": probes.get(entry.id)} for entry in entries]


def _last_probes(vault: Vault) -> dict[str, dict[str, str]]:
    """What `history.verdicts` knows of the stored keys."""
    if not (vault.folder.path / PROBES).exists():
        return {}
    from mcapp.scopes.history import verdicts  # 8 ms

    return verdicts(vault.folder)


def _table(console: Console, rows: list[tuple[str, ...]]) -> str:
    """Columns, leaving out those without content; at a terminal that is too narrow for them, a block for each key."""
    used = [number for number in range(len(_HEAD)) if any(row[number] for row in rows)]
    cells = [[row[number] for number in used] for row in rows]
    heads = [_HEAD[number] for number in used]
    widest = max(map(width, table(cells, heads, style=Style(on=False)).split("\n")))
    if widest <= console.fit:
        return table(cells, heads, style=console.style)
    lines: list[str] = []
    for name, *values in cells:
        pairs = zip(heads[1:], values, strict=True)
        lines += [console.style.bold(name), *(f"  {head.lower()}: {value}" for head, value in pairs if value)]
    return "\n".join(lines)


keys = Group("keys", [add, list_, show, use, rename, remove, move, exec_, path])
