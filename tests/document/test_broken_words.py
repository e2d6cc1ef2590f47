"""Comments, words, numbers, spaces and bytes that are not JSON: what is said, what is read, what mending leaves."""

import pytest

from tests.document.document_helpers import check_broken


@pytest.mark.parametrize(
    ("text", "defects", "data", "mended"),
    [
        pytest.param(
            '{\n  // one\n  "a": 1, /* two */\n  "b": /* three */ 2 # four\n}\n',
            [
                "2:3 comment: JSON has no comments",
                "3:11 comment: JSON has no comments",
                "4:8 comment: JSON has no comments",
                "4:22 comment: JSON has no comments",
            ],
            {"a": 1, "b": 2},
            '{\n  "a": 1,\n  "b": 2\n}\n',
            id="comment",
        ),
        pytest.param(
            '{"a": 1} /* open',
            ["1:10 comment: a comment that is never closed"],
            {"a": 1},
            '{"a": 1}',
            id="comment-open",
        ),
        pytest.param('# x\n{"a": 1}', ["1:1 comment: JSON has no comments"], {"a": 1}, '{"a": 1}', id="comment-hash"),
        pytest.param(
            '{\r\n  // x\r\n  "a": 1\r\n}',
            ["2:3 comment: JSON has no comments"],
            {"a": 1},
            '{\r\n  "a": 1\r\n}',
            id="comment-crlf",
        ),
        pytest.param(
            "{a: 1, $b-c: 2}",
            ["1:2 invalid-json: the key `a` has no quotes", "1:8 invalid-json: the key `$b-c` has no quotes"],
            {"a": 1, "$b-c": 2},
            '{"a": 1, "$b-c": 2}',
            id="unquoted-key",
        ),
        pytest.param("{1: 2}", ["1:2 invalid-json: the key `1` has no quotes"], {"1": 2}, '{"1": 2}', id="number-key"),
        pytest.param(
            "[True, False, None, undefined, TRUE, nil]",
            [
                "1:2 invalid-json: `True` is not a JSON literal",
                "1:8 invalid-json: `False` is not a JSON literal",
                "1:15 invalid-json: `None` is not a JSON literal",
                "1:21 invalid-json: `undefined` is not a JSON literal",
                "1:32 invalid-json: `TRUE` is not a JSON literal",
                "1:38 invalid-json: `nil` is not a JSON literal",
            ],
            [True, False, None, None, True, None],
            "[true, false, null, null, true, null]",
            id="literals",
        ),
        pytest.param(
            "[NaN, Infinity, -Infinity]",
            [
                "1:2 not-a-number: `NaN` is not a JSON number",
                "1:7 not-a-number: `Infinity` is not a JSON number",
                "1:17 not-a-number: `-Infinity` is not a JSON number",
            ],
            [None, None, None],
            "[null, null, null]",
            id="nan",
        ),
        pytest.param(
            "[+1, .5, 1., 0x1F, 1_000, 007, 1.2.3, 2020-01-01]",
            [
                "1:2 invalid-json: a `+` before a number",
                "1:6 invalid-json: no digit before the decimal point",
                "1:10 invalid-json: no digit after the decimal point",
                "1:14 invalid-json: a number that is not written in decimal",
                "1:20 invalid-json: an underscore in a number",
                "1:27 invalid-json: a zero before a number",
                "1:32 invalid-json: `1.2.3` has no quotes",
                "1:39 invalid-json: `2020-01-01` has no quotes",
            ],
            [1, 0.5, 1, 31, 1000, 7, "1.2.3", "2020-01-01"],
            None,
            id="numbers",
        ),
        pytest.param(
            '{"a" = 1; "b" => 2\uff0c "c"\uff1a 3}',
            [
                "1:6 invalid-json: `=` instead of `:`",
                "1:9 invalid-json: `;` instead of `,`",
                "1:15 invalid-json: `=>` instead of `:`",
                "1:19 invalid-json: `\uff0c` instead of `,`",
                "1:24 invalid-json: `\uff1a` instead of `:`",
            ],
            {"a": 1, "b": 2, "c": 3},
            '{"a" : 1, "b" : 2, "c": 3}',
            id="stands-for",
        ),
        pytest.param(
            '{\xa0"a":\u200b 1,\u2028"b": 2}',
            ["1:2 invalid-json: a space that JSON does not know (U+00A0) outside of a string"],
            {"a": 1, "b": 2},
            '{ "a": 1,\n"b": 2}',
            id="nbsp",
        ),
        pytest.param(
            '{"a": POST, "b": my app, "c": https://x.y/{{z}}?a=b}',
            [
                "1:7 invalid-json: `POST` has no quotes",
                "1:18 invalid-json: `my app` has no quotes",
                "1:31 invalid-json: `https://x.y/{{z}}?a=b` has no quotes",
            ],
            {"a": "POST", "b": "my app", "c": "https://x.y/{{z}}?a=b"},
            '{"a": "POST", "b": "my app", "c": "https://x.y/{{z}}?a=b"}',
            id="bare",
        ),
        pytest.param(
            '{"d": {{page_id}}, "e": [[f]], "g": <<h>>}',
            [
                "1:7 invalid-json: `{{page_id}}` has no quotes",
                "1:25 invalid-json: `[[f]]` has no quotes",
                "1:37 invalid-json: `<<h>>` has no quotes",
            ],
            {"d": "{{page_id}}", "e": "[[f]]", "g": "<<h>>"},
            '{"d": "{{page_id}}", "e": "[[f]]", "g": "<<h>>"}',
            id="bare-placeholder",
        ),
        pytest.param(
            '{"a": @@ ** , "b": 1 ))}',
            ["1:7 invalid-json: unexpected `@@ **`", "1:22 invalid-json: unexpected `))`"],
            {"b": 1},
            None,
            id="junk",
        ),
        pytest.param(
            '\ufeff{"a": 1}',
            ["1:1 byte-order-mark: the file begins with a byte order mark"],
            {"a": 1},
            '{"a": 1}',
            id="bom",
        ),
        pytest.param(
            '{"é": 1}'.encode("utf-16"),
            ["1:1 wrong-encoding: the file is UTF-16, but JSON must be UTF-8"],
            {"é": 1},
            None,
            id="utf16",
        ),
        pytest.param(
            '{"a": 1}'.encode("utf-16-be"),
            ["1:1 wrong-encoding: the file is UTF-16, but JSON must be UTF-8"],
            {"a": 1},
            None,
            id="utf16be",
        ),
        pytest.param(
            '{"a": 1}'.encode("utf-32-le"),
            ["1:1 wrong-encoding: the file is UTF-32, but JSON must be UTF-8"],
            {"a": 1},
            None,
            id="utf32",
        ),
        pytest.param(
            '{"a": "é", "b": "à"}'.encode("latin-1"),
            ["1:8 wrong-encoding: the byte 0xE9 is not UTF-8, nor is 1 more (in Windows-1252 it would be `é`)"],
            {"a": "\udce9", "b": "\udce0"},
            None,
            id="latin",
        ),
        pytest.param(
            '{"a": "\x00"}\x00',
            [
                "1:8 invalid-json: the control character U+0000 inside a string",
                "1:11 invalid-json: more text after the end of the document",
            ],
            {"a": "\x00"},
            None,
            id="nul",
        ),
        pytest.param(
            '{\r"a": tru\r}', ["2:6 invalid-json: `tru` has no quotes"], {"a": "tru"}, '{\r"a": "tru"\r}', id="cr"
        ),
    ],
)
def test_broken_words(text: str | bytes, defects: list[str], data: object, mended: str | None) -> None:
    check_broken(text, defects, data, mended)
