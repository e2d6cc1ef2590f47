"""What was received: a delivery is taken apart, its App Key is found, and the rest is masked: once, here.

With the developer's block the key is where the block has `{{app_token}}`. Without it, it is found by names (the help
article uses `x-token-header` and `app_token`), or by the form of an account's API key or of one that `mcapp send` makes
up. Only a key that was found in one of these ways may be stored; a value that may be a key is masked and mentioned.
Nothing raises, whatever arrived.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_plus

from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, CURLY, DOLLAR, PORTABLE, find
from mcapp.appjson.requests import strings
from mcapp.document import pointer
from mcapp.document.places import Path
from mcapp.errors import InputProblem
from mcapp.handover.block import Block, is_made_up
from mcapp.keys.paste import SHORTEST, clean
from mcapp.keys.secret import Secret
from mcapp.terminal.redact import MASK, is_key_name, looks_like_key, mask, suspects

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
# Names in lower case, letters and digits only.
_SURE = re.compile(r".*(?:apptoken|appkey|tokenheader)|.*manychat.*(?:token|key)")
_LIKELY = re.compile(r".*(?:token|apikey|accesskey)")
_NEVER = re.compile(r".*(?:csrf|xsrf|websocket|refresh|push|device|idempotency).*|proxyauthorization")
_BEARER = re.compile(r"(?i:bearer)\s+(\S.*)", re.DOTALL)

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
        return FORM, dict(_pairs(text))
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


class Slot(NamedTuple):
    """A place where ManyChat's values are expected: their names ("" for another placeholder), and the text's pattern.

    Each group of the pattern is the value of one name.
    """

    spot: Spot
    names: tuple[str, ...]
    pattern: str


class Received(NamedTuple):
    """A delivery with its secrets masked, and what was found in it.

    `key` is the App Key if there is exactly one; else `problem` says why not. `spots` are where it was. `body` is JSON
    data or text, by `body_kind`; `size` is in bytes. `saved` is the file that the delivery was saved in.
    """

    number: int
    at: float
    method: str
    path: str
    query: Pairs
    headers: Pairs
    body_kind: str
    size: int
    body: Any
    status: int
    key: Secret | None
    spots: tuple[Spot, ...]
    problem: str
    values: dict[str, str]
    notes: tuple[str, ...]
    saved: str | None = None


def receive(delivery: Delivery, block: Block | None) -> Received:
    """Find the key in a delivery, by the block if there is one, and mask everything that is or may be a secret.

    From then on `mcapp.terminal.redact` masks the keys that were found.
    """
    content = take_apart(delivery)
    items = content.items
    ranked = [(rank, item) for item in items if (rank := _rank(item)) is not None]
    spots = () if block is None else key_spots(block)
    names = {spot.label for spot in spots if spot.label}
    hidden = {item.spot for _, item in ranked}
    hidden |= {item.spot for item in items if item.spot.label in names or item.spot.within(spots)}
    notes: list[str] = []
    values: dict[str, str] = {}
    if block is None:
        best = min((rank for rank, _ in ranked), default=0)
        candidates = [(item.spot, _bare(item.value)) for rank, item in ranked if rank == best]
        problem = "no header, field or parameter has the name or the form of a key"
        for item in items:
            name = item.spot.label.replace("-", "_")
            if name in AUTH_REQUEST and name != APP_KEY and item.value:
                values.setdefault(name, item.value)
    else:
        candidates, absent = _read(slots_of(block), items, values)
        problem = f"no key where the block puts it: {listed(spots)}"
        if candidates and absent:
            notes.append(f"the block puts it in {listed(absent)} too, where it is missing")
    hidden |= {spot for spot, _ in candidates}
    key = None
    if candidates:
        key, problem = _one(candidates, notes)
    elif suspicious := [item.spot for item in items if item.spot in hidden or looks_like_key(item.value)]:
        notes.append(f"{listed(suspicious[:3])} may hold a key")

    def secret(item: Item) -> bool:
        return item.spot in hidden or (key is not None and key.reveal() in item.value)

    query, headers, body = hide(delivery, content, secret, names)
    return Received(
        number=delivery.number,
        at=delivery.at,
        method=delivery.method,
        path=hide_words(delivery.path),
        query=query,
        headers=headers,
        body_kind=content.kind,
        size=len(delivery.body),
        body=body,
        status=delivery.status,
        key=key,
        spots=tuple(Spot(spot.kind, mask(spot.name)) for spot, _ in candidates),
        problem=mask(problem),
        # Cut here: of half a key nobody would know that it is one.
        values={name: mask(value[:200]) for name, value in values.items() if not looks_like_key(value)},
        notes=tuple(map(mask, notes)),
    )


def _read(
    slots: Sequence[Slot], items: Sequence[Item], values: dict[str, str]
) -> tuple[list[tuple[Spot, str]], list[Spot]]:
    """What is where the block has the key, and where nothing is; ManyChat's other values go into `values`."""
    candidates, absent = [], []
    for slot in slots:
        there = [(item.spot, item.value) for item in items if slot.spot.same(item.spot)]
        read = [(at, match) for at, text in there if (match := re.fullmatch(slot.pattern, text, re.DOTALL))]
        for group, name in enumerate(slot.names, 1):
            found = [(at, match[group]) for at, match in read if match[group]]
            if name == APP_KEY:
                candidates += found
                absent += [] if found else [slot.spot]
            elif name and found:
                values.setdefault(name, found[0][1])
    return candidates, absent


