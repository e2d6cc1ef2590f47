"""The next token of any text: what TOKEN takes, and for what it refuses the nearest thing that makes sense."""

import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # json's own: escapes mean the same everywhere

from mcapp.document.escapes import OPENING, decode
from mcapp.document.places import Defect, Edit, Span
from mcapp.document.repair import bare, strings
from mcapp.document.tokens import (
    COLON,
    COMMA,
    END,
    JUNK,
    KEYED,
    LITERALS,
    MAX_DIGITS,
    NUMBER,
    OPEN,
    STRING,
    TOKEN,
    TRIVIA,
    Token,
)

# What people type for a colon or a comma; the wide forms come from Chinese and Japanese keyboards.
_STANDS_FOR = re.compile(r"(=>?+|\uff1a)|([;\uff0c\uff1b\u3001])")
# White space that JSON does not know (RFC 8259, section 2), and characters that nobody sees.
_ODD_SPACE = re.compile("(?:(?![ \t\n\r])\\s|[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff])+")
_LINE_BREAKS = "\x0b\x0c\x85\u2028\u2029"
# A string as it looks inside another string.
_ESCAPED_STRING = re.compile(r'\\"((?>(?:[^"\\\r\n]++|\\(?!")[^\r\n])*))\\"')
_JUNK = re.compile(r"[^\s\w\"'{}\[\],:]++")
_LINE = re.compile(r"[^\r\n]*+")
_SPACES = re.compile(r"[ \t]*+")


class Lexer:
    """Tokens of one text, by offset."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._last_block_end: int | None = None

    def token(self, position: int) -> Token:
        """The token at or after `position`."""
        text = self.text
        found = TOKEN.match(text, position)
        kind, end = (found.lastindex, found.end()) if found else (None, position)
        if found is None or kind is None:
            return self._odd(end) if end < len(text) else Token(END, end, end)
        if kind <= KEYED:
            start, name_end = found.span(1)
            value = text[start:name_end]
            if "\\" in value:
                value = scanstring(text, start)[0]
            return Token(kind, start - 1, end, value, name_end + 1)
        if kind == NUMBER:
            start = found.start(7)
            if found.end(7) < end:
                return Token(NUMBER, start, end, float(text[start:end]))
            digits = end - start - (text[start] == "-")
            if digits > MAX_DIGITS:
                return bare.number_too_long(start, end, digits)
            return Token(NUMBER, start, end, int(text[start:end]))
        start = found.start(kind)
        return Token(kind, start, end, LITERALS.get(text[start:end]))

    def _odd(self, start: int) -> Token:
        """What begins at `start`, where TOKEN matches nothing."""
        text = self.text
        character = text[start]
        if character == '"':
            return strings.keyed(text, strings.double_quoted(text, start))
        if character in OPENING:
            return strings.keyed(text, strings.other_quoted(text, start))
        if character == "#" or text.startswith(("//", "/*"), start):
            return self._comment(start)
        space = _ODD_SPACE.match(text, start)
        if space:
            return _odd_space(space)
        escaped = _ESCAPED_STRING.match(text, start)
        if escaped:
            return strings.keyed(text, _escaped_string(escaped))
        other = _STANDS_FOR.match(text, start)
        if other:
            return _stands_for(other)
        word = bare.bare(text, start)
        if word:
            return word
        if character in "{[":
            return Token(OPEN, start, start + 1)
        junk = _JUNK.match(text, start)
        return Token(JUNK, start, junk.end() if junk else start + 1, broken=True)

    def _comment(self, start: int) -> Token:
        text = self.text
        cause = "JSON has no comments"
        is_block = text.startswith("/*", start)
        if is_block and self._last_block_end is None:
            self._last_block_end = text.rfind("*/")
        if is_block and start + 2 <= (self._last_block_end or 0):
            end = text.index("*/", start + 2) + 2
        else:
            line = _LINE.match(text, start)
            end = line.end() if line else start
            if is_block:
                cause = "a comment that is never closed"
        defect = Defect("comment", Span(start, end), cause, "remove it", edits=(_without(text, start, end),))
        return Token(TRIVIA, start, end, defects=(defect,))


def _without(text: str, start: int, end: int) -> Edit:
    """Take a comment away: with its line if it has one of its own, else with the spaces that it leaves behind."""
    # No further back than any indentation goes: a line may be as long as the file.
    before = start - 500 if start > 500 else 0
    left = before + len(text[before:start].rstrip(" \t"))
    spaces = _SPACES.match(text, end)
    right = spaces.end() if spaces else end
    alone = left == 0 or text[left - 1] in "\r\n\ufeff"
    if right == len(text) or text[right] in "\r\n":
        if not alone:
            return Edit(left, end, "")
        right += 2 if text.startswith("\r\n", right) else right < len(text)
        return Edit(left, right, "")
    return Edit(start, right if alone or left < start else end, "")


def _odd_space(space: re.Match[str]) -> Token:
    character = space.group()[0]
    what = "a space that JSON does not know" if character.isspace() else "an invisible character"
    cause = f"{what} (U+{ord(character):04X}) outside of a string"
    new = "".join("\n" if each in _LINE_BREAKS else " " if each.isspace() else "" for each in space.group())
    edits = (Edit(*space.span(), new),)
    defect = Defect("invalid-json", Span(*space.span()), cause, "use ordinary spaces", (), edits)
    return Token(TRIVIA, *space.span(), defects=(defect,), habitual=True)


def _escaped_string(found: re.Match[str]) -> Token:
    start, end = found.span()
    edits = (Edit(start, start + 1, ""), Edit(end - 2, end - 1, ""))
    cause = "a backslash before a quote outside of a string"
    defect = Defect(
        "invalid-json", Span(start, start + 2), cause, "remove the backslashes before the quotes", (), edits
    )
    return Token(STRING, start, end, decode(found[1]), defects=(defect,), habitual=True)


def _stands_for(found: re.Match[str]) -> Token:
    kind, meant = (COLON, ":") if found[1] else (COMMA, ",")
    cause = f"`{found.group()}` instead of `{meant}`"
    edits = (Edit(*found.span(), meant),)
    defect = Defect("invalid-json", Span(*found.span()), cause, f"write `{meant}`", (), edits)
    return Token(kind, *found.span(), defects=(defect,))
