"""Index and stores, changed together.

The order of every change: the index says what is about to happen, the store does it, the index says that it happened.
The index's lock is held for the two writes and never during a call to a store, which may take half a minute. All the
while the second lock (`private_files.BUSY`) is held shared, so that doctor can tell work in progress from work
left behind.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from mcapp.errors import McappError, NoKey, Refused
from mcapp.keys.index import ADDING, LOST, READY, REMOVING, Index, IndexFile, StoredKey, check_name
from mcapp.keys.private_files import BUSY, Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import ENVIRONMENT, FILE, SYSTEM, KeyringLocked, KeyringSlow, NoKeyring, Store, Timeouts
from mcapp.keys.stores.environment import VARIABLE, EnvironmentStore
from mcapp.keys.stores.file import FileStore
from mcapp.keys.stores.system import SystemStore

AUTO = "auto"
STORES = (AUTO, SYSTEM, FILE)


class Details(NamedTuple):
    """What the user says of a key."""

    page_id: str = ""
    app: str = ""


class Vault:
    """All stored keys. Every method raises McappError: NoKey where a store or the index cannot be used."""

    def __init__(self, folder: Folder, timeouts: Timeouts) -> None:
        self.folder = folder
        self.timeouts = timeouts
        self.file = IndexFile(folder)
        self._mark = sha256(str(folder.path).encode("utf-8", "surrogateescape")).hexdigest()[:8]

    def index(self) -> Index:
        """What is known of the keys now."""
        return self.file.load()

    def store(self, name: str, backend: str = "") -> Store:
        """The store of this name, SYSTEM or FILE."""
        return FileStore(self.folder) if name == FILE else SystemStore(self.timeouts, backend)

    def store_of(self, entry: StoredKey) -> Store:
        """The store that an entry's key lies in."""
        return self.store(entry.store, entry.backend)

    def where(self, entry: StoredKey) -> str:
        """Where a key is stored, in words."""
        where = self.store_of(entry).where()
        return where if entry.store == SYSTEM else f"{where}, in plain text, readable by you alone"

    def choose(self, wanted: str, offer_file: Callable[[NoKeyring], bool]) -> Store:
        """The store for a new key, found to be there and open. `wanted` is AUTO, SYSTEM or FILE.

        AUTO is the system's keyring. Only where there is none, `offer_file` is asked whether the file store may be
        used; a yes is remembered. A keyring that is locked, slow or failing raises, and nobody is asked.
        """
        if wanted == FILE:
            return self.store(FILE)
        system = SystemStore(self.timeouts)
        try:
            system.open()
        except NoKeyring as error:
            if wanted != AUTO:
                raise
            if not self.index().file_agreed:
                if not offer_file(error):
                    raise
                self.file.change(lambda index: index._replace(file_agreed=True))
            return self.store(FILE)
        return system

    def new_id(self) -> str:
        """A random UUID whose first eight digits are this folder's mark."""
        return f"{self._mark}{str(uuid4())[8:]}"

    def owns(self, key_id: str) -> bool:
        """Whether a key in a store that several folders share (MCAPP_CONFIG_DIR) was put there from this folder."""
        return key_id.startswith(f"{self._mark}-")

    def entry(self, name: str) -> StoredKey:
        """The entry of this name. Raises NoKey, naming the nearest name there is."""
        return self.index().owner(check_name(name))

    def read(self, entry: StoredKey) -> Secret:
        """The entry's key. Raises NoKey where the store no longer has it."""
        secret = self.store_of(entry).get(entry.id)
        if secret is None:
            raise NoKey(
                f"the key {entry.name} is in the index, but not in {self.store_of(entry).where()}",
                hint=f"mcapp doctor looks into it; mcapp keys add {entry.name} --force puts it there again",
                code="lost-key",
            )
        return secret

    def refuse_taken(self, name: str, *, force: bool) -> None:
        """Raise Refused if a key of this name is there and may not be replaced. A lost one has nothing to replace."""
        self.index().refuse_taken(name, force=force)

    def refuse_twin(self, secret: Secret, name: str) -> None:
        """Raise Refused if this very key is stored under another name: it would have to be replaced in two places."""
        for entry in self.index().shown:
            if entry.name != name and entry.state == READY and entry.fingerprint == secret.fingerprint:
                try:
                    same = self.store_of(entry).get(entry.id) == secret
                except McappError:
                    same = True  # the fingerprint says so, and nothing says otherwise
                if same:
                    raise Refused(
                        f"this key is stored already, under the name {entry.name}",
                        hint=f"mcapp keys rename {entry.name} {name}",
                        code="stored-already",
                    )

    def add(
        self, name: str, secret: Secret, store: Store, details: Details, *, force: bool, default: bool = True
    ) -> StoredKey:
        """Store the key under `name` and give its entry. The first key becomes the default one.

        With `default` false it never is: not as the first one, and where it replaces the default key there is none
        afterwards. For a key that somebody else sent, which no command should use unasked.
        """
        check_name(name)
        entry = StoredKey(
            id=self.new_id(),
            name=name,
            state=ADDING,
            store=store.name,
            backend=store.backend,
            page_id=details.page_id,
            app=details.app,
            added=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            fingerprint=secret.fingerprint,
            hint=secret.hint,
        )

        def announce(index: Index) -> Index:
            index.refuse_taken(name, force=force)
            return index.put(entry)

        def finish(index: Index) -> Index:
            index.refuse_taken(name, force=force)  # somebody may have been quicker
            known = _superseded(index, name).put(entry._replace(state=READY))
            if not default:
                return known._replace(default="") if known.default == name else known
            return known if known.default else known._replace(default=name)

        with self._busy():
            self.file.change(announce)
            self._keep(entry, secret, store, finish)
            self._forget_superseded(name)
        return entry._replace(state=READY)

    def move(self, name: str, store: Store) -> StoredKey:
        """Put the key into another store, under the same name, and take it out of the old one."""
        old = self.entry(name)
        if (old.store, old.backend) == (store.name, store.backend):
            raise Refused(f"{name} is in {store.where()} already", code="there-already")
        secret = self.read(old)
        entry = old._replace(id=self.new_id(), state=ADDING, store=store.name, backend=store.backend)

        def finish(index: Index) -> Index:
            if index.find(name) != old:
                raise Refused(f"{name} was changed by another mcapp in the meantime", hint="run this again")
            return _superseded(index, name).put(entry._replace(state=READY))

        with self._busy():
            self.file.change(lambda index: index.put(entry))
            self._keep(entry, secret, store, finish)
            self._forget_superseded(name)
        return entry._replace(state=READY)

    def remove(self, names: Sequence[str]) -> list[StoredKey]:
        """Take the keys out of their stores and out of the index; all names are looked up first."""
        wanted = [self.entry(name) for name in dict.fromkeys(names)]
        for entry in wanted:
            self._remove(entry)
        return wanted

    def rename(self, old: str, new: str) -> StoredKey:
        """Give a key another name; the key itself is not touched."""
        check_name(old)
        check_name(new)

        def how(index: Index) -> Index:
            entry = index.owner(old)
            if old != new:
                index.refuse_taken(new, force=False)
            renamed = index.put(entry._replace(name=new))
            return renamed._replace(default=new) if index.default == old else renamed

        return self.file.change(how).owner(new)

    def use(self, name: str) -> StoredKey:
        """Make this the default key."""
        check_name(name)

        def how(index: Index) -> Index:
            index.owner(name)
            return index._replace(default=name)

        return self.file.change(how).owner(name)

    def _busy(self) -> AbstractContextManager[None]:
        return self.folder.lock(BUSY, shared=True)

    def _keep(self, entry: StoredKey, secret: Secret, store: Store, finish: Callable[[Index], Index]) -> None:
        """Put the secret of an announced entry into its store, then finish; undo what failed."""
        try:
            store.set(entry.id, secret)
            self.file.change(finish)
        except KeyringSlow as error:
            # It may still happen. The intention stays in the index, and doctor looks what became of it.
            raise KeyringSlow(
                error.message, hint=f"{error.hint}\nmcapp doctor then tells whether it was kept"
            ) from None
        except (KeyringLocked, NoKeyring):  # nothing has been kept: see SystemStore.set
            self.file.change(lambda index: index.drop(entry.id))
            raise
        except McappError:
            self._undo(entry, store)
            raise

    def _undo(self, entry: StoredKey, store: Store) -> None:
        try:
            store.delete(entry.id)
        except McappError:
            return  # the announced entry stays: doctor settles it once the store answers
        self.file.change(lambda index: index.drop(entry.id))

    def _forget_superseded(self, name: str) -> None:
        """Take the old secret of a replaced or moved key away. If that fails, doctor does it later."""
        for entry in self.index().entries:
            if entry.state == REMOVING and entry.name == name:
                try:
                    self.finish_removing(entry)
                except McappError as error:
                    self.timeouts.say(f"the old key is still in {self.store_of(entry).where()}: {error.message}")

    def _remove(self, entry: StoredKey) -> None:
        default = self.index().default
        with self._busy():
            self.file.change(lambda index: _leaving(index, entry))
            try:
                self.finish_removing(entry)
            except KeyringSlow:
                raise  # it may still happen; doctor finishes it
            except McappError:
                self.file.change(lambda index: _reverted(index, entry, default))
                raise

    def finish_removing(self, entry: StoredKey) -> None:
        """Delete the secret, then the entry. Of a lost key there is nothing to delete that could be insisted on."""
        try:
            self.store_of(entry).delete(entry.id)
        except McappError:
            if entry.state != LOST:
                raise
        self.file.change(lambda index: index.drop(entry.id))


