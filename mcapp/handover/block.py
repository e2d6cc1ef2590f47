"""The developer's own `auth.request`, with what ManyChat adds to it, as the rules' facts know it.

ManyChat adds the headers and the query of `auth.connection` to every request (D: Technical Specification); that it
does so for auth.request too, and that the request's own header wins over one of the same name, is inferred (I).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from mcapp.appjson import gather, kinds
from mcapp.appjson.kinds import member
from mcapp.appjson.placeholders import CURLY, DOLLAR, PORTABLE, SQUARE, Placeholder, find
from mcapp.document import Document, pointer
from mcapp.errors import Refused
from mcapp.lint.check import Settings, check
from mcapp.lint.model import Finding

# What `fill` fills in; the other styles are damaged, or no placeholders at all.
_FILLED = (CURLY, SQUARE, PORTABLE, DOLLAR)


class Param(NamedTuple):
    """A declared param: its name, and what App Setup would ask with."""

    name: str
    title: str


class Block(NamedTuple):
    """What is sent, with its placeholders. `headers` are (name, value) pairs; `payload` None means no body.

    `method` is empty where the block names none. `params` are those that the file declares, in its order.
    """

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    payload: Any
    query: tuple[tuple[str, str], ...] = ()
    params: tuple[Param, ...] = ()

    def texts(self) -> Iterator[str]:
        """Every string that can hold a placeholder, in the order in which a reader meets them."""
        yield self.url
        for name, value in self.headers:
            yield name
            yield value
        for name, value in self.query:
            yield name
            yield value
        yield from _strings(self.payload)

    def placeholders(self) -> Iterator[Placeholder]:
        """Every complete placeholder in it."""
        for text in self.texts():
            yield from (item for item in find(text) if item.style in _FILLED)


class Read(NamedTuple):
    """What came of a document: the findings about its auth, those that stop a rehearsal, and the block if none does."""

    findings: tuple[Finding, ...]
    errors: tuple[Finding, ...]
    secrets: frozenset[str]
    block: Block | None


def read(document: Document, settings: Settings) -> Read:
    """Judge the part of `document` that the hand-over rests on, and take the block out of it.

    A mistake in an action has its own time; one in the text itself concerns everything. Raises Refused for a document
    without an auth.request.
    """
    known = gather.collect(document, settings.kind, settings.placeholders)
    checked = check(document, settings)
    path = known.auth_path if known.auth_path is not None else known.request_path
    place = pointer(path) if path is not None else "" if known.kind != kinds.APP else "/auth"
    findings = tuple(one for one in checked.findings if _concerns(one, place))
    errors = tuple(one for one in findings if one.severity == "error")
    if errors:
        return Read(findings, errors, checked.secrets, None)
    request = known.request
    url = None if request is None else request.data.get(member(request.data, "url", "request") or "")
    if request is None or not isinstance(url, str):
        name = "standard input" if document.name == "-" else document.name
        raise Refused(
            f"{name} has no auth.request: ManyChat would send nothing",
            hint="mcapp generate writes one; without it the user copies the key by hand, for mcapp keys add",
            code="no-request",
            path=document.name,
        )
    own = tuple((header.name, header.value) for header in request.headers if not header.lacks_colon)
    names = {name.lower() for name, _ in own}
    added = tuple((each.name, each.value) for each in known.headers if each.member and each.name.lower() not in names)
    block = Block(
        url=url,
        method=request.method or "",
        headers=(*own, *added),
        payload=request.payload,
        query=tuple((leaf.key, leaf.value) for leaf in known.queries),
        params=tuple(Param(each.name, _title(each.data, each.name)) for each in known.params if each.name),
    )
    return Read(findings, (), checked.secrets, block)


def _concerns(finding: Finding, place: str) -> bool:
    return finding.pointer is None or finding.rule.startswith("MC0") or f"{finding.pointer}/".startswith(f"{place}/")


def _title(data: dict[str, Any], name: str) -> str:
    title = data.get("title")
    return title if isinstance(title, str) and title else name


def _strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys included, without recursion: a file may be 256 levels deep."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting.extend(part for pair in reversed(item.items()) for part in reversed(pair))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
