"""Masking of keys: every text that leaves the process goes through `mask`.

Where secrets become known: a `Secret` when it is made, so every key that this process holds; and the secrets of a
document when it is checked (`appjson.secrets.hidden`), whatever rules are chosen, by validate, generate and send alike.
Both call `remember`. What nobody knows is masked by its looks (an account's API key, credentials after their scheme),
and what follows a name that keys have (`app_token: …`, `?api_key=…`) by that name.

Both are looked for in the plain form of a text: JSON's and Python's escapes, percent-encoding and HTML entities
decoded, also where they are nested, in lower case, without NUL. So a key is found in any mixture of spellings, and what
is masked is its spelling in the text, at the same width, so that underlines and columns still fit. A key in base64 (as
in `user:key`) is found by the part of it that does not depend on what is around it.

The time is linear: the text is decoded in a few passes, the patterns do not backtrack, and the secrets are looked up
by their first characters, so that thousands of them cost what one costs.

The order is: mask, then cut, lower, escape, render. Half a key is no longer found. `console.visible` is the one
function for text from outside: it masks, then makes it visible.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

MASK = "*"

# The patterns see the plain form of a text, so they are in lower case. Possessive quantifiers, so that a hostile file
# cannot make the search slow.
_ACCOUNT_KEY = r"(?<![a-z0-9])\d{5,}+:[a-z0-9]{16,}+"
# Credentials after a scheme, but neither a placeholder (`Bearer {{app_token}}`) nor prose ("basic authentication"):
# they contain a digit or an equals sign, or are long.
_SCHEME = r"\b(?:bearer|basic)[\s+]++(?=[a-z_.~+/:-]*+[\d=]|[\w.~+/:-]{20})(?P<scheme>[\w.~+/=:-]{6,}+)"
_USERINFO = r"(?<=://)[^\s/?#@:\"'<>{}\[\]]++:[^\s/?#@\"'<>{}\[\]]++(?=@)"
# The well-known forms of other services' tokens: Stripe, GitHub, GitLab, Slack, AWS, Google.
_FOREIGN = (
    r"(?<![a-z0-9])(?:(?:[rs]k_(?:live|test)|gh[opsur]|github_pat|glpat|xox[abeprs])[_-][\w-]{10,}+"
    r"|akia[0-9a-z]{16}(?![0-9a-z])|aiza[\w-]{35})"
)
# Patterns are compiled by `re` when they are first used: a clean file needs one of them.
_SUSPECT = f"{_ACCOUNT_KEY}|{_SCHEME}|{_USERINFO}|{_FOREIGN}"
_DIGITS = r":(?<=\d{5}:)"  # begins with a plain character, so that the search is one for that character
_MARKS = (
    *("bearer", "basic", "akia", "aiza", "k_live", "k_test", "github_pat", "glpat", "xox"),
    *(f"gh{kind}{mark}" for kind in "opsur" for mark in "_-"),
)
# What follows a key's name, in JSON, a header, a query, a form or XML; and a user without a password in a URL.
_NAME = (
    r"(?:token(?:[_-]?header)?|secret|passw(?:or)?d|passphrase|credentials?|authorization"
    r"|(?:api|app|access|secret|private|auth|client|manychat)[_-]?key)"
)
_NAMED = (
    # A line that begins with `::` is a command to a CI runner, not what the line before names.
    rf"(?P<name>{_NAME})[\"']?\s{{0,9}}(?!(?<=\n)::)[:=>]\s{{0,9}}[\"']?(?:(?:bearer|basic|token)\s{{1,9}})?"
    r"(?P<value>[^\s\"'<>,;&{}\[\]]{8,}+)"
    r"|(?<=://)(?P<user>[^\s/?#@:\"'<>{}\[\]]{12,}+|[^\s/?#@:.\"'<>{}\[\]]++/[^\s?#@:\"'<>{}\[\]]{4,}+)(?=@)"
)
# With slashes in it, what stands before the `@` of a URL may be a key or a path; in a document it is taken for a key.
_USER = r"(?<=://)(?P<user>(?>(?:[^\s?#@:\"'<>{}\[\]]|:(?!//)){8,}))(?<!/)(?=@(?:localhost|(?:[\w-]+\.)+[a-z]{2,})(?![\w.-]))"
_WORDS = ("key", "token", "secret", "pass", "credential", "authorization")  # each name has one of them
_HOST = r"(?:[a-z\d-]+\.)+[a-z]{2,}"
# A text that stands for a secret and is not one.
_FILL_IN = (
    r"(?i)your|here|xxx|example|emulated|change.?me|placeholder|dummy|insert|replace"
    r"|[<>\s…`]|\*\*\*|\$\{|^\$\w+$|\.\.\.|://"
)

# How text writes a character, outermost first: `\\/`, `\\u002f`, `\\x2f`, `%2F`, `%252F`, `&#47;`, `&amp;sol;`; and
# in a JSON pointer `~1`.
_SPELLING = (
    r"\\+(?:u(?P<json>[0-9a-f]{4})|x(?P<python>[0-9a-f]{2})|(?P<short>[bfnrt](?![a-z0-9])|[\"'/])|)"
    r"|%(?:25)*(?P<percent>[0-9a-f]{2})|&(?:amp;)*(?P<entity>\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z]{2,10});|\0|~(?P<pointer>[01])"
)
_SHORT = dict(zip("bfnrt", "\b\f\n\r\t", strict=True))
_DEEPEST = 4  # spellings inside each other

# Secrets by their first characters, of the largest of these numbers that they have, then by length and whether they are
# base64. Longer ones are known in pieces.
_SIZES = (16, 8, 4, 1)
_LONGEST = 256
_FEW = 64
_Prefixes = dict[str, dict[tuple[int, bool], Counter[str]]]
_loaded: dict[int, _Prefixes] = {}
_BASE64 = r"[a-z0-9+/=_-]*+"


def remember(secret: str) -> None:
    """Mask `secret` from now on in every spelling, until this process ends or `forget` was called as often."""
    _count(secret, 1)


def forget(secret: str) -> None:
    """Undo one call of `remember` with the same secret."""
    _count(secret, -1)


def _count(secret: str, by: int) -> None:
    for form, encoded in _forms(secret):
        size = next(size for size in _SIZES if size <= len(form))
        prefixes = _loaded.setdefault(size, {})
        kinds = prefixes.setdefault(form[:size], {})
        forms = kinds.setdefault((len(form), encoded), Counter())
        forms[form] += by
        if forms[form] <= 0:
            del forms[form]
        if not forms:
            del kinds[len(form), encoded]
        if not kinds:
            del prefixes[form[:size]]


def _forms(secret: str) -> set[tuple[str, bool]]:
    """The forms of a secret in plain texts, each with whether it is base64."""
    form = _plain(secret)[0]
    if not form:
        return set()
    from binascii import b2a_base64  # a clean file has no secret

    found: set[tuple[str, bool]] = set()
    raw = secret.encode("utf-8", "surrogatepass")
    for each in {form, secret.lower(), raw.decode("latin-1").lower()}:  # the last one is percent-encoded
        for at in range(0, len(each), _LONGEST):
            piece = each[at : at + _LONGEST]
            found.add((piece if at == 0 or len(piece) == _LONGEST else each[-_LONGEST:], False))
    for before in range(3):
        data = bytes(before) + raw[:_LONGEST]
        text = b2a_base64(data, newline=False).decode().rstrip("=")
        inner = text[before + bool(before) : len(text) - bool(len(data) % 3)].lower()
        if len(inner) >= _SIZES[1]:
            found |= {(each, True) for each in (inner, inner.replace("+", "-").replace("/", "_"))}
    return found


def mask(text: str) -> str:
    """`text` with everything that is, or looks like, a key replaced by as many asterisks."""
    plain, levels = _plain(text)
    found = _in_text([*_known(plain), *_by_name(plain), *_by_looks(plain)], levels)
    if not found:
        return text
    parts: list[str] = []
    done = 0
    for start, end in found:
        if end > done:
            start = max(start, done)
            parts += text[done:start], MASK * (end - start)
            done = end
    return "".join((*parts, text[done:]))


def suspects(text: str) -> list[tuple[int, int]]:
    """Where `text` holds something that looks like a secret: (start, end) pairs, in order, schemes included."""
    plain, levels = _plain_again(text)
    return _in_text([match.span() for match in _suspected(plain)], levels)


def pieces(text: str) -> Iterator[str]:
    """What `mask` would hide in `text` without knowing any secret, as it is written there."""
    plain, levels = _plain_again(text)
    for start, end in _in_text([*_by_looks(plain), *_by_name(plain)], levels):
        yield text[start:end]
    for start, end in _in_text(_by_name(plain, _USER) if "@" in plain else (), levels):
        user = text[start:end]
        yield user
        host, slash, _ = _plain(user)[0].partition("/")  # what a reader of the URL takes for its host
        if slash and is_secret_value(host) and not (user.islower() and re.fullmatch(_HOST, host)):
            yield host


def is_key_name(name: str) -> bool:
    """Whether values under this name are secrets: `app_token`, `X-Api-Key`, `password`."""
    plain = "".join(filter(str.isalnum, name[:_LONGEST])).lower()
    return plain.isascii() and re.search(_NAME + r"\Z", plain) is not None


def is_fill_in(value: str) -> bool:
    """Whether a text stands for a secret and is not one."""
    return re.search(_FILL_IN, value) is not None


def is_secret_value(value: str) -> bool:
    """Whether a value under a key's name may be a secret: no fill-in, and no common word."""
    if len(value) < 8 or is_fill_in(value):
        return False
    return len(value) >= 12 or not value.isalpha()


