"""Two questions that `keyring` cannot put to a Secret Service: is it locked, and what does it hold.

`keyring` answers the first by raising the prompt that unlocks it, on whatever screen there may be, and waits. In a
script nobody sees that prompt. Both questions only read, and raise no prompt.
"""

import time
from contextlib import closing, suppress

from secretstorage import Collection, Item, dbus_init
from secretstorage.collection import DEFAULT_COLLECTION
from secretstorage.defines import SS_PREFIX
from secretstorage.exceptions import ItemNotFoundException
from secretstorage.util import DBusAddressWrapper

from mcapp.keys.stores import locked

__all__ = ["DEFAULT_COLLECTION", "is_gone", "refuse_locked", "user_names"]

_PAUSES = (0.02, 0.05, 0.1, 0.0)  # seconds


def refuse_locked(where: str) -> None:
    """Raise KeyringLocked if the default collection is locked, or was never made: making it would raise a prompt.

    gnome-keyring drops the collection for a moment when it writes it, so that it is looked for more than once.
    """
    with closing(dbus_init()) as bus:
        for pause in _PAUSES:
            with suppress(ItemNotFoundException):
                is_locked = Collection(bus).is_locked()
                break
            time.sleep(pause)
        else:
            raise locked(where, "has no default collection yet, so it was never set up")
    if is_locked:
        raise locked(where)


def is_gone(error: Exception) -> bool:
    """Whether something was found and then taken away by somebody else before it could be used."""
    # keyring wraps what happens to the collection, and not what happens to an item.
    return isinstance(error, ItemNotFoundException) or isinstance(error.__context__, ItemNotFoundException)


def user_names(service: str) -> frozenset[str]:
    """The user names of all items that `keyring` keeps under this service in the default collection."""
    with closing(dbus_init()) as bus:
        # Collection.search_items gives up the whole list at the first item that somebody removes meanwhile. Measured
        # with six processes at work: every fourth list, however often it was begun again.
        collection = DBusAddressWrapper(Collection(bus).collection_path, f"{SS_PREFIX}Collection", bus)
        (paths,) = collection.call("SearchItems", "a{ss}", {"service": service})
        names = set()
        for path in paths:
            with suppress(ItemNotFoundException):
                names.add(Item(bus, path).get_attributes().get("username", ""))
    return frozenset(names - {""})
