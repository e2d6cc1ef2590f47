"""What `mcapp doctor` checks in the stored keys, and what it repairs.

Checking asks the stores for keys and writes nothing. Repaired are the index and what mcapp itself left unfinished:

- a file that was half written when its mcapp was killed is removed;
- an interrupted add or removal is finished or undone, depending on what the store holds;
- a key that is gone from its store is marked LOST (its name, page and app are kept), and READY again if it reappears;
- a key that this folder put into a store, and that has no entry, gets one under the name `recovered-…`.

That happens only while no other mcapp changes keys (`private_files.BUSY`), so that work in progress is left alone.
"""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from uuid import uuid4

from mcapp.errors import McappError, NoKey
from mcapp.keys.index import ADDING, ID, LOST, READY, Index, StoredKey
from mcapp.keys.index import NAME as INDEX
from mcapp.keys.private_files import BUSY, LOCK, PROBES, StoreBusy, exists, make_private
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, KEYS, SYSTEM, NoKeyring
from mcapp.keys.vault import Store, Vault
from mcapp.terminal.format import plural

OK, NOTE, WARNING, PROBLEM = "ok", "note", "warning", "problem"
FILES = (INDEX, KEYS, PROBES, LOCK, BUSY)
_BUSY_WAIT = 3.0  # seconds


class Check(NamedTuple):
    """One thing that was checked. `status` is OK, NOTE, WARNING or PROBLEM; `repaired`: doctor repaired it."""

    area: str
    status: str
    message: str
    hint: str = ""
    code: str = ""
    repaired: bool = False


# What would repair a finding; None where nothing is to be done, or nothing can be.
Remedy = Callable[[], object] | None


def failed(area: str, error: McappError, status: str = PROBLEM) -> Check:
    """A check that ended with an error."""
    return Check(area, status, error.message, error.hint, error.code)


