"""What is not JSON but means one thing only: comments, other quotes, words and numbers of other languages; other files.

No search is needed for these; a file written in another notation has hundreds of them.
"""

import re
from typing import NamedTuple

from mcapp.document.layout import Layout
from mcapp.document.places import Defect, Edit, Span, apply, invalid, line_end
from mcapp.document.reader import DOUBLE, ESCAPES, MAX_DIGITS, SINGLE, beginning, unescape
from mcapp.document.repair.machine import AFTER_KEY, AFTER_VALUE, FIRST_KEY, FIRST_VALUE, KEY, VALUE

# A placeholder of ManyChat's or of mcapp's own; the comma keeps nested arrays of bare words out.
PLACEHOLDER = r"(?:\{\{[^{}\[\]<>\"\r\n]*+\}\}|\[\[[^{}\[\]<>\",\r\n]*+\]\]|<<[^{}\[\]<>\"\r\n]*+>>)"
_PLACEHOLDER = re.compile(PLACEHOLDER)
_NAME = re.compile(r"[A-Za-z_$][\w$.-]*+")
_KEY_COLON = re.compile(r"[ \t\n\r]*+:(?!//)")
_URL = re.compile(rf"<?+[A-Za-z][\w+.-]*+://(?>(?:{PLACEHOLDER}|[^\s\"',{{}}\[\]]++)*)")
# To the end of the line, or to what ends a value; the spaces at the end are cut off afterwards.
_BARE = re.compile(
    rf"(?>(?:{PLACEHOLDER}|[^\s\x00-\x1f\"',:;={{}}\[\]<>#/]++|[ \t]++|:(?=\S)|(?<=\w)'(?=\w)|[=<>#](?=\w)|/(?![/*]))+)"
)
_WORD = re.compile(r"\w|[}\]>]")
_NUMBERLIKE = re.compile(r"[+-]?+[\w.]++(?>(?:(?<=[eE])[+-][\w.]*+)?)")
_NUMBER = re.compile(r"([+-]?+)(0*+)([0-9]*+)(\.?+)([0-9]*+)(?>([eE][+-]?+[0-9]++)?)$")
_INFINITE = re.compile(r"[+-]?+(?:nan|inf(?>(?:inity)?))(?![\w$.])", re.IGNORECASE)
_LITERALS = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null", "undefined": "null"}
_STANDS_FOR = re.compile(r"(=>?+|\uff1a)|([;\uff0c\uff1b\u3001])")
# White space that JSON does not know (RFC 8259, section 2), and characters that nobody sees.
_OTHER_SPACE = re.compile("(?:(?![ \t\n\r])\\s|[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff])+")
_LINE_BREAKS = "\x0b\x0c\x85\u2028\u2029"
_ESCAPED_STRING = re.compile(r'\\"((?>(?:[^"\\\r\n]++|\\(?!")[^\r\n])*))\\"')
_COMMENTS = {"/*": "*/", "<!--": "-->"}  # those that need not end with the line
_SPACES = re.compile(r"[ \t]*+")
_FOLLOWS = re.compile(r"[ \t]*+(?:[,:\]}\r\n]|//|/\*|#|\Z)")
_ON_LINE = re.compile(r'"[^"\\\r\n]*+(?>(?:\\[^\r\n][^"\\\r\n]*+)*)"')
_STRUCTURE = re.compile(r'"[ \t]*[,:\]}]')
_BEGINS_ANOTHER = re.compile(r'[,:{\[][ \t]*"')
_BAD_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|(\\)')
_CONTROL = re.compile(r"\r\n|[\x00-\x1f]")
_WRITTEN = {character: f"\\{letter}" for letter, character in ESCAPES.items()} | {"\r\n": "\\n"}
_NAMES = {"\t": "a tab", "\n": "a line break", "\r": "a line break", "\r\n": "a line break"}


def _to_any(enders: str) -> re.Pattern[str]:
    return re.compile(rf"[^{enders}\\\r\n]*+(?>(?:\\[^\r\n][^{enders}\\\r\n]*+)*)[{enders}]")


