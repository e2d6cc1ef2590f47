"""The search for the least edit: candidates near the place where strict reading fails, and the one that fits best."""

import re
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from mcapp.document.escapes import DOUBLE, SINGLE
from mcapp.document.places import Edit, apply
from mcapp.document.repair.habits import corrected, habit
from mcapp.document.repair.machine import (
    AFTER_KEY,
    AFTER_VALUE,
    DONE,
    FIRST_KEY,
    FIRST_VALUE,
    KEY,
    VALUE,
    State,
    Window,
    run,
)
from mcapp.document.tokens import TOKEN

# What an edit costs. A look-alike is what a word processor, another language or the key beside it writes.
LOOK_ALIKE, DOUBLED, INSERTED, REMOVED, REPLACED = 0.9, 1.0, 1.2, 1.3, 1.6
ALIKE = {
    '"': "'`\u00b4" + DOUBLE + SINGLE,
    ":": ";=\uff1a",
    ",": ";.\uff0c\u3001\uff1b",
    "{": "[(",
    "[": "{(",
    "}": "])",
    "]": "})",
}
# A text that stops again needs another edit; soon, and this one was hardly right.
STOPS_LATER, STOPS_SOON, HABIT = 1.1, 2.5, 0.3
_HABITUAL = "/#'`" + DOUBLE + SINGLE
# Tokens before the place where reading fails, and characters behind it.
TOKENS, AHEAD, MARGIN = 48, 300, 500
# Characters around the failing token in which quotes are tried.
QUOTED = 600
# Two repairs whose scores differ by less are not told apart.
TIE = 0.05
# A repair that scores worse is not made.
WORST = 3.3
# How far finalists are followed.
FAR = 2_000_000

