"""The developer's own `auth.request`, with what ManyChat adds to it, read from a document.

ManyChat adds the headers and the query of `auth.connection` to every request (D: Technical Specification); that it
does so for auth.request too, and that the request's own header wins over one of the same name, is inferred (I).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mcapp.appjson import kinds
from mcapp.appjson.facts import Facts
from mcapp.appjson.gather import collect
from mcapp.appjson.placeholder_uses import IN_ACTION
from mcapp.appjson.placeholders import CURLY, DOLLAR, PORTABLE, SQUARE, Placeholder, find
from mcapp.document import Document, pointer
from mcapp.errors import Refused
from mcapp.lint.check import Settings, check
from mcapp.lint.model import Finding

# The styles that `fill` replaces; the others are damaged, or not placeholders at all.
_FILLED = (CURLY, SQUARE, PORTABLE, DOLLAR)


class Param(NamedTuple):
    """A declared param: its name, and its label in App Setup."""

    name: str
    title: str


class Block(NamedTuple):
    """What is sent, with its placeholders. `headers` are (name, value) pairs; `payload` is JSON data, None for no body.

    `url` can be None, if it is not text, and `method` empty. `query` are the pairs that auth.connection adds, `params`
    those that the file declares, in its order.
    """

    url: str | None
    method: str
    headers: tuple[tuple[str, str], ...]
    payload: Any
    query: tuple[tuple[str, str], ...] = ()
    params: tuple[Param, ...] = ()

    def texts(self) -> Iterator[str]:
        """Every string that can hold a placeholder, in the order of the request."""
        yield self.url or ""
        for name, value in (*self.headers, *self.query):
            yield name
            yield value
        waiting = [self.payload]  # no recursion: a file may be 256 levels deep
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                yield item
            elif isinstance(item, dict):
                waiting.extend(part for pair in reversed(item.items()) for part in reversed(pair))
            elif isinstance(item, list):
                waiting.extend(reversed(item))

    def placeholders(self) -> Iterator[Placeholder]:
        """Every complete placeholder in it."""
        for text in self.texts():
            yield from (item for item in find(text) if item.style in _FILLED)


class CheckedBlock(NamedTuple):
    """The findings about a document's `auth`, the errors among them, and the block if there is no error.

    `secrets` are texts in the document that no output may show.
    """

    findings: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    secrets: frozenset[str]
    block: Block | None


def block_of(document: Document) -> Block | None:
    """The block in an App JSON, an `auth` object or a bare request, in either notation, whatever errors it has.

    None if there is none.
    """
    return _block(collect(document, None, "portable"))


def check_block(document: Document, settings: Settings) -> CheckedBlock:
    """Check the part of `document` that the hand-over needs, and read the block from it.

    Errors in actions do not count here, errors in the text itself do. Raises Refused for a document without an
    auth.request.
    """
    facts = collect(document, settings.kind, settings.placeholders)
    checked = check(document, settings)
    path = facts.auth_path if facts.auth_path is not None else facts.request_path
    part = pointer(path) if path is not None else "" if facts.kind != kinds.APP else "/auth"
    findings = tuple(
        one
        for one in checked.findings
        if one.pointer is None or one.rule.startswith("MC0") or f"{one.pointer}/".startswith(f"{part}/")
    )
    errors = tuple(one for one in findings if one.severity == "error")
    if errors:
        return CheckedBlock(findings, errors, checked.secrets, None)
    block = _block(facts)
    if block is None or block.url is None:
        name = "standard input" if document.name == "-" else document.name
        raise Refused(
            f"{name} has no auth.request: ManyChat would send nothing",
            hint="mcapp generate writes one; without it the user copies the key by hand, for mcapp keys add",
            code="no-request",
            path=document.name,
        )
    return CheckedBlock(findings, (), checked.secrets, block)


def _block(facts: Facts) -> Block | None:
    request = facts.request
    if request is None:
        return None
    own = tuple((header.name, header.value) for header in request.headers if not header.lacks_colon)
    names = {name.lower() for name, _ in own}
    added = tuple(
        (each.name, each.value)
        for each in facts.headers
        if each.member and each.zone.place is not IN_ACTION and each.name.lower() not in names
    )
    return Block(
        url=None if request.url is None else request.url.text,
        method=request.method or "",
        headers=(*own, *added),
        payload=request.payload,
        query=tuple((leaf.key, leaf.value) for leaf in facts.queries),
        params=tuple(Param(each.name, _title(each.data, each.name)) for each in facts.params if each.name),
    )


def _title(data: dict[str, Any], name: str) -> str:
    title = data.get("title")
    return title if isinstance(title, str) and title else name
