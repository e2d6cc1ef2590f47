"""Which bracket belongs to which, in a text where they do not match.

A reader that goes from left to right notices a lost bracket far behind the place where it is missing. So the brackets
of the whole text are looked at first, together with what shows where it belongs: the indentation, and keys that stand
where an array goes on. Several explanations are tried, and the one that needs the fewest mistakes is taken.
"""

from collections import Counter
from itertools import product
from typing import NamedTuple

from mcapp.document.reader import NEVER
from mcapp.document.repair.events import A_KEY, A_VALUE, Event, gather
from mcapp.document.repair.lexer import Lexer
from mcapp.document.tokens import CLOSE, COMMA, KEYED, NUMBER, STRING

_VALUES = ("{", "[", A_VALUE)
# What a key can mean where an array goes on: the array has ended, an object begins, or neither.
_END = "end"
_BEGIN = "begin"
_PAIR = "pair"
# Where there are more mistakes, brackets are taken as they come.
_MOST_MISTAKES = 1_000
# What is not read at all weighs more than what is read with a mistake.
_NOT_READ = 2
# So many lines whose indentation fits nothing say that this text's indentation says nothing.
_IRREGULAR = 20


class Plan(NamedTuple):
    """How to read the brackets, by offsets in the text.

    `ends`: so many brackets end before this token although nothing closes them. `stray`: this bracket closes nothing.
    `objects`: the `{` before this key was lost. `lists`: the `[` behind this key was lost.
    """

    ends: dict[int, int] = {}  # noqa: RUF012  # nobody changes it
    stray: frozenset[int] = frozenset()
    objects: frozenset[int] = frozenset()
    lists: frozenset[int] = frozenset()
    mistakes: int = NEVER

    def stops(self) -> list[int]:
        """Where the plan has something to say, the last first."""
        return sorted({*self.ends, *self.stray, *self.objects, *self.lists}, reverse=True)


class _Level:
    """An open bracket: the indentation of its line and of its content (-1: not known yet).

    The braces around a fragment that has none are `supplied`. In an object, `key` is where the last key stands, and
    there are `lone` values behind its own; in an array, `pairs` were seen.
    """

    __slots__ = ("bracket", "content", "key", "line", "lone", "pairs", "supplied")

    def __init__(self, bracket: str, line: int, *, supplied: bool = False) -> None:
        self.bracket = bracket
        self.line = line
        self.content = -1
        self.pairs = False
        self.lone = False
        self.key = -1
        self.supplied = supplied


def plan(lexer: Lexer, begin: int) -> Plan:
    """The explanation with the fewest mistakes; of several, the one that trusts indentation and keys most."""
    events = gather(lexer, begin)
    fewest = _fewest(events)
    best = Plan()
    for trust in product((True, False), (_END, _BEGIN, _PAIR), (False, True)):
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
    if events and events[0].kind == A_KEY and curly < 0:
        curly += 1  # a fragment may have the brace that closes it
    # One bracket of the wrong kind is missing here and too many there.
    least = abs(curly + square) if curly * square >= 0 else max(abs(curly), abs(square))
    return max(least, 1)  # there is a mistake, or nobody would ask


