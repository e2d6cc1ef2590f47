"""MC2xx: what requests send: the App Key, the method, the payload, and the headers, those of auth.connection too."""

import re

from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import APP_KEY, CURLY, SQUARE, find, masked, may_hold, write
from mcapp.document.places import AddElement, AddMember, Change, Edit, RenameKey, SetText, SetValue
from mcapp.lint.model import SAFE, UNSAFE, Example, Fix, Label, Problem, Problems, error, note, quote, warning
from mcapp.lint.rules.samples import APP, HEADERS, IN_BLOCK, KEY_HEADER, Sample, auth, block, lines

JSON_HEADER = '"headers": ["Content-Type: application/json"]'
METHOD = Sample(
    '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "VALUE"}}', "/request/method", "POST"
)
GET_PAYLOAD = Sample(METHOD("GET")[:-2] + ', "payload": VALUE}}', "/request/payload", "null")

_MOST_LABELS = 10
_WITHOUT_PAGE = {APP_KEY, "app_id", "app_version"}
# Dev Tools: External request (D); GET and POST are seen in published apps (S).
_METHODS = ("GET", "POST", "PUT", "DELETE")


@error(
    "MC212",
    Example(block(JSON_HEADER + ', "payload": {"page_id": "{{page_id}}"}'), "/request", right=block(KEY_HEADER)),
    fix=UNSAFE,
)
def key_never_sent(facts: Facts) -> Problems:
    """`auth.request` does not send the App Key.

    The purpose of the request is to hand over the key. Without `{{app_token}}` in a header, the payload or the URL,
    the key of this installation is generated but nobody receives it, and no later request repeats it.

    DX: "Obtaining API Access through Apps": the request receives the key through {{app_token}}
    """
    request = facts.request
    if request is None or facts.key_uses or not request.whole or facts.key_in_place:
        return
    places = (
        ("the part after `#` is not sent", facts.key_lost),
        ("this is not filled in", facts.key_near),
        ("this is the value of a param, not the App Key", facts.key_typed),
    )
    related = [Label(message, use.path, chars=use.chars) for message, uses in places for use in uses]
    near = filter(facts.alone, facts.key_near)
    changes = tuple(SetText(use.path, *use.chars, write(CURLY, APP_KEY)) for use in near)
    yield Problem(
        request.path,
        "the request does not send the App Key",
        'put `{{app_token}}` in a header, such as "x-token-header: {{app_token}}", or in the payload',
        related=tuple(related[:_MOST_LABELS]),
        fix=Fix("write `{{app_token}}`", changes) if changes else None,
    )


@note("MC225", Example(auth('"type": "APIKEY", "params": []'), "/auth", right=APP))
def no_request(facts: Facts) -> Problems:
    """`auth` has no `request`, so the App Key is not handed over automatically.

    ManyChat generates the key all the same, and the user has to copy it by hand into one of your forms. For an app
    that is to be listed in the App Store the request is strongly recommended. An app with `"auth": null` is not
    reported: it may need no key at all.

    D: "Obtaining API Access through Apps": the server-side way is strongly recommended for a listing
    """
    if facts.auth is None or facts.auth_path is None or facts.request_path is not None or facts.triggers:
        return
    if facts.whole(facts.auth_path):
        yield Problem(
            facts.auth_path,
            "there is no `request`: the App Key is not handed over automatically",
            "add one for a listing (`mcapp generate --into`); until then users copy the key by hand, and "
            "`mcapp keys add` stores it",
        )


@note("MC226", Example(IN_BLOCK("{{app_id}}"), "/request", right=IN_BLOCK("{{page_id}}")))
def page_not_sent(facts: Facts) -> Problems:
    """The request does not say which page the App Key belongs to.

    Every installation has its own key. An endpoint that receives only keys has to ask the API for the page of each
    (`GET /fb/page/getInfo`, if that scope was ticked).

    D: "Obtaining API Access through Apps": each installation has its own key; {{page_id}} can be sent as well
    """
    request = facts.request
    if request is None or not facts.key_uses or not request.whole:
        return
    if not (facts.auth_zone.used | facts.connection_zone.used) <= _WITHOUT_PAGE:
        return
    what = "the request does not say which page the App Key belongs to"
    yield Problem(request.path, what, "send `{{page_id}}` as well, in the payload or a header")


@note(
    "MC227",
    Example(
        block(KEY_HEADER + ', "mapping": [{"name": "id", "path": "$.id"}]'),
        "/request/mapping",
        right=block(KEY_HEADER + ', "mapping": []'),
    ),
)
def mapping_in_auth(facts: Facts) -> Problems:
    """`auth.request` has a mapping.

    A mapping takes values from the response to an action. What it does with the response at install is not
    documented.

    D?: the only `mapping` of an auth.request in ManyChat's documents is `[]`; what another one does is open
    """
    request = facts.request
    if request is not None and request.mapping:
        yield Problem(request.mapping_path, "what a mapping does in auth.request is not documented", "write `[]`")