_SPACE = re.compile(r"[ \t\n\r]*+")
_FOLLOWS = re.compile(r"[ \t]*+(?:[,:\]}\r\n]|//|/\*|\Z)")
_COMMAS = re.compile(r",(?>(?:[ \t\r\n]*+,)+)")
_STRUCTURAL = re.compile(r"[ \t]*+[,:]")
_TOKENS = re.compile(r'"(?>(?:[^"\\]|\\.)*)"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
PAIRS = {"{": "}", "[": "]"}


def _before(text: str, at: int) -> str:
    """The last character before `at` that is not a space; `,` where there is none."""
    return text[max(0, at - 20) : at].rstrip(" \t")[-1:] or ","


class OverlapError(Exception):
    """Two repairs want to change the same characters."""


class Candidate(NamedTuple):
    """An edit of text[start:end], tried from the state `origin`. `kind` says what it does, for the message."""

    cost: float
    origin: State
    start: int
    end: int
    new: str
    kind: str


class Tried(NamedTuple):
    """A candidate with how far the text could be read with it, in offsets of the text, and in which state."""

    score: float
    candidate: Candidate
    reach: int
    after: State
    complete: bool = False
    penalty: float = 0.0


def skip_space(text: str, at: int) -> int:
    """Behind the white space at `at`."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


class Search:
    """Looks for repairs of one text. `work` counts the characters that were read for it."""

    def __init__(self, text: str, max_depth: int) -> None:
        self.text = text
        self.max_depth = max_depth
        self.work = 0
        self.edits: list[Edit] = []

    def edit(self, start: int, end: int, new: str) -> None:
        """Make an edit of the text: what is tried from now on is tried together with it."""
        if any(edit.start < end and edit.end > start for edit in self.edits[-20:]):
            raise OverlapError
        insort(self.edits, Edit(start, end, new), key=lambda edit: (edit.start, edit.end))

    def cut(self, start: int, end: int, new: str = "") -> int:
        """Put `new` in the place of text[start:end] and of the edits that were made in it; where that ends."""
        first = bisect_left(self.edits, start, key=lambda edit: edit.start)
        while first and self.edits[first - 1].end > start:
            first -= 1
        near = self.edits[first:]
        inside = [edit for edit in near if edit.start < end and edit.end > start]
        if inside:
            start, end = min(start, inside[0].start), max(end, *(edit.end for edit in inside))
        self.edits[first:] = [edit for edit in near if edit.end <= start or edit.start >= end > start]
        self.edit(start, end, new)
        return end

    def edited(self, start: int, end: int, *, whole: bool = False, made: int | None = None) -> str:
        """text[start:end] with its edits, from the one with the index `made` on; `whole`: those at its end too."""
        edits = self.edits
        first = self.first_edit(start) if made is None else made
        last = len(edits) if whole else bisect_left(edits, end, key=lambda edit: edit.start)
        if first >= last:
            return self.text[start:end]
        return apply(
            self.text[start:end], [Edit(at - start, to - start, new) for at, to, new in edits[first:last] if to <= end]
        )

    def first_edit(self, start: int) -> int:
        """The first of the edits that a state at `start` has not read yet; insertions there it has."""
        first = bisect_left(self.edits, start, key=lambda edit: edit.start)
        while first < len(self.edits) and self.edits[first].start == self.edits[first].end == start:
            first += 1
        return first

    def back(self, at: int) -> int:
        """Behind the last character before `at` that is neither white space nor left out."""
        for edit in reversed(self.edits):
            at = len(self.text[:at].rstrip(" \t\r\n"))
            if edit.end == at and not edit.text.strip() and edit.start < at:
                at = edit.start
            elif edit.end < at:
                break
        return len(self.text[:at].rstrip(" \t\r\n"))

    def _meets(self, candidate: Candidate) -> bool:
        """Whether it touches what was edited before."""
        at = bisect_right(self.edits, candidate.start, key=lambda edit: edit.end)
        return at < len(self.edits) and self.edits[at].start < candidate.end

    def best(self, failed: State, trace: Window, suspects: list[list[State]]) -> list[Tried]:
        """The best repair, and those that are as good but yield other data; empty if there is none worth making."""
        at = skip_space(self.text, failed.pos)
        # A value that is missing may be just that; something is put in its place only if that fits perfectly.
        lacking = failed.is_object and failed.expect == VALUE and self.text[at : at + 1] in (",", "}", "]")
        worst = REPLACED if lacking else WORST
        window = [State(*each) for each in trace]  # type: ignore[arg-type]  # they are the fields of a State
        if not window or window[-1].pos != failed.pos:
            window.append(failed)
        found = []
        seen = set()
        for candidate in self._candidates(failed, at, window):
            key = (candidate.start, candidate.end, candidate.new)
            if key not in seen:
                seen.add(key)
                tried = self._try(candidate, at, failed.weight)
                if tried:
                    found.append(tried)
        for suspect in suspects:
            found += self._suspected(suspect, at, failed)
        return self._choose(found, worst)

    def _candidates(self, failed: State, at: int, window: list[State]) -> Iterator[Candidate]:
        if at == len(self.text):
            yield from self._closing(failed, window)
        for state in window:
            yield from self._structural(state)
        yield from self._openers(failed)
        yield from self._quotes(window, at)
        yield from self._strings(window, failed, at)

    def _structural(self, state: State) -> Iterator[Candidate]:
        """Brackets, commas and colons before the token after `state`, and that token removed or replaced."""
        text, expect = self.text, state.expect
        begin = skip_space(text, state.pos)
        character = text[begin : begin + 1]
        closer = "}" if state.is_object else "]"
        if self.edits and self.edits[-1].end == state.pos:  # behind a comment: it comes before that
            state = state._replace(pos=min(self.back(state.pos), state.pos))
        before = state.pos
        if expect == AFTER_KEY:
            yield Candidate(INSERTED, state, before, before, ":", "insert")
            alternatives = ":"
        elif expect == AFTER_VALUE:
            yield Candidate(INSERTED, state, before, before, ",", "insert")
            if state.up is not None:
                yield Candidate(INSERTED, state, before, before, closer, "close")
                if character and character not in ",]}":
                    yield Candidate(INSERTED + 0.2, state, before, before, closer + ",", "close")
            alternatives = "," + closer
        elif expect in (VALUE, FIRST_VALUE):
            # One before its own closing bracket makes a value out of nothing, which only a key needs.
            nothing = 0 if state.is_object else 0.4
            for place in self._line_ends(before, begin):
                yield Candidate(INSERTED + nothing * (character == "}"), state, place, place, "{", "open")
                yield Candidate(INSERTED + nothing * (character == "]"), state, place, place, "[", "open")
            alternatives = "{[]" if expect == FIRST_VALUE else "{["
        else:
            alternatives = "}" if expect == FIRST_KEY else ""
        if expect in (FIRST_KEY, FIRST_VALUE):
            yield Candidate(INSERTED, state, before, before, closer, "close")
        if not character:
            return
        if character in "{}[],:":
            doubled = text[begin - 1 : begin] == character or (character in "}]" and self._line_again(begin))
            yield Candidate(DOUBLED if doubled else REMOVED, state, begin, begin + 1, "", "remove")
            more = _COMMAS.match(text, begin) if character == "," else None
            if more:
                yield Candidate(REMOVED, state, begin, more.end(), "", "remove")
            if character in "}]" and text[begin + 1 : begin + 2] == "," and expect in (KEY, VALUE):
                yield Candidate(DOUBLED if doubled else REMOVED, state, before, begin + 2, "", "remove")
        elif character == '"' or character.isalnum():
            alternatives = ""
            found = TOKEN.match(text, state.pos)
            if found and found.lastindex == 2:  # a key with its colon
                colon = found.end() - 1
                yield Candidate(REPLACED + 0.1, state, colon, colon + 1, "", "remove")
                yield Candidate(REPLACED + 0.1, state, colon, colon + 1, ",", "replace")
        for new in alternatives:
            if new != character:
                alike = character in ALIKE[new]
                if alike or new not in "{[":
                    kind = "swap" if new in "{[" and character in "{[" else "replace"
                    yield Candidate(LOOK_ALIKE if alike else REPLACED, state, begin, begin + 1, new, kind)

    def _line_ends(self, before: int, begin: int) -> list[int]:
        """Where a bracket before a value may stand: in front of it, and at the end of the line before."""
        gap = self.text[before:begin]
        return [before + len(gap) - len(gap.lstrip(" \t")), begin] if "\n" in gap else [begin]

    def _line_again(self, at: int) -> bool:
        """Whether the bracket at `at` begins a line like the one before it."""
        lines = self.text[max(0, at - 200) : at + 1].rsplit("\n", 2)
        return len(lines) == 3 and not lines[2][:-1].strip() and lines[1].rstrip(" \t\r,") == lines[2]

    def _closing(self, failed: State, window: list[State]) -> Iterator[Candidate]:
        """All brackets that are open at the end of the text."""
        origin, end = failed, failed.pos
        if failed.expect in (KEY, VALUE) and len(window) > 1 and window[-2].expect == AFTER_VALUE:
            origin = window[-2]  # a comma was the last token: it goes
        elif failed.expect not in (AFTER_VALUE, FIRST_KEY, FIRST_VALUE):
            return
        new = ""
        level: State | None = failed
        while level is not None and level.up is not None:
            new += "}" if level.is_object else "]"
            level = level.up
        start = skip_space(self.text, origin.pos) if end != origin.pos else end
        yield Candidate(INSERTED + 0.1 * len(new) - 0.1, origin, start, end, new, "close")

    def _openers(self, failed: State) -> Iterator[Candidate]:
        """The brackets that are open, and the value that was closed last, removed, replaced, or with one before it."""
        text = self.text
        level: State | None = failed
        for _ in range(5):
            if level is None:
                break
            if level.last is not None:
                child = level.last
                at = skip_space(text, child.pos)
                for place in self._line_ends(child.pos, at):
                    yield Candidate(INSERTED, child, place, place, "[", "open")
                    yield Candidate(INSERTED, child, place, place, "{", "open")
                yield from self._opener(child, at)
            level = level.up
            if level is not None:
                yield from self._opener(level, skip_space(text, level.pos))

    def _opener(self, state: State, at: int) -> Iterator[Candidate]:
        opener = self.text[at]
        doubled = opener in (self.text[at - 1 : at], self.text[at + 1 : at + 2])
        yield Candidate(DOUBLED if doubled else REMOVED, state, at, at + 1, "", "remove")
        yield Candidate(LOOK_ALIKE, state, at, at + 1, "[" if opener == "{" else "{", "swap")

    def _quotes(self, window: list[State], at: int) -> Iterator[Candidate]:
        """Quotes removed, replaced and inserted around the failing token."""
        text = self.text
        nearest = window[-5:]
        starts = [state.pos for state in nearest]
        first = max(starts[0], at - QUOTED)
        last = min(at + QUOTED, len(text))
        line_end = text.find("\n", at, last)
        last = line_end if line_end >= 0 else last
        for place in range(first, last + 1):
            state = nearest[max(bisect_right(starts, place) - 1, 0)]
            before, after = text[place - 1 : place], text[place : place + 1]
            if after == '"':
                doubled = before == '"'
                yield Candidate(DOUBLED if doubled else REMOVED, state, place, place + 1, "", "remove")
            elif after and after in ALIKE['"']:
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

    def _strings(self, window: list[State], failed: State, at: int) -> Iterator[Candidate]:
        """What takes more than one character: quotes and line breaks inside a string, a pair in an array."""
        text = self.text
        if text[at : at + 1] == '"':
            yield from self._over_lines(failed, at)
            yield from self._pair(failed, at)
        if len(window) > 1:
            yield from self._quotes_inside(window[-2])
        yield from self._quotes_inside(failed)

    def _quotes_inside(self, state: State) -> Iterator[Candidate]:
        text = self.text
        begin = skip_space(text, state.pos)
        if text[begin : begin + 1] != '"':
            return
        line_end = min(end if (end := text.find("\n", begin)) >= 0 else len(text), begin + 2_000)
        inner: list[int] = []
        for found in re.finditer(r'\\.|"', text[begin + 1 : line_end]):
            if found.group() != '"':
                continue
            quote = begin + 1 + found.start()
            if inner and (_STRUCTURAL.match(text, inner[-1] + 1) or _before(text, inner[-1]) in ",:{["):
                return
            if inner and _FOLLOWS.match(text, quote + 1):
                piece = text[inner[0] : inner[-1] + 1].replace('\\"', '"').replace('"', '\\"')
                cost = 0.8 + 0.35 * len(inner) + 0.8 * ('""' in text[begin : quote + 1])
                yield Candidate(cost, state, inner[0], inner[-1] + 1, piece, "escape")
            inner.append(quote)
            if len(inner) > 12:
                return

    def _over_lines(self, state: State, at: int) -> Iterator[Candidate]:
        found = re.compile(r'[^"\\]{0,4000}+(?>(?:\\.[^"\\]{0,4000}+){0,200})"', re.DOTALL).match(self.text, at + 1)
        if found and _FOLLOWS.match(self.text, found.end()):
            inside = self.text[at + 1 : found.end() - 1]
            breaks = inside.count("\n") + inside.count("\r")
            if breaks:
                yield Candidate(1.0 + 0.1 * breaks, state, at + 1, found.end() - 1, corrected(inside), "break")

    def _pair(self, failed: State, at: int) -> Iterator[Candidate]:
        text = self.text
        if failed.is_object or failed.up is None or failed.expect not in (VALUE, FIRST_VALUE):
            return
        found = re.compile(r'"[^"\\\n]*+("\s*+:\s*+")[^"\\\n]*+"').match(text, at)
        if found:
            strings = (failed.current is not None and failed.current.header) or self.text[: failed.pos].rstrip(
                ", \t\r\n"
            )[-1:] == '"'
            cost = LOOK_ALIKE if strings else REPLACED + 0.1
            yield Candidate(cost, failed, found.start(1), found.end(1), ": ", "pair")

    def _try(self, candidate: Candidate, at: int, weight: float, stop_at: int | None = None) -> Tried | None:
        """Read on with the edit. None if it does not even get past the failing token."""
        text = self.text
        origin = candidate.origin
        horizon = (max(at, candidate.end) + AHEAD) if stop_at is None else stop_at
        end = min(horizon + MARGIN, len(text))
        if self.edits and self.edits[-1].end >= origin.pos:
            if self._meets(candidate):
                return None
            before = self.edited(origin.pos, candidate.start)
            local = before + candidate.new + self.edited(candidate.end, end)
        else:
            before = text[origin.pos : candidate.start]
            local = before + candidate.new + text[candidate.end : end]
        shift = end - len(local)
        self.work += len(local) + 30 * len(self.edits) + 300
        stop = len(local) if end == len(text) else horizon - shift
        state = State(0, *origin[1:])
        if candidate.kind == "swap":
            state = run(local, state, len(before) + 1, self.max_depth)
            state = state._replace(either=True)
        after = run(local, state, stop, self.max_depth)
        rest = skip_space(local, after.pos)
        complete = rest == len(local) and end == len(text) and after.expect == DONE
        reach = max(after.pos + shift, 0)
        penalty = 0.0
        if not complete and (reach <= at if stop_at is None else reach < at):
            # Another quote may turn one string into two, of which the second has the same fault.
            if candidate.cost > LOOK_ALIKE or candidate.new != '"' or reach < candidate.end + 1:
                return None
            penalty = STOPS_SOON - 0.2
        elif not complete and after.pos < stop:
            trace: Window = deque(maxlen=3)
            run(local, state, stop, self.max_depth, trace)
            # The last state is that before the wrong token; the one before it shows whether two could be read.
            read = sum(each[0] + shift > at for each in trace)  # type: ignore[operator]  # the first field is the offset
            penalty = STOPS_LATER if read >= 2 else STOPS_SOON
            if rest < len(local) and local[rest] in _HABITUAL and habit(local, rest, after.expect):
                penalty = HABIT  # no failure: such a text has more of them
        elif not complete and rest == len(local) and end == len(text):
            penalty = STOPS_LATER
        score = candidate.cost + after.weight - weight + penalty
        return Tried(score, candidate, len(text) + 1 if complete else reach, after, complete, penalty)

    def _suspected(self, suspect: list[State], at: int, failed: State) -> list[Tried]:
        """Repairs before something that did not fit although it could be read; first tried for what is near."""
        place = suspect[-1].pos
        near = min(skip_space(self.text, place) + AHEAD, at)
        found = []
        for state in suspect[-30:]:
            base = run(self.text, state, near, self.max_depth)
            for candidate in self._structural(state):
                tried = self._try(candidate, place, base.weight, near)
                if tried and tried.reach >= near - 1 and tried.after.weight <= base.weight - 0.5:
                    found.append(tried)
        found.sort(key=lambda tried: tried.score)
        followed = [self._try(tried.candidate, at, failed.weight) for tried in found[:5]]
        return [tried for tried in followed if tried]

    def _choose(self, found: list[Tried], worst: float) -> list[Tried]:
        """Follow the best further, until the text tells them apart; then the best, and what is as good."""
        found = [tried for tried in found if tried.candidate.cost + tried.penalty <= worst]
        if not found:
            return []
        found.sort(key=lambda tried: tried.score)
        finalists = [tried for tried in found if tried.score < found[0].score + 2][:12]
        followed = []
        for tried in finalists:
            if tried.complete or tried.penalty:
                followed.append(tried)
                continue
            after = run(
                self.text, State(tried.reach, *tried.after[1:]), min(tried.reach + FAR, len(self.text)), self.max_depth
            )
            self.work += after.pos - tried.reach
            complete = skip_space(self.text, after.pos) == len(self.text) and after.expect == DONE
            score = tried.score + after.weight - tried.after.weight
            followed.append(
                Tried(score, tried.candidate, len(self.text) + 1 if complete else after.pos, after, complete)
            )
        furthest = max(tried.reach for tried in followed)
        ranked = [tried._replace(score=tried.score + self._early(tried, furthest)) for tried in followed]
        ranked.sort(key=lambda tried: (tried.score, -tried.candidate.start))
        best = ranked[0]
        ties = [best]
        for tried in ranked[1:]:
            if tried.score > best.score + TIE:
                break
            if not any(self._same(tried.candidate, other.candidate) for other in ties):
                ties.append(tried)
        return ties

    def _early(self, tried: Tried, furthest: int) -> float:
        """What it costs to stop before another one does."""
        if tried.reach >= furthest or tried.penalty == HABIT:
            return 0
        if not tried.penalty:
            return STOPS_LATER
        return STOPS_LATER if tried.reach < furthest - 8 else 0

    def _same(self, one: Candidate, other: Candidate) -> bool:
        """Whether two edits yield the same data."""
        start, end = min(one.start, other.start), max(one.end, other.end)
        start = max(0, start - 300)
        end = min(len(self.text), end + 300)
        texts = [self.text[start : each.start] + each.new + self.text[each.end : end] for each in (one, other)]
        return texts[0] == texts[1] or _TOKENS.findall(texts[0]) == _TOKENS.findall(texts[1])
