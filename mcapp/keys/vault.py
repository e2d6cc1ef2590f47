"""Index and stores, changed together; and which key a command works with.

The order of every change: the index says what is about to happen, the store does it, the index says that it happened.
So wherever the process is killed, every secret has an entry (`checkup` repairs what was interrupted). The index's lock
is held for the two writes and never during a call to a store, which may take half a minute. All the while a second lock
(BUSY) is held shared, so that doctor can tell work in progress from work left behind.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from mcapp import files
from mcapp.errors import InputProblem, McappError, NoKey, Refused, UsageProblem
from mcapp.keys import index as indexes
from mcapp.keys import paste
from mcapp.keys.index import ADDING, LOST, READY, REMOVING, Index, StoredKey, check_name
from mcapp.keys.private_files import BUSY, Folder, exists
from mcapp.keys.secret import Secret
from mcapp.keys.stores import ENVIRONMENT, FILE, KEYS, SYSTEM, FileStore, KeyringSlow, NoKeyring, SystemStore, Timeouts
from mcapp.terminal.format import move_command

# Keys by id. All methods raise NoKey if the store cannot be used; a missing key is not an error.
Store = FileStore | SystemStore
AUTO = "auto"
STORES = (AUTO, SYSTEM, FILE)
# The variables of the environment's key: the key itself, or the file that holds it. For CI and containers.
VARIABLE, FILE_VARIABLE = "MANYCHAT_APP_KEY", "MANYCHAT_APP_KEY_FILE"


def store_wanted(option: str | None) -> str:
    """`--store`, else MCAPP_KEY_STORE, else AUTO. Raises UsageProblem for an unknown store."""
    name, source = (option, "--store") if option is not None else (os.environ.get("MCAPP_KEY_STORE"), "MCAPP_KEY_STORE")
    if not name:
        return AUTO
    if name not in STORES:
        known = f"known stores: {', '.join(STORES)}"
        hint = "set MANYCHAT_APP_KEY yourself; mcapp stores no key there" if name == ENVIRONMENT else known
        raise UsageProblem(f"{source} does not name a store that keys can be put into", hint=hint)
    return name


class Vault:
    """All stored keys. Every method raises McappError: NoKey where a store or the index cannot be used."""

    def __init__(self, folder: Folder, timeouts: Timeouts) -> None:
        self.folder = folder
        self.timeouts = timeouts

    @cached_property
    def mark(self) -> str:
        """How this folder's ids begin: several folders (MCAPP_CONFIG_DIR) may share a keyring."""
        return sha256(str(self.folder.path).encode("utf-8", "surrogateescape")).hexdigest()[:8] + "-"

    def index(self) -> Index:
        """What is known of the keys now. Needs no lock, because the file is replaced in one step."""
        data = self.folder.read(indexes.NAME)
        return Index() if data is None else self._parsed(data)

    @contextmanager
    def change(self) -> Iterator[Index]:
        """The index, with the lock held; what the body makes of it is written, unless the body raises."""
        with self.folder.lock():
            index = self.index()
            before = indexes.render(index)
            yield index
            data = indexes.render(index)
            if data != before:
                self._parsed(data)  # what could not be read again replaces no index
                self.folder.write(indexes.NAME, data)

    def _parsed(self, data: bytes) -> Index:
        try:
            return indexes.parse(data)
        except (ValueError, InputProblem) as error:
            path = self.folder.path / indexes.NAME
            raise NoKey(
                f"{path} is damaged ({error}); it was left untouched",
                hint="fix it by hand; or move it away, and doctor recovers the keys it can find:\n"
                f"{move_command(path, f'{path}.old')}\nmcapp doctor",
                code="corrupt-index",
                path=str(path),
            ) from None

    def store(self, name: str, backend: str = "") -> Store:
        """The store of this name, SYSTEM or FILE."""
        return FileStore(self.folder) if name == FILE else SystemStore(self.timeouts, backend)

    def store_of(self, entry: StoredKey) -> Store:
        """The store that holds this key."""
        return self.store(entry.store, entry.backend)

    def where(self, entry: StoredKey) -> str:
        """Where a key is stored, in words."""
        where = self.store_of(entry).where()
        if entry.store == SYSTEM:
            return where
        try:
            exists(self.folder.path / KEYS)
        except McappError as error:
            return f"{where}, in plain text, not private: {error.hint}"
        return f"{where}, in plain text, {self.folder.readers()}"

    def choose(self, wanted: str, offer_file: Callable[[NoKeyring], bool]) -> Store:
        """The store for a new key, after checking that it is there and open. `wanted` is AUTO, SYSTEM or FILE.

        AUTO is the system's keyring. Only where there is none, `offer_file` decides whether the file store may be
        used; a yes is remembered. A keyring that is locked, slow or failing raises, and nothing is asked.
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
                with self.change() as index:
                    index.file_agreed = True
            return self.store(FILE)
        return system

    def new_id(self) -> str:
        """A random UUID, but for its beginning."""
        return self.mark + str(uuid4())[9:]

    def entry(self, name: str) -> StoredKey:
        """The entry of this name. Raises NoKey, with the nearest known name as the hint."""
        return self.index().owner(check_name(name))

    def read(self, entry: StoredKey) -> Secret:
        """The key itself. Raises NoKey if the store no longer has it."""
        secret = self.store_of(entry).get(entry.id)
        if secret is None:
            raise NoKey(
                f"the key {entry.name} is in the index, but not in {self.store_of(entry).where()}",
                hint=f"run mcapp doctor; or store it again: mcapp keys add {entry.name} --force",
                code="lost-key",
            )
        return secret

    def refuse_twin(self, secret: Secret, name: str) -> None:
        """Raise Refused if this very key is stored under another name: it would have to be replaced in two places."""
        for entry in self.index().shown:
            if entry.name != name and entry.state == READY and entry.fingerprint == secret.fingerprint:
                same: Secret | None = secret  # where the store cannot be asked: two keys rarely share a fingerprint
                with suppress(McappError):
                    same = self.store_of(entry).get(entry.id)
                if same == secret:
                    raise Refused(
                        f"this key is already stored under the name {entry.name}",
                        hint=f"mcapp keys rename {entry.name} {name}",
                        code="stored-already",
                    )

    def add(
        self,
        name: str,
        secret: Secret,
        store: Store,
        page_id: str = "",
        app: str = "",
        *,
        force: bool,
        default: bool = True,
    ) -> StoredKey:
        """Store the key under `name` and return its entry. The first key becomes the default one.

        A key that replaces another of the same page keeps the page and the app that are not given.
        With `default` false it never does, and if it replaces the default key, no key is the default afterwards: for a
        key that somebody else sent, which no command should use unasked.
        """
        check_name(name)
        old = self.index().find(name)
        if old and page_id in ("", old.page_id):
            page_id, app = old.page_id, app or old.app
        entry = StoredKey(
            id=self.new_id(),
            name=name,
            state=ADDING,
            store=store.name,
            backend=store.backend,
            page_id=page_id,
            app=app,
            added=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            fingerprint=secret.fingerprint,
            hint=secret.hint,
        )

        def choose_default(index: Index) -> None:
            if default and not index.find(index.default):
                index.default = name
            elif not default and index.default == name:
                index.default = ""

        return self._put(entry, secret, store, lambda index: index.refuse_taken(name, force=force), choose_default)

    def move(self, name: str, store: Store) -> StoredKey:
        """Put the key into another store, under the same name, and take it out of the old one."""
        old = self.entry(name)
        if (old.store, old.backend) == (store.name, store.backend):
            raise Refused(f"{name} is in {store.where()} already", code="there-already")
        secret = self.read(old)
        entry = old._replace(id=self.new_id(), state=ADDING, store=store.name, backend=store.backend)

        def unchanged(index: Index) -> None:
            if index.find(name) != old:
                raise Refused(f"another mcapp changed {name} in the meantime", hint="run this again")

        return self._put(entry, secret, store, unchanged)

    def remove(self, names: Sequence[str]) -> list[StoredKey]:
        """Take the keys out of their stores and out of the index; all names are looked up first."""
        wanted = [self.entry(name) for name in dict.fromkeys(names)]
        for entry in wanted:
            with self.folder.lock(BUSY, shared=True):
                with self.change() as index:
                    if index.get(entry.id):  # else another mcapp was quicker
                        index.put(entry._replace(state=REMOVING))
                try:
                    self.discard(entry)
                except KeyringSlow:
                    raise  # it may still happen; doctor finishes it
                except McappError:
                    with self.change() as index:
                        if index.get(entry.id) and not index.find(entry.name):
                            index.put(entry)
                    raise
        return wanted

    def rename(self, old: str, new: str) -> StoredKey:
        """Give a key another name; the key itself is not touched."""
        check_name(old)
        check_name(new)
        with self.change() as index:
            entry = index.owner(old)._replace(name=new)
            if old != new:
                index.refuse_taken(new, force=False)
            index.put(entry)
            if index.default == old:
                index.default = new
        return entry

    def use(self, name: str) -> StoredKey:
        """Make this the default key."""
        check_name(name)
        with self.change() as index:
            entry = index.owner(name)
            index.default = name
        return entry

    def discard(self, entry: StoredKey) -> None:
        """Delete the secret, then the entry. A lost key is dropped even where its store cannot be asked."""
        try:
            self.store_of(entry).delete(entry.id)
        except McappError:
            if entry.state != LOST:
                raise
        with self.change() as index:
            index.drop(entry.id)

    def _put(
        self,
        entry: StoredKey,
        secret: Secret,
        store: Store,
        allowed: Callable[[Index], None],
        finish: Callable[[Index], None] = lambda _: None,
    ) -> StoredKey:
        """Announce `entry`, store its secret, and give it its name, in place of the key that has the name now.

        `allowed` raises where that may not be; it is asked twice, because another mcapp may be quicker. What fails is
        undone; what cannot be undone stays announced, and doctor settles it.
        """
        ready = entry._replace(state=READY)
        with self.folder.lock(BUSY, shared=True):
            with self.change() as index:
                allowed(index)
                index.put(entry)
            try:
                store.set(entry.id, secret)
                with self.change() as index:
                    allowed(index)
                    old = index.find(entry.name)
                    if old:
                        index.put(old._replace(state=REMOVING))
                    index.put(ready)
                    finish(index)
            except KeyringSlow as error:  # it may still happen
                error.hint += "\nmcapp doctor then says whether it was stored"
                raise
            except McappError:
                with suppress(McappError):
                    self.discard(entry)
                raise
            if old:
                try:
                    self.discard(old)
                except McappError as error:  # doctor does it later
                    self.timeouts.say(f"the old key is still in {self.store_of(old).where()}: {error.message}")
        return ready


class FoundKey(NamedTuple):
    """A key and its source, SYSTEM, FILE or ENVIRONMENT. The environment's has a `variable` in place of a `name`."""

    secret: Secret
    source: str
    where: str
    name: str = ""
    entry: StoredKey | None = None
    notes: tuple[str, ...] = ()
    variable: str = ""

    @property
    def message(self) -> str:
        """The sentence for the user: `using the key shop-a (…wxyz, fingerprint 3f9c1a) from the file …`."""
        what = f"the key {self.name}" if self.name else "the key"
        return f"using {what} ({self.secret.hint}, fingerprint {self.secret.fingerprint}) from {self.where}"


