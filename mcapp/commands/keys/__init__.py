"""`mcapp keys`: keep pasted App Keys safely. `keys add` is in `add`, what other commands need too in `shared`.

`show --reveal`, `remove`, `move` and `exec` ask a keyring, `list`, `path`, `use` and `rename` do not.
"""

import os
import sys
from json import dumps
from typing import Any

import typer

from mcapp.cli.command import Command, Group, argument, command, common, flag, option
from mcapp.cli.output import ContentWriter
from mcapp.commands.keys import shared
from mcapp.commands.keys.add import add
from mcapp.errors import NoKey, Refused, UsageProblem
from mcapp.keys.index import READY, StoredKey
from mcapp.keys.run_command import run
from mcapp.keys.vault import AUTO, FILE_VARIABLE, VARIABLE, Vault, from_environment, resolve, store_wanted
from mcapp.terminal.cells import width
from mcapp.terminal.console import Console, Style, is_terminal, visible
from mcapp.terminal.drawing import table
from mcapp.terminal.prompts import ask_yes

_HEAD = ("NAME", "STORE", "KEY", "FINGERPRINT", "PAGE", "APP", "ADDED", "LAST PROBE")


@command(
    examples="""
    mcapp keys list
    mcapp keys list --json | jq -r ".keys[].name"
    """,
    exits={**shared.EXITS, 0: "listed, even if there are none", 4: "the index cannot be read"},
    notes="Reads only the index, which has names and masked keys. `mcapp doctor` compares it with the stores.",
)
def list_(ctx: typer.Context) -> None:
    """List the stored keys, masked."""
    console = common(ctx).console
    output = ContentWriter(ctx, {**shared.EMPTY, "environment": None})
    with shared.opened(ctx) as vault:
        index, variable, notes = vault.index(), None, list[str]()
        try:
            if key := from_environment():
                fingerprint = key.secret.fingerprint
                variable = {"variable": key.variable, "hint": key.secret.hint, "fingerprint": fingerprint}
        except NoKey as error:
            notes.append(error.message)
        probes = shared.last_probes(vault) if index.shown else {}
        rows = [_row(entry, index.default, probes.get(entry.id)) for entry in index.shown]
        if variable:
            name = variable["variable"]
            rows.append((name, "environment", variable["hint"], variable["fingerprint"], "", "", "", ""))
            notes.append(f"{name} is set: commands use it instead of the default key")
        unfinished = len(index.entries) - len(index.shown)
        if unfinished:
            notes.append(f"{unfinished} unfinished adds or removals: run mcapp doctor")
        if not rows:
            notes.append("no key is stored yet; store one: mcapp keys add")
        text = _table(console, rows) if rows else ""
        shared.emit(output, vault, index.shown, text, environment=variable, notes=notes)
        if not output.stdout.machine:
            for note in notes:
                console.say(note)


@command(
    examples="""
    mcapp keys show shop-a                 what is known about it, masked
    mcapp keys show shop-a --reveal        the key itself, at a terminal
    """,
    exits={**shared.EXITS, 0: "shown", 1: "--reveal into a pipe or file without --force"},
)
def show(
    ctx: typer.Context,
    name: str = shared.KEY_NAME,
    reveal: bool = flag("--reveal", "Print the key itself, and nothing else."),
    force: bool = flag("--force", "Reveal it even if stdout is not a terminal."),
) -> None:
    """Show one stored key, masked; with --reveal the key itself."""
    console = common(ctx).console
    output = ContentWriter(ctx, shared.EMPTY)
    if reveal and any(target.path is not None for target in output.targets):
        raise UsageProblem("--reveal writes the key into no file", hint="print it to stdout, as text or with --json")
    with shared.opened(ctx) as vault:
        entry = vault.entry(name)
        if not reveal:
            shared.emit(output, vault, [entry], _card(vault, entry))
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
            content = {"keys": shared.rows(vault, [entry]), "secret": revealed}
            revealed = dumps(output.content(content, ok=True).document, indent=2)
        console.out_bytes(f"{revealed}\n".encode())


@command(
    examples="""
    mcapp keys path               the folder that holds the index and, if there is one, the key file
    mcapp keys path --json        the same, and the path of each file
    """,
    exits={**shared.EXITS, 0: "printed"},
    notes="MCAPP_CONFIG_DIR names another folder. In the system's keyring, keys have the service name mcapp.",
)
def path(ctx: typer.Context) -> None:
    """Print the folder of the index and the key file."""
    output = ContentWriter(ctx, {**shared.EMPTY, "paths": None})
    with shared.opened(ctx) as vault:
        folder = vault.folder.path
        paths = {"folder": str(folder), "index": str(folder / "index.toml"), "file": str(folder / "keys.toml")}
        output.emit({"paths": paths}, visible(str(folder)))


