"""MC2xx: whether a request says what its payload is."""

from typing import TYPE_CHECKING

from mcapp.appjson.placeholders import may_hold
from mcapp.document.places import AddElement, AddMember, Change, SetText
from mcapp.lint.model import UNSAFE, WARNING, Bad, Fix, Good, Problem, Problems, Rules, rule
from mcapp.lint.rules.request_samples import auth_headers, bad_headers, good_headers
from mcapp.lint.wording import quote

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts
    from mcapp.appjson.requests import Header

_BLOCK = '{"request": {"url": "https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}HEADERS}}'


@rule(
    "MC223",
    WARNING,
    evidence="DR",
    source="the article's sample sends `Content-Type: application/json`; RFC 9110, section 8.3",
    good=[
        good_headers("Content-Type: application/json"),
        good_headers("content-type:application/json; charset=utf-8"),
        good_headers("Content-Type application/json"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}', kind="request"),
        Good(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", "payload": {}}}', "request"
        ),
        Good(
            '{"auth": {"connection": {"headers": {"Content-Type": "application/json"}}, "request": {"url": '
            '"https://example.com/hook", "method": "POST", "payload": {"t": "{{app_token}}"}}}}',
            kind="auth",
        ),
    ],
    bad=[
        Bad(
            auth_headers("Accept: */*"),
            at=("/request/headers",),
            kind="request",
            fixed=auth_headers("Accept: */*", "Content-Type: application/json"),
        ),
        Bad(
            _BLOCK.replace("HEADERS", ""),
            at=("/request",),
            kind="request",
            fixed=_BLOCK.replace("HEADERS", ', "headers": ["Content-Type: application/json"]'),
        ),
    ],
    fix=UNSAFE,
)
def missing_content_type(facts: "Facts") -> Problems:
    """A request has a payload, but no Content-Type.

    Many servers do not read a body whose type they are not told: the payload, and the App Key in it, seems empty.
    """
    for request in facts.requests:
        if request.content_type is not None or not request.sends_json:
            continue
        if request.headers_odd or not request.whole or facts.adds_type or any(map(_is_meant, request.headers)):
            continue
        line = "Content-Type: application/json"
        if request.headers_path is None:
            change: Change = AddMember(request.path, "headers", [line])
        else:
            change = AddElement(request.headers_path, line)
        yield Problem(
            request.headers_path or request.path,
            "there is a payload, but no Content-Type",
            f'add "{line}" to the headers',
            fix=Fix(f'add "{line}"', (change,)),
        )


def _is_meant(header: "Header") -> bool:
    """A Content-Type with a fault of its own."""
    return header.lacks_colon and header.name.lower().startswith(("content-type", "content type"))


@rule(
    "MC224",
    WARNING,
    evidence="DR",
    source="ManyChat sends a payload that is an object as JSON (the article's sample); RFC 9110, section 8.3",
    good=[
        good_headers("Content-Type: application/json; charset=utf-8"),
        good_headers("Content-Type: application/vnd.api+json"),
        good_headers("Content-Type: text/json"),
        good_headers("Content-Type: [[type]]"),
        Good(
            '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST", '
            '"headers": ["Content-Type: text/plain"], "payload": null}}',
            kind="request",
        ),
    ],
    bad=[
        bad_headers("Content-Type: application/x-www-form-urlencoded", fixed=("Content-Type: application/json",)),
        bad_headers("content-type: text/plain", fixed=("content-type: application/json",)),
        bad_headers("Content-Type:", fixed=("Content-Type:application/json",)),
    ],
    fix=UNSAFE,
)
def wrong_content_type(facts: "Facts") -> Problems:
    """The Content-Type contradicts the payload.

    A payload that is an object is sent as JSON. A server that is told otherwise reads it wrongly or refuses it.
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


RULES: Rules = (missing_content_type, wrong_content_type)
