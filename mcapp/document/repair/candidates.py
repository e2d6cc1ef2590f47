"""The edits that are tried where strict reading stops, each with what it costs; repair.messages says them in words."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from mcapp.document.places import skip_space
from mcapp.document.reader import DOUBLE, KEYED, SINGLE, TOKEN
from mcapp.document.repair.habits import corrected
from mcapp.document.repair.machine import AFTER_KEY, AFTER_VALUE, FIRST_KEY, FIRST_VALUE, KEY, VALUE, State

# What an edit costs. A look-alike is what a word processor, another language or the key beside it writes.
LOOK_ALIKE, DOUBLED, INSERTED, REMOVED, REPLACED = 0.9, 1.0, 1.2, 1.3, 1.6
_ALIKE = {
    '"': "'`\u00b4" + DOUBLE + SINGLE,
    ":": ";=\uff1a",
    ",": ";.\uff0c\u3001\uff1b",
    "{": "[(",
    "[": "{(",
    "}": "])",
    "]": "})",
}
_SEPARATORS = (*_ALIKE[":"], *_ALIKE[","])
# Characters around the failing token in which quotes are tried, and in which the end of an object or array is looked
# for.
_QUOTED, _INSIDE = 600, 600

_FOLLOWS = re.compile(r"[ \t]*+(?:[,:\]}\r\n]|//|/\*|\Z)")
_COMMAS = re.compile(r",(?>(?:[ \t\r\n]*+,)+)")
_STRUCTURAL = re.compile(r"[ \t]*+[,:]")
_QUOTE = re.compile(r'\\.|"')
_OVER_LINES = re.compile(r'"([^"\\]{0,4000}+(?>(?:\\.[^"\\]{0,4000}+){0,200}))"', re.DOTALL)
_PAIR = re.compile(r'"[^"\\\n]*+("\s*+:\s*+")[^"\\\n]*+"')
# In what is not read only brackets and commas count; those in strings do not.
PIECE = re.compile(r'"(?>(?:[^"\\\r\n]++|\\.)*)"?+|([\[{])|([\]}])|(,)')


class Candidate(NamedTuple):
    """An edit of text[start:end], tried from the state `origin`. `kind` says what it does, for the message."""

    cost: float
    origin: State
    start: int
    end: int
    new: str
    kind: str


def candidates(text: str, failed: State, window: list[State]) -> Iterator[Candidate]:
    """Everything that is tried where reading stopped in `failed`, the last state of the `window`."""
    at = skip_space(text, failed.pos)
    if at == len(text):
        yield from _closing(text, failed, window)
    for state in window:
        yield from structural(text, state)
    yield from _openers(text, failed)
    yield from _quotes(text, window[-5:], at)
    if over_lines := _OVER_LINES.match(text, at):
        breaks = over_lines[1].count("\n") + over_lines[1].count("\r")
        if breaks and _FOLLOWS.match(text, over_lines.end()):
            yield Candidate(1.0 + 0.1 * breaks, failed, at + 1, over_lines.end() - 1, corrected(over_lines[1]), "break")
    in_array = not failed.level.is_object and failed.level.outer is not None and failed.expect in (VALUE, FIRST_VALUE)
    if in_array and (pair := _PAIR.match(text, at)):
        strings = failed.current is not None and failed.current.types == {str}
        strings = strings or text[max(0, at - 500) : at].rstrip(", \t\r\n")[-1:] == '"'
        yield Candidate(LOOK_ALIKE if strings else REPLACED + 0.1, failed, *pair.span(1), ": ", "pair")
    for state in window[-2:]:
        yield from _quotes_inside(text, state)


def structural(text: str, state: State) -> Iterator[Candidate]:
    """Brackets, commas and colons before the token after `state`, and that token removed or replaced."""
    expect, before, closer = state.expect, state.pos, state.level.closer
    begin = skip_space(text, before)
    character = text[begin : begin + 1]
    alternatives = ""
    if expect == AFTER_KEY:
        yield Candidate(INSERTED, state, before, before, ":", "insert")
        alternatives = ":"
    elif expect == AFTER_VALUE:
        yield Candidate(INSERTED, state, before, before, ",", "insert")
        if state.level.outer is not None:
            yield Candidate(INSERTED, state, before, before, closer, "close")
            if character and character not in ",]}":
                yield Candidate(INSERTED + 0.2, state, before, before, closer + ",", "close")
        alternatives = "," + closer
    elif expect in (VALUE, FIRST_VALUE):
        # One before its own closing bracket makes a value out of nothing, which only a key needs.
        nothing = 0 if state.level.is_object else 0.4
        for place in _line_ends(text, before, begin):
            yield Candidate(INSERTED + nothing * (character == "}"), state, place, place, "{", "open")
            yield Candidate(INSERTED + nothing * (character == "]"), state, place, place, "[", "open")
        alternatives = "{[]" if expect == FIRST_VALUE else "{["
    elif expect == FIRST_KEY:
        alternatives = "}"
    if expect in (FIRST_KEY, FIRST_VALUE):
        yield Candidate(INSERTED, state, before, before, closer, "close")
    if not character:
        return
    if character in "{}[],:":
        doubled = _doubled(text, begin)
        if character in "}]":  # a line of the bracket alone, like the line before it
            lines = text[max(0, begin - 200) : begin + 1].rsplit("\n", 2)
            alone = len(lines) == 3 and not lines[2][:-1].strip()
            doubled = doubled or (alone and lines[1].rstrip(" \t\r,") == lines[2])
        cost = DOUBLED if doubled else REMOVED
        yield Candidate(cost, state, begin, begin + 1, "", "remove")
        more = _COMMAS.match(text, begin)
        if more:
            yield Candidate(REMOVED, state, begin, more.end(), "", "remove")
        if character in "}]" and text[begin + 1 : begin + 2] == "," and expect in (KEY, VALUE):
            yield Candidate(cost, state, before, begin + 2, "", "remove")
    elif character == '"' or character.isalnum():
        alternatives = ""
        found = TOKEN.match(text, before)
        if found and found.lastindex == KEYED:
            colon = found.end() - 1
            yield Candidate(REPLACED + 0.1, state, colon, colon + 1, "", "remove")
            yield Candidate(REPLACED + 0.1, state, colon, colon + 1, ",", "replace")
    for new in alternatives:
        alike = character in _ALIKE[new]
        if new in "{[" and character in "{[" and new != character:
            yield from _swaps(text, state, begin)
        elif new != character and (alike or new not in "{["):
            yield Candidate(LOOK_ALIKE if alike else REPLACED, state, begin, begin + 1, new, "replace")


def _line_ends(text: str, before: int, begin: int) -> list[int]:
    """Where a bracket before a value may stand: in front of it, and at the end of the line before."""
    gap = text[before:begin]
    return [before + len(gap) - len(gap.lstrip(" \t")), begin] if "\n" in gap else [begin]


def _doubled(text: str, at: int) -> bool:
    """Whether the character at `at` stands there twice, and is the second, or an opening bracket."""
    return text[at] == text[at - 1 : at] or (text[at] in "{[" and text[at] == text[at + 1 : at + 2])


def _closing(text: str, failed: State, window: list[State]) -> Iterator[Candidate]:
    """All brackets that are open at the end of the text."""
    origin = failed
    if failed.expect in (KEY, VALUE) and len(window) > 1 and window[-2].expect == AFTER_VALUE:
        origin = window[-2]  # a comma was the last token: it goes
    elif failed.expect not in (AFTER_VALUE, FIRST_KEY, FIRST_VALUE):
        return
    new = "".join(level.closer for level in failed.level.open())
    start = failed.pos if origin is failed else skip_space(text, origin.pos)
    yield Candidate(INSERTED + 0.1 * len(new) - 0.1, origin, start, failed.pos, new, "close")


def _openers(text: str, failed: State) -> Iterator[Candidate]:
    """The brackets that are open, and the value that was closed last, removed, replaced, or with one before it."""
    state: State | None = failed
    for _ in range(5):
        if state is None:
            break
        if state.last is not None:
            before = state.last.pos
            at = skip_space(text, before)
            for place in _line_ends(text, before, at):
                yield Candidate(INSERTED, state.last, place, place, "[", "open")
                yield Candidate(INSERTED, state.last, place, place, "{", "open")
            yield from _opener(text, state.last, at)
        state = state.level.opened
        if state is not None:
            yield from _opener(text, state, skip_space(text, state.pos))


def _opener(text: str, state: State, at: int) -> Iterator[Candidate]:
    yield Candidate(DOUBLED if _doubled(text, at) else REMOVED, state, at, at + 1, "", "remove")
    yield from _swaps(text, state, at)


def _swaps(text: str, state: State, at: int) -> Iterator[Candidate]:
    """The bracket of the other kind for the one at `at`, and for the one that closes it where that does not fit."""
    new, closer = ("[", "]") if text[at] == "{" else ("{", "}")
    yield Candidate(LOOK_ALIKE, state, at, at + 1, new, "swap")
    depth = 0
    for found in PIECE.finditer(text, at, at + _INSIDE):
        depth += (found[1] is not None) - (found[2] is not None)
        if not depth:
            if found[2] != closer:
                yield Candidate(LOOK_ALIKE, state, at, found.end(), new + text[at + 1 : found.start()] + closer, "swap")
            break


def _quotes(text: str, nearest: list[State], at: int) -> Iterator[Candidate]:
    """Quotes removed, replaced and inserted around the failing token."""
    starts = [state.pos for state in nearest]
    first = max(starts[0], at - _QUOTED)
    last = min(at + _QUOTED, len(text))
    line_end = text.find("\n", at, last)
    last = line_end if line_end >= 0 else last
    for place in range(first, last + 1):
        state = nearest[max(bisect_right(starts, place) - 1, 0)]
        before, after = text[place - 1 : place] if place else "", text[place : place + 1]
        if after == '"':
            yield Candidate(DOUBLED if before == '"' else REMOVED, state, place, place + 1, "", "remove")
        elif after and after in _ALIKE['"']:
            yield Candidate(LOOK_ALIKE, state, place, place + 1, '"', "replace")
            yield Candidate(REMOVED + 0.1, state, place, place + 1, "", "remove")
        elif (
            after
            and after in ";:[]{}()=.,"
            and before
            and (before in "{[,: \t\n" or text[place + 1 : place + 2] in ",:]}\n")
        ):
            yield Candidate(REPLACED + 0.2, state, place, place + 1, '"', "replace")
        closes = (not after or after in ",:]}\n\r \t") and before.strip() not in ("", '"')
        opens = before in ("", "{", "[", ",", ":", " ", "\t", "\n") and after.strip() not in ("", '"', ",", ":")
        if closes or opens:
            yield Candidate(INSERTED, state, place, place, '"', "insert")


def _quotes_inside(text: str, state: State) -> Iterator[Candidate]:
    """Quotes inside the string after `state`, escaped."""
    begin = skip_space(text, state.pos)
    if text[begin : begin + 1] != '"':
        return
    line_end = min(end if (end := text.find("\n", begin)) >= 0 else len(text), begin + 2_000)
    inner: list[int] = []
    for found in _QUOTE.finditer(text, begin + 1, line_end):
        if found.group() != '"':
            continue
        quote = found.start()
        if inner:
            last = inner[-1]
            before = text[max(0, last - 20) : last].rstrip(" \t")[-1:] or ","
            if _STRUCTURAL.match(text, last + 1) or before in ",:{[" or text[last + 1 : quote].strip() in _SEPARATORS:
                return
            if _FOLLOWS.match(text, quote + 1):
                piece = text[inner[0] : last + 1].replace('\\"', '"').replace('"', '\\"')
                cost = 0.8 + 0.35 * len(inner) + 0.8 * ('""' in text[begin : quote + 1])
                yield Candidate(cost, state, inner[0], last + 1, piece, "escape")
        inner.append(quote)
        if len(inner) > 12:
            return
