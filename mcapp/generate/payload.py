"""What the payload's options say: `KEY=VALUE`, `a.b=VALUE`, `KEY:=JSON`, and a JSON text to start from."""

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import NamedTuple

from mcapp.document import read
from mcapp.errors import UsageProblem


class Entry(NamedTuple):
    """One `--payload`: the keys from the payload down to the value, and the value."""

    path: tuple[str, ...]
    value: object


# A dot parts keys, `\.` is a dot, `\\` a backslash; any other backslash is itself.
_PARTS = re.compile(r"\\([.\\])|(\.)")


def parse_entry(word: str) -> Entry:
    r"""`KEY=VALUE` (a string) or `KEY:=JSON` (anything); dots in KEY nest, `\.` is a dot. Raises UsageProblem."""
    key, equals, value = word.partition("=")
    if not equals:
        # The word is not repeated: it may be a key that was pasted here.
        raise UsageProblem("a --payload without `=`: it takes KEY=VALUE", hint="for other types than text: KEY:=JSON")
    typed = key.endswith(":")
    if typed:
        key = key[:-1]
    path = _split(key)
    if not all(path):
        raise UsageProblem(
            f"--payload has an empty key in `{key}`" if key else "--payload has no key before the `=`",
            hint=r"a dot nests (page.id=…); a dot that belongs to the key is written `\.`",
        )
    if not typed:
        return Entry(path, value)
    plain = f"for a text leave the colon out: --payload {key}=…"
    return Entry(path, parse_json(value.encode("utf-8"), f"--payload {key}:=", plain))


def _split(key: str) -> tuple[str, ...]:
    parts = [""]
    end = 0
    for match in _PARTS.finditer(key):
        parts[-1] += key[end : match.start()]
        if match[2]:
            parts.append("")
        else:
            parts[-1] += match[1]
        end = match.end()
    parts[-1] += key[end:]
    return tuple(parts)


def parse_json(raw: bytes, what: str, hint: str = "") -> object:
    """The value of a strict JSON text. Raises UsageProblem that begins with `what` and names the place."""
    document = read(raw, what)
    defects = [defect for defect in document.defects if defect.kind != "byte-order-mark"]
    if defects or not document.readable:
        place = ""
        if defects:
            at = document.place(defects[0].span)
            place = f" (line {at.line}, column {at.column})" if at.line > 1 else f" (column {at.column})"
        cause = defects[0].cause if defects else "nothing in it can be read"
        raise UsageProblem(f"{what} is no strict JSON: {cause}{place}", hint=(defects and defects[0].help) or hint)
    try:
        # 1e999 is valid JSON and infinite in Python, and could not be written back.
        json.dumps(document.data, allow_nan=False)
    except ValueError:
        raise UsageProblem(f"{what} holds a number that is too large", hint="write it as text") from None
    return document.data


def parse_object(raw: bytes, what: str) -> dict[str, object]:
    """The same for a payload as a whole, which is an object."""
    data = parse_json(raw, what)
    if not isinstance(data, dict):
        kind = {list: "a list", str: "text", bool: "a truth value", type(None): "null"}.get(type(data), "a number")
        raise UsageProblem(f"{what} must be an object, not {kind}", hint="an empty payload is {}")
    return data


def merge(base: Mapping[str, object], entries: Iterable[Entry]) -> dict[str, object]:
    """`entries` over `base`, which stays as it is. Raises UsageProblem where two of them contradict each other."""
    result: dict[str, object] = deepcopy(dict(base))
    given: list[tuple[str, ...]] = []
    for path, value in entries:
        for other in given:
            _compatible(other, path)
        given.append(path)
        spot = result
        for depth, key in enumerate(path[:-1], 1):
            below = spot.setdefault(key, {})
            if not isinstance(below, dict):
                raise UsageProblem(
                    f"--payload {dotted(path)} does not fit the JSON: `{dotted(path[:depth])}` is no object there",
                    hint=r"a dot that belongs to the key is written `\.`",
                )
            spot = below
        spot[path[-1]] = value
    return result


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    if one == other:
        raise UsageProblem(f"--payload {dotted(one)} is given twice", hint="leave one of them out")
    short, long = sorted((one, other), key=len)
    if long[: len(short)] == short:
        raise UsageProblem(
            f"--payload {dotted(short)} and --payload {dotted(long)} contradict each other: "
            f"`{dotted(short)}` cannot be a value and hold `{dotted(long[len(short) :])}`",
            hint=rf"a dot that belongs to the key is written `\.`: --payload '{_escape('.'.join(long))}=…'",
        )


def dotted(path: Iterable[str]) -> str:
    """A path as it is typed."""
    return ".".join(_escape(key) for key in path)


def _escape(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")
