"""Which bracket belongs to which, in a text where they do not match.

A reader that goes from left to right notices a lost bracket far behind the place where it is missing. So the brackets
of the whole text are looked at first, together with what shows where it belongs: the indentation, and keys that stand
where an array goes on. Several explanations are tried, and the one that needs the fewest mistakes is taken.
"""

from collections import Counter
from itertools import product
from typing import NamedTuple

from mcapp.document.odd import Lexer
from mcapp.document.reader import NEVER
from mcapp.document.tokens import CLOSE, COMMA, END, JUNK, KEYED, NUMBER, OPEN, STRING, TOKEN, TRIVIA

# The group of TOKEN with which a token begins, where that is not the one of its kind.
_GROUP = {KEYED: STRING, NUMBER: NUMBER - 1}
_KEY = "key"
_VALUE = "value"
# In a text with more tokens, or more mistakes, brackets are taken as they come.
_MOST_TOKENS = 500_000
_MOST_MISTAKES = 1_000
# So many lines whose indentation fits nothing say that this text's indentation says nothing.
_IRREGULAR = 20


class Event(NamedTuple):
    """A bracket, a key, or the first value on a line. `column` is its indentation, or -1 behind something else."""

    at: int
    kind: str
    column: int


class Plan(NamedTuple):
    """How to read the brackets: before an offset, so many end that were never closed; at some stands one too many."""

    ends: dict[int, int]
    stray: frozenset[int]
    mistakes: int


class _Level:
    """An open bracket: the indentation of its line and of its content (-1: not known yet).

    The braces around a fragment that has none are `supplied`.
    """

    __slots__ = ("bracket", "content", "has_keys", "line", "supplied")

    def __init__(self, bracket: str, line: int, *, supplied: bool = False) -> None:
        self.bracket = bracket
        self.line = line
        self.content = -1
        self.has_keys = False
        self.supplied = supplied


def plan(lexer: Lexer, begin: int) -> Plan:
    """The explanation with the fewest mistakes; of several, the one that trusts indentation and keys most."""
    events = _events(lexer, begin)
    fewest = _fewest(events)
    best = Plan({}, frozenset(), NEVER)
    for trust in product((True, False), (True, False), (False, True)):
        found = _Explanation(events, *trust).plan()
        if found and found.mistakes < best.mistakes:
            best = found
        if best.mistakes <= fewest:
            break
    return best


def _fewest(events: list[Event]) -> int:
    """No explanation has fewer mistakes than this."""
    kinds = Counter(event.kind for event in events)
    curly, square = kinds["{"] - kinds["}"], kinds["["] - kinds["]"]
    if events and events[0].kind == _KEY and curly < 0:
        curly += 1  # a fragment may have the brace that closes it
    # One bracket of the wrong kind is missing here and too many there.
    least = abs(curly + square) if curly * square >= 0 else max(abs(curly), abs(square))
    return max(least, 1)  # there is a mistake, or nobody would ask


def _events(lexer: Lexer, begin: int) -> list[Event]:
    text = lexer.text
    events: list[Event] = []
    position = line_start = begin
    first = True
    for _ in range(_MOST_TOKENS):
        found = TOKEN.match(text, position)
        kind = found.lastindex if found else None
        if found and kind:
            start, end = found.start(_GROUP.get(kind, kind)) - (kind <= KEYED), found.end()
        else:
            token = lexer.token(position)
            kind, start, end = token.kind, token.start, token.end
            if kind == END:
                return events
        # Only what lies between two tokens can hold a line end that matters.
        line_end = max(text.rfind("\n", position, start), text.rfind("\r", position, start))
        if line_end >= 0:
            first = True
            line_start = line_end + 1
        position = end
        if kind == TRIVIA:
            continue
        if first or kind in (OPEN, CLOSE, KEYED):
            column = len(text[line_start:start].expandtabs(4)) if first else -1
            if kind in (OPEN, CLOSE):
                events.append(Event(start, text[start], column))
            elif kind == KEYED:
                events.append(Event(start, _KEY, column))
            elif kind not in (COMMA, JUNK):
                events.append(Event(start, _VALUE, column))
        first = False
    return []


