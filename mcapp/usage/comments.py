"""Where the comments of a source file are, by what its language's family writes for them."""

import re
from bisect import bisect_right
from functools import cache

# Each pattern takes comments and, so that none is found inside of them, strings. What is not closed goes on to the end
# of its line or file: no text is read twice. A quote after a word or after & or < (Don't, &'a) begins no string.
_QUOTED = rb"""(?:(?<![\w&<])|(?<![\w])[rbfuRBFU]{1,2})(?:"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?)"""
_HASH = rb"""(?P<hash>(?:^|(?<=[\s;)}\],]))\#(?!\{)[^\n]*+)"""
_SLASHES = rb"(?P<line>(?<!:)//[^\n]*+)|(?P<block>/\*(?:[^*]|\*(?!/))*+(?:\*/)?)"
_MARKUP = rb"(?P<markup><!--(?:[^-]|-(?!->))*+(?:-->)?)"
# A regular expression of JavaScript may contain quotes: /["'`]/. A longer one is not understood.
_PATTERN = rb"[(,=:\[!&|?{};\n][ \t]{0,20}/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.){0,40}+\]){1,100}+/"
_TEMPLATE = rb"`(?:[^`\\]|\\.)*+`?"
_TRIPLE = (
    rb'''(?P<doc>[rRuUbBfF]{0,2}(?:"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|\'\'\'(?:[^'\\]|\\.|'(?!\'\'))*+(?:\'\'\')?))'''
)
_RUBY = rb"(?P<ruby>^=begin\b(?:[^\n]|\n(?!=end))*+)"
_DASHES = rb"(?P<dashes>--\[\[(?:[^\]]|\](?!\]))*+|--[^\n]*+)"
# For a file of an unknown kind: a line that begins like a comment.
_BEGIN = rb"(?P<begin>^[ \t]*+(?:\#|//|/?\*|--|;|<!--|%|REM\b)[^\n]*+)"


_C = (_SLASHES, _PATTERN, _TEMPLATE, _QUOTED)
_STYLES = {
    "js jsx ts tsx mjs cjs mts cts java kt kts swift go rs c h cc cpp hpp cs scala dart groovy gradle css scss less "
    "json5 jsonc proto m mm": _C,
    "php tf hcl": (_HASH.replace(rb"(?!\{)", rb"(?![{\[])"), _SLASHES, _QUOTED),  # PHP's #[Attribute] is code
    "py pyi": (_HASH, _TRIPLE, _QUOTED),
    "rb rake gemspec": (_HASH, _RUBY, _QUOTED),
    "sh bash zsh fish ksh yml yaml toml pl pm r ex exs ps1 psm1 cfg ini conf env nix make mk http rest bru": (
        _HASH,
        _QUOTED,
    ),
    "vue svelte html htm xml astro": (_MARKUP, _SLASHES, _TEMPLATE, _QUOTED),
    "sql lua hs": (_DASHES, _QUOTED),
    "json ipynb": (),
}


@cache
def _style(suffix: str, *, script: bool) -> re.Pattern[bytes] | None:
    """The pattern for a kind of files; None where there are no comments. `script`: it names its interpreter."""
    other = (_HASH, _QUOTED) if script else (_BEGIN,)
    parts = next((parts for suffixes, parts in _STYLES.items() if suffix in suffixes.split()), other)
    return re.compile(rb"|".join(parts), re.MULTILINE | re.DOTALL) if parts else None


# What a triple-quoted string follows where it is a value; elsewhere it stands alone and documents.
_VALUE = (b"(", b",", b"=", b"+", b"[", b"{", b"\\", b"%", b"return", b"yield", b" in")


class Comments:
    """The comments of one file; `holds` says whether a place is in one."""

    def __init__(self, data: bytes, suffix: str) -> None:
        style = _style(suffix, script=data.startswith(b"#!"))
        spans = [
            match.span()
            for match in (style.finditer(data) if style is not None else ())
            if match.lastgroup is not None and not (match.lastgroup == "doc" and _is_value(data, match.start()))
        ]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def holds(self, at: int) -> bool:
        """Whether byte `at` is inside a comment."""
        before = bisect_right(self._starts, at) - 1
        return before >= 0 and at < self._ends[before]


def _is_value(data: bytes, start: int) -> bool:
    """Whether the string at `start` is used as a value: something stands before it that takes one."""
    before = data[max(0, start - 200) : start].rstrip()
    if before.endswith(b":"):  # `def f():` on the line before, or a value in a dict
        return b"\n" not in data[max(0, start - 200) : start][len(before) :]
    return before.endswith(_VALUE)
