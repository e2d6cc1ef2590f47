"""Placeholders in a string: find, classify, rewrite and fill them in.

    {{name}}   a system value: ManyChat fills it in                      grade D (help articles), S
    [[name]]   what the installer entered, or a field of the action's form  grade D, S
    <<name>>   mcapp's portable notation for either of them               the project's own

`find` also reports what was probably meant as one: `{name}`, `${{name}}`, and brackets that do not match. All functions
take any string, are linear in its length, and raise only what their docstrings say.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

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
    if not may_hold(re.sub(_PLAIN, "", text)):
        return tuple(
            Placeholder(*match.span(), CURLY if match[1] else SQUARE, match[1] or match[2], match[1] or match[2])
            for match in re.finditer(_PLAIN, text)
        )
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
    return "".join((*parts, text[done:]))


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
    if "<<" not in text:
        return text
    parts: list[str] = []
    done = 0
    for item in find(text):
        if item.style is not PORTABLE:
            continue
        if item.name in declared:
            style = SQUARE
        elif item.name in system:
            style = CURLY
        else:
            raise UnknownNameError(item.name, nearest(item.name, (*system, *declared)))
        parts += text[done : item.start], write(style, item.name, item.filter)
        done = item.end
    return "".join((*parts, text[done:]))


def fill(text: str, values: Mapping[str, str], system: Collection[str] = AUTH_REQUEST) -> str:
    """`text` with its placeholders replaced by `values`, in one pass: placeholders in a value are not filled in.

    As ManyChat is documented to do it: a name in `system` in `{{ }}`, any other name in `[[ ]]` (D) and, because the
    article does not say which brackets params have (C), also in `{{ }}`; both in `<< >>`. `[[app_token]]` and names
    without a value are left unchanged.
    """
    if not may_hold(text):
        return text
    parts: list[str] = []
    done = 0
    for item in find(text):
        if item.name not in values or item.style not in (CURLY, SQUARE, PORTABLE, DOLLAR):
            continue
        if item.style is SQUARE and item.name in system:
            continue
        start = item.start + 1 if item.style is DOLLAR else item.start
        parts += text[done:start], values[item.name]
        done = item.end
    return "".join((*parts, text[done:]))
