"""What a JSON text is made of: one regular expression that matches everything right, and nothing wrong.

Characters are repeated possessively, so that no text makes it try twice; whatever it refuses is left to `repair/`.
"""

import re
import sys
from typing import NamedTuple

from mcapp.document.places import Defect

# The kinds of token. The first nine are the groups of TOKEN, so that `match.lastindex` is the kind.
STRING = 1  # a string in double quotes
KEYED = 2  # such a string together with the colon after it
OPEN = 3
CLOSE = 4
COMMA = 5
COLON = 6
NUMBER = 8  # group 7 is the integer part, group 8 the rest, empty for an integer
LITERAL = 9
# The kinds that only the tolerant half knows.
TRIVIA = 10  # a comment, or a space that JSON does not know
JUNK = 11  # nothing that could be read
END = 12

# The lookaheads refuse what can only be a mistake, although its beginning is fine: `"a"b` (a quote inside a string),
# `01` and `1.` (no JSON numbers), `{{x}}` and `[[x]]` (a placeholder without quotes). The groups are not possessive,
# because none of them can match differently a second time.
TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        "([^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*)"
            (?![^ \t\n\r,:\]}/\#])(?:[ \t\n\r]*+(:))?
      | (\{(?!\{)|\[(?!\[[ ]*+(?!(?:true|false|null)\b)[A-Za-z_]))
      | ([}\]])
      | (,)
      | (:)
      | (-?+(?:0|[1-9][0-9]*+))((?:\.[0-9]++)?(?:[eE][-+]?+[0-9]++)?)(?![\w.+-])
      | (true|false|null)(?![\w$-])
      |
    )""",
    re.VERBOSE,
)

LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}

# Python converts no longer integers from text (CVE-2020-10735); 4,300 unless the environment asks for fewer.
MAX_DIGITS = min(4300, sys.get_int_max_str_digits() or 4300)


class Token(NamedTuple):
    """A token at text[start:end], or what a damaged one was probably meant to be.

    `name_end` is where the key of a KEYED token ends; the token itself ends behind the colon. `defects` say what is
    wrong with the token alone. `broken`: so badly that what follows may be wrong only because of it.
    """

    kind: int
    start: int
    end: int
    value: object = None
    name_end: int = 0
    defects: tuple[Defect, ...] = ()
    broken: bool = False
    habitual: bool = False


def beginning(piece: str) -> str:
    """The beginning of the first line of `piece`, in backticks. No word is cut: half a key would not be masked."""
    line = "".join(piece.splitlines()[:1])
    short = line if len(line) <= 40 else line[:41].rpartition(" ")[0]
    return f"`{short}…`" if len(short) < len(piece) else f"`{short}`"
