"""Keys made up by chance, the ways in which programs write them, and the search for them in an output."""

import html
import json
import re
from base64 import b64encode
from random import Random
from urllib.parse import quote, unquote

_LETTERS = "abcdefghijkmnpqrstuvwyzABCDEFGHJKLMNPQRSTUVW"  # no x: `xxx` stands for a value to fill in

# As in a JSON string.
SPELLINGS = {
    "as it is": lambda key: json.dumps(key)[1:-1],
    "every character escaped": lambda key: "".join(f"\\u{ord(char):04X}" for char in key),
    "PHP's JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "a URL": lambda key: quote(key, safe=""),
    "a URL, every character": lambda key: "".join(f"%{ord(char):02x}" for char in key),
    "HTML": lambda key: html.escape(key).replace("_", "&#95;").replace("/", "&sol;"),
    "HTML in hexadecimal": lambda key: "".join(f"&#x{ord(char):x};" for char in key),
    "another case": lambda key: json.dumps(key.swapcase())[1:-1],
    "UTF-16 read as bytes": lambda key: "".join(f"\\u0000{char}" for char in key),
    "base64 of user:key": lambda key: b64encode(f"user:{key}".encode()).decode(),
}


def make(chance: Random) -> str:
    """A key: with an account's number, of letters and digits, of all that a URL may contain, or of letters alone."""
    kind = chance.randrange(4)
    if kind == 0:
        return f"{chance.randrange(10**8):08d}:{chance.getrandbits(128):032x}"
    if kind == 1:
        return "".join(chance.choice(_LETTERS + "0123456789") for _ in range(30)) + "Q7"
    if kind == 2:
        return "".join(chance.choice(_LETTERS + "0123456789/+=_-.~") for _ in range(30)) + "Q7"
    return "Zq" + "".join(chance.choice("bcdfghjklmnpqrstvwz") for _ in range(24))


def left(key: str, output: str, length: int = 8, *, prefix: bool = False) -> str:
    """A piece of the key, so many characters, that is in the output in any spelling; `prefix`: its beginning alone."""
    plain = _plain(output)
    starts = range(1) if prefix else range(len(key) - length + 1)
    low = key.lower()
    for piece in (low[start : start + length] for start in starts):
        if piece in plain:
            return piece
    for before in range(3):
        coded = b64encode(bytes(before) + key.encode())[4:-4].decode().lower()
        for start in range(len(coded) - 11):
            if coded[start : start + 12] in plain:
                return coded[start : start + 12]
    return ""


def _plain(text: str) -> str:
    for _ in range(3):
        text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
        text = re.sub(r"\\+([/\"'])", r"\1", html.unescape(unquote(text)))
    return text.replace("\0", "").replace("\u2400", "").lower()
