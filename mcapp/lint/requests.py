"""The parts of a request, taken from whatever JSON stands there. Nothing raises; a wrong type is left out."""

from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.document.model import Path
from mcapp.lint.uses import Zone
from mcapp.placeholders import find, masked, may_hold

if TYPE_CHECKING:
    from mcapp.lint.urls import Url


class Header(NamedTuple):
    """A header. In a request it is a string `raw` ("Name: value"), in auth.connection a member, and `raw` is None.

    `name` and `value` are stripped of blanks; `colon` is the offset of the colon in `raw`, -1 without one. `named`
    tells whether the name is all text: one that holds a placeholder is not judged.
    """

    path: Path
    raw: str | None
    name: str
    value: str
    colon: int
    named: bool
    zone: Zone
    request: "Request | None"


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
        self.headers: list[Header] = []
        self.headers_path: Path | None = None
        self.headers_odd = False  # a wrong type among them, so that nobody can say what is missing
        self.content_type: Header | None = None
        self.leaves: list[Leaf] = []
        self.whole = True  # read to its end: it may be said to lack something


def headers(value: object, path: Path, zone: Zone, request: Request | None) -> list[Header]:
    """The headers at `path`: strings "Name: value" in an array, or the members of an object. Both are taken in both
    places, because an array in the place of an object, and the reverse, is one mistake and has its own rule.
    """
    found = []
    if isinstance(value, list):
        for index, raw in enumerate(value):
            if isinstance(raw, str):
                colon = raw.find(":")
                if colon < 0:
                    named = not may_hold(raw)
                    found.append(Header((*path, index), raw, raw.strip(), "", -1, named, zone, request))
                    continue
                named = True
                if may_hold(raw[:colon]):
                    # A colon inside a placeholder (a filter) divides nothing.
                    hidden = masked(raw, find(raw))
                    colon = hidden.find(":")
                    named = hidden[: max(colon, 0)] == raw[: max(colon, 0)]
                name, value = (raw[:colon], raw[colon + 1 :]) if colon >= 0 else (raw, "")
                found.append(Header((*path, index), raw, name.strip(), value.strip(), colon, named, zone, request))
    elif isinstance(value, dict):
        for name, text in value.items():
            if isinstance(text, str):
                named = not may_hold(name)
                found.append(Header((*path, name), None, name.strip(), text.strip(), -1, named, zone, request))
    return found


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
