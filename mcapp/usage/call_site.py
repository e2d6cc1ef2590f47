"""Method and parameters of the call around a path, read from the text: the innermost brackets that say something.

Nothing is concluded from what could belong to another call: "" and () stand for "cannot be seen".
"""

import re
from typing import NamedTuple

_REACH = 3000  # bytes on either side in which brackets are matched
_LEVELS = 4
_OCCURRENCES = 5  # of a variable that holds the path
# Other words in the name of a function that sends a request: postAsJsonAsync, wp_remote_post, mcPost.
_NEUTRAL = re.compile(
    "async|json|as|string|for|entity|object|form|request|api|mc|manychat|wp|remote|http|safe|raw|data|response|fetch|call"
    "|send|do|with|auth|url|net"
)
_VERB = re.compile("get|post|put|patch|delete")
_EXPLICIT = re.compile(
    rb"""(?x)
    (?i:\b_?method["']?\s{0,20}(?:=>|:=|[:=(,])\s{0,20}(?:["'`]|\w+\.(?:Method)?)?|-X\s?["']?|--request[=\s]["']?
        |CURLOPT_CUSTOMREQUEST["']?\s{0,20}(?:=>|,)\s{0,20}["']|HttpMethod\.|http\.Method|\brequest\(\s{0,20}["'`])
      (?P<any>(?i:get|post|put|patch|delete))\b
    | ["'`](?P<upper>GET|POST|PUT|PATCH|DELETE)(?=["'`\s])
    | (?P<post>CURLOPT_POST\b(?:FIELDS)?["']?\s{0,20}(?:=>|,))
    """
)
# Builders name the method behind the address: .uri(URI.create("…")).POST(body). `.get("name")` is something else.
_CHAINED = re.compile(rb"\.((?i:get|post|put|patch|delete))\((?!\s*[\"'])")
_WRAPPER = re.compile(rb"(?i:ur[il]|parse|create|format|sprintf|encodeuri|encodeuricomponent|(?:url)?join|newbuilder)")
_CALLEE = re.compile(rb"([A-Za-z_]\w*)!?(?:<[\w.<>\[\], ]{0,60}>)?$")
# `post "…` without brackets, and "POST /fb/…" in one string.
_BEFORE = re.compile(rb"(?i:(?<![\w$])(get|post|put|patch|delete))\s+(?:[\"'`]\s*)?[^\s\"'`(),]*$")
_ASSIGNED = re.compile(rb"(?:^|[\s$@(])([A-Za-z_]\w*)(?:\s*(?::\s*\w+\s*)?:?=\s|=[^\s=])[^\n]*$")
_CURL_DATA = re.compile(rb"\s(?:-d|--data[\w-]*|--json|-F|--form)(?=[\s='\"@])")
_CURL_GET = re.compile(rb"\s(?:-G|--get)\b")
_PARAMS = re.compile(rb"""(?i:\b(?:params|query(?:_?params|Parameters)?|qs))["']?\s{0,20}(?:=>|[:=])\s{0,20}[{\[]""")
_LISTED = re.compile(rb"""["'](?:name|key)["']\s*:\s*["'](\w+)["']""")
_NAMES = re.compile(rb"""(?:^|[{,(\[\n])\s*["']?(\w+)["']?\s*(?::(?!:)|=>|,|$)""")
_QUERY = re.compile(rb"""\?((?:[\w\[\]-]+=[^&"'`\s]*&?)+)""")


class _Level(NamedTuple):
    """A pair of brackets around a place: where it opens and ends, the first of them, whether no other use is inside."""

    opened: int
    closed: int
    bracket: bytes
    alone: bool


def read(data: bytes, start: int, end: int, before: int, after: int, *, export: bool) -> tuple[str, tuple[str, ...]]:
    """Method ("POST", "" unknown) and parameters' names of the call whose path is `data[start:end]`.

    The uses next to it end at `before` and start at `after`. An `export` is JSON or YAML.
    """
    levels = _levels(data, start, end, before, after)
    method = _method(data, start, levels, export=export)
    if not method and not export:
        method = _curl(data, start) or _through_variable(data, start, end)
    return method, _parameters(data, end, levels)


def _levels(data: bytes, start: int, end: int, before: int, after: int) -> list[_Level]:
    """The brackets around `data[start:end]`, the innermost first; one that is not closed within reach ends there."""
    low, high = max(0, start - _REACH), min(len(data), end + _REACH)
    opened: list[int] = []
    depth = 0
    for match in reversed(list(re.finditer(rb"[()\[\]{}]", data[low:start]))):
        depth += 1 if match[0] in b")]}" else -1
        if depth < 0:
            opened.append(low + match.start())
            depth = 0
    opened = opened[:_LEVELS]
    closed: list[int] = []
    depth = 0
    for match in re.finditer(rb"[()\[\]{}]", data[end:high]):
        depth += 1 if match[0] in b"([{" else -1
        if depth < 0:
            closed.append(end + match.end())
            depth = 0
    closed += [high] * len(opened)
    return [
        _Level(first, last, data[first : first + 1], before <= first and last <= after)
        for first, last in zip(opened, closed, strict=False)
    ]


