"""A URL as somebody wrote it, taken apart without ever failing; `urllib.parse.urlsplit` raises on some, and is slower.

Placeholders are opaque: what stands in `[[base]]` is no delimiter, and a part that holds one is not judged.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mcapp.placeholders import FILLER, PORTABLE, SINGLE, Placeholder, is_name, masked

# RFC 3986, appendix B, on the text with its placeholders masked.
_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)

# What may be wrong with the whole of a URL: one thing, the first that applies.
EMPTY = "empty"
DAMAGED = "damaged"  # angle brackets, or a link that an editor made of it
UNFILLED = "unfilled"  # a text that stands for the URL that should be there
OTHER_SCHEME = "scheme"  # neither http nor https
RELATIVE = "relative"  # no scheme, or no host
CLEARTEXT = "cleartext"  # http:// to a host that can be reached

# `<https://host/[[x]>]` (Notion), `[text](https://host)` (Markdown), `<https://host>` (mail programs).
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^()\s]*)\)")
# Words that a sample puts where the reader's own value belongs, in a text that is no URL …
_WORDS = re.compile(
    r"(?i)(?<![a-z])(?:your|endpoint|url|uri|here|todo|fixme|tbd|change_?me|replace|insert|placeholder|xxx+)(?![a-z])"
)
_MARK = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$|%\w+%|\$\w+|\$?\{|<|\.\.\.|…")
# … and in a host: `your-domain.com`, `yourserver.io`, `<host>`, `YOUR_HOST`, `…`.
_HOST = re.compile(
    r"(?:.*\.)?your[-_]?(?:own[-_]?)?(?:sub)?(?:domain|server|site|website|host|hostname|app|company|endpoint|backend|api"
    r"|name|service|project|url|shop|store|tunnel|ngrok|instance|account|workspace)(?:[-_.].*)?|.*[<>{}$%…].*|\.+",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")

# R: RFC 1122 and 1918 (loopback, private), 3927 (link-local), 6598 (shared), 4193 and 4291 (IPv6), 6761 (localhost),
# 6762 (.local), 8375 (home.arpa); .internal is reserved for private use, .lan is what routers give. A name without a
# dot is known to its own network alone.
_LOCAL = re.compile(
    r"localhost|.*\.(?:localhost|local|internal|lan|home\.arpa)"
    r"|(?:127|10)(?:\.\d+){3}|0\.0\.0\.0|192\.168(?:\.\d+){2}|169\.254(?:\.\d+){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}"
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d+){2}"
    r"|\[(?:::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:(?:127|10|192\.168)\..*)\]"
    r"|[^.\[\]]+",
    re.IGNORECASE,
)


class Url(NamedTuple):
    """The parts of `text`; offsets count characters of `text`, `masked` is it with FILLER for each placeholder.

    `start` and `end` leave out blanks around it. `scheme` is in lower case. `authority` is None where there is no
    `//`; `userinfo` are the offsets of `user:password`, None without an `@`. `host` has no port; `fragment` is the
    offset of its `#`, -1 without one. `fault` is EMPTY, DAMAGED, …, or None; `local` whether ManyChat cannot reach
    the host from outside.
    """

    text: str
    masked: str
    start: int
    end: int
    scheme: str
    authority: str | None
    userinfo: tuple[int, int] | None
    host: str
    fragment: int
    local: bool
    fault: str | None


def split(text: str, found: Sequence[Placeholder]) -> Url:
    """Take `text` apart; `found` are its placeholders. Never raises."""
    found = [item for item in found if item.style is not SINGLE and (item.style is not PORTABLE or is_name(item.name))]
    hidden = masked(text, found) if found else text
    start = len(hidden) - len(hidden.lstrip())
    end = len(hidden.rstrip())
    match = _PARTS.match(hidden, start, max(start, end))
    scheme, authority, _, _, fragment = match.groups()  # type: ignore[union-attr]  # it matches any text
    scheme = scheme.lower() if scheme else ""
    userinfo = None
    host = ""
    if authority is not None:
        at = authority.rfind("@")
        if at >= 0:
            begin = match.start(2)  # type: ignore[union-attr]
            userinfo = begin, begin + at
        host = authority[at + 1 :]
        host = host[: host.find("]") + 1] if host[:1] == "[" else host.partition(":")[0]
    local = bool(host) and FILLER not in host and _LOCAL.fullmatch(host.rstrip(".")) is not None
    fault = _fault(hidden[start:end], scheme, authority, host, local)
    at = match.start(5) if fragment is not None else -1  # type: ignore[union-attr]
    return Url(text, hidden, start, end, scheme, authority, userinfo, host, at, local, fault)


def _fault(hidden: str, scheme: str, authority: str | None, host: str, local: bool) -> str | None:  # noqa: FBT001  # its own caller
    if not hidden:
        return EMPTY
    if "<" in hidden or ">" in hidden:
        # `https://<your-host>/x` is a sample that was not filled in; any other angle bracket came with a link.
        return UNFILLED if _ANGLE_WORD.search(hidden) else DAMAGED
    if "](" in hidden and _LINK.search(hidden):
        return DAMAGED
    if hidden[0] == FILLER:
        return None
    if scheme in ("https", "http") and authority is not None:
        if host and (_HOST.fullmatch(host) or (local and host != "LOCALHOST" and _CAPITALS.fullmatch(host))):
            return UNFILLED
        if not host:
            return RELATIVE
        return CLEARTEXT if scheme == "http" and not local else None
    if (scheme and authority is not None) or scheme in ("mailto", "javascript", "data", "tel"):
        return OTHER_SCHEME
    if hidden[0] not in "/." and (_WORDS.search(hidden) or _MARK.match(hidden) or len(hidden.split()) > 1):
        return UNFILLED
    return UNFILLED if hidden.startswith("...") else RELATIVE


_ANGLE_WORD = re.compile(r"<[^\W\d][\w .-]*>")


def mended(url: Url) -> str | None:
    """The URL that was meant by a DAMAGED one, or None if that cannot be told."""
    text = url.text[url.start : url.end]
    link = _LINK.fullmatch(text)
    if link:
        return link["target"] or None
    if text[0] != "<" or url.masked.count("<") != 1 or url.masked.count(">") != 1:
        return None
    end = url.masked.rindex(">") - url.start
    return text[1:end] + text[end + 1 :]
