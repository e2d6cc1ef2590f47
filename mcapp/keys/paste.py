"""What people paste when they are asked for a key, and the key in it.

A key is copied from a page, a terminal, a JSON file, a shell script or a curl command, often with something around it.
What certainly does not belong to the key is removed, and its kind is reported. What cannot be a key is refused, with
the position and the name of the character. No message ever contains a part of the value.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from mcapp.errors import InputProblem
from mcapp.keys.secret import Secret

SHORTEST, LONGEST = 8, 4094
MAX_BYTES = 1 << 20  # of input: more cannot be a pasted key, and is not read


class BadPaste(InputProblem):
    """What came in is not a key."""

    default_code = "not-a-key"


class Cleaned(NamedTuple):
    """A key, the kinds of things that were removed from it, and warnings about it."""

    secret: Secret
    removed: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


# The two sequences between which a terminal puts a paste (xterm's "bracketed paste"); some programs eat the escape.
_PASTE_MARKS = re.compile(r"\x1b?\[20[01]~")
_ZERO_WIDTH = re.compile("[\ufeff\u200b-\u200d\u2060\u180e\u00ad]")
# "app_token": "…" as the help article prints it, alone or as a whole object; quotes may have become typographic.
_JSON_MEMBER = re.compile(r'\{?\s*["“”][\w-]+["“”]\s*:\s*["“”](.*)["“”]\s*,?\s*\}?', re.DOTALL)
_EXPORT = re.compile(r"(?:export\s+|set\s+|\$env:)[A-Za-z_]\w*\s*=\s*(\S.*?)\s*;?", re.DOTALL)
# Without `export` only what reads like a variable's name: a key may hold an equals sign itself.
_ASSIGNMENT = re.compile(
    r"(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|(?i:\w*(?:key|token|secret)\w*))\s*=(?!=)\s*(\S.*?)\s*;?", re.DOTALL
)
# A space after the colon makes it a header (or YAML); without one only these names do: `12345:abcdef` is a key.
_HEADER = re.compile(r"(?:[A-Za-z][\w-]*:\s+|(?i:authorization|x-[a-z-]+):)(\S.*)", re.DOTALL)
_BEARER = re.compile(r"(?i:bearer)\s+(\S.*)", re.DOTALL)
# `app_token=KEY&page_id=1`: which part is the key is not ours to guess.
_PARAMETER = re.compile(r"&[\w.\[\]-]+=")
_QUOTES = dict(zip("\"'`“”„‘’‚«‹", "\"'`””“’’‘»›", strict=True))  # noqa: RUF001  # typographic ones are meant

_PLACEHOLDER = re.compile(
    r"\{\{|\}\}|\[\[|\]\]|<<|>>|\$\{|\$\(|process\.env|os\.environ|\A[$%]\w+%?\Z|\A<.*>\Z|\A\{.*\}\Z|\A\[.*\]\Z"
    r"|\A(?i:(?:your|my|the|an?|insert|paste|enter|put|replace|add|copy)[ _-][a-z _-]*)\Z"
    r"|\A(?i:changeme|placeholder|example|secret|(?:app|api|access|manychat)[ _-]?(?:app[ _-])?(?:key|token))\Z"
    r"|\A(.)\1+\Z"
)
_MASKED = re.compile(r"…|\.\.\.|\*{3}|[•●·]{2}|\[redacted\]", re.IGNORECASE)
# What a ManyChat account's API key looks like (seen in public code); the App Key's own form is published nowhere.
_ACCOUNT_KEY = re.compile(r"\d{5,}:[A-Za-z0-9]{16,}")
_AGAIN = "copy the key again: all of it, and nothing else"
_CONTROL_NAMES = {0: "NULL", 9: "TAB", 10: "LINE FEED", 13: "CARRIAGE RETURN", 27: "ESCAPE", 127: "DELETE"}


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Text from a pipe, and what was removed from it: UTF-8, or UTF-16 with a BOM as PowerShell writes it."""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8", b"": "utf-8"}
    mark = next(mark for mark in marks if data.startswith(mark))
    try:
        return data.removeprefix(mark).decode(marks[mark]), ("a byte order mark",) if mark else ()
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} of {len(error.object)}"
        message = f"the input is not {marks[mark].upper()} text: {where}"
        raise BadPaste(message, hint="pass only the key, as text") from None


