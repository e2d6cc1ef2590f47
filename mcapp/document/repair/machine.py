"""A strict parser of tokens that keeps nothing but its state, and weighs how well what it reads fits what is expected.

The state is a value: the search for a repair goes back to any of the last ones and reads on from there with an edit.
"""

import re
from collections import deque
from typing import NamedTuple

from mcapp.document.escapes import DOUBLE
from mcapp.document.tokens import CLOSE, COLON, COMMA, KEYED, MAX_DIGITS, NUMBER, OPEN, STRING

# What may come next.
VALUE = 0
FIRST_VALUE = 1  # after `[`
KEY = 2
FIRST_KEY = 3  # after `{`
AFTER_KEY = 4
AFTER_VALUE = 5
DONE = 6  # the document's one value is complete

# The kinds of value, to be joined with `|`.
OBJECT, ARRAY, TEXT, NUMERIC, LITERAL = 1, 2, 4, 8, 16
ANYTHING = 31

# As mcapp.document.tokens.TOKEN, but a string is one whatever comes after it: what comes after it has its own turn.
_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        "([^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*)"(?:[ \t\n\r]*+(:))?
      | (\{(?!\{)|\[(?!\[[ ]*+(?!(?:true|false|null)\b)[A-Za-z_]))
      | ([}\]])
      | (,)
      | (:)
      | (-?+(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?(?:[eE][-+]?+[0-9]++)?)(?![\w.+-])
      | (true|false|null)(?![\w$-])
    )""",
    re.VERBOSE,
)
_STRINGS = (STRING, KEYED)
_TWO_HEADERS = re.compile(r"[,;]\s*[A-Za-z][\w-]*:\s")
# A typographic quote before punctuation: more than one string, perhaps.
_QUOTED_MORE = re.compile(rf"[{DOUBLE}] *[,:\]}}]")
_PLAIN_KEY = re.compile(r"[\w$. -]*+")

# What each mismatch weighs, in the same unit as the costs of edits.
WRONG_KIND = 2.0
ELSEWHERE = 3.0  # a key that is known in an object around this one, or twice here
UNKNOWN_KEY = 1.0
LACKING = 1.0
SUSPICIOUS_TEXT = 1.0
INDENTATION = 0.6
MIXED = 0.5  # elements of several kinds in an array


class Shape:
    """What is expected at one place of a document: the kinds of value, and in an object or array what is in it.

    `members` None: any key will do. `first`: the first key decides which of several shapes an object has.
    `header`: a string is one line of an HTTP header.
    """

    __slots__ = ("first", "header", "item", "kinds", "members", "required")

    def __init__(self, kinds: int = ANYTHING, *, header: bool = False) -> None:
        self.kinds = kinds
        self.header = header
        self.members: dict[str, tuple[int, Shape]] | None = None
        self.required = 0
        self.item: Shape | None = None
        self.first: dict[str, Shape] = {}

    def expect(self, members: "dict[str, Shape]", required: tuple[str, ...] = ()) -> "Shape":
        """The members that an object has; returns itself."""
        self.members = {key: (1 << bit, shape) for bit, (key, shape) in enumerate(members.items())}
        self.required = sum(self.members[key][0] for key in required)
        return self


class State(NamedTuple):
    """Before the token at or after text[pos].

    `up`: the state before the opening bracket of the open object or array, which stands at `start`; `last`: the one
    before the bracket that opened the object or array which was closed last in it. `current`: the shape of the value
    that comes. `line` is the indentation of the line with the opening bracket, `content` that of what is inside (-1:
    not known), `margin` that of the present line. `weight`: what did not fit so far.
    `either`: the open one may be closed by either bracket. `entry`: where the text of the open object's last member
    begins, ~where if it is the first.
    """

    pos: int
    expect: int = VALUE
    up: "State | None" = None
    is_object: bool = False
    start: int = -1
    shape: Shape | None = None
    current: Shape | None = None
    seen: int = 0
    line: int = -1
    content: int = -1
    margin: int = 0
    key: str = ""
    last: "State | None" = None
    depth: int = 0
    weight: float = 0.0
    either: bool = False
    entry: int = 0


Window = deque[tuple[object, ...]]


def run(  # one loop: a call for each token would double its time
    text: str,
    state: State,
    stop: int,
    max_depth: int,
    trace: Window | None = None,
    suspects: list[list[State]] | None = None,
) -> State:
    """Read text from `state` to the first token that ends at or after `stop`, or up to one that is wrong.

    `trace` gets the state before each token, the wrong one's included; `suspects` copies of it where something does
    not fit, so that a bracket which was lost there can be found when the text ends.
    """
    (
        pos,
        expect,
        up,
        is_object,
        start,
        shape,
        current,
        seen,
        line,
        content,
        margin,
        key,
        last,
        depth,
        weight,
        either,
        entry,
    ) = state
    match = _TOKEN.match
    while pos < stop:
        if trace is not None:
            trace.append(
                (
                    pos,
                    expect,
                    up,
                    is_object,
                    start,
                    shape,
                    current,
                    seen,
                    line,
                    content,
                    margin,
                    key,
                    last,
                    depth,
                    weight,
                    either,
                    entry,
                )
            )
        found = match(text, pos)
        if found is None:
            break
        kind = found.lastindex
        end = found.end()
        if kind == COMMA:
            if expect != AFTER_VALUE:
                break
            expect = KEY if is_object else VALUE
            current = None if is_object or shape is None else shape.item
            pos = end
            continue
        if kind == COLON:
            if expect != AFTER_KEY:
                break
            expect = VALUE
            pos = end
            continue
        weight_before = weight
        if kind in _STRINGS:
            begin = found.start(1) - 1
        elif kind == NUMBER:
            begin = found.start(7)
        else:
            begin = found.start(kind)  # type: ignore[arg-type]  # a match has matched one of the groups
        if begin > pos:
            break_at = text.rfind("\n", pos, begin)
            if break_at >= 0:
                margin = begin - break_at - 1
                if kind == CLOSE:
                    if margin != line and line >= 0:
                        weight += INDENTATION
                elif content < 0:
                    content = margin
                    if margin <= line:
                        weight += INDENTATION
                elif margin != content:
                    weight += INDENTATION
        if kind == CLOSE:
            if (expect != AFTER_VALUE and expect != FIRST_KEY and expect != FIRST_VALUE) or up is None:
                weight = weight_before
                break
            if text[end - 1] != ("}" if is_object else "]") and not either:
                weight = weight_before
                break
            if shape is not None and shape.required:
                weight += LACKING * (shape.required & ~seen).bit_count()
            last = up
            _, _, up, is_object, start, shape, _, seen, line, content, _, key, _, depth, _, either, entry = up
            current = None
            expect = AFTER_VALUE if up is not None else DONE
        elif kind == KEYED or (kind == STRING and expect in (KEY, FIRST_KEY)):
            if expect != KEY and expect != FIRST_KEY:
                weight = weight_before
                break
            key = text[begin + 1 : found.end(1)]
            entry = pos if expect == KEY else ~pos
            expect = VALUE if kind == KEYED else AFTER_KEY
            current = None
            if shape is not None:
                if shape.first:
                    shape = shape.first.get(key) or shape.first[""]
                if shape.members is not None:
                    known = shape.members.get(key)
                    if known is None:
                        weight += ELSEWHERE if known_around(up, key) else UNKNOWN_KEY
                        if not _PLAIN_KEY.fullmatch(key):
                            weight += SUSPICIOUS_TEXT
                    else:
                        if seen & known[0]:
                            weight += ELSEWHERE
                        seen |= known[0]
                        current = known[1]
                else:
                    current = shape.item
                    if not key.isidentifier() and not _PLAIN_KEY.fullmatch(key):
                        weight += SUSPICIOUS_TEXT
            elif not key.isidentifier() and not _PLAIN_KEY.fullmatch(key):
                weight += SUSPICIOUS_TEXT
        elif expect > FIRST_VALUE:
            weight = weight_before
            break
        elif kind == OPEN:
            if depth >= max_depth:
                weight = weight_before
                break
            opens_object = text[end - 1] == "{"
            value_kind = OBJECT if opens_object else ARRAY
            if current is not None and not current.kinds & value_kind:
                weight += WRONG_KIND
            if not is_object:
                if seen and seen != value_kind:
                    weight += MIXED
                seen |= value_kind
            up = State(
                pos,
                expect,
                up,
                is_object,
                start,
                shape,
                current,
                seen,
                line,
                content,
                margin,
                key,
                last,
                depth,
                weight_before,
                either,
                entry,
            )
            is_object, start, shape, last, seen, line, content, either = (
                opens_object,
                begin,
                current,
                None,
                0,
                margin,
                -1,
                False,
            )
            if shape is not None and not shape.kinds & (OBJECT if opens_object else ARRAY):
                shape = None
            depth += 1
            current = None if opens_object or shape is None else shape.item
            expect = FIRST_KEY if opens_object else FIRST_VALUE
        else:
            if kind == STRING:
                value_kind = TEXT
                value = text[begin + 1 : found.end(1)]
                if (value and (value[0] in ",: " or value[-1] in ",:[{ ")) or (
                    not value.isascii() and _QUOTED_MORE.search(value)
                ):
                    weight += SUSPICIOUS_TEXT
                if current is not None and current.header:
                    if ":" not in value:
                        weight += SUSPICIOUS_TEXT
                    elif _TWO_HEADERS.search(value):
                        weight += WRONG_KIND
            elif kind == NUMBER:
                if end - begin > MAX_DIGITS and found.end(7) == end and end - begin - (text[begin] == "-") > MAX_DIGITS:
                    weight = weight_before
                    break
                value_kind = NUMERIC
            else:
                value_kind = LITERAL
            if current is not None and not current.kinds & value_kind:
                weight += WRONG_KIND
            if not is_object:
                if seen and seen != value_kind:
                    weight += MIXED
                seen |= value_kind
            expect = AFTER_VALUE if up is not None else DONE
        if weight > weight_before and suspects is not None and trace is not None and len(suspects) < 6:
            suspects.append([State(*each) for each in trace])  # type: ignore[arg-type]  # they are the fields of a State
        pos = end
    return State(
        pos,
        expect,
        up,
        is_object,
        start,
        shape,
        current,
        seen,
        line,
        content,
        margin,
        key,
        last,
        depth,
        weight,
        either,
        entry,
    )


def known_around(up: State | None, key: str) -> bool:
    """Whether an object around this one has `key`."""
    while up is not None:
        if up.shape is not None and up.shape.members and key in up.shape.members:
            return True
        up = up.up
    return False