def _rank(item: Item) -> int | None:
    """How surely a value is a key: by its name (0 is surest, then 1), by its form (2), or not at all (None)."""
    name = re.sub(r"[\W_]", "", item.spot.label[:100])
    if not item.value or _NEVER.fullmatch(name):
        return None
    if _SURE.fullmatch(name):
        return 0
    if name == "authorization":  # of credentials, only those with the scheme of ManyChat's own API
        return 1 if _BEARER.fullmatch(item.value) else None
    if _LIKELY.fullmatch(name):
        return 1
    account_key = len(item.value) > 16 and suspects(item.value) == [(0, len(item.value))]
    return 2 if account_key or is_made_up(_bare(item.value)) else None


def _bare(value: str) -> str:
    match = _BEARER.fullmatch(value)
    return match[1] if match else value


def _one(candidates: Sequence[tuple[Spot, str]], notes: list[str]) -> tuple[Secret | None, str]:
    """The key, if all candidates, texts with their places, are the same valid one; else None and the reason."""
    if len({text for _, text in candidates}) > 1:
        for _, text in candidates:
            if len(text) >= SHORTEST:
                Secret(text)  # no output may show either of them
        return None, f"two different keys in one delivery, in {listed([spot for spot, _ in candidates[:5]])}"
    spot, text = candidates[0]
    try:
        cleaned = clean(text)
    except InputProblem as error:
        if error.code == "placeholder":
            return None, f"{spot} has a placeholder that was not filled in"
        return None, f"{spot} has no key: {error.message}"
    if cleaned.removed:
        notes.append(f"removed from around the key: {', '.join(cleaned.removed)}")
    notes += cleaned.warnings
    if is_made_up(text):
        notes.append("mcapp send made it up: it has no access")
    return cleaned.secret, ""


def listed(spots: Sequence[Spot]) -> str:
    """Places in a sentence: `the header x-token-header and the payload's /app_token`."""
    words = list(dict.fromkeys(map(str, spots)))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def slots_of(block: Block) -> list[Slot]:
    """Where ManyChat's values arrive when it sends `block`: in headers, in the payload, in the query."""
    query = block.url.partition("#")[0].partition("?")[2]
    own_query = [part.partition("=") for part in query.split("&")]
    templates = [
        *((Spot(HEADER, name), value) for name, value in block.headers),
        *((Spot(FIELD, pointer(leaf.path)), leaf.value) for leaf in strings(block.payload, (), "")),
        *((Spot(QUERY, unquote_plus(name)), value) for name, _, value in own_query),
        *((Spot(QUERY, name), value) for name, value in block.query),
    ]
    slots = []
    for spot, template in templates:
        names, fixed, end = [], [], 0
        for item in find(template):
            filled = item.name in AUTH_REQUEST and item.style in (CURLY, PORTABLE, DOLLAR)
            names.append(item.name if filled else "")
            fixed.append(template[end : item.start + (item.style is DOLLAR)])  # ManyChat fills in what follows the sign
            end = item.end
        if any(names):
            # A value ends where the next fixed text begins first; without one between them, two cannot be told apart.
            inner = "".join(f"(?>(.*?){re.escape(text) or '(?!)'})" for text in fixed[1:])
            pattern = f"{re.escape(fixed[0])}{inner}(.*){re.escape(template[end:])}"
            slots.append(Slot(spot, tuple(names), pattern))
    return slots


def key_spots(block: Block) -> tuple[Spot, ...]:
    """Where the App Key arrives; empty if the block never sends it."""
    return tuple(dict.fromkeys(slot.spot for slot in slots_of(block) if APP_KEY in slot.names))
