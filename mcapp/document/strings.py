"""Strings and their escapes."""

import re

from mcapp.document.model import Span

_UNIT = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a surrogate pair is one character
    r"|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})"
    r"|.",
    re.DOTALL,
)


def chars_span(text: str, literal: Span, start: int, end: int) -> Span:
    """Where the characters [start:end] of a string stand, given where its literal does."""
    at = literal.start + (text[literal.start : literal.start + 1] in QUOTES)
    units = _UNIT.finditer(text, at, literal.end)
    first = last = literal.end
    for count, unit in enumerate(units):
        if count == start:
            first = unit.start()
        if count == end:
            last = unit.start()
            break
    return Span(min(first, last), last)


QUOTES = tuple("\"'`")
