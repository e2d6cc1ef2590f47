"""What is said of a repair: the sentence comes from the edit, the place from where it is made."""

from mcapp.document import layout
from mcapp.document.escapes import DOUBLE, SINGLE
from mcapp.document.lines import Lines
from mcapp.document.places import Defect, Edit, Span
from mcapp.document.repair.habits import inside_defects
from mcapp.document.repair.least_edit import Candidate, Tried, skip_space
from mcapp.document.repair.machine import AFTER_KEY, FIRST_KEY, KEY, State
from mcapp.document.tokens import beginning

# So many brackets are named in a sentence.
_NAMED = 3


class Describe:
    """Repairs of one text as defects."""

    def __init__(self, text: str, lines: Lines) -> None:
        self.text = text
        self.lines = lines

    def repair(self, ties: list[Tried], *, wrapper: bool) -> Defect:
        """The defect that the best of the repairs fixes; where there are others as good, they are named instead."""
        candidate = ties[0].candidate
        defect: Defect = getattr(self, f"_{candidate.kind}")(candidate, wrapper=wrapper)
        if len(ties) == 1:
            return defect
        ways = [self._way(tried.candidate) for tried in ties[:3]]
        advice = f"{', or '.join(dict.fromkeys(ways))}: the text does not show which is meant"
        return defect._replace(help=advice, edits=())

    def _way(self, candidate: Candidate) -> str:
        place = self.lines.place(Span(candidate.start, candidate.start))
        where = f"at {place.line}:{place.column}"
        old = self.text[candidate.start : candidate.end]
        if not old:
            return f"add `{candidate.new}` {where}"
        if not candidate.new:
            return f"remove `{old.strip()}` {where}"
        return f"write {beginning(candidate.new)} for {beginning(old)} {where}"

    def _insert(self, candidate: Candidate, **_: object) -> Defect:
        at, state = candidate.start, candidate.origin
        edits = (Edit(at, at, candidate.new),)
        span, cause, advice = Span(at, at), "a comma is missing", f"add `{candidate.new}`"
        if candidate.new == ":":
            cause = f"a colon is missing after {beginning(state.key)}"
        elif candidate.new == '"':
            begin = skip_space(self.text, state.pos)
            opening = at <= begin
            end = at if not opening else self._string_end(at)
            span = Span(begin if not opening else at, end)
            word = self.text[span.start : span.end].strip('"')
            is_key = state.expect in (KEY, FIRST_KEY)
            if is_key:
                cause = f"the key {beginning(word)} has no {'opening' if opening else 'closing'} quote"
            elif opening:
                cause = "a string has no opening quote"
            else:
                cause, advice = "the string is not closed", 'add `"` where it ends'
        return Defect("invalid-json", span, cause, advice, (), edits)

    def _string_end(self, at: int) -> int:
        end = self.text.find('"', at)
        return min(end + 1 if end >= 0 else len(self.text), at + 200)

    def _remove(self, candidate: Candidate, **_: object) -> Defect:
        text, start, end = self.text, candidate.start, candidate.end
        old = (text[start:end].strip(" \t\r\n,") or text[start:end].strip())[:1]
        at = text.index(old, start)
        span = Span(at, at + 1)
        cause = {",": "a comma too many", ":": "a colon too many", '"': "a quote too many"}.get(old)
        if cause is None:
            cause = f"`{old}` closes nothing" if old in "}]" else f"a `{old}` too many"
        if old in DOUBLE or old in SINGLE:
            cause = "a quote too many"
        if old in "}]" and end == start + 1 and not text[candidate.origin.pos : start].strip():
            start = candidate.origin.pos  # with its line
        return Defect("invalid-json", span, cause, "remove it", (), (Edit(start, end, ""),))

    def _replace(self, candidate: Candidate, **_: object) -> Defect:
        start, end, new = candidate.start, candidate.end, candidate.new
        old = self.text[start:end]
        span, edits = Span(start, end), (Edit(start, end, new),)
        if new in "}]" and old in ")}]":
            opener = candidate.origin.start
            opened = "{" if candidate.origin.is_object else "["
            cause = f"`{old}` instead of `{new}` closes the `{opened}` opened on line {self.lines.number(opener)}"
            related = ((Span(opener, opener + 1), "opened here"),)
            return Defect("unclosed-bracket", span, cause, f"write `{new}`", related, edits)
        if new == '"':
            begins = start <= skip_space(self.text, candidate.origin.pos)
            where = f"at the {'beginning' if begins else 'end'} of a string"
            if old in DOUBLE or old in SINGLE:
                cause = f"a typographic quote {where}"
                return Defect("typographic-quote", span, cause, 'use the straight double quote, `"`', (), edits)
            cause = f'`{old}` instead of `"` {where}'
        else:
            cause = f"`{old}` instead of `{new}`"
        return Defect("invalid-json", span, cause, f"write `{new}`", (), edits)

    def _swap(self, candidate: Candidate, **_: object) -> Defect:
        start = candidate.start
        new = "{ }" if candidate.new == "{" else "[ ]"
        cause = "`key: value` pairs in `[ ]`" if candidate.new == "{" else "a list in `{ }`"
        edits = (Edit(start, start + 1, candidate.new),)
        return Defect("invalid-json", Span(start, start + 1), cause, f"write `{new}`", (), edits)

    def _open(self, candidate: Candidate, **_: object) -> Defect:
        at, state, bracket = candidate.start, candidate.origin, candidate.new
        following = self.text[skip_space(self.text, at) :][:400].partition(":")[0].strip('" \t')
        where = f"before {beginning(following)}" if bracket == "{" else f"behind {beginning(state.key)}"
        if not state.is_object and bracket == "[":
            where = f"before {beginning(self.text[at : at + 400])}"
        edits = (Edit(at, at, bracket),)
        return Defect("invalid-json", Span(at, at), f"`{bracket}` is missing {where}", f"add `{bracket}`", (), edits)

    def _escape(self, candidate: Candidate, **_: object) -> Defect:
        start, end = candidate.start, candidate.end
        quotes = [at for at in range(start, end) if self.text[at] == '"' and self.text[at - 1] != "\\"]
        edits = tuple(Edit(at, at, "\\") for at in quotes)
        return Defect("invalid-json", Span(start, start + 1), "a quote inside a string", 'write it as `\\"`', (), edits)

    def _break(self, candidate: Candidate, **_: object) -> Defect:
        return inside_defects(self.text, candidate.start, candidate.end)[-1]

    def _pair(self, candidate: Candidate, **_: object) -> Defect:
        begin = skip_space(self.text, candidate.origin.pos)
        end = self._string_end(candidate.end)
        cause, advice = "a `key: value` pair in an array", 'write it as one string, `"key: value"`'
        edits = (Edit(candidate.start, candidate.end, candidate.new),)
        return Defect("invalid-json", Span(begin, end), cause, advice, (), edits)

    def _close(self, candidate: Candidate, *, wrapper: bool) -> Defect:
        """Brackets that are never closed: which they are, where they were opened, and what closes them."""
        text, at = self.text, candidate.origin.pos
        closers = candidate.new.rstrip(",")
        frames: list[State] = []
        level: State | None = candidate.origin
        for _ in closers:
            if level is None or level.up is None or (wrapper and level.up.up is None):
                break
            frames.append(level)
            level = level.up
        eol, last_line, new = layout.line_end(text, at), self.lines.number(at), ""
        for frame in frames:
            if self.lines.number(frame.start) < last_line:
                new += eol + layout.indent(text, frame.start)
            new += "}" if frame.is_object else "]"
        if candidate.new.endswith(","):
            following = skip_space(text, at)
            new += "," + (" " if "\n" not in text[at:following] and ": " in text else "")
        edits = [Edit(at, at, new)]
        if candidate.end > candidate.start:
            edits.append(Edit(candidate.start, candidate.end, ""))
        if candidate.origin.expect == AFTER_KEY:
            edits = []
        names = [self._name(frame) for frame in frames]
        lines = [self.lines.number(frame.start) for frame in frames]
        if len(frames) == 1:
            cause = (
                f"{names[0]}, opened on line {lines[0]}, is never closed"
                if " of " in names[0]
                else f"{names[0]} opened on line {lines[0]} is never closed"
            )
        else:
            named = [f"{name} (line {line})" for name, line in zip(names[:_NAMED], lines, strict=False)]
            more = f" and {len(frames) - _NAMED} more" if len(frames) > _NAMED else ""
            cause = f"{len(frames)} brackets are never closed: {', '.join(named)}{more}"
        related = [(Span(frame.start, frame.start + 1), "nor is this one") for frame in frames[1:_NAMED]]
        related.append(
            (Span(at, at), f"`{''.join('}' if frame.is_object else ']' for frame in frames[:20])}` is missing here")
        )
        span = Span(frames[0].start, frames[0].start + 1) if frames else Span(at, at)
        advice = f"add `{''.join('}' if frame.is_object else ']' for frame in frames[:20])}` after line {last_line}"
        return Defect("unclosed-bracket", span, cause, advice, tuple(related), tuple(edits))

    def _name(self, frame: State) -> str:
        """`the `[` of `headers``."""
        outer = frame.up
        bracket = "{" if frame.is_object else "["
        return f"the `{bracket}`" + (f" of {beginning(outer.key)}" if outer and outer.is_object and outer.key else "")
