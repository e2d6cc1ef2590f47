"""MC2xx: the method of auth.request and of the actions' requests."""

from typing import TYPE_CHECKING

from mcapp.document.places import AddMember, SetValue
from mcapp.lint.model import NOTE, SAFE, UNSAFE, WARNING, Bad, Fix, Good, Problem, Problems, Rules, rule
from mcapp.lint.wording import quote

if TYPE_CHECKING:
    from mcapp.appjson.facts import Facts


@rule(
    "MC217",
    WARNING,
    evidence="DS",
    source="every request in ManyChat's documents and in published apps names its method",
    good=[
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET"}}', "request"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "metod": "GET"}}', "request"),
        Good('{"request": {"url": "https://example.com/?t={{app_token}}", "method": 1}}', "request"),
    ],
    bad=[
        Bad(
            '{"request": {"url": "https://example.com/?t={{app_token}}"}}',
            ("/request",),
            kind="request",
            fixed='{"request": {"url": "https://example.com/?t={{app_token}}", "method": "POST"}}',
        ),
    ],
    fix=UNSAFE,
)
def missing_method(facts: "Facts") -> Problems:
    """A request has no method.

    Whether ManyChat then sends a GET, a POST or nothing is documented nowhere.
    """
    for request in facts.requests:
        if request.method_key is None and request.whole:
            fix = Fix('add `"method": "POST"`', (AddMember(request.path, "method", "POST"),))
            yield Problem(request.path, "the request has no method", 'add `"method": "POST"`', fix=fix)


# Dev Tools: External request (D); GET and POST are seen in published apps (S).
_METHODS = ("GET", "POST", "PUT", "DELETE")


def _method(method: str) -> str:
    return f'{{"request": {{"url": "https://example.com/?t={{{{app_token}}}}", "method": "{method}"}}}}'


@rule(
    "MC218",
    WARNING,
    evidence="RD",
    source="RFC 9110, section 9.1: methods are case-sensitive; ManyChat's documents write them in capitals",
    good=[Good(_method("POST"), "request"), Good(_method("fetch"), "request"), Good(_method("[[method]]"), "request")],
    bad=[
        Bad(_method("post"), ("/request/method",), kind="request", fixed=_method("POST")),
        Bad(_method("Get"), ("/request/method",), kind="request", fixed=_method("GET")),
    ],
    fix=SAFE,
)
def method_case(facts: "Facts") -> Problems:
    """A method is not written in capitals.

    `post` is another method than `POST`, and servers may say so.
    """
    for request in facts.requests:
        method = request.method
        if method is not None and method not in _METHODS and method.upper() in _METHODS:
            path = (*request.path, request.method_key or "method")
            fix = Fix(f"write `{method.upper()}`", (SetValue(path, method.upper()),))
            yield Problem(path, f"the method {quote(method)} is not in capitals", f"write `{method.upper()}`", fix=fix)


@rule(
    "MC219",
    WARNING,
    evidence="D",
    source="Dev Tools: External request knows POST, GET, PUT and DELETE",
    good=[
        *(Good(_method(method), "request") for method in _METHODS),
        Good(_method("post"), "request"),
        Good(_method("[[method]]"), "request"),
    ],
    bad=[
        Bad(_method("PATCH"), ("/request/method",), kind="request"),
        Bad(_method("FETCH"), ("/request/method",), kind="request"),
        Bad(_method(""), ("/request/method",), kind="request"),
    ],
)
def unknown_method(facts: "Facts") -> Problems:
    """A method is none that ManyChat is known to send.

    ManyChat's own request tool offers GET, POST, PUT and DELETE. Another method, or a misspelt one, is likely to be
    refused when the app is saved or to fail when it runs.
    """
    for request in facts.requests:
        method = request.method
        if method is None or method in _METHODS or method.upper() in _METHODS or "[[" in method or "{{" in method:
            continue
        path = (*request.path, request.method_key or "method")
        what = f"{quote(method)} is no method that ManyChat is known to send" if method else "the method is empty"
        yield Problem(path, what, "use `POST`, `GET`, `PUT` or `DELETE`")


_GET = '{"request": {"url": "https://example.com/?t={{app_token}}", "method": "GET", "payload": PAYLOAD}}'


@rule(
    "MC220",
    WARNING,
    evidence="R",
    source="RFC 9110, section 9.3.1: content in a GET has no meaning, and servers may refuse it",
    good=[
        *(Good(_GET.replace("PAYLOAD", empty), "request") for empty in ("null", "{}", '""')),
        Good(_GET.replace('"GET", "payload": PAYLOAD', '"POST", "payload": {"a": 1}'), "request"),
    ],
    bad=[Bad(_GET.replace("PAYLOAD", '{"page": "{{page_id}}"}'), ("/request/payload",), kind="request")],
)
def payload_with_get(facts: "Facts") -> Problems:
    """A GET request has a payload.

    Proxies and servers drop the body of a GET, and with it whatever the payload was to carry.
    """
    for request in facts.requests:
        if request.payload and request.method and request.method.strip().upper() == "GET":
            yield Problem(
                (*request.path, request.payload_key or "payload"),
                "a GET request has a payload",
                "use `POST`, or write the values into the URL's query",
            )


@rule(
    "MC228",
    NOTE,
    evidence="SI",
    source="GET and POST are the only methods seen in published apps",
    good=[Good(_method("POST"), "request"), Good(_method("GET"), "request"), Good(_method("PATCH"), "request")],
    bad=[
        Bad(_method("PUT"), ("/request/method",), kind="request"),
        Bad(_method("delete"), ("/request/method",), kind="request"),
    ],
)
def rare_method(facts: "Facts") -> Problems:
    """`auth.request` is a PUT or DELETE.

    ManyChat's other requests know these methods, but no App JSON was seen that hands a key over with them.
    """
    request = facts.request
    if request is not None and request.method and request.method.upper() in ("PUT", "DELETE"):
        path = (*request.path, request.method_key or "method")
        yield Problem(path, f"{quote(request.method)} is rarely used to hand over a key", "use `POST` if you can")


RULES: Rules = (missing_method, method_case, unknown_method, payload_with_get, rare_method)
