"""MC2xx: the headers of auth.request, of the actions' requests, and of auth.connection."""

import re

from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import APP_KEY, SQUARE, find, masked, may_hold
from mcapp.appjson.requests import Header
from mcapp.document.places import AddElement, AddMember, Change, Edit, RenameKey, SetText
from mcapp.lint.model import SAFE, UNSAFE, Bad, Fix, Label, Problem, Problems, error, warning
from mcapp.lint.rules.samples import auth_headers, bad_headers, good_headers
from mcapp.lint.wording import quote

# R: RFC 9110, 5.6.2.
_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# `x-token {{app_token}}`, `x-token={{app_token}}`: what a colon was meant to divide.
_DIVIDED = r"\s*[A-Za-z][\w-]*(\s*=\s*|\s+)\S"


@error(
    "MC205",
    'DR: every header in ManyChat\'s documents is a "Name: value" string; RFC 9112, section 5',
    fix=UNSAFE,
    wrong=bad_headers("x-token {{app_token}}", fixed=("x-token: {{app_token}}",)),
)
def header_without_colon(facts: Facts) -> Problems:
    """A header has no colon.

    A header is one string, `"Name: value"`. Without the colon it has no name: it is not sent, or the request fails.
    In `auth.connection` headers are an object and need no colon.
    """
    for header in facts.headers:
        if header.colon >= 0 or header.member:
            continue
        if not header.named and _is_entered(header.raw):
            continue  # the installer may enter "Name: value"
        fix = None
        divided = re.match(_DIVIDED, header.raw)
        if divided:
            start, end = divided.span(1)
            fix = Fix("add a colon after the name", (SetText(header.path, start, end, ": "),))
        what = (
            f"the header {quote(header.raw.split(maxsplit=1)[0])} has no colon"
            if header.name
            else "the header is empty"
        )
        yield Problem(header.path, what, f'write it as "{_suggested(header)}: value"', fix=fix)


def _is_entered(raw: str) -> bool:
    found = find(raw.strip())
    return (
        len(found) == 1 and found[0].style is SQUARE and found[0].end == len(raw.strip()) and found[0].name != APP_KEY
    )


def _suggested(header: Header) -> str:
    name = re.match(r"[A-Za-z][\w-]*", header.name)
    return name.group() if name else "x-token-header"


@error(
    "MC206",
    "R: RFC 9110, sections 5.1 and 5.6.2; RFC 9112, section 5.1: no space before the colon",
    fix=SAFE,
    wrong=bad_headers(": {{app_token}}"),
    right=good_headers("x-token_header: {{app_token}}"),
)
def bad_header_name(facts: Facts) -> Problems:
    """A header's name is empty, or contains characters that are not allowed.

    A name consists of letters, digits, `-`, `_`, `.` and a few other characters, and is followed directly by the
    colon. Servers answer anything else with 400, and the App Key does not arrive.
    """
    for header in facts.headers:
        name = header.written
        if _is_token(name) or not header.named or header.lacks_colon or _breaks(name):
            continue
        fix = None
        if _is_token(header.name):
            change: Change = (
                RenameKey(header.path, header.name)
                if header.member
                else SetText(header.path, 0, header.colon, header.name)
            )
            fix = Fix("remove the spaces around the name", (change,))
        what = f"{quote(name)} is not a valid header name" if header.name else "the header has no name"
        help_ = "use letters, digits and `-`" if fix is None else f"write it as `{header.name}`"
        chars = None if header.member else (0, max(header.colon, 1))
        yield Problem(header.path, what, help_, key=header.member, chars=chars, fix=fix)


def _is_token(name: str) -> bool:
    return (name.isascii() and name.replace("-", "").isalnum()) or re.fullmatch(_NAME, name) is not None


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text or "\0" in text


@error(
    "MC207",
    "R: RFC 9110, section 5.5: CR, LF and NUL are invalid and dangerous in a header",
    wrong=bad_headers("x-token: {{app_token}}\\nx-other: 1"),
    right=good_headers("x-token: {{app_token}}"),
)
def line_break_in_header(facts: Facts) -> Problems:
    """A header contains a line break.

    A line break ends a header: what follows would be another header, or the body. HTTP clients refuse to send it,
    because it could smuggle in another header.
    """
    for header in facts.headers:
        if _breaks(header.raw) or _breaks(header.written):
            yield Problem(
                header.path,
                f"the header {quote(header.name)} contains a line break",
                "write each header as a separate string",
            )


@warning(
    "MC221",
    "R: RFC 9110, section 5.3: a header is sent once, unless its value is a list",
    wrong=bad_headers("x-token: {{app_token}}", "x-token: {{page_id}}", at=1),
    right=good_headers("x-token: {{app_token}}", "x-page: {{page_id}}"),
)
def duplicate_header(facts: Facts) -> Problems:
    """A request has a header twice.

    Upper and lower case make no difference in a header's name. Which of the two the receiver sees depends on its
    server.
    """
    for request in facts.requests:
        if len(request.headers) < 2:
            continue
        seen: dict[str, Header] = {}
        for header in request.headers:
            first = seen.setdefault(header.name.lower(), header)
            if first is not header and header.name and header.named and not header.lacks_colon:
                yield Problem(
                    header.path,
                    f"the header {quote(header.name)} appears twice",
                    "keep one of them",
                    related=(Label("the first one", first.path),),
                )


