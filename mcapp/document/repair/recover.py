"""Any text to JSON: strict reading, and where it stops the repair that fits best, or a piece that is not read."""

import re
from collections import deque

from mcapp.document.layout import Layout
from mcapp.document.places import MAX_DEPTH, Defect, Edit, Lines, Span, invalid, line_end, skip_space
from mcapp.document.reader import Reading, beginning, read_json
from mcapp.document.repair.candidates import INSERTED, PIECE, Candidate
from mcapp.document.repair.habits import Habit, habit, other_file
from mcapp.document.repair.least_edit import Search
from mcapp.document.repair.machine import (
    AFTER_KEY,
    AFTER_VALUE,
    DONE,
    FIRST_KEY,
    FIRST_VALUE,
    KEY,
    VALUE,
    Expected,
    Level,
    Machine,
    Shape,
    State,
    Trace,
)
from mcapp.document.repair.messages import Describe
from mcapp.document.repair.patched import Patched

# After so many the rest of a text is not worth reading.
_TOO_MANY = 10_000

# How much is read in search of repairs, in characters: about 150,000 for each repair, and ten million in a second. What
# is left after that is reported without one.
_LEAST, _EACH, _MOST = 1_000_000, 300, 30_000_000
# How often something is repaired at one place before what is there is left out, and before the rest is.
_TRIES, _TOO_OFTEN = 4, 20
# Tokens before the place where reading fails that an edit is tried at.
_TOKENS = 48

_WORD = re.compile(r"[A-Za-z_]\w*+")
_KEYLIKE = re.compile(r'(?:"[^"\\\r\n]*+"|[A-Za-z_$][\w$-]*+)[ \t]*+:(?!//)')
_CLOSERS = re.compile(r"[\s}\]]*+\Z")
# A bracket that is not the beginning of a placeholder, or a key.
_BEGINNING = re.compile(r'(?<!\{)\{(?!\{)|(?<!\[)\[(?!\[[ ]*+[A-Za-z_])|(?<![{\[])"[^"\r\n]*+"[ \t]*+:')
_FENCE = re.compile(r"(?:```|~~~)[\w-]*[ \t]*(?:\r\n?|\n|\Z)")


