"""Changes of the data: what they write, and that they touch nothing else."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcapp.document import Edit, Path, apply, read
from mcapp.document.edits import edits
from mcapp.document.places import AddElement, AddMember, Change, RenameKey, SetText, SetValue
from tests.document.document_helpers import same, walk

SPREAD = """\
{
    "auth": {
        "type": "APIKEY",
        "request": {"url": "https://example.com", "headers": []}
    },
    "list": [1, 2,
             3],
    "actions": [{
        "name": "a"
    }],
    "empty": {},
    "none": [ ]
}
"""


def edited(text: str, *changes: Change) -> str:
    document = read(text.encode())
    found = [edit for change in changes for edit in edits(document, change)]
    return apply(text, found)


@pytest.mark.parametrize(
    ("old", "change", "new"),
    [
        pytest.param('"APIKEY"', SetValue(("auth", "type"), None), "null", id="plain"),
        pytest.param(
            '"APIKEY"', SetValue(("auth", "type"), {"a": []}), '{\n            "a": []\n        }', id="plain-to-object"
        ),
        pytest.param(
            '{"url": "https://example.com", "headers": []}', SetValue(("auth", "request"), [1]), "[1]", id="one-line"
        ),
        pytest.param("{},", SetValue(("empty",), ["é"]), '[\n        "é"\n    ],', id="empty-to-array"),
        pytest.param("[ ]", SetValue(("none",), ["x"]), '[\n        "x"\n    ]', id="almost-empty-to-array"),
        pytest.param('"url"', RenameKey(("auth", "request", "url"), 'u"rl'), '"u\\"rl"', id="rename"),
        pytest.param("example", SetText(("auth", "request", "url"), 8, 15, "\n😀"), "\\n😀", id="text"),
        pytest.param(
            "[]}", AddMember(("auth", "request"), "m", {"a": 1}), '[], "m": {"a": 1}}', id="member-on-one-line"
        ),
        pytest.param(
            "[ ]\n",
            AddMember((), "m", {"a": [1]}),
            '[ ],\n    "m": {\n        "a": [\n            1\n        ]\n    }\n',
            id="member",
        ),
        pytest.param("{},", AddMember(("empty",), "m", 1), '{\n        "m": 1\n    },', id="member-of-empty"),
        pytest.param("[ ]", AddElement(("none",), "x"), '[\n        "x"\n    ]', id="element-of-empty"),
        pytest.param(
            '"headers": []',
            AddElement(("auth", "request", "headers"), "x"),
            '"headers": ["x"]',
            id="element-of-empty-on-one-line",
        ),
        pytest.param("3]", AddElement(("list",), 4), "3, 4]", id="element"),
        pytest.param(
            "}]", AddElement(("actions",), {"n": 1}), '}, {\n        "n": 1\n    }]', id="element-like-its-neighbour"
        ),
    ],
)
def test_a_change_is_laid_out_like_its_surroundings(old: str, change: Change, new: str) -> None:
    assert SPREAD.count(old) == 1
    assert edited(SPREAD, change) == SPREAD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "change", "new"),
    [
        pytest.param("{}", AddMember((), "a", 1), '{\n  "a": 1\n}', id="empty"),
        pytest.param('{"a":1}', AddMember((), "b", [1, 2]), '{"a":1,"b":[1,2]}', id="compact"),
        pytest.param(
            '{\r\n\t"a": {}\r\n}',
            AddMember(("a",), "b", 1),
            '{\r\n\t"a": {\r\n\t\t"b": 1\r\n\t}\r\n}',
            id="crlf-and-tabs",
        ),
        pytest.param('{\r "a": 1\r}', AddMember((), "b", 2), '{\r "a": 1,\r "b": 2\r}', id="cr"),
        pytest.param('{\n"a": 1\n}', AddMember((), "b", 2), '{\n"a": 1,\n"b": 2\n}', id="flat"),
        pytest.param(
            '["\\u00e9"]', AddElement((), "ü\x7f😀"), '["\\u00e9", "\\u00fc\\u007f\\ud83d\\ude00"]', id="escaped-file"
        ),
        pytest.param('["\\u001fé"]', AddElement((), "ü"), '["\\u001fé", "ü"]', id="plain-file"),
        pytest.param("[1]", AddElement((), "\ud800"), '[1, "\\ud800"]', id="half-a-pair"),
        pytest.param(
            '{"a": 1, "b": 2, "a": 3}', RenameKey(("a",), "c"), '{"c": 1, "b": 2, "c": 3}', id="rename-duplicates"
        ),
        pytest.param('\ufeff{"a": 1}', SetValue((), [1]), "\ufeff[1]", id="root-behind-a-mark"),
    ],
)
def test_small_files(text: str, change: Change, new: str) -> None:
    assert edited(text, change) == new


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (RenameKey(("auth",), "list"), ValueError),
        (AddMember((), "auth", 1), ValueError),
        (SetText(("auth", "type"), 3, 7, ""), ValueError),
        (SetText(("auth",), 0, 0, ""), ValueError),
        (SetValue(("auth",), float("nan")), ValueError),
        (SetValue(("nothing",), 1), KeyError),
        (SetValue(("list", 3), 1), IndexError),
        (RenameKey(("list", 0), "a"), KeyError),
        (AddMember(("list",), "a", 1), KeyError),
        (AddElement(("auth",), 1), KeyError),
        (AddElement(("auth", "type"), 1), KeyError),
    ],
)
def test_what_cannot_be_done_is_an_error(change: Change, error: type[Exception]) -> None:
    with pytest.raises(error):
        edited(SPREAD, change)


def test_overlapping_edits_are_refused() -> None:
    assert apply("abc", [Edit(1, 1, "x"), Edit(1, 2, ""), Edit(1, 1, "y"), Edit(0, 1, "A")]) == "Axyc"
    with pytest.raises(ValueError, match="overlap"):
        apply("abc", [Edit(0, 2, ""), Edit(1, 3, "")])


characters = st.characters(codec="utf-8") | st.sampled_from('"\\/\n\té😀{}[],:')
strings = st.text(characters, max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def layouts(draw: st.DrawFn, data: object) -> str:
    text = json.dumps(
        data,
        indent=draw(st.sampled_from([None, None, 0, 1, 4, "\t"])),
        ensure_ascii=draw(st.booleans()),
        separators=(draw(st.sampled_from([",", ", ", " ,"])), draw(st.sampled_from([":", ": ", " : "]))),
    )
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r", "\n\n"])))
    return draw(st.sampled_from(["", "\ufeff", "\n", "  "])) + text + draw(st.sampled_from(["", "\n", "  "]))


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


@st.composite
def changes(draw: st.DrawFn, data: object) -> tuple[Change, object]:
    """A change that is possible, and the data afterwards."""
    holder: Any = [copy.deepcopy(data)]
    path, value = draw(st.sampled_from(list(walk(data))))
    parent = at(holder[0], path[:-1]) if path else holder
    last: Any = path[-1] if path else 0
    kinds = ["set"]
    kinds += ["rename"] if path and isinstance(last, str) else []
    kinds += ["text"] * 2 if isinstance(value, str) else []
    kinds += ["add"] * 3 if isinstance(value, dict | list) else []
    match draw(st.sampled_from(kinds)):
        case "set":
            parent[last] = new = draw(values)
            return SetValue(path, new), holder[0]
        case "rename":
            name = draw(strings)
            assume(name == last or name not in parent)
            renamed = {name if key == last else key: item for key, item in parent.items()}
            parent.clear()
            parent.update(renamed)
            return RenameKey(path, name), holder[0]
        case "text":
            assert isinstance(value, str)
            start = draw(st.integers(0, len(value)))
            end = draw(st.integers(start, len(value)))
            new_text = draw(strings)
            parent[last] = value[:start] + new_text + value[end:]
            return SetText(path, start, end, new_text), holder[0]
        case _:
            new = draw(values)
            if isinstance(value, list):
                parent[last].append(new)
                return AddElement(path, new), holder[0]
            key = draw(strings)
            assert isinstance(value, dict)
            assume(key not in value)
            parent[last][key] = new
            return AddMember(path, key, new), holder[0]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_an_edited_text_reads_as_the_changed_data(data: st.DataObject) -> None:
    before = data.draw(values)
    text = data.draw(layouts(before))
    change, expected = data.draw(changes(before))
    document = read(text.encode())
    assert document.valid
    assert same(document.data, before)
    found = edits(document, change)
    new = apply(text, found)
    again = read(document.encode(new))
    assert again.valid
    assert same(again.data, expected)
    assert new.startswith(text[: len(text) - len(text.lstrip())])
    assert new.endswith(text[len(text.rstrip()) :])
    # What is added takes nothing away, unless it replaces the space inside `{ }`.
    if isinstance(change, AddMember | AddElement):
        assert all(not text[edit.start : edit.end].strip() for edit in found)
    # No change leaves a blank line behind.
    blank = re.compile(r"(?:^|[\r\n])[ \t]*(?:[\r\n]|\Z)")
    if not blank.search(text.replace("\r\n", "\n")):
        assert not blank.search(new.replace("\r\n", "\n"))
