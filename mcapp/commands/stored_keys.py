"""Stored keys for the commands that use them: opening the vault, what is said about a key, one question."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from mcapp.cli.command import common, option
from mcapp.errors import McappError
from mcapp.keys.index import StoredKey
from mcapp.keys.private_files import PROBES, Folder
from mcapp.keys.secret import sealed
from mcapp.keys.stores import AT_A_TERMINAL, NoKeyring, Timeouts
from mcapp.keys.vault import STORES, FoundKey, Vault
from mcapp.net.target import Route, Target
from mcapp.terminal.console import Console, is_terminal, visible
from mcapp.terminal.prompts import ask_yes


def stored_names() -> list[str]:
    """The stored keys' names, for the shell's completion; none if the index cannot be read."""
    try:
        return [entry.name for entry in Vault(Folder(), Timeouts()).index().shown]
    except McappError:
        return []


STORE: Any = option(
    "auto|system|file",
    "Where to store it: the system's keyring, or a private file in plain text. [env: MCAPP_KEY_STORE]",
    "--store",
    words=STORES,
)


@contextmanager
def opened(ctx: typer.Context) -> Iterator[Vault]:
    """The stored keys; no key gets into logs, warnings, tracebacks or core files while this lasts."""
    console = common(ctx).console
    # A keyring asks for its password on a screen, so somebody who only pipes the key in can answer it too.
    present = is_terminal(sys.stderr) and not console.no_input
    timeouts = Timeouts(AT_A_TERMINAL, interactive=True, say=console.say) if present else Timeouts(say=console.say)
    with sealed():
        yield Vault(Folder(), timeouts)


def announce(console: Console, target: Target, found: FoundKey | None = None) -> Route:
    """Say which key is used, and what is on its way. Raises Undecided for a proxy that cannot be used."""
    from mcapp.net.transport import route  # httpx, 100 ms: not for the help

    style = console.err_style
    if found is not None:
        console.say(found.message)
        for note in found.notes:
            console.say(style.dim(note))
    if target.kind != "loopback" and target.scheme == "http":
        console.say(f"{style.warning('warning')}: the key goes to {target.host} without encryption")
    on_the_way = route(target)
    for note in on_the_way.notes:
        console.say(f"{style.note('note')}: {visible(note)}")
    return on_the_way


def offer_file(console: Console, vault: Vault, error: NoKeyring) -> bool:
    """Ask at a terminal whether keys may be kept in a private file; False in a script, where nobody can be asked."""
    if not console.can_ask:
        return False
    console.say(error.message)
    console.say(
        f"Keys can be kept in {vault.store('file').where()} instead: in plain text, {vault.folder.readers()}.\n"
        "Programs that run as you, and your backups, can read it."
    )
    return ask_yes(console, "Keep keys in that file?")


def carry_probes(vault: Vault, before: StoredKey, after: StoredKey) -> None:
    """Keep the last probes' results for a key that was moved or replaced, which has happened even if this fails."""
    if not (vault.folder.path / PROBES).exists():
        return
    from mcapp.scopes.history import carry  # 8 ms

    with suppress(McappError):
        carry(vault.folder, before.id, after.id)