class Checkup:
    """One examination. Each of its stores is asked once whether it can be read."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._stores: dict[tuple[str, str], Store] = {}  # those that can be read, by name and backend

    def run(self, *, repair: bool = True) -> Iterator[Check]:
        """Check the folder, its files, the index, the stores and the keys."""
        folder = list(self._folder())
        yield from folder
        usable, index = all(check.status != PROBLEM for check in folder), None
        if usable:
            yield from self._files()
            try:
                index = self._vault.index()
            except NoKey as error:
                yield failed("index", error)
            else:
                unfinished = sum(not entry.named for entry in index.entries)
                message = plural(len(index.shown), "key") + (f", {unfinished} unfinished" if unfinished else "")
                yield Check("index", OK, message)
        yield from self._readable(index or Index(), file=usable)
        if index:
            yield from self._keys(repair=repair)

    def _folder(self) -> Iterator[Check]:
        """The folder itself; where it has a problem, its files cannot be checked."""
        area = "folder"
        try:
            path, there = self._vault.folder.path, self._vault.folder.exists()
        except NoKey as error:
            yield failed(area, error)
            return
        level = path  # or the nearest folder above it
        while not os.path.lexists(level) and level != level.parent:
            level = level.parent
        allow = make_private(path, "allow it")
        if there and not os.access(path, os.R_OK | os.X_OK):
            yield Check(area, PROBLEM, f"{path} cannot be read", allow, "closed")
        elif there and not os.access(path, os.W_OK):
            hint = f"keys can be read, but not added or changed; {allow}"
            yield Check(area, WARNING, f"{path} cannot be written to", hint, "read-only")
        elif not os.access(level, os.W_OK | os.X_OK) or not level.is_dir():
            why = f"no folder can be made in {level}" if level.is_dir() else f"{level} is not a folder"
            hint = "no key can be added; name another folder in MCAPP_CONFIG_DIR"
            yield Check(area, WARNING, f"{path} cannot be made: {why}", hint, "read-only")
        elif there and sys.platform != "win32" and path.stat().st_mode & 0o055:
            yield Check(area, WARNING, f"{path} can be read by others", make_private(path), "loose")
        else:
            yield Check(area, OK, f"{path}{'' if there else ' (does not exist yet)'}")

    def _files(self) -> Iterator[Check]:
        """Mode and owner of every private file; faults of index and key file are reported where those are read."""
        sound = []
        for name in FILES:
            try:
                if exists(self._vault.folder.path / name):
                    sound.append(name)
            except NoKey as error:
                if name not in (INDEX, KEYS):
                    yield failed("files", error)
        if sound:
            yield Check("files", OK, f"{', '.join(sound)}: {self._vault.folder.readers()}")

    def _readable(self, index: Index, *, file: bool = True) -> Iterator[Check]:
        """Whether each store can be read, by asking for a key that cannot be there."""
        used = {(entry.store, entry.backend) for entry in index.entries}
        always = ({(FILE, "")} if file else set()) | ({(SYSTEM, "")} if SYSTEM not in dict(used) else set())
        for name, backend in sorted(used | always):
            store = self._vault.store(name, backend)
            try:
                store.get(str(uuid4()))
                ids = store.ids()
            except McappError as error:
                idle = NOTE if isinstance(error, NoKeyring) else WARNING
                needed = (name, backend) in used or name == FILE
                yield failed(f"{name} store", error, PROBLEM if needed else idle)
            else:
                self._stores[name, backend] = store
                own = sum(name == FILE or key_id.startswith(self._vault.mark) for key_id in ids or ())
                keys = "" if ids is None else f", and holds {plural(own, 'key')}"
                yield Check(f"{name} store", OK, f"{store.where()} can be read{keys}")

    def _keys(self, *, repair: bool) -> Iterator[Check]:
        """Index against stores. What looks wrong is checked again with the lock held, and repaired."""
        found = [check for check, _ in self._compare()]
        if repair and any(check.status != OK for check in found):
            try:
                with self._vault.folder.lock(BUSY, wait=_BUSY_WAIT):
                    found = [_repaired(check, remedy) for check, remedy in self._compare()]
            except NoKey as error:  # or the lock's own file, which has been reported
                hint = "another mcapp is changing keys: run this again" if isinstance(error, StoreBusy) else error.hint
                found = [check if check.status == OK else check._replace(hint=hint) for check in found]
        yield from found

    def _compare(self) -> Iterator[tuple[Check, Remedy]]:
        """What was left half written, each entry, and each key without one; with the remedy, to be applied at once."""
        for path in self._vault.folder.leftovers():
            check = Check("folder", WARNING, f"{path.name} was left half written", code="half-written")
            yield check, partial(self._vault.folder.remove, path)
        index = self._vault.index()
        for entry in index.entries:
            store = self._stores.get((entry.store, entry.backend))
            if store:  # else the store itself has been reported
                try:
                    yield self._entry(entry, store, store.get(entry.id))
                except McappError as error:
                    yield failed(f"key {entry.name}", error), None
        for store in self._stores.values():
            try:
                for key_id in sorted(store.ids() or ()):
                    # Everything in the file is this folder's; a keyring is shared by all folders of the user.
                    own = ID.fullmatch(key_id) and (store.name == FILE or key_id.startswith(self._vault.mark))
                    secret = store.get(key_id) if own and not index.get(key_id) else None
                    if secret:
                        yield self._stray(key_id, store, secret)
            except McappError as error:
                yield failed(f"{store.name} store", error), None

    def _entry(self, entry: StoredKey, store: Store, secret: Secret | None) -> tuple[Check, Remedy]:
        area, where = f"key {entry.name}", store.where()
        same = secret is not None and secret.fingerprint == entry.fingerprint
        if entry.state == READY and same:
            return Check(area, OK, f"in {where}, fingerprint {entry.fingerprint}"), None
        if entry.state == READY and secret is not None:
            check = Check(area, WARNING, f"{where} holds another key than the one that was added", code="other-key")
            return check, partial(self._write, entry._replace(fingerprint=secret.fingerprint, hint=secret.hint))
        if entry.named and secret is None:
            hint = f"add it again: mcapp keys add {entry.name}; or forget it: mcapp keys remove {entry.name}"
            check = Check(area, PROBLEM, f"the key is gone from {where}", hint, "lost-key")
            return check, partial(self._write, entry._replace(state=LOST))
        if entry.state == LOST:
            check = Check(area, WARNING, "the lost key is there again", code="found-again")
            return check, partial(self._write, entry._replace(state=READY))
        if entry.state == ADDING and same and self._vault.index().find(entry.name) is None:
            check = Check(area, WARNING, "adding it was interrupted; the key is there", code="unfinished")
            return check, partial(self._write, entry._replace(state=READY))
        what = "adding it was interrupted; it is undone"
        if entry.state != ADDING:
            what = "removing it was interrupted; it is finished"
        return Check(area, WARNING, what, code="unfinished"), lambda: self._vault.discard(entry)

    def _stray(self, key_id: str, store: Store, secret: Secret) -> tuple[Check, Remedy]:
        """A key that this folder put into the store, and that has no entry."""
        name = f"recovered-{secret.fingerprint}"
        if self._vault.index().find(name):
            name = f"{name}-{key_id[-4:]}"
        message = f"{store.where()} holds a key that is not in the index"
        hint = f"give it a better name: mcapp keys rename {name} NAME"
        entry = StoredKey(
            key_id, name, READY, store.name, store.backend, fingerprint=secret.fingerprint, hint=secret.hint
        )
        return Check(f"key {name}", WARNING, message, hint, "stray-key"), partial(self._write, entry)

    def _write(self, entry: StoredKey) -> None:
        with self._vault.change() as index:
            index.put(entry)


def _repaired(check: Check, remedy: Remedy) -> Check:
    if remedy is None:
        return check
    try:
        remedy()
    except McappError as error:
        return failed(check.area, error)
    return check._replace(repaired=check.status != PROBLEM)  # a lost key is marked as lost, but still gone