class Recovery:
    """Any text, read from `begin`, whatever is wrong with it: patched until it is JSON, and what is said of that.

    `reading`, made by `run`, are the data and places of the text as it is when it is repaired, or None; in the objects
    and arrays at `reading.marked` something may have been lost. `wrapped`: the first key of a document whose braces
    were missing. Of the `defects` at most `most` are reported (None: all).
    """

    def __init__(self, text: str, begin: int, lines: Lines, expected: Expected, most: int | None) -> None:
        self.begin = begin
        self.most = most
        self.lines = lines
        self.expected = expected
        self.patched = Patched(text)
        self.machine = Machine(expected.header)
        self.search = Search(self.patched, self.machine)
        self.describe = Describe(self.patched, lines)
        self.found: list[Defect] = []
        self.often: dict[str, tuple[Defect, list[Edit]]] = {}
        self.count = 0
        self.guessed: set[int] = set()  # where brackets stand in the text in which something may have been lost
        self.reading: Reading | None = None
        self.wrapped: Span | None = None
        self.budget = min(_LEAST + _EACH * len(text), _MOST)
        self.cut = False  # the rest is not read
        self.ended = False  # whether the document's own bracket is one of those that are missing
        self.guessing = False  # something was not repaired
        self.furthest = -1
        self.tries = 0  # how often reading stopped without getting further

    @property
    def text(self) -> str:
        """The text as it is patched so far."""
        return self.patched.text

    def run(self) -> None:
        """Read to the end."""
        other = other_file(self.text, self.begin)
        if other:
            self.found.append(other)
            return
        state: State | None = State(self.begin, current=self._shape())
        trace: Trace = deque(maxlen=_TOKENS)
        while state is not None:
            trace.clear()
            suspects: list[list[State]] = []
            state = self.machine.run(self.text, state, len(self.text), trace, suspects)
            at = skip_space(self.text, state.pos)
            if at == len(self.text) and state.expect == DONE:
                break
            state = self._step(state, at, trace, suspects)
        if state is None:
            return
        if self.wrapped:
            self._wrapping(self.wrapped, closed=not self.ended)
        self.reading = reading = read_json(self.text, self.begin, self.patched.span, self.guessed)
        for path, again, before in reading.repeats:
            cause = f"the key `{path[-1]}` comes twice: the value on line {self.lines.number(before.start)} is lost"
            related = ((before, "hidden by the second"),)
            self.found.append(Defect("duplicate-key", again, cause, "keep one of them", related, (), path))
        self.count += reading.repeated

    def _shape(self) -> Shape | None:
        """What is expected of the document, by the first of its words that is a key."""
        words = (found.group() for found in _WORD.finditer(self.text, self.begin, self.begin + 1_000))
        return next((self.expected.first[word] for word in words if word in self.expected.first), None)

    def _add(self, defect: Defect) -> None:
        """Report a defect of the text as it is patched so far."""
        self.count += 1
        self.found.append(self.patched.defect(defect))

    def _change(self, state: State, start: int, end: int, new: str) -> State:
        """Put `new` in the place of text[start:end], to be read from `state` on, which is before it."""
        self.search.work += len(self.text) // 500
        self.patched.replace(start, end, new)
        return state

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What was found, by place; the last of many says how many more there are."""
        often = [defect._replace(edits=tuple(edits)) for defect, edits in self.often.values()]
        found = sorted([*self.found, *often], key=lambda defect: defect.span)
        most = self.most
        if most is None or self.count <= most:
            return tuple(found)
        more = "the rest of the text is not read" if self.cut else f"{self.count - most + 1:,} more defects of the text"
        # Its kind is that of the worst that it stands for: not every defect makes a text invalid.
        kinds = [defect.kind for defect in found[most - 1 :]]
        kind = next((kind for kind in kinds if kind != "duplicate-key"), "duplicate-key")
        return (*found[: most - 1], Defect(kind, found[most - 1].span, more, "fix the others first"))

    def _step(self, state: State, at: int, trace: Trace, suspects: list[list[State]]) -> State | None:
        """Past what reading stopped at, by a change of it; None if there is nothing that can be read."""
        text, level, expect = self.text, state.level, state.expect
        place = self.patched.start(at)
        self.tries = self.tries + 1 if place <= self.furthest else 0
        self.furthest = max(self.furthest, place)
        if self.cut or self.count >= _TOO_MANY or self.tries > _TOO_OFTEN:
            self.cut = True
            return self._end(state)
        outside = level.outer is None
        after_comma = self._before_comma(state) is not state
        if at < len(text):
            if text[at] in "{[" and level.depth >= MAX_DEPTH and expect in (VALUE, FIRST_VALUE):
                return self._too_deep(state, at)
            found = habit(text, at, expect)
            if found and not (outside and expect == VALUE and found.new.strip() and not found.often):
                self._add_habit(found)
                return self._change(state, found.start, found.end, found.new)
            if outside and expect == VALUE and _KEYLIKE.match(text, at):
                self.wrapped = self.patched.span(at, text.index(":", at))
                self.describe.wrapped = True
                return self._change(state, at, at, "{")
            if outside and expect == VALUE and text[at] not in '([{"':
                return self._leading(at)
            if expect == DONE and text[at:].strip() == ",":
                return self._trailing(state, at)
            if after_comma and text[at] == level.closer and self._fits_without(state, at):
                return self._without_comma(state)
        elif self.wrapped and level.depth == 1 and (expect == AFTER_VALUE or after_comma):
            self.ended = True
            return self._without_comma(state) if after_comma else self._change(state, at, at, "}")
        if self.search.work < self.budget and self.tries <= _TRIES:
            repaired = self._search(state, at, trace, suspects)
            if repaired:
                return repaired
        if at == len(text):
            return self._end(state)
        if after_comma and text[at] in "}]":
            return self._without_comma(state)
        if expect == DONE:
            return self._trailing(state, at)
        return self._leading(at) if outside else self._unread(state, at)

    def _add_habit(self, found: Habit) -> None:
        for defect in found.defects:
            if not found.often:
                self._add(defect)
                continue
            placed = self.patched.defect(defect)
            self.count += defect.help not in self.often
            self.often.setdefault(defect.help, (placed, []))[1].extend(placed.edits)

    def _search(self, state: State, at: int, trace: Trace, suspects: list[list[State]]) -> State | None:
        ties = self.search.best(state, trace, suspects)
        if not ties:
            return None
        candidate = ties[0]
        if candidate.start == candidate.end == self.begin and candidate.new == "{":
            return None  # a document without its braces is reported as that
        removed = candidate.kind == "remove" and candidate.start == at
        if removed and state.expect == DONE and _CLOSERS.match(self.text, at):
            return self._trailing(state, at)
        if candidate.kind == "close":
            self._guess(candidate.origin.level.open()[: len(candidate.new.rstrip(","))])
        defect = self.describe.repair(ties)
        # What follows something that could not be repaired rests on a guess: no fix.
        self._add(defect._replace(edits=()) if self.guessing else defect)
        self.guessing = self.guessing or not defect.edits
        return self._change(candidate.origin, candidate.start, candidate.end, candidate.new)

    def _guess(self, levels: list[Level]) -> None:
        """Something may have been lost in these objects and arrays; not in the braces that were supplied."""
        for level in levels:
            if not (self.wrapped and level.depth == 1):
                self.guessed.add(self.patched.start(level.start))
            self.ended = self.ended or level.depth == 1

    def _fits_without(self, state: State, at: int) -> bool:
        """Whether what comes is right without the comma; else the comma may be right, and the bracket one too many."""
        trace: Trace = deque(maxlen=3)
        end = min(at + 100, len(self.text))
        after = self.machine.run(self.text, state._replace(expect=AFTER_VALUE), end, trace)
        return after.pos >= end or skip_space(self.text, after.pos) == len(self.text) or len(trace) > 2

    def _without_comma(self, state: State) -> State:
        comma = state.pos - 1
        cause = f"a comma after the last {'member' if state.level.is_object else 'element'}"
        self._add(invalid(comma, comma + 1, cause, "remove it", "", "trailing-comma"))
        return self._change(self._before_comma(state), comma, comma + 1, "")

    def _too_deep(self, state: State, at: int) -> State:
        depth, end = 0, len(self.text)
        for found in PIECE.finditer(self.text, at):
            depth += (found[1] is not None) - (found[2] is not None)
            if not depth:
                end = found.end()
                break
        else:
            self.cut = True
        cause = f"brackets are nested deeper than {MAX_DEPTH} levels"
        self._add(invalid(at, at + 1, cause, "nest them less deeply: what is inside is not read", kind="too-deep"))
        self.guessed.add(self.patched.start(state.level.start))
        return self._change(state, at, end, "null")

    def _leading(self, at: int) -> State | None:
        """Past the text before the document."""
        found, end = _BEGINNING.search(self.text, at), line_end(self.text, at)
        if not found:
            self._add(invalid(at, end, "this is not JSON", "begin with `{`"))
            return None
        start, fence = found.start(), _FENCE.match(self.text, at)
        edits = (Edit(*fence.span(), ""),) if fence else ()
        self._add(Defect("invalid-json", Span(at, min(end, start)), "text before the document", "remove it", (), edits))
        if start == at:
            return None
        self.patched.replace(self.begin, start, "")
        return State(self.begin, current=self._shape())

    def _trailing(self, state: State, at: int) -> State:
        """Past the text after the document."""
        text, before = self.text, state.pos
        whole: tuple[Edit, ...] = (Edit(before, len(text.rstrip()), ""),)
        rest = text[before:].strip()
        kind, span, cause, edits = "invalid-json", Span(at, at + 1), f"`{text[at]}` closes nothing", whole
        if rest == ",":
            kind, cause, edits = "trailing-comma", "a comma after the end of the document", (Edit(at, at + 1, ""),)
        elif not _CLOSERS.match(text, at):
            end = text.find("\n", at)
            span = Span(at, len(text) if end < 0 else end)
            cause = "more text after the end of the document"
            edits = whole if rest in ("```", "~~~", ";") else ()
        self._add(Defect(kind, span, cause, "remove it", (), edits))
        return self._change(state, before, len(text), "")

    def _unread(self, state: State, at: int) -> State | None:
        """Leave out the member or element in which reading stopped."""
        text, expect, is_object = self.text, state.expect, state.level.is_object
        end, depth, comma = len(text), 0, False
        for found in PIECE.finditer(text, at):
            if found[3] and not depth:
                end, comma = found.start(), True
                break
            depth += (found[1] is not None) - (found[2] is not None)
            if depth < 0:
                end = found.start()
                break
        if end == at and (expect == AFTER_VALUE or text[at] in "}]") and text[at] != state.level.closer:
            end = at + 1  # a bracket that closes nothing
        after_key = is_object and expect in (AFTER_KEY, VALUE)
        shown = "".join(text[at : min(end, at + 40)].rstrip().splitlines()[:1])
        cause, advice = "a `key: value` pair in an array", "put it in `{ }`, or write it as one string"
        if is_object or not _KEYLIKE.match(text, at):
            cause = f"unexpected {beginning(text[at : min(end, at + 400)].rstrip())}"
            advice = "look for a missing comma or quote before it"
        if after_key and end == at:
            self._lone_key(state, at)
        else:
            self._add(invalid(at, at + max(len(shown), 1), cause, advice))
        self.guessed.add(self.patched.start(state.level.start))
        self.guessing = True
        if after_key:
            state = _before_member(state)
        if state.expect != AFTER_VALUE:
            if comma:
                return self._change(state, state.pos, end + 1, "")
            state = self._before_comma(state)
        state = self._change(state, state.pos, end, "")
        return state if state.pos < len(self.text) else self._end(state)

    def _lone_key(self, state: State, at: int) -> None:
        begin = skip_space(self.text, _before_member(state).pos)
        end = max(len(self.text[:at].rstrip(" \t\r\n:")), begin + 1)
        self._add(invalid(begin, end, f"{beginning(state.key)} has no value", "add one, or remove the key"))

    def _before_comma(self, state: State) -> State:
        """The state before the comma that was read last, if it was one."""
        comma = state.pos - 1
        if state.expect not in (KEY, VALUE) or self.text[comma : state.pos] != ",":
            return state
        return state._replace(pos=comma, expect=AFTER_VALUE)

    def _end(self, state: State) -> State | None:
        """Close what is open, without a fix: the text ends where something is missing, or is not worth reading on."""
        if state.level.outer is None and state.expect == VALUE:
            only = {defect.kind for defect in self.found}
            cause = "there is nothing but comments" if only == {"comment"} else "the file is empty"
            if self.often and self.patched.original[self.begin :].strip():
                cause = "this is not JSON"
            self.found, self.often, self.count = [invalid(self.begin, self.begin, cause, "begin with `{`")], {}, 1
            return None
        levels = state.level.open()
        if state.level.is_object and state.expect in (AFTER_KEY, VALUE):
            if not self.cut:
                self._lone_key(state, state.pos)
            state = _before_member(state)
        if levels:
            state = self._before_comma(state)
        self._guess(levels)
        closers = "".join(level.closer for level in levels)
        if any(level.depth > 1 or not self.wrapped for level in levels) and not self.cut:
            missing = Candidate(INSERTED, state, state.pos, state.pos, closers, "close")
            self._add(self.describe.repair([missing])._replace(edits=()))
        return self._change(state, state.pos, len(self.text), closers)

    def _wrapping(self, first_key: Span, *, closed: bool) -> None:
        """Report that the braces around the document are missing; if it is `closed`, only the first one."""
        text = self.patched.original
        begin = first_key.start if text[self.begin : first_key.start].strip() else self.begin
        end = len(text.rstrip())
        eol = Layout(text).line_end(begin)
        if closed:
            edits = [Edit(begin, begin, "{")]
        elif eol not in text[begin:end] and text[end - 1 : end] != ",":
            edits = [Edit(begin, begin, "{"), Edit(end, end, "}")]
        else:
            closer = "}" + eol if text.endswith(("\n", "\r")) else eol + "}"
            edits = [Edit(begin, begin, "{" + eol), Edit(len(text), len(text), closer)]
        cause = "the opening brace is missing" if closed else "the braces around the document are missing"
        advice = "begin with `{`" if closed else "begin with `{` and end with `}`"
        self.count += 1
        self.found.append(Defect("missing-braces", first_key, cause, advice, edits=tuple(edits)))


def _before_member(state: State) -> State:
    """The state before the last member of the open object."""
    entry = state.entry
    return state._replace(pos=entry, expect=KEY) if entry >= 0 else state._replace(pos=~entry, expect=FIRST_KEY)