def from_environment(environ: Mapping[str, str] = os.environ) -> FoundKey | None:
    """The environment's key: the key itself beats the file's name, and an empty variable counts as not set.

    The file is somebody else's (a mounted secret): it may be a link, and others may read it. Raises NoKey for no key.
    """
    name = next((name for name in (VARIABLE, FILE_VARIABLE) if environ.get(name, "").strip()), "")
    if not name:
        return None
    value = environ[name]
    try:
        held = files.read(value, most=paste.MAX_BYTES, name=_unless_key(value)) if name == FILE_VARIABLE else value
        secret, removed, warnings = paste.clean(held)
    except InputProblem as error:
        raise NoKey(f"{name} holds no usable key: {error.message}", hint=error.hint, code=error.code) from None
    notes = (f"removed from {name}: {', '.join(removed)}",) if removed else ()
    where = f"the environment variable {name}"
    return FoundKey(secret, ENVIRONMENT, where, notes=(*notes, *warnings), variable=name)


def _unless_key(path: str) -> str:
    """The path for a message, unless somebody put the key itself where its file's name belongs."""
    with suppress(InputProblem):
        if os.sep not in path and paste.clean(path):
            return "the file that it names"
    return path


def resolve(name: str | None, vault: Vault, environ: Mapping[str, str] = os.environ) -> FoundKey:
    """The key a command works with: the one called `name`, else the environment's, else the default key.

    Raises NoKey where there is none, or where the one that was asked for cannot be read: no other takes its place.
    """
    if not name:
        found = from_environment(environ)
        if found:
            with suppress(McappError):  # the index is not needed for this key
                if default := vault.index().default:
                    note = f"it takes the place of the default key {default}; --key {default} uses that one"
                    return found._replace(notes=(*found.notes, note))
            return found
        index = vault.index()
        name = index.default
        if not name and index.shown:
            names = ", ".join(entry.name for entry in index.shown)
            raise NoKey("there is no default key", hint=f"choose one: mcapp keys use NAME; there are: {names}")
        if not name:
            raise NoKey(
                "no App Key found", hint="store one: mcapp keys add; or, in a script or in CI, set MANYCHAT_APP_KEY"
            )
    entry = vault.entry(name)
    return FoundKey(vault.read(entry), entry.store, vault.store_of(entry).where(), entry.name, entry)
