"""Strings that are not quite right: what they were meant to be, and where they end."""

import re

from mcapp.document.escapes import DOUBLE, ESCAPES, SINGLE, decode
from mcapp.document.layout import string
from mcapp.document.places import Defect, Edit, Span
from mcapp.document.tokens import KEYED, STRING, TRIVIA, Token

_WRITTEN = {character: f"\\{letter}" for letter, character in ESCAPES.items()} | {"\r\n": "\\n"}
_NAMES = {"\t": "a tab", "\n": "a line break", "\r": "a line break", "\r\n": "a line break"}

# To the next straight quote on this line, and to the next one anywhere.
_ON_LINE = re.compile(r'[^"\\\r\n]*+(?>(?:\\[^\r\n][^"\\\r\n]*+)*)\\?+')
_TO_QUOTE = re.compile(r'[^"\\]*+(?>(?:\\.[^"\\]*+)*)"', re.DOTALL)
# What may follow a string: the quote before it was meant to be the last.
_FOLLOWS = re.compile(r"[ \t]*+(?:[,:\]}\r\n]|//|/\*|\Z)")
_ENDS = re.compile(r"[ \t]*+(?:[,\]}\r\n]|\Z)")
_COLON = re.compile(r"[ \t\n\r]*+:")
_SPACE = re.compile(r"[ \t\n\r]*+")
# A string that has more quotes inside is not looked for its end any longer.
_MOST_QUOTES = 100
_BAD_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|(\\)')
_CONTROL = re.compile(r"\r\n|[\x00-\x1f]")
# A key without its second quote, and what shows that it is one: `"method: "POST"`, `"headers: [`.
_OPEN_KEY = re.compile(r'([^\s",:{}\[\]]++)[ \t]*+:[ \t]*+(?:(")|(?!\[\[|\{\{)[\[{](?=[ \t]*+(?:["\r\n\[\]{}\d-]|\Z)))')

_CURLY_END = re.compile(rf"[{DOUBLE}](?=[ \t]*+(?:[,:\]}}\r\n]|\Z))")


def _to_any(enders: str) -> re.Pattern[str]:
    return re.compile(rf"[^{enders}\\\r\n]*+(?>(?:\\[^\r\n][^{enders}\\\r\n]*+)*)[{enders}]")


# The quotes that can begin a string, with the expression that finds the next that can end it.
QUOTES = {
    "'": _to_any("'"),
    "`": _to_any("`"),
    **dict.fromkeys(DOUBLE, _to_any(DOUBLE + '"')),
    **dict.fromkeys(SINGLE, _to_any(SINGLE + "'")),
}


def double_quoted(text: str, start: int) -> Token:
    """The string that begins with the straight quote at `start`, if TOKEN does not take it."""
    end = _on_line(text, start + 1)
    if text[end : end + 1] == '"' and (_FOLLOWS.match(text, end + 1) or text[end + 1] in '"{['):
        if text[end + 1 : end + 2] == '"' and _ENDS.match(text, end + 2):
            return _with_stray_quote(text, start, end)
        return _whole(text, start, end)
    curly = _CURLY_END.search(text, start + 1, end)
    if curly:
        return _curly_end(text, start, curly.start())
    key = _open_key(text, start, end)
    if key:
        return key
    if text[end : end + 1] == '"':
        return _quotes_inside(text, start, end)
    return _unclosed(text, start, end)


def other_quoted(text: str, start: int) -> Token:
    """The string that begins at `start` with a quote that is none in JSON."""
    to_end = QUOTES[text[start]]
    found = to_end.match(text, start + 1)
    end = found.end() if found else 0
    while found and not _FOLLOWS.match(text, found.end()):
        found = to_end.match(text, found.end())
        end = found.end() if found else end
    content_end = end - 1
    if not end:
        line_end = _on_line(text, start + 1)
        if text[line_end : line_end + 1] == '"' and _FOLLOWS.match(text, line_end + 1):
            content_end, end = line_end, line_end + 1  # `'headers": [`
        else:
            content_end = end = _end_without_quote(text, start, line_end)
    if end == start + 1:
        return _stray_quote(start)
    value = decode(text[start + 1 : content_end].replace("\\'", "'"))
    curly = text[start] in DOUBLE or text[start] in SINGLE
    defect = Defect(
        "typographic-quote" if curly else "invalid-json",
        Span(start, end),
        f"{'typographic' if curly else 'single' if text[start] == chr(39) else 'back'} quotes around a string",
        'put it in straight double quotes, `"`',
        edits=(Edit(start, end, string(text, value)),),
    )
    return Token(STRING, start, end, value, defects=(defect,))


def keyed(text: str, token: Token) -> Token:
    """A string together with the colon after it, if there is one."""
    colon = _COLON.match(text, token.end) if token.kind == STRING else None
    return token._replace(kind=KEYED, end=colon.end(), name_end=token.end) if colon else token


def _on_line(text: str, start: int) -> int:
    """Where the next straight quote stands, or else where the line ends."""
    found = _ON_LINE.match(text, start)
    return found.end() if found else start


def _whole(text: str, start: int, end: int) -> Token:
    """The string between the quotes at `start` and `end`."""
    return Token(STRING, start, end + 1, decode(text[start + 1 : end]), defects=_inside(text, start + 1, end))