# The quotes that can begin a string, with the expression that finds the next that can end it.
_QUOTES = {
    "'": _to_any("'"),
    "`": _to_any("`"),
    **dict.fromkeys(DOUBLE, _to_any(DOUBLE + '"')),
    **dict.fromkeys(SINGLE, _to_any(SINGLE + "'")),
}


class Habit(NamedTuple):
    """text[start:end] is read as `new`, which is JSON. `often`: reported once for the whole text."""

    start: int
    end: int
    new: str
    defects: tuple[Defect, ...]
    often: bool = False


def habit(text: str, at: int, expect: int) -> Habit | None:
    """The habit at text[at], where a parser in the state `expect` stopped."""
    character = text[at]
    if character == "#" or text.startswith(("//", *_COMMENTS), at):
        return _comment(text, at)
    space = _OTHER_SPACE.match(text, at)
    if space:
        what = "a space that JSON does not know" if character.isspace() else "an invisible character"
        cause = f"{what} (U+{ord(character):04X}) outside of a string"
        new = "".join("\n" if each in _LINE_BREAKS else " " if each.isspace() else "" for each in space.group())
        return _read_as(new, *space.span(), cause, "use ordinary spaces")._replace(often=True)
    other = _STANDS_FOR.match(text, at)
    if other and expect == (AFTER_KEY if other[1] else AFTER_VALUE):
        meant = ":" if other[1] else ","
        return _read_as(meant, at, other.end(), f"`{other.group()}` instead of `{meant}`", f"write `{meant}`")
    is_key = expect in (KEY, FIRST_KEY)
    if not is_key and expect not in (VALUE, FIRST_VALUE):
        return None
    if character == '"':  # a string on one line with a tab or an unknown escape in it?
        found = _ON_LINE.match(text, at)
        defects = inside_defects(text, at + 1, found.end() - 1) if found and _FOLLOWS.match(text, found.end()) else ()
        return Habit(at, found.end(), f'"{corrected(found.group()[1:-1])}"', defects) if found and defects else None
    if character in _QUOTES:
        return _other_quoted(text, at, is_key=is_key)
    escaped = _ESCAPED_STRING.match(text, at)
    if escaped:
        start, end = escaped.span()
        edits = (Edit(start, start + 1, ""), Edit(end - 2, end - 1, ""))
        cause, advice = "a backslash before a quote outside of a string", "remove the backslashes before the quotes"
        defect = Defect("invalid-json", Span(start, start + 2), cause, advice, (), edits)
        return Habit(start, end, Layout(text).string(unescape(escaped[1])), (defect,), often=True)
    return _bare(text, at, is_key=is_key)


def _read_as(new: str, start: int, end: int, cause: str, advice: str, kind: str = "invalid-json") -> Habit:
    """text[start:end] means `new`, and may be replaced by it."""
    return Habit(start, end, new, (invalid(start, end, cause, advice, new, kind),))


def _comment(text: str, start: int) -> Habit:
    cause = "JSON has no comments"
    closer = next((closer for opener, closer in _COMMENTS.items() if text.startswith(opener, start)), "")
    closed = text.find(closer, start + 2) if closer else -1
    if closed >= 0:
        end = closed + len(closer)
    else:
        end = line_end(text, start)
        if closer:
            cause = "a comment that is never closed"
    defect = Defect("comment", Span(start, end), cause, "remove it", edits=(_without(text, start, end),))
    return Habit(start, end, "", (defect,))


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


def corrected(inside: str) -> str:
    """The inside of a string literal with everything escaped that must be."""
    return apply(inside, [edit for defect in inside_defects(inside, 0, len(inside)) for edit in defect.edits])


