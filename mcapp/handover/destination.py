"""Where a rehearsal goes: the URL of `--to`, and what of the block's own URL is kept. Nothing else names a host.

`--to` gives scheme, host and port. A path and a query that it leaves out are the block's own, so that
`--to http://127.0.0.1:3000` asks for exactly what ManyChat would ask the real host for.
"""

import re
from html import escape
from typing import NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

from mcapp.appjson.placeholders import DOLLAR, FILLER, find, masked
from mcapp.errors import UsageProblem
from mcapp.handover.values import Filler
from mcapp.net.target import Target, after_brackets, choose

# What a piece of a URL may hold beside letters, digits and `-._~` (RFC 3986, 3.3 and 3.4). A value's own `/`, `?`, `#`,
# `%` would end or change the part that it stands in, and in a query a server takes `&`, `;` and `+` for more than text.
_PATH = "!$()*,;:@&=+"
_QUERY = "!$()*,:@/?="
_FIXED = "!$&'(),*+/:;=?@[]%"  # what the developer wrote stands as it is, but for what no URL can hold


class Place(NamedTuple):
    """The endpoint: the host that is connected to, and path and query as templates (None: the block's own)."""

    target: Target
    path: str | None
    query: str | None
    netloc: str


def read(to: str) -> Place:
    """What `--to` says. Raises UsageProblem for anything but one certain http or https endpoint."""
    try:
        parts = urlsplit(to)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        raise _no_endpoint(to) from None
    odd = not to.isprintable() or "#" in to or "\\" in to or after_brackets(parts.netloc)
    if parts.scheme not in ("http", "https") or not host or odd:
        raise _no_endpoint(to)
    if parts.username is not None or parts.password is not None:
        raise UsageProblem("--to holds a user name or a password; ManyChat sends none", code="to")
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")
    target = choose(origin, host)
    return Place(
        target,
        path=parts.path or ("/" if "?" in to else None),
        query=parts.query if "?" in to else None,
        netloc=target.base_url.partition("://")[2],
    )


def _no_endpoint(to: str) -> UsageProblem:
    bare = re.fullmatch(r"(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[\da-fA-F:.]+\])(?::\d+)?(?:/[\w./-]*)?", to, re.ASCII)
    meant = f"http://{to}" if bare else "http://127.0.0.1:3000/install"
    return UsageProblem("--to is no URL of an endpoint", hint=f"mcapp send --to {meant}", code="to")


def refuse_key(place: Place, allow_host: str | None) -> None:
    """Raise UsageProblem unless a real key may go there: to this machine, or to a host that was typed twice."""
    host = place.target.host
    if place.target.kind == "loopback" or (allow_host or "").lower().rstrip(".").strip("[]") == host:
        return
    raise UsageProblem(
        f"the key is not sent to {host}",
        hint=f"without --key a made-up one goes there; to send the real one, add\n--allow-host {host}",
        code="host",
    )


def target(place: Place, url: str, query: tuple[tuple[str, str], ...], fill: Filler) -> str:
    """Path and query of the request, filled and percent-encoded: pure ASCII. `query` is auth.connection's."""
    own_path, own_query = _split(url, fill)
    path = own_path if place.path is None else _filled(place.path, _PATH, fill)
    asked = own_query if place.query is None else _filled(place.query, _QUERY, fill)
    more = "&".join(
        f"{quote(fill(name), safe=_QUERY.replace('=', ''))}={quote(fill(value), safe=_QUERY)}" for name, value in query
    )
    joined = "&".join(part for part in (asked, more) if part)
    return f"{path or '/'}?{joined}" if joined else path or "/"


def _split(url: str, fill: Filler) -> tuple[str, str]:
    """The path and the query of the block's own URL, filled."""
    url = url.strip().partition("#")[0]
    hidden = masked(url, find(url))
    question = hidden.find("?")
    end = len(url) if question < 0 else question
    query = "" if question < 0 else _filled(url[question + 1 :], _QUERY, fill)
    slashes = hidden.find("://", 0, end)
    head = ""
    if slashes < 0 and hidden.startswith(FILLER):
        # `[[server_url]]/install`: the value holds scheme and host, and may hold the beginning of a path.
        first = find(url)[0]
        head = fill(url[: first.end]).partition("://")[2].partition("/")[2].partition("?")[0].rstrip("/")
        start = first.end
    else:
        start = slashes + 3
    slash = hidden.find("/", start, end)
    path = "" if slash < 0 else _filled(url[slash:end], _PATH, fill)
    return (f"/{quote(head, safe=_FIXED)}{path}" if head else path), query


def _filled(template: str, safe: str, fill: Filler) -> str:
    """A part of a URL: what the developer wrote as it stands, each value encoded so that it arrives as it was set."""
    parts: list[str] = []
    done = 0
    for item in find(template):
        value = fill.value(item)
        if value is not None:
            start = item.start + 1 if item.style is DOLLAR else item.start
            parts += quote(template[done:start], safe=_FIXED), quote(value, safe=safe)
            done = item.end
    return "".join((*parts, quote(template[done:], safe=_FIXED)))


def spellings(key: str) -> set[str]:
    """The forms in which a URL, a page or an answer may hold the key, beside those that `redact.remember` makes."""
    in_url = {quote(key, safe=safe) for safe in (_PATH, _QUERY, "/")}
    return {*in_url, quote_plus(key), escape(key), key.replace("/", "\\/"), key.replace(":", "%3a")}
