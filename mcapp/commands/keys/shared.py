"""What the `keys` commands share: opening the vault, questions, and how a key is shown."""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Annotated, Any

import typer

from mcapp.cli.options import common
from mcapp.cli.output import ContentWriter
from mcapp.errors import McappError
from mcapp.keys.index import READY, StoredKey
from mcapp.keys.private_files import PROBES, own_folder
from mcapp.keys.stores import AT_A_TERMINAL, NoKeyring, Timeouts
from mcapp.keys.vault import Vault
from mcapp.terminal.console import Console, is_terminal

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch
EXITS = {0: "done", 4: "no such key, or a key store that cannot be used"}


def complete_name(incomplete: str) -> list[str]:
    """The stored keys' names, for the shell's completion; none if the index cannot be read."""
    try:
        index = Vault(own_folder(), Timeouts()).index()
    except McappError:
        return []
    return [entry.name for entry in index.shown if entry.name.startswith(incomplete)]


KeyName = Annotated[str, typer.Argument(metavar="NAME", help="The stored key's name.", autocompletion=complete_name)]


def blank() -> dict[str, Any]:
    """The content that every report of `keys` has."""
    return {"keys": [], "default": None, "notes": []}


@contextmanager
def opened(ctx: typer.Context) -> Iterator[Vault]:
    """The stored keys, with the belt on: no key in logs, warnings, tracebacks or core files while this lasts."""
    from mcapp.keys import leaks

    console = common(ctx).console
    # A keyring asks for its password on a screen, so somebody who only pipes the key in can answer it too.
    present = is_terminal(sys.stderr) and not console.no_input
    timeouts = Timeouts(AT_A_TERMINAL, interactive=True, say=console.say) if present else Timeouts(say=console.say)
    with leaks.sealed():
        yield Vault(own_folder(), timeouts)


def offer_file(console: Console, vault: Vault, error: NoKeyring) -> bool:
    """Ask at a terminal whether keys may lie in a private file; in a script nobody is there to say yes."""
    if not console.can_ask:
        return False
    console.say(error.message)
    console.say(
        f"Keys can be kept in {vault.store('file').where()} instead: in plain text, readable by you alone.\n"
        "Programs that run as you, and your backups, can read it."
    )
    return ask_yes(console, "Keep keys in that file?")


def ask_yes(console: Console, question: str) -> bool:
    """A yes-or-no question at the terminal; Enter alone is no. Call it only where `console.can_ask`."""
    sys.stderr.write(f"{console.err_style.bold(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise typer.Abort
    return answer.strip().lower() in ("y", "yes")


def emit(output: ContentWriter, vault: Vault, entries: Sequence[StoredKey], text: str, **more: Any) -> None:
    """Report on these keys."""
    output.emit({"keys": rows(vault, entries), "default": vault.index().default or None, **more}, text)


def rows(vault: Vault, entries: Sequence[StoredKey]) -> list[dict[str, Any]]:
    """Keys as they stand in a JSON report of `keys`, with what the last probe came to."""
    default, probes = vault.index().default, last_probes(vault) if entries else {}
    return [{**shown(entry, default), "last_probe": probes.get(entry.id)} for entry in entries]


def last_probes(vault: Vault) -> dict[str, dict[str, str]]:
    """By key id: the verdict of the last probe against ManyChat itself, and when that was (UTC, ISO 8601)."""
    if not (vault.folder.path / PROBES).exists():
        return {}
    from mcapp.scopes.history import verdicts  # 8 ms
    from mcapp.scopes.report import KEY_VERDICTS

    known = verdicts(vault.folder).items()
    # The file is no place for surprises: what another hand wrote into it is left out.
    return {
        key_id: {"verdict": verdict, "at": at}
        for key_id, (verdict, at) in known
        if verdict in KEY_VERDICTS and _TIME(at)
    }


def carry_probes(vault: Vault, before: StoredKey, after: StoredKey) -> None:
    """A key that was moved keeps what its last probes came to. Where that fails, it has been moved all the same."""
    if not (vault.folder.path / PROBES).exists():
        return
    from mcapp.scopes.history import carry  # 8 ms

    with suppress(McappError):
        carry(vault.folder, before.id, after.id)


def shown(entry: StoredKey, default: str) -> dict[str, Any]:
    """A key as it stands in a JSON report."""
    return {
        "name": entry.name,
        "store": entry.store,
        "backend": entry.backend or None,
        "state": entry.state,
        "default": entry.name == default,
        "hint": entry.hint,
        "fingerprint": entry.fingerprint,
        "page_id": entry.page_id or None,
        "app": entry.app or None,
        "added": entry.added or None,
    }


def described(entry: StoredKey) -> str:
    """A key in words: `shop-a (…wxyz, fingerprint 3f9c1a)`."""
    lost = "" if entry.state == READY else f", {entry.state}"
    return f"{entry.name} ({entry.hint}, fingerprint {entry.fingerprint}{lost})"
