"""The request that ManyChat would send: the block, filled in; where it goes; and it as text for people and programs.

`--to` alone gives scheme, host and port. A path and a query that it lacks are the block's own, so that
`--to http://127.0.0.1:3000` asks for exactly what ManyChat would ask the real host for.

Values are data: a `{{` in a value is not a placeholder, and a quote ends no string. A payload's values stay strings (S:
all published ones are), a header's must fit on one line, and in a URL only those characters are percent-encoded that
would end the part they are in. How ManyChat itself encodes them is not known (?).
"""

import re
import shlex
from collections.abc import Mapping
from json import dumps, loads
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mcapp.appjson.placeholders import CURLY, DOLLAR, FILLER, fill, find, masked, write
from mcapp.appjson.requests import mapped
from mcapp.errors import UsageProblem
from mcapp.handover.block import FIXED, Block, value_of
from mcapp.keys.vault import VARIABLE
from mcapp.net.target import Target, choose
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask

METHOD = "POST"  # where the block names none: what all known blocks say (S)

# RFC 9110, 5.6.2: the form of a header's name and of a method.
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ONE_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

# Headers about the connection are written by the client that makes it (RFC 9110, 7.6.1, and 7.2 for Host).
_OWN = (
    *("connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "proxy-connection", "te"),
    *("trailer", "transfer-encoding", "upgrade"),
)

# The forms that `print_as` writes.
FORMS = ("http", "curl", "httpx")

# Characters that a part of a URL may hold besides letters, digits and `-._~` (RFC 3986, 3.3 and 3.4). A value's `/`,
# `?`, `#`, `%` would end or change the part that it is in, and `&`, `;`, `+` have a meaning in a query.
_PATH = "!$()*,;:@&=+"
_QUERY = "!$()*,:@/?="


class Destination(NamedTuple):
    """The endpoint: the host that is connected to, and path and query as templates (None: the block's own)."""

    target: Target
    path: str | None
    query: str | None


def parse_to(to: str) -> Destination:
    """Parse `--to`. Raises UsageProblem for anything but an unambiguous http or https URL."""
    try:
        parts = urlsplit(to)
        host = parts.hostname or ""
        clear = to.isprintable() and "#" not in to and "\\" not in to and parts.port != 0
    except ValueError:
        raise _not_an_endpoint(to) from None
    if parts.scheme not in ("http", "https") or not host or not clear:
        raise _not_an_endpoint(to)
    if parts.username is not None or parts.password is not None:
        raise UsageProblem("--to has a user name or a password; ManyChat sends neither", code="to")
    target = choose(f"{parts.scheme}://{parts.netloc}", host)
    query = parts.query if "?" in to else None
    return Destination(target, path=parts.path or (None if query is None else "/"), query=query)


def _not_an_endpoint(to: str) -> UsageProblem:
    bare = re.fullmatch(r"(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-fA-F:.]+\])(?::\d+)?(?:/[\w./-]*)?", to, re.ASCII)
    meant = f"http://{to}" if bare else "http://127.0.0.1:3000/install"
    return UsageProblem("--to is not the URL of an endpoint", hint=f"mcapp send --to {meant}", code="to")


def refuse_key(destination: Destination, allow_host: str | None) -> None:
    """Raise UsageProblem unless a real key may go there: to this machine, or to a host that was typed twice."""
    host = destination.target.host
    if destination.target.kind == "loopback" or (allow_host or "").lower().rstrip(".").strip("[]") == host:
        return
    raise UsageProblem(
        f"a real key is not sent to {host}",
        hint=f"without --key a made-up key is sent; to send the real one, add\n--allow-host {host}",
        code="host",
    )


class Prepared(NamedTuple):
    """A request ready to be sent. `path` includes the query, in ASCII; `body` is UTF-8, None for no body at all.

    `notes` are differences to the block, in sentences.
    """

    method: str
    target: Target
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    notes: tuple[str, ...]

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.target.base_url + self.path


def prepare(block: Block, destination: Destination, values: Mapping[str, str]) -> Prepared:
    """The block, filled, for `destination`. Raises UsageProblem for a value that HTTP cannot carry."""
    notes: list[str] = []
    method = block.method.strip().upper()
    if not method:
        method = METHOD
        notes.append(f"auth.request has no method: sent as {METHOD}")
    elif not _TOKEN.fullmatch(method):
        raise UsageProblem(f"the method {method!r} cannot be sent", code="method")
    headers = _headers(block, values, notes)
    body = None
    if block.payload is not None and method == "GET":
        notes.append("a GET request has no payload: left out")
    elif block.payload is not None:
        payload = mapped(block.payload, lambda text: fill(text, values))
        # A lone surrogate (`\ud800`) exists in JSON's escapes only, which are Python's.
        body = dumps(payload, ensure_ascii=False).encode("utf-8", "backslashreplace")
        if not any(name.lower() == "content-type" for name, _ in headers):
            notes.append("auth.request has no Content-Type header, so the payload is sent without one")
    kept = [item for item in block.placeholders() if value_of(item, values) is None]
    if kept:
        names = dict.fromkeys(write(CURLY if item.style is DOLLAR else item.style, item.name) for item in kept)
        notes.append(f"not filled in, because the value is unknown: {', '.join(names)} (--set gives it one)")
    path = _target(destination, block, values)
    return Prepared(method, destination.target, path, headers, body, tuple(notes))


def _target(destination: Destination, block: Block, values: Mapping[str, str]) -> str:
    """Path and query of the request, filled and percent-encoded, in ASCII."""
    path, query = _own_parts(block.url, values)
    if destination.path is not None:
        path = _filled(destination.path, _PATH, values)
    if destination.query is not None:
        query = _filled(destination.query, _QUERY, values)
    added = (
        f"{quote(fill(name, values), safe=_QUERY.replace('=', ''))}={quote(fill(value, values), safe=_QUERY)}"
        for name, value in block.query
    )
    joined = "&".join(filter(None, (query, *added)))
    return f"{path or '/'}?{joined}" if joined else path or "/"


def _own_parts(url: str, values: Mapping[str, str]) -> tuple[str, str]:
    """The path and the query of the block's own URL, filled."""
    url = url.strip().partition("#")[0]
    hidden = masked(url, find(url))
    question = hidden.find("?")
    end = len(url) if question < 0 else question
    query = "" if question < 0 else _filled(url[question + 1 :], _QUERY, values)
    slashes = hidden.find("://", 0, end)
    head = ""
    if slashes < 0 and hidden.startswith(FILLER):
        # `[[server_url]]/install`: the value has scheme and host, and perhaps the beginning of a path.
        first = find(url)[0]
        head = fill(url[: first.end], values).partition("://")[2].partition("/")[2].partition("?")[0].rstrip("/")
        start = first.end
    else:
        start = slashes + 3
    slash = hidden.find("/", start, end)
    path = "" if slash < 0 else _filled(url[slash:end], _PATH, values)
    return (f"/{quote(head, safe=FIXED)}{path}" if head else path), query


def _filled(template: str, safe: str, values: Mapping[str, str]) -> str:
    """A part of a URL, filled: the developer's text is kept, and each value encoded so that it arrives unchanged."""
    parts: list[str] = []
    done = 0
    for item in find(template):
        value = value_of(item, values)
        if value is not None:
            start = item.start + 1 if item.style is DOLLAR else item.start
            parts += quote(template[done:start], safe=FIXED), quote(value, safe=safe)
            done = item.end
    return "".join((*parts, quote(template[done:], safe=FIXED)))


def _headers(block: Block, values: Mapping[str, str], notes: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for written, template in block.headers:
        name, value = fill(written, values), fill(template, values).strip(" \t")
        if not _TOKEN.fullmatch(name):
            raise UsageProblem(f"the header name `{written}` is not valid once it is filled in", code="header")
        if not _ONE_LINE.fullmatch(value):
            raise UsageProblem(
                f"the value of the header `{name}` has a line break or another control character",
                hint="--set a value of one line, or send it in the payload",
                code="header",
            )
        if name.lower() in _OWN:
            notes.append(f"the header {name} is not sent: the connection sets it")
        else:
            found.append((name, value))
    return tuple(found)


def print_as(form: str, prepared: Prepared, mark: str, timeout: float) -> str:
    """The request as text in one of FORMS, with VARIABLE in place of `mark`, the stand-in for the key."""
    if form != "http":
        return (_curl if form == "curl" else _httpx)(prepared, mark, timeout)
    # As in the .http files of editors.
    lines = [f"{prepared.method} {prepared.url} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in prepared.headers]
    if prepared.body is not None:
        lines += ["", prepared.body.decode("utf-8")]
    return "\n".join(lines).replace(mark, f"{{{{{VARIABLE}}}}}") + "\n"


# Every byte of the key as %XX, by what each POSIX system has: in a URL a `&` or `#` of the key would end its value.
_ENCODED = f"""$(printf %s "${VARIABLE}" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g')"""


def _curl(prepared: Prepared, mark: str, timeout: float) -> str:
    def word(text: str, key: str = f"${VARIABLE}") -> str:
        return f'"{key}"'.join(shlex.quote(part) if part else "" for part in text.split(mark)) or "''"

    lines = [f"curl --globoff --path-as-is --include --max-time {timeout:g} --request {word(prepared.method)}"]
    if prepared.target.kind == "loopback":
        lines[0] += " --noproxy '*'"
    # For curl `Name;` is an empty header, and `Name:` removes its own header of that name.
    lines += [f"--header {word(f'{name}: {value}' if value else f'{name};')}" for name, value in prepared.headers]
    # Without data curl sends no Content-Length, which other clients send with these methods (RFC 9110, 8.6).
    if prepared.body is not None or prepared.method in ("POST", "PUT", "PATCH"):
        if not any(name.lower() == "content-type" for name, _ in prepared.headers):
            lines.append("--header 'Content-Type:'")
        lines.append(f"--data-raw {word((prepared.body or b'').decode('utf-8'))}")
    lines.append(word(prepared.url, _ENCODED))
    return " \\\n  ".join(lines) + "\n"


def _httpx(prepared: Prepared, mark: str, timeout: float) -> str:
    def text(value: str, key: str = "key") -> str:
        parts = [repr(part) if part else "" for part in value.split(mark)]
        words = [word for index, part in enumerate(parts) for word in ((key, part) if index else (part,)) if word]
        return " + ".join(words) or "''"

    def encoded(value: str) -> str:
        return text(value) if value.isascii() else f"({text(value)}).encode()"

    lines = [
        "import os",
        *(["from urllib.parse import quote"] if mark in prepared.url else []),
        "",
        "import httpx",
        "",
        f'key = os.environ["{VARIABLE}"]',
        "response = httpx.request(",
        f"    {text(prepared.method)},",
        "    " + text(prepared.url, "quote(key, safe='')") + ",",
        "    headers=[",
        *(f"        ({text(name)}, {encoded(value)})," for name, value in prepared.headers),
        "    ],",
    ]
    if prepared.body is not None:
        lines.append(f"    content=({text(prepared.body.decode('utf-8'))}).encode(),")
    lines += [f"    timeout={timeout:g},", "    follow_redirects=False,"]
    if prepared.target.kind == "loopback":
        lines.append("    trust_env=False,")
    return "\n".join([*lines, ")", "print(response.status_code, response.text)", ""])


def request_json(prepared: Prepared) -> dict[str, Any]:
    """The request, as in schemas/send.schema.json."""
    return {
        "method": prepared.method,
        "url": mask(prepared.url),
        "headers": [{"name": name, "value": mask(value)} for name, value in prepared.headers],
        "body": None if prepared.body is None else mask(prepared.body.decode("utf-8")),
    }


def request_text(prepared: Prepared, style: Style) -> str:
    """The request for people: method and URL, headers, the payload indented."""
    lines = [style.bold(f"{prepared.method} {visible(prepared.url)}")]
    lines += [f"  {style.note(name)}: {visible(value)}" for name, value in prepared.headers]
    if prepared.body is not None:
        # Masked before it is split: strings do not span lines.
        indented = dumps(loads(prepared.body), indent=2, ensure_ascii=False)
        lines += ["", *(f"  {visible(line)}" for line in mask(indented).split("\n"))]
    return "\n".join(lines)