def inside_defects(text: str, start: int, end: int) -> tuple[Defect, ...]:
    """What text[start:end], the inside of a literal, must not contain: unknown escapes, control characters."""
    defects = []
    bad = [found.start() for found in _BAD_ESCAPE.finditer(text, start, end) if found[1]]
    if bad:
        at = bad[0]
        cause = f"`{text[at : min(at + 2, end)]}` is not a JSON escape"
        edits = tuple(Edit(at, at + 1, "") if text[at + 1 : at + 2] == "'" else Edit(at, at, "\\") for at in bad)
        span = Span(at, min(at + 2, end))
        defects.append(Defect("invalid-json", span, cause, r"write `\\` for a backslash", (), edits))
    raw = list(_CONTROL.finditer(text, start, end))
    if raw:
        found = raw[0].group()
        cause = f"{_NAMES.get(found) or f'the control character U+{ord(found):04X}'} inside a string"
        edits = tuple(Edit(*each.span(), _escape(each.group())) for each in raw)
        advice = f"write it as `{_escape(found)}`"
        defects.append(Defect("invalid-json", Span(*raw[0].span()), cause, advice, (), edits))
    return tuple(defects)


def _escape(control: str) -> str:
    return _WRITTEN.get(control) or f"\\u{ord(control):04x}"


def _other_quoted(text: str, at: int, *, is_key: bool) -> Habit | None:
    """A string in quotes of another kind."""
    to_end = _QUOTES[text[at]]
    found = to_end.match(text, at + 1)
    for _ in range(20):
        if not found or _FOLLOWS.match(text, found.end()):
            break
        found = to_end.match(text, found.end())
    if not found or not _FOLLOWS.match(text, found.end()):
        return None
    inside = text[at + 1 : found.end() - 1]
    another = text[found.end() - 1] == '"' and (
        inside.endswith('"') or _BEGINS_ANOTHER.search(inside) or (not is_key and _KEY_COLON.match(text, found.end()))
    )
    if another or _STRUCTURE.search(inside):  # the quote at its end belongs to another string
        return None
    value = unescape(inside.replace("\\'", "'"))
    curly = text[at] in DOUBLE or text[at] in SINGLE
    what = "typographic" if curly else "single" if text[at] == "'" else "back"
    kind = "typographic-quote" if curly else "invalid-json"
    new, advice = Layout(text).string(value), 'put it in straight double quotes, `"`'
    return _read_as(new, at, found.end(), f"{what} quotes around a string", advice, kind)


def _ends(text: str, at: int) -> bool:
    """Whether a word may end here."""
    return not text[at : at + 1].strip() or text[at] in ",:]}/#;"


def _bare(text: str, at: int, *, is_key: bool) -> Habit | None:
    """The key or value that stands without quotes."""
    infinite = _INFINITE.match(text, at)
    if infinite and not is_key:
        cause, advice = f"`{infinite.group()}` is not a JSON number", "write a number, a string or `null`"
        return _read_as("null", *infinite.span(), cause, advice, "not-a-number")
    name = _NAME.match(text, at) or _PLACEHOLDER.match(text, at)
    if is_key:
        number = _NUMBERLIKE.match(text, at)
        word = name or number
        if word and _KEY_COLON.match(text, word.end()):
            return _quoted(text, at, word.end(), f"the key {beginning(word.group())} has no quotes")
        return None
    if name and _ends(text, name.end()) and name.group().lower() in _LITERALS:
        new = _LITERALS[name.group().lower()]
        return _read_as(new, *name.span(), f"`{name.group()}` is not a JSON literal", f"write `{new}`")
    if not name:
        number = _NUMBERLIKE.match(text, at)
        found = _number(text, at, number.end()) if number and _ends(text, number.end()) else None
        if found:
            return found
    value = _URL.match(text, at) or _BARE.match(text, at)
    if not value or not _WORD.search(value.group()):
        return None
    end = at + len(value.group().rstrip())
    # A quote behind it, or a colon: a quote was lost, or this is the next key.
    if (
        text[end - 1] in DOUBLE
        or not _FOLLOWS.match(text, end)
        or text[end : end + 1] == ":"
        or _KEY_COLON.match(text, end)
    ):
        return None
    return _quoted(text, at, end, f"{beginning(text[at : min(end, at + 400)])} has no quotes")


