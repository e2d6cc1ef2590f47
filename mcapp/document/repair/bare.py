"""What stands without quotes and is neither a number nor a literal of JSON."""

import re

from mcapp.document.layout import string
from mcapp.document.places import Defect, Edit, Span
from mcapp.document.tokens import JUNK, KEYED, LITERAL, MAX_DIGITS, NUMBER, STRING, Token, beginning

# A placeholder of ManyChat's or of mcapp's own; the comma keeps nested arrays of bare words out.
PLACEHOLDER = r"(?:\{\{[^{}\[\]<>\"\r\n]*+\}\}|\[\[[^{}\[\]<>\",\r\n]*+\]\]|<<[^{}\[\]<>\"\r\n]*+>>)"
_PLACEHOLDER = re.compile(PLACEHOLDER)
_NAME = re.compile(r"[A-Za-z_$][\w$.-]*+")
_URL = re.compile(rf"<?+[A-Za-z][\w+.-]*+://(?>(?:{PLACEHOLDER}|[^\s\"',{{}}\[\]]++)*)")
_COLON = re.compile(r"[ \t\n\r]*+:(?!//)")
# To the end of the line, or to what ends a value; the spaces at the end are cut off afterwards.
_BARE = re.compile(
    rf"(?>(?:{PLACEHOLDER}|[^\s\x00-\x1f\"',:;={{}}\[\]<>#/]++|[ \t]++|:(?=\S)|(?<=\w)'(?=\w)|[=<>#](?=\w)|/(?![/*]))+)"
)
_WORD = re.compile(r"\w|[}\]>]")
_NUMBERLIKE = re.compile(r"[+-]?+[\w.]++(?>(?:(?<=[eE])[+-][\w.]*+)?)")
_LITERALS: dict[str, object] = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
    "nil": None,
    "undefined": None,
}
_INFINITE = re.compile(r"[+-]?+(?:nan|inf(?>(?:inity)?))(?![\w$.])", re.IGNORECASE)
_NUMBER = re.compile(r"([+-]?+)(0*+)([0-9]*+)(\.?+)([0-9]*+)(?>([eE][+-]?+[0-9]++)?)$")


_KEY = re.compile(r"[^\s,:{}\[\]]++")
# To a quote that ends a string and has nothing before it that could begin one; not further than a line usually goes,
# because this is tried at every word.
_TO_QUOTE = re.compile(r'([^"\r\n]{1,200}+)(?<![\s:,{\[(])"(?:[ \t\n\r]*+(:)|(?=[ \t]*+(?:[,\]}\r\n]|//|\Z)))')


def number_too_long(start: int, end: int, digits: int) -> Token:
    """An integer of more digits than Python converts (CVE-2020-10735)."""
    cause = f"a number of {digits:,} digits, where {MAX_DIGITS:,} are read at most"
    defect = Defect("too-large", Span(start, end), cause, "write it as a string")
    return Token(NUMBER, start, end, 0, defects=(defect,))


def bare(text: str, start: int) -> Token | None:
    """The key or value that stands without quotes at `start`; None if there is no such thing."""
    string = _without_quote(text, start)
    if string:
        return string
    infinite = _INFINITE.match(text, start)
    if infinite:
        return _infinite(infinite)
    name = _NAME.match(text, start) or _PLACEHOLDER.match(text, start)
    if name:
        colon = _COLON.match(text, name.end())
        if colon:
            defect = _quote(text, start, name.end(), f"the key `{name.group()[:40]}` has no quotes")
            return Token(KEYED, start, colon.end(), name.group(), name.end(), (defect,))
        if name.group().lower() in _LITERALS and _ends(text, name.end()):
            return _literal(name)
    else:
        number = _NUMBERLIKE.match(text, start)
        token = _number(text, start, number.end()) if number and _ends(text, number.end()) else None
        if token:
            return token
    value = _URL.match(text, start) or _BARE.match(text, start)
    if not value:
        return None
    if not _WORD.search(value.group()):
        return Token(JUNK, start, start + len(value.group().rstrip()), broken=True)
    end = start + len(value.group().rstrip())
    return Token(
        STRING,
        start,
        end,
        text[start:end],
        defects=(_quote(text, start, end, f"{beginning(text[start : min(end, start + 400)])} has no quotes"),),
    )


def _without_quote(text: str, start: int) -> Token | None:
    """A string whose first quote is missing."""
    found = _TO_QUOTE.match(text, start)
    if not found or (found[2] and not _KEY.fullmatch(found[1])):
        return None
    what = f"the key `{found[1][:40]}`" if found[2] else "a string"
    end = found.end(1) + 1
    edits = (Edit(start, start, '"'),)
    defect = Defect("invalid-json", Span(start, end), f"{what} has no opening quote", 'add `"`', (), edits)
    return Token(KEYED if found[2] else STRING, start, found.end(), found[1], end, (defect,))


def _ends(text: str, at: int) -> bool:
    """Whether a word may end here."""
    return not text[at : at + 1].strip() or text[at] in ",:]}/#;"


def _quote(text: str, start: int, end: int, cause: str) -> Defect:
    quoted = string(text, text[start:end])
    return Defect(
        "invalid-json", Span(start, end), cause, 'put it in double quotes, `"`', (), (Edit(start, end, quoted),)
    )


def _literal(name: re.Match[str]) -> Token:
    value = _LITERALS[name.group().lower()]
    written = "null" if value is None else str(value).lower()
    cause = f"`{name.group()}` is not a JSON literal"
    defect = Defect("invalid-json", Span(*name.span()), cause, f"write `{written}`", (), (Edit(*name.span(), written),))
    return Token(LITERAL, *name.span(), value, defects=(defect,))


def _infinite(found: re.Match[str]) -> Token:
    cause = f"`{found.group()}` is not a JSON number"
    edits = (Edit(*found.span(), "null"),)
    defect = Defect("not-a-number", Span(*found.span()), cause, "write a number, a string or `null`", (), edits)
    return Token(NUMBER, *found.span(), float(found.group()), defects=(defect,))


def _number(text: str, start: int, end: int) -> Token | None:
    """A number in a form that JSON does not have."""
    word = text[start:end]
    if len(word) > MAX_DIGITS:
        return number_too_long(start, end, len(word)) if word.isdigit() else None
    found = _NUMBER.match(word.replace("_", ""))
    if not found or not (found[2] or found[3] or found[5]):
        return _other_base(start, word)
    sign, zeros, whole, point, part, power = found.groups(default="")
    written = sign.replace("+", "") + (whole or "0") + (point + part if part else "") + power
    if "_" in word:
        what = "an underscore in a number"
    elif sign == "+":
        what = "a `+` before a number"
    elif zeros and whole:
        what = "a zero before a number"
    elif point:
        what = "no digit after the decimal point" if not part else "no digit before the decimal point"
    else:
        return None
    # A number that begins with a zero may be no number at all, but a telephone number: no mend.
    edits = () if zeros and whole else (Edit(start, end, written),)
    defect = Defect("invalid-json", Span(start, end), what, f"write `{written}`", (), edits)
    value = float(written) if part or power else int(written)
    return Token(NUMBER, start, end, value, defects=(defect,))


def _other_base(start: int, word: str) -> Token | None:
    try:
        value = int(word, 0)
    except ValueError:
        return None
    span = Span(start, start + len(word))
    cause = "a number that is not written in decimal"
    defect = Defect("invalid-json", span, cause, f"write `{value}`", (), (Edit(*span, str(value)),))
    return Token(NUMBER, *span, value, defects=(defect,))
