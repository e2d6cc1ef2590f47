"""The payload's options: `KEY=VALUE`, `a.b=VALUE`, `KEY:=JSON`, and a JSON text to start from."""

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import NamedTuple

from mcapp.document import read
from mcapp.errors import UsageProblem


class PayloadEntry(NamedTuple):
    """One `--payload` option: the keys from the top of the payload down to the value, and the value (JSON data)."""

    path: tuple[str, ...]
    value: object


# A dot separates keys, `\.` is a dot, `\\` a backslash; any other backslash is itself.
_PARTS = re.compile(r"\\([.\\])|(\.)")


def parse_entry(word: str) -> PayloadEntry:
    r"""`KEY=VALUE` (a string) or `KEY:=JSON` (anything); dots in KEY nest, `\.` is a dot. Raises UsageProblem."""
    key, equals, value = word.partition("=")
    if not equals:
        # The word is not repeated: it may be a key that was pasted here.
        raise UsageProblem("a --payload without `=`: expected KEY=VALUE", hint="KEY:=JSON for other types than text")
    typed = key.endswith(":")
    if typed:
        key = key[:-1]
    path = _split(key)
    if not all(path):
        raise UsageProblem(
            f"--payload has an empty key in `{key}`" if key else "--payload has no key before the `=`",
            hint=r"a dot nests (page.id=…); write a dot in a key as `\.`",
        )
    if not typed:
        return PayloadEntry(path, value)
    plain = f"for text leave out the colon: --payload {key}=…"
    return PayloadEntry(path, parse_json(value.encode("utf-8"), f"--payload {key}:=", plain))


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
    """The value of a strict JSON text. Raises UsageProblem, which starts with `what` and gives the position."""
    document = read(raw, what)
    defects = [defect for defect in document.defects if defect.kind != "byte-order-mark"]
    if defects or not document.readable:
        place = ""
        if defects:
            at = document.place(defects[0].span)
            place = f" (line {at.line}, column {at.column})" if at.line > 1 else f" (column {at.column})"
        cause = defects[0].cause if defects else "it has no value"
        raise UsageProblem(f"{what} is not strict JSON: {cause}{place}", hint=(defects and defects[0].help) or hint)
    try:
        # 1e999 is valid JSON and infinite in Python, and could not be written back.
        json.dumps(document.data, allow_nan=False)
    except ValueError:
        raise UsageProblem(f"{what} has a number that is too large", hint="write it as text") from None
    return document.data


def parse_object(raw: bytes, what: str) -> dict[str, object]:
    """As `parse_json`, for a whole payload, which must be an object."""
    data = parse_json(raw, what)
    if not isinstance(data, dict):
        kind = {list: "a list", str: "text", bool: "a boolean", type(None): "null"}.get(type(data), "a number")
        raise UsageProblem(f"{what} must be an object, not {kind}", hint="an empty payload is {}")
    return data


def merge(base: Mapping[str, object], entries: Iterable[PayloadEntry]) -> dict[str, object]:
    """A copy of `base` with `entries` set in it. Raises UsageProblem where two entries contradict each other."""
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
                    f"--payload {dotted(path)} does not fit the JSON: `{dotted(path[:depth])}` is not an object",
                    hint=r"write a dot in a key as `\.`",
                )
            spot = below
        spot[path[-1]] = value
    try:
        return parse_object(json.dumps(result).encode("ascii"), "the payload")  # which says if it is nested too deep
    except RecursionError:
        raise UsageProblem("the payload is nested too deep") from None


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    if one == other:
        raise UsageProblem(f"--payload {dotted(one)} is given twice", hint="remove one of them")
    short, long = sorted((one, other), key=len)
    if long[: len(short)] == short:
        raise UsageProblem(
            f"--payload {dotted(short)} and --payload {dotted(long)} contradict each other: "
            f"`{dotted(short)}` cannot be both a value and an object with `{dotted(long[len(short) :])}`",
            hint=rf"write a dot in a key as `\.`: --payload '{_escape('.'.join(long))}=…'",
        )


def dotted(path: Iterable[str]) -> str:
    """A path as typed in --payload: `a.b`, with dots in keys escaped."""
    return ".".join(_escape(key) for key in path)


def _escape(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")