@warning(
    "MC217",
    Example('{"request": {"url": "https://example.com/?t={{app_token}}"}}', "/request", fixed=METHOD("POST")),
    fix=UNSAFE,
)
def missing_method(facts: Facts) -> Problems:
    """A request has no method.

    Whether ManyChat then sends a GET, a POST or nothing is not documented.

    DS: every request in ManyChat's documents and in published apps names its method
    """
    for request in facts.requests:
        if request.method_path == request.path and request.whole:
            fix = Fix('add `"method": "POST"`', (AddMember(request.path, "method", "POST"),))
            yield Problem(request.path, "the request has no method", 'add `"method": "POST"`', fix=fix)


@warning("MC218", METHOD.wrong("post", "POST"), fix=SAFE)
def method_case(facts: Facts) -> Problems:
    """A method is not in upper case.

    `post` is a different method from `POST`, and servers may refuse it.

    RD: RFC 9110, section 9.1: methods are case-sensitive; ManyChat's documents write them in upper case
    """
    for request in facts.requests:
        method = request.method
        if method is not None and method not in _METHODS and method.upper() in _METHODS:
            path, better = request.method_path, method.upper()
            fix = Fix(f"write `{better}`", (SetValue(path, better),))
            yield Problem(path, f"the method {quote(method)} is not in upper case", fix.title, fix=fix)


@warning("MC219", METHOD.wrong("PATCH", right="GET"))
def unknown_method(facts: Facts) -> Problems:
    """A method is not one that ManyChat is known to send.

    ManyChat's own request tool offers GET, POST, PUT and DELETE. Any other method, or a misspelt one, is probably
    refused when the app is saved, or fails when it runs.

    D: Dev Tools: External request knows POST, GET, PUT and DELETE
    """
    for request in facts.requests:
        method = request.method
        if method is None or method in _METHODS or method.upper() in _METHODS or "[[" in method or "{{" in method:
            continue
        what = f"{quote(method)} is not a method that ManyChat is known to send" if method else "the method is empty"
        yield Problem(request.method_path, what, "use `POST`, `GET`, `PUT` or `DELETE`")


@warning("MC220", GET_PAYLOAD.wrong('{"page": "{{page_id}}"}'))
def payload_with_get(facts: Facts) -> Problems:
    """A GET request has a payload.

    Proxies and servers drop the body of a GET, and with it the values in the payload.

    R: RFC 9110, section 9.3.1: content in a GET has no meaning, and servers may refuse it
    """
    for request in facts.requests:
        if request.payload and request.method and request.method.strip().upper() == "GET":
            what = "a GET request has a payload"
            yield Problem(request.payload_path, what, "use `POST`, or put the values in the query of the URL")


@note("MC228", METHOD.wrong("PUT"))
def rare_method(facts: Facts) -> Problems:
    """`auth.request` is a PUT or DELETE.

    ManyChat's other requests use these methods, but no known App JSON hands over a key with them.

    SI: GET and POST are the only methods seen in published apps
    """
    request = facts.request
    if request is not None and request.method and request.method.upper() in ("PUT", "DELETE"):
        what = f"{quote(request.method)} is rarely used to hand over a key"
        yield Problem(request.method_path, what, "use `POST` if you can")


# R: RFC 9110, 5.6.2.
_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# `x-token {{app_token}}`, `x-token={{app_token}}`: what a colon was meant to divide.
_DIVIDED = r"\s*[A-Za-z][\w-]*(\s*=\s*|\s+)\S"


@error("MC205", HEADERS.wrong("x-token {{app_token}}", "x-token: {{app_token}}"), fix=UNSAFE)
def header_without_colon(facts: Facts) -> Problems:
    """A header has no colon.

    A header is one string, `"Name: value"`. Without the colon it has no name: it is not sent, or the request fails.
    In `auth.connection` headers are an object and need no colon.

    DR: every header in ManyChat's documents is a "Name: value" string; RFC 9112, section 5
    """
    for header in facts.headers:
        if header.colon >= 0 or header.member:
            continue
        if not header.named:
            text = header.raw.strip()
            found = find(text)
            if len(found) == 1 and found[0].style is SQUARE and found[0].end == len(text) and found[0].name != APP_KEY:
                continue  # the installer may enter "Name: value"
        fix = None
        divided = re.match(_DIVIDED, header.raw)
        if divided:
            start, end = divided.span(1)
            fix = Fix("add a colon after the name", (SetText(header.path, start, end, ": "),))
        words = header.raw.split(maxsplit=1)
        what = f"the header {quote(words[0])} has no colon" if words else "the header is empty"
        name = re.match(r"[A-Za-z][\w-]*", header.name)
        yield Problem(header.path, what, f'write it as "{name[0] if name else "x-token-header"}: value"', fix=fix)


