"""What is around a place in a source file: the comment that it is in, or the call that it belongs to.

Comments are found by what the language's family writes for them. Method and parameters of a call are read from the
text, in the innermost brackets that say something; nothing is concluded from what could belong to another call: "" and
() stand for "cannot be seen".
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

# Each pattern takes comments and, so that none is found inside of them, strings. What is not closed goes on to the end
# of its line or file: no text is read twice. A quote after a word or after & or < (Don't, &'a) begins no string.
_QUOTED = rb"""(?:(?<![\w&<])|(?<![\w])[rbfuRBFU]{1,2})(?:"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?)"""
_HASH = rb"""(?P<hash>(?:^|(?<=[\s;)}\],]))\#(?!\{)[^\n]*+)"""
_SLASHES = rb"(?P<line>(?<!:)//[^\n]*+)|(?P<block>/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
_MARKUP = rb"(?P<markup><!--(?:[^-]|-(?!->))*+(?:-->)?)"
# A regular expression of JavaScript may contain quotes: /["'`]/. A longer one is not understood.
_PATTERN = rb"[(,=:\[!&|?{};\n][ \t]{0,20}/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,40}+\]){1,100}+/"
_TEMPLATE = rb"`(?:[^`\\]|\\.)*+`?"
_TRIPLE = (
    rb'''(?P<doc>[rRuUbBfF]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|\'\'\'(?:[^'\\]|\\.|'(?!\'\'))*+(?:\'\'\')?))'''
)
_RUBY = rb"(?P<ruby>^=begin\b(?:[^\n]|\n(?!=end))*+)"
_DASHES = rb"(?P<dashes>--\[\[(?:[^\]]|\](?!\]))*+|--[^\n]*+)"
# For a file of an unknown kind: a line that begins like a comment.
_BEGIN = rb"(?P<begin>^[ \t]*+(?:\#|//|/?\*|--|;|<!--|%|REM\b)[^\n]*+)"


_C = (_SLASHES, _PATTERN, _TEMPLATE, _QUOTED)
_STYLES = {
    "js jsx ts tsx mjs cjs mts cts java kt kts swift go rs c h cc cpp hpp cs scala dart groovy gradle css scss less "
    "json5 jsonc proto m mm": _C,
    "php tf hcl": (_HASH.replace(rb"(?!\{)", rb"(?![{\[])"), _SLASHES, _QUOTED),  # PHP's #[Attribute] is code
    "py pyi": (_HASH, _TRIPLE, _QUOTED),
    "rb rake gemspec": (_HASH, _RUBY, _QUOTED),
    "sh bash zsh fish ksh yml yaml toml pl pm r ex exs ps1 psm1 cfg ini conf env nix make mk http rest bru": (
        _HASH,
        _QUOTED,
    ),
    "vue svelte html htm xml astro": (_MARKUP, _SLASHES, _TEMPLATE, _QUOTED),
    "sql lua hs": (_DASHES, _QUOTED),
    "json ipynb": (),
}


@cache
def _style(suffix: str, *, script: bool) -> re.Pattern[bytes] | None:
    """The pattern for a kind of files; None where there are no comments. `script`: it names its interpreter."""
    other = (_HASH, _QUOTED) if script else (_BEGIN,)
    parts = next((parts for suffixes, parts in _STYLES.items() if suffix in suffixes.split()), other)
    return re.compile(rb"|".join(parts), re.MULTILINE | re.DOTALL) if parts else None


# What a triple-quoted string follows where it is a value; elsewhere it stands alone and documents.
_VALUE = (b"(", b",", b"=", b"+", b"[", b"{", b"\\", b"%", b"return", b"yield", b" in")


def commented(data: bytes, suffix: str, places: Iterable[int]) -> list[bool]:
    """Which of the places, which are bytes in a file of this kind, are inside a comment."""
    style = _style(suffix, script=data.startswith(b"#!"))
    spans = [
        match.span()
        for match in (style.finditer(data) if style is not None else ())
        if match.lastgroup is not None and not (match.lastgroup == "doc" and _is_value(data, match.start()))
    ]
    # The last comment that begins at a place or before it.
    found = (bisect_right(spans, (place, len(data))) - 1 for place in places)
    return [at >= 0 and place < spans[at][1] for at, place in zip(found, places, strict=True)]


def _is_value(data: bytes, start: int) -> bool:
    """Whether the string at `start` is used as a value: something stands before it that takes one."""
    before = data[max(0, start - 200) : start].rstrip()
    if before.endswith(b":"):  # `def f():` on the line before, or a value in a dict
        return b"\n" not in data[max(0, start - 200) : start][len(before) :]
    return before.endswith(_VALUE)


# --- the call

_REACH = 3000  # bytes on either side in which brackets are matched
_LEVELS = 4
_OCCURRENCES = 5  # of a variable that holds the path
# Other words in the name of a function that sends a request: postAsJsonAsync, wp_remote_post, mcPost.
_NEUTRAL = re.compile(
    rb"async|json|as|string|for|entity|object|form|request|api|mc|manychat|wp|remote|http|safe|raw|data|response|fetch"
    rb"|call|send|do|with|auth|url|net"
)
_VERB = re.compile(rb"get|post|put|patch|delete")
_EXPRESSION = (b"(", b",", b"=", b":", b"[", b"?", b"|", b"&")  # what a brace follows that begins no statements
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


def call(data: bytes, start: int, end: int, before: int, after: int, *, export: bool) -> tuple[str, tuple[str, ...]]:
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
    before_it = reversed(list(re.finditer(rb"[()\[\]{}]", data[low:start])))
    opened = [low + match.start() for match in _unmatched(before_it, b")]}")][:_LEVELS]
    closed = [end + match.end() for match in _unmatched(re.finditer(rb"[()\[\]{}]", data[end:high]), b"([{")]
    closed += [high] * len(opened)
    return [
        _Level(first, last, data[first : first + 1], before <= first and last <= after)
        for first, last in zip(opened, closed, strict=False)
    ]


def _unmatched(brackets: Iterable[re.Match[bytes]], partners: bytes) -> Iterator[re.Match[bytes]]:
    """The brackets that match none of those before them; `partners` are what could match."""
    depth = 0
    for match in brackets:
        depth += 1 if match[0] in partners else -1
        if depth < 0:
            yield match
            depth = 0


def _method(data: bytes, start: int, levels: list[_Level], *, export: bool) -> str:
    direct = None if export else _BEFORE.search(data[data.rfind(b"\n", 0, start) + 1 : start][-300:])
    if direct:
        return direct[1].decode().upper()
    for level in levels:
        text, before = data[level.opened : level.closed], data[max(0, level.opened - 80) : level.opened].rstrip()
        if level.bracket == b"{" and not export and not before.endswith(_EXPRESSION):
            return ""  # a block of statements
        said = _said(text) if level.alone else []
        if said:
            return _only(said)
        callee = _CALLEE.search(before) if level.bracket == b"(" else None
        if callee:
            method = _of_name(callee[1], before)
            if callee[1] == b"fetch" and b"," not in data[start : level.closed]:
                method = "GET"
            elif not method and _WRAPPER.fullmatch(callee[1]):
                rest = re.split(rb";|\n\s*\n", data[level.closed : level.closed + 600])[0]
                method = _only(map(bytes.decode, _CHAINED.findall(rest)))
            if method:
                return method
        if not level.alone:
            return ""
        if export and level.bracket == b"{" and b"n8n-nodes-base.httpRequest" in text:
            return "GET"  # n8n leaves its default out
    return ""


def _only(methods: Iterable[str]) -> str:
    """The method that all of them are; "" if they differ."""
    found = {method.upper() for method in methods}
    return found.pop() if len(found) == 1 else ""


def _said(text: bytes) -> list[str]:
    """The methods that a text names outright."""
    found = (b"POST" if match["post"] else match["any"] or match["upper"] for match in _EXPLICIT.finditer(text))
    return [method.decode() for method in found]


def _of_name(name: bytes, before: bytes) -> str:
    """The method in a function's name: `post`, `PostAsync`, `Net::HTTP::Post.new`; "" if it says anything else."""
    owner = re.search(rb"(\w+)\.new$", before) if name == b"new" else None
    words = [word.lower() for word in re.findall(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", owner[1] if owner else name)]
    verbs = [word for word in words if _VERB.fullmatch(word)]
    understood = len(verbs) == 1 and all(_VERB.fullmatch(word) or _NEUTRAL.fullmatch(word) for word in words)
    return verbs[0].decode().upper() if understood else ""


def _curl(data: bytes, start: int) -> str:
    """The method of a curl command; its lines but the last end with a backslash."""
    before = re.split(rb"(?<!\\)\n", data[max(0, start - _REACH) : start])[-1]
    if not re.search(rb"\bcurl\s", before):
        return ""
    text = before + re.split(rb"(?<!\\)\n", data[start : start + _REACH])[0]
    sends = _CURL_DATA.search(text) and not _CURL_GET.search(text)
    return _only(_said(text) or ["POST" if sends else "GET"])


def _through_variable(data: bytes, start: int, end: int) -> str:
    """The method of the calls that get the variable into which the path is put; "" if they differ."""
    assigned = _ASSIGNED.search(data[data.rfind(b"\n", 0, start) + 1 : start][-300:])
    if not assigned:
        return ""
    found = []
    places = re.finditer(rb"(?<![\w.])%s\b(?!\s*:?=)" % assigned[1], data[end : end + _REACH])
    for match in islice(places, _OCCURRENCES):
        at = end + match.start()
        levels = _levels(data, at, end + match.end(), 0, len(data))[:2]
        found.append(_method(data, at, levels, export=False) or _curl(data, at))
    return _only(filter(None, found))


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