def _quoted(text: str, start: int, end: int, cause: str) -> Habit:
    return _read_as(Layout(text).string(text[start:end]), start, end, cause, 'put it in double quotes, `"`')


def _number(text: str, start: int, end: int) -> Habit | None:
    """A number in a form that JSON does not have, or with too many digits (CVE-2020-10735)."""
    word = text[start:end]
    digits = word.lstrip("-")
    if digits.isdigit() and len(digits) > MAX_DIGITS:
        cause = f"a number of {len(digits):,} digits, where {MAX_DIGITS:,} are read at most"
        return Habit(start, end, "0", (invalid(start, end, cause, "write it as a string", None, "too-large"),))
    found = _NUMBER.match(word.replace("_", "")) if len(word) <= MAX_DIGITS else None
    if not found or not (found[2] or found[3] or found[5]):
        try:
            new = str(int(word[:100], 0))
        except ValueError:
            return None
        return _read_as(new, start, end, "a number that is not written in decimal", f"write `{new}`")
    sign, zeros, whole, point, part, power = found.groups(default="")
    new = sign.replace("+", "") + (whole or "0") + (point + part if part else "") + power
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
    # A number that begins with a zero may be a telephone number: no fix.
    offered = None if zeros and whole else new
    return Habit(start, end, new, (invalid(start, end, what, f"write `{new}`", offered),))


# How much of a text is looked at to tell what it is.
_HEAD = 20_000

_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)
_MAIL = (
    r"(?:From |(?:Received|Return-Path|Subject|From|To|Date|MIME-Version):).*\r?\n"
    r"(?:[A-Z][\w-]*: .*\r?\n|[ \t]+.*\r?\n)+\r?\n"
)
_DIFF = r"(?:.*\n)?(?:diff --git |Index: |--- \S.*\n\+\+\+ |@@ -\d)"
_SKIPPED = r"(?>(?:[ \t]*+(?:#[^\n]*+)?\r?\n)*)"  # comments and empty lines
_YAML_KEY = r"[A-Za-z_][\w-]*:"
_YAML_BLOCK = rf"{_SKIPPED}{_YAML_KEY}[ \t]*\r?\n{_SKIPPED}(?:[ \t]+{_YAML_KEY}|[ \t]*- )"
# What a text may be instead: (how it begins, what it is, what to do).
_OTHER_FILES = (
    (re.compile(r"\s*<[!?/A-Za-z]"), "HTML or XML", "save the App JSON itself"),
    (re.compile(_DIFF), "a diff", "apply it, and check the file that comes out"),
    (re.compile(_MAIL), "a mail", "save the App JSON itself"),
    (re.compile(r"(?:[ \t]*>.*(?:\n|\Z)){2}"), "quoted mail", "remove the `>` at the beginning of each line"),
    (re.compile(rf"{_SKIPPED}(?:%YAML|---[ \t]*\r?\n)"), "YAML", "write it as JSON"),
    (re.compile(_YAML_BLOCK), "YAML", "write it as JSON"),
    (re.compile(rf"{_SKIPPED}{_YAML_KEY}[ \t]+[^\s\"'{{\[,][^,{{\[\n]*\n{_YAML_KEY}"), "YAML", "write it as JSON"),
)  # fmt: skip


def other_file(text: str, begin: int) -> Defect | None:
    """What the text is if it is nothing like JSON: one defect, which stands for everything else."""
    head = text[begin : begin + _HEAD]
    start = begin + len(head) - len(head.lstrip())
    for pattern, what, advice in _OTHER_FILES:
        if pattern.match(head):
            return invalid(start, line_end(text, start), f"this is {what}, not JSON", advice)
    conflict = _CONFLICT.search(text) if "<<<<<<<" in text else None
    middle = text.find("\n=======", conflict.start()) if conflict else -1
    if conflict and middle >= 0 and text.find("\n>>>>>>> ", middle) >= 0:
        start, cause = conflict.start(), "a conflict of git that was not resolved"
        advice = "decide between the two versions, and remove the three marker lines"
        return invalid(start, line_end(text, start), cause, advice)
    return None
