"""Brackets that are missing, too many or of the wrong kind: what is said, what is read, what mending leaves."""

import pytest

from tests.document.document_helpers import check_broken


@pytest.mark.parametrize(
    ("text", "defects", "data", "mended"),
    [
        pytest.param('{"a": 1}}\n]', ["1:9 invalid-json: `}` closes nothing"], {"a": 1}, '{"a": 1}', id="stray"),
        pytest.param(
            '{\n  "a": {\n    "b": 1\n  }\n  },\n  "c": 2\n}\n',
            ["5:3 invalid-json: `}` closes nothing"],
            {"a": {"b": 1}, "c": 2},
            '{\n  "a": {\n    "b": 1\n  },\n  "c": 2\n}\n',
            id="stray-mid",
        ),
        pytest.param(
            '["a: b", "c": "d", "e": 1]',
            ["1:10 invalid-json: a `key: value` pair in an array", "1:23 invalid-json: `:` instead of `,`"],
            ["a: b", "c: d", "e", 1],
            '["a: b", "c: d", "e", 1]',
            id="pair-array",
        ),
        pytest.param(
            '{"h": ["a": "b", "c": "d"]}',
            ["1:7 invalid-json: `key: value` pairs in `[ ]`"],
            {"h": {"a": "b", "c": "d"}},
            '{"h": {"a": "b", "c": "d"}}',
            id="pairs-array",
        ),
        pytest.param(
            '{"h": {"a", "b"}, "i": {"a: b"}, "f": {{"n": 1}, {"n": 2}}}',
            [
                "1:7 invalid-json: a list in `{ }`",
                "1:24 invalid-json: a list in `{ }`",
                "1:39 invalid-json: a list in `{ }`",
            ],
            {"h": ["a", "b"], "i": ["a: b"], "f": [{"n": 1}, {"n": 2}]},
            '{"h": ["a", "b"], "i": ["a: b"], "f": [{"n": 1}, {"n": 2}]}',
            id="list-braces",
        ),
        pytest.param(
            '[\n  [\n    {\n      "b": 1',
            ["3:5 unclosed-bracket: 3 brackets are never closed: the `{` (line 3), the `[` (line 2), the `[` (line 1)"],
            [[{"b": 1}]],
            '[\n  [\n    {\n      "b": 1\n    }\n  ]\n]',
            id="unclosed-end",
        ),
        pytest.param(
            '{\n  "a": {\n    "b": 1,\n  "c": 2\n}\n',
            ["2:8 unclosed-bracket: the `{` of `a`, opened on line 2, is never closed"],
            {"a": {"b": 1}, "c": 2},
            '{\n  "a": {\n    "b": 1\n  },\n  "c": 2\n}\n',
            id="unclosed-mid",
        ),
        pytest.param(
            '{\n  "h": [\n    "x"\n  "m": []\n}\n',
            ["2:8 unclosed-bracket: the `[` of `h`, opened on line 2, is never closed"],
            {"h": ["x"], "m": []},
            '{\n  "h": [\n    "x"\n  ],\n  "m": []\n}\n',
            id="unclosed-list",
        ),
        pytest.param(
            '{"a": [1, 2}',
            ["1:7 unclosed-bracket: the `[` of `a`, opened on line 1, is never closed"],
            {"a": [1, 2]},
            '{"a": [1, 2]}',
            id="unclosed-one",
        ),
        pytest.param(
            '{"a": [1, 2}, "b": {"c": 1]}',
            [
                "1:12 unclosed-bracket: `}` instead of `]` closes the `[` opened on line 1",
                "1:27 unclosed-bracket: `]` instead of `}` closes the `{` opened on line 1",
            ],
            {"a": [1, 2], "b": {"c": 1}},
            '{"a": [1, 2], "b": {"c": 1}}',
            id="wrong-bracket",
        ),
        pytest.param(
            '{\n  "a": [\n      "n": 1\n    },\n    {\n      "n": 2\n    }\n  ]\n}\n',
            ["2:9 invalid-json: `{` is missing before `n`"],
            {"a": [{"n": 1}, {"n": 2}]},
            '{\n  "a": [{\n      "n": 1\n    },\n    {\n      "n": 2\n    }\n  ]\n}\n',
            id="lost-brace-in-list",
        ),
        pytest.param(
            '{\n  "a":\n    "n": 1,\n    "m": 2\n  },\n  "b": 3\n}\n',
            ["2:7 invalid-json: `{` is missing before `n`"],
            {"a": {"n": 1, "m": 2}, "b": 3},
            '{\n  "a":{\n    "n": 1,\n    "m": 2\n  },\n  "b": 3\n}\n',
            id="lost-brace-after-key",
        ),
        pytest.param(
            '{\n  "h":\n    "x",\n    "y"\n  ],\n  "b": 3\n}\n',
            ["2:7 invalid-json: `[` is missing behind `h`"],
            {"h": ["x", "y"], "b": 3},
            '{\n  "h":[\n    "x",\n    "y"\n  ],\n  "b": 3\n}\n',
            id="lost-bracket",
        ),
        pytest.param(
            '{"r": {"u": 1}], "b": 3}',
            ["1:7 invalid-json: `[` is missing behind `r`"],
            {"r": [{"u": 1}], "b": 3},
            '{"r": [{"u": 1}], "b": 3}',
            id="lost-bracket-of-one",
        ),
        pytest.param(
            '{"a": [{"n": 1}, "n": 2}]}',
            ["1:18 invalid-json: `{` is missing before `n`"],
            {"a": [{"n": 1}, {"n": 2}]},
            '{"a": [{"n": 1}, {"n": 2}]}',
            id="lost-brace-second",
        ),
    ],
)
def test_broken_brackets(text: str | bytes, defects: list[str], data: object, mended: str | None) -> None:
    check_broken(text, defects, data, mended)
