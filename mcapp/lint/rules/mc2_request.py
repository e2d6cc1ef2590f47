"""MC2xx: whether auth.request sends the App Key, and the method and payload of every request."""

from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import APP_KEY, CURLY, write
from mcapp.document.places import AddMember, SetText, SetValue
from mcapp.lint.model import SAFE, UNSAFE, Bad, Fix, Good, Label, Problem, Problems, error, note, warning
from mcapp.lint.rules import samples
from mcapp.lint.wording import quote

_MOST_LABELS = 10
_WITHOUT_PAGE = {APP_KEY, "app_id", "app_version"}
# Dev Tools: External request (D); GET and POST are seen in published apps (S).
_METHODS = ("GET", "POST", "PUT", "DELETE")


@error(
    "MC212",
    'DX: "Obtaining API Access through Apps": the request receives the key through {{app_token}}',
    fix=UNSAFE,
    wrong=Bad(
        samples.block(samples.JSON_HEADERS + '"payload": {"page_id": "{{page_id}}"}'), ("/request",), kind="request"
    ),
    right=Good(samples.block('"headers": ["x-token-header: {{app_token}}"]'), "request"),
)
def key_never_sent(facts: Facts) -> Problems:
    """`auth.request` does not send the App Key.

    The purpose of the request is to hand over the key. Without `{{app_token}}` in a header, the payload or the URL,
    the key of this installation is generated but nobody receives it, and no later request repeats it.
    """
    request = facts.request
    if request is None or facts.key_uses or not request.whole or facts.key_in_place:
        return
    related = [Label("the part after `#` is not sent", use.path, chars=use.chars) for use in facts.key_lost]
    related += [Label("this is not filled in", use.path, chars=use.chars) for use in facts.key_near]
    related += [
        Label("this is the value of a param, not the App Key", use.path, chars=use.chars) for use in facts.key_typed
    ]
    changes = tuple(SetText(use.path, *use.chars, write(CURLY, APP_KEY)) for use in facts.key_near)
    yield Problem(
        request.path,
        "the request does not send the App Key",
        'put `{{app_token}}` in a header, such as "x-token-header: {{app_token}}", or in the payload',
        related=tuple(related[:_MOST_LABELS]),
        fix=Fix("write `{{app_token}}`", changes) if changes else None,
    )


