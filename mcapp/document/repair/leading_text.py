"""What stands before the document although it is no JSON: prose, a line of JavaScript, a Markdown fence."""

import re

from mcapp.document.escapes import OPENING
from mcapp.document.places import Edit
from mcapp.document.repair.defects import Complaints
from mcapp.document.repair.lexer import Lexer
from mcapp.document.tokens import CLOSE, COLON, COMMA, END, JUNK, STRING, TRIVIA

# A bracket that is not the beginning of a placeholder, or a key.
_BEGINNING = re.compile(r'(?<!\{)\{(?!\{)|(?<!\[)\[(?!\[[ ]*+[A-Za-z_])|(?<![{\[])"[^"\r\n]*+"[ \t]*+:')
_MARKUP = re.compile(r"<[!?/A-Za-z]")
_FENCE = re.compile(r"(?:```|~~~)[\w-]*[ \t]*(?:\r\n?|\n|\Z)")
_MOST_COMMENTS = 10_000
_LINE = re.compile(r"[^\r\n]*+")


def skip(lexer: Lexer, begin: int, complaints: Complaints) -> int | None:
    """Where the document begins, at or after `begin`; None if there is none."""
    text = lexer.text
    token = lexer.token(begin)
    only = token.kind == TRIVIA and token.defects[0].kind
    for _ in range(_MOST_COMMENTS):
        if token.kind != TRIVIA:
            break
        token = lexer.token(token.end)
    start = token.start
    if token.kind == END:
        cause = "there is nothing but comments" if only == "comment" else "the file is empty"
        if only == "invalid-json" and text[begin:].strip():
            cause = "this is not JSON"
        complaints.add("invalid-json", (begin, begin), cause, "begin with `{`")
        return None
    is_bare = token.kind == STRING and text[start] != "\\" and text[start] not in OPENING
    if not is_bare and token.kind not in (JUNK, COLON, COMMA, CLOSE) and not text.startswith("```", start):
        return begin
    line = _LINE.match(text, start)
    line_end = line.end() if line else start
    if _MARKUP.match(text, start):
        complaints.add("invalid-json", (start, line_end), "this is HTML or XML, not JSON", "save the App JSON itself")
        return None
    found = _BEGINNING.search(text, start)
    if not found:
        complaints.add("invalid-json", (start, line_end), "this is not JSON", "begin with `{`")
        return None
    fence = _FENCE.match(text, start)
    edits = (Edit(*fence.span(), ""),) if fence else ()
    end = min(line_end, found.start())
    complaints.add("invalid-json", (start, end), "text before the document", "remove it", edits=edits)
    return found.start()


def rest(text: str, end: int) -> tuple[Edit, ...]:
    """How to take away what stands after the `end` of the document, if it is plain that it does not belong there."""
    return (Edit(end, len(text.rstrip()), ""),) if text[end:].strip() in ("```", "~~~", ";") else ()