@error("MC206", HEADERS.wrong(": {{app_token}}", right="x-token_header: {{app_token}}"), fix=SAFE)
def bad_header_name(facts: Facts) -> Problems:
    """A header's name is empty, or contains characters that are not allowed.

    A name consists of letters, digits, `-`, `_`, `.` and a few other characters, and is followed directly by the
    colon. Servers answer anything else with 400, and the App Key does not arrive.

    R: RFC 9110, sections 5.1 and 5.6.2; RFC 9112, section 5.1: no space before the colon
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


@error("MC207", HEADERS.wrong("x-token: {{app_token}}\\nx-other: 1"))
def line_break_in_header(facts: Facts) -> Problems:
    """A header contains a line break.

    A line break ends a header: what follows would be another header, or the body. HTTP clients refuse to send it,
    because it could smuggle in another header.

    R: RFC 9110, section 5.5: CR, LF and NUL are invalid and dangerous in a header
    """
    for header in facts.headers:
        if _breaks(header.raw) or _breaks(header.written):
            what = f"the header {quote(header.name)} contains a line break"
            yield Problem(header.path, what, "write each header as a separate string")


@warning(
    "MC221",
    Example(
        HEADERS(lines("x-token: {{app_token}}", "x-token: {{page_id}}")),
        "/request/headers/1",
        right=HEADERS(lines("x-token: {{app_token}}", "x-page: {{page_id}}")),
    ),
)
def duplicate_header(facts: Facts) -> Problems:
    """A request has a header twice.

    Upper and lower case make no difference in a header's name. Which of the two the receiver sees depends on its
    server.

    R: RFC 9110, section 5.3: a header is sent once, unless its value is a list
    """
    for request in facts.requests:
        if len(request.headers) < 2:
            continue
        firsts = {header.name.lower(): header for header in reversed(request.headers)}
        for header in request.headers:
            first = firsts[header.name.lower()]
            if first is not header and header.name and header.named and not header.lacks_colon:
                what = f"the header {quote(header.name)} appears twice"
                yield Problem(header.path, what, "keep one of them", related=(Label("the first one", first.path),))


_CLIENTS = frozenset(
    (
        *("connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    )
)


@warning("MC222", HEADERS.wrong("Host: example.com", right="User-Agent: my-app"))
def client_header(facts: Facts) -> Problems:
    """A header is one that HTTP clients set themselves.

    The client knows the host and the length of the body. A second value is dropped, or the server refuses the
    request.

    R: RFC 9110, sections 7.2, 7.6.1 and 8.6; RFC 9112, section 6.1: the client's own headers
    """
    for header in facts.headers:
        if header.name.lower() in _CLIENTS and not header.lacks_colon:
            yield Problem(header.path, f"HTTP clients set {quote(header.name)} themselves", "remove the header")


# The comma, and the name and colon of a second header behind it: `…, x-token-header: {{app_token}}`.
_SECOND = r"\s*[,;]\s*(?=([A-Za-z][A-Za-z0-9]*-[A-Za-z0-9-]+|Accept|Authorization|Cookie|Origin|Referer)\s*:(?!//))"


@error(
    "MC229",
    HEADERS.wrong("Accept: */*, x-token-header: {{app_token}}", lines("Accept: */*", "x-token-header: {{app_token}}")),
    fix=UNSAFE,
)
def two_headers_in_one(facts: Facts) -> Problems:
    """A header's value contains a second header.

    Each header is a string of its own. The second one is not sent as a header, but as a part of the first one's value;
    an App Key in it does not arrive where the endpoint looks for it.

    DR: every header in ManyChat's documents is a "Name: value" string of its own; RFC 9110, section 5
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
    Example(
        HEADERS("Accept: */*"),
        "/request/headers",
        fixed=HEADERS(lines("Accept: */*", "Content-Type: application/json")),
    ),
    fix=UNSAFE,
)
def missing_content_type(facts: Facts) -> Problems:
    """A request has a payload but no Content-Type.

    Many servers do not read a body of unknown type: the payload, and the App Key in it, seems to be empty.

    DR: the article's sample sends `Content-Type: application/json`; RFC 9110, section 8.3
    """
    for request in facts.requests:
        if request.content_type is not None or not request.sends_json:
            continue
        if request.headers_malformed or not request.whole or facts.adds_type:
            continue
        meant = (header.name.lower() for header in request.headers if header.lacks_colon)
        if any(name.startswith(("content-type", "content type")) for name in meant):
            continue  # it has a fault of its own
        line = "Content-Type: application/json"
        if request.headers_path is None:
            change: Change = AddMember(request.path, "headers", [line])
        else:
            change = AddElement(request.headers_path, line)
        what = "the request has a payload but no Content-Type"
        help_ = f'add "{line}" to the headers'
        yield Problem(request.headers_path or request.path, what, help_, fix=Fix(f'add "{line}"', (change,)))


@warning(
    "MC224",
    HEADERS.wrong("Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json"),
    fix=UNSAFE,
)
def wrong_content_type(facts: Facts) -> Problems:
    """The Content-Type contradicts the payload.

    A payload that is an object is sent as JSON. A server that expects another type reads it wrongly or refuses it.

    DR: ManyChat sends a payload that is an object as JSON (the article's sample); RFC 9110, section 8.3
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
