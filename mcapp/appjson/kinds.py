"""What a document is: a whole App JSON, its `auth` object, or a bare `request` block; and where its parts are.

A part keeps its path in the file, so that JSON pointers are those of the file: the `url` of `{"request": {…}}` is
`/request/url`, that of a request object alone is `/url`.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from mcapp.appjson.app_schema import KEYS
from mcapp.document.places import Path
from mcapp.errors import nearest

APP, AUTH, REQUEST = "app", "auth", "request"
KINDS = (APP, AUTH, REQUEST)


class Kind(NamedTuple):
    """What a document is (None: unknown), and the paths of its `auth` and its auth.request, if it has them."""

    name: str | None
    auth: Path | None = None
    request: Path | None = None


def at(data: Any, path: Path | None) -> Any:
    """The value at a path that exists in the data; None without a path."""
    if path is None:
        return None
    for key in path:
        data = data[key]
    return data


def classify(data: object, kind: str | None = None) -> Kind:
    """The kind of `data`: `kind` if the user named it, otherwise by its keys, misspelt ones included.

    `{"auth": …}` alone is AUTH; with any further key of an App JSON it is an APP. An object without a known key counts
    as an APP, because that is what most files are; anything but an object has no kind.
    """
    if not isinstance(data, dict):
        return Kind(kind)
    if kind is None:
        within = ((APP, AUTH), (AUTH, REQUEST), (REQUEST, REQUEST))
        kind = next((part if known == {part} else name for name, part in within if (known := _meant(data, name))), APP)
    if kind == REQUEST:
        key = member(data, REQUEST, AUTH)
        return Kind(REQUEST, None, () if key is None else (key,))
    key = member(data, AUTH, APP)
    if key is None and kind == APP:
        return Kind(APP)
    path = () if key is None else (key,)
    auth = at(data, path)
    if not isinstance(auth, dict):
        return Kind(kind)
    key = member(auth, REQUEST, AUTH)
    return Kind(kind, path, None if key is None else (*path, key))


def _meant(data: dict[str, object], name: str) -> set[str]:
    """Which keys of the object `name` the data has, misspelt ones included."""
    known = KEYS[name]
    # `requests`, a key of an action, is not a misspelt `request`.
    found = {key if key in known else None if key in _ANYWHERE else misspelt(key, known) for key in data}
    return {key for key in found if key}


_ANYWHERE = frozenset(key for keys in KEYS.values() for key in keys)


def member(data: dict[str, object], key: str, name: str) -> str | None:
    """The key under which `data`, an object `name` of the schema, has its `key`: itself, or a misspelling of it.

    None if there is neither. A value under a misspelt key is checked as what was meant, so that the one mistake is
    reported once.
    """
    if key in data:
        return key
    known = KEYS[name]
    return next((each for each in data if each not in known and misspelt(each, known) == key), None)


def misspelt(key: str, known: tuple[str, ...]) -> str | None:
    """The one of `known` that `key` is a misspelling of, if any: `actoins`, `Headers`, `pay_load`."""
    return _nearest(key, known) if len(key) <= _LONGEST else None


# Longer keys are not misspellings; and a file full of them must not fill the cache with megabytes.
_LONGEST = 30
_nearest = lru_cache(maxsize=1024)(nearest)
