"""The search for the least edit: of the candidates near where strict reading fails, the one that fits best."""

import re
from collections import deque
from typing import NamedTuple

from mcapp.document.places import skip_space
from mcapp.document.reader import DOUBLE, SINGLE
from mcapp.document.repair.candidates import LOOK_ALIKE, REPLACED, Candidate, candidates, structural
from mcapp.document.repair.habits import habit
from mcapp.document.repair.machine import DONE, GARBLED, VALUE, Machine, State, Trace
from mcapp.document.repair.patched import Patched

# A text that stops again needs another edit; soon, and this one was hardly right.
STOPS_LATER, STOPS_SOON, HABIT = 1.1, 2.5, 0.3
_HABITUAL = "/#'`" + DOUBLE + SINGLE
# Characters behind the place where reading fails that are read with a candidate, and those that tokens there need.
AHEAD, MARGIN = 300, 500
# Two repairs whose scores differ by less are not told apart.
TIE = 0.05
# A repair that scores worse is not made.
WORST = 3.3
# How far finalists are followed.
FAR = 2_000_000

_TOKENS = re.compile(r'"(?>(?:[^"\\]|\\.)*)"|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)


class Tried(NamedTuple):
    """A candidate with how far the text could be read with it, in offsets of the text, and in which state."""

    score: float
    candidate: Candidate
    reach: int
    after: State
    complete: bool = False
    penalty: float = 0.0


class Search:
    """Looks for repairs of one text. `work` counts the characters that were read for it."""

    def __init__(self, patched: Patched, machine: Machine) -> None:
        self.patched = patched
        self.machine = machine
        self.work = 0

    def best(self, failed: State, trace: Trace, suspects: list[list[State]]) -> list[Candidate]:
        """The best repair, and those that are as good but yield other data; empty if there is none worth making."""
        text = self.patched.text
        at = skip_space(text, failed.pos)
        # A value that is missing may be just that; something is put in its place only if that fits perfectly.
        lacking = failed.level.is_object and failed.expect == VALUE and text[at : at + 1] in (",", "}", "]")
        window = [State(*each) for each in trace]  # type: ignore[arg-type]  # they are the fields of a State
        if not window or window[-1].pos != failed.pos:
            window.append(failed)
        found = []
        seen = set()
        for candidate in candidates(text, failed, window):
            key = (candidate.start, candidate.end, candidate.new)
            if key not in seen:
                seen.add(key)
                found.append(self._try(candidate, at, failed.weight))
        for suspect in suspects:
            found += self._suspected(suspect, at, failed)
        worst = REPLACED if lacking else WORST
        tried = [each for each in found if each and min(each.candidate.cost + each.penalty, each.score) <= worst]
        return self._choose(tried) if tried else []

    def _try(self, candidate: Candidate, at: int, weight: float, stop_at: int | None = None) -> Tried | None:
        """Read on with the edit. None if it does not even get past the failing token."""
        if self.patched.changed(candidate.start, candidate.end):
            return None
        text, origin = self.patched.text, candidate.origin
        horizon = max(at, candidate.end) + AHEAD if stop_at is None else stop_at
        end = min(horizon + MARGIN, len(text))
        at_end = end == len(text)
        local = text[origin.pos : candidate.start] + candidate.new + text[candidate.end : end]
        shift = end - len(local)
        self.work += len(local) + 300
        stop = len(local) if at_end else horizon - shift
        trace: Trace = deque(maxlen=3)
        after = self.machine.run(local, State(0, *origin[1:]), stop, trace)
        rest = skip_space(local, after.pos)
        complete = at_end and rest == len(local) and after.expect == DONE
        reach = after.pos + (origin.pos if after.pos <= candidate.start - origin.pos else shift)
        penalty = 0.0
        if not complete and (reach <= at if stop_at is None else reach < at):
            # Another quote may turn one string into two, of which the second has the same fault.
            if candidate.cost > LOOK_ALIKE or candidate.new != '"' or reach < candidate.end:
                return None
            penalty = STOPS_SOON - 0.2
        elif not complete and after.pos < stop:
            # The last state is that before the wrong token; the one before it shows whether two could be read.
            read = sum(each[0] + shift > at for each in trace)  # type: ignore[operator]  # the first field is the offset
            penalty = STOPS_LATER if read >= 2 else STOPS_SOON
        elif not complete and at_end and rest == len(local):
            penalty = STOPS_LATER
        if penalty and rest < len(local) and local[rest] in _HABITUAL and habit(local, rest, after.expect):
            penalty = HABIT  # no failure: such a text has more of them
        score = candidate.cost + after.weight - weight + penalty
        return Tried(score, candidate, len(text) + 1 if complete else reach, after, complete, penalty)

    def _suspected(self, suspect: list[State], at: int, failed: State) -> list[Tried | None]:
        """Repairs before something that did not fit although it could be read; first tried for what is near."""
        text, place = self.patched.text, suspect[-1].pos
        near = min(skip_space(text, place) + AHEAD, at)
        found = []
        for state in suspect[-30:]:
            base = self.machine.run(text, state, near)
            for candidate in structural(text, state):
                tried = self._try(candidate, place, base.weight, near)
                if tried and tried.reach >= near - 1 and tried.after.weight <= base.weight - 0.5:
                    found.append(tried)
        found.sort(key=lambda tried: tried.score)
        return [self._try(tried.candidate, at, failed.weight) for tried in found[:5]]

    def _choose(self, found: list[Tried]) -> list[Candidate]:
        """Follow the best further, until the text tells them apart; then the best, and what is as good."""
        found.sort(key=lambda tried: tried.score)
        followed = [self._followed(tried) for tried in found[:12] if tried.score < found[0].score + 2]
        furthest = max(tried.reach for tried in followed)
        ranked = []
        for tried in followed:
            far = tried.reach >= furthest - (8 if tried.penalty else 0) or tried.penalty == HABIT
            ranked.append(tried if far else tried._replace(score=tried.score + STOPS_LATER))
        ranked.sort(key=lambda tried: (tried.score, -tried.candidate.start))
        best = ranked[0].candidate
        # An edit that puts punctuation of the text into a key or string: there was another mistake.
        text, origin = self.patched.text, best.origin
        local = text[origin.pos : best.start] + best.new + text[best.end : best.end + MARGIN]
        stop = best.start - origin.pos + len(best.new) + 1
        if self.machine.run(local, State(0, *origin[1:]), stop).weight >= origin.weight + GARBLED:
            return []
        ties: list[Candidate] = []
        for tried in ranked:
            if tried.score > ranked[0].score + TIE:
                break
            if not any(self._same(tried.candidate, other) for other in ties):
                ties.append(tried.candidate)
        return ties

    def _followed(self, tried: Tried) -> Tried:
        """A candidate of which no end is seen yet, after the rest of the text."""
        if tried.complete or tried.penalty:
            return tried
        text, reach = self.patched.text, tried.reach
        trace: Trace = deque(maxlen=4)
        after = self.machine.run(text, State(reach, *tried.after[1:]), min(reach + FAR, len(text)), trace)
        self.work += after.pos - reach
        complete = skip_space(text, after.pos) == len(text) and after.expect == DONE
        # What stops it fits as badly as the tokens before it, whichever repair is made here.
        last = after if complete or not trace else State(*trace[0])  # type: ignore[arg-type]  # the fields of a State
        score = tried.score + last.weight - tried.after.weight
        return Tried(score, tried.candidate, len(text) + 1 if complete else after.pos, after, complete)

    def _same(self, one: Candidate, other: Candidate) -> bool:
        """Whether two edits yield the same tokens."""
        text = self.patched.text
        start = max(0, min(one.start, other.start) - 300)
        end = max(one.end, other.end) + 300
        first, second = (text[start : each.start] + each.new + text[each.end : end] for each in (one, other))
        return first == second or _TOKENS.findall(first) == _TOKENS.findall(second)
