"""Two questions that `keyring` cannot put to a Secret Service: is it locked, and what does it hold.

`keyring` answers the first by raising the prompt that unlocks it, on whatever screen there may be, and waits. In a
script nobody sees that prompt. Both questions only read, and raise no prompt.
"""

from contextlib import closing, suppress

from secretstorage import Collection, dbus_init
from secretstorage.exceptions import ItemNotFoundException

from mcapp.keys.stores.base import locked

_TRIES = 5  # others may be removing keys at the same time


def refuse_locked(where: str) -> None:
    """Raise KeyringLocked if the default collection is locked, or was never made: making it would raise a prompt."""
    with closing(dbus_init()) as bus:
        try:
            is_locked = Collection(bus).is_locked()
        except ItemNotFoundException:
            raise locked(where, "has no default collection yet, so it was never set up") from None
    if is_locked:
        raise locked(where)


def is_gone(error: Exception) -> bool:
    """Whether an item was found and then taken away by somebody else before it could be read."""
    return isinstance(error, ItemNotFoundException)


def user_names(service: str) -> frozenset[str]:
    """The user names of all items that `keyring` keeps under this service in the default collection."""
    with closing(dbus_init()) as bus:
        collection = Collection(bus)
        for _ in range(_TRIES - 1):
            with suppress(ItemNotFoundException):
                return _user_names(collection, service)
        return _user_names(collection, service)


def _user_names(collection: Collection, service: str) -> frozenset[str]:
    """One try. Raises ItemNotFoundException if an item of the list is taken away before it is asked for its name."""
    items = collection.search_items({"service": service})
    return frozenset(item.get_attributes().get("username", "") for item in items) - {""}