def _superseded(index: Index, name: str) -> Index:
    """With whatever owns this name on its way out."""
    old = index.find(name)
    return index.put(old._replace(state=REMOVING)) if old else index


def _leaving(index: Index, entry: StoredKey) -> Index:
    """With the entry on its way out, and no longer the default; it may be gone already, by another mcapp."""
    if index.get(entry.id) is None:
        return index
    default = "" if index.default == entry.name else index.default
    return index.put(entry._replace(state=REMOVING))._replace(default=default)


def _reverted(index: Index, entry: StoredKey, default: str) -> Index:
    """After a removal that failed: as before, unless the name has found another owner."""
    if index.get(entry.id) is None or index.find(entry.name) is not None:
        return index
    return index.put(entry)._replace(default=index.default or default)


class FoundKey(NamedTuple):
    """A key and its source. `source` is SYSTEM, FILE or ENVIRONMENT; `name` is empty for the environment's key."""

    secret: Secret
    source: str
    where: str
    name: str = ""
    entry: StoredKey | None = None
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The sentence for the user: `using the key shop-a (…wxyz, fingerprint 3f9c1a) from the file …`."""
        what = f"the key {self.name}" if self.name else "the key"
        return f"using {what} ({self.secret.hint}, fingerprint {self.secret.fingerprint}) from {self.where}"


def resolve(name: str | None, vault: Vault, environment: EnvironmentStore) -> FoundKey:
    """The key called `name`, or the one in the environment, or the default key.

    Raises NoKey where there is none, or where the one that was asked for cannot be had: another is never taken in its
    place.
    """
    if name:
        return _stored(vault, vault.entry(name))
    cleaned = environment.cleaned()
    if cleaned:
        notes = [f"removed from {environment.variable()}: {', '.join(cleaned.removed)}"] if cleaned.removed else []
        try:
            default = vault.index().default
        except McappError:  # the index is not needed for this key
            default = ""
        if default:
            notes.append(f"it takes the place of the default key {default}; --key {default} uses that one")
        return FoundKey(cleaned.secret, ENVIRONMENT, environment.where(), notes=(*notes, *cleaned.warnings))
    index = vault.index()
    if index.default:
        return _stored(vault, vault.entry(index.default))
    names = ", ".join(entry.name for entry in index.shown)
    if names:
        raise NoKey("no key is the default one", hint=f"mcapp keys use NAME makes it one; there are: {names}")
    raise NoKey(
        "there is no App Key to work with",
        hint=f"mcapp keys add stores one; {VARIABLE} passes one in a script or in CI",
    )


def _stored(vault: Vault, entry: StoredKey) -> FoundKey:
    return FoundKey(vault.read(entry), entry.store, vault.store_of(entry).where(), entry.name, entry)
