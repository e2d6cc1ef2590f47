"""Which key a command works with: `--key NAME`, else the environment, else the default key. The one place that decides.

The answer always says where the key came from, and the command always tells the user.
"""

from typing import NamedTuple

from mcapp.errors import McappError, NoKey
from mcapp.keys.index import Entry
from mcapp.keys.secret import Secret
from mcapp.keys.stores.environment import VARIABLE, EnvironmentStore
from mcapp.keys.stores.store import ENVIRONMENT
from mcapp.keys.vault import Vault


class Found(NamedTuple):
    """A key and its source. `source` is SYSTEM, FILE or ENVIRONMENT; `name` is empty for the environment's key."""

    secret: Secret
    source: str
    where: str
    name: str = ""
    entry: Entry | None = None
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The sentence for the user: `using the key shop-a (…wxyz, fingerprint 3f9c1a) from the file …`."""
        what = f"the key {self.name}" if self.name else "the key"
        return f"using {what} ({self.secret.hint}, fingerprint {self.secret.fingerprint}) from {self.where}"


def resolve(name: str | None, vault: Vault, environment: EnvironmentStore) -> Found:
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
        return Found(cleaned.secret, ENVIRONMENT, environment.where(), notes=(*notes, *cleaned.warnings))
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


def _stored(vault: Vault, entry: Entry) -> Found:
    return Found(vault.read(entry), entry.store, vault.store_of(entry).where(), entry.name, entry)