def _inside(text: str, start: int, end: int) -> tuple[Defect, ...]:
    """What a literal must not contain: unknown escapes, and characters that have to be escaped."""
    defects = []
    bad = [found.start() for found in _BAD_ESCAPE.finditer(text, start, end) if found[1]]
    if bad:
        at = bad[0]
        cause = f"`{text[at : min(at + 2, end)]}` is not a JSON escape"
        doubled = tuple(Edit(at, at, "" if text[at + 1 : at + 2] == "'" else "\\") for at in bad)
        edits = tuple(Edit(at, at + (not new), new) for (at, _, new) in doubled)
        defects.append(
            Defect("invalid-json", Span(at, min(at + 2, end)), cause, r"write `\\` for a backslash", (), edits)
        )
    raw = list(_CONTROL.finditer(text, start, end))
    if raw:
        found = raw[0].group()
        cause = f"{_NAMES.get(found) or f'the control character U+{ord(found):04X}'} inside a string"
        edits = tuple(Edit(*each.span(), _escape(each.group())) for each in raw)
        defects.append(
            Defect("invalid-json", Span(*raw[0].span()), cause, f"write it as `{_escape(found)}`", (), edits)
        )
    return tuple(defects)


def _escape(control: str) -> str:
    return _WRITTEN.get(control) or f"\\u{ord(control):04x}"


def _curly_end(text: str, start: int, end: int) -> Token:
    """A string that begins with a straight quote and ends with a typographic one."""
    defect = Defect(
        "typographic-quote",
        Span(end, end + 1),
        "a typographic quote at the end of a string",
        'use the straight double quote, `"`',
        edits=(Edit(end, end + 1, '"'),),
    )
    value = decode(text[start + 1 : end])
    return Token(STRING, start, end + 1, value, defects=(*_inside(text, start + 1, end), defect))


def _open_key(text: str, start: int, end: int) -> Token | None:
    """A key whose second quote is missing, up to and with its colon. `end` is the next quote, or the line's end."""
    key = _OPEN_KEY.match(text, start + 1)
    if not key:
        return None
    if key[2]:
        value_end = _on_line(text, end + 1)
        if text[value_end : value_end + 1] != '"' or not _FOLLOWS.match(text, value_end + 1):
            return None
    name_end = key.end(1)
    defect = Defect(
        "invalid-json",
        Span(start, name_end),
        f"the key `{key[1]}` has no closing quote",
        'add `"`',
        edits=(Edit(name_end, name_end, '"'),),
    )
    return Token(KEYED, start, text.index(":", name_end) + 1, key[1], name_end, (defect,))


def _quotes_inside(text: str, start: int, end: int) -> Token:
    """The quote at `end` is followed by something that belongs to no JSON: it was not meant to be the last one."""
    if end == start + 1:
        return _stray_quote(start)
    quotes = [end]
    while len(quotes) < _MOST_QUOTES and not _FOLLOWS.match(text, quotes[-1] + 1):
        at = _on_line(text, quotes[-1] + 1)
        if text[at : at + 1] != '"':
            break
        quotes.append(at)
    if len(quotes) == 1:
        return _whole(text, start, end)
    last = quotes.pop()
    before = text[start + 1 : quotes[-1]].rstrip(" \t")
    if before.endswith(",") and _COLON.match(text, last + 1):
        # `"name": "x, "title": …`: the quotes around `title` are right, so the one before the comma is missing.
        return _without_end(text, start, start + len(before))
    found = bool(_FOLLOWS.match(text, last + 1))
    defect = Defect(
        "invalid-json",
        Span(quotes[0], quotes[0] + 1),
        "a quote inside a string",
        'write it as `\\"`',
        edits=tuple(Edit(at, at, "\\") for at in quotes),
    )
    value = decode(text[start + 1 : last])
    return Token(STRING, start, last + 1, value, defects=(*_inside(text, start + 1, last), defect), broken=not found)


def _unclosed(text: str, start: int, end: int) -> Token:
    """A string that has no second quote on its line, which ends at `end`."""
    space = _SPACE.match(text, end)
    after = space.end() if space else end
    following, comment = text[after : after + 1], text.startswith(("//", "/*"), after)
    if following and following not in '"{}[],:#' and following not in QUOTES and not comment:
        # Prose goes on: a string over several lines, if its end looks like one.
        rest = _TO_QUOTE.match(text, end)
        if rest and _FOLLOWS.match(text, rest.end()):
            return _whole(text, start, rest.end() - 1)
    end = _end_without_quote(text, start, end)
    return _without_end(text, start, end) if end > start + 1 else _stray_quote(start)


def _without_end(text: str, start: int, end: int) -> Token:
    content = text[start + 1 : end]
    # A backslash at the end would escape the quote that is added.
    odd = (len(content) - len(content.rstrip("\\"))) % 2
    defect = Defect(
        "invalid-json",
        Span(start, end),
        "the string is not closed",
        'add `"` where it ends',
        edits=(Edit(end, end, "\\" * odd + '"'),),
    )
    inside = _inside(text, start + 1, end - odd)
    return Token(STRING, start, end, decode(content), defects=(*inside, defect))


def _with_stray_quote(text: str, start: int, end: int) -> Token:
    """A string that ends at `end`, and another quote right behind it."""
    token = _whole(text, start, end)
    return token._replace(end=end + 2, defects=(*token.defects, *_stray_quote(end + 1).defects))


def _stray_quote(at: int) -> Token:
    defect = Defect("invalid-json", Span(at, at + 1), "a quote too many", "remove it", edits=(Edit(at, at + 1, ""),))
    return Token(TRIVIA, at, at + 1, defects=(defect,))


def _end_without_quote(text: str, start: int, end: int) -> int:
    """Where the string probably ends that has no second quote: before a comma, and brackets that it did not open."""
    content = text[start + 1 : end]
    spare = {"}": content.count("}") - content.count("{"), "]": content.count("]") - content.count("[")}
    while end > start + 1:
        last = text[end - 1]
        if last not in ", \t":
            if spare.get(last, 0) <= 0:
                break
            spare[last] -= 1
        end -= 1
    return end