def _method(data: bytes, start: int, levels: list[_Level], *, export: bool) -> str:
    direct = None if export else _BEFORE.search(data[data.rfind(b"\n", 0, start) + 1 : start][-300:])
    if direct:
        return _upper(direct[1])
    for level in levels:
        text, before = data[level.opened : level.closed], data[max(0, level.opened - 80) : level.opened].rstrip()
        if (
            level.bracket == b"{"
            and not export
            and not before.endswith((b"(", b",", b"=", b":", b"[", b"?", b"|", b"&"))
        ):
            return ""  # a block of statements
        said = _said(text) if level.alone else set()
        if said:
            return said.pop() if len(said) == 1 else ""
        callee = _CALLEE.search(before) if level.bracket == b"(" else None
        if callee:
            method = _of_name(callee[1], before)
            if method:
                return method
            if callee[1] == b"fetch" and b"," not in data[start : level.closed]:
                return "GET"
            if _WRAPPER.fullmatch(callee[1]):
                rest = re.split(rb";|\n\s*\n", data[level.closed : level.closed + 600])[0]
                chained = {_upper(each) for each in _CHAINED.findall(rest)}
                if len(chained) == 1:
                    return chained.pop()
        if not level.alone:
            return ""
        if export and level.bracket == b"{" and b"n8n-nodes-base.httpRequest" in text:
            return "GET"  # n8n leaves its default out
    return ""


def _upper(verb: bytes) -> str:
    return verb.decode().upper()


def _said(text: bytes) -> set[str]:
    """The methods that a text names outright."""
    return {"POST" if match["post"] else _upper(match["any"] or match["upper"]) for match in _EXPLICIT.finditer(text)}


def _of_name(name: bytes, before: bytes) -> str:
    """The method in a function's name: `post`, `PostAsync`, `Net::HTTP::Post.new`; "" if it says anything else."""
    owner = re.search(rb"(\w+)\.new$", before) if name == b"new" else None
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", (owner[1] if owner else name).decode("ascii", "replace"))
    verbs = [word.upper() for word in words if _VERB.fullmatch(word.lower())]
    others = [word for word in words if not _VERB.fullmatch(word.lower())]
    return verbs[0] if len(verbs) == 1 and all(_NEUTRAL.fullmatch(word.lower()) for word in others) else ""


def _curl(data: bytes, start: int) -> str:
    """The method of a curl command; its lines but the last end with a backslash."""
    low = max(0, start - _REACH)
    before = re.split(rb"(?<!\\)\n", data[low:start])[-1]
    text = before + re.split(rb"(?<!\\)\n", data[start : start + _REACH])[0]
    if not re.search(rb"\bcurl\s", before):
        return ""
    said = _said(text)
    if said:
        return said.pop() if len(said) == 1 else ""
    return "POST" if _CURL_DATA.search(text) and not _CURL_GET.search(text) else "GET"


def _through_variable(data: bytes, start: int, end: int) -> str:
    """The method of the calls that get the variable into which the path is put; "" if they differ."""
    assigned = _ASSIGNED.search(data[data.rfind(b"\n", 0, start) + 1 : start][-300:])
    if not assigned:
        return ""
    found = set()
    for match in list(re.finditer(rb"(?<![\w.])%s\b(?!\s*:?=)" % assigned[1], data[end : end + _REACH]))[:_OCCURRENCES]:
        at = end + match.start()
        levels = _levels(data, at, end + match.end(), 0, len(data))[:2]
        found.add(_method(data, at, levels, export=False) or _curl(data, at))
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _parameters(data: bytes, end: int, levels: list[_Level]) -> tuple[str, ...]:
    """The names in the query behind the path, or in what the call names its parameters."""
    query = _QUERY.match(data, end, end + 500)
    if query:
        return tuple(part.partition(b"=")[0].decode() for part in query[1].split(b"&") if part)
    for level in levels:
        params = _PARAMS.search(data, level.opened, level.closed) if level.alone else None
        if params:
            inside = data[params.end() - 1 : _levels(data, params.end(), params.end(), 0, len(data))[0].closed]
            names = _LISTED.findall(inside) or _NAMES.findall(inside)
            return tuple(dict.fromkeys(name.decode() for name in names))
    return ()
