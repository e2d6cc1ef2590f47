"""From what the user asked for to App JSON: options -> RequestSpec -> dict -> text. Pure functions.

The defaults are the form of ManyChat's article on App Keys (evidence D): the key in the `x-token-header` header and in
the payload, together with the three system values that tell which page it belongs to.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from itertools import count
from typing import NamedTuple

from mcapp.appjson import placeholders
from mcapp.appjson.placeholders import ACTION, APP_KEY, AUTH_REQUEST, CURLY, PORTABLE, find, is_name
from mcapp.appjson.requests import mapped, texts
from mcapp.document import read
from mcapp.errors import Refused, UsageProblem

# POST and GET are seen in published apps; ManyChat's External Request knows all four (evidence S, D).
METHODS = ("POST", "GET", "PUT", "DELETE")
WITH_PAYLOAD = ("POST", "PUT")
TOKEN_IN = ("header", "payload", "both")
EMIT = ("request", "auth", "app")
KEY_HEADER = "x-token-header"
KEY = "<<app_token>>"
DEFAULT_PAYLOAD = {"app_token": KEY, "page_id": "<<page_id>>", "app_id": "<<app_id>>", "app_version": "<<app_version>>"}
# Scheme and host of a URL without placeholders: one in them may be unknown outside `auth.request`.
_HOST = re.compile(r"https://[^\s/?#{}\[\]<>@]+")
# A dot separates keys, `\.` is a dot, `\\` a backslash; any other backslash is itself.
_PARTS = r"\\[.\\]|\.|[^.\\]+|\\"
# One `--payload` option: the keys from the top of the payload down to the value, and the value (JSON data).
PayloadEntry = tuple[tuple[str, ...], object]


class Param(NamedTuple):
    """A value that the installer enters: its name in `[[name]]`, and its label in App Setup."""

    name: str
    title: str


class RequestSpec(NamedTuple):
    """What the block is to look like. Texts may hold `<<name>>`, `{{name}}` and `[[name]]`.

    `headers` are "Name: value" lines. `payload` None means the default one, with every param. `token_in` is one of
    TOKEN_IN, or None for what fits the rest; `token_header` None means KEY_HEADER. `portable` leaves `<<name>>`
    unchanged.
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
    """Parse `NAME[=TITLE]`; without a title the name is made readable. Raises UsageProblem."""
    name, equals, title = (part.strip() for part in word.partition("="))
    if not is_name(name):
        raise UsageProblem(
            f"`{name}` is not a valid param name" if name else "--param has no name",
            hint="use letters, digits and _: --param email='Your e-mail'",
        )
    if equals and not title:
        raise UsageProblem(f"the param `{name}` has an empty title", hint="the installer sees the title in App Setup")
    words = re.sub(r"(?<=[a-z\d])(?=[A-Z])|[_.-]+", " ", name).split()  # `shop_id` or `shopId`: "Shop id"
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    return Param(name, title or text[:1].upper() + text[1:] or name)


def parse_entry(word: str) -> PayloadEntry:
    r"""`KEY=VALUE` (a string) or `KEY:=JSON` (anything); dots in KEY nest, `\.` is a dot. Raises UsageProblem."""
    key, equals, value = word.partition("=")
    if not equals:
        # The word is not repeated: it may be a key that was pasted here.
        raise UsageProblem("a --payload without `=`: expected KEY=VALUE", hint="KEY:=JSON for other types than text")
    typed = key.endswith(":")
    if typed:
        key = key[:-1]
    path = [""]
    for part in re.findall(_PARTS, key):
        if part == ".":
            path.append("")
        else:
            path[-1] += part[1:] if part in (r"\.", r"\\") else part
    if not all(path):
        raise UsageProblem(
            f"--payload has an empty key in `{key}`" if key else "--payload has no key before the `=`",
            hint=r"a dot nests (page.id=…); write a dot in a key as `\.`",
        )
    if not typed:
        return tuple(path), value
    plain = f"for text leave out the colon: --payload {key}=…"
    return tuple(path), parse_json(value.encode("utf-8"), f"--payload {key}:=", plain)


def parse_json(raw: bytes, what: str, hint: str = "") -> object:
    """The value of a strict JSON text. Raises UsageProblem, which starts with `what` and gives the position."""
    document = read(raw, what)
    defects = [defect for defect in document.defects if defect.kind != "byte-order-mark"]
    if defects or not document.readable:
        place = ""
        if defects:
            at = document.place(defects[0].span)
            place = f" (line {at.line}, column {at.column})" if at.line > 1 else f" (column {at.column})"
        cause = defects[0].cause if defects else "it has no value"
        raise UsageProblem(f"{what} is not strict JSON: {cause}{place}", hint=(defects and defects[0].help) or hint)
    try:
        # 1e999 is valid JSON and infinite in Python, and could not be written back.
        json.dumps(document.data, allow_nan=False)
    except ValueError:
        raise UsageProblem(f"{what} has a number that is too large", hint="write it as text") from None
    return document.data


