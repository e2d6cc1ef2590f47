"""The developer's own `auth.request`, with what ManyChat adds to it, read from a document; and what fills it in.

ManyChat adds the headers and the query of `auth.connection` to every request (D: Technical Specification); that it
does so for auth.request too, and that the request's own header wins over one of the same name, is inferred (I).
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import quote

from mcapp.appjson.app_schema import APP
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import (
    APP_KEY,
    AUTH_REQUEST,
    CURLY,
    DOLLAR,
    FILLER,
    PORTABLE,
    SQUARE,
    Placeholder,
    find,
    masked,
)
from mcapp.appjson.requests import headers, strings, texts
from mcapp.document import Document, pointer
from mcapp.errors import Refused, UsageProblem, suggestion
from mcapp.lint.check import Settings, check
from mcapp.lint.model import ERROR, Finding
from mcapp.lint.rules import ALL
from mcapp.terminal.redact import repeats

# The styles that `fill` replaces; the others are damaged, or not placeholders at all.
_FILLED = (CURLY, SQUARE, PORTABLE, DOLLAR)

# In a URL the developer's own text is kept, except for what no URL can hold.
FIXED = "!$&'(),*+/:;=?@[]%"

# The same in every run, so that a second rehearsal finds the records that the first one made at the endpoint. Ids are
# digits in all known requests (S).
MADE_UP = {"page_id": "100000000000001", "app_id": "1000001", "app_version": "1"}

# The form of real App Keys is not published. This one says what it is, so that nobody takes it for a working key.
_MADE_UP_KEY = re.compile(r"mcapp-made-up-[0-9a-f]{32}")


class Block(NamedTuple):
    """What is sent, with its placeholders. `headers` are (name, value) pairs; `payload` is JSON data, None for no body.

    `url` and `method` are empty if they are not text. `query` are the pairs that auth.connection adds, `params` those
    that the file declares, in its order, with their titles in App Setup.
    """

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    payload: Any
    query: tuple[tuple[str, str], ...] = ()
    params: Mapping[str, str] = {}

    @property
    def path(self) -> str | None:
        """The path in its URL; None where it depends on a placeholder."""
        url = self.url.strip().partition("#")[0]
        _, scheme, rest = masked(url, find(url)).partition("?")[0].partition("://")
        path = f"/{rest.partition('/')[2]}"
        return None if not scheme or FILLER in path else quote(path, safe=FIXED)

    def placeholders(self) -> Iterator[Placeholder]:
        """Every complete placeholder in it, in the order of the request."""
        for text in (self.url, *chain(*self.headers, *self.query), *texts(self.payload)):
            yield from (item for item in find(text) if item.style in _FILLED)


def block_of(document: Document) -> Block | None:
    """The block in an App JSON, an `auth` object or a bare request, in either notation, whatever errors it has.

    None if there is none.
    """
    return _block(Facts(document, None, "portable"))


def check_block(document: Document, settings: Settings) -> tuple[tuple[Finding, ...], Block | None]:
    """The findings in the part of `document` that the hand-over needs; and the block, if there is no error in it.

    Errors in actions do not count here, errors in the text itself do. That a key on the way to the App Key is misspelt
    counts whatever rules are chosen: ManyChat would not know it. Raises Refused for a document without an auth.request.
    """
    facts = Facts(document, settings.kind, settings.placeholders)
    rules = tuple(rule for rule in ALL if rule in settings.rules or rule.name == "misspelt-key")
    path = facts.auth_path if facts.auth_path is not None else facts.request_path
    part = pointer(path) if path is not None else "" if facts.kind != APP else "/auth"
    chosen = {rule.code for rule in settings.rules}
    findings = tuple(
        one
        for one in check(document, settings._replace(rules=rules)).findings
        if one.pointer is None or one.rule.startswith("MC0") or f"{one.pointer}/".startswith(f"{part}/")
        if one.severity == ERROR or one.rule in chosen
    )
    if any(one.severity == ERROR for one in findings):
        return findings, None
    block = _block(facts)
    if block is None or not block.url:
        name = "standard input" if document.name == "-" else document.name
        raise Refused(
            f"{name} has no auth.request: ManyChat would send nothing",
            hint="mcapp generate writes one; without it the user copies the key by hand, for mcapp keys add",
            code="no-request",
            path=document.name,
        )
    return findings, block


def _block(facts: Facts) -> Block | None:
    """The block as ManyChat reads it: what is under a key that it does not know, or a misspelt one, is not there."""
    if facts.request is None or not {"auth", "request"}.issuperset(facts.request.path):
        return None
    request, auth = facts.request.data, facts.auth or {}
    connection, params = auth.get("connection"), auth.get("params")
    if not isinstance(connection, dict):
        connection = {}
    lines = headers(request.get("headers"), facts.request.path, facts.auth_zone)
    own = tuple((header.name, header.value) for header in lines if not header.lacks_colon)
    names = {name.lower() for name, _ in own}
    members = headers(connection.get("headers"), (), facts.connection_zone)
    added = ((each.name, each.value) for each in members if each.member and each.name.lower() not in names)
    found = (each for each in params if isinstance(each, dict)) if isinstance(params, list) else ()
    return Block(
        url=_text(request.get("url")),
        method=_text(request.get("method")),
        headers=(*own, *added),
        payload=request.get("payload"),
        query=tuple((leaf.key, leaf.value) for leaf in strings(connection.get("qs"), (), "qs")),
        params={name: _text(each.get("title")) or name for each in found if (name := _text(each.get("name")))},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def made_up_key() -> str:
    """An App Key that has no access, and says so in its text."""
    return f"mcapp-made-up-{secrets.token_hex(16)}"


def is_made_up(text: str) -> bool:
    """Whether this is a key of `made_up_key`."""
    return bool(_MADE_UP_KEY.fullmatch(text))


def value_of(item: Placeholder, values: Mapping[str, str]) -> str | None:
    """What ManyChat puts in place of `item`; None if it is not replaced."""
    if item.style not in _FILLED or (item.style is SQUARE and item.name in AUTH_REQUEST):
        return None
    return values.get(item.name)


def parse_set(words: Iterable[str]) -> dict[str, str]:
    """The values of `--set NAME=VALUE`. Raises UsageProblem, which never repeats a value: it may be a password."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageProblem("--set takes NAME=VALUE", hint="--set page_id=123456")
        if name == APP_KEY:
            raise UsageProblem(
                "a key is not accepted as an argument: other programs can read those",
                hint="--key NAME sends a stored key, --key MANYCHAT_APP_KEY the environment's",
            )
        if name in found:
            raise UsageProblem("--set gives one name twice", hint="remove one of them: it has one value everywhere")
        found[name] = value
    return found


def missing(block: Block, extra: Iterable[Placeholder], given: Mapping[str, str]) -> list[str]:
    """The names in the block, or in `extra`, whose values only the developer can give, in order.

    `{{name}}` needs one only where `name` is declared: any other may be a ManyChat value that mcapp does not know.
    """
    found: dict[str, None] = {}
    for item in (*block.placeholders(), *extra):
        known = item.name in given or item.name in AUTH_REQUEST
        if not known and item.name and (item.name in block.params or item.style in (SQUARE, PORTABLE)):
            found[item.name] = None
    return list(found)


def refuse_unknown(block: Block, extra: Iterable[Placeholder], given: Mapping[str, str]) -> None:
    """Raise UsageProblem for a `--set` whose name is not used: it would have no effect."""
    names = [*AUTH_REQUEST, *block.params]
    names += [item.name for item in (*block.placeholders(), *extra)]
    for name in given:
        if name not in names:
            known = dict.fromkeys(each for each in names if each != APP_KEY)
            raise UsageProblem(
                f"auth.request does not use the name {name if repeats(name) else 'that --set gives'}",
                hint=suggestion(name, known, f"it uses: {', '.join(known)}"),
                code="unknown-name",
            )
