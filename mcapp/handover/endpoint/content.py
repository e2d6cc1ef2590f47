"""A delivery taken apart: every header, field and parameter with its place; and the same with its secrets masked.

Nothing raises, whatever arrived, and nothing recurses: a megabyte can be a hundred thousand brackets deep.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mcapp.document import pointer
from mcapp.handover.endpoint.listener import Delivery
from mcapp.keys.paste import SHORTEST
from mcapp.terminal.redact import MASK, is_key_name, looks_like_key, mask

HEADER, FIELD, QUERY = "header", "field", "query"
JSON, FORM, TEXT, BINARY, EMPTY = "json", "form", "text", "binary", "empty"

_DEEPEST = 100
# The parts of a text that may be keys; the characters that JSON, URLs and XML put around a value end them.
_WORD = re.compile(r"[A-Za-z0-9_:+=~.%\\-]{12,}")
# In a text that is neither JSON nor a form: what follows a key's name, also in a part of a multipart form (RFC 7578),
# where an empty line separates them.
_BETWEEN = r"(?:[\"']?\s{0,5}[:=>]|\"?(?:\r?\n[\w-]{1,40}:[^\r\n]{0,200}){0,3}\r?\n\r?\n)\s{0,5}[\"']?"
_NAMED = re.compile(
    rf"((?i:token|key|secret|passw|credential|authorization)[\w-]{{0,20}}{_BETWEEN}(?:(?i:bearer)\s)?)"
    r"((?:[^\s\"'<>,;&{}]|&\#?\w{1,8};){4,})"
)
# What follows a name that the block has for the key: to the end of the string, or of the text if it is not one.
_SLOT = rf"{_BETWEEN})((?s:[\[{{].*)|(?:\\.|[^\"<&\r\n\\])+)"
# A timestamp is as long as a key, and has letters and digits too.
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]?[\d:+-]*[Zz]?")
# Credentials that a proxy or a client may add.
_PRIVATE = ("authorization", "proxy-authorization", "cookie", "set-cookie")


class Spot(NamedTuple):
    """A place in a request: a header, a field of the payload (its JSON pointer), or a parameter of the query."""

    kind: str
    name: str

    def same(self, other: "Spot") -> bool:
        """Whether both are one place; names of headers are case-insensitive (RFC 9110, 5.1)."""
        if self.kind == HEADER:
            return other.kind == HEADER and self.name.lower() == other.name.lower()
        return self == other

    def within(self, others: Iterable["Spot"]) -> bool:
        """Whether it is one of these places, or below one."""
        return any(self.same(one) or (self.kind == one.kind and self.name.startswith(f"{one.name}/")) for one in others)

    @property
    def label(self) -> str:
        """Its name in lower case; of a field the last name on the way to it."""
        names = [name for name in self.name.split("/") if not name.isdigit()] if self.kind == FIELD else [self.name]
        return names[-1].replace("~1", "/").replace("~0", "~").lower() if names else ""

    def __str__(self) -> str:
        words = {HEADER: "the header", FIELD: "the payload's", QUERY: "the query's"}
        return f"{words[self.kind]} {self.name or 'whole text'}"


class Item(NamedTuple):
    """A value and its place; `label` is its name, for a value in a list the name of the list."""

    spot: Spot
    label: str
    value: str


class Content(NamedTuple):
    """A delivery taken apart, unmasked. `data`: JSON data, a form's fields, text, or None; `size` in bytes."""

    kind: str
    data: Any
    size: int
    items: tuple[Item, ...]


def take_apart(delivery: Delivery) -> Content:
    """Parse the body, by its Content-Type or its looks, and list all values."""
    kind, data = _parse(delivery)
    items = [Item(Spot(HEADER, name), name, value.strip()) for name, value in delivery.headers]
    items += [Item(Spot(QUERY, name), name, value) for name, value in _pairs(delivery.query)]
    if kind in (JSON, FORM):
        items += [Item(Spot(FIELD, pointer(path)), label, str(value)) for path, label, value, _ in _leaves(data)]
    return Content(kind, data, len(delivery.body), tuple(items))


