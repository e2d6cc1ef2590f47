"""The uses of ManyChat's operations in the text of one file.

A search for a fixed word, at the speed of memory, finds the places; what is around each says what it is. One pattern
with all the words would be slower by a factor of twenty: Python's `re` only skips ahead for a word that comes first.
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from mcapp.scopes.catalogue import Endpoint, load

CLASSES = ("literal", "prefix-elsewhere", "sdk-chain", "comment-or-test", "dynamic")
LITERAL, PREFIX, CHAIN, COMMENT, DYNAMIC = CLASSES

_GROUPS = (b"page", b"sending", b"subscriber")
# A file without any of these has no use; the patterns below begin with them.
WORDS = (*_GROUPS, *(group.title() for group in _GROUPS), b"/fb", b"api.manychat.com")
MOST = 1000  # uses in one file, and places that are looked at beyond them
_PLACES = 100_000

# A value that is put in, and what joins strings; both behind a path.
_PUT_IN = rb"""\$\{|\$\w|\$\(|\{|\#\{|%[sv@({]|\\\("""
_JOINED = rb"""\\?["'`]\s{0,20}(?:\+(?!\+)|\.(?=[\s$(])|&\s|<<|~\s|\|\||\.concat\()"""
# Two literals side by side are one: "/fb" + "/subscriber/addTag".
_VARIES = re.compile(
    rb"(?:%s|%s)(?!\s{0,20}[\"'`]/?(?:page|sending|subscriber|fb)\b)" % (_PUT_IN + rb"|\*|<\w|:\w", _JOINED)
)
_VARIES_AT_ONCE = re.compile(rb"(?:%s|%s)(?!\s{0,20}[\"'`]/?(?:page|sending|subscriber|fb)\b)" % (_PUT_IN, _JOINED))

_TAIL = rb"""(?x:
    (?P<slash>\\?/)(?P<op>[A-Za-z]\w*)?
  | "\s{0,80},\s{0,80}"(?P<item>[A-Za-z]\w*)"
  | s?(?:\(\s{0,20}\))?\s{0,80}(?:
        (?:\?->|->|\?\.|\.|::)\s{0,80}(?P<call>[A-Za-z]\w*)
      | (?:\?\.)?\[\s{0,20}["'](?P<index>\w+)["']\s{0,20}\]
      | (?P<varies>(?:\?\.)?\[[\w$.]{1,60}\]\s?\(|\??->\{?\$\w+\}?\s?\()
      | (?P<getattr>,)
    )
)"""
_ANCHORS = tuple(re.compile(rb"(?P<group>%s)%s" % (word, _TAIL)) for word in WORDS if word.lower() in _GROUPS)
_FB = re.compile(rb"/fb(?P<slash>\\?/)?(?P<group>(?:page|sending|subscriber)(?![\w/\\]))?(?P<other>[A-Za-z]\w*)?")
_SEGMENTS = re.compile(rb"(?:\\?/[\w-]+)*")
_QUERY_JOINED = re.compile(rb"""\\?["'`]\s*[+.]\s*["'`]\?""")
_HOST = re.compile(rb"api\.manychat\.com(?::\d+)?(?P<path>(?:\\?/[\w.-]*)*)")
# What stands before a group's name, back to where the string or the word begins.
_HEAD = re.compile(rb"""[^\s"'`<>|,;()=\[\]]*$""")
_FB_HEAD = re.compile(rb"(?:^|/)fb/$")
_CHANNEL = re.compile(rb"(?:^|[/}])(wa|ig|tg|tiktok|whatsapp|instagram|telegram)/$")
_BASE = re.compile(rb"(?:^|\}/?|\$\w+/?|%[sv]/?|^/)$")
_DOTTED = re.compile(rb"(?:\?->|->|\?\.|\.|::)\s{0,80}$")
_FB_CHAIN = re.compile(rb"\bfb(?:\(\))?\s{0,80}(?:\?->|->|\?\.|\.)\s{0,80}$")
_NAMED = re.compile(rb"(?i:many_?-?chat)")
_VERB = re.compile(rb"(?:get|set|find|add|remove|create|update|send|verify|delete)[A-Z]")
# Names that other programs have too: a chain with one counts where the file names ManyChat.
_COMMON = frozenset({"getinfo", "addtag", "removetag", "gettags", "createtag", "findbyname"})
_DOCUMENTATION = re.compile(rb"/(?:swagger|docs?|api-docs)\b")
_TEST_FOLDER = re.compile(
    r"(?i:tests?|specs?|mocks?|fixtures?|__(?:tests|mocks|fixtures)__|testdata|e2e|cypress|stubs)"
)
_TEST_FILE = re.compile(
    r"(?i:(?:^|[._-])(?:tests?|spec|mocks?|stubs?|fixtures?)(?:[._-]|$))|[a-z](?:Tests?|Spec|Mock)\."
)
# In an export the value of such a key is prose, and a path that is a key documents.
_KEY = re.compile(rb'"(\w+)"\s*:\s*"(?:[^"\\]|\\.)*$')
_YAML_KEY = re.compile(rb"[ \t-]*(\w+):\s")
_PROSE = frozenset({b"name", b"title", b"summary", b"description", b"notes", b"note", b"content", b"comment", b"label"})
_IS_KEY = re.compile(rb'[^"\n]{0,200}"\s*:|[\w/{}.-]{0,200}:\s*(?:#.*)?$', re.MULTILINE)
_REST = re.compile(rb"""[^\s"'`<>]{0,60}""")
_OWN = re.compile(rb'\s*\{\s*"schema_version"|# The scopes that the App Key is expected')


class Use(NamedTuple):
    """A place that calls an operation, or may. Lines and columns (in code points) count from 1.

    `endpoint` is the operation where it is known; `unknown` the path of one that ManyChat does not have. `text` is what
    stands there. `method` ("" where the text does not show it) and `parameters` are those of the call.
    """

    path: str
    line: int
    column: int
    kind: str
    text: str
    endpoint: Endpoint | None = None
    unknown: str = ""
    method: str = ""
    parameters: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The endpoint, as the catalogue names it."""
        return self.endpoint.scope if self.endpoint else ""


class Found(NamedTuple):
    """What is in one file: its uses in order, lines where a base address stands, and whether it has more than MOST."""

    uses: list[Use]
    bases: list[int]
    cut: bool = False


class _Hit(NamedTuple):
    start: int
    end: int
    kind: str
    endpoint: Endpoint | None = None
    unknown: str = ""


@cache
def _operations() -> tuple[dict[str, Endpoint], dict[tuple[str, str], Endpoint]]:
    """The endpoints by path, and by group and name in lower case without underscores, as SDKs spell them."""
    by_path = {endpoint.path: endpoint for endpoint in load()}
    by_name = {(each.group, each.path.rpartition("/")[2].lower()): each for each in load()}
    return by_path, by_name


def is_test(path: str, folder: str) -> bool:
    """Whether a file below `folder` is a test, a mock or a fixture, by its name and its folders'."""
    below = os.path.relpath(path, folder) if folder else os.path.basename(path)  # noqa: PTH119  # as typed
    parts = re.split(r"[\\/]", below)
    return bool(_TEST_FILE.search(parts[-1])) or any(_TEST_FOLDER.fullmatch(part) for part in parts[:-1])


def find(data: bytes, path: str, *, test: bool = False) -> Found:
    """The uses in `data`, the content of the file `path`; with `test` all are of the class COMMENT."""
    if _OWN.match(data):
        return Found([], [])
    named = cache(lambda: bool(_NAMED.search(data)))
    hits: list[_Hit] = []
    bases: list[int] = []
    for pattern, read in (*((anchor, _group) for anchor in _ANCHORS), (_FB, _fb), (_HOST, _host)):
        for number, match in enumerate(pattern.finditer(data)):
            hit = read(data, match, named)
            if isinstance(hit, _Hit):
                hits.append(hit)
            elif hit:
                bases.append(data.count(b"\n", 0, match.start()) + 1)
            if len(hits) > MOST or len(bases) > MOST or number > _PLACES:
                break
    hits.sort(key=lambda hit: hit[:2])
    uses = list(_uses(data, path, hits[:MOST], test=test)) if hits else []
    return Found(uses, sorted(bases), len(hits) > MOST)


def _uses(data: bytes, path: str, hits: list[_Hit], *, test: bool) -> Iterator[Use]:
    """The hits with place, class and call; places are counted on from the hit before."""
    from mcapp.usage import context  # its patterns take 15 ms: only where there is something to look at

    kind = os.path.basename(path).lower().rpartition(".")[2]  # noqa: PTH119  # "dockerfile", without a suffix
    export = kind in ("json", "ipynb", "yaml", "yml")
    places = [hit.start for hit in hits]
    comments = [True] * len(hits) if test else context.commented(data, kind, places)
    comments = [comment or (export and _documents(data, hit)) for hit, comment in zip(hits, comments, strict=True)]
    calls = [hit for hit, comment in zip(hits, comments, strict=True) if not comment]
    ends = iter([0, *(hit.end for hit in calls)])
    starts = iter([*(hit.start for hit in calls[1:]), len(data)])
    line, column, at = 1, 1, 0
    for hit, comment in zip(hits, comments, strict=True):
        newlines = data.count(b"\n", at, hit.start)
        if newlines:
            line, column, at = line + newlines, 1, data.rindex(b"\n", 0, hit.start) + 1
        column += len(data[at : hit.start].decode("utf-8", "replace"))
        at = hit.start
        method, parameters = "", tuple[str, ...]()
        if not comment:
            before, after = next(ends), next(starts)
            if hit.endpoint is not None and hit.kind in (LITERAL, PREFIX):
                method, parameters = context.call(data, hit.start, hit.end, before, after, export=export)
        end = hit.end
        if hit.kind == DYNAMIC:  # with what is put in, as far as the string goes
            end = _REST.match(data, end).end()  # type: ignore[union-attr]  # it matches nothing as well
        text = data[hit.start : end].decode("utf-8", "replace")
        known = COMMENT if comment else hit.kind
        yield Use(path, line, column, known, text, hit.endpoint, hit.unknown, method, parameters)


def _documents(data: bytes, hit: _Hit) -> bool:
    """In a JSON or YAML file: whether the path is prose, a key, or inside a comment of code that is in a string."""
    before = data[max(0, hit.start - 2000) : hit.start].rpartition(b"\n")[2]
    key = _KEY.search(before) or _YAML_KEY.match(before)
    if key and key[1].lower() in _PROSE:
        return True
    code = re.split(rb'\\n|(?<!\\)"', before)[-1].lstrip()
    return code.startswith((b"//", b"#", b"* ")) or _IS_KEY.match(data, hit.end) is not None


# --- what one place is: a hit, True for a base address, or nothing


def _group(data: bytes, match: re.Match[bytes], named: Callable[[], bool]) -> _Hit | None:
    """A place with the name of a group: a path with an operation, or a chain of calls."""
    start = match.start()
    before = data[max(0, start - 200) : start]
    group = match["group"].lower().decode()
    if match["slash"]:
        return _path(data, match, before.rpartition(b"\n")[2], group, named) if match["group"].islower() else None
    if not match["item"]:
        return _chain(data, match, before, group, named)
    # Postman's list of a path's segments, where the path itself is not written above it.
    endpoint = _operations()[0].get(f"/fb/{group}/{match['item'].decode()}")
    if endpoint is None or not re.search(rb'"fb"\s*,\s*"$', before):
        return None
    written = endpoint.path.encode() in data[max(0, start - 1000) : start]
    return None if written else _Hit(start, match.end(), LITERAL, endpoint)


def _path(data: bytes, match: re.Match[bytes], line: bytes, group: str, named: Callable[[], bool]) -> _Hit | None:
    """`subscriber/addTag`, with what is before it on its `line`."""
    head = _HEAD.search(line)[0].replace(b"\\/", b"/")  # type: ignore[index]  # it matches nothing as well
    fb, channel, host = _FB_HEAD.search(head), _CHANNEL.search(head), head.endswith(b"manychat.com/")
    if not (fb or channel or host or _BASE.search(head)):
        return None
    kind = LITERAL if fb or channel or host else PREFIX
    start, end = match.start() - (len(b"/fb/") if fb and head != b"fb/" else 0), match.end()
    name = (match["op"] or b"").decode()
    path = f"/fb/{group}/{name}"
    endpoint = _operations()[0].get(path)
    varies = _VARIES_AT_ONCE.match(data, end)
    if not name or (varies and endpoint is None):
        constant = fb and not name and data[end : end + 1] in (b'"', b"'", b"`")
        made = _VARIES.match(data, end) and (fb or named())
        return _Hit(start, end, DYNAMIC) if made or constant else None
    longer = re.match(rb"\\?/\w", data[end : end + 3])
    if re.match(rb"[.-]\w", data[end : end + 2]) or (longer and not fb):
        return None  # the name of a file, or a longer path of something else
    if host or (channel and (endpoint or named())):
        return _Hit(match.start(), end, kind, None, f"{f'/{channel[1].decode()}' if channel else ''}/{group}/{name}")
    if endpoint is None or longer:
        meant = fb or (group != "page" and _VERB.match(name.encode()) and named())
        return _Hit(start, end, kind, None, path) if meant else None
    # addTag and addTagByName: what is joined to a name may make another one of it, or be a query.
    several = sum(each.startswith(path) for each in _operations()[0]) > 1
    if varies and several and endpoint.method == "POST" and not _QUERY_JOINED.match(data, end):
        return _Hit(start, end, DYNAMIC)
    return _Hit(start, end, kind, endpoint)


def _chain(data: bytes, match: re.Match[bytes], before: bytes, group: str, named: Callable[[], bool]) -> _Hit | None:
    """`client.subscriber.addTagByName`, `$api->fb->page->getInfo`, `client.Subscriber().AddTagByName`."""
    dotted, fb = bool(_DOTTED.search(before)), bool(_FB_CHAIN.search(before))
    if not dotted and (before[-1:].isalnum() or (before[-1:] in b"_/" and before)):
        return None
    if match["varies"] or match["getattr"]:
        varies = match["varies"] or re.search(rb"\bgetattr\(\s*[\w.()]*\.$", before)
        return _Hit(match.start(), match.end(), DYNAMIC) if varies and dotted and (fb or named()) else None
    name = (match["call"] or match["index"]).decode()
    short = name.replace("_", "").lower().removesuffix("async")
    endpoint = _operations()[1].get((group, short))
    if endpoint is not None:
        known = fb or (short not in _COMMON and (dotted or named())) or (dotted and named())
        return _Hit(match.start(), match.end(), CHAIN, endpoint) if known else None
    if name in ("public_send", "__send__") and dotted and (fb or named()):
        return _Hit(match.start(), match.end(), DYNAMIC)
    called = data[match.end() : match.end() + 1] == b"("
    return _Hit(match.start(), match.end(), CHAIN, None, f"/fb/{group}/{name}") if fb and called else None


def _fb(data: bytes, match: re.Match[bytes], named: Callable[[], bool]) -> _Hit | None:
    """`/fb` where no known group follows: the path is put together, or is not ManyChat's."""
    end = match.end()
    group, other = match["group"], match["other"]
    host = data[max(0, match.start() - 16) : match.start()].endswith(b"manychat.com")
    if other is None or group:
        varies = (_VARIES if match["slash"] else _VARIES_AT_ONCE).match(data, end)
        return _Hit(match.start(), end, DYNAMIC) if varies and (group or host or named()) else None
    if not match["slash"] or re.match(rb"(?:page|sending|subscriber)$", other) or not (host or named()):
        return None
    rest = _SEGMENTS.match(data, end)
    path = match[0] + (rest[0] if rest else b"")
    end = match.start() + len(path)
    return _Hit(match.start(), end, LITERAL, None, path.replace(b"\\/", b"/").decode("utf-8", "replace"))


def _host(data: bytes, match: re.Match[bytes], named: Callable[[], bool]) -> _Hit | bool:  # noqa: ARG001  # as the others
    """ManyChat's address: a base for paths that are elsewhere (True), put together, or a path outside of /fb."""
    path = match["path"].replace(b"\\/", b"/").rstrip(b"/.").decode("utf-8", "replace")
    if path in ("", "/fb"):
        varies = _VARIES_AT_ONCE.match(data, match.end())
        return _Hit(match.start(), match.end(), DYNAMIC) if varies and not path else not varies
    if path.startswith("/fb/") or _DOCUMENTATION.match(path.encode()):
        return False
    endpoint = _operations()[0].get(path)
    at = match.start("path")
    first = path.split("/")[1]
    if endpoint is None and (first.encode() in _GROUPS or _CHANNEL.search(f"/{first}/".encode())):
        return False  # `_path` reports it
    return _Hit(at, match.end(), LITERAL, endpoint, "" if endpoint else path)