def parse_object(raw: bytes, what: str) -> dict[str, object]:
    """As `parse_json`, for a whole payload, which must be an object."""
    data = parse_json(raw, what)
    if not isinstance(data, dict):
        kind = {list: "a list", str: "text", bool: "a boolean", type(None): "null"}.get(type(data), "a number")
        raise UsageProblem(f"{what} must be an object, not {kind}", hint="an empty payload is {}")
    return data


def merge(base: Mapping[str, object], entries: Iterable[PayloadEntry]) -> dict[str, object]:
    """A copy of `base` with `entries` set in it. Raises UsageProblem where two entries contradict each other."""
    result: dict[str, object] = deepcopy(dict(base))
    given: list[tuple[str, ...]] = []
    for path, value in entries:
        for other in given:
            if other == path:
                raise UsageProblem(f"--payload {dotted(path)} is given twice", hint="remove one of them")
            short, long = sorted((other, path), key=len)
            if long[: len(short)] == short:
                raise UsageProblem(
                    f"--payload {dotted(short)} and --payload {dotted(long)} contradict each other: "
                    f"`{dotted(short)}` cannot be both a value and an object with `{dotted(long[len(short) :])}`",
                    hint=rf"write a dot in a key as `\.`: --payload '{dotted(['.'.join(long)])}=…'",
                )
        given.append(path)
        spot = result
        for depth, key in enumerate(path[:-1], 1):
            below = spot.setdefault(key, {})
            if not isinstance(below, dict):
                raise UsageProblem(
                    f"--payload {dotted(path)} does not fit the JSON: `{dotted(path[:depth])}` is not an object",
                    hint=r"write a dot in a key as `\.`",
                )
            spot = below
        spot[path[-1]] = value
    try:
        return parse_object(json.dumps(result).encode("ascii"), "the payload")  # which says if it is nested too deep
    except RecursionError:
        raise UsageProblem("the payload is nested too deep") from None


def dotted(path: Iterable[str]) -> str:
    """A path as typed in --payload: `a.b`, with dots in keys escaped."""
    return ".".join(key.replace("\\", "\\\\").replace(".", "\\.") for key in path)


def build(spec: RequestSpec) -> dict[str, object]:
    """What `spec.emit` asks for: `{"request": …}`, `{"auth": …}` or a complete App JSON.

    Raises UsageProblem where parts of `spec` contradict each other, and Refused for an unknown `<<name>>`.
    """
    if spec.emit not in EMIT:
        raise UsageProblem(f"`{spec.emit}` cannot be written", hint=f"one of {', '.join(EMIT)}")
    request = build_request(spec)
    if spec.emit == "request":
        return {"request": request}
    auth = build_auth(spec.params, request)
    if spec.emit == "auth":
        return {"auth": auth}
    return {"auth": auth, "actions": [_sample_action(spec)]}


def build_auth(params: Sequence[Param], request: Mapping[str, object]) -> dict[str, object]:
    """A whole `auth` around the request; "APIKEY" is the only type known (evidence D, S)."""
    return {"type": "APIKEY", "params": params_json(params), "request": dict(request)}


def params_json(params: Sequence[Param]) -> list[dict[str, str]]:
    """Params in the form of `auth.params`."""
    return [param._asdict() for param in params]


def build_request(spec: RequestSpec, declared: Collection[str] = ()) -> dict[str, object]:
    """The request itself, its keys in the article's order; `declared` names count as params too. Raises as `build`."""
    names = [param.name for param in spec.params]
    for name in names:
        if names.count(name) > 1:
            raise UsageProblem(f"the param `{name}` is given twice", hint="remove one of them")
    if spec.token_in not in (None, *TOKEN_IN):
        raise UsageProblem(f"the key cannot be sent in `{spec.token_in}`", hint=f"one of {', '.join(TOKEN_IN)}")
    method = check_method(spec.method)
    payload = None if spec.payload is None else dict(spec.payload)
    headers = list(spec.headers)
    in_header, in_payload = _where(spec, method, payload)
    if payload is None and method in WITH_PAYLOAD:
        default = {**DEFAULT_PAYLOAD, **{name: f"<<{name}>>" for name in names if name not in DEFAULT_PAYLOAD}}
        payload = {name: value for name, value in default.items() if in_payload or value != KEY}
    elif payload is not None and in_payload and not carries_key(payload):
        if "app_token" in payload:
            raise UsageProblem(
                "the payload has an `app_token` that is not the key", hint=f"write app_token='{KEY}', or remove it"
            )
        payload = {"app_token": KEY, **payload}
    if in_header:
        name = (KEY_HEADER if spec.token_header is None else spec.token_header).strip()
        same = [header for header in headers if _header_name(header) == name.lower()]
        if not same:
            headers.insert(0, f"{name}: {KEY}")
        elif not all(map(carries_key, same)):
            raise UsageProblem(
                f"the header `{name}` does not have the key",
                hint=f"write '{name}: {KEY}', or choose another header with --token-header",
            )
    if payload is not None and not any(_header_name(header) == "content-type" for header in headers):
        headers.insert(0, "Content-Type: application/json")
    request = {"url": spec.url, "method": method, "headers": headers, "mapping": [], "payload": payload}
    # A param with the name of a ManyChat value is reported by the lint, at the param.
    known = {*names, *declared}.difference(AUTH_REQUEST)
    return {key: rewrite(value, known, portable=spec.portable) for key, value in request.items()}


