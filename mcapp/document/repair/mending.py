"""What is said of each kind of mistake between the tokens, and what is read in its place."""

import re

from mcapp.document import layout
from mcapp.document.lines import Lines
from mcapp.document.places import Edit, Path, Span
from mcapp.document.reader import AFTER_KEY, AFTER_VALUE, DONE, KEY, LOST, VALUE, Frame, Reader
from mcapp.document.repair.defects import Complaints
from mcapp.document.repair.lexer import Lexer
from mcapp.document.repair.unclosed import Unclosed
from mcapp.document.tokens import CLOSE, COMMA, LITERAL, NUMBER, STRING, Token

_COMMAS = re.compile(r"(?>(?:[ \t\n\r]*+,)*)")
# In what is nested too deeply only brackets count; those in strings do not.
_NESTING = re.compile(r'"(?>(?:[^"\\\r\n]++|\\.)*)"?+|([\[{]++)|([\]}])')


class Mender(Reader):
    """A reader that can complain.

    `wrapped`: the braces around the members were missing. `guessed`: objects and arrays that were not read completely.
    `excused`: what could not be read at all excuses what seems wrong right behind it. `cut`: the text ends inside
    something that was not read.
    """

    def __init__(self, lexer: Lexer, begin: int, max_depth: int, complaints: Complaints, lines: Lines) -> None:
        super().__init__(lexer.text, begin, max_depth)
        self.lexer = lexer
        self.complaints = complaints
        self.lines = lines
        self.wrapped = False
        self.guessed: set[Path] = set()
        self.excused = False
        self.cut = False
        self.first_key = (begin, begin)
        self.loose_end = -1  # where a string ends whose quote is missing
        # Where the reader lost track, and how much had been read there: what goes wrong before more has been read is
        # the same trouble.
        self._trouble: tuple[Frame, int] | None = None

    def complain(self, span: tuple[int, int], cause: str, advice: str, *edits: Edit) -> None:
        """Report invalid JSON, unless it is excused."""
        if not self.excused and self._trouble != (self.frame, len(self.frame.data)):
            self.complaints.add("invalid-json", span, cause, advice, edits=edits)

    def guess(self) -> None:
        """Something in this object or array could not be read."""
        if self.outer and all(frame.wanted for frame in (*self.outer, self.frame)):
            self.guessed.add(self.path())

    def accept(self, token: Token) -> None:
        """Put a plain value, and report what is wrong with it."""
        self.complaints.token(token)
        if any(edit.start == edit.end == token.end for defect in token.defects for edit in defect.edits):
            self.loose_end = token.end
        self.put(token.value, (token.start, token.end))
        self.value_read(token.end)

    def value_read(self, end: int) -> None:
        """A value is complete."""
        self.value_end = end
        self.state = AFTER_VALUE if self.outer else DONE

    def close(self, end: int) -> None:
        """The open object or array is complete."""
        self.frame.node.end = end
        self.frame = self.outer.pop()
        self.value_read(end)

    def missing_comma(self) -> None:
        """Two values follow each other."""
        at = self.value_end
        self.complain((at, at), "a comma is missing", "add `,`", Edit(at, at, ","))

    def missing_colon(self) -> None:
        """A value follows its key."""
        at = self.key_span[1]
        self.complain((at, at), f"a colon is missing after `{self.key}`", "add `:`", Edit(at, at, ":"))

    def missing_value(self) -> None:
        """A key stands alone."""
        self.complain(self.key_span, f"`{self.key}` has no value", "add one, or remove the key")
        self.guess()

    def lost(self, token: Token, cause: str = "") -> None:
        """The rest of the member or element is not read."""
        cause = cause or f"unexpected {self.complaints.shown(token.start, token.end)}"
        self.complain((token.start, token.end), cause, "look for a missing comma or quote before it")
        self._trouble = (self.frame, len(self.frame.data))
        self.state = LOST
        self.guess()

    def too_many_commas(self, token: Token) -> None:
        """A comma where a value or a key is expected, and all that follow it."""
        found = _COMMAS.match(self.text, token.end)
        self.position = found.end() if found else token.end
        edit = Edit(token.start, self.position, "")
        self.complain((token.start, token.end), "a comma too many", "remove it", edit)

    def no_more_entries(self) -> None:
        """What is said of the last member or element when its object or array ends."""
        if self.state == AFTER_KEY or (self.state == VALUE and self.frame.is_object):
            self.missing_value()
        elif self.state in (KEY, VALUE):
            what = "member" if self.frame.is_object else "element"
            if not self.excused:
                edits = (Edit(self.comma, self.comma + 1, ""),)
                span = (self.comma, self.comma + 1)
                self.complaints.add("trailing-comma", span, f"a comma after the last {what}", "remove it", edits=edits)

    def stray_bracket(self, token: Token) -> None:
        """A closing bracket that closes nothing."""
        cause = f"`{self.text[token.start]}` closes nothing"
        start, end = token.start, token.end
        following = self.lexer.token(end)
        if self.state in (KEY, VALUE) and self.outer and following.kind == COMMA and not following.defects:
            # With its line, `},`: the comma before it stays, the one behind it goes.
            start = self.comma + 1
            end = self.position = following.end
        elif self.state in (AFTER_VALUE, DONE) and not self.text[self.value_end : start].strip():
            start = self.value_end
        self.complain((token.start, token.end), cause, "remove it", Edit(start, end, ""))
        self._trouble = (self.frame, len(self.frame.data))

    def other_bracket(self, token: Token, wants: str) -> None:
        """A closing bracket of the wrong kind."""
        opener = self.frame.node.start
        line = self.lines.number(opener)
        cause = (
            f"`{self.text[token.start]}` instead of `{wants}` closes the `{self.frame.opener}` opened on line {line}"
        )
        self.complaints.add(
            "unclosed-bracket",
            (token.start, token.end),
            cause,
            f"write `{wants}`",
            edits=(Edit(token.start, token.end, wants),),
            related=((Span(opener, opener + 1), "opened here"),),
        )

    def swap(self) -> None:
        """The open object is meant as an array, or the reverse. It holds nothing yet."""
        frame = self.frame
        frame.swapped = self.complaints.count
        frame.closer = ""
        frame.is_object = not frame.is_object
        frame.data = {} if frame.is_object else []
        frame.node.items = None if frame.is_object else []
        if frame.wanted:
            self.outer[-1].data[frame.key] = frame.data

    def swapped(self, closer: int | None) -> None:
        """Say so, when it ends (with a bracket at `closer`)."""
        start = self.frame.node.start
        if self.frame.is_object:
            cause, new = "`key: value` pairs in `[ ]`", "{}"
        else:
            cause, new = "a list in `{ }`", "[]"
        edits: tuple[Edit, ...] = ()
        if closer is not None and self.complaints.count == self.frame.swapped:  # or it may be no such thing after all
            edits = (Edit(start, start + 1, new[0]), Edit(closer, closer + 1, new[1]))
        self.complain((start, start + 1), cause, f"write `{new[0]} {new[1]}`", *edits)

    def lone_key(self, token: Token) -> None:
        """A comma or bracket right behind a key: it has no value, unless this is a list in braces."""
        listed = ": " in self.key and self.text[self.key_span[1] - 1] == '"'
        if token.kind == COMMA and not listed:
            listed = self.lexer.token(token.end).kind in (STRING, NUMBER, LITERAL)
        if not listed or self.frame.data or self.frame.opener != "{":
            self.missing_value()
            self.state = LOST
            return
        self.swap()
        self.put(self.key, self.key_span)
        self.value_read(self.key_span[1])

    def pair(self, token: Token) -> None:
        """A key in an array. Headers are the likeliest: there, it is one string that was written as two."""
        if self.state == LOST:
            return
        if self.state == AFTER_VALUE:
            self.missing_comma()
        value = self.lexer.token(token.end)
        if value.kind != STRING or value.defects or token.defects:
            self.lost(token, "a `key: value` pair in an array")
            return
        edit = Edit(token.name_end - 1, value.start + 1, ": ")
        cause = "a `key: value` pair in an array"
        self.complain((token.start, value.end), cause, 'write it as one string, `"key: value"`', edit)
        self.put(f"{token.value}: {value.value}", (token.start, value.end))
        self.position = value.end
        self.value_read(value.end)

    def too_deep(self, token: Token) -> None:
        """Brackets nest deeper than is read: what is inside is skipped."""
        cause = f"brackets are nested deeper than {self.max_depth} levels"
        self.complaints.add(
            "too-deep", (token.start, token.end), cause, "nest them less deeply: what is inside is not read"
        )
        depth = 1
        for found in _NESTING.finditer(self.text, token.end):
            if found[1]:
                depth += len(found[1])
            elif found[2]:
                depth -= 1
                if not depth:
                    self.position = found.end()
                    break
        else:
            self.position = len(self.text)
            self.cut = True
        self.guess()
        self.value_read(self.position)

    def wrap(self, token: Token) -> None:
        """The document begins with a key: supply the braces."""
        self.wrapped = True
        self.first_key = (token.start, token.name_end)
        self.open("", token.start, is_object=True)

    def wrapping(self, *, closed: bool) -> None:
        """Report that the braces are missing; if the object is `closed`, only the first one."""
        text, begin, end = self.text, self.root.node.start, len(self.text.rstrip())
        eol = layout.line_end(text, begin)
        if (self.value_end == end or closed) and eol not in text[begin:end]:
            edits = [Edit(begin, begin, "{"), Edit(end, end, "}")]
        else:
            closer = "}" + eol if text.endswith(("\n", "\r")) else eol + "}"
            edits = [Edit(begin, begin, "{" + eol), Edit(len(text), len(text), closer)]
        if closed:
            edits.pop()
        cause = "the opening brace is missing" if closed else "the braces around the document are missing"
        advice = "begin with `{`" if closed else "begin with `{` and end with `}`"
        self.complaints.add("missing-braces", self.first_key, cause, advice, edits=tuple(edits))

    def lost_opener(self, bracket: str, at: int, where: str) -> None:
        """Begin an object or array whose opening bracket was lost at text[at]."""
        self.complain((at, at), f"`{bracket}` is missing {where}", f"add `{bracket}`", Edit(at, at, bracket))
        frame = self.open(bracket, at)
        frame.closer = ""

    def end_unclosed(self, count: int, token: Token | None) -> None:
        """The innermost `count` brackets end here although nothing closes them; `token` is what comes next."""
        frames = [self.frame, *reversed(self.outer)][:count]
        unclosed = Unclosed(self.text, self.lines, frames, self.value_end)
        more = token is not None and token.kind not in (CLOSE, COMMA)
        edits: tuple[Edit, ...] = ()
        # A string that has to be closed at the same place comes first: the order of two insertions would be a guess.
        if (
            self.value_end != self.loose_end
            and self.state != AFTER_KEY
            and not (self.state == VALUE and self.frame.is_object)
        ):
            comma = self.comma if self.state in (KEY, VALUE) else None
            edits = unclosed.edits(comma=comma, more=more, same=token is not None and self.on_same_line(token))
        self.complaints.add(
            "unclosed-bracket", unclosed.span, unclosed.cause, unclosed.help, edits=edits, related=unclosed.related
        )
        for _ in frames:
            self.guess()
            if self.frame.swapped >= 0:
                self.swapped(None)
            self.close(self.value_end)
        if more and self.outer:
            self.state = KEY if self.frame.is_object else VALUE
        self.excused = False

    def on_same_line(self, token: Token) -> bool:
        """Whether a token stands on the line where the last value ends."""
        between = self.text[max(self.value_end, token.start - 200) : token.start]
        return "\n" not in between and "\r" not in between
