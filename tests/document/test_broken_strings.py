"""Strings and quotes that are not JSON: what is said, what is read, what mending leaves."""

import pytest

from tests.document.document_helpers import check_broken


@pytest.mark.parametrize(
    ("text", "defects", "data", "mended"),
    [
        pytest.param(
            "{'a': 'it\\'s \"x\"', 'b': 'don't'}",
            [
                "1:2 invalid-json: single quotes around a string",
                "1:7 invalid-json: single quotes around a string",
                "1:20 invalid-json: single quotes around a string",
                "1:25 invalid-json: single quotes around a string",
            ],
            {"a": 'it\'s "x"', "b": "don't"},
            '{"a": "it\'s \\"x\\"", "b": "don\'t"}',
            id="single",
        ),
        pytest.param(
            "{'headers\": [1]}",
            ["1:2 invalid-json: `'` instead of `\"` at the beginning of a string"],
            {"headers": [1]},
            '{"headers": [1]}',
            id="single-mixed",
        ),
        pytest.param(
            '{"a": `b`}', ["1:7 invalid-json: back quotes around a string"], {"a": "b"}, '{"a": "b"}', id="backquote"
        ),
        pytest.param(
            '["\\d\\x \\u12", "\\\'"]',
            ["1:3 invalid-json: `\\d` is not a JSON escape", "1:16 invalid-json: `\\'` is not a JSON escape"],
            ["\\d\\x \\u12", "'"],
            '["\\\\d\\\\x \\\\u12", "\'"]',
            id="escape",
        ),
        pytest.param(
            '["a\tb\x01"]', ["1:4 invalid-json: a tab inside a string"], ["a\tb\x01"], '["a\\tb\\u0001"]', id="tab"
        ),
        pytest.param(
            '{"a": "x\n  y",\n "b": "p\r\nq"}',
            ["1:9 invalid-json: a line break inside a string", "3:9 invalid-json: a line break inside a string"],
            {"a": "x\n  y", "b": "p\nq"},
            '{"a": "x\\n  y",\n "b": "p\\nq"}',
            id="newline",
        ),
        pytest.param(
            '{"a": "x,\n "b": "y}\n',
            ["1:7 invalid-json: the string is not closed", "2:7 invalid-json: the string is not closed"],
            {"a": "x", "b": "y"},
            '{"a": "x",\n "b": "y"}\n',
            id="unclosed",
        ),
        pytest.param(
            '{"a": "x, "b": 1}',
            ["1:7 invalid-json: the string is not closed"],
            {"a": "x", "b": 1},
            '{"a": "x", "b": 1}',
            id="unclosed-line",
        ),
        pytest.param(
            '{"a: "x", "b: [\n1], "c: {"d": 1}}',
            [
                "1:2 invalid-json: the key `a` has no closing quote",
                "1:11 invalid-json: the key `b` has no closing quote",
                "2:5 invalid-json: the key `c` has no closing quote",
            ],
            {"a": "x", "b": [1], "c": {"d": 1}},
            '{"a": "x", "b": [\n1], "c": {"d": 1}}',
            id="open-key",
        ),
        pytest.param(
            '{a": 1, "b": POST", "c": x y"}',
            [
                "1:2 invalid-json: the key `a` has no opening quote",
                "1:14 invalid-json: a string has no opening quote",
                "1:26 invalid-json: a string has no opening quote",
            ],
            {"a": 1, "b": "POST", "c": "x y"},
            '{"a": 1, "b": "POST", "c": "x y"}',
            id="no-open-quote",
        ),
        pytest.param(
            '{"a": "say "hi" now", "b": 1}',
            ["1:12 invalid-json: a quote inside a string"],
            {"a": 'say "hi" now', "b": 1},
            '{"a": "say \\"hi\\" now", "b": 1}',
            id="quote-inside",
        ),
        pytest.param(
            '{"a": "x"", "b": ""y", "c": 1}',
            ["1:10 invalid-json: a quote too many", "1:19 invalid-json: a quote too many"],
            {"a": "x", "b": "y", "c": 1},
            '{"a": "x", "b": "y", "c": 1}',
            id="quote-extra",
        ),
        pytest.param(
            '{\\"a\\": \\"b\\"}',
            ["1:2 invalid-json: a backslash before a quote outside of a string"],
            {"a": "b"},
            '{"a": "b"}',
            id="escaped",
        ),
        pytest.param(
            '{“a”: \u2018b\u2019, "c”: "d”, „e“: «f»}',
            [
                "1:2 typographic-quote: typographic quotes around a string",
                "1:7 typographic-quote: typographic quotes around a string",
                "1:14 typographic-quote: a typographic quote at the end of a string",
                "1:19 typographic-quote: a typographic quote at the end of a string",
                "1:22 typographic-quote: typographic quotes around a string",
                "1:27 typographic-quote: typographic quotes around a string",
            ],
            {"a": "b", "c": "d", "e": "f"},
            '{"a": "b", "c": "d", "e": "f"}',
            id="curly",
        ),
        pytest.param(
            "{“a”: 1}".encode("cp1252"),
            [
                "1:2 wrong-encoding: the byte 0x93 is not UTF-8, nor is 1 more (in Windows-1252 it would be `“`)",
                "1:2 typographic-quote: typographic quotes around a string",
            ],
            {"a": 1},
            '{"a": 1}',
            id="cp1252",
        ),
    ],
)
def test_broken_strings(text: str | bytes, defects: list[str], data: object, mended: str | None) -> None:
    check_broken(text, defects, data, mended)