_CLIENTS = frozenset(
    (
        *("connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    )
)


@warning(
    "MC222",
    "R: RFC 9110, sections 7.2, 7.6.1 and 8.6; RFC 9112, section 6.1: the client's own headers",
    wrong=bad_headers("Host: example.com"),
    right=good_headers("User-Agent: my-app"),
)
def client_header(facts: Facts) -> Problems:
    """A header is one that HTTP clients set themselves.

    The client knows the host and the length of the body. A second value is dropped, or the server refuses the
    request.
    """
    for header in facts.headers:
        if header.name.lower() in _CLIENTS and not header.lacks_colon:
            yield Problem(header.path, f"HTTP clients set {quote(header.name)} themselves", "remove the header")


# The comma, and the name and colon of a second header behind it: `…, x-token-header: {{app_token}}`.
_SECOND = r"\s*[,;]\s*(?=([A-Za-z][A-Za-z0-9]*-[A-Za-z0-9-]+|Accept|Authorization|Cookie|Origin|Referer)\s*:(?!//))"


@error(
    "MC229",
    'DR: every header in ManyChat\'s documents is a "Name: value" string of its own; RFC 9110, section 5',
    fix=UNSAFE,
    wrong=bad_headers(
        "Content-Type: application/json, x-token-header: {{app_token}}",
        fixed=("Content-Type: application/json", "x-token-header: {{app_token}}"),
    ),
)
def two_headers_in_one(facts: Facts) -> Problems:
    """A header's value contains a second header.

    Each header is a string of its own. The second one is not sent as a header, but as a part of the first one's value;
    an App Key in it does not arrive where the endpoint looks for it.
    """
    for header in facts.headers:
        if header.member or header.lacks_colon or ":" not in header.value:
            continue
        second = re.search(_SECOND, masked(header.raw, find(header.raw)))
        if second is None or second.start() <= header.colon:
            continue
        span = facts.document.chars_span(header.path, *second.span())
        yield Problem(
            header.path,
            f"the header {quote(header.name)} contains a second one, {quote(second[1])}",
            "write each header as a string of its own",
            chars=(second.start(1), second.end(1)),
            fix=Fix("split it into two headers", edits=(Edit(*span, '", "'),)),
        )


@warning(
    "MC223",
    "DR: the article's sample sends `Content-Type: application/json`; RFC 9110, section 8.3",
    fix=UNSAFE,
    wrong=Bad(
        auth_headers("Accept: */*"),
        at=("/request/headers",),
        kind="request",
        fixed=auth_headers("Accept: */*", "Content-Type: application/json"),
    ),
)
def missing_content_type(facts: Facts) -> Problems:
    """A request has a payload but no Content-Type.

    Many servers do not read a body of unknown type: the payload, and the App Key in it, seems to be empty.
    """
    for request in facts.requests:
        if request.content_type is not None or not request.sends_json:
            continue
        if request.headers_malformed or not request.whole or facts.adds_type or any(map(_is_meant, request.headers)):
            continue
        line = "Content-Type: application/json"
        if request.headers_path is None:
            change: Change = AddMember(request.path, "headers", [line])
        else:
            change = AddElement(request.headers_path, line)
        yield Problem(
            request.headers_path or request.path,
            "the request has a payload but no Content-Type",
            f'add "{line}" to the headers',
            fix=Fix(f'add "{line}"', (change,)),
        )


def _is_meant(header: Header) -> bool:
    """A Content-Type with a fault of its own."""
    return header.lacks_colon and header.name.lower().startswith(("content-type", "content type"))


@warning(
    "MC224",
    "DR: ManyChat sends a payload that is an object as JSON (the article's sample); RFC 9110, section 8.3",
    fix=UNSAFE,
    wrong=bad_headers("Content-Type: application/x-www-form-urlencoded", fixed=("Content-Type: application/json",)),
)
def wrong_content_type(facts: Facts) -> Problems:
    """The Content-Type contradicts the payload.

    A payload that is an object is sent as JSON. A server that expects another type reads it wrongly or refuses it.
    """
    for request in facts.requests:
        header = request.content_type
        if header is None or not request.sends_json or "json" in header.value.lower() or may_hold(header.value):
            continue
        yield Problem(
            header.path,
            f"the payload is JSON, but the Content-Type says {quote(header.value)}",
            "write `Content-Type: application/json`",
            chars=header.value_chars if header.value else None,
            fix=Fix("write `application/json`", (SetText(header.path, *header.value_chars, "application/json"),)),
        )
