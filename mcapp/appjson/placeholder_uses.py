"""Where placeholders are used, and the one problem that each may have: no placeholder is reported by two rules."""

from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

from mcapp.appjson.placeholders import (
    ACTION,
    APP_KEY,
    AUTH_REQUEST,
    BROKEN,
    CONTACT,
    CURLY,
    DOLLAR,
    PORTABLE,
    SINGLE,
    SQUARE,
    SYSTEM,
    Placeholder,
    is_name,
)
from mcapp.document.places import Path

# The verdicts of `classify`; each belongs to exactly one rule (mcapp/lint/rules/mc3_*.py).
UNDECLARED = "undeclared"  # [[x]], and no such param or form
SYSTEM_IN_SQUARE = "system in square"  # [[app_token]]
UNKNOWN = "unknown"  # {{x}}, and ManyChat is not known to have such a value
CASE = "case"  # {{App_Token}}, [[Email]]
UNBALANCED = "unbalanced"  # {{x}
OUTSIDE = "outside"  # {{app_token}} anywhere but in auth.request
LEFT = "left"  # <<page_id>> where ManyChat's notation is expected
UNKNOWN_PORTABLE = "unknown portable"  # <<x>>, and no such value, param or form
PARAM_IN_CURLY = "param in curly"  # {{email}} in auth.request, for a declared param
SPACES = "spaces"  # {{ page_id }}
SINGLE_BRACES = "single"  # {page_id}
DOLLAR_SIGN = "dollar"  # ${{page_id}}
UNDECIDED = "undecided"  # {{x}} in a bare request block, whose params are not in the file

# Why a zone may use names that are not declared in the file.
BLOCK = "block"  # a bare request: the params are declared elsewhere
DAMAGED = "damaged"  # what declares them has the wrong shape, or was not read to its end


class Declared(NamedTuple):
    """Something declared in a list: a param, form field, action, source, trigger, mapping. Without a name it is ""."""

    path: Path
    name: str
    data: dict[str, object]
    zone: "Zone | None" = None  # of a form field: its action's


# The places with a set of names of their own.
IN_AUTH = "auth.request"
IN_CONNECTION = "auth.connection"
IN_ACTION = "action"


class Names:
    """The declared names of the params, or of the form fields of one action."""

    __slots__ = ("_folded", "entries")

    def __init__(self, entries: Iterable[Declared]) -> None:
        self.entries = {entry.name: entry for entry in entries if entry.name}
        self._folded: dict[str, str] | None = None

    def spelt(self, name: str) -> str | None:
        """The declared spelling of `name`, whatever the case; None if it is not declared."""
        if name in self.entries:
            return name
        if self._folded is None:
            self._folded = {declared.casefold(): declared for declared in self.entries}
        return self._folded.get(name.casefold())


class Zone:
    """One of these places, with the names that are declared for it: params, and in an action its form fields too.

    `open` says why names may be used that are not declared: BLOCK, DAMAGED, or "" if they may not.
    """

    __slots__ = ("auth", "forms", "open", "params", "place", "system", "used")

    def __init__(self, place: str, params: Names, open: str = "") -> None:  # noqa: A002  # the word
        self.place = place
        self.auth = place is IN_AUTH
        self.params = params
        self.forms = NOBODY
        self.open = open
        self.system = AUTH_REQUEST if self.auth else ACTION
        self.used: set[str] = set()  # names in placeholders of any kind, case-folded

    def declares(self, name: str) -> bool:
        """Whether a param or form field has exactly that name."""
        return name in self.params.entries or name in self.forms.entries

    def declared(self, most: int) -> tuple[str, ...]:
        """The declared names, at most so many."""
        return tuple(islice(chain(self.forms.entries, self.params.entries), most))

    def spelt(self, name: str) -> str | None:
        """The declared spelling of `name`, whatever the case; None if it is not declared."""
        return name if self.declares(name) else self.params.spelt(name) or self.forms.spelt(name)

    def spelt_system(self, name: str) -> str | None:
        """The system value that `name` is, whatever the case; None if it is not one."""
        folded = name.casefold()
        return folded if folded in SYSTEM else None


NOBODY = Names(())


class Use(NamedTuple):
    """A placeholder in a string value of a zone. `part` is the member of the request: "url", "headers", …"""

    path: Path
    at: Placeholder
    zone: Zone
    part: str

    @property
    def chars(self) -> tuple[int, int]:
        """Its offsets in the string."""
        return self.at.start, self.at.end


def classify(at: Placeholder, zone: Zone, *, portable: bool) -> str | None:
    """The problem of a placeholder, or None."""
    name, style = at.name, at.style
    if style is CURLY:
        if name in zone.system and at.inner == name:
            return None
        return _curly(at, zone)
    if style is SQUARE:
        if zone.declares(name):
            return None if at.tight else SPACES
        return _square(at, zone)
    if style is PORTABLE:
        return _portable(at, zone, portable=portable)
    if style is DOLLAR:
        return DOLLAR_SIGN
    known = name.casefold() in SYSTEM or zone.spelt(name) is not None
    if style is SINGLE:
        return SINGLE_BRACES if known else None
    if style is BROKEN and not known and not at.opened:
        return None  # `{a}}` and `<b>>` are in texts for other reasons
    return UNBALANCED


def _curly(at: Placeholder, zone: Zone) -> str | None:
    name = at.name
    folded = name.casefold()
    if folded == APP_KEY and not zone.auth:
        return OUTSIDE
    if folded in zone.system:
        return CASE if folded != name else None if at.tight else SPACES
    if zone.spelt(name) is not None:
        return PARAM_IN_CURLY if zone.auth else UNKNOWN
    # I: what fills a request at install may well fill an action's too, and contact fields do; nobody lists them.
    if not zone.auth and folded in SYSTEM:
        return CASE if folded != name else None if at.tight else SPACES
    if not zone.auth and (name in CONTACT or name.startswith("cuf_")):
        return None if at.tight else SPACES
    if zone.open:
        return UNDECIDED if zone.open == BLOCK else None
    return UNKNOWN


def _square(at: Placeholder, zone: Zone) -> str | None:
    if zone.spelt(at.name) is not None:
        return CASE
    folded = at.name.casefold()
    if folded in zone.system or folded in AUTH_REQUEST:
        return SYSTEM_IN_SQUARE
    if not is_name(at.name):
        return None  # JSON inside a string, such as [["a", "b"]]
    if zone.open:
        return None if at.tight else SPACES
    return UNDECLARED


def _portable(at: Placeholder, zone: Zone, *, portable: bool) -> str | None:
    folded = at.name.casefold()
    if folded == APP_KEY and not zone.auth:
        return OUTSIDE
    # I: what fills a request at install may well fill an action's too, as in _curly.
    system = zone.system if zone.auth else SYSTEM
    exact = at.name in system or zone.declares(at.name)
    if exact or folded in system or zone.spelt(at.name) is not None:
        if not portable:
            return LEFT
        return CASE if not exact else None if at.tight else SPACES
    if not is_name(at.name):
        return None  # shift operators and the like
    if zone.open:
        return None if portable or zone.open == DAMAGED else LEFT
    return UNKNOWN_PORTABLE