def check_method(method: str) -> str:
    """The method in upper case. Raises UsageProblem for one that ManyChat does not send."""
    upper = method.strip().upper()
    if upper not in METHODS:
        raise UsageProblem(f"ManyChat does not send the method `{method}`", hint=f"one of {', '.join(METHODS)}")
    return upper


def _where(spec: RequestSpec, method: str, payload: object) -> tuple[bool, bool]:
    """Whether to add the key to a header, and to the payload: what the user gave may have it already."""
    if method not in WITH_PAYLOAD:
        if payload is not None:
            raise UsageProblem(f"a {method} request has no payload", hint="remove the payload, or use POST")
        if spec.token_in in ("payload", "both"):
            raise UsageProblem(f"a {method} request has no payload, so the key cannot be in it", hint="use POST")
    header_has = any(map(carries_key, spec.headers))
    payload_has = carries_key(payload)
    if spec.token_in == "header" and payload_has:  # noqa: S105  # a location, not a password
        raise UsageProblem("--token-in header, but the payload has the key too", hint="use --token-in both")
    if spec.token_in == "payload" and (header_has or spec.token_header is not None):  # noqa: S105  # as above
        raise UsageProblem("--token-in payload, but there is a header with the key too", hint="use --token-in both")
    if spec.token_in is None:
        return spec.token_header is not None or not (header_has or payload_has), payload is None
    in_header = spec.token_in in ("header", "both") and (spec.token_header is not None or not header_has)
    return in_header, spec.token_in in ("payload", "both")


def _header_name(header: str) -> str:
    return header.partition(":")[0].strip().lower()


def render(data: Mapping[str, object]) -> str:
    """The JSON text, indented by two spaces, not ASCII-escaped except for lone surrogates, which UTF-8 cannot hold."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _sample_action(spec: RequestSpec) -> dict[str, object]:
    """The sample action of a complete App JSON, with every part that published actions have (evidence S).

    It calls the host of the URL. Its form field has the name of no param: `[[name]]` would be ambiguous.
    """
    host = _HOST.match(spec.url)
    params = {param.name for param in spec.params}
    field = next(name for number in count() if (name := f"message_{number}" if number else "message") not in params)
    request = {
        "url": f"{host.group() if host else 'https://example.com'}/manychat/sample-action",
        "method": "POST",
        "headers": ["Content-Type: application/json"],
        "mapping": [{"name": "answer", "path": "$.answer", "type": "string", "title": "Answer"}],
        "payload": {"user_id": "<<user_id>>", "message": f"<<{field}>>"},
    }
    return {
        "name": "sample_action",
        "title": "Sample action",
        "description": "Sends a text to your server and saves its answer.",
        "forms": [{"name": field, "type": "string", "title": "Text to send"}],
        "requests": [rewrite(request, {field}, portable=spec.portable, system=ACTION)],
    }


def carries_key(value: object) -> bool:
    """Whether a string anywhere in `value` (JSON data) contains the App Key's placeholder."""
    found = (item for text in texts(value) for item in find(text))
    return any(item.name == APP_KEY and item.style in (CURLY, PORTABLE) for item in found)


def rewrite(
    value: object, declared: Collection[str], *, portable: bool = False, system: Collection[str] = AUTH_REQUEST
) -> object:
    """A copy of `value` (JSON data) with `<<name>>` in ManyChat's brackets; `portable` leaves the brackets unchanged.

    Raises Refused, code "unknown-placeholder", for a `<<name>>` that is neither in `system` nor in `declared`.
    """

    def text(original: str) -> str:
        try:
            written = placeholders.rewrite(original, declared, system)
        except placeholders.UnknownNameError as error:
            hint = f"did you mean <<{error.near}>>?"
            if not error.near:
                hint = f"known: {', '.join(f'<<{name}>>' for name in (*system, *sorted(declared)))}"
                if is_name(error.name):
                    hint += f"\nto let the installer enter it, declare it: --param {error.name}"
            message = f"<<{error.name}>> is neither a ManyChat value nor a declared param"
            raise Refused(message, hint=hint, code="unknown-placeholder") from None
        return original if portable else written

    return mapped(value, text)
