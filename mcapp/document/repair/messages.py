"""What is said of a repair: the sentence comes from the edit, the place from where it is made."""

from mcapp.document.layout import Layout
from mcapp.document.places import Defect, Edit, Lines, Span, invalid, skip_space
from mcapp.document.reader import DOUBLE, SINGLE, beginning
from mcapp.document.repair.candidates import Candidate
from mcapp.document.repair.habits import inside_defects
from mcapp.document.repair.machine import AFTER_KEY, FIRST_KEY, KEY
from mcapp.document.repair.patched import Patched

# So many brackets are named in a sentence.
_NAMED = 3
_NAMES = {",": "comma", ":": "colon", **dict.fromkeys('"' + DOUBLE + SINGLE, "quote")}


class Describe:
    """Repairs of one text as defects of it as it is patched; `lines` are those of the text that was given.

    `wrapped`: the outermost bracket is not the text's own, and is not named.
    """

    def __init__(self, patched: Patched, lines: Lines) -> None:
        self.patched = patched
        self.lines = lines
        self.wrapped = False

    @property
    def text(self) -> str:
        """The text as it is patched so far."""
        return self.patched.text

    def _line(self, offset: int) -> int:
        return self.lines.number(self.patched.start(offset))

    def repair(self, ties: list[Candidate]) -> Defect:
        """The defect that the first of the repairs fixes; where there are others as good, they are named instead."""
        defect: Defect = getattr(self, f"_{ties[0].kind}")(ties[0])
        if len(ties) == 1:
            return defect
        ways = dict.fromkeys(self._way(candidate) for candidate in ties[:3])
        return defect._replace(help=f"{', or '.join(ways)}: the text does not show which is meant", edits=())

    def _way(self, candidate: Candidate) -> str:
        place = self.lines.place(self.patched.span(candidate.start, candidate.start))
        where = f"at {place.line}:{place.column}"
        old, new = self.text[candidate.start : candidate.end], candidate.new
        if not old:
            return f"add `{new}` {where}"
        if not new:
            return f"remove `{old.strip()}` {where}"
        if candidate.kind == "swap":
            old, new = old[0], new[0]
        return f"write {beginning(new)} for {beginning(old)} {where}"

    def _insert(self, candidate: Candidate) -> Defect:
        at, state, new = candidate.start, candidate.origin, candidate.new
        if new != '"':
            cause = "a comma is missing" if new == "," else f"a colon is missing after {beginning(state.key)}"
            return invalid(at, at, cause, f"add `{new}`", new)
        begin = skip_space(self.text, state.pos)
        opening = at <= begin
        span = Span(at, self._string_end(at)) if opening else Span(begin, at)
        cause, advice = "a string has no opening quote", 'add `"`'
        if state.expect in (KEY, FIRST_KEY):
            word = beginning(self.text[span.start : span.end].strip('"'))
            cause = f"the key {word} has no {'opening' if opening else 'closing'} quote"
        elif not opening:
            cause, advice = "the string is not closed", 'add `"` where it ends'
        return invalid(at, at, cause, advice, new)._replace(span=span)

    def _string_end(self, at: int) -> int:
        end = self.text.find('"', at)
        return min(end + 1 if end >= 0 else len(self.text), at + 200)

    def _remove(self, candidate: Candidate) -> Defect:
        text, start, end = self.text, candidate.start, candidate.end
        old = (text[start:end].strip(" \t\r\n,") or text[start:end].strip())[:1]
        at = text.index(old, start)
        cause = f"`{old}` closes nothing" if old in "}]" else f"a {_NAMES.get(old, f'`{old}`')} too many"
        if old in "}]" and end == start + 1 and not text[candidate.origin.pos : start].strip():
            start = candidate.origin.pos  # with its line
        return invalid(start, end, cause, "remove it", "")._replace(span=Span(at, at + 1))

    def _replace(self, candidate: Candidate) -> Defect:
        start, end, new = candidate.start, candidate.end, candidate.new
        old = self.text[start:end]
        if new in "}]" and old in ")}]":
            opener = candidate.origin.level.start
            opened = self.text[opener]
            cause = f"`{old}` instead of `{new}` closes the `{opened}` opened on line {self._line(opener)}"
            related = ((Span(opener, opener + 1), "opened here"),)
            return invalid(start, end, cause, f"write `{new}`", new, "unclosed-bracket")._replace(related=related)
        cause = f"`{old}` instead of `{new}`"
        if new == '"':
            begins = start <= skip_space(self.text, candidate.origin.pos)
            where = f"at the {'beginning' if begins else 'end'} of a string"
            if old in DOUBLE or old in SINGLE:
                advice = 'use the straight double quote, `"`'
                return invalid(start, end, f"a typographic quote {where}", advice, new, "typographic-quote")
            cause = f"{cause} {where}"
        return invalid(start, end, cause, f"write `{new}`", new)

    def _swap(self, candidate: Candidate) -> Defect:
        start, end, new = candidate.start, candidate.end, candidate.new
        cause, advice = ("`key: value` pairs in `[ ]`", "{ }") if new[0] == "{" else ("a list in `{ }`", "[ ]")
        edits = (Edit(start, start + 1, new[0]), *([Edit(end - 1, end, new[-1])] if new[1:] else []))
        return Defect("invalid-json", Span(start, start + 1), cause, f"write `{advice}`", (), edits)

    def _open(self, candidate: Candidate) -> Defect:
        at, state, bracket = candidate.start, candidate.origin, candidate.new
        following = self.text[skip_space(self.text, at) :][:400].partition(":")[0].strip('" \t')
        where = f"before {beginning(following)}" if bracket == "{" else f"behind {beginning(state.key)}"
        if not state.level.is_object and bracket == "[":
            where = f"before {beginning(self.text[at : at + 400])}"
        return invalid(at, at, f"`{bracket}` is missing {where}", f"add `{bracket}`", bracket)

    def _escape(self, candidate: Candidate) -> Defect:
        start, end = candidate.start, candidate.end
        quotes = [at for at in range(start, end) if self.text[at] == '"' and self.text[at - 1] != "\\"]
        edits = tuple(Edit(at, at, "\\") for at in quotes)
        return Defect("invalid-json", Span(start, start + 1), "a quote inside a string", 'write it as `\\"`', (), edits)

    def _break(self, candidate: Candidate) -> Defect:
        return inside_defects(self.text, candidate.start, candidate.end)[-1]

    def _pair(self, candidate: Candidate) -> Defect:
        begin = skip_space(self.text, candidate.origin.pos)
        end = self._string_end(candidate.end)
        cause, advice = "a `key: value` pair in an array", 'write it as one string, `"key: value"`'
        return invalid(candidate.start, candidate.end, cause, advice, candidate.new)._replace(span=Span(begin, end))

    def _close(self, candidate: Candidate) -> Defect:
        """Brackets that are never closed: which they are, where they were opened, and what closes them."""
        text, at = self.text, candidate.origin.pos
        levels = candidate.origin.level.open()[: len(candidate.new.rstrip(","))]
        levels = [level for level in levels if not (self.wrapped and level.depth == 1)]
        closers = "".join(level.closer for level in levels)
        layout = Layout(text)
        eol, last_line, new = layout.line_end(at), self.lines.number(self.patched.span(at, at).start), ""
        for level in levels:
            if self._line(level.start) < last_line:
                new += eol + layout.indent(level.start)
            new += level.closer
        if candidate.new.endswith(","):
            following = skip_space(text, at)
            new += "," + (" " if "\n" not in text[at:following] and ": " in text else "")
        edits = [Edit(at, at, new)]
        if candidate.end > candidate.start:
            edits.append(Edit(candidate.start, candidate.end, ""))
        if candidate.origin.expect == AFTER_KEY:
            edits = []
        names = []
        for level in levels:  # the `[` of `headers`
            outer = level.opened
            key = f" of {beginning(outer.key)}" if outer and outer.level.is_object and outer.key else ""
            names.append(f"the `{text[level.start]}`{key}")
        lines = [self._line(level.start) for level in levels]
        if len(levels) == 1:
            name, comma = names[0], "," if " of " in names[0] else ""
            cause = f"{name}{comma} opened on line {lines[0]}{comma} is never closed"
        else:
            named = ", ".join(f"{name} (line {line})" for name, line in zip(names[:_NAMED], lines, strict=False))
            more = f" and {len(levels) - _NAMED} more" if len(levels) > _NAMED else ""
            cause = f"{len(levels)} brackets are never closed: {named}{more}"
        missing = f"`{closers[:20]}`"
        related = [(Span(level.start, level.start + 1), "nor is this one") for level in levels[1:_NAMED]]
        related.append((Span(at, at), f"{missing} is missing here"))
        span = Span(levels[0].start, levels[0].start + 1) if levels else Span(at, at)
        advice = f"add {missing} after line {last_line}"
        return Defect("unclosed-bracket", span, cause, advice, tuple(related), tuple(edits))
