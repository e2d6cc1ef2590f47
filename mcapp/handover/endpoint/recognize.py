"""Finds the App Key in a delivery.

With the developer's block it is where the block has `{{app_token}}`. Without it, it is found by names (the help article
uses `x-token-header` and `app_token`), or by the form of an account's API key or of one that `mcapp send` makes up.
Only a key that was found in one of these ways may be stored; a value that may be a key is masked and mentioned.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, CURLY, DOLLAR, PORTABLE, find
from mcapp.appjson.requests import strings
from mcapp.document import pointer
from mcapp.errors import InputProblem
from mcapp.handover.block import Block, is_made_up
from mcapp.handover.endpoint.content import FIELD, HEADER, QUERY, Content, Item, Spot
from mcapp.keys.paste import SHORTEST, clean
from mcapp.keys.secret import Secret
from mcapp.terminal.redact import looks_like_key, suspects

# Names in lower case, letters and digits only.
_SURE = re.compile(r".*(?:apptoken|appkey|tokenheader)|.*manychat.*(?:token|key)")
_LIKELY = re.compile(r".*(?:token|apikey|accesskey)|authorization")
_NEVER = re.compile(r".*(?:csrf|xsrf|websocket|refresh|push|device|idempotency).*|proxyauthorization")
_BEARER = re.compile(r"(?i:bearer)\s+(\S.*)", re.DOTALL)

_MOST = 20  # fields with a key's name that are examined; a delivery has one or two
_LONGEST = 16_384  # characters of a value with the text around it; a key is shorter


class Slot(NamedTuple):
    """Where the value `value` (a name of AUTH_REQUEST) is expected, and the fixed text around it.

    `first`: `before` begins at the start of the field, else behind another placeholder. `last`: `after` ends it.
    """

    spot: Spot
    value: str
    before: str
    after: str
    first: bool
    last: bool

    def read(self, text: str) -> str | None:
        """The value in the text that arrived there; None if the text around it differs from the block."""
        if len(text) > _LONGEST:
            return None
        start = len(self.before) if self.first else text.find(self.before) + len(self.before)
        if not (text.startswith(self.before) if self.first else self.before and start >= len(self.before)):
            return None
        if self.last:
            return text[start : len(text) - len(self.after)] if text[start:].endswith(self.after) else None
        end = text.find(self.after, start) if self.after else -1
        return text[start:end] if end >= 0 else None


class Recognized(NamedTuple):
    """The key in a delivery, and what else was found.

    `key` is None if there is no key, or several that differ: then `problem` says why. `spots` are where the candidates
    are. `values` are ManyChat's other values by name, `notes` further remarks, `hidden` the places to mask, and
    `names` those of the places where the block has the key: whatever stands there is masked.
    """

    key: Secret | None
    spots: tuple[Spot, ...]
    problem: str
    values: dict[str, str]
    notes: tuple[str, ...]
    hidden: frozenset[Spot]
    names: frozenset[str] = frozenset()

    def hides(self, item: Item) -> bool:
        """Whether the value of `item` must be masked."""
        return item.spot in self.hidden or (self.key is not None and self.key.reveal() in item.value)


def recognize(content: Content, block: Block | None) -> Recognized:
    """Find the key. From then on `mcapp.terminal.redact` masks the keys that were found."""
    named = _named(content.items)
    hidden = {item.spot for _, item in named}
    notes: list[str] = []
    values: dict[str, str] = {}
    spots = () if block is None else key_spots(block)
    names = frozenset(spot.label for spot in spots if spot.label)
    hidden |= {item.spot for item in content.items if item.label.lower() in names or item.spot.within(spots)}
    if block is None:
        best = min((rank for rank, _ in named), default=0)
        candidates = [(item.spot, _bare(item.value)) for rank, item in named if rank == best]
        missing = "no header, field or parameter has the name or the form of a key"
        for item in content.items:
            name = item.label.lower().replace("-", "_")
            if name in AUTH_REQUEST and name != APP_KEY and item.value:
                values.setdefault(name, item.value)
    else:
        candidates, absent = [], []
        for slot in slots_of(block):
            there = [item for item in content.items if slot.spot.same(item.spot)]
            found = [(item.spot, text) for item in there if (text := slot.read(item.value))]
            if slot.value != APP_KEY:
                if found:
                    values.setdefault(slot.value, found[0][1])
            elif found:
                candidates += found
            else:
                absent.append(slot.spot)
        missing = f"no key where the block puts it: {listed(spots)}"
        if candidates and absent:
            notes.append(f"the block puts it in {listed(absent)} too, where it is missing")
    hidden |= {spot for spot, _ in candidates}
    key, problem = None, missing
    if candidates:
        key, problem = _one(candidates, notes)
    elif suspicious := [item.spot for item in content.items if item.spot in hidden or looks_like_key(item.value)]:
        notes.append(f"{listed(suspicious[:3])} may hold a key")
    spots = tuple(spot for spot, _ in candidates)
    # Cut here: of half a key nobody would know that it is one.
    values = {name: value[:200] for name, value in values.items() if not looks_like_key(value)}
    return Recognized(key, spots, problem, values, tuple(notes), frozenset(hidden), names)


def _named(items: Iterable[Item]) -> list[tuple[int, Item]]:
    """The items with a key's name or form, with a rank: 0 is surest."""
    found: list[tuple[int, Item]] = []
    for item in items:
        if not item.value or len(found) >= _MOST:
            continue
        rank = _rank(item.label[:100])
        if rank in (0, 1):
            # Of credentials, only those with the scheme of ManyChat's own API.
            if item.label.lower() != "authorization" or _BEARER.fullmatch(item.value):
                found.append((rank, item))
        elif rank is not None and len(item.value) > 16:
            account_key = suspects(item.value) == [(0, len(item.value))]
            found += [(2, item)] if account_key or is_made_up(_bare(item.value)) else []
    return found


