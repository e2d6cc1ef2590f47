"""Keys and credentials that are written into the file, where a placeholder belongs.

One regular expression over the text first; only what it hits is looked for in the data.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.placeholders import may_hold
from mcapp.document.places import Path, Span
from mcapp.terminal.redact import suspects

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts
    from mcapp.appjson.requests import Request
    from mcapp.document import Document

KEY = "key"  # looks like an account's API key, wherever it stands
APP_TOKEN = "token"  # noqa: S105  # a value where {{app_token}} belongs
CREDENTIALS = "credentials"  # Bearer, Basic, user:password, an API key's header


class Written(NamedTuple):
    """A secret in the file. Its place is as in `lint.model.Problem`; `path` is None where only the text has it."""

    kind: str
    secret: str
    path: Path | None
    key: bool = False
    chars: tuple[int, int] | None = None
    span: Span | None = None


# Patterns are compiled by `re` when they are first used.
# What `redact.suspects` may find, in a text in lower case.
_DIGITS = r":(?<=\d{5}:)"  # begins with a plain character, so that the search is one for that character
_USERINFO = r"://[^\s/?#@\"]*+@"
_WORD = r"(?:bearer|basic)(?:\s|%20|\+)+[\w.~+/:\\-]"
_ACCOUNT_KEY = r"(?i)\d{5,}(?::|\\u003a|%3a)[\w\\]{16,}|\\u003\d"
_SCHEME = r"(?i)(?:bearer|basic)(?:\s|%20|\+)+"

# Where a value is a credential by the name it stands under, all but letters and digits taken away.
_EXACT = frozenset(("apptoken", "xtokenheader"))
_SLOTS = _EXACT | frozenset(
    (
        *("accesstoken", "apikey", "apisecret", "apitoken", "appkey", "authorization", "authtoken", "clientsecret"),
        *("manychatapikey", "manychatkey", "manychattoken", "secretkey", "token", "xaccesstoken", "xapikey", "xappkey"),
        *("xapptoken", "xauthtoken", "xmanychattoken", "xtoken"),
    )
)
# A text that stands for a secret, and is none.
_FILL_IN = r"(?i)your|here|xxx|example|change.?me|placeholder|dummy|insert|replace|[<>\s*…]|\.\.\."
_SHORTEST = 16
# How many secrets of one string are worth telling.
_MOST = 100


def collect(facts: "Facts") -> list[Written]:
    """Every secret in the file, each once."""
    document = facts.document
    slots = {each.path: each for each in _in_slots(facts)}
    found: list[Written] = []
    if _may_hold(document.text.lower()):
        suspected = _suspected(document, {request.url_path for request in facts.requests})
        found = [each for each in suspected if each.kind is KEY or each.path not in slots]
    keys = {each.path for each in found}
    return found + [each for path, each in slots.items() if path not in keys]


def _may_hold(low: str) -> bool:
    """Whether it is worth to ask `suspects`: that takes 180 us for 2 kB, this 4, and hardly any file holds a secret."""
    return bool(
        re.search(_DIGITS, low)
        or ("%" in low and "%3a" in low)
        or ("\\" in low and "\\u00" in low)
        or ("@" in low and re.search(_USERINFO, low))
        or (("bearer" in low or "basic" in low) and re.search(_WORD, low))
    )


def _suspected(document: "Document", urls: set[Path]) -> Iterator[Written]:
    """What looks like a secret anywhere. Credentials in a request's URL have a rule of their own."""
    covered: list[Span] = []
    for path, text, key in _strings(document.data):
        found = suspects(text)
        if found:
            covered.append(document.key_span(path) if key else document.span(path))
        for start, end in found[:_MOST]:
            kind, secret = _classify(text[start:end])
            if kind is KEY or path not in urls or re.match(_SCHEME, text[start:end]):
                yield Written(kind, secret, path, key, None if key else (start, end))
    covered.sort()
    # Comments, the first of two equal keys, and what could not be read are in the text alone.
    for start, end in suspects(document.text):
        at = bisect_right(covered, (end, -1)) - 1
        if at < 0 or covered[at].end <= start:
            kind, secret = _classify(document.text[start:end])
            yield Written(kind, secret, None, span=Span(start, end))


def _classify(piece: str) -> tuple[str, str]:
    scheme = re.match(_SCHEME, piece)
    return KEY if re.search(_ACCOUNT_KEY, piece) else CREDENTIALS, piece[scheme.end() :] if scheme else piece


def _strings(data: Any) -> Iterator[tuple[Path, str, bool]]:
    """Every string in the data, keys too."""
    stack: list[tuple[Path, Any]] = [((), data)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, str):
            yield path, value, False
        elif isinstance(value, dict):
            for name, item in value.items():
                yield (*path, name), name, True
                stack.append(((*path, name), item))
        elif isinstance(value, list):
            stack.extend(((*path, index), item) for index, item in enumerate(value))


def texts(data: Any) -> Iterator[str]:
    """Every string in `data`, keys too."""
    return (text for _, text, _ in _strings(data))


def _in_slots(facts: "Facts") -> Iterator[Written]:
    """Values under names that keys and credentials have."""
    for request in facts.requests:
        for header in request.headers:
            if len(header.value) >= _SHORTEST and header.named and _is_secret(header.name, header.value):
                scheme = re.match(_SCHEME, header.value)
                start, end = header.value_chars
                start += scheme.end() if scheme else 0
                kind = _kind(facts, request, header.name)
                yield Written(kind, header.raw[start:end], header.path, chars=(start, end))
        for leaf in request.leaves:
            if len(leaf.value) >= _SHORTEST and _is_secret(leaf.key, leaf.value):
                yield Written(_kind(facts, request, leaf.key), leaf.value, leaf.path)
    for header in facts.headers:
        if header.zone is facts.connection_zone and header.member and _is_secret(header.name, header.value):
            yield Written(CREDENTIALS, header.value, header.path)
    for leaf in facts.queries:
        if _is_secret(leaf.key, leaf.value):
            yield Written(CREDENTIALS, leaf.value, leaf.path)


def _kind(facts: "Facts", request: "Request", name: str) -> str:
    # Where the key is sent elsewhere, only the article's own names are certain to be the App Key's.
    if request is facts.request and (not facts.key_uses or _plain(name) in _EXACT):
        return APP_TOKEN
    return CREDENTIALS


def _is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret by its name and looks: long, letters and digits, no example and no fill-in."""
    if len(value) < _SHORTEST or _plain(name) not in _SLOTS or may_hold(value):
        return False
    scheme = re.match(_SCHEME, value)
    if re.search(_FILL_IN, value[scheme.end() :] if scheme else value):
        return False
    # After a scheme nothing but credentials stands; without one it takes digits among letters to tell.
    return scheme is not None or (any(map(str.isalpha, value)) and any(map(str.isdigit, value)))


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name[:_LONGEST_NAME]).lower()


_LONGEST_NAME = 40
