"""Any text to JSON: strict reading, and where it stops the repair that fits best, or a piece that is not read."""

import re
from bisect import bisect_right
from collections import deque
from typing import NamedTuple

from mcapp.document.lines import Lines
from mcapp.document.places import Defect, Edit, Span, apply
from mcapp.document.repair import foreign
from mcapp.document.repair.defects import TOO_MANY
from mcapp.document.repair.habits import Habit, habit
from mcapp.document.repair.least_edit import TOKENS, Candidate, Search, Tried, skip_space
from mcapp.document.repair.machine import (
    AFTER_KEY,
    AFTER_VALUE,
    DONE,
    FIRST_KEY,
    FIRST_VALUE,
    KEY,
    VALUE,
    Shape,
    State,
    Window,
    run,
)
from mcapp.document.repair.messages import Describe
from mcapp.document.tokens import beginning

# How much is read in search of repairs, in characters: about 150,000 for each repair, and ten million in a second. What
# is left after that is reported without one.
_LEAST, _EACH, _MOST = 1_000_000, 300, 30_000_000

# So many repairs are made at one place; what is still wrong there is left out.
_TRIES = 4

_KEYLIKE = re.compile(r'(?:"[^"\\\r\n]*+"|[A-Za-z_$][\w$-]*+)[ \t]*+:(?!//)')
# In what is nested too deeply, and in what is not read, only brackets count; those in strings do not.
_PIECE = re.compile(r'"(?>(?:[^"\\\r\n]++|\\.)*)"?+|([\[{])|([\]}])|(,)')
_CLOSERS = re.compile(r"[\s}\]]*+\Z")


class Reading(NamedTuple):
    """What could be made of a text: JSON with `edits` applied, or None; see Document for the rest.

    `guessed`: where the brackets stand of the objects and arrays that were not read completely.
    """

    text: str | None = None
    edits: tuple[Edit, ...] = ()
    wrapped: bool = False
    guessed: frozenset[int] = frozenset()
    defects: tuple[Defect, ...] = ()
    total: int = 0


def recover(text: str, begin: int, max_depth: int, lines: Lines, expected: Shape | None = None) -> Reading:
    """Read a text from `begin`, whatever is wrong with it."""
    foreign_kind = foreign.kind_of(text, begin)
    if foreign_kind:
        return Reading(defects=(foreign_kind,), total=1)
    return _Recovery(text, begin, max_depth, lines, expected or Shape()).run()


def first_part(text: str, begin: int, max_depth: int, lines: Lines) -> Reading:
    """The text as far as it is right, for one in which repairs got into each other's way."""
    recovery = _Recovery(text, begin, max_depth, lines, Shape())
    state = run(text, State(begin), len(text), max_depth)
    at = min(skip_space(text, state.pos), max(len(text) - 1, 0))
    cause = "the rest of the text cannot be read"
    recovery.add(Defect("invalid-json", Span(at, min(at + 1, len(text))), cause, "look for a mistake here"))
    if state.up is None:
        return Reading(defects=recovery.sorted(), total=1)
    recovery.cut = True
    recovery.end(state)
    return recovery.reading()


