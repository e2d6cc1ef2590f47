"""Which part of a delivery is the App Key.

With the developer's block that is known: where `{{app_token}}` stands. Without it, it is told by names (the help
article's own are `x-token-header` and `app_token`), or by the form of an account's API key or of one that `mcapp send`
makes up. Only what is told one of these ways may be stored; what merely might be a key is hidden, and said to be there.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST
from mcapp.errors import InputProblem
from mcapp.handover.endpoint.content import Content, Item
from mcapp.handover.endpoint.slots import Block, Spot
from mcapp.handover.values import is_made_up
from mcapp.keys.paste import SHORTEST, clean
from mcapp.keys.secret import Secret
from mcapp.terminal.redact import looks_like_key, suspects

# Names without case, blanks and signs.
_SURE = re.compile(r".*(?:apptoken|appkey|tokenheader)|.*manychat.*(?:token|key)")
_LIKELY = re.compile(r".*(?:token|apikey|accesskey)|authorization")
_NEVER = re.compile(r".*(?:csrf|xsrf|websocket|refresh|push|device|idempotency).*|proxyauthorization")
_BEARER = re.compile(r"(?i:bearer)\s+(\S.*)", re.DOTALL)

_MOST = 20  # fields that are called like a key and looked at; a delivery has one or two


class Recognized(NamedTuple):
    """What is known of the key in a delivery.

    `key` is None where there is none, or no telling which: `problem` then says why. `spots` are where it stood, also
    of several that differ. `values` are ManyChat's other values by name; `notes` what else is worth telling.
    """

    key: Secret | None
    spots: tuple[Spot, ...]
    problem: str
    values: dict[str, str]
    notes: tuple[str, ...]
    hidden: frozenset[Spot]

    def hides(self, item: Item) -> bool:
        """Whether what stands there must not be shown."""
        return item.spot in self.hidden or (self.key is not None and self.key.reveal() in item.value)


class _Candidate(NamedTuple):
    spot: Spot
    text: str


def recognize(content: Content, method: str, block: Block | None) -> Recognized:
    """Find the key. The keys that are found are known to `mcapp.terminal.redact` from then on."""
    named = _named(content.items)
    hidden = {item.spot for _, item in named}
    notes: list[str] = []
    if block is None:
        best = min((rank for rank, _ in named), default=0)
        candidates = [_Candidate(item.spot, _bare(item.value)) for rank, item in named if rank == best]
        missing = "no header, field or parameter is called like a key, or has the form of one"
        values = _values_by_name(content.items)
    else:
        candidates, absent = _at_slots(content.items, block)
        missing = f"no key where the block puts it: {listed(block.key_spots)}"
        if candidates and absent:
            notes.append(f"the block puts it in {listed(absent)} too, and it is not there")
        if block.method and block.method != method:
            notes.append(f"the block says {block.method}, and this was {method}")
        values = _values_by_slot(content.items, block)
    hidden |= {candidate.spot for candidate in candidates}
    key, problem = None, missing
    if candidates:
        key, problem = _one(candidates, notes)
    elif suspicious := [item.spot for item in content.items if item.spot in hidden or looks_like_key(item.value)]:
        notes.append(f"{listed(suspicious[:3])} may hold a key")
    spots = tuple(candidate.spot for candidate in candidates)
    values = {name: value for name, value in values.items() if not looks_like_key(value)}
    return Recognized(key, spots, problem, values, tuple(notes), frozenset(hidden))


def _named(items: Iterable[Item]) -> list[tuple[int, Item]]:
    """What is called like a key, or has the form of one: 0 is surest."""
    found: list[tuple[int, Item]] = []
    for item in items:
        if not item.value or len(found) >= _MOST:
            continue
        rank = _rank(item.label[:100])
        if rank in (0, 1):
            # Of credentials, only what has the scheme that ManyChat's own API takes.
            if item.label.lower() != "authorization" or _BEARER.fullmatch(item.value):
                found.append((rank, item))
        elif rank is not None and len(item.value) > 16 and _formed(item.value):
            found.append((2, item))
    return found


def _formed(value: str) -> bool:
    """Whether it has the form of an account's API key, or of one that `mcapp send` makes up."""
    return suspects(value) == [(0, len(value))] or is_made_up(_bare(value))


@lru_cache(maxsize=1024)
def _rank(label: str) -> int | None:
    """How surely something of this name is a key: 0, 1, by its form at most (2), or never (None)."""
    name = re.sub(r"[\W_]", "", label).lower()
    if _NEVER.fullmatch(name):
        return None
    return 0 if _SURE.fullmatch(name) else 1 if _LIKELY.fullmatch(name) else 2


def _bare(value: str) -> str:
    match = _BEARER.fullmatch(value)
    return match[1] if match else value


def _at_slots(items: Sequence[Item], block: Block) -> tuple[list[_Candidate], list[Spot]]:
    """What stands where the block puts the key, and the places where nothing does."""
    found: list[_Candidate] = []
    absent: list[Spot] = []
    for slot in block.slots:
        if slot.value != APP_KEY:
            continue
        read = [
            _Candidate(item.spot, text)
            for item in items
            if slot.spot.same(item.spot) and (text := slot.read(item.value))
        ]
        found += read
        if not read:
            absent.append(slot.spot)
    return found, absent


def _values_by_slot(items: Sequence[Item], block: Block) -> dict[str, str]:
    values: dict[str, str] = {}
    for slot in block.slots:
        if slot.value == APP_KEY:
            continue
        for item in items:
            if slot.spot.same(item.spot) and (text := slot.read(item.value)):
                values.setdefault(slot.value, text[:200])
    return values


def _values_by_name(items: Iterable[Item]) -> dict[str, str]:
    values: dict[str, str] = {}
    for item in items:
        name = item.label.lower().replace("-", "_")
        if name in AUTH_REQUEST and name != APP_KEY and item.value:
            values.setdefault(name, item.value[:200])
    return values


def _one(candidates: Sequence[_Candidate], notes: list[str]) -> tuple[Secret | None, str]:
    """The one key that all candidates are; or None, and why not."""
    if len({candidate.text for candidate in candidates}) > 1:
        for candidate in candidates:
            if len(candidate.text) >= SHORTEST:
                Secret(candidate.text)  # whichever it is, no output may show it anywhere
        where = listed([candidate.spot for candidate in candidates])
        return None, f"two different keys came in one delivery, in {where}"
    spot, text = candidates[0]
    try:
        cleaned = clean(text)
    except InputProblem as error:
        if error.code == "placeholder":
            return None, f"{spot} holds a placeholder that was not filled in"
        return None, f"{spot} holds no key: {error.message}"
    if cleaned.removed:
        notes.append(f"the key came with {', '.join(cleaned.removed)} around it, which was taken off")
    notes += cleaned.warnings
    if is_made_up(text):
        notes.append("mcapp send made it up: it opens nothing")
    return cleaned.secret, ""


def listed(spots: Sequence[Spot]) -> str:
    """Places in words: `the header x-token-header and the payload's /app_token`."""
    words = list(dict.fromkeys(map(str, spots)))
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
