"""Keep keys out of sight: every text that leaves the process goes through `mask`.

Two things are masked: what looks like an account's API key or like credentials written out, and every key that this
process has loaded (`remember`), whatever it looks like. The form of an App Key is published nowhere, so a shape alone
can never be enough. A mask is as wide as what it hides, so that underlines and columns still fit.
"""

import re

MASK = "*"

# A character of a JSON text may also be written as \u00XX; a key written that way is a key all the same.
_DIGIT = r"(?:\d|\\u003\d)"
_WORD = r"(?:[A-Za-z0-9]|\\u00[3-7][0-9A-Fa-f])"
_ACCOUNT_KEY = rf"(?<![A-Za-z0-9]){_DIGIT}{{5,}}(?::|\\u003[aA]|%3[aA]){_WORD}{{16,}}"
# Credentials after a scheme; a placeholder (`Bearer {{app_token}}`) is no secret and stays readable.
# A word of prose ("basic authentication") is none either: a digit, an equals sign or sheer length makes the difference.
_SCHEME = (
    r"(?i:\b(?:bearer|basic)(?>(?:\s|%20|\+)+))(?=[A-Za-z_.~+/:-]*+[\d=]|[\w.~+/:-]{20})(?P<secret>[\w.~+/=:-]{6,}+)"
)
_USERINFO = r"(?<=://)[^\s/?#@:\"'<>{}\[\]]++:[^\s/?#@\"'<>{}\[\]]++(?=@)"
# Possessive wherever a run can be long: a hostile file must not make the search slow.
_SUSPECT = re.compile(rf"{_ACCOUNT_KEY}|{_SCHEME}|{_USERINFO}")

_loaded: set[str] = set()


def remember(secret: str) -> None:
    """From now on mask `secret`, in every form in which it may be printed, for the life of this process."""
    if not secret:
        return
    _loaded.add(secret)
    # The forms that JSON, a URL and Python's repr give it.
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

    Generous on purpose. A long run of letters with digits among them, and without what paths, options and URLs have.
    """
    if _SUSPECT.search(argument) or any(secret in argument for secret in _loaded):
        return True
    return bool(re.fullmatch(r"(?!-)(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_:+=~-]{16,}", argument))


def _hide(match: re.Match[str]) -> str:
    found = match.group()
    # Of credentials after a scheme, the scheme stays readable.
    secret = len(match["secret"] or found)
    return found[: len(found) - secret] + MASK * secret
