"""Safe fixes on damaged documents: never more errors than before, and nothing lost.

MCAPP_MUTANTS=100000 makes it the whole measurement; the ordinary suite takes a sample.
"""

import json
import os
import random
from itertools import chain
from typing import Any

import pytest

from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
from tests.appjson.mutants import FULL, mutants

COUNT = int(os.environ.get("MCAPP_MUTANTS", "120"))
SLIPS = "{}[]\",:'<>() \n\\/#aA1"


def _slipped(text: str, chance: random.Random) -> str:
    """The text with one to three characters lost, doubled, replaced or moved in."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        kept = chance.choice((text[at + 1 :], text[at:]))
        text = text[:at] + chance.choice(("", text[at], chance.choice(SLIPS))) + kept
    return text


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _texts(data: Any) -> list[str]:
    """All keys and values, in letters and digits."""
    if isinstance(data, dict):
        return [text for key, value in data.items() for text in (_plain(key), *_texts(value))]
    if isinstance(data, list):
        return [text for value in data for text in _texts(value)]
    return [_plain(str(data))]


def _values(data: Any) -> list[str]:
    if isinstance(data, dict | list):
        return [text for value in (data.values() if isinstance(data, dict) else data) for text in _values(value)]
    return [_plain(str(data))]


def _nothing_is_worse_or_lost(text: str) -> None:
    settings = Settings()
    before = read(text.encode())
    errors = [each for each in check(before, settings).findings if each.severity == "error"]
    after = fix(before, settings)
    left = [each for each in after.findings if each.severity == "error"]
    assert len(left) <= len(errors), text
    kept = "".join(_texts(after.document.data))
    assert all(value in kept for value in _values(before.data)), text


# Without what looks like a comment, the rest is read in another way.
@pytest.mark.parametrize(
    ("indent", "right", "wrong"),
    [
        (None, '"https://example.com/orders"', '1https://example.com/orders"'),
        (2, ' "forms": [', '#"forms": ['),
        (2, '"title": "Amount"', '"title": #Amount"'),
    ],
)
def test_a_safe_fix_that_makes_it_worse_is_not_applied(indent: int | None, right: str, wrong: str) -> None:
    _nothing_is_worse_or_lost(json.dumps(FULL, indent=indent).replace(right, wrong, 1))


def test_safe_fixes_make_nothing_worse_and_lose_nothing() -> None:
    chance = random.Random(20)  # noqa: S311  # test data
    layouts = (None, 2)
    whole = [json.dumps(FULL, indent=indent) for indent in layouts]
    damaged = (json.dumps(data, indent=2) for data in mutants(COUNT // 2, 20))
    slipped = (_slipped(chance.choice(whole), chance) for _ in range(COUNT // 2))
    for text in chain(damaged, slipped):
        _nothing_is_worse_or_lost(text)
