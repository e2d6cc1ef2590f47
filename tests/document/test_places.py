"""Where everything stands."""

import pytest

from mcapp.document import Path, Position, read
from tests.document.document_helpers import check_places

SAMPLE = '{\r\n  "auth": {"params": [ ], "a\\u0062": -1.5e3},\r\n  "x\\"y": [true, null, "\\ud83d\\ude00!"],"": {}}\n'


def test_every_span_cuts_out_its_value() -> None:
    document = read(SAMPLE.encode())
    assert document.valid
    assert document.defects == ()
    check_places(document)


@pytest.mark.parametrize("path", [(2,), ("nothing",), ("auth", 0), ("auth", "params", 0), ('x"y', -1), ("", "x", "y")])
def test_what_is_not_there_has_no_span(path: Path) -> None:
    document = read(SAMPLE.encode())
    assert not document.has(path)
    with pytest.raises((KeyError, IndexError)):
        document.span(path)


def test_columns_count_code_points_and_no_byte_order_mark() -> None:
    document = read('\ufeff{"é😀": 1,\r"b": 2}'.encode())
    assert document.valid
    assert document.place(document.key_span(("é😀",))) == Position(1, 2, 1, 6)
    assert document.place(document.span(("b",))) == Position(2, 6, 2, 7)
    assert [document.line(number) for number in (0, 1, 2, 3)] == ["", '{"é😀": 1,', '"b": 2}', ""]


def test_characters_of_a_string_are_found_behind_escapes() -> None:
    document = read(rb'["a\n\ud83d\ude00b\u00e9c"]')
    assert document.data == ["a\n😀béc"]
    cut = [document.text[slice(*document.chars_span((0,), at, at + 1))] for at in range(6)]
    assert cut == ["a", "\\n", "\\ud83d\\ude00", "b", "\\u00e9", "c"]
    assert document.text[slice(*document.chars_span((0,), 1, 3))] == "\\n\\ud83d\\ude00"