def clean(raw: str | bytes) -> Cleaned:
    """The key in what was pasted. Raises BadPaste if there is none, or if it is unclear which part is the key."""
    text, first = decode(raw) if isinstance(raw, bytes) else (raw, ())
    if len(text) > 4 * LONGEST:
        raise _wrong_length(text)
    removed, before = [*first], ""
    while text != before:
        before = text
        for kind, strip in _STEPS:
            rest = strip(text)
            if rest != text:
                text = rest
                if kind not in removed:
                    removed.append(kind)
    _refuse(text)
    warnings: tuple[str, ...] = ()
    if _ACCOUNT_KEY.fullmatch(text):
        warnings = ("it looks like an account's API key (digits, a colon, letters): it may not be an App Key",)
    return Cleaned(Secret(text), tuple(removed), warnings)


def _json_member(text: str) -> str:
    match = _JSON_MEMBER.fullmatch(text)
    if not match:
        return text
    try:
        return str(json.loads(f'"{match[1]}"'))  # PHP's encoder writes a slash as \/
    except ValueError:
        return match[1]


def _inside(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.fullmatch(text)
    return match[1] if match else text


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("marks of a bracketed paste", lambda text: _PASTE_MARKS.sub("", text)),
    ("invisible characters", lambda text: _ZERO_WIDTH.sub("", text)),
    ("a line end", lambda text: re.sub(r"\A[\r\n]+|[ \t]*[\r\n]+\Z", "", text)),
    ("spaces around it", str.strip),
    ("the JSON around it", _json_member),
    ("a variable's name", partial(_inside, _EXPORT)),
    ("a variable's name", partial(_inside, _ASSIGNMENT)),
    ("a header's name", partial(_inside, _HEADER)),
    ("'Bearer'", partial(_inside, _BEARER)),
    ("a comma or semicolon", lambda text: re.sub(r"\s*[,;]\Z", "", text)),
    ("quotes", lambda text: text[1:-1] if len(text) > 1 and _QUOTES.get(text[0]) == text[-1] else text),
)


def _refuse(text: str) -> None:
    """Raise BadPaste for what cannot be a key."""
    if not text:
        raise BadPaste("the input contains no key", hint=_AGAIN, code="empty")
    if _MASKED.search(text):
        raise BadPaste("this is a masked key: a part of it is hidden", hint="copy it where the whole key is shown")
    if _PLACEHOLDER.search(text):
        raise BadPaste(
            "this is a placeholder, not a key",
            hint="ManyChat shows the key once the app is installed; paste that one",
            code="placeholder",
        )
    if "://" in text:
        raise BadPaste("this is a web address, not a key", hint=_AGAIN)
    for place, character in enumerate(text, 1):
        if not "!" <= character <= "~":
            raise BadPaste(
                f"character {place} of {len(text)} is {_name(character)}, which no key contains",
                hint="the input has several lines; " + _AGAIN if character in "\r\n" else _AGAIN,
            )
    if text[0] in _QUOTES or text[-1] in _QUOTES:
        end = "beginning" if text[0] in _QUOTES else "end"
        raise BadPaste(f"there is a quote at the {end} without its counterpart: a part may be missing", hint=_AGAIN)
    if _PARAMETER.search(text):
        raise BadPaste("there are several parameters, joined with &", hint="copy the value of the key alone")
    if not SHORTEST <= len(text) <= LONGEST:
        raise _wrong_length(text)


def _wrong_length(text: str) -> BadPaste:
    few = "few" if len(text) < SHORTEST else "many"
    return BadPaste(
        f"{len(text):,} characters are too {few} for a key ({SHORTEST} to {LONGEST:,} are accepted)", hint=_AGAIN
    )


def _name(character: str) -> str:
    code = ord(character)
    if character == " ":
        return "a space"
    name = _CONTROL_NAMES.get(code) or unicodedata.name(character, "")
    return f"{name} (U+{code:04X})" if name else f"U+{code:04X}"
