"""A delivery taken apart: every header, field and parameter with its place; and the same with its secrets masked.

Nothing raises, whatever arrived.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from mcapp.document import pointer
from mcapp.document.places import Path
from mcapp.keys.paste import SHORTEST
from mcapp.terminal.redact import MASK, is_key_name, looks_like_key, mask

HEADER, FIELD, QUERY = "header", "field", "query"
JSON, FORM, TEXT, BINARY, EMPTY = "json", "form", "text", "binary", "empty"

_DEEPEST = 100  # what is nested deeper is taken for text
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

Pairs = tuple[tuple[str, str], ...]


class Delivery(NamedTuple):
    """What arrived and was answered, unmasked. `at` is in seconds since the start; headers are as they were sent."""

    number: int
    at: float
    method: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    status: int


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
        """Its name in lower case; of a field the last name on the way to it, for a value in a list that of the list."""
        names = [name for name in self.name.split("/") if not name.isdigit()] if self.kind == FIELD else [self.name]
        return names[-1].replace("~1", "/").replace("~0", "~").lower() if names else ""

    def __str__(self) -> str:
        words = {HEADER: "the header", FIELD: "the payload's", QUERY: "the query's"}
        return f"{words[self.kind]} {self.name or 'whole text'}"


class Item(NamedTuple):
    """A value and its place."""

    spot: Spot
    value: str


class Content(NamedTuple):
    """A delivery taken apart, unmasked. `data`: JSON data, a form's fields, text, or None."""

    kind: str
    data: Any
    items: tuple[Item, ...]


def take_apart(delivery: Delivery) -> Content:
    """Parse the body, by its Content-Type or its looks, and list all values."""
    kind, data = _parse(delivery)
    items = [Item(Spot(HEADER, name), value.strip()) for name, value in delivery.headers]
    items += [Item(Spot(QUERY, name), value) for name, value in _pairs(delivery.query)]
    if kind in (JSON, FORM):
        try:
            items += _fields(data, ())
        except RecursionError:
            kind, data = TEXT, delivery.body.decode("utf-8-sig")
    return Content(kind, data, tuple(items))


def _parse(delivery: Delivery) -> tuple[str, Any]:
    if not delivery.body:
        return EMPTY, None
    try:
        text = delivery.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return BINARY, None
    if "\x00" in text:
        return BINARY, None
    content_type = next((value.lower() for name, value in delivery.headers if name.lower() == "content-type"), "")
    if "x-www-form-urlencoded" in content_type:
        fields: dict[str, Any] = {}
        for name, value in _pairs(text):
            fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else value
        return FORM, fields
    try:
        return JSON, json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return TEXT, text


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=1000, errors="replace")
    except ValueError:  # too many
        return []


def _fields(data: Any, path: Path) -> Iterator[Item]:
    """Every string, and every number with a name. Raises RecursionError for what is nested too deep."""
    if isinstance(data, (dict, list)):
        if len(path) > _DEEPEST:
            raise RecursionError
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _fields(value, (*path, key))
    elif isinstance(data, str):
        yield Item(Spot(FIELD, pointer(path)), data)
    elif isinstance(data, (int, float)) and not isinstance(data, bool) and path and isinstance(path[-1], str):
        yield Item(Spot(FIELD, pointer(path)), str(data))


def hide(
    delivery: Delivery, content: Content, secret: Callable[[Item], bool], names: Collection[str]
) -> tuple[Pairs, Pairs, Any]:
    """Query, headers and body with asterisks for everything that `secret` says is one, or that looks like one.

    In text that cannot be taken apart, what follows one of `names` is masked.
    """

    def shown(item: Item) -> str:
        named = any(map(is_key_name, item.spot.name.split("/")))  # below such a name everything is masked
        if secret(item) or named or (item.spot.kind == HEADER and item.spot.label in _PRIVATE):
            scheme, space, rest = item.value.partition(" ")
            if space and scheme.lower() in ("bearer", "basic", "token"):
                return f"{scheme} {MASK * len(rest)}"
            return MASK * len(item.value)
        return hide_words(item.value)

    def masked(data: Any, path: Path) -> Any:
        if isinstance(data, dict):
            return {
                mask(name) if len(name) >= SHORTEST else name: masked(value, (*path, name))
                for name, value in data.items()
            }
        if isinstance(data, list):
            return [masked(value, (*path, number)) for number, value in enumerate(data)]
        for item in _fields(data, path):
            hidden = shown(item)
            return data if hidden == item.value else hidden
        return data

    body = content.data
    if content.kind == TEXT:
        if names:
            body = re.sub(f"((?i:{'|'.join(map(re.escape, names))}){_SLOT}", _after_name, body)
        body = hide_words(_NAMED.sub(_after_name, body))
    elif content.kind in (JSON, FORM):
        body = masked(body, ())
    query = tuple((hide_words(item.spot.name), shown(item)) for item in content.items if item.spot.kind == QUERY)
    headers = tuple((mask(name), shown(Item(Spot(HEADER, name), value.strip()))) for name, value in delivery.headers)
    return query, headers, body


def _after_name(match: re.Match[str]) -> str:
    return match[1] + MASK * len(match[2])


def hide_words(text: str) -> str:
    """`text` with every word masked that looks like a key, whatever its name."""
    if len(text) < SHORTEST:
        return text

    def hidden(match: re.Match[str]) -> str:
        parts = re.split(r"[.%\\]", match[0])
        suspicious = any(looks_like_key(part) and not _TIME.fullmatch(part) for part in parts)
        return MASK * len(match[0]) if suspicious else match[0]

    return _WORD.sub(hidden, mask(text))
