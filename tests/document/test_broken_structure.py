"""Commas, colons and values, and text around the document: what is said, what is read, what mending leaves."""

import pytest

from tests.document.document_helpers import check_broken


@pytest.mark.parametrize(
    ("text", "defects", "data", "mended"),
    [
        pytest.param(
            '{"a": [1, 2,], "b": 3,\n}',
            [
                "1:12 trailing-comma: a comma after the last element",
                "1:22 trailing-comma: a comma after the last member",
            ],
            {"a": [1, 2], "b": 3},
            '{"a": [1, 2], "b": 3\n}',
            id="trailing-comma",
        ),
        pytest.param(
            '{"a": 1},\n',
            ["1:9 trailing-comma: a comma after the end of the document"],
            {"a": 1},
            '{"a": 1}\n',
            id="trailing-after",
        ),
        pytest.param(
            '{"a": 1\n "b": [1 2]}',
            ["1:8 invalid-json: a comma is missing", "2:9 invalid-json: a comma is missing"],
            {"a": 1, "b": [1, 2]},
            '{"a": 1,\n "b": [1, 2]}',
            id="missing-comma",
        ),
        pytest.param(
            '[{"a": 1}\n{"b": 2}]',
            ["1:10 invalid-json: a comma is missing"],
            [{"a": 1}, {"b": 2}],
            '[{"a": 1},\n{"b": 2}]',
            id="missing-comma-2",
        ),
        pytest.param(
            '{"a" 1, "b" {"c": 2}}',
            ["1:5 invalid-json: a colon is missing after `a`", "1:12 invalid-json: a colon is missing after `b`"],
            {"a": 1, "b": {"c": 2}},
            '{"a": 1, "b": {"c": 2}}',
            id="missing-colon",
        ),
        pytest.param(
            '{"a": , "b": }',
            ["1:2 invalid-json: `a` has no value", "1:9 invalid-json: `b` has no value"],
            {},
            None,
            id="missing-value",
        ),
        pytest.param('{"a", "b": 1}', ["1:2 invalid-json: `a` has no value"], {"b": 1}, None, id="lone-key"),
        pytest.param(
            '{, "a": 1,,, "b": [,1,, 2]}',
            [
                "1:2 invalid-json: a comma too many",
                "1:11 invalid-json: a comma too many",
                "1:20 invalid-json: a comma too many",
                "1:23 invalid-json: a comma too many",
            ],
            {"a": 1, "b": [1, 2]},
            '{ "a": 1, "b": [1, 2]}',
            id="extra-comma",
        ),
        pytest.param('{"a":: 1}', ["1:6 invalid-json: a colon too many"], {"a": 1}, '{"a": 1}', id="extra-colon"),
        pytest.param(
            '{"a": 1} {"b": 2}\nx',
            ["1:10 invalid-json: more text after the end of the document"],
            {"a": 1},
            None,
            id="after",
        ),
        pytest.param("", ["1:1 invalid-json: the file is empty"], None, None, id="empty"),
        pytest.param(" \n", ["1:1 invalid-json: the file is empty"], None, None, id="blank"),
        pytest.param("// x", ["1:1 invalid-json: there is nothing but comments"], None, None, id="only-comment"),
        pytest.param("hello, world", ["1:1 invalid-json: this is not JSON"], None, None, id="prose"),
        pytest.param(
            "<!DOCTYPE html>\n<p>{}</p>", ["1:1 invalid-json: this is HTML or XML, not JSON"], None, None, id="html"
        ),
        pytest.param(
            'const app = {"a": 1};\n',
            [
                "1:1 invalid-json: text before the document",
                "1:21 invalid-json: more text after the end of the document",
            ],
            {"a": 1},
            None,
            id="before",
        ),
        pytest.param(
            '```json\n{"a": 1}\n```\n',
            ["1:1 invalid-json: text before the document", "3:1 invalid-json: more text after the end of the document"],
            {"a": 1},
            '{"a": 1}\n',
            id="fence",
        ),
        pytest.param(
            '"request": {\n  "url": ""\n}\n',
            ["1:1 missing-braces: the braces around the document are missing"],
            {"request": {"url": ""}},
            '{\n"request": {\n  "url": ""\n}\n}\n',
            id="wrapped",
        ),
        pytest.param(
            '"auth": null, "actions": []',
            ["1:1 missing-braces: the braces around the document are missing"],
            {"auth": None, "actions": []},
            '{"auth": null, "actions": []}',
            id="wrapped-one",
        ),
        pytest.param(
            '"auth": null}',
            ["1:1 missing-braces: the opening brace is missing"],
            {"auth": None},
            '{"auth": null}',
            id="wrapped-closed",
        ),
        pytest.param(
            '  "request": {},\n',
            [
                "1:3 missing-braces: the braces around the document are missing",
                "1:16 trailing-comma: a comma after the last member",
            ],
            {"request": {}},
            '{\n  "request": {}\n}\n',
            id="wrapped-comma",
        ),
        pytest.param(
            '{"a": 1, "b": {"c": 1, "c": 2},\n "a": 3}',
            [
                "1:24 duplicate-key: the key `c` comes twice: the value on line 1 is lost",
                "2:2 duplicate-key: the key `a` comes twice: the value on line 1 is lost",
            ],
            {"a": 3, "b": {"c": 2}},
            '{"a": 1, "b": {"c": 1, "c": 2},\n "a": 3}',
            id="dup",
        ),
        pytest.param(
            '{"a": 1 "b", "c": 2, 3, {"d": 1}, "e": 4}',
            [
                '1:9 invalid-json: unexpected `"b"`',
                "1:19 invalid-json: `[` is missing behind `c`",
                "1:19 unclosed-bracket: the `[` of `c`, opened on line 1, is never closed",
            ],
            {"a": 1, "c": [2, 3, {"d": 1}], "e": 4},
            None,
            id="unexpected",
        ),
        pytest.param('{"a": 1“\n}', ["1:8 invalid-json: a quote too many"], {"a": 1}, '{"a": 1\n}', id="curly-stray"),
    ],
)
def test_broken_structure(text: str | bytes, defects: list[str], data: object, mended: str | None) -> None:
    check_broken(text, defects, data, mended)
