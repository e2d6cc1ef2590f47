"""`mcapp keys use`, `rename`, `remove` and `move`."""

from typing import Annotated

import typer

from mcapp.cli.help import help_page
from mcapp.cli.options import common, option
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.commands.keys.shared import EXITS, KeyName, carry_probes, complete_name, emit, empty_report, opened
from mcapp.errors import Refused, UsageProblem
from mcapp.keys.vault import AUTO, store_wanted
from mcapp.terminal.prompts import ask_yes


@help_page(examples="mcapp keys use shop-a", exits=EXITS)
def use(ctx: typer.Context, name: KeyName, output_format: OutputFormat = None, json: Json = False) -> None:
    """Make a stored key the default one."""
    output = ContentWriter(ctx, output_format, json, empty_report)
    with opened(ctx) as vault:
        entry = vault.use(name)
        emit(output, vault, [entry], f"{entry.described} is now the default key")


@help_page(examples="mcapp keys rename default shop-a", exits={**EXITS, 1: "the new name is taken"})
def rename(
    ctx: typer.Context,
    old: KeyName,
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new name.")],
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Rename a stored key. The key itself does not move, and no keyring is asked."""
    output = ContentWriter(ctx, output_format, json, empty_report)
    with opened(ctx) as vault:
        entry = vault.rename(old, new)
        emit(output, vault, [entry], f"{old} is now called {entry.described}")


@help_page(
    examples="""
    mcapp keys remove shop-a
    mcapp keys remove shop-a shop-b --yes      without asking
    """,
    exits={**EXITS, 0: "removed", 1: "the answer was no"},
    notes="Only the stored copy is removed: the key stays valid until the app is uninstalled from the page.",
)
def remove(
    ctx: typer.Context,
    names: Annotated[
        list[str], typer.Argument(metavar="NAME…", help="The stored keys' names.", autocompletion=complete_name)
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Remove keys from their stores and from the index."""
    console = common(ctx).console
    if not yes and not console.can_ask:
        raise UsageProblem("there is no terminal to ask before keys are removed", hint="--yes removes them")
    output = ContentWriter(ctx, output_format, json, empty_report)
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
        emit(output, vault, removed, "\n".join(f"removed {entry.described}" for entry in removed), notes=notes)
        for note in notes:
            console.say(note)


@help_page(
    examples="""
    mcapp keys move shop-a --store system      from the file into the system's keyring
    mcapp keys move shop-a --store file
    """,
    exits={**EXITS, 0: "moved", 1: "it is there already"},
)
def move(
    ctx: typer.Context,
    name: KeyName,
    store: Annotated[str | None, option("system|file", "Where to put it. [env: MCAPP_KEY_STORE]", "--store")] = None,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Put a stored key into another store."""
    wanted = store_wanted(store)
    if wanted == AUTO:
        raise UsageProblem("--store is missing: where to move the key", hint="--store system, or --store file")
    output = ContentWriter(ctx, output_format, json, empty_report)
    with opened(ctx) as vault:
        before = vault.entry(name)
        entry = vault.move(name, vault.choose(wanted, lambda _: False))
        carry_probes(vault, before, entry)
        emit(output, vault, [entry], f"{entry.described} is now in {vault.where(entry)}")
