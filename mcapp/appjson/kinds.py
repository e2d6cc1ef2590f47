"""What a document is: a whole App JSON, its `auth` object, or a bare `request` block; and where its parts stand.

A part keeps its path in the file, so that pointers are those of the file: the `url` of `{"request": {…}}` is
`/request/url`, that of a request object by itself `/url`.
"""

from functools import lru_cache
from typing import NamedTuple

from mcapp.document.places import Path
from mcapp.errors import nearest

APP, AUTH, REQUEST = "app", "auth", "request"
KINDS = (APP, AUTH, REQUEST)

# The keys of each object, as far as they are known (D, S). Whether ManyChat tolerates others is open.
APP_KEYS = ("auth", "actions", "sources", "triggers")
AUTH_KEYS = ("type", "params", "connection", "request")
CONNECTION_KEYS = ("headers", "qs")
REQUEST_KEYS = ("url", "method", "headers", "mapping", "payload")
ACTION_KEYS = ("name", "title", "description", "guidance", "forms", "requests")
PARAM_KEYS = ("name", "title")
FORM_KEYS = ("name", "type", "title", "source", "default")
MAPPING_KEYS = ("name", "path", "type", "title")
SOURCE_KEYS = ("name", "type", "list")
TRIGGER_KEYS = ("name", "title", "description", "context")
CONTEXT_KEYS = ("name", "type", "title")

_ANYWHERE = frozenset(
    APP_KEYS + AUTH_KEYS + CONNECTION_KEYS + REQUEST_KEYS + ACTION_KEYS + FORM_KEYS + SOURCE_KEYS + TRIGGER_KEYS
)


class Kind(NamedTuple):
    """What a document is (None: it cannot be told), and the paths of its `auth` and of auth's `request`, if any."""

    name: str | None
    auth: Path | None = None
    request: Path | None = None


def tell(data: object, kind: str | None = None) -> Kind:
    """The kind of `data`, told by its keys, or `kind` where the user said it. Misspelt keys count too.

    `{"auth": …}` alone is AUTH; with any further key of an App JSON it is an APP. An object with no known key is taken
    for an APP, because that is what people have files of; anything but an object has no kind.
    """
    if not isinstance(data, dict):
        return Kind(kind)
    if kind is None:
        kind = _by_keys(data)
    if kind == APP:
        return Kind(APP, *_auth(data, ("auth",)))
    if kind == AUTH:
        key = member(data, "auth", APP_KEYS)
        return Kind(AUTH, *_auth(data, () if key is None else (key,)))
    key = member(data, "request", AUTH_KEYS)
    return Kind(REQUEST, None, () if key is None else (key,))


def _by_keys(data: dict[str, object]) -> str:
    known = _meant(data, APP_KEYS)
    if known:
        return AUTH if known == {"auth"} else APP
    known = _meant(data, AUTH_KEYS)
    if known:
        return REQUEST if known == {"request"} else AUTH
    return REQUEST if _meant(data, REQUEST_KEYS) else APP


def _meant(data: dict[str, object], known: tuple[str, ...]) -> set[str]:
    """Which of `known` the object has, in any spelling. `requests`, an action's own key, is no misspelt `request`."""
    found = {key if key in known else None if key in _ANYWHERE else misspelt(key, known) for key in data}
    return {key for key in found if key}


def _auth(data: dict[str, object], path: Path) -> tuple[Path | None, Path | None]:
    """The paths of auth and of its request, through their misspellings."""
    auth: object = data
    if path:
        key = member(data, path[0], APP_KEYS)  # type: ignore[arg-type]  # a key is a string
        if key is None:
            return None, None
        auth, path = data[key], (key,)
    if not isinstance(auth, dict):
        return None, None
    key = member(auth, "request", AUTH_KEYS)
    return path, (None if key is None else (*path, key))


def member(data: dict[str, object], name: str, known: tuple[str, ...]) -> str | None:
    """The key under which `data` has the member `name`: itself, or a misspelling of it. None if there is neither.

    What stands under a misspelt key is judged as what was meant, so that the one mistake is reported once.
    """
    if name in data:
        return name
    for key in data:
        if key not in known and misspelt(key, known) == name:
            return key
    return None


def misspelt(key: str, known: tuple[str, ...]) -> str | None:
    """The one of `known` that `key` is a misspelling of, if it is: `actoins`, `Headers`, `pay_load`."""
    return _misspelt(key, known) if len(key) <= _LONGEST else None


# Longer keys are no misspellings; and a file full of them must not fill the cache with megabytes.
_LONGEST = 30
_misspelt = lru_cache(maxsize=1024)(nearest)
