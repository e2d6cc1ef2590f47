"""What shows where brackets belong: themselves, keys, and how the lines are indented."""

from typing import NamedTuple

from mcapp.document.repair.lexer import Lexer
from mcapp.document.tokens import CLOSE, COMMA, END, JUNK, KEYED, NUMBER, OPEN, STRING, TOKEN, TRIVIA

# The kinds of event that are no bracket.
A_KEY = "key"
A_VALUE = "value"
# A text with more tokens is not looked through.
_MOST_TOKENS = 500_000
# The group of TOKEN with which a token begins, where that is not the one of its kind.
_GROUP = {KEYED: STRING, NUMBER: NUMBER - 1}


class Event(NamedTuple):
    """A bracket, a key, or a value that is the first on its line or stands behind a comma.

    `column` is its indentation, or -1 behind something else; `after` the kind of the token before it.
    """

    at: int
    kind: str
    column: int
    after: int


def gather(lexer: Lexer, begin: int) -> list[Event]:
    """The events of a text from `begin`, in order; none if there are too many."""
    text = lexer.text
    events: list[Event] = []
    position = line_start = begin
    first = True
    before = 0
    for _ in range(_MOST_TOKENS):
        found = TOKEN.match(text, position)
        kind = found.lastindex if found else None
        if found and kind:
            start, end = found.start(_GROUP.get(kind, kind)) - (kind <= KEYED), found.end()
        else:
            token = lexer.token(position)
            kind, start, end = token.kind, token.start, token.end
            if kind == END:
                return events
        # Only what lies between two tokens can hold a line end that matters.
        line_end = max(text.rfind("\n", position, start), text.rfind("\r", position, start))
        if line_end >= 0:
            first = True
            line_start = line_end + 1
        position = end
        if kind == TRIVIA:
            continue
        if first or kind in (OPEN, CLOSE, KEYED) or before == COMMA:
            column = len(text[line_start:start].expandtabs(4)) if first else -1
            if kind in (OPEN, CLOSE):
                events.append(Event(start, text[start], column, before))
            elif kind == KEYED:
                events.append(Event(start, A_KEY, column, before))
            elif kind not in (COMMA, JUNK):
                events.append(Event(start, A_VALUE, column, before))
        first = False
        before = kind
    return []
