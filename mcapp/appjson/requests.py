"""The parts of a request, taken from whatever JSON stands there. Nothing raises; a wrong type is left out."""

from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.placeholder_uses import Zone
from mcapp.appjson.placeholders import find, masked, may_hold
from mcapp.document.places import Path

if TYPE_CHECKING:
    from mcapp.appjson.urls import Url


class Header(NamedTuple):
    """A header: a string "Name: value" in a request, a `member` name -> value in auth.connection.

    `raw` is the string at `path`, `written` the name as it stands there; `name` and `value` are stripped of blanks.
    `colon` is the offset of the colon in `raw`, -1 in a member and where there is none.
    """

    path: Path
    raw: str
    written: str
    name: str
    value: str
    colon: int
    zone: Zone

    @property
    def member(self) -> bool:
        """Whether it is a member of an object, and not a string in an array."""
        return isinstance(self.path[-1], str)

    @property
    def named(self) -> bool:
        """Whether the name is all text: one that holds a placeholder is not judged."""
        return not may_hold(self.name)

    @property
    def lacks_colon(self) -> bool:
        """Whether it is a string that cannot be told into name and value."""
        return self.colon < 0 and not self.member

    @property
    def value_chars(self) -> tuple[int, int]:
        """Where the value stands in `raw`."""
        start = self.raw.find(self.value, self.colon + 1) if self.value else len(self.raw)
        return start, start + len(self.value)


class Leaf(NamedTuple):
    """A string in a payload or query; `key` is the name of the nearest member that holds it."""

    path: Path
    key: str
    value: str


class Request:
    """`auth.request`, or one of an action's requests. What has a wrong type is None, like what is not there."""

    def __init__(self, path: Path, data: dict[str, Any], zone: Zone) -> None:
        self.path = path
        self.data = data
        self.zone = zone
        self.url: Url | None = None
        self.url_path = path
        self.method: str | None = None
        self.method_key: str | None = None  # the key it stands under, if it is there at all
        self.payload: object = None
        self.payload_key: str | None = None
        self.mapping: list[Any] | None = None
        self.mapping_path = path
        self.headers: list[Header] = []
        self.headers_path: Path | None = None
        self.headers_odd = False  # of a wrong type, in part or whole, so that nobody can say what is missing
        self.content_type: Header | None = None
        self.leaves: list[Leaf] = []
        self.whole = True  # read to its end: it may be said to lack something

    @property
    def sends_json(self) -> bool:
        """Whether it has something as payload that is sent as JSON. A GET is not expected to."""
        filled = bool(self.payload) and isinstance(self.payload, (dict, list))
        return filled and not (self.method and self.method.strip().upper() == "GET")


def headers(value: object, path: Path, zone: Zone) -> list[Header]:
    """The headers at `path`: strings in an array, or the members of an object. Both are taken in both places, because
    an array in the place of an object, and the reverse, is one mistake and has its own rule.
    """
    if isinstance(value, list):
        return [_line(raw, (*path, index), zone) for index, raw in enumerate(value) if isinstance(raw, str)]
    if isinstance(value, dict):
        return [
            Header((*path, name), text, name, name.strip(), text.strip(), -1, zone)
            for name, text in value.items()
            if isinstance(text, str)
        ]
    return []


def _line(raw: str, path: Path, zone: Zone) -> Header:
    name, colon, value = raw.partition(":")
    if may_hold(name):
        # A colon inside a placeholder (a filter) divides nothing.
        at = masked(raw, find(raw)).find(":")
        name, colon, value = (raw, "", "") if at < 0 else (raw[:at], ":", raw[at + 1 :])
    return Header(path, raw, name, name.strip(), value.strip(), len(name) if colon else -1, zone)


def strings(value: object, path: Path, key: str) -> list[Leaf]:
    """Every string in `value`, at any depth. `key` is what a string directly at `path` is filed under."""
    if isinstance(value, str):
        return [Leaf(path, key, value)]
    found: list[Leaf] = []
    stack: list[tuple[Path, str, Any]] = [(path, key, value)]
    while stack:
        path, key, value = stack.pop()
        if isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, str):
                    found.append(Leaf((*path, name), name, item))
                elif isinstance(item, (dict, list)):
                    stack.append(((*path, name), name, item))
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    found.append(Leaf((*path, index), key, item))
                elif isinstance(item, (dict, list)):
                    stack.append(((*path, index), key, item))
    return found
