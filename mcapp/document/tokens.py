"""What a JSON text is made of: one regular expression that matches everything right, and what is inside a string.

Characters are repeated possessively, so that no text makes it try twice; whatever it refuses is left to `repair/`.
"""

import re
import sys
from collections.abc import Sequence

from mcapp.document.places import Span

# The kinds of token are the groups of TOKEN: `match.lastindex` is the kind.
STRING = 1  # a string in double quotes
KEYED = 2  # such a string together with the colon after it
OPEN = 3
CLOSE = 4
COMMA = 5
COLON = 6
NUMBER = 8  # group 7 is the integer part, group 8 the rest, empty for an integer
LITERAL = 9

# The lookaheads refuse what can only be a mistake, although its beginning is fine: `01` and `1.` (no JSON numbers),
# `{{x}}` and `[[x]]` (a placeholder without quotes). The groups are not possessive, because none of them can match
# differently a second time.
TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        "([^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*)"(?:[ \t\n\r]*+(:))?
      | (\{(?!\{)|\[(?!\[[ ]*+(?!(?:true|false|null)\b)[A-Za-z_]))
      | ([}\]])
      | (,)
      | (:)
      | (-?+(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?(?:[eE][-+]?+[0-9]++)?)(?![\w.+-])
      | (true|false|null)(?![\w$-])
    )""",
    re.VERBOSE,
)

# Python converts no longer integers from text (CVE-2020-10735); 4,300 unless the environment asks for fewer.
MAX_DIGITS = min(4300, sys.get_int_max_str_digits() or 4300)


def beginning(piece: str) -> str:
    """The beginning of the first line of `piece`, in backticks. No word is cut: half a key would not be masked."""
    line = "".join(piece.splitlines()[:1])
    short = line if len(line) <= 40 else line[:41].rpartition(" ")[0]
    return f"`{short}…`" if len(short) < len(piece) else f"`{short}`"


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


def unescape(content: str) -> str:
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
