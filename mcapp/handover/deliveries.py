"""What was received, as it is shown, reported, saved and stored."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Any

from mcapp.errors import InputProblem, McappError, NoKey, Refused, in_words
from mcapp.files import write
from mcapp.handover.listener import Refusal
from mcapp.handover.received import JSON, Received, listed
from mcapp.keys.index import PAGE_ID, StoredKey
from mcapp.keys.secret import Secret
from mcapp.keys.stores import NoKeyring
from mcapp.keys.vault import AUTO, Store, Vault
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import looks_like_key, suspects

_LINES = 60  # of a body that are shown at a terminal
_WIDTH = 300  # characters of one of them
_REPORTED = 65_536  # characters of a body in a report


def row(received: Received) -> dict[str, Any]:
    """A delivery in a report (schemas/listen.schema.json); a long body is cut."""
    body, key = received.body, received.key
    text = body if isinstance(body, str) else dumps(body)
    truncated = len(text) > _REPORTED
    return {
        "number": received.number,
        "at": received.at,
        **_request(received, text[:_REPORTED] if truncated else body),
        "bytes": received.size,
        "truncated": truncated,
        "status": received.status,
        "key": None
        if key is None
        else {
            "hint": key.hint,
            "fingerprint": key.fingerprint,
            "characters": len(key),
            "found": [{"kind": spot.kind, "name": spot.name} for spot in received.spots],
        },
        "problem": received.problem or None,
        "values": received.values,
        "notes": list(received.notes),
        "stored_as": None,
        "saved": received.saved,
    }


def _request(received: Received, body: Any) -> dict[str, Any]:
    return {
        "method": received.method,
        "path": received.path,
        "query": [{"name": name, "value": value} for name, value in received.query],
        "headers": [{"name": name, "value": value} for name, value in received.headers],
        "body_kind": received.body_kind,
        "body": body,
    }


def refusal_row(refusal: Refusal) -> dict[str, Any]:
    """A refused request in a report."""
    row = {**refusal._asdict(), "method": refusal.method or None}
    del row["hint"]
    return row


def refusal_text(refusal: Refusal, style: Style) -> str:
    """A refused request for people: one line, and a hint."""
    what = visible(f"{refusal.method} {refusal.path}".strip()) or "a connection"
    hint = f"\n  {style.note('hint:')} {visible(refusal.hint)}" if refusal.hint else ""
    return f"{style.warning('refused')} {what}: {visible(refusal.reason)} ({refusal.status}){hint}"


def text(received: Received, style: Style) -> str:
    """A delivery for people: the request, and what is known of the key."""
    paint = style.good if received.status == 200 else style.warning
    title = f"{received.number}. {received.method} {visible(received.path)}"
    lines = [f"{style.bold(title)}  answered {paint(str(received.status))}"]
    lines += [style.dim(f"   ?{_line(name)}={_line(value)}") for name, value in received.query]
    lines += [f"   {style.dim(_line(name) + ':')} {_line(value)}" for name, value in received.headers]
    lines += _body(received)
    key = received.key
    if key is not None:
        where = visible(listed(received.spots))
        lines.append(
            f"{style.good('App Key')} in {where}: {key.hint}, {len(key):,} characters, fingerprint {key.fingerprint}"
        )
    else:
        lines.append(f"{style.warning('no App Key:')} {visible(received.problem)}")
    if received.values:
        lines.append(", ".join(f"{name} {visible(value)}" for name, value in received.values.items()))
    lines += [visible(line) for note in received.notes for line in note.split("\n")]
    return "\n".join(lines)


def _body(received: Received) -> list[str]:
    body = received.body
    if received.body_kind == "empty":
        return []
    if received.body_kind == "binary":
        return [f"   ({received.size:,} bytes of binary data)"]
    is_text = isinstance(body, str) and received.body_kind != JSON
    lines = (body if is_text else dumps(body, indent=2, ensure_ascii=False)).split("\n")
    shown = ["   " + _line(line) for line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(f"   … {len(lines) - _LINES:,} more lines")
    return shown


def _line(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _WIDTH else text[:_WIDTH] + "…"


def prepare_folder(name: str) -> Path:
    """The folder for --save, which is created if it is missing. Raises InputProblem where no file can be written."""
    if suspects(name):
        raise InputProblem("the value of --save looks like a key; expected a folder", code="key-as-argument")
    folder = Path(name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        reason = in_words(error)
        raise InputProblem(f"--save: {name} is not a usable folder: {reason}", code="unwritable", path=name) from None
    return folder


def save(folder: Path, received: Received) -> Path:
    """Write a delivery to a new file that only the owner can read: its path. Raises InputProblem."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = folder / f"delivery-{now}-{os.urandom(6).hex()}.json"
    content = dumps({**_request(received, received.body), "status": received.status}, indent=2) + "\n"
    write(path, content, replace=False, private=True)
    return path


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
    _broken_off: bool = False
    _begun: str = ""  # the name under which a key is being stored

    @property
    def entries(self) -> list[StoredKey]:
        """What was stored."""
        return [entry for _, entry in self._kept]

    def entry(self, secret: Secret) -> StoredKey | None:
        """The entry of a key that was stored."""
        return next((entry for known, entry in self._kept if known == secret), None)

    def prepare(self) -> None:
        """Check before anything arrives that it could be stored. Raises McappError if not."""
        if self.name is not None:
            self.vault.index().refuse_taken(self.name, force=self.force)
            self._target = self.vault.choose(self.store, self.offer_file)

    def keep(self, secret: Secret, page_id: str, *, ask: bool) -> str:
        """Store the key if it may be stored: what to say about it. `ask`: a person may be asked."""
        self._begun = ""
        if entry := self.entry(secret):
            return f"already stored as {entry.name}"
        if self._broken_off:
            return "not stored"
        name = self.name
        if name is not None and self._kept:
            return f"not stored: it differs from the key that was stored as {self._kept[0][1].name}"
        if name is None:
            if not ask or self.ask_name is None or secret in self._declined:
                return ""
            name = self.ask_name()
        if name is None:
            self._declined.append(secret)
            return "not stored"
        page_id = page_id if PAGE_ID.fullmatch(page_id) and not looks_like_key(page_id) else ""
        try:
            self.vault.refuse_twin(secret, name)
            self._target = self._target or self.vault.choose(self.store, self.offer_file)
            was_default = self.vault.index().default == name
            self._begun = name
            entry = self.vault.add(name, secret, self._target, page_id, force=self.force, default=False)
        except (Refused, NoKey) as error:
            self.errors.append(error)
            return f"not stored: {error.message}"
        self._kept.append((secret, entry))
        note = f"stored as {name} in {self.vault.where(entry)}"
        if was_default:
            note += f"\nit replaced the default key and is not the default itself: mcapp keys use {name} makes it so"
        return note

    def break_off(self, secret: Secret) -> StoredKey | None:
        """Store nothing more, after an interruption. Gives the entry of this key if it came too late to prevent it."""
        self._broken_off = True
        if not self.entry(secret):
            this = self._begun, secret.fingerprint
            entries = self.vault.index().shown
            self._kept += [(secret, entry) for entry in entries if (entry.name, entry.fingerprint) == this]
        return self.entry(secret)
