"""Where a rehearsal goes: the URL of `--to`, and which parts of the block's own URL are kept.

`--to` alone gives scheme, host and port. A path and a query that it lacks are the block's own, so that
`--to http://127.0.0.1:3000` asks for exactly what ManyChat would ask the real host for.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from mcapp.appjson.placeholders import DOLLAR, FILLER, fill, find, masked
from mcapp.errors import UsageProblem
from mcapp.handover.block import Block, value_of
from mcapp.net.target import Target, after_brackets, choose

# Characters that a part of a URL may hold besides letters, digits and `-._~` (RFC 3986, 3.3 and 3.4). A value's `/`,
# `?`, `#`, `%` would end or change the part that it is in, and `&`, `;`, `+` have a meaning in a query.
_PATH = "!$()*,;:@&=+"
_QUERY = "!$()*,:@/?="
_FIXED = "!$&'(),*+/:;=?@[]%"  # the developer's own text is kept, except for what no URL can hold


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
        port = parts.port
    except ValueError:
        raise _not_an_endpoint(to) from None
    ambiguous = not to.isprintable() or "#" in to or "\\" in to or after_brackets(parts.netloc)
    if parts.scheme not in ("http", "https") or not host or ambiguous:
        raise _not_an_endpoint(to)
    if parts.username is not None or parts.password is not None:
        raise UsageProblem("--to has a user name or a password; ManyChat sends neither", code="to")
    shown = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{shown}" + ("" if port is None else f":{port}")
    target = choose(origin, host)
    return Destination(
        target, path=parts.path or ("/" if "?" in to else None), query=parts.query if "?" in to else None
    )


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


def target(destination: Destination, block: Block, values: Mapping[str, str]) -> str:
    """Path and query of the request, filled and percent-encoded, in ASCII."""
    path, query = _own(block.url, values)
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


def path_of(url: str) -> str | None:
    """The path in the block's own URL; None where it depends on a placeholder."""
    url = url.strip().partition("#")[0]
    _, scheme, rest = masked(url, find(url)).partition("?")[0].partition("://")
    path = f"/{rest.partition('/')[2]}"
    return None if not scheme or FILLER in path else quote(path, safe=_FIXED)


def _own(url: str, values: Mapping[str, str]) -> tuple[str, str]:
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
    return (f"/{quote(head, safe=_FIXED)}{path}" if head else path), query


def _filled(template: str, safe: str, values: Mapping[str, str]) -> str:
    """A part of a URL, filled: the developer's text is kept, and each value encoded so that it arrives unchanged."""
    parts: list[str] = []
    done = 0
    for item in find(template):
        value = value_of(item, values)
        if value is not None:
            start = item.start + 1 if item.style is DOLLAR else item.start
            parts += quote(template[done:start], safe=_FIXED), quote(value, safe=safe)
            done = item.end
    return "".join((*parts, quote(template[done:], safe=_FIXED)))
