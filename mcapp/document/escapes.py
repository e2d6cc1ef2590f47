"""What the inside of a string literal stands for, character by character."""

import re
from collections.abc import Sequence

from mcapp.document.places import Span

# Quotes that are not the straight double one. The lone surrogates are the bytes that Windows-1252 has for them, in a
# file that is not UTF-8.
DOUBLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02\udc93\udc94\udc84"
SINGLE = "\u2018\u2019\u201a\u201b\u2039\u203a\udc91\udc92\udc82"
# What can begin a string, or was meant to.
OPENING = "\"'`" + DOUBLE + SINGLE

_UNIT = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a surrogate pair is one character
    r'|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
    r"|.",
    re.DOTALL,
)
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def decode(content: str) -> str:
    """The characters that the inside of a literal stands for; a wrong escape stands for itself."""
    return _UNIT.sub(_character, content) if "\\" in content else content


def _character(unit: re.Match[str]) -> str:
    found = unit.group()
    if len(found) == 1:
        return found
    if len(found) == 2:
        return ESCAPES.get(found[1], found[1])
    if len(found) == 6:
        return chr(int(found[2:], 16))
    return chr(0x10000 + ((int(found[2:6], 16) - 0xD800) << 10) + int(found[8:], 16) - 0xDC00)


def offsets(text: str, literal: Span) -> Sequence[int]:
    """Where each character of a string stands, given where its literal does; the last one is where they end."""
    begin = literal.start + (text[literal.start] in OPENING)
    if text.find("\\", begin, literal.end) < 0:
        return range(begin, literal.end + 1)
    return [*(unit.start() for unit in _UNIT.finditer(text, begin, literal.end)), literal.end]