class _Explanation:
    """One way to read the brackets: what is believed, and what that leaves to be called a mistake."""

    def __init__(self, events: list[Event], by_indentation: bool, by_keys: bool, other_bracket: bool) -> None:  # noqa: FBT001
        self.events = events
        self.by_indentation = by_indentation  # what stands further left than it should is no longer inside
        self.by_keys = by_keys  # a key where an array goes on says that the array has ended
        self.other_bracket = other_bracket  # a bracket of the wrong kind stands for the right one
        self.stack: list[_Level] = []
        self.objects = 0  # in the stack
        self.ends: dict[int, int] = {}
        self.stray: set[int] = set()
        self.mistakes = 0
        self.irregular = 0

    def plan(self) -> Plan | None:
        """Go through the text once. None if this is no explanation: the indentation is wild, or nothing fits."""
        line = 0
        for index, event in enumerate(self.events):
            if event.column >= 0:
                line = event.column
            if not self.stack and index and event.kind not in "}]":
                self.mistakes += 1  # more text after the document
                break
            if self.by_indentation and event.column >= 0 and self.stack:
                self._indentation(event)
            if self.irregular > _IRREGULAR or self.mistakes > _MOST_MISTAKES:
                return None
            if event.kind in "{[":
                self._push(_Level(event.kind, line))
            elif event.kind in "}]":
                self._close(event, index)
            elif event.kind == _KEY:
                self._key(event)
        self.mistakes += sum(not level.supplied for level in self.stack)
        return Plan(self.ends, frozenset(self.stray), self.mistakes)

    def _push(self, level: _Level) -> None:
        self.stack.append(level)
        self.objects += level.bracket == "{"

    def _pop(self) -> None:
        self.objects -= self.stack.pop().bracket == "{"

    def _lose(self, event: Event, count: int) -> None:
        """The innermost `count` brackets have ended before `event`, without being closed."""
        if count:
            self.ends[event.at] = self.ends.get(event.at, 0) + count
            self.mistakes += count
            for _ in range(count):
                self._pop()

    def _indentation(self, event: Event) -> None:
        top = self.stack[-1]
        column = event.column
        if event.kind in "}]":
            if column > top.line and 0 <= top.content <= column:
                self.stray.add(event.at)
            elif column < top.line or (column == top.line and top.bracket != _OPENER[event.kind]):
                self._lose(event, self._levels_above(column, _OPENER[event.kind]))
        elif top.content < 0 and (column > top.line or top.supplied):
            top.content = column
        elif top.content < 0 or column < top.content:
            count = self._levels_above(column, "")
            self._lose(event, count)
            if not count and top.content < 0:
                top.content = column
            elif not count:
                self.irregular += 1

    def _levels_above(self, column: int, bracket: str) -> int:
        """How many levels lie above the one that `column` belongs to: as its content, or as its closing `bracket`."""
        for above in range(1, len(self.stack)):
            level = self.stack[-1 - above]
            if level.content == column and not bracket:
                return above
            if level.line == column and level.bracket == bracket and not level.supplied:
                return above
            if 0 <= level.content < column:
                break
        return 0

    def _close(self, event: Event, index: int) -> None:
        opener = _OPENER[event.kind]
        if event.at in self.stray or not self.stack:
            self._too_many(event)
            return
        top = self.stack[-1]
        if top.bracket != opener:
            if self.other_bracket or (self.by_indentation and event.column == top.line):
                self.mistakes += 1
                self._pop()
                return
            if not (self.objects if opener == "{" else len(self.stack) - self.objects):
                self._too_many(event)
                return
            count = 0
            while self.stack[-1 - count].bracket != opener:
                count += 1
            self._lose(event, count)
        following = self.events[index + 1 : index + 2]
        if len(self.stack) == 1 and following and following[0].kind == _KEY:
            self._too_many(event)  # or the rest would be text after the document
            return
        self._pop()

    def _too_many(self, event: Event) -> None:
        self.stray.add(event.at)
        self.mistakes += 1

    def _key(self, event: Event) -> None:
        if not self.stack:
            supplied = _Level("{", -1, supplied=True)
            supplied.content = event.column
            self._push(supplied)
        top = self.stack[-1]
        if top.bracket == "{":
            return
        if self.by_keys and self.objects:
            count = 0
            while self.stack[-1 - count].bracket != "{":
                count += 1
            self._lose(event, count)
        elif not top.has_keys:
            top.has_keys = True
            self.mistakes += 1


_OPENER = {"}": "{", "]": "["}
