"""Texts of every size and shape give an answer, in time proportional to their length."""

import json
import sys
from types import FrameType

import pytest

from mcapp.document import REPORTED, read
from tests.document.document_helpers import found
from tests.document.hostile import texts


def test_depth() -> None:
    assert read(b"[" * 256 + b"]" * 256).valid
    for levels in (257, 258, 300):  # two that are left are not a placeholder
        assert found("[" * levels + "]" * levels) == ["1:257 too-deep: brackets are nested deeper than 256 levels"]
    assert found('{"a":' * 300 + "1" + "}" * 300) == ["1:1281 too-deep: brackets are nested deeper than 256 levels"]
    document = read(b'{"a": ' + b"[" * 300 + b'"]"' + b"]" * 300 + b', "b": [1, 2,]}')
    assert [defect.kind for defect in document.defects] == ["too-deep", "trailing-comma"]
    assert isinstance(document.data, dict)
    assert document.data["b"] == [1, 2]


@pytest.mark.parametrize("bracket", ["[", '{"a":', '[{"a":', "[ \n"])
def test_a_hundred_thousand_brackets(bracket: str) -> None:
    document = read((bracket * 100_000).encode())
    assert [defect.kind for defect in document.defects] == ["too-deep"]
    assert document.readable
    assert not document.valid


def test_depth_does_not_depend_on_the_callers_stack() -> None:
    def nested(levels: int) -> bool:
        return read(b"[" * 256 + b"]" * 256).valid if not levels else nested(levels - 1)

    frame: FrameType | None = sys._getframe()
    used = 0
    while frame:
        used, frame = used + 1, frame.f_back
    assert nested(sys.getrecursionlimit() - used - 60)


def test_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcapp.document.document.MAX_BYTES", 7)
    document = read(b'{"a": 1}')
    assert [defect.kind for defect in document.defects] == ["too-large"]
    assert (document.readable, document.valid, document.data, document.text) == (False, False, None, "")
    assert document.place(document.defects[0].span) == (1, 1, 1, 1)
    monkeypatch.setattr("mcapp.document.document.MAX_BYTES", 8)
    assert read(b'{"a": 1}').valid


def test_numbers_of_many_digits() -> None:
    assert read(b"[-" + b"1" * 4300 + b"]").valid
    for sign in ("", "-"):
        document = read(f'{{"a": {sign}{"1" * 4301}, "b": 2}}'.encode())
        (defect,) = document.defects
        assert (defect.kind, defect.cause) == ("too-large", "a number of 4,301 digits, where 4,300 are read at most")
        assert document.data == {"a": 0, "b": 2}
    assert read(b"[0." + b"1" * 100_000 + b"]").valid


def test_defects_are_capped() -> None:
    document = read(b"[" + b"True, " * 300 + b"1]")
    assert len(document.defects) == REPORTED
    assert document.defects[-1].cause == "201 more defects of the text"
    assert document.data == [True] * 300 + [1]
    assert len(read(b"[" + b"True, " * 99 + b"True]").defects) == REPORTED
    # A text that is nothing but mistakes is not read to its end.
    document = read(b"[" + b"True, " * 60_000 + b"1]")
    assert len(document.defects) == REPORTED
    assert document.defects[-1].cause == "the rest of the text is not read"
    assert document.guessed == {()}
    document = read(b"[1 " + b": " * 60_000 + b", 2]")
    assert [defect.cause for defect in document.defects] == [f"unexpected `{': ' * 19}:…`"]
    assert document.data == [1, 2]


def test_many_repeated_keys() -> None:
    text = "{" + ", ".join(f'"a": {number}' for number in range(5_000)) + "}"
    document = read(text.encode())
    assert document.valid
    assert document.data == {"a": 4999}
    assert len(document.defects) == REPORTED
    assert document.defects[-1].cause == "4,900 more defects of the text"


def test_megabytes() -> None:
    action = {"name": "a", "forms": [{"name": "f", "type": "string"}], "requests": [{"url": "https://example.com"}]}
    text = json.dumps({"actions": [action] * 12_000}, indent=2)
    assert len(text) > 2_500_000
    document = read(text.encode())
    assert document.valid
    broken = read(text[:-20].encode())
    assert [defect.kind for defect in broken.defects] == ["unclosed-bracket"]
    assert isinstance(broken.data, dict)
    assert len(broken.data["actions"]) == 12_000


def calls(raw: bytes) -> int:
    """How many functions are called while `raw` is read; unlike the seconds, it is the same every time."""
    count = 0

    def profile(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(profile)
    try:
        read(raw)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("name", texts(1))
def test_work_grows_with_the_text(name: str) -> None:
    short, long = (calls(texts(size)[name]) for size in (1_000, 4_000))
    assert long <= 8 * short  # four times as long a text; squared it would be sixteen
