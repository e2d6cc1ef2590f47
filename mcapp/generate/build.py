"""From what the user asked for to App JSON: RequestSpec -> dict -> text. Pure functions.

The defaults are the form of ManyChat's article on App Keys (evidence D): the key in the `x-token-header` header and in
the payload, together with the three system values that tell which page it belongs to.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from mcapp.appjson.placeholders import AUTH_REQUEST, is_name
from mcapp.errors import UsageProblem
from mcapp.generate.notation import carries_key, plain_payload, rewrite
from mcapp.generate.sample import sample_action

# POST and GET are seen in published apps; ManyChat's External Request knows all four (evidence S, D).
METHODS = ("POST", "GET", "PUT", "DELETE")
WITH_PAYLOAD = ("POST", "PUT")
TOKEN_IN = ("header", "payload", "both")
EMIT = ("request", "auth", "app")
KEY_HEADER = "x-token-header"
KEY = "<<app_token>>"
DEFAULT_PAYLOAD = {
    "app_token": KEY,
    "page_id": "<<page_id>>",
    "app_id": "<<app_id>>",
    "app_version": "<<app_version>>",
}
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Param(NamedTuple):
    """Something that the installer types in: its name in `[[name]]`, and the label in App Setup."""

    name: str
    title: str


class RequestSpec(NamedTuple):
    """What the block is to look like. Texts may hold `<<name>>`, `{{name}}` and `[[name]]`.

    `headers` are "Name: value" lines. `payload` None means the default one. `token_in` is one of TOKEN_IN, or None for
    what fits the rest; `token_header` None means KEY_HEADER. `portable` keeps `<<name>>` as it is.
    """

    url: str
    method: str = "POST"
    headers: tuple[str, ...] = ()
    payload: Mapping[str, object] | None = None
    params: tuple[Param, ...] = ()
    token_in: str | None = None
    token_header: str | None = None
    portable: bool = False
    emit: str = "request"


def parse_param(word: str) -> Param:
    """`NAME[=TITLE]`; without a title the name is made readable. Raises UsageProblem."""
    name, equals, title = (part.strip() for part in word.partition("="))
    if not is_name(name):
        raise UsageProblem(
            f"a param cannot be called `{name}`" if name else "--param has no name",
            hint="a name is letters, digits and _, as in --param email='Your e-mail'",
        )
    if equals and not title:
        raise UsageProblem(f"the param `{name}` has an empty title", hint="the installer sees the title in App Setup")
    return Param(name, title or readable(name))


def readable(name: str) -> str:
    """A title for `shop_id` or `shopId`: "Shop id"."""
    words = re.sub(r"(?<=[a-z\d])(?=[A-Z])|[_.-]+", " ", name).split()
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return text[:1].upper() + text[1:] or name


def build(spec: RequestSpec, declared: Collection[str] = ()) -> dict[str, object]:
    """What `spec.emit` asks for: `{"request": …}`, `{"auth": …}` or a complete App JSON.

    Raises UsageProblem where the parts of `spec` contradict each other, and Refused for an unknown `<<name>>`.
    `declared` are names that count as params beside `spec.params`.
    """
    request = build_request(spec, declared)
    if spec.emit == "request":
        return {"request": request}
    auth = build_auth(spec, request)
    if spec.emit == "auth":
        return {"auth": auth}
    action = sample_action(spec.url, {param.name for param in spec.params}, portable=spec.portable)
    return {"auth": auth, "actions": [action]}


def build_auth(spec: RequestSpec, request: Mapping[str, object]) -> dict[str, object]:
    """A whole `auth` around the request; "APIKEY" is the only type ever seen (evidence D, S)."""
    return {"type": "APIKEY", "params": params_json(spec.params), "request": dict(request)}


def params_json(params: Sequence[Param]) -> list[dict[str, str]]:
    """Params as they stand in `auth.params`."""
    return [{"name": param.name, "title": param.title} for param in params]


def build_request(spec: RequestSpec, declared: Collection[str] = ()) -> dict[str, object]:
    """The request itself, its keys in the article's order. Raises as `build` does."""
    names = [param.name for param in spec.params]
    for name in names:
        if names.count(name) > 1:
            raise UsageProblem(f"the param `{name}` is given twice", hint="leave one of them out")
    if spec.token_in not in (None, *TOKEN_IN):
        raise UsageProblem(f"the key cannot be in `{spec.token_in}`", hint=f"one of {', '.join(TOKEN_IN)}")
    method = check_method(spec.method)
    with_payload = method in WITH_PAYLOAD
    payload = None if spec.payload is None else plain_payload(spec.payload)
    in_header, in_payload = _where(spec, method, payload)
    headers = list(spec.headers)
    if with_payload and (payload is None or (in_payload and not carries_key(payload))):
        payload = _payload(payload, in_payload=in_payload)
    if in_header:
        headers[:0] = _token_header(spec)
    if payload is not None and not any(_header_name(header) == "content-type" for header in headers):
        headers.insert(0, "Content-Type: application/json")
    request = {"url": spec.url, "method": method, "headers": headers, "mapping": [], "payload": payload}
    # A param may not be called like a value of ManyChat's own; the lint says so, at the param.
    known = {*names, *declared}.difference(AUTH_REQUEST)
    return {key: rewrite(value, known, portable=spec.portable) for key, value in request.items()}


