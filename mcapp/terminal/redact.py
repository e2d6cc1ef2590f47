"""Masking of keys: every text that leaves the process goes through `mask`.

Two things are masked: text that looks like an account's API key or like credentials, and every key that this process
has loaded (`remember`), whatever it looks like. ManyChat publishes no format of App Keys, so a pattern alone is not
enough. A mask is as long as the text that it hides, so that underlines and columns still fit.
"""

import re

MASK = "*"

# JSON may write a character as \u00XX; a key written that way must be masked too.
_DIGIT = r"(?:\d|\\u003\d)"
_WORD = r"(?:[A-Za-z0-9]|\\u00[3-7][0-9A-Fa-f])"
_ACCOUNT_KEY = rf"(?<![A-Za-z0-9]){_DIGIT}{{5,}}(?::|\\u003[aA]|%3[aA]){_WORD}{{16,}}"
# Credentials after a scheme, but neither a placeholder (`Bearer {{app_token}}`) nor prose ("basic authentication"):
# they contain a digit or an equals sign, or are long.
_SCHEME = (
    r"(?i:\b(?:bearer|basic)(?>(?:\s|%20|\+)+))(?=[A-Za-z_.~+/:-]*+[\d=]|[\w.~+/:-]{20})(?P<secret>[\w.~+/=:-]{6,}+)"
)
_USERINFO = r"(?<=://)[^\s/?#@:\"'<>{}\[\]]++:[^\s/?#@\"'<>{}\[\]]++(?=@)"
# Possessive quantifiers, so that a hostile file cannot make the search slow.
_SUSPECT = re.compile(rf"{_ACCOUNT_KEY}|{_SCHEME}|{_USERINFO}")

_loaded: set[str] = set()


def remember(secret: str) -> None:
    """Mask `secret` from now on in every form in which it may be printed, until this process ends."""
    if not secret:
        return
    _loaded.add(secret)
    # As JSON, URLs and Python's repr write it.
    from json import dumps
    from urllib.parse import quote

    _loaded.update({dumps(secret)[1:-1], quote(secret, safe=""), repr(secret)[1:-1]})


def mask(text: str) -> str:
    """`text` with everything that is, or looks like, a key replaced by as many asterisks."""
    for secret in sorted(_loaded, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, MASK * len(secret))
    return _SUSPECT.sub(_hide, text)


def suspects(text: str) -> list[tuple[int, int]]:
    """Where `text` holds something that `mask` would hide by its looks: (start, end) pairs, in order."""
    return [match.span() for match in _SUSPECT.finditer(text)]


def looks_like_key(argument: str) -> bool:
    """Whether a word from the command line may be a key: then no message repeats it.

    Any long word of letters and digits counts, unless it has characters that paths, options and URLs contain.
    """
    if _SUSPECT.search(argument) or any(secret in argument for secret in _loaded):
        return True
    return bool(re.fullmatch(r"(?!-)(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_:+=~-]{16,}", argument))


def _hide(match: re.Match[str]) -> str:
    found = match.group()
    # The scheme before credentials stays readable.
    secret = len(match["secret"] or found)
    return found[: len(found) - secret] + MASK * secret
