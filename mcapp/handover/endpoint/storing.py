"""When `mcapp listen` stores a key that arrived: with --store-as, after a yes at the terminal, and never otherwise."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from mcapp.errors import McappError, NoKey, Refused
from mcapp.keys.index import PAGE_ID, StoredKey
from mcapp.keys.secret import Secret
from mcapp.keys.stores import NoKeyring
from mcapp.keys.vault import AUTO, Store, Vault
from mcapp.terminal.redact import looks_like_key

# While this lasts a person is asked.
Asking = Callable[[], AbstractContextManager[None]]


@dataclass
class StoreOnArrival:
    """Stores what may be stored: of one run at most one key under --store-as (`name`), the first.

    `store` is where: AUTO, SYSTEM or FILE. `ask_name` asks a person for a name (None: do not store); without a person
    it is None. `offer_file` asks whether the file store may be used where there is no keyring. `errors` are those of
    failed attempts to store, after which listening goes on.
    """

    vault: Vault
    name: str | None
    force: bool
    store: str = AUTO
    ask_name: Callable[[], str | None] | None = None
    offer_file: Callable[[NoKeyring], bool] = lambda _: False
    errors: list[McappError] = field(default_factory=list)
    _target: Store | None = None
    _kept: list[tuple[Secret, StoredKey]] = field(default_factory=list)
    _declined: list[Secret] = field(default_factory=list)
    _closed: bool = False
    _begun: tuple[str, Secret] | None = None
    _asking: Asking = nullcontext

    @property
    def entries(self) -> list[StoredKey]:
        """What was stored."""
        return [entry for _, entry in self._kept]

    def prepare(self) -> None:
        """Check before anything arrives that it could be stored. Raises McappError if not."""
        if self.name is not None:
            self.vault.index().refuse_taken(self.name, force=self.force)
            self._target = self._choose()

    def keep(self, secret: Secret, page_id: str, asking: Asking | None) -> tuple[StoredKey | None, str]:
        """Store the key if it may be stored: its entry, and what to say about it.

        A person is asked within `asking`; None: nobody is asked any more.
        """
        self._begun = None
        for known, entry in self._kept:
            if known == secret:
                return entry, f"already stored as {entry.name}"
        if self._closed:
            return None, "" if self.name is None else "not stored"
        if self.name is not None:
            if self._kept:
                return None, f"not stored: it differs from the key that was stored as {self._kept[0][1].name}"
            return self._store(self.name, secret, page_id)
        if asking is None or self.ask_name is None or secret in self._declined:
            return None, ""
        self._asking = asking
        with asking():
            name = self.ask_name()
        if name is None:
            self._declined.append(secret)
            return None, "not stored"
        return self._store(name, secret, page_id)

    def close(self) -> StoredKey | None:
        """Store nothing more: after an interruption nobody is asked about the next key.

        Gives the entry of the key that was being stored, where the interruption came too late to prevent it.
        """
        self._closed = True
        if self._begun is None:
            return None
        name, secret = self._begun
        if not self._kept or self._kept[-1][0] != secret:
            entries = self.vault.index().shown
            self._kept += [
                (secret, entry) for entry in entries if (entry.name, entry.fingerprint) == (name, secret.fingerprint)
            ]
        return self._kept[-1][1] if self._kept and self._kept[-1][0] == secret else None

    def _choose(self) -> Store:
        def offer(error: NoKeyring) -> bool:
            with self._asking():
                return self.offer_file(error)

        return self.vault.choose(self.store, offer)

    def _store(self, name: str, secret: Secret, page_id: str) -> tuple[StoredKey | None, str]:
        page_id = page_id if PAGE_ID.fullmatch(page_id) and not looks_like_key(page_id) else ""
        try:
            self.vault.refuse_twin(secret, name)
            target = self._target = self._target or self._choose()
            self._begun = name, secret
            was_default = self.vault.index().default == name
            entry = self.vault.add(name, secret, target, page_id, force=self.force, default=False)
        except (Refused, NoKey) as error:
            self.errors.append(error)
            return None, f"not stored: {error.message}"
        self._kept.append((secret, entry))
        note = f"stored as {name} in {self.vault.where(entry)}"
        if was_default:
            note += f"\nit replaced the default key and is not the default itself: mcapp keys use {name} makes it so"
        return entry, note