def looks_like_key(argument: str) -> bool:
    """Whether a word from the command line may be a key: then no message repeats it."""
    if mask(argument) != argument:
        return True
    # Any long word of letters and digits without what paths, options and URLs contain.
    return bool(re.fullmatch(r"(?!-)(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_:+=~-]{16,}", argument))


def repeats(word: str) -> bool:
    """Whether an error may repeat a name that it does not accept: a key has 8 characters or more."""
    return len(word) < 8


Levels = list[tuple[list[int], list[int]]]


def _plain(text: str) -> tuple[str, Levels]:
    """The plain form of `text`; and for each pass of decoding, where what had been written begins to be longer."""
    plain = text.lower()
    if len(plain) != len(text):  # a character that two would replace
        plain = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    levels: Levels = []
    while len(levels) < _DEEPEST and ("\\" in plain or "%" in plain or "&" in plain or "\0" in plain or "~" in plain):
        parts: list[str] = []
        places, shifts = [0], [0]
        done = size = 0
        for match in re.finditer(_SPELLING, plain):
            char = _character(match)
            start, end = match.span()
            if end - start == len(char):
                continue
            size += start - done + len(char)
            parts += plain[done:start], char
            done = end
            places.append(size)
            shifts.append(done - size)
        if not parts:
            break
        plain = "".join((*parts, plain[done:]))
        levels.append((places, shifts))
    return plain, levels


