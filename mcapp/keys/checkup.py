"""What `mcapp doctor` looks at in the stored keys, and what it puts right.

Looking asks the stores for keys and writes nothing. Put right is the index, and what mcapp itself left unfinished:

- a file that was half written when its mcapp was killed is removed;
- an add or a removal that was cut short is finished or undone, by what the store says;
- a key that is gone from its store is marked LOST (its name, page and app are kept), and READY again if it reappears;
- a key in a store without an entry, put there from this folder, gets one under the name `recovered-…`.

That happens only while no other mcapp changes keys (`private_files.BUSY`), so that work under way is left alone.
"""

import os
import re
from collections.abc import Callable, Iterator
from shlex import quote
from typing import NamedTuple
from uuid import uuid4

from mcapp.errors import McappError, NoKey
from mcapp.keys.index import ADDING, LOST, READY, Index, StoredKey
from mcapp.keys.index import NAME as INDEX
from mcapp.keys.private_files import BUSY, LOCK, POSIX, PROBES, StoreBusy
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, SYSTEM, NoKeyring, Store
from mcapp.keys.stores.file import NAME as KEYS
from mcapp.keys.vault import Vault

OK, NOTE, WARNING, PROBLEM = "ok", "note", "warning", "problem"
FILES = (INDEX, KEYS, PROBES, LOCK, BUSY)
_BUSY_WAIT = 3.0  # seconds
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Check(NamedTuple):
    """One thing that was looked at. `status` is OK, NOTE, WARNING or PROBLEM; `repaired` says that it was put right."""

    area: str
    status: str
    message: str
    hint: str = ""
    code: str = ""
    repaired: bool = False


# What would put a check right; None where nothing is to be done, or nothing can be.
Remedy = Callable[[], object] | None


def failed(area: str, error: McappError, status: str = PROBLEM) -> Check:
    """A check that ended with an error."""
    return Check(area, status, error.message, error.hint, error.code)


