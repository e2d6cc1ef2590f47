"""A URL as written, split without ever failing; `urllib.parse.urlsplit` raises on some texts, and is slower.

Placeholders are opaque: the characters of `[[base]]` are not delimiters, and a part that contains one is not checked.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from mcapp.appjson.placeholders import FILLER, PORTABLE, SINGLE, Placeholder, is_name, masked

# Patterns are compiled by `re` when they are first used, and hardly any is: compiling all costs a cold start 3 ms.
# Characters that are not seen, and come along with text that was copied from a page or a chat.
INVISIBLE = "".join(map(chr, (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF)))
_SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000"
)

_AROUND = _SPACES + INVISIBLE
_IN_SCHEME = dict.fromkeys(map(ord, "+.-"), "0")
_WITHOUT_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))

# The faults of a whole URL: it has one at most, the first that applies.
EMPTY = "empty"
DAMAGED = "damaged"  # angle brackets, or turned into a link by an editor
UNFILLED = "unfilled"  # sample text that was never replaced
OTHER_SCHEME = "scheme"  # neither http nor https
RELATIVE = "relative"  # no scheme, or no host
AUTHORITY = "authority"  # a host that cannot exist, or a port that is not one
CLEARTEXT = "cleartext"  # http:// to a host that ManyChat can reach

# `<https://host/[[x]>]` (Notion), `[text](https://host)` (Markdown), `<https://host>` (mail programs).
_LINK = r"\[[^\[\]]*\]\((?P<target>[^()\s]*)\)"
_ANGLE_WORD = r"<[^\W\d][\w .-]*>"
# Words that samples use in place of the reader's own value, in a text that is not a URL …
_WORDS = (
    r"(?i)(?<![a-z])(?:your|endpoint|url|uri|here|todo|fixme|tbd|change_?me|replace|insert|placeholder|xxx+)(?![a-z])"
)
_CAPITALS = r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*"
_MARK = rf"{_CAPITALS}$|%\w+%|\$\w+|\$?\{{|\.\.\.|…"
_SAMPLE_MARKS = frozenset("{}$%…")
# … and in a host: `your-domain.com`, `api.yourserver.io`.
_YOURS = (
    r"(?:.*\.)?your[-_]?(?:own[-_]?)?(?:sub)?(?:domain|server|site|website|host|hostname|app|company|endpoint|backend|api"
    r"|name|service|project|url|shop|store|tunnel|ngrok|instance|account|workspace)(?:[-_.].*)?"
)

# Most hosts: nothing is wrong with them.
_ORDINARY = r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"

# R: RFC 6761 (localhost), 6762 (.local), 8375 (home.arpa); .internal is reserved for private use, .lan is what routers
# give. A name without a dot is known to its own network alone.
_LOCAL_ENDS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
# R: RFC 1122 and 1918 (loopback, private), 3927 (link-local), 6598 (shared), 4193 and 4291 (IPv6).
_PRIVATE = (
    r"(?:127|10)(?:\.\d+){3}|0\.0\.0\.0|192\.168(?:\.\d+){2}|169\.254(?:\.\d+){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}"
    r"|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d+){2}"
    r"|\[(?:::1?|f[cd][0-9a-f]{2}:.*|fe[89ab][0-9a-f]:.*|::ffff:(?:127|10|192\.168)\..*)\]"
)


class Url(NamedTuple):
    """The parts of `text`; offsets count characters of `text`, `masked` is it with FILLER for each placeholder.

    `start` and `end` leave out spaces around it. `scheme` is in lower case. `authority` is None without a `//`;
    `userinfo` are the offsets of `user:password`, None without an `@`. `host` has no port; `fragment` is the offset of
    the `#`, -1 without one. `fault` is EMPTY, DAMAGED, …, or None; `local` says that only its own network knows the
    host, so that ManyChat cannot reach it.
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
    """The parts of `text`; `found` are its placeholders. Never raises."""
    found = [item for item in found if item.style is not SINGLE and (item.style is not PORTABLE or is_name(item.name))]
    hidden = masked(text, found) if found else text
    whole = hidden.strip(_AROUND)
    start = hidden.find(whole)
    end = start + len(whole)
    # R: RFC 3986, appendix B.
    before, mark, _ = whole.partition("#")
    fragment = start + len(before) if mark else -1
    before = before.partition("?")[0]
    scheme, colon, rest = before.partition(":")
    if not (colon and scheme[:1].isalpha() and scheme.isascii() and scheme.translate(_IN_SCHEME).isalnum()):
        scheme, rest = "", before
    scheme = scheme.lower()
    authority = rest[2:].partition("/")[0] if rest.startswith("//") else None
    userinfo = None
    host = ""
    if authority is not None:
        at = authority.rfind("@")
        if at >= 0:
            begin = start + len(before) - len(rest) + 2
            userinfo = begin, begin + at
        host = authority[at + 1 :]
        host = host[: host.find("]") + 1] if host[:1] == "[" else host.partition(":")[0]
    local = False
    if host and FILLER not in host:
        name = host.rstrip(".").lower()
        if name.startswith("[") or name.replace(".", "").isdigit():
            local = re.fullmatch(_PRIVATE, name) is not None
        else:
            local = "." not in name or name.endswith(_LOCAL_ENDS)
    fault = _fault(whole, scheme, authority, host, local)
    return Url(text, hidden, start, end, scheme, authority, userinfo, host, fragment, local, fault)


