"""The values of the placeholders in a rehearsal: made up, given by the developer, or the key."""

import re
import secrets
from collections.abc import Iterable, Mapping

from mcapp.appjson.placeholders import APP_KEY, AUTH_REQUEST, CURLY, DOLLAR, PORTABLE, SQUARE, Placeholder, write
from mcapp.appjson.placeholders import fill as fill_in
from mcapp.errors import UsageProblem, suggestion
from mcapp.handover.block import Block
from mcapp.terminal.redact import repeats

# The same in every run, so that a second rehearsal finds the records that the first one made at the endpoint. Ids are
# digits in all known requests (S).
MADE_UP = {"page_id": "100000000000001", "app_id": "1000001", "app_version": "1"}

# The form of real App Keys is not published. This one says what it is, so that nobody takes it for a working key.
_MADE_UP_KEY = re.compile(r"mcapp-made-up-[0-9a-f]{32}")


def made_up_key() -> str:
    """An App Key that has no access, and says so in its text."""
    return f"mcapp-made-up-{secrets.token_hex(16)}"


def is_made_up(text: str) -> bool:
    """Whether this is a key of `made_up_key`."""
    return bool(_MADE_UP_KEY.fullmatch(text))


class Filler:
    """Replaces placeholders by values, in one pass: placeholders in a value are not replaced."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __call__(self, text: str) -> str:
        """`text`, filled; a placeholder without a value is kept."""
        return fill_in(text, self._values)

    def value(self, item: Placeholder) -> str | None:
        """The value of this placeholder; None if it is not replaced."""
        if item.style not in (CURLY, SQUARE, PORTABLE, DOLLAR) or (item.style is SQUARE and item.name in AUTH_REQUEST):
            return None
        return self._values.get(item.name)


def parse_set(words: Iterable[str]) -> dict[str, str]:
    """The values of `--set NAME=VALUE`. Raises UsageProblem, which never repeats a value: it may be a password."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageProblem("--set takes NAME=VALUE", hint="--set page_id=123456")
        if name == APP_KEY:
            raise UsageProblem(
                "a key is not accepted as an argument: other programs can read those",
                hint="--key NAME sends a stored key, --key MANYCHAT_APP_KEY the environment's",
            )
        if name in found:
            raise UsageProblem("--set gives one name twice", hint="remove one of them: it has one value everywhere")
        found[name] = value
    return found


def missing(block: Block, extra: Iterable[Placeholder], given: Mapping[str, str]) -> list[str]:
    """The names in the block, or in `extra`, whose values only the developer can give, in order.

    `{{name}}` needs one only where `name` is declared: any other may be a ManyChat value that mcapp does not know.
    """
    found: dict[str, None] = {}
    for item in (*block.placeholders(), *extra):
        known = item.name in given or item.name in AUTH_REQUEST
        if not known and item.name and (item.name in block.params or item.style in (SQUARE, PORTABLE)):
            found[item.name] = None
    return list(found)


def refuse_unknown(block: Block, extra: Iterable[Placeholder], given: Mapping[str, str]) -> None:
    """Raise UsageProblem for a `--set` whose name is not used: it would have no effect."""
    names = [*AUTH_REQUEST, *block.params]
    names += [item.name for item in (*block.placeholders(), *extra)]
    for name in given:
        if name not in names:
            known = dict.fromkeys(each for each in names if each != APP_KEY)
            raise UsageProblem(
                f"auth.request does not use the name {name if repeats(name) else 'that --set gives'}",
                hint=suggestion(name, known, f"it uses: {', '.join(known)}"),
                code="unknown-name",
            )


def unfilled(block: Block, filler: Filler) -> list[str]:
    """The placeholders without a value, without inner spaces, each once."""
    kept = (item for item in block.placeholders() if filler.value(item) is None)
    return list(dict.fromkeys(write(CURLY if at.style is DOLLAR else at.style, at.name) for at in kept))