class Checkup:
    """One examination. Its stores are each asked once whether they answer."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._stores: dict[tuple[str, str], Store | McappError] = {}

    def run(self, *, repair: bool = True) -> Iterator[Check]:
        """Everything there is to say of folder, files, index, stores and entries."""
        vault = self._vault
        folder, usable = self._folder()
        yield from folder
        if not usable:
            yield from self._answering(Index(), file=False)
            return
        yield from self._files()
        try:
            index = vault.index()
        except NoKey as error:
            yield failed("index", error)
            yield from self._answering(Index())
            return
        unfinished = sum(not entry.named for entry in index.entries)
        told = _count(len(index.shown), "key") + (f", {unfinished} unfinished" if unfinished else "")
        yield Check("index", OK, told)
        yield from self._leftovers(repair=repair)
        yield from self._answering(index)
        yield from self._entries(repair=repair)

    def _folder(self) -> tuple[list[Check], bool]:
        """What is to be said of the folder itself, and whether there is any sense in looking into it."""
        folder, checks = self._vault.folder, []
        try:
            loose, obstacle = folder.looseness(), folder.obstacle()
        except NoKey as error:
            return [failed("folder", error)], False
        mend = f"chmod 700 {quote(str(folder.path))}"
        if folder.path.exists() and not os.access(folder.path, os.R_OK | os.X_OK):
            told = f"{folder.path} cannot be looked into"
            return [Check("folder", PROBLEM, told, f"open it for yourself: {mend}", "closed")], False
        if loose:
            checks.append(
                Check("folder", WARNING, f"{folder.path} can be read by others", f"close it: {loose}", "loose")
            )
        if obstacle:
            hint = f"keys can be read, but not added or changed until you may write: {mend}"
            if not folder.path.exists():
                hint = "no key can be added; MCAPP_CONFIG_DIR names another folder"
            checks.append(Check("folder", WARNING, obstacle, hint, "read-only"))
        there = "" if folder.path.exists() else ", not made yet"
        return checks or [Check("folder", OK, f"{folder.path}{there}")], True

    def _files(self) -> Iterator[Check]:
        """Mode and owner of every private file. Of the index and the key file alone the stores tell what is wrong."""
        sound = []
        for name in FILES:
            try:
                if self._vault.folder.look_at(name):
                    sound.append(name)
            except NoKey as error:
                if name not in (INDEX, KEYS):
                    yield failed("files", error)
        if sound:
            alone = "yours alone" if POSIX else "in your profile"  # elsewhere mode and owner are not looked at
            yield Check("files", OK, f"{', '.join(sound)}: {alone}")

    def _leftovers(self, *, repair: bool) -> Iterator[Check]:
        folder = self._vault.folder
        left, hint, removed = folder.leftovers(), "", False
        if left and repair:
            try:
                with folder.lock():  # without it a file may be another mcapp's, still at work
                    left = folder.leftovers()
                    for path in left:
                        path.unlink()
                removed = True
            except NoKey as error:
                hint = error.hint
            except OSError:
                hint = f"remove it: rm -- {quote(str(left[0]))}"
        for path in left:
            yield Check("folder", WARNING, f"{path.name} was left half written", hint, "half-written", repaired=removed)

    def _answering(self, index: Index, *, file: bool = True) -> Iterator[Check]:
        """Whether each store can be read: one question for a key that cannot be there."""
        used = {(entry.store, entry.backend) for entry in index.entries}
        always = ({(FILE, "")} if file else set()) | ({(SYSTEM, "")} if SYSTEM not in dict(used) else set())
        for name, backend in sorted(used | always):
            store = self._vault.store(name, backend)
            needed = (name, backend) in used
            try:
                store.get(str(uuid4()))
                ids = store.ids()
            except McappError as error:
                self._stores[name, backend] = error
                idle = NOTE if isinstance(error, NoKeyring) else WARNING
                yield failed(f"{name} store", error, PROBLEM if needed or name == FILE else idle)
            else:
                self._stores[name, backend] = store
                own = sum(name == FILE or self._vault.owns(key_id) for key_id in ids or ())
                keys = "" if ids is None else f", and holds {_count(own, 'key')}"
                yield Check(f"{name} store", OK, f"{store.where()} can be read{keys}")

    def _entries(self, *, repair: bool) -> Iterator[Check]:
        """Index against stores. What looks wrong is looked at again with the lock held, and put right."""
        found = [check for check, _ in self._judge(self._vault.index())]
        if repair and any(check.status != OK for check in found):
            try:
                with self._vault.folder.lock(BUSY, wait=_BUSY_WAIT):
                    found = [_put_right(check, remedy) for check, remedy in self._judge(self._vault.index())]
            except StoreBusy:
                busy = "another mcapp is changing keys: run this again"
                found = [check if check.status == OK else check._replace(hint=busy) for check in found]
            except NoKey as error:  # the lock's own file, which has been reported
                found = [check if check.status == OK else check._replace(hint=error.hint) for check in found]
        yield from found

    def _judge(self, index: Index) -> Iterator[tuple[Check, Remedy]]:
        """Each entry and each stray key, with what would put it right. A remedy is to be applied before the next."""
        for entry in index.entries:
            store = self._stores.get((entry.store, entry.backend))
            if store is None or isinstance(store, McappError):
                continue  # the store itself has been reported
            try:
                yield self._entry(entry, store, store.get(entry.id))
            except McappError as error:
                yield failed(f"key {entry.name}", error), None
        for store in list(self._stores.values()):
            if not isinstance(store, McappError):
                yield from self._strays(index, store)

    def _entry(self, entry: StoredKey, store: Store, secret: Secret | None) -> tuple[Check, Remedy]:
        area, where = f"key {entry.name}", store.where()
        same = secret is not None and secret.fingerprint == entry.fingerprint
        if entry.state == READY and same:
            return Check(area, OK, f"in {where}, fingerprint {entry.fingerprint}"), None
        if entry.state == READY and secret is not None:
            check = Check(area, WARNING, f"{where} holds another key than the one that was added", code="other-key")
            return check, self._write(entry._replace(fingerprint=secret.fingerprint, hint=secret.hint))
        if entry.state in (READY, LOST) and secret is None:
            hint = f"add it again: mcapp keys add {entry.name}; or forget it: mcapp keys remove {entry.name}"
            check = Check(area, PROBLEM, f"the key is gone from {where}", hint, "lost-key")
            return check, self._write(entry._replace(state=LOST))
        if entry.state == LOST:
            check = Check(area, WARNING, "the key that was lost is there again", code="found-again")
            return check, self._write(entry._replace(state=READY))
        if entry.state == ADDING and same and self._vault.index().find(entry.name) is None:
            check = Check(area, WARNING, "adding it was cut short; the key is there", code="unfinished")
            return check, self._write(entry._replace(state=READY))
        if entry.state == ADDING:
            check = Check(area, WARNING, "adding it was cut short, and is undone", code="unfinished")
        else:
            check = Check(area, WARNING, "removing it was cut short, and is finished", code="unfinished")
        return check, lambda: self._vault.finish_removing(entry)

    def _strays(self, index: Index, store: Store) -> Iterator[tuple[Check, Remedy]]:
        """Keys that lie in a store and are in no index."""
        try:
            for key_id in sorted(store.ids() or ()):
                # Everything in the file is this folder's; a keyring is shared by all folders of the user.
                own = _ID.fullmatch(key_id) and (store.name == FILE or self._vault.owns(key_id))
                secret = store.get(key_id) if own and not index.get(key_id) else None
                if secret is not None:
                    yield self._stray(key_id, store, secret)
        except McappError as error:
            yield failed(f"{store.name} store", error), None

    def _stray(self, key_id: str, store: Store, secret: Secret) -> tuple[Check, Remedy]:
        name = f"recovered-{secret.fingerprint}"
        if self._vault.index().find(name):
            name = f"{name}-{key_id[-4:]}"
        entry = StoredKey(
            key_id, name, READY, store.name, store.backend, fingerprint=secret.fingerprint, hint=secret.hint
        )
        check = Check(
            f"key {name}",
            WARNING,
            f"{store.where()} holds a key that the index did not know",
            f"give it a better name: mcapp keys rename {name} NAME",
            "stray-key",
        )
        return check, self._write(entry)

    def _write(self, entry: StoredKey) -> Callable[[], object]:
        return lambda: self._vault.file.change(lambda index: index.put(entry))


def _put_right(check: Check, remedy: Remedy) -> Check:
    if remedy is None:
        return check
    try:
        remedy()
    except McappError as error:
        return failed(check.area, error)
    return check._replace(repaired=check.status != PROBLEM)  # a lost key is marked as lost, but still gone


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
