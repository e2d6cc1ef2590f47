"""Placeholders in a string: find, rewrite and fill them in; where they are used, and what is wrong with each.

    {{name}}   a system value: ManyChat fills it in                      grade D (help articles), S
    [[name]]   what the installer entered, or a field of the action's form  grade D, S
    <<name>>   mcapp's portable notation for either of them               the project's own

`find` also reports what was probably meant as one: `{name}`, `${{name}}`, and brackets that do not match. All functions
take any string, are linear in its length, and raise only what their docstrings say. `classify` says which problem a
placeholder has in its place: one at most, so that none is reported by two rules.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from mcapp.document.places import Edit, Path, apply
from mcapp.errors import nearest

# The values that ManyChat fills in, by place. D: the article "Obtaining API Access through Apps" for auth.request.
AUTH_REQUEST = ("app_token", "app_id", "app_version", "page_id")
# S: the two seen in the requests of published apps. Contact fields work there too (D), but ManyChat does not list them.
ACTION = ("user_id", "last_input_text")
SYSTEM = frozenset(AUTH_REQUEST + ACTION)
# I: names that ManyChat's public API gives to a contact's fields; known only so that nobody is warned about them.
_CONTACT = """
    id key page_name first_name last_name full_name name gender profile_pic locale language timezone live_chat_url
    email phone whatsapp_phone ig_username telegram_username last_interaction last_seen opted_in_email optin_email
    optin_phone subscribed last_growth_tool