class _Explanation:
    """One way to read the brackets: what is believed, and what that leaves to be called a mistake."""

    def __init__(self, events: list[Event], by_indentation: bool, keys: str, other_bracket: bool) -> None:  # noqa: FBT001
        self.events = events
        self.by_indentation = by_indentation  # what stands further left than it should is no longer inside
        self.keys = keys  # what a key means where an array goes on
        self.other_bracket = other_bracket  # a bracket of the wrong kind stands for the right one
        self.stack: list[_Level] = []
        self.curly = 0  # how many of them are objects
        self.ends: dict[int, int] = {}
        self.stray: set[int] = set()
        self.objects: set[int] = set()
        self.lists: set[int] = set()
        self.surplus = sum((event.kind == "}") - (event.kind == "{") for event in events)  # of braces still to come
        self.last = ""  # the bracket that closed last
        self.mistakes = 0
        self.irregular = 0

    def plan(self) -> Plan | None:
        """Go through the text once. None if this is no explanation: the indentation is wild, or nothing fits."""
        line = 0
        for index, event in enumerate(self.events):
            if event.column >= 0:
                line = event.column
            if not self.stack and index and event.kind not in "}]":
                self.mistakes += _NOT_READ  # more text after the document
                break
            if self.by_indentation and event.column >= 0 and self.stack:
                self._indentation(event)
            if self.irregular > _IRREGULAR or self.mistakes > _MOST_MISTAKES:
                return None
            if event.after == COMMA and event.kind in _VALUES and self.stack and self.stack[-1].bracket == "{":
                self._lone(self.stack[-1])
            if event.kind in "{[":
                self.surplus += event.kind == "{"
                self._push(_Level(event.kind, line))
            elif event.kind in "}]":
                self.surplus -= event.kind == "}"
                self._close(event, index)
            elif event.kind == A_KEY:
                self._key(event)
        self.mistakes += sum(not level.supplied for level in self.stack)
        stray, objects, lists = (frozenset(each) for each in (self.stray, self.objects, self.lists))
        return Plan(self.ends, stray, objects, lists, self.mistakes)

    def _push(self, level: _Level) -> None:
        self.stack.append(level)
        self.curly += level.bracket == "{"

    def _pop(self) -> None:
        bracket = self.stack.pop().bracket
        self.curly -= bracket == "{"
        self.last = "}" if bracket == "{" else "]"

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
            if column > top.line and 0 <= top.content <= column and not self._ends_list(event):
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
            if self._ends_list(event):
                self.mistakes += not top.lone
                self.lists.add(top.key)
                top.key = -1
                return
            if self.other_bracket or (self.by_indentation and event.column == top.line):
                self.mistakes += 1
                self._pop()
                return
            if not (self.curly if opener == "{" else len(self.stack) - self.curly):
                self._too_many(event)
                return
            count = 0
            while self.stack[-1 - count].bracket != opener:
                count += 1
            self._lose(event, count)
        following = self.events[index + 1 : index + 2]
        # A key behind the end of the document: this was not the end, if there is another brace to come.
        is_end = opener == "{" and len(self.stack) == 1 and (self.surplus > 0 or self.stack[0].supplied)
        if is_end and following and following[0].kind == A_KEY:
            self._too_many(event)
            return
        self._pop()

    def _too_many(self, event: Event) -> None:
        self.stray.add(event.at)
        self.mistakes += 1

    def _ends_list(self, event: Event) -> bool:
        """Whether a `]` ends a list whose `[` was lost: it stands behind no value, several, or on its own line."""
        top = self.stack[-1]
        if event.kind != "]" or top.bracket != "{" or top.key < 0:
            return False
        if event.after == CLOSE:
            return top.lone or self.last == "}"
        return top.lone or event.after == KEYED or (event.column >= 0 and event.after in (STRING, NUMBER))

    def _lone(self, level: _Level) -> None:
        """A value where a key should stand."""
        self.mistakes += not level.lone
        level.lone = True

    def _key(self, event: Event) -> None:
        if not self.stack:
            supplied = _Level("{", -1, supplied=True)
            supplied.content = event.column
            self._push(supplied)
        if self.stack[-1].bracket == "[":
            self._key_in_array(event)
        elif event.after == KEYED:
            # The key before it has no value; perhaps the value is an object.
            self.mistakes += 1
            if self.keys == _BEGIN:
                self._begin_object(event)
        top = self.stack[-1]
        top.key = event.at
        top.lone = False

    def _key_in_array(self, event: Event) -> None:
        top = self.stack[-1]
        if self.keys == _END and self.curly:
            count = 0
            while self.stack[-1 - count].bracket != "{":
                count += 1
            self._lose(event, count)
        elif self.keys == _BEGIN:
            self.mistakes += 1
            self._begin_object(event)
        elif not top.pairs:
            top.pairs = True
            self.mistakes += 1

    def _begin_object(self, event: Event) -> None:
        self.objects.add(event.at)
        level = _Level("{", self.stack[-1].line)
        level.content = event.column
        self._push(level)


_OPENER = {"}": "{", "]": "["}
