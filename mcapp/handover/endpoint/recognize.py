"""Finds the App Key in a delivery, and masks the rest: once, here.

With the developer's block it is where the block has `{{app_token}}`. Without it, it is found by names (the help article
uses `x-token-header` and `app_token`), or by the form of an account's API key or of one that `mcapp send` makes up.
Only a key that was found in one of these ways may be stored; a value that may be a key is masked and mentioned.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, CURLY, DOLLAR, PORTABLE, find
from mcapp.appjson.requests import strings
from mcapp.document import pointer
from mcapp.errors import InputProblem
from mcapp.handover.block import Block, is_made_up
from mcapp.handover.endpoint.content import (
    FIELD,
    HEADER,
    QUERY,
    Delivery,
    Item,
    Pairs,
    Spot,
    hide,
    hide_words,
    take_apart,
)
from mcapp.keys.paste import SHORTEST, clean
from mcapp.keys.secret import Secret
from mcapp.terminal.redact import looks_like_key, mask, suspects

# Names in lower case, letters and digits only.
_SURE = re.compile(r".*(?:apptoken|appkey|tokenheader)|.*manychat.*(?:token|key)")
_LIKELY = re.compile(r".*(?:token|apikey|accesskey)")
_NEVER = re.compile(r".*(?:csrf|xsrf|websocket|refresh|push|device|idempotency).*|proxyauthorization")
_BEARER = re.compile(r"(?i:bearer)\s+(\S.*)", re.DOTALL)


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