@lru_cache(maxsize=1024)
def _rank(label: str) -> int | None:
    """How surely a value with this name is a key: 0, 1, only by its form (2), or never (None)."""
    name = re.sub(r"[\W_]", "", label).lower()
    if _NEVER.fullmatch(name):
        return None
    return 0 if _SURE.fullmatch(name) else 1 if _LIKELY.fullmatch(name) else 2


def _bare(value: str) -> str:
    match = _BEARER.fullmatch(value)
    return match[1] if match else value


def _one(candidates: Sequence[tuple[Spot, str]], notes: list[str]) -> tuple[Secret | None, str]:
    """The key, if all candidates, texts with their places, are the same valid one; else None and the reason."""
    if len({text for _, text in candidates}) > 1:
        for _, text in candidates:
            if len(text) >= SHORTEST:
                Secret(text)  # no output may show either of them
        return None, f"two different keys in one delivery, in {listed([spot for spot, _ in candidates])}"
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
    slots = [slot for name, value in block.headers for slot in _slots_in(Spot(HEADER, name), value)]
    for leaf in strings(block.payload, (), ""):
        slots += _slots_in(Spot(FIELD, pointer(leaf.path)), leaf.value)
    query = (block.url or "").partition("#")[0].partition("?")[2]
    for part in query.split("&"):
        name, _, value = part.partition("=")
        slots += _slots_in(Spot(QUERY, unquote_plus(name)), value)
    return slots + [slot for name, value in block.query for slot in _slots_in(Spot(QUERY, name), value)]


def key_spots(block: Block) -> tuple[Spot, ...]:
    """Where the App Key arrives; empty if the block never sends it."""
    return tuple(dict.fromkeys(slot.spot for slot in slots_of(block) if slot.value == APP_KEY))


def _slots_in(spot: Spot, text: str) -> list[Slot]:
    found = find(text)
    slots = []
    for index, item in enumerate(found):
        if item.name not in AUTH_REQUEST or item.style not in (CURLY, PORTABLE, DOLLAR):
            continue
        start = found[index - 1].end if index else 0
        end = found[index + 1].start if index + 1 < len(found) else len(text)
        dollar = 1 if item.style == DOLLAR else 0  # ManyChat fills in what follows the sign
        slots.append(
            Slot(
                spot,
                item.name,
                text[start : item.start + dollar],
                text[item.end : end],
                first=not index,
                last=index + 1 == len(found),
            )
        )
    return slots
