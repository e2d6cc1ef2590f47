"""From one form of headers to the other and back, or not at all."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.appjson.requests import to_lines, to_object


@pytest.mark.parametrize(
    ("headers", "lines"),
    [
        ({}, []),
        ({"Accept": "*/*", "X-Id": "{{page_id}}"}, ["Accept: */*", "X-Id: {{page_id}}"]),
        ({"X-Version": 2}, ["X-Version: 2"]),
        ({"X-Empty": ""}, ["X-Empty: "]),
        ([{"Accept": "*/*"}, "X-Id: 1"], ["Accept: */*", "X-Id: 1"]),
        ([{"name": "Accept", "value": "*/*"}, {"value": "1", "key": "X-Id"}], ["Accept: */*", "X-Id: 1"]),
        ({"X-On": True}, None),
        ({"X-Ratio": 0.5}, None),
        ({"X-None": None}, None),
        ({"X-Deep": {"a": "b"}}, None),
        ({"": "x"}, None),
        ({"X: Y": "z"}, None),
        ({" X": "z"}, None),
        ({"X": " z"}, None),
        ({"X": "a\r\nY: b"}, None),
        ([{"Accept": "*/*", "X-Id": "1"}], None),
        ([{}], None),
        ([5], None),
        ("Accept: */*", None),
    ],
)
def test_as_lines(headers: Any, lines: list[str] | None) -> None:
    assert to_lines(headers) == lines


@pytest.mark.parametrize(
    ("headers", "pairs"),
    [
        ([], {}),
        (["Accept: */*", "X-Url: https://example.com"], {"Accept": "*/*", "X-Url": "https://example.com"}),
        (["Accept:*/*"], {"Accept": "*/*"}),
        (["X: a", "X: b"], None),
        (["no colon"], None),
        ([": x"], None),
        (["{{a:b}}: x"], None),
        (["X : a"], None),
        (["X: a\nY: b"], None),
        ([5], None),
        ({"X": "a"}, None),
    ],
)
def test_as_an_object(headers: Any, pairs: dict[str, str] | None) -> None:
    assert to_object(headers) == pairs


TEXTS = st.text(max_size=6) | st.text("ab:- \r\n{}[]", max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXTS, TEXTS))
def test_there_and_back(headers: dict[str, str]) -> None:
    lines = to_lines(headers)
    if lines is not None:
        assert to_object(lines) == headers


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS))
def test_back_and_there(lines: list[str]) -> None:
    pairs = to_object(lines)
    if pairs is not None:
        assert to_lines(pairs) is not None
        assert to_object(to_lines(pairs)) == pairs