_plain_again = lru_cache(maxsize=1)(_plain)  # a document is searched twice


def _character(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind is None:
        return "\\" if match[0] != "\0" else ""
    if kind == "pointer":
        return "~/"[int(match[kind])]
    if kind == "short":
        return _SHORT.get(match[kind], match[kind])
    if kind != "entity":
        return chr(int(match[kind], 16)).lower()
    from html import unescape  # its table takes 1 ms

    char = unescape(f"&{match[kind]};").lower()
    return char if len(char) == 1 else match[0]


def _in_text(spans: Iterable[tuple[int, int]], levels: Levels) -> list[tuple[int, int]]:
    """Places in the plain form as places in the text, in order."""
    found = sorted(spans)
    for places, shifts in reversed(levels):
        found = [
            (start + shifts[bisect_right(places, start) - 1], end + shifts[bisect_right(places, end) - 1])
            for start, end in found
        ]
    return found


def _suspected(plain: str) -> Iterator[re.Match[str]]:
    """The matches of `_SUSPECT`, which takes 180 us for 2 kB: first what it cannot match without, which takes 5."""
    may = (
        any(mark in plain for mark in _MARKS)
        or ("@" in plain and "://" in plain)
        or (":" in plain and re.search(_DIGITS, plain))
    )
    return re.finditer(_SUSPECT, plain) if may else iter(())


def _by_looks(plain: str) -> Iterator[tuple[int, int]]:
    for match in _suspected(plain):
        yield match.span("scheme" if match["scheme"] else 0)  # the scheme stays readable


def _by_name(plain: str, pattern: str = _NAMED) -> Iterator[tuple[int, int]]:
    if not ("@" in plain or any(word in plain for word in _WORDS)):
        return
    for match in re.finditer(pattern, plain):
        kind = match.lastgroup or ""
        if is_secret_value(match[kind]):
            yield match.span(kind)


def _known(plain: str) -> Iterator[tuple[int, int]]:
    # Copies, because another thread may load a key meanwhile.
    for size, prefixes in list(_loaded.items()):
        for start in _starts(plain, prefixes, size):
            kinds = prefixes.get(plain[start : start + size], {})
            for length, encoded in sorted(kinds, reverse=True):
                end = start + length
                if plain[start:end] in kinds.get((length, encoded), ()):
                    if encoded:
                        start -= _around(plain[max(start - 64, 0) : start][::-1])
                        end += _around(plain[end : end + 64])
                    yield start, end
                    break


def _around(text: str) -> int:
    """How far `text` is base64."""
    match = re.match(_BASE64, text)
    return match.end() if match else 0


def _starts(plain: str, prefixes: _Prefixes, size: int) -> Iterator[int]:
    """Where a secret with one of these beginnings may start."""
    if len(prefixes) > _FEW:
        yield from (at for at in range(len(plain) - size + 1) if plain[at : at + size] in prefixes)
        return
    for prefix in list(prefixes):
        at = plain.find(prefix)
        while at >= 0:
            yield at
            at = plain.find(prefix, at + 1)
