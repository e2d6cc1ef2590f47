"""The parts of a request, taken from any JSON: nothing raises, and a value of a wrong type is left out.

App JSON writes headers in two forms: a request has an array of "Name: value" strings, `auth.connection` an object from
name to value (D: ManyChat's Technical Specification). Text that was copied from other tools has arrays of objects as
well. `to_lines` and `to_object` convert between them where nothing is lost.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.placeholders import Zone, find, masked, may_hold
from mcapp.document.places import Path

if TYPE_CHECKING:
    from mcapp.appjson.urls import Url


class Header(NamedTuple):
    """A header: a string "Name: value" in a request, a `member` name -> value in auth.connection.

    `raw` is the string at `path`, `written` the name as written; `name` and `value` are stripped of spaces. `colon` is
    the offset of the colon in `raw`, -1 in a member and if there is none.
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
        """Whether the name is plain text: a name with a placeholder in it is not checked."""
        return not may_hold(self.name)

    @property
    def lacks_colon(self) -> bool:
        """Whether it is a string that cannot be divided into name and value."""
        return self.colon < 0 and not self.member

    @property
    def value_chars(self) -> tuple[int, int]:
        """The offsets of the value in `raw`."""
        start = self.raw.find(self.value, self.colon + 1) if self.value else len(self.raw)
        return start, start + len(self.value)


class Leaf(NamedTuple):
    """A string in a payload or query; `key` is the name of the nearest member that contains it."""

    path: Path
    key: str
    value: str


class Request:
    """`auth.request`, or a request of an action. A value of a wrong type is None, like a missing one."""

    def __init__(self, path: Path, data: dict[str, Any], zone: Zone) -> None:
        self.path = path
        self.data = data
        self.zone = zone
        self.url: Url | None = None
        self.url_path = path
        self.method: str | None = None
        self.method_path = path
        self.payload: object = None
        self.payload_path = path
        self.mapping: list[Any] | None = None
        self.mapping_path = path
        self.headers: list[Header] = []
        self.headers_path: Path | None = None
        self.headers_malformed = False  # of a wrong type, in part or whole: nothing can be said to be missing
        self.content_type: Header | None = None
        self.leaves: list[Leaf] = []
        self.whole = True  # read to its end: only then can it lack something

    @property
    def sends_json(self) -> bool:
        """Whether its payload is sent as JSON. A GET is expected not to have one."""
        filled = bool(self.payload) and isinstance(self.payload, (dict, list))
        return filled and not (self.method and self.method.strip().upper() == "GET")


def headers(value: object, path: Path, zone: Zone) -> list[Header]:
    """The headers at `path`: strings in an array, or the members of an object.

    Both forms are read in both places, because the wrong form is one mistake and has its own rule.
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
        # A colon inside a placeholder belongs to a filter.
        at = masked(raw, find(raw)).find(":")
        name, colon, value = (raw, "", "") if at < 0 else (raw[:at], ":", raw[at + 1 :])
    return Header(path, raw, name, name.strip(), value.strip(), len(name) if colon else -1, zone)


def strings(value: object, path: Path, key: str) -> list[Leaf]:
    """Every string in `value`, at any depth. `key` is the name of a string directly at `path`."""
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


def walk(data: object) -> Iterator[tuple[Path, str, bool]]:
    """Every string in JSON data with its path, in order; of a member its name first, with True.

    No recursion: a file may be 256 levels deep.
    """
    waiting: list[tuple[Path, object, bool]] = [((), data, False)]
    while waiting:
        path, item, is_name = waiting.pop()
        if isinstance(item, str):
            yield path, item, is_name
        elif isinstance(item, dict):
            for name, value in reversed(item.items()):
                waiting += ((*path, name), value, False), ((*path, name), name, True)
        elif isinstance(item, list):
            waiting.extend(((*path, index), item[index], False) for index in reversed(range(len(item))))


def texts(data: object) -> Iterator[str]:
    """Every string in JSON data, the names of members too, in order."""
    return (text for _, text, _ in walk(data))


def mapped(data: Any, change: Callable[[str], str]) -> Any:
    """A copy of JSON data with each of its strings changed, the names of members too."""
    if isinstance(data, str):
        return change(data)
    if isinstance(data, dict):
        return {change(name): mapped(item, change) for name, item in data.items()}
    return [mapped(item, change) for item in data] if isinstance(data, list) else data


def to_lines(headers: object) -> list[str] | None:
    """An object, or an array of objects, as "Name: value" lines; None if a line cannot express all of it."""
    if isinstance(headers, dict):
        lines = [_line_of(name, value) for name, value in headers.items()]
    elif isinstance(headers, list):
        lines = [entry if isinstance(entry, str) else _line_of_object(entry) for entry in headers]
    else:
        return None
    whole = [line for line in lines if line is not None]
    return whole if len(whole) == len(lines) else None


def to_object(headers: object) -> dict[str, str] | None:
    """An array of "Name: value" lines as an object; None if an object cannot express all of it."""
    if not isinstance(headers, list):
        return None
    found: dict[str, str] = {}
    for line in headers:
        name, colon, value = line.partition(":") if isinstance(line, str) else ("", "", "")
        if not colon or not _is_name(name) or name in found or not _is_value(value.strip()):
            return None
        found[name] = value.strip()
    return found


def _line_of_object(entry: object) -> str | None:
    """{"Accept": "*/*"}, {"name": "Accept", "value": "*/*"} or {"key": …, "value": …} as a line."""
    if not isinstance(entry, dict):
        return None
    if len(entry) == 2 and "value" in entry:
        # The keys under which other tools write the name.
        return next((_line_of(entry[key], entry["value"]) for key in ("name", "key") if key in entry), None)
    return _line_of(*next(iter(entry.items()))) if len(entry) == 1 else None


def _line_of(name: object, value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not (isinstance(name, str) and _is_name(name) and isinstance(value, str) and _is_value(value)):
        return None
    return f"{name}: {value}"


def _is_name(name: str) -> bool:
    # A line is split at its first colon, and a placeholder in a name may contain a colon of its own.
    return name != "" and name == name.strip() and not any(mark in name for mark in ":{}[]<>\r\n")


def _is_value(value: str) -> bool:
    return value == value.strip() and "\r" not in value and "\n" not in value
