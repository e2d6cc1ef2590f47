"""Placeholders in the values of a block: which of them hold the App Key, and the brackets that ManyChat expects."""

import math
from collections.abc import Callable, Collection, Mapping

from mcapp.appjson import placeholders
from mcapp.errors import Refused, UsageProblem

# The reader's own limit. The block adds a few levels around a payload, which the lint then sees.
MAX_DEPTH = 256
# Python writes integers of up to 4,300 digits.
MAX_BITS = 14_000

_WHOLE = (placeholders.CURLY, placeholders.PORTABLE)


def carries_key(value: object) -> bool:
    """Whether some text in `value` (a string, or an object or list of them) holds the App Key's placeholder."""
    if isinstance(value, str):
        return any(item.name == placeholders.APP_KEY and item.style in _WHOLE for item in placeholders.find(value))
    if isinstance(value, Mapping):
        return any(carries_key(item) for pair in value.items() for item in pair)
    return isinstance(value, list) and any(map(carries_key, value))


def plain_payload(payload: Mapping[str, object]) -> dict[str, object]:
    """A copy of `payload` as JSON can say it. Raises UsageProblem for anything else (a date, NaN, a number as key)."""
    return {_text(key): _plain(value, 1) for key, value in payload.items()}


def _plain(value: object, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise UsageProblem(f"the payload is nested deeper than {MAX_DEPTH} levels", hint="make it flatter")
    if isinstance(value, Mapping):
        return {_text(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int) and value.bit_length() <= MAX_BITS:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    what = (
        "a number that is too large" if isinstance(value, (int, float)) else f"a value of type {type(value).__name__}"
    )
    raise UsageProblem(f"the payload holds {what}, which JSON cannot say", hint="write it as text")


def _text(key: object) -> str:
    if not isinstance(key, str):
        raise UsageProblem(f"the payload has a key of type {type(key).__name__}", hint="JSON's keys are text")
    return key


def rewrite(
    value: object,
    declared: Collection[str],
    *,
    portable: bool = False,
    system: Collection[str] = placeholders.AUTH_REQUEST,
) -> object:
    """A copy of `value` (anything JSON can say) with `<<name>>` in ManyChat's brackets; `portable` leaves it as it is.

    Raises Refused, code "unknown-placeholder", for a `<<name>>` that is neither in `system` nor in `declared`.
    """

    def text(original: str) -> str:
        try:
            written = placeholders.rewrite(original, declared, system)
        except placeholders.UnknownNameError as error:
            raise _unknown(error, declared, system) from None
        return original if portable else written

    return _map(value, text)


def _map(value: object, text: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {text(key): _map(item, text) for key, item in value.items()}
    return [_map(item, text) for item in value] if isinstance(value, list) else value


def _unknown(error: placeholders.UnknownNameError, declared: Collection[str], system: Collection[str]) -> Refused:
    if error.near:
        hint = f"did you mean <<{error.near}>>?"
    else:
        known = ", ".join(f"<<{name}>>" for name in (*system, *sorted(declared)))
        hint = f"known here: {known}"
        if placeholders.is_name(error.name):
            hint += f"\nsomething that the installer types in is declared first: --param {error.name}"
    message = f"<<{error.name}>> is neither a value of ManyChat's own nor a declared param"
    return Refused(message, hint=hint, code="unknown-placeholder")
