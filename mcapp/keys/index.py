"""The index: what is known of the stored keys without their secrets, in a TOML file.

`keyring` cannot list its keys, and asking a keyring for every name would raise its prompts. An entry is written before
its secret and removed after it, with the intention in `state`: wherever the process is killed, every secret has an
entry (measured without this: 94 of 261 kills left a secret without one).

    ADDING    the secret may be in the store, or not yet       -> checkup asks the store, then finishes or undoes it
    READY     the secret is there
    REMOVING  the secret may still be in the store             -> checkup finishes it
    LOST      checkup did not find the secret; the name is kept until the key is added again or removed

ADDING and REMOVING could be one state, but then doctor would bring back keys that were removed or replaced.
"""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import NoKey, Refused, UsageProblem, suggestion
from mcapp.keys.stores import FILE, SYSTEM
from mcapp.terminal.redact import repeats

NAME = "index.toml"
ADDING, READY, REMOVING, LOST = "adding", "ready", "removing", "lost"
_VERSION = 1
_HEAD = b"# What mcapp knows of the stored keys; no key is in here. Written by mcapp, read with: mcapp keys list\n"

ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# A Facebook page's id is digits (seen in the account's API key, which begins with it); other channels' may not be.
PAGE_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")
# What the file must have in these fields of an entry. In the others: no control characters, which drive a terminal.
_FORMS = {
    "id": ID,
    "name": _NAME,
    "state": re.compile("|".join((ADDING, READY, REMOVING, LOST))),
    "store": re.compile(f"{SYSTEM}|{FILE}"),
    "fingerprint": re.compile(r"[0-9a-f]{6}"),
    "hint": re.compile(r"…(?:[!-~]{4})?"),
}
# What to do about a key that was typed as an argument.
EXPOSED = (
    "every user of this machine can read a key on the command line, and the shell's history keeps it: treat it as "
    "exposed\nmcapp asks for the key itself; --stdin reads it from a pipe"
)
# In a name nobody needs sixteen letters and digits in a row; in a key they are the rule.
_KEYLIKE = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}")


class StoredKey(NamedTuple):
    """One key. `added` is UTC in ISO 8601; `fingerprint` and `hint` are Secret's; `backend` is which system keyring."""

    id: str
    name: str
    state: str
    store: str
    backend: str = ""
    page_id: str = ""
    app: str = ""
    added: str = ""
    fingerprint: str = ""
    hint: str = ""

    @property
    def named(self) -> bool:
        """Whether the entry owns its name: one that is being added or removed does not."""
        return self.state in (READY, LOST)

    @property
    def described(self) -> str:
        """The key for the user, masked: `shop-a (…wxyz, fingerprint 3f9c1a)`."""
        lost = "" if self.state == READY else f", {self.state}"
        return f"{self.name} ({self.hint}, fingerprint {self.fingerprint}{lost})"

    def data(self, default: str) -> dict[str, Any]:
        """The key for a JSON report; `default` is the default key's name."""
        fields = {field: value or None for field, value in self._asdict().items() if field != "id"}
        return {**fields, "default": self.name == default}


@dataclass
class Index:
    """All entries; `default` is the name of the default key; `file_agreed`: the user agreed to the file store."""

    entries: list[StoredKey] = field(default_factory=list)
    default: str = ""
    file_agreed: bool = False

    def find(self, name: str) -> StoredKey | None:
        """The entry that owns the name."""
        return next((entry for entry in self.entries if entry.named and entry.name == name), None)

    def owner(self, name: str) -> StoredKey:
        """The entry that `find` finds. Raises NoKey, with the nearest name as the hint."""
        entry = self.find(name)
        if entry is not None:
            return entry
        names = [known.name for known in self.shown]
        if any(known.name == name for known in self.entries):
            hint = "an add or removal of this name was interrupted; run mcapp doctor"
        elif names:
            hint = suggestion(name, names, f"known keys: {', '.join(names)}")
        else:
            hint = "no key is stored yet; store one: mcapp keys add"
        named = f"named {name}" if repeats(name) else "of that name"
        raise NoKey(f"there is no key {named}", hint=hint, code="unknown-key")

    def refuse_taken(self, name: str, *, force: bool) -> None:
        """Raise Refused if the name has a key that may not be replaced. A lost one has nothing to replace."""
        taken = self.find(name)
        if taken and taken.state == READY and not force:
            raise Refused(
                f"a key named {name} is already stored ({taken.hint}, fingerprint {taken.fingerprint})",
                hint="--force replaces it; with another name both are kept",
                code="exists",
            )

    def get(self, key_id: str) -> StoredKey | None:
        """The entry of this id, in whatever state."""
        return next((entry for entry in self.entries if entry.id == key_id), None)

    @property
    def shown(self) -> list[StoredKey]:
        """The entries that own a name, by name."""
        return sorted((entry for entry in self.entries if entry.named), key=lambda entry: entry.name)

    def put(self, entry: StoredKey) -> None:
        """Add this entry, in the place of one with its id."""
        self.entries = [*(known for known in self.entries if known.id != entry.id), entry]

    def drop(self, key_id: str) -> None:
        """Remove this entry; if it was the default key, there is none then."""
        self.entries = [entry for entry in self.entries if entry.id != key_id]
        if not self.find(self.default):
            self.default = ""


def check_name(name: str) -> str:
    """The name, if it is valid. Raises UsageProblem, which never repeats a name that looks like a key."""
    if _KEYLIKE.search(name) or (":" in name and len(name) > 15):
        raise UsageProblem("the name given for the key looks like a key itself", hint=EXPOSED, code="key-as-argument")
    if not _NAME.fullmatch(name):
        raise UsageProblem(
            f"{repr(name) if repeats(name) else 'this'} cannot be the name of a key",
            hint="use at most 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit",
            code="bad-name",
        )
    return name


def render(index: Index) -> bytes:
    """The index as the file's content."""
    import tomli_w

    head = {"schema_version": _VERSION, "default": index.default, "file_agreed": index.file_agreed}
    entries = [{field: value for field, value in entry._asdict().items() if value} for entry in index.entries]
    return _HEAD + tomli_w.dumps({**head, "keys": entries}).encode("utf-8")


def parse(data: bytes) -> Index:
    """The index that `render` wrote. Raises ValueError or InputProblem, with the reason, for anything else."""
    content = files.parse_toml(data, NAME)
    version, default, rows = content.get("schema_version"), content.get("default", ""), content.get("keys", [])
    if version != _VERSION:
        newer = isinstance(version, int) and version > _VERSION
        raise ValueError("a newer mcapp wrote it" if newer else "schema_version is missing or wrong")
    if not isinstance(default, str) or (default and not _NAME.fullmatch(default)):
        raise ValueError("default is not a name")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("keys is not a list of tables")
    entries = []
    for row in rows:
        entry = StoredKey(*(row.get(name, "") for name in StoredKey._fields))
        for name, value in entry._asdict().items():
            form = _FORMS.get(name)
            if not isinstance(value, str) or not (form.fullmatch(value) if form else value.isprintable()):
                raise ValueError(f"an entry has no valid {name}")
        entries.append(entry)
    index = Index(entries, default, content.get("file_agreed") is True)
    names = [entry.name for entry in index.shown]
    if len(set(names)) < len(names) or len({entry.id for entry in entries}) < len(entries):
        raise ValueError("a name or an id occurs twice")
    return index