@command(examples="mcapp keys use shop-a", exits=shared.EXITS)
def use(ctx: typer.Context, name: str = shared.KEY_NAME) -> None:
    """Make a stored key the default one."""
    output = ContentWriter(ctx, shared.EMPTY)
    with shared.opened(ctx) as vault:
        entry = vault.use(name)
        shared.emit(output, vault, [entry], f"{entry.described} is now the default key")


@command(examples="mcapp keys rename default shop-a", exits={**shared.EXITS, 1: "the new name is taken"})
def rename(
    ctx: typer.Context, old: str = shared.KEY_NAME, new: str = argument("NEW", "Its new name.", default=...)
) -> None:
    """Rename a stored key. The key itself does not move, and no keyring is asked."""
    output = ContentWriter(ctx, shared.EMPTY)
    with shared.opened(ctx) as vault:
        entry = vault.rename(old, new)
        shared.emit(output, vault, [entry], f"{old} is now called {entry.described}")


@command(
    examples="""
    mcapp keys remove shop-a
    mcapp keys remove shop-a shop-b --yes      without asking
    """,
    exits={**shared.EXITS, 0: "removed", 1: "the answer was no"},
    notes="Only the stored copy is removed: the key stays valid until the app is uninstalled from the page.",
)
def remove(
    ctx: typer.Context,
    names: list[str] = argument("NAME…", "The stored keys' names.", words=shared.stored_names, default=...),
    yes: bool = flag("--yes", "Do not ask."),
) -> None:
    """Remove keys from their stores and from the index."""
    console = common(ctx).console
    if not yes and not console.can_ask:
        raise UsageProblem("there is no terminal to ask before keys are removed", hint="--yes removes them")
    output = ContentWriter(ctx, shared.EMPTY)
    with shared.opened(ctx) as vault:
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
        shared.emit(output, vault, removed, "\n".join(f"removed {entry.described}" for entry in removed), notes=notes)
        for note in notes:
            console.say(note)


@command(
    examples="""
    mcapp keys move shop-a --store system      from the file into the system's keyring
    mcapp keys move shop-a --store file
    """,
    exits={**shared.EXITS, 0: "moved", 1: "it is there already"},
)
def move(
    ctx: typer.Context,
    name: str = shared.KEY_NAME,
    store: str | None = option("system|file", "Where to put it. [env: MCAPP_KEY_STORE]", "--store"),
) -> None:
    """Put a stored key into another store."""
    wanted = store_wanted(store)
    if wanted == AUTO:
        raise UsageProblem("--store is missing: where to move the key", hint="--store system, or --store file")
    output = ContentWriter(ctx, shared.EMPTY)
    with shared.opened(ctx) as vault:
        before = vault.entry(name)
        entry = vault.move(name, vault.choose(wanted, lambda _: False))
        shared.carry_probes(vault, before, entry)
        shared.emit(output, vault, [entry], f"{entry.described} is now in {vault.where(entry)}")


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
        words=shared.stored_names,
        show_default=False,
        default="",
    ),
    *,
    command: list[str] = argument("-- COMMAND…", "The command with its arguments.", default=...),
) -> None:
    """Run a command with a key in its environment, as MANYCHAT_APP_KEY."""
    console = common(ctx).console
    ContentWriter(ctx, shared.EMPTY)  # for errors; the command's output is its own
    with shared.opened(ctx) as vault:
        found = resolve(name, vault)
        console.say("\n".join((found.message, *found.notes)))
    environ = {name: value for name, value in os.environ.items() if name != FILE_VARIABLE}
    environ[VARIABLE] = found.secret.reveal()
    raise typer.Exit(run(command, environ))


def _row(entry: StoredKey, default: str, probe: dict[str, str] | None) -> tuple[str, ...]:
    mark = " *" if entry.name == default else ""
    store = entry.store if entry.state == READY else f"{entry.store}, {entry.state}"
    added = entry.added.partition("T")[0]
    probed = f"{probe['verdict']} {probe['at'].partition('T')[0]}" if probe else ""
    return (entry.name + mark, store, entry.hint, entry.fingerprint, entry.page_id, visible(entry.app), added, probed)


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


def _card(vault: Vault, entry: StoredKey) -> str:
    probe = shared.last_probes(vault).get(entry.id)
    rows = {
        "key": f"{entry.hint}, fingerprint {entry.fingerprint}",
        "in": vault.where(entry),
        "page": entry.page_id,
        "app": visible(entry.app),
        "added": entry.added,
        "probed": f"{probe['verdict']}, {probe['at']}" if probe else "",
        "state": "" if entry.state == READY else f"{entry.state}; run mcapp doctor",
        "default": "yes" if vault.index().default == entry.name else "",
    }
    return "\n".join([entry.name, *(f"  {label + ':':9}{value}" for label, value in rows.items() if value)])


keys = Group(
    "keys",
    "Keep App Keys that were pasted by hand: in the system's keyring, or in a private file.",
    [add, list_, show, use, rename, remove, move, exec_, path],
)