def check_method(method: str) -> str:
    """The method in capitals, if ManyChat knows it. Raises UsageProblem."""
    upper = method.strip().upper()
    if upper not in METHODS:
        raise UsageProblem(f"the method `{method}` is not one that ManyChat sends", hint=f"one of {', '.join(METHODS)}")
    return upper


def _where(spec: RequestSpec, method: str, payload: object) -> tuple[bool, bool]:
    """Whether the key is to be put into a header, and into the payload. What is given may carry it already."""
    if method not in WITH_PAYLOAD:
        if payload is not None:
            raise UsageProblem(f"{method} carries no payload", hint="leave the payload out, or use POST")
        if spec.token_in in ("payload", "both"):
            raise UsageProblem(f"{method} carries no payload, so the key cannot be in it", hint="use POST")
    header_has = any(map(carries_key, spec.headers))
    payload_has = carries_key(payload)
    if spec.token_in == "header" and payload_has:  # noqa: S105  # a place, no password
        raise UsageProblem(
            "the key is to be in a header only, but the payload carries it too", hint="--token-in both says so"
        )
    if spec.token_in == "payload" and (header_has or spec.token_header is not None):  # noqa: S105  # as above
        raise UsageProblem(
            "the key is to be in the payload only, but a header for it is given too", hint="--token-in both says so"
        )
    if spec.token_in is None:
        return spec.token_header is not None or not (header_has or payload_has), payload is None
    in_header = spec.token_in in ("header", "both") and (spec.token_header is not None or not header_has)
    return in_header, spec.token_in in ("payload", "both")


def _payload(given: dict[str, object] | None, *, in_payload: bool) -> dict[str, object]:
    if given is None:
        return {name: value for name, value in DEFAULT_PAYLOAD.items() if in_payload or value != KEY}
    if "app_token" in given:
        raise UsageProblem(
            "the payload has an `app_token` that is not the key", hint=f"write it as app_token='{KEY}', or leave it out"
        )
    return {"app_token": KEY, **given}


def _token_header(spec: RequestSpec) -> list[str]:
    """The header for the key, unless one of that name carries it already."""
    name = (spec.token_header if spec.token_header is not None else KEY_HEADER).strip()
    same = [header for header in spec.headers if _header_name(header) == name.lower()]
    if not same:
        return [f"{name}: {KEY}"]
    if not all(map(carries_key, same)):
        raise UsageProblem(
            f"the header `{name}` is given without the key",
            hint=f"write it as '{name}: {KEY}', or name another one with --token-header",
        )
    return []


def _header_name(header: str) -> str:
    return header.partition(":")[0].strip().lower()


def render(data: Mapping[str, object]) -> str:
    """The JSON text, indented by two spaces, readable in any script; a lone surrogate can only be written escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"