class _Recovery:
    """One text while it is read: the edits that make JSON of it, and what is said, with the edits that are offered."""

    def __init__(self, text: str, begin: int, max_depth: int, lines: Lines, expected: Shape) -> None:
        self.text = text
        self.begin = begin
        self.max_depth = max_depth
        self.lines = lines
        self.expected = expected
        self.search = Search(text, max_depth)
        self.describe = Describe(text, lines)
        self.found: list[Defect] = []
        self.often: dict[str, tuple[Defect, list[Edit]]] = {}
        self.count = 0
        self.guessed: set[int] = set()
        self.wrapped = False
        self.first_key = Span(begin, begin)
        self.swapped: dict[int, int] = {}  # opening brackets that were replaced: the index of their defect
        self.trace: Window = deque(maxlen=TOKENS)
        self.suspects: list[list[State]] = []
        self.budget = min(_LEAST + _EACH * len(text), _MOST)
        self.cut = False
        self.ended = False  # whether the document's own bracket is one of those that are missing
        self.furthest = -1
        self.tries = 0  # how often reading stopped without getting further

    def run(self) -> Reading:
        """Read to the end."""
        text = self.text
        state = State(self.begin, current=self.expected)
        while True:
            self.trace.clear()
            self.suspects.clear()
            state = run(text, state, len(text), self.max_depth, self.trace, self.suspects)
            at = skip_space(text, state.pos)
            if at == len(text) and state.expect == DONE:
                break
            if self.count >= TOO_MANY:
                self.cut = True
                self.end(state)
                break
            next_state = self._step(state, at)
            if next_state is None:
                break
            state = next_state
        if state.expect == VALUE and state.up is None:
            return Reading(defects=self.sorted(), total=self.count)
        if self.wrapped:
            self._wrapping(closed=state.expect == DONE and not self.cut)
        return self.reading()

    def reading(self) -> Reading:
        """What has been made of the text."""
        edits = self.search.edits
        repaired = apply(self.text, edits)
        return Reading(repaired, tuple(edits), self.wrapped, frozenset(self.guessed), self.sorted(), self.count)

    def _step(self, state: State, at: int) -> State | None:
        """Past what reading stopped at. None: this is the end."""
        text = self.text
        self.tries = self.tries + 1 if at <= self.furthest else 0
        self.furthest = max(self.furthest, at)
        if at < len(text):
            found = habit(text, at, state.expect)
            if found and not (state.up is None and state.expect == VALUE and self._prose(found)):
                return self._habit(state, found)
            if state.up is None and state.expect == VALUE and _KEYLIKE.match(text, at):
                self.wrapped = True
                self.first_key = Span(at, text.index(":", at))
                return self._commit(state, at, at, "{")
            if text[at] in "}]" and state.expect in (KEY, VALUE) and self._trailing_comma(state, at):
                return self._trailing(state)
            swapped = self._swapped(state, at)
            if swapped:
                return swapped
            if text[at] in "{[" and len(self._levels(state)) >= self.max_depth and state.expect in (VALUE, FIRST_VALUE):
                return self._too_deep(state, at)
        elif (
            self.wrapped
            and state.up is not None
            and state.up.up is None
            and state.expect in (AFTER_VALUE, FIRST_KEY, KEY)
        ):
            return self._end_of_wrapped(state)
        if state.up is None and state.expect == VALUE and at < len(text) and text[at] not in '([{"':
            return self._around(state, at)
        if state.expect == DONE and text[at:].strip() == ",":
            return self._around(state, at)
        if self.search.work < self.budget and self.tries <= _TRIES:
            repaired = self._search(state, at)
            if repaired:
                return repaired
        if at == len(text):
            self.end(state)
            return None
        if text[at] in "}]" and state.expect in (KEY, VALUE) and self._last(state.pos) == ",":
            return self._trailing(state)
        if state.up is None:
            return self._around(state, at)
        return self._unread(state, at)

    def _prose(self, found: Habit) -> bool:
        return not found.often and not self.text.startswith(("//", "/*", "#"), found.start)

    def _habit(self, state: State, found: Habit) -> State | None:
        for defect in found.defects:
            if found.often and defect.help in self.often:
                self.often[defect.help][1].extend(defect.edits)
            elif found.often:
                self.often[defect.help] = (defect, list(defect.edits))
                self.count += 1
            else:
                self.add(defect)
        return self._commit(state, found.start, found.end, found.new)

    def _trailing_comma(self, state: State, at: int) -> bool:
        closer = "}" if state.is_object else "]"
        if self.text[at] != closer or self._last(state.pos) != "," or state.up is None:
            return False
        # Unless what comes then is wrong: the comma may be right, and the bracket one too many.
        trace: Window = deque(maxlen=3)
        end = min(at + 100, len(self.text))
        after = run(self.text, state._replace(expect=AFTER_VALUE), end, self.max_depth, trace)
        return after.pos >= end or skip_space(self.text, after.pos) == len(self.text) or len(trace) > 2

    def _without_comma(self, at: int) -> int:
        """Where the comma before `at` stands, which is left out; or `at`, if it was only added."""
        added = Edit(at, at, ",")
        if added in self.search.edits:
            self.search.edits.remove(added)
            return at
        at = self.search.back(at)
        return at - 1 if self.text[at - 1 : at] == "," else at

    def _last(self, at: int) -> str:
        at = self.search.back(at)
        return self.text[at - 1 : at]

    def _trailing(self, state: State) -> State:
        comma = self.search.back(state.pos) - 1
        what = "member" if state.is_object else "element"
        edit = Edit(comma, comma + 1, "")
        self.add(
            Defect("trailing-comma", Span(comma, comma + 1), f"a comma after the last {what}", "remove it", (), (edit,))
        )
        self.search.edit(*edit)
        return state._replace(expect=AFTER_VALUE)

    def _swapped(self, state: State, at: int) -> State | None:
        """The closing bracket that belongs to an opening one that was replaced."""
        index = self.swapped.get(state.start)
        closer = "}" if state.is_object else "]"
        if index is None or self.text[at] not in "}]" or self.text[at] == closer or state.expect != AFTER_VALUE:
            return None
        defect = self.found[index]
        self.found[index] = defect._replace(edits=(*defect.edits, Edit(at, at + 1, closer)))
        return self._commit(state, at, at + 1, closer)

    def _levels(self, state: State) -> list[State]:
        levels = []
        level: State | None = state
        while level is not None and level.up is not None:
            levels.append(level)
            level = level.up
        return levels

    def _guess(self, level: State) -> None:
        """Something may have been lost in this object or array; not in the braces that were supplied."""
        if not (self.wrapped and level.up is not None and level.up.up is None):
            self.guessed.add(level.start)

    def _too_deep(self, state: State, at: int) -> State | None:
        depth, end = 0, len(self.text)
        for found in _PIECE.finditer(self.text, at):
            depth += (found[1] is not None) - (found[2] is not None)
            if not depth:
                end = found.end()
                break
        else:
            self.cut = True
        cause = f"brackets are nested deeper than {self.max_depth} levels"
        self.add(Defect("too-deep", Span(at, at + 1), cause, "nest them less deeply: what is inside is not read"))
        self.guessed.add(state.start)
        return self._commit(state, at, end, "null")

    def _end_of_wrapped(self, state: State) -> State:
        if state.expect == KEY:
            self._trailing(state)
        end = len(self.text)
        self.ended = True
        self.search.edit(end, end, "}")
        return State(end, DONE, None)

    def _search(self, state: State, at: int) -> State | None:
        ties = self.search.best(state, self.trace, self.suspects)
        if not ties:
            return None
        candidate = ties[0].candidate
        if candidate.start == candidate.end == self.begin and candidate.new == "{":
            return None  # a document without its braces is reported as that
        defect = self.describe.repair(ties, wrapper=self.wrapped)
        if candidate.kind == "close":
            level: State | None = candidate.origin
            for _ in candidate.new.rstrip(","):
                if level is not None:
                    self._guess(level)
                    level = level.up
                    self.ended = self.ended or (level is not None and level.up is None)
        if (
            candidate.kind == "remove"
            and at == candidate.start
            and state.expect == DONE
            and _CLOSERS.match(self.text, at)
        ):
            edit = Edit(state.pos, len(self.text.rstrip()), "")
            defect = defect._replace(edits=(edit,))
            candidate = candidate._replace(end=len(self.text))
        self.add(defect)
        if candidate.kind == "swap":
            self.swapped[candidate.start] = len(self.found) - 1
        return self._commit(candidate.origin, candidate.start, candidate.end, candidate.new)

    def _around(self, state: State, at: int) -> State | None:
        """Text before or after the document."""
        if state.expect == DONE:
            if _CLOSERS.match(self.text, at):
                cause, edit = f"`{self.text[at]}` closes nothing", Edit(state.pos, len(self.text.rstrip()), "")
                self.add(Defect("invalid-json", Span(at, at + 1), cause, "remove it", (), (edit,)))
                self.search.cut(state.pos, len(self.text))
                return None
            self.add(foreign.trailing(self.text, state.pos, at))
            self.search.cut(state.pos, len(self.text))
            return None
        start, defect = foreign.leading(self.text, at)
        self.add(defect)
        if start is None:
            return None
        if start == at:
            return None
        self.search.cut(self.begin, start)
        return State(start, current=self.expected)

    def _unread(self, state: State, at: int) -> State | None:
        """Leave out the member or element in which reading stopped."""
        text = self.text
        end, depth, comma = len(text), 0, False
        for found in _PIECE.finditer(text, at):
            if found[3] and not depth:
                end, comma = found.start(), True
                break
            depth += (found[1] is not None) - (found[2] is not None)
            if depth < 0:
                end = found.start()
                break
        if (
            end == at
            and (state.expect == AFTER_VALUE or text[at] in "}]")
            and text[at] != ("}" if state.is_object else "]")
        ):
            end = at + 1  # a bracket that closes nothing
        lone = state.is_object and (state.expect == AFTER_KEY or state.expect == VALUE) and end == at
        shown = "".join(text[at : min(end, at + 40)].rstrip().splitlines()[:1])
        if lone:
            begin = skip_space(text, _member(state)[0])
            span = Span(begin, max(len(text[:at].rstrip(" \t\r\n:")), begin + 1))
            self.add(Defect("invalid-json", span, f"{beginning(state.key)} has no value", "add one, or remove the key"))
        elif not state.is_object and _KEYLIKE.match(text, at):
            self.add(
                Defect(
                    "invalid-json",
                    Span(at, at + len(shown)),
                    "a `key: value` pair in an array",
                    "put it in `{ }`, or write it as one string",
                )
            )
        else:
            cause = f"unexpected {beginning(text[at : min(end, at + 400)].rstrip())}"
            advice = "look for a missing comma or quote before it"
            self.add(Defect("invalid-json", Span(at, max(at + len(shown), at + 1)), cause, advice))
        self.guessed.add(state.start)
        start = state.pos
        expect = state.expect
        if state.is_object and expect in (AFTER_KEY, VALUE):
            start, expect = _member(state)
        if expect == AFTER_VALUE:
            if end < len(text):
                return state._replace(pos=self.search.cut(start, end))
        elif comma:
            return state._replace(pos=self.search.cut(start, end + 1), expect=expect)
        else:
            if expect in (KEY, VALUE):
                start, expect = self._without_comma(start), AFTER_VALUE
            if end < len(text):
                return state._replace(pos=self.search.cut(start, end), expect=expect)
        self.search.cut(start, len(text))
        self.end(state._replace(pos=start, expect=expect))
        return None

    def end(self, state: State) -> None:
        """Close what is open, without a fix: the text ends where something is missing, or is not worth reading on."""
        text = self.text
        start = state.pos
        new = ""
        if state.is_object and state.expect in (AFTER_KEY, VALUE) and state.up is not None:
            begin = skip_space(text, _member(state)[0])
            span = Span(begin, max(len(text[:start].rstrip(" \t\r\n:")), begin))
            if not self.cut:
                self.add(
                    Defect("invalid-json", span, f"{beginning(state.key)} has no value", "add one, or remove the key")
                )
            start, expect = _member(state)
            state = state._replace(expect=expect)
        if state.expect in (KEY, VALUE) and state.up is not None:
            start = self._without_comma(start)
        levels = self._levels(state)
        for level in levels:
            self._guess(level)
            self.ended = self.ended or level.up is None or level.up.up is None
            new += "}" if level.is_object else "]"
        if not self.cut and levels:
            tried = Tried(0, Candidate(0, state, start, start, new, "close"), start, state, complete=True)
            self.add(self.describe.repair([tried], wrapper=self.wrapped)._replace(edits=()))
        if state.up is None and state.expect == VALUE:
            only = {defect.kind for defect in self.found}
            cause = "there is nothing but comments" if only == {"comment"} else "the file is empty"
            if self.often:
                cause = "this is not JSON" if text[self.begin :].strip() else cause
            self.found.clear()
            self.often.clear()
            self.count = 0
            self.add(Defect("invalid-json", Span(self.begin, self.begin), cause, "begin with `{`"))
            return
        self.search.cut(start, len(text), new)

    def _wrapping(self, *, closed: bool) -> None:
        """Report that the braces around the document are missing; if it is `closed`, only the first one."""
        from mcapp.document import layout

        text = self.text
        begin = self.search.edits[0].start if self.search.edits else self.begin
        begin = begin if text[self.begin : begin].strip() else self.begin
        end = len(text.rstrip())
        eol = layout.line_end(text, begin)
        closed = closed and not self.ended
        if eol not in text[begin:end] and text[end - 1 : end] != ",":
            edits = [Edit(begin, begin, "{"), Edit(end, end, "}")]
        else:
            closer = "}" + eol if text.endswith(("\n", "\r")) else eol + "}"
            edits = [Edit(begin, begin, "{" + eol), Edit(len(text), len(text), closer)]
        if closed:
            edits = [Edit(begin, begin, "{")]
        cause = "the opening brace is missing" if closed else "the braces around the document are missing"
        advice = "begin with `{`" if closed else "begin with `{` and end with `}`"
        self.add(Defect("missing-braces", self.first_key, cause, advice, edits=tuple(edits)))

    def _commit(self, origin: State, start: int, end: int, new: str) -> State | None:
        """Make an edit of text[start:end]; the state behind the last token that it touches, in offsets of the text.

        None, and no edit, if what it makes cannot be read.
        """
        text = self.text
        if not (self.search.edited(origin.pos, start) + new).strip() and end > start:
            self.search.edit(start, end, new)
            return origin._replace(pos=end)
        unread = self.search.first_edit(origin.pos)
        self.search.edit(start, end, new)
        # Reading goes on behind everything that was edited so far, however far back this edit is.
        behind = max(end, self.search.edits[-1].end)
        local = self.search.edited(origin.pos, behind, whole=True, made=unread)
        stop = len(local)
        for margin in (2_000, len(text)):
            after = run(local + text[behind : behind + margin], State(0, *origin[1:]), stop, self.max_depth)
            if after.pos >= stop:
                break
        else:
            self.search.edits.remove(Edit(start, end, new))
            return None
        known = {id(level) for level in self._chain(origin)}
        made = self.search.edits[unread:]
        moves = Offsets(tuple(Edit(at - origin.pos, to - origin.pos, new) for at, to, new in made))

        def place(offset: int) -> int:
            return ~place(~offset) if offset < 0 else moves.start(offset) + origin.pos

        def moved(state: State) -> State:
            up = state.up
            if up is not None and id(up) not in known:
                up = moved(up)
                return state._replace(pos=place(state.pos), start=place(state.start), up=up, entry=place(state.entry))
            entry = state.entry if state.entry == origin.entry else place(state.entry)
            return state._replace(pos=place(state.pos), entry=entry)

        return moved(after)._replace(last=None, pos=max(behind, place(after.pos)))

    def _chain(self, state: State) -> list[State]:
        chain = [state]
        while chain[-1].up is not None:
            chain.append(chain[-1].up)
        return chain

    def add(self, defect: Defect) -> None:
        self.count += 1
        self.found.append(defect)

    def sorted(self) -> tuple[Defect, ...]:
        often = [defect._replace(edits=tuple(edits)) for defect, edits in self.often.values()]
        if self.cut and self.count >= TOO_MANY:
            self.count = TOO_MANY
        return (*self.found, *often)


def _member(state: State) -> tuple[int, int]:
    """Where the last member of the open object begins, and what was expected there."""
    return (state.entry, KEY) if state.entry >= 0 else (~state.entry, FIRST_KEY)


class Offsets:
    """Offsets of the repaired text as offsets of the text."""

    def __init__(self, edits: tuple[Edit, ...]) -> None:
        self._begins: list[int] = []
        self._edits = edits
        shift = 0
        for edit in edits:
            self._begins.append(edit.start + shift)
            shift += len(edit.text) - (edit.end - edit.start)

    def start(self, offset: int) -> int:
        """Where what begins at `offset` begins in the text."""
        index = bisect_right(self._begins, offset) - 1
        if index < 0:
            return offset
        edit, begin = self._edits[index], self._begins[index]
        if begin <= offset < begin + len(edit.text):
            return edit.start
        return edit.end + offset - begin - len(edit.text)

    def end(self, offset: int) -> int:
        """Where what ends at `offset` ends in the text."""
        index = bisect_right(self._begins, offset - 1) - 1
        if index < 0:
            return offset
        edit, begin = self._edits[index], self._begins[index]
        if offset <= begin + len(edit.text):
            return edit.end
        return edit.end + offset - begin - len(edit.text)