def _parse(delivery: Delivery) -> tuple[str, Any]:
    if not delivery.body:
        return EMPTY, None
    content_type = next((value.lower() for name, value in delivery.headers if name.lower() == "content-type"), "")
    try:
        text = delivery.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return BINARY, None
    if "\x00" in text:
        return BINARY, None
    if "x-www-form-urlencoded" in content_type:
        fields: dict[str, Any] = {}
        for name, value in _pairs(text):
            fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else value
        return FORM, fields
    try:
        data = json.loads(text, parse_constant=_no_number)
        for path, *_ in _leaves(data, everything=True):
            if len(path) > _DEEPEST:
                return TEXT, text
    except (ValueError, RecursionError):
        return TEXT, text
    return JSON, data


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=1000, errors="replace")
    except ValueError:  # too many
        return []


Path = tuple[str | int, ...]


def _leaves(data: Any, *, everything: bool = False) -> Iterator[tuple[Path, str, Any, Any]]:
    """Every string, and every number with a name: its path, label, value, and the object or list that has it.

    `everything`: the objects and lists too.
    """
    stack: list[tuple[Path, str, Any, Any]] = [((), "", data, None)]
    while stack:
        path, label, value, holder = stack.pop()
        if isinstance(value, (dict, list)):
            if everything:
                yield path, label, value, holder
                if len(path) > _DEEPEST:
                    return
            pairs: Any = value.items() if isinstance(value, dict) else enumerate(value)
            below = [((*path, key), key if isinstance(key, str) else label, item, value) for key, item in pairs]
            stack.extend(reversed(below))
        elif isinstance(value, str) or (
            isinstance(value, (int, float)) and type(holder) is dict and not isinstance(value, bool)
        ):
            yield path, label, value, holder


class Shown(NamedTuple):
    """A delivery as it may be shown and saved: whatever is or may be a key is replaced by as many asterisks."""

    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]
    body: Any


def hide(delivery: Delivery, content: Content, secret: Callable[[Item], bool], names: Collection[str] = ()) -> Shown:
    """The delivery with everything masked that `secret` says is one, or that looks like one. Changes `content.data`.

    In text that cannot be taken apart, what follows one of `names` is masked.
    """

    def shown(item: Item) -> str:
        if secret(item) or below_a_key_name(item) or (item.spot.kind == HEADER and item.label.lower() in _PRIVATE):
            return _scheme(item.value)
        return hide_words(item.value)

    query = tuple((hide_words(item.label), shown(item)) for item in content.items if item.spot.kind == QUERY)
    headers = tuple(
        (mask(name), shown(Item(Spot(HEADER, name), name, value.strip()))) for name, value in delivery.headers
    )
    body = content.data
    if content.kind == TEXT:
        if names:
            body = re.sub(f"((?i:{'|'.join(map(re.escape, names))}){_SLOT}", _after_name, body)
        body = hide_words(_NAMED.sub(_after_name, body))
    elif content.kind in (JSON, FORM):
        root = [content.data]
        fields = [item for item in content.items if item.spot.kind == FIELD]  # in the same order
        for (path, _, _, holder), item in zip(_leaves(content.data), fields, strict=True):
            hidden = shown(item)
            if hidden != item.value:
                parent: Any = root if holder is None else holder
                parent[path[-1] if path else 0] = hidden
        body = root[0]
        _mask_names(body)
    return Shown(query, headers, body)


def _after_name(match: re.Match[str]) -> str:
    return match[1] + MASK * len(match[2])


def below_a_key_name(item: Item) -> bool:
    """Whether the value has a key's name, or stands below one: then it is masked, whatever it is."""
    return is_key_name(item.label) or (item.spot.kind == FIELD and any(map(is_key_name, item.spot.name.split("/"))))


def _mask_names(data: Any) -> None:
    """Mask known keys in the names of members, which may repeat them."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            members = list(value.items())
            value.clear()
            value.update((mask(name) if len(name) >= SHORTEST else name, item) for name, item in members)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def hide_words(text: str) -> str:
    """`text` with every word masked that looks like a key, whatever its name."""
    if len(text) < SHORTEST:
        return text

    def hidden(match: re.Match[str]) -> str:
        parts = re.split(r"[.%\\]", match[0])
        suspicious = any(looks_like_key(part) and not _TIME.fullmatch(part) for part in parts)
        return MASK * len(match[0]) if suspicious else match[0]

    return _WORD.sub(hidden, mask(text))


def _scheme(value: str) -> str:
    """The value masked, except for the scheme before credentials: `Bearer ****`."""
    scheme, space, rest = value.partition(" ")
    if space and scheme.lower() in ("bearer", "basic", "token"):
        return f"{scheme} {MASK * len(rest)}"
    return MASK * len(value)
