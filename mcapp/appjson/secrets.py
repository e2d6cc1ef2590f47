"""Keys and credentials that are written into the file where a placeholder belongs.

The text is searched first; only if something is found there is the data searched.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from mcapp.appjson.placeholders import may_hold
from mcapp.appjson.requests import Header, Leaf, Request, walk
from mcapp.document import Document
from mcapp.document.places import Path, Span
from mcapp.terminal.redact import is_fill_in, is_key_name, is_secret_value, pieces, suspects

KEY = "key"  # looks like an account's API key, wherever it stands
APP_TOKEN = "token"  # noqa: S105  # a value where {{app_token}} belongs
CREDENTIALS = "credentials"  # Bearer, Basic, user:password, an API key's header


class SecretInFile(NamedTuple):
    """A secret in the file. Its place is given as in `lint.model.Problem`; `path` is None if only the text has it."""

    kind: str
    secret: str
    path: Path | None
    key: bool = False
    chars: tuple[int, int] | None = None
    span: Span | None = None


# Patterns are compiled by `re` when they are first used.
_ACCOUNT_KEY = r"(?i)\d{5,}(?::|\\u003a|%3a)[\w\\]{16,}|\\u003\d"
_SCHEME = r"(?i)(?:bearer|basic)(?:\s|%20|\+)+"

# "Basic internationalization", "Bearer authentication-token": words, not credentials.
_PROSE = r"(?:[A-Za-z][a-z]+[-_./]?)+"

# Names whose values are credentials, with only letters and digits left.
_EXACT = frozenset(("apptoken", "xtokenheader"))
_SLOTS = _EXACT | frozenset(
    (
        *("accesstoken", "apikey", "apisecret", "apitoken", "appkey", "authorization", "authtoken", "clientsecret"),
        *("manychatapikey", "manychatkey", "manychattoken", "secretkey", "token", "xaccesstoken", "xapikey", "xappkey"),
        *("xapptoken", "xauthtoken", "xmanychattoken", "xtoken", "secret", "password", "passwd", "passphrase"),
        *("privatekey", "clienttoken", "bearertoken", "webhooksecret", "signingsecret"),
    )
)
_SHORTEST = 16
# How many secrets of one string are reported.
_MOST = 100


def collect(
    document: Document,
    requests: Sequence[Request],
    connection_headers: Sequence[Header],
    queries: Sequence[Leaf],
    auth_request: Request | None,
    *,
    key_is_sent: bool,
) -> list[SecretInFile]:
    """Every secret in the file, each once.

    `connection_headers` and `queries` are those of auth.connection; `key_is_sent` says whether `auth_request` has a
    placeholder for the App Key.
    """
    slots = {each.path: each for each in _in_requests(requests, auth_request, key_is_sent=key_is_sent)}
    named = [(header.name, header.value, header.path) for header in connection_headers]
    for name, value, path in (*named, *((leaf.key, leaf.value, leaf.path) for leaf in queries)):
        if _is_secret(name, value):
            slots[path] = SecretInFile(CREDENTIALS, value, path)
    found: list[SecretInFile] = []
    whole = suspects(document.text)
    if whole or "\\" in document.text:  # written with escapes, it may be seen in the data alone
        suspected = _suspected(document, whole, {request.url_path for request in requests})
        found = [each for each in suspected if each.kind is KEY or each.path not in slots]
    keys = {each.path for each in found}
    return found + [each for path, each in slots.items() if path not in keys]


def hidden(document: Document, found: Sequence[SecretInFile]) -> Iterator[str]:
    """What no output may show of a document: more than what is reported, because hiding too much does no harm.

    That is what was `found`; whatever stands below a key's name; and in the text (comments and the first of two equal
    members are there alone) what looks like a secret or follows a key's name.
    """
    yield from (each.secret for each in found)
    yield from pieces(document.text)
    names_key = cache(is_key_name)  # a file has few names, many times
    waiting = [(document.data, False)]
    while waiting:
        value, below = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((item, below or names_key(name)) for name, item in value.items())
        elif isinstance(value, list):
            waiting.extend((item, below) for item in value)
        elif below and not isinstance(value, bool) and value is not None:
            text = _after_scheme(str(value))
            if not may_hold(text) and is_secret_value(text):
                yield text


def _suspected(document: Document, whole: list[tuple[int, int]], urls: set[Path]) -> Iterator[SecretInFile]:
    """What looks like a secret anywhere, except `user:password` in the URL of a request, which has its own rule."""
    covered: list[Span] = []
    for path, text, key in walk(document.data):
        found = suspects(text)
        if found:
            covered.append(document.key_span(path) if key else document.span(path))
        for start, end in found[:_MOST]:
            kind, secret = _classify(text[start:end])
            scheme = len(secret) < end - start
            if scheme and kind is CREDENTIALS and re.fullmatch(_PROSE, secret):
                continue
            if kind is KEY or path not in urls or scheme or ":" not in secret:
                yield SecretInFile(kind, secret, path, key, None if key else (start, end))
    covered.sort()
    # Comments, the first of two equal keys, and what could not be read are in the text alone.
    for start, end in whole:
        at = bisect_right(covered, (end, -1)) - 1
        if at < 0 or covered[at].end <= start:
            kind, secret = _classify(document.text[start:end])
            yield SecretInFile(kind, secret, None, span=Span(start, end))


def _classify(piece: str) -> tuple[str, str]:
    return KEY if re.search(_ACCOUNT_KEY, piece) else CREDENTIALS, _after_scheme(piece)


def _after_scheme(value: str) -> str:
    """The value without `Bearer` or `Basic`."""
    scheme = re.match(_SCHEME, value)
    return value[scheme.end() :] if scheme else value


def _in_requests(
    requests: Sequence[Request], auth_request: Request | None, *, key_is_sent: bool
) -> Iterator[SecretInFile]:
    """Values of headers and of the payload, under names that keys and credentials have."""
    for request in requests:

        def kind(name: str, *, in_auth: bool = request is auth_request) -> str:
            # Where the key is sent elsewhere, only the article's own names are certain to be the App Key's.
            return APP_TOKEN if in_auth and (not key_is_sent or _plain(name) in _EXACT) else CREDENTIALS

        for header in request.headers:
            if len(header.value) >= _SHORTEST and header.named and _is_secret(header.name, header.value):
                end = header.value_chars[1]
                start = end - len(_after_scheme(header.value))
                yield SecretInFile(kind(header.name), header.raw[start:end], header.path, chars=(start, end))
        for leaf in request.leaves:
            if len(leaf.value) >= _SHORTEST and _is_secret(leaf.key, leaf.value):
                yield SecretInFile(kind(leaf.key), leaf.value, leaf.path)


def _is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret by its name and form: long, letters and digits, not an example, not a fill-in."""
    if len(value) < _SHORTEST or _plain(name) not in _SLOTS or may_hold(value):
        return False
    secret = _after_scheme(value)
    if is_fill_in(secret):
        return False
    # Only credentials follow a scheme; without a scheme, letters mixed with digits make a secret.
    return secret != value or (any(map(str.isalpha, value)) and any(map(str.isdigit, value)))


@lru_cache(maxsize=256)
def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name[:_LONGEST_NAME])).lower()


_LONGEST_NAME = 40