def _fault(hidden: str, scheme: str, authority: str | None, host: str, local: bool) -> str | None:  # noqa: FBT001  # one caller
    if not hidden:
        return EMPTY
    if "<" in hidden or ">" in hidden:
        # `https://<your-host>/x` is a sample that was not filled in; other angle brackets come from links.
        return UNFILLED if re.search(_ANGLE_WORD, hidden) else DAMAGED
    if "](" in hidden and re.search(_LINK, hidden):
        return DAMAGED
    if hidden[0] == FILLER:
        return None
    if scheme in ("https", "http") and authority is not None:
        if not host:
            return RELATIVE
        yours = "your" in host.lower() and re.fullmatch(_YOURS, host.lower())
        if yours or not _SAMPLE_MARKS.isdisjoint(host) or not host.strip("."):
            return UNFILLED
        if local and host.isupper() and host != "LOCALHOST" and re.fullmatch(_CAPITALS, host):
            return UNFILLED
        if not re.fullmatch(_ORDINARY, authority) and authority_fault(hidden):
            return AUTHORITY
        return CLEARTEXT if scheme == "http" and not local else None
    if (scheme and authority is not None) or scheme in ("mailto", "javascript", "data", "tel"):
        return OTHER_SCHEME
    if hidden.startswith(("/", "./", "../")):
        return RELATIVE
    sample = re.search(_WORDS, hidden) or re.match(_MARK, hidden) or len(hidden.split()) > 1
    return UNFILLED if sample else RELATIVE


def authority_fault(hidden: str) -> str:
    """What is wrong with the host or the port of a URL whose placeholders are masked; empty if nothing is."""
    authority = hidden.split("://", 1)[1].replace("\\", "/")
    for mark in "/?#":
        authority = authority.partition(mark)[0]
    authority = authority[authority.rfind("@") + 1 :]
    if FILLER in authority:
        return ""
    authority = authority.translate(_WITHOUT_INVISIBLE).strip()
    if authority.lower() in ("http:", "https:"):
        return "it begins with two schemes"
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        # An address with a zone or of a future version is left alone.
        if not re.search(r"[%vV]", host) and not _is_address(host, 6):
            return f"`[{host}]` is not an IPv6 address"
        port = port.removeprefix(":")
    elif authority.count(":") > 1:
        return "an IPv6 address stands in square brackets" if _is_address(authority, 6) else "it has more than one port"
    else:
        host, _, port = authority.partition(":")
        labels = host.removesuffix(".").split(".")
        if "." in host and host.replace(".", "").isdecimal() and not _is_address(host, 4):
            return f"`{host}` is not an IP address"
        if not all(labels):
            return f"a part of the host `{host}` is empty"
        bad = next((char for char in host if not (char.isalnum() or char in "_.-" or char.isspace())), "")
        if bad:
            return f"a host cannot contain `{bad}`"
        if any(len(label) > 63 for label in labels):
            return "a part of a host has at most 63 characters"
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536 and len(port) < 7):
        return f"`{port}` is not a port: a number from 1 to 65535"
    return ""


def _is_address(host: str, version: int) -> bool:
    from ipaddress import ip_address  # 5 ms, and only for an address

    try:
        return ip_address(host).version == version
    except ValueError:
        return False


def repaired(url: Url) -> str | None:
    """The URL that was probably meant by a DAMAGED one, or None."""
    text = url.text[url.start : url.end]
    link = re.fullmatch(_LINK, text)
    if link:
        return link["target"] or None
    if text[0] != "<" or url.masked.count("<") != 1 or url.masked.count(">") != 1:
        return None
    end = url.masked.rindex(">") - url.start
    return text[1:end] + text[end + 1 :]
