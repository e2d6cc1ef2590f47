"""The developer's own `auth.request`, with what ManyChat adds to it, read from a document; and what fills it in.

ManyChat adds the headers and the query of `auth.connection` to every request (D: Technical Specification); that it
does so for auth.request too, and that the request's own header wins over one of the same name, is inferred (I).
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from mcapp.appjson.app_schema import APP, KEYS, misspelt
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import (
    APP_KEY,
    AUTH_REQUEST,
    CURLY,
    DOLLAR,
    PORTABLE,
    SQUARE,
    Placeholder,
    fill,
    find,
    write,
)
from mcapp.appjson.requests import headers, strings, texts
from mcapp.document import Document, pointer
from mcapp.errors import Refused, UsageProblem, suggestion
from mcapp.lint.check import Settings, check
from mcapp.lint.model import Finding
from mcapp.terminal.redact import repeats

# The styles that `fill` replaces; the others are damaged, or not placeholders at all.
_FILLED = (CURLY, SQUARE, PORTABLE, DOLLAR)
_KNOWN = frozenset(key for keys in KEYS.values() for key in keys)

# The same in every run, so that a second rehearsal finds the records that the first one made at the endpoint. Ids are
# digits in all known requests (S).
MADE_UP = {"page_id": "100000000000001", "app_id": "1000001", "app_version": "1"}

# The form of real App Keys is not published. This one says what it is, so that nobody takes it for a working key.
_MADE_UP_KEY = re.compile(r"mcapp-made-up-[0-9a-f]{32}")


class Block(NamedTuple):
    """What is sent, with its placeholders. `headers` are (name, value) pairs; `payload` is JSON data, None for no body.

    `url` can be None, if it is not text, and `method` empty. `query` are the pairs that auth.connection adds, `params`
    those that the file declares, in its order, with their titles in App Setup.
    """

    url: str | None
    method: str
    headers: tuple[tuple[str, str], ...]
    payload: Any
    query: tuple[tuple[str, str], ...] = ()
    params: Mapping[str, str] = {}

    def texts(self) -> Iterator[str]:
        """Every string that can hold a placeholder, in the order of the request."""
        yield self.url or ""
        for pair in (*self.headers, *self.query):
            yield from pair
        yield from texts(self.payload)

    def placeholders(self) -> Iterator[Placeholder]:
        for text in self.texts():
            yield from (item for item in find(text) if item.style in _FILLED)


class CheckedBlock(NamedTuple):
    """The findings about a document's `auth`, the errors among them, and the block if there is no error."""

    findings: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    block: Block | None


def block_of(document: Document) -> Block | None:
    """The block in an App JSON, an `auth` object or a bare request, in either notation, whatever errors it has.

    None if there is none.
    """
    return _block(Facts(document, None, "portable"))


def check_block(document: Document, settings: Settings) -> CheckedBlock:
    """Check the part of `document` that the hand-over needs, and read the block from it.

    Errors in actions do not count here, errors in the text itself do. Raises Refused for a document without an
    auth.request.
    """
    facts = Facts(document, settings.kind, settings.placeholders)
    checked = check(document, settings)
    path = facts.auth_path if facts.auth_path is not None else facts.request_path
    part = pointer(path) if path is not None else "" if facts.kind != APP else "/auth"
    findings = tuple(
        one
        for one in checked.findings
        if one.pointer is None or one.rule.startswith("MC0") or f"{one.pointer}/".startswith(f"{part}/")
    )
    errors = tuple(one for one in findings if one.severity == "error")
    if errors:
        return CheckedBlock(findings, errors, None)
    block = _block(facts)
    name = "standard input" if document.name == "-" else document.name
    needed = [facts.request_path or ()]
    found = block.placeholders() if block and block.url else ()
    sends_key = any(item.name == APP_KEY and item.style is not SQUARE for item in found)
    if facts.request and not sends_key:
        needed += facts.request.url_path, *(use.path for use in facts.key_uses)
    if unknown := [part for path in needed for part in path if isinstance(part, str) and part not in _KNOWN]:
        meant = misspelt(unknown[0], tuple(_KNOWN))
        raise Refused(
            f"ManyChat does not know the key `{unknown[0]}` in {name}: it would not send the App Key",
            hint=f"did you mean `{meant}`?" if meant else "",
            code="unknown-key",
            path=document.name,
        )
    if block is None or block.url is None:
        raise Refused(
            f"{name} has no auth.request: ManyChat would send nothing",
            hint="mcapp generate writes one; without it the user copies the key by hand, for mcapp keys add",
            code="no-request",
            path=document.name,
        )
    return CheckedBlock(findings, (), block)


def _block(facts: Facts) -> Block | None:
    """The block as ManyChat reads it: what is under a key that it does not know, or a misspelt one, is not there."""
    if facts.request is None or not {"auth", "request"}.issuperset(facts.request.path):
        return None
    request, auth = facts.request.data, facts.auth or {}
    connection, params = auth.get("connection"), auth.get("params")
    if not isinstance(connection, dict):
        connection = {}
    url, method = request.get("url"), request.get("method")
    lines = headers(request.get("headers"), facts.request.path, facts.auth_zone)
    own = tuple((header.name, header.value) for header in lines if not header.lacks_colon)
    names = {name.lower() for name, _ in own}
    members = headers(connection.get("headers"), (), facts.connection_zone)
    added = ((each.name, each.value) for each in members if each.member and each.name.lower() not in names)
    found = (each for each in params if isinstance(each, dict)) if isinstance(params, list) else ()
    return Block(
        url=url if isinstance(url, str) else None,
        method=method if isinstance(method, str) else "",
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
    return bool(_MADE_UP_KEY.fullmatch(text))


class Filler:
    """Replaces placeholders by values, in one pass: placeholders in a value are not replaced."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __call__(self, text: str) -> str:
        """`text`, filled; a placeholder without a value is kept."""
        return fill(text, self._values)

    def value(self, item: Placeholder) -> str | None:
        """The value of this placeholder; None if it is not replaced."""
        if item.style not in _FILLED or (item.style is SQUARE and item.name in AUTH_REQUEST):
            return None
        return self._values.get(item.name)


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


def unfilled(block: Block, filler: Filler) -> list[str]:
    """The placeholders without a value, without inner spaces, each once."""
    kept = (item for item in block.placeholders() if filler.value(item) is None)
    return list(dict.fromkeys(write(CURLY if at.style is DOLLAR else at.style, at.name) for at in kept))