"""
CONTACT = frozenset(_CONTACT.split())
APP_KEY = "app_token"

CURLY, SQUARE, PORTABLE = "{{", "[[", "<<"
SINGLE = "{"  # {name}: one pair of braces
DOLLAR = "${{"  # ${{name}}: the form of CI systems
BROKEN = "broken"  # {{name}, name]] and the like: opened and closed differently

# A private-use character: what `masked` puts where a value will stand.
FILLER = "\ue000"

_CLOSERS = {CURLY: "}}", SQUARE: "]]", PORTABLE: ">>"}

# A name as people write them: `email`, `user.id`, `api-key`. JSON inside a string (`[[1,2]]`) is not one.
_NAME = r"[^\W\d][\w.\-]*+"
_IS_NAME = r"(?!(?:true|false|null)$)(?=[\d.\- ]*[^\W\d])\w[\w.\-]*(?: [\w.\-]+)*"
# What may follow a name whose brackets were never closed. JSON inside a string (`[[true,`) goes on differently.
_STOP = r"(?=$|[\s/&?\#;\"'<>{}\[\]])"
# Patterns are compiled by `re` when they are first used; most files need only the short one.
_PLAIN = r"(?<!\$)\{\{([a-z]\w*)\}\}|\[\[([a-z]\w*)\]\]"
_TOKEN = rf"""(?x)
    (?P<dollar>\$)?\{{\{{(?P<curly>[^{{}}]*+)\}}\}}
    | \[\[(?P<square>[^\[\]]*+)\]\]
    | <<(?P<portable>[^<>]*+)>>
    | (?: \{{\{{\ * (?P<open_curly>{_NAME}) (?: \ *+ (?: [\]>]{{2}} | [\]}}>] ) | {_STOP} )
        | \[\[\ * (?!(?:true|false|null)\b) (?P<open_square>{_NAME}) (?: \ *+ (?: [}}>]{{2}} | [\]}}>] ) | {_STOP} )
        | <<\ * (?P<open_portable>{_NAME}) \ *+ (?: [\]}}]{{2}} | [\]}}>] )
        | (?<!\{{)\{{\ * (?P<close_curly>{_NAME}) \ *+ \}}\}}
        | (?<!\[)\[\ * (?P<close_square>{_NAME}) \ *+ \]\]
        | (?<!<)<\ * (?P<close_portable>{_NAME}) \ *+ >>
      )
    | (?<!\{{)\{{(?P<single>{_NAME})\}}
    """
_STYLES = {"curly": CURLY, "square": SQUARE, "portable": PORTABLE, "single": SINGLE}


class Placeholder(NamedTuple):
    """One placeholder in a string: text[start:end].

    `style` is CURLY, SQUARE, PORTABLE, SINGLE, DOLLAR or BROKEN; `inner` is the text between the brackets, `name` its
    part before a filter (`{{name|fallback:"x"}}`), without spaces around it. For a BROKEN one, `meant` is the style
    whose brackets it has one half of, and `opened` says whether it is the opening half.
    """

    start: int
    end: int
    style: str
    name: str
    inner: str
    meant: str = ""
    opened: bool = False

    @property
    def tight(self) -> bool:
        """Whether there are no spaces just inside the brackets."""
        return self.inner == self.inner.strip()

    @property
    def filter(self) -> str:
        """The text after the name, from the `|` on. Whether App JSON has filters is not known (S elsewhere)."""
        return self.inner.strip()[len(self.name) :].lstrip()


def may_hold(text: str) -> bool:
    """Whether `text` can contain a placeholder at all: the cheap question to ask first."""
    return "{" in text or "[[" in text or "<<" in text or "]]" in text or ">>" in text


def find(text: str) -> tuple[Placeholder, ...]:
    """Every placeholder in `text`, complete or damaged, in order and without overlap."""
    if not may_hold(text):
        return ()
    return _find_again(text) if len(text) <= _SHORT else _find(text)


def _find(text: str) -> tuple[Placeholder, ...]:
    parts = re.split(_PLAIN, text)
    if not may_hold("".join(parts[::3])):
        return _plain(parts)
    found = []
    for match in re.finditer(_TOKEN, text):
        group = match.lastgroup
        inner = match[group]  # type: ignore[index]  # each alternative has a group
        start, end = match.span()
        style = _STYLES.get(group)  # type: ignore[arg-type]
        name = inner.partition("|")[0].strip()
        if style is None:
            half, _, meant = group.partition("_")  # type: ignore[union-attr]
            found.append(Placeholder(start, end, BROKEN, name, inner, _STYLES[meant], half == "open"))
            continue
        if style is CURLY and match["dollar"]:
            style = DOLLAR
        found.append(Placeholder(start, end, style, name, inner))
    return tuple(found)


def _plain(parts: list[str]) -> tuple[Placeholder, ...]:
    """The placeholders of a text, by what `re.split` makes of it: a piece of text, curly, square, the next piece, …"""
    found = []
    end = 0
    for at in range(0, len(parts) - 1, 3):
        start = end + len(parts[at])
        curly, square = parts[at + 1], parts[at + 2]
        name = curly or square
        end = start + len(name) + 4
        found.append(Placeholder(start, end, CURLY if curly else SQUARE, name, name))
    return tuple(found)


# Every App JSON has the same few strings: `{{app_token}}`, `x-token-header: {{app_token}}`, `[[email]]`.
_find_again = lru_cache(maxsize=1024)(_find)
_SHORT = 100


def is_name(text: str) -> bool:
    """Whether `text` looks like a name: words of letters, digits, `_`, `-`, `.`, with at least one letter."""
    return re.fullmatch(_IS_NAME, text) is not None


def write(style: str, name: str, filters: str = "") -> str:
    """A placeholder without spaces: `write(CURLY, "page_id")` is `{{page_id}}`."""
    return f"{style}{name}{filters}{_CLOSERS[style]}"


def masked(text: str, found: Iterable[Placeholder]) -> str:
    """`text` with each placeholder that `find` returned replaced by as many FILLERs: same length, no delimiters."""
    parts: list[str] = []
    done = 0
    for item in found:
        parts += text[done : item.start], FILLER * (item.end - item.start)
        done = item.end
    return "".join(parts) + text[done:]


class UnknownNameError(ValueError):
    """A `<<name>>` that is neither a system value nor declared. `near` is the known name that was probably meant."""

    def __init__(self, name: str, near: str | None) -> None:
        super().__init__(f"<<{name}>> is neither a system value nor a declared name")
        self.name = name
        self.near = near


def rewrite(text: str, declared: Collection[str], system: Collection[str] = AUTH_REQUEST) -> str:
    """`text` with its portable placeholders in ManyChat's brackets; everything else is unchanged.

    A name in `declared` (auth.params, or the action's forms) becomes `[[name]]`, a name in `system` `{{name}}`; if it
    is in both, `declared` wins. Raises UnknownNameError for the first name that is in neither.
    """
    edits = []
    for item in find(text) if "<<" in text else ():
        if item.style is PORTABLE:
            if item.name not in declared and item.name not in system:
                raise UnknownNameError(item.name, nearest(item.name, (*system, *declared)))
            style = SQUARE if item.name in declared else CURLY
            edits.append(Edit(item.start, item.end, write(style, item.name, item.filter)))
    return apply(text, edits)


def fill(text: str, values: Mapping[str, str], system: Collection[str] = AUTH_REQUEST) -> str:
    """`text` with its placeholders replaced by `values`, in one pass: placeholders in a value are not filled in.

    As ManyChat is documented to do it: a name in `system` in `{{ }}`, any other name in `[[ ]]` (D) and, because the
    article does not say which brackets params have (C), also in `{{ }}`; both in `<< >>`. `[[app_token]]` and names
    without a value are left unchanged.
    """
    edits = []
    for item in find(text):
        style, name = item.style, item.name
        filled = style in (CURLY, PORTABLE, DOLLAR) or (style is SQUARE and name not in system)
        if filled and name in values:
            edits.append(Edit(item.start + (style is DOLLAR), item.end, values[name]))
    return apply(text, edits)


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
