"""The tolerant half of reading: whatever stops the fast half is reported once, mended in thought, and read past."""

from typing import TYPE_CHECKING

from mcapp.document.lines import Lines
from mcapp.document.places import Edit
from mcapp.document.reader import (
    AFTER_KEY,
    AFTER_VALUE,
    DONE,
    FIRST_KEY,
    FIRST_VALUE,
    KEY,
    LOST,
    NEVER,
    PAIRS,
    VALUE,
)
from mcapp.document.repair import leading_text
from mcapp.document.repair.brackets import Plan
from mcapp.document.repair.defects import Complaints
from mcapp.document.repair.lexer import Lexer
from mcapp.document.repair.mending import Mender
from mcapp.document.tokens import (
    CLOSE,
    COLON,
    COMMA,
    END,
    JUNK,
    KEYED,
    LITERAL,
    NUMBER,
    OPEN,
    STRING,
    TRIVIA,
    Token,
)

if TYPE_CHECKING:
    from collections.abc import Callable


# A text with more to mend is none that anybody wrote: it is read up to there.
_MOST_REPAIRS = 50_000


class Unbalanced(Exception):  # no error, but a reason to begin again with a plan
    """The brackets do not match; which of them is to blame can only be told from the whole text."""


class Repairer(Mender):
    """Reads a whole text. Its methods say what a token means where the fast half does not expect it."""

    def __init__(
        self, lexer: Lexer, begin: int, max_depth: int, complaints: Complaints, lines: Lines, plan: Plan | None
    ) -> None:
        super().__init__(lexer, begin, max_depth, complaints, lines)
        self.plan = plan
        self._stops = plan.stops() if plan else []
        self.stop = self._stops.pop() if self._stops else NEVER

    def run(self) -> None:
        """Read to the end. Unbalanced if that takes a plan."""
        take: dict[int, Callable[[Token], None]] = {
            STRING: self._value,
            NUMBER: self._value,
            LITERAL: self._value,
            KEYED: self._key,
            OPEN: self._open,
            CLOSE: self._close,
            COMMA: self._comma,
            COLON: self._colon,
            JUNK: self._junk,
        }
        for _ in range(_MOST_REPAIRS):
            before = self.position
            self.advance()
            self.excused = self.excused and self.position == before
            token = self.lexer.token(self.position)
            if token.kind == END:
                break
            if self.complaints.full:
                self.cut = True
                break
            self._follow_plan(token)
            self.position = token.end
            if token.kind == TRIVIA:
                self.complaints.token(token)
            elif self.state == DONE:
                self._after(token)
            else:
                take[token.kind](token)
                self.excused = self.excused or token.broken
        else:
            self.cut = True
        self._end()
        self.complaints.count += self.repeated - len(self.repeats)
        for path, again, before_it in self.repeats:
            line = self.lines.number(before_it.start)
            cause = f"the key `{path[-1]}` comes twice: the value on line {line} is lost"
            related = ((before_it, "hidden by the second"),)
            self.complaints.add("duplicate-key", again, cause, "keep one of them", related=related, path=path)

    def _follow_plan(self, token: Token) -> None:
        while self.plan and self.stop <= token.start:
            count = self.plan.ends.get(self.stop, 0) if self.stop == token.start else 0
            if count:
                self.end_unclosed(count, token)
            self.stop = self._stops.pop() if self._stops else NEVER

    def _key(self, token: Token) -> None:
        if not self.outer:
            self.wrap(token)
        elif self.plan and token.start in self.plan.objects:
            if self.state == AFTER_VALUE:
                self.missing_comma()
            self.lost_opener("{", token.start, f"before `{token.value}`")
        elif not self.frame.is_object:
            if self.plan is None:
                raise Unbalanced
            if self.state != FIRST_VALUE:
                self.pair(token)
                return
            self.swap()
        elif self.state == AFTER_VALUE:
            self.missing_comma()
        elif self.state in (AFTER_KEY, VALUE):
            self.missing_value()
        self.complaints.token(token)
        self.key, self.key_span = str(token.value), (token.start, token.name_end)
        self.state = VALUE
        if self.plan and token.start in self.plan.lists:
            self.lost_opener("[", self.lexer.token(token.end).start, f"behind `{token.value}`")
            self.state = FIRST_VALUE

    def _value(self, token: Token) -> None:
        if self.state == LOST:
            return
        if self.state in (KEY, FIRST_KEY):
            self._value_as_key(token)
            return
        if self.state == AFTER_KEY:
            self.missing_colon()
        elif self.state == AFTER_VALUE:
            if self.frame.is_object or (token.defects and self.on_same_line(token)):
                self.lost(token)
                return
            self.missing_comma()
        self.accept(token)

    def _value_as_key(self, token: Token) -> None:
        """A value, and no colon right behind it, where a key is expected."""
        span = (token.start, token.end)
        if token.kind == STRING:
            self.complaints.token(token)
            self.key = str(token.value)
        elif self.lexer.token(token.end).kind == COLON:
            self.key = self.text[token.start : token.end]
            edits = (Edit(token.start, token.start, '"'), Edit(token.end, token.end, '"'))
            self.complain(span, f"the key `{self.key}` has no quotes", 'put it in double quotes, `"`', *edits)
        else:
            self.lost(token, "a value without a key")
            return
        self.key_span = span
        self.state = AFTER_KEY

    def _open(self, token: Token) -> None:
        wanted = True
        if self.state == AFTER_KEY:
            self.missing_colon()
        elif self.state == AFTER_VALUE and not self.frame.is_object:
            self.missing_comma()
        elif self.state == FIRST_KEY and self.frame.opener == self.text[token.start]:
            self.swap()
        elif self.state > FIRST_VALUE:
            wanted = False
            if self.state != LOST:
                self.lost(token, "a value without a key" if self.state != AFTER_VALUE else "")
        if len(self.outer) >= self.max_depth:
            self.too_deep(token)
            return
        self.open(self.text[token.start], token.start, wanted=wanted)
        self.value_end = token.end
        self.state = FIRST_KEY if self.frame.is_object else FIRST_VALUE

    def _close(self, token: Token) -> None:
        bracket, opener = self.text[token.start], self.frame.opener
        wants = PAIRS.get(opener, "}")
        if self.plan is None and (bracket != wants or not opener):
            raise Unbalanced
        if not self.outer or (self.plan and token.start in self.plan.stray) or (bracket != wants and not opener):
            self.stray_bracket(token)
            return
        if bracket != wants:
            self.other_bracket(token, wants)
        if self.state == AFTER_KEY:
            self.lone_key(token)
        self.no_more_entries()
        if self.frame.swapped >= 0:
            self.swapped(token.start)
        if not opener:
            self.wrapping(closed=True)
        self.close(token.end)

    def _comma(self, token: Token) -> None:
        if self.state == AFTER_KEY:
            self.lone_key(token)
        elif self.state == VALUE and self.frame.is_object:
            self.missing_value()
        elif self.state != LOST and self.state != AFTER_VALUE:
            self.too_many_commas(token)
            return
        self.complaints.token(token)
        self.comma = token.start
        self.state = KEY if self.frame.is_object else VALUE

    def _colon(self, token: Token) -> None:
        if self.state == AFTER_KEY:
            self.complaints.token(token)
            self.state = VALUE
        elif self.state == VALUE and self.frame.is_object:
            edit = Edit(token.start, token.end, "")
            self.complain((token.start, token.end), "a colon too many", "remove it", edit)
        elif self.state != LOST:
            self.lost(token, "a value without a key" if self.state in (KEY, FIRST_KEY) else "")

    def _junk(self, token: Token) -> None:
        shown = self.complaints.shown(token.start, token.end)
        self.complain((token.start, token.end), f"unexpected {shown}", "remove it")

    def _after(self, token: Token) -> None:
        """A token behind the document's value."""
        if token.kind == CLOSE:
            self._close(token)
            return
        if self.text[token.start] == "," and self.lexer.token(token.end).kind == END:
            edit = Edit(token.start, token.end, "")
            cause = "a comma after the end of the document"
            self.complaints.add("trailing-comma", (token.start, token.end), cause, "remove it", edits=(edit,))
            return
        if self.plan is None:
            raise Unbalanced  # perhaps a bracket closed it too early
        end = self.text.find("\n", token.start)
        end = len(self.text) if end < 0 else end
        edits = leading_text.rest(self.text, self.value_end)
        self.complain((token.start, end), "more text after the end of the document", "remove it", *edits)
        self.position = len(self.text)

    def _end(self) -> None:
        """The text is over, or not worth reading any further."""
        open_brackets = sum(bool(frame.opener) for frame in (*self.outer, self.frame))
        if open_brackets and self.plan is None and not self.cut:
            raise Unbalanced
        if open_brackets and not self.cut:
            self.end_unclosed(open_brackets, None)
        if self.wrapped and self.outer and not self.cut:
            self.no_more_entries()
            self.wrapping(closed=False)
        while self.outer:
            if self.cut:
                self.guess()
            self.close(self.value_end)
