"""When `mcapp listen` stores a key that arrived: with --store-as, after a yes at the terminal, and never otherwise."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import typer

from mcapp.commands.keys.shared import offer_file
from mcapp.errors import McappError, NoKey, Refused, UsageProblem
from mcapp.keys.index import PAGE_ID, StoredKey, check_name
from mcapp.keys.secret import Secret
from mcapp.keys.stores import NoKeyring, Store
from mcapp.keys.vault import AUTO, Details, Vault
from mcapp.terminal.console import Console
from mcapp.terminal.prompts import ask_yes
from mcapp.terminal.redact import looks_like_key

Asked = Callable[[], AbstractContextManager[None]]


class Keeper:
    """Stores what may be stored: of one run at most one key under --store-as, the first.

    `errors` are those that storing ended with; the listening goes on all the same.
    """

    def __init__(self, console: Console, vault: Vault, *, name: str | None, force: bool, store: str = AUTO) -> None:
        self._console = console
        self._vault = vault
        self._name = name
        self._force = force
        self._wanted = store
        self._target: Store | None = None
        self._kept: list[tuple[Secret, StoredKey]] = []
        self._declined: list[Secret] = []
        self._closed = False
        self._begun: tuple[str, Secret] | None = None
        self._asked: Asked = nullcontext
        self.errors: list[McappError] = []

    @property
    def entries(self) -> list[StoredKey]:
        """What was stored."""
        return [entry for _, entry in self._kept]

    def prepare(self) -> None:
        """Find out before anything arrives whether it could be stored. Raises McappError where it could not."""
        if self._name is not None:
            self._vault.refuse_taken(self._name, force=self._force)
            self._target = self._choose()

    def close(self) -> StoredKey | None:
        """Store nothing more: who breaks off the storing of one key does not ask for the next.

        Gives the entry of the key whose storing was broken off, where that came too late to prevent it.
        """
        self._closed = True
        if self._begun is None:
            return None
        name, secret = self._begun
        if not self._kept or self._kept[-1][0] != secret:
            entries = self._vault.index().shown
            self._kept += [
                (secret, entry) for entry in entries if (entry.name, entry.fingerprint) == (name, secret.fingerprint)
            ]
        return self._kept[-1][1] if self._kept and self._kept[-1][0] == secret else None

    def keep(self, secret: Secret, page_id: str, ask: Asked | None) -> tuple[StoredKey | None, str]:
        """Store the key if it may be stored: the entry it has then, and what there is to tell of it.

        A person is asked within `ask`; None: nobody is asked any more.
        """
        self._begun = None
        for known, entry in self._kept:
            if known == secret:
                return entry, f"it is stored already, as {entry.name}"
        if self._closed:
            return None, "" if self._name is None else "not stored"
        if self._name is not None:
            if self._kept:
                return None, f"not stored: another key than the one that was stored as {self._kept[0][1].name}"
            return self._store(self._name, secret, page_id)
        if ask is None or not self._console.can_ask or secret in self._declined:
            return None, ""
        self._asked = ask
        with ask():
            name = self._ask_name()
        if name is None:
            self._declined.append(secret)
            return None, "not stored"
        return self._store(name, secret, page_id)

    def _choose(self) -> Store:
        return self._vault.choose(self._wanted, self._offer)

    def _offer(self, error: NoKeyring) -> bool:
        with self._asked():
            return offer_file(self._console, self._vault, error)

    def _store(self, name: str, secret: Secret, page_id: str) -> tuple[StoredKey | None, str]:
        details = Details(page_id if PAGE_ID.fullmatch(page_id) and not looks_like_key(page_id) else "")
        try:
            self._vault.refuse_twin(secret, name)
            target = self._target = self._target or self._choose()
            self._begun = name, secret
            was_default = self._vault.index().default == name
            entry = self._vault.add(name, secret, target, details, force=self._force, default=False)
        except (Refused, NoKey) as error:
            self.errors.append(error)
            return None, f"not stored: {error.message}"
        self._kept.append((secret, entry))
        told = f"stored as {name} in {self._vault.where(entry)}"
        if was_default:
            told += f"\nthe key that it replaced was the default one; this is not: mcapp keys use {name} makes it so"
        return entry, told

    def _ask_name(self) -> str | None:
        """The name to store it under; None for a no. A name that is taken is asked for again."""
        if not ask_yes(self._console, "Store this key?"):
            return None
        while True:
            sys.stderr.write(self._console.err_style.bold("Name for it: "))
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                raise typer.Abort
            if not line.strip():
                return None
            try:
                name = check_name(line.strip())
                self._vault.refuse_taken(name, force=self._force)
            except (UsageProblem, Refused) as error:
                self._console.error(error)
            else:
                return name
