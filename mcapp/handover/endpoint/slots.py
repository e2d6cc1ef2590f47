"""Where a block says that ManyChat's values arrive: read off `auth.request`, the reverse of filling it in."""

from typing import NamedTuple
from urllib.parse import unquote_plus

from mcapp.appjson.gather import collect
from mcapp.appjson.placeholder_uses import IN_ACTION
from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, CURLY, DOLLAR, PORTABLE, find
from mcapp.document import Document, pointer

HEADER, FIELD, QUERY = "header", "field", "query"

# A value is at most as long as a key may be; what it stands in, not much longer.
_LONGEST = 16_384


class Spot(NamedTuple):
    """A place in a request: a header, a field of the payload (its JSON pointer), or a parameter of the query."""

    kind: str
    name: str

    def same(self, other: "Spot") -> bool:
        """Whether both mean one place; the names of headers are the same in any case (RFC 9110, 5.1)."""
        if self.kind == HEADER:
            return other.kind == HEADER and self.name.lower() == other.name.lower()
        return self == other

    def __str__(self) -> str:
        words = {HEADER: "the header", FIELD: "the payload's", QUERY: "the query's"}
        return f"{words[self.kind]} {self.name or 'whole text'}"


class Slot(NamedTuple):
    """Where the value `value` (a name of AUTH_REQUEST) is expected, and the fixed text around it.

    `first` and `last` tell whether that text begins and ends what stands there; beyond it another placeholder does.
    """

    spot: Spot
    value: str
    before: str
    after: str
    first: bool
    last: bool

    def read(self, text: str) -> str | None:
        """The value in what arrived there; None if the text around it is not the block's."""
        if len(text) > _LONGEST:
            return None
        start = len(self.before) if self.first else text.find(self.before) + len(self.before)
        if not (text.startswith(self.before) if self.first else self.before and start >= len(self.before)):
            return None
        if self.last:
            return text[start : len(text) - len(self.after)] if text[start:].endswith(self.after) else None
        end = text.find(self.after, start) if self.after else -1
        return text[start:end] if end >= 0 else None


class Block(NamedTuple):
    """What a block sends: its method (None: not given), and where ManyChat's values stand in it."""

    method: str | None
    slots: tuple[Slot, ...]

    @property
    def key_spots(self) -> tuple[Spot, ...]:
        """Where the App Key is expected; empty if the block never sends it."""
        return tuple(dict.fromkeys(slot.spot for slot in self.slots if slot.value == APP_KEY))


def block_of(document: Document) -> Block | None:
    """The block in an App JSON, an `auth` object or a bare request, in either notation; None if there is none."""
    facts = collect(document, None, "portable")
    request = facts.request
    if request is None:
        return None
    slots: list[Slot] = []
    for header in facts.headers:
        if header.zone.place is not IN_ACTION:
            slots += _slots(Spot(HEADER, header.name), header.value)
    depth = len(request.path) + 1
    for leaf in request.leaves:
        slots += _slots(Spot(FIELD, pointer(leaf.path[depth:])), leaf.value)
    if request.url is not None:
        query = request.url.text.partition("#")[0].partition("?")[2]
        for part in query.split("&"):
            name, _, value = part.partition("=")
            slots += _slots(Spot(QUERY, unquote_plus(name)), value)
    slots += [slot for leaf in facts.queries for slot in _slots(Spot(QUERY, leaf.key), leaf.value)]
    method = request.method.strip().upper() if request.method else None
    return Block(method, tuple(slots))


def _slots(spot: Spot, text: str) -> list[Slot]:
    found = find(text)
    slots = []
    for index, item in enumerate(found):
        if item.name not in AUTH_REQUEST or item.style not in (CURLY, PORTABLE, DOLLAR):
            continue
        start = found[index - 1].end if index else 0
        end = found[index + 1].start if index + 1 < len(found) else len(text)
        dollar = 1 if item.style == DOLLAR else 0  # ManyChat fills in what stands behind the sign
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