@note(
    "MC225",
    'D: "Obtaining API Access through Apps": the server-side way is strongly recommended for a listing',
    wrong=Bad('{"auth": {"type": "APIKEY", "params": []}}', ("/auth",), kind="auth"),
    right=Good(
        '{"auth": null, "actions": [{"name": "a", "title": "A", "requests": [{"url": "https://example.com/"}]}]}'
    ),
)
def no_request(facts: Facts) -> Problems:
    """`auth` has no `request`, so the App Key is not handed over automatically.

    ManyChat generates the key all the same, and the user has to copy it by hand into one of your forms. For an app
    that is to be listed in the App Store the request is strongly recommended. An app with `"auth": null` is not
    reported: it may need no key at all.
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


@note(
    "MC226",
    'D: "Obtaining API Access through Apps": each installation has its own key; {{page_id}} can be sent as well',
    wrong=Bad(
        samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_token}}", "app": "{{app_id}}"}'),
        ("/request",),
        kind="request",
    ),
    right=Good(
        samples.block(samples.JSON_HEADERS + '"payload": {"key": "{{app_token}}", "page": "{{page_id}}"}'), "request"
    ),
)
def page_not_sent(facts: Facts) -> Problems:
    """The request does not say which page the App Key belongs to.

    Every installation has its own key. An endpoint that receives only keys has to ask the API for the page of each
    (`GET /fb/page/getInfo`, if that scope was ticked).
    """
    request = facts.request
    if request is None or not facts.key_uses or not request.whole:
        return
    if not (facts.auth_zone.used | facts.connection_zone.used) <= _WITHOUT_PAGE:
        return
    yield Problem(
        request.path,
        "the request does not say which page the App Key belongs to",
        "send `{{page_id}}` as well, in the payload or a header",
    )


@note(
    "MC227",
    "D?: the only `mapping` of an auth.request in ManyChat's documents is `[]`; what another one does is open",
    wrong=Bad(
        samples.block('"headers": ["x-token-header: {{app_token}}"], "mapping": [{"name": "id", "path": "$.id"}]'),
        ("/request/mapping",),
        kind="request",
    ),
    right=Good(samples.block('"headers": ["x-token-header: {{app_token}}"], "mapping": []'), "request"),
)
def mapping_in_auth(facts: Facts) -> Problems:
    """`auth.request` has a mapping.

    A mapping takes values from the response to an action. What it does with the response at install is not
    documented.
    """
    request = facts.request
    if request is not None and request.mapping:
        yield Problem(request.mapping_path, "what a mapping does in auth.request is not documented", "write `[]`")


@warning(
    "MC217",
    "DS: every request in ManyChat's documents and in published apps names its method",
    fix=UNSAFE,
    wrong=Bad(
        '{"request": {"url": "https://example.com/?t={{app_token}}"}}',
        ("/request",),
        kind="request",
        fixed='{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST"}}',
    ),
)
def missing_method(facts: Facts) -> Problems:
    """A request has no method.

    Whether ManyChat then sends a GET, a POST or nothing is not documented.
    """
    for request in facts.requests:
        if request.method_key is None and request.whole:
            fix = Fix('add `"method": "POST"`', (AddMember(request.path, "method", "POST"),))
            yield Problem(request.path, "the request has no method", 'add `"method": "POST"`', fix=fix)


@warning(
    "MC218",
    "RD: RFC 9110, section 9.1: methods are case-sensitive; ManyChat's documents write them in upper case",
    fix=SAFE,
    wrong=Bad(samples.with_method("post"), ("/request/method",), kind="request", fixed=samples.with_method("POST")),
)
def method_case(facts: Facts) -> Problems:
    """A method is not in upper case.

    `post` is a different method from `POST`, and servers may refuse it.
    """
    for request in facts.requests:
        method = request.method
        if method is not None and method not in _METHODS and method.upper() in _METHODS:
            path = (*request.path, request.method_key or "method")
            fix = Fix(f"write `{method.upper()}`", (SetValue(path, method.upper()),))
            yield Problem(
                path, f"the method {quote(method)} is not in upper case", f"write `{method.upper()}`", fix=fix
            )


@warning(
    "MC219",
    "D: Dev Tools: External request knows POST, GET, PUT and DELETE",
    wrong=Bad(samples.with_method("PATCH"), ("/request/method",), kind="request"),
    right=Good(samples.with_method("GET"), "request"),
)
def unknown_method(facts: Facts) -> Problems:
    """A method is not one that ManyChat is known to send.

    ManyChat's own request tool offers GET, POST, PUT and DELETE. Any other method, or a misspelt one, is probably
    refused when the app is saved, or fails when it runs.
    """
    for request in facts.requests:
        method = request.method
        if method is None or method in _METHODS or method.upper() in _METHODS or "[[" in method or "{{" in method:
            continue
        path = (*request.path, request.method_key or "method")
        what = f"{quote(method)} is not a method that ManyChat is known to send" if method else "the method is empty"
        yield Problem(path, what, "use `POST`, `GET`, `PUT` or `DELETE`")


@warning(
    "MC220",
    "R: RFC 9110, section 9.3.1: content in a GET has no meaning, and servers may refuse it",
    wrong=Bad(samples.with_get('{"page": "{{page_id}}"}'), ("/request/payload",), kind="request"),
    right=Good(samples.with_get("null"), "request"),
)
def payload_with_get(facts: Facts) -> Problems:
    """A GET request has a payload.

    Proxies and servers drop the body of a GET, and with it the values in the payload.
    """
    for request in facts.requests:
        if request.payload and request.method and request.method.strip().upper() == "GET":
            yield Problem(
                (*request.path, request.payload_key or "payload"),
                "a GET request has a payload",
                "use `POST`, or put the values in the query of the URL",
            )


@note(
    "MC228",
    "SI: GET and POST are the only methods seen in published apps",
    wrong=Bad(samples.with_method("PUT"), ("/request/method",), kind="request"),
    right=Good(samples.with_method("POST"), "request"),
)
def rare_method(facts: Facts) -> Problems:
    """`auth.request` is a PUT or DELETE.

    ManyChat's other requests use these methods, but no known App JSON hands over a key with them.
    """
    request = facts.request
    if request is not None and request.method and request.method.upper() in ("PUT", "DELETE"):
        path = (*request.path, request.method_key or "method")
        yield Problem(path, f"{quote(request.method)} is rarely used to hand over a key", "use `POST` if you can")
