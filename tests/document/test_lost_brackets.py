"""A bracket that was lost or doubled somewhere in an indented file is found where it is missing, not at the end."""

import json

import pytest

from mcapp.document import read
from mcapp.document.layout import Layout
from tests.document.document_helpers import SAMPLE, mend, walk

APP = {
    **json.loads(SAMPLE),
    "sources": [{"name": "s", "type": "enum:static", "list": [{"key": "a", "value": "b"}]}],
    "actions": [
        {
            "name": name,
            "forms": [{"name": "f", "type": "string"}, {"name": "g"}],
            "requests": [{"url": "https://example.com", "headers": ["a: b"], "mapping": [], "payload": {"x": 1}}],
        }
        for name in ("one", "two")
    ],
    "triggers": [],
}
INDENTS: list[int | str] = [2, 4, "\t"]


def closing_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines()) if line.strip(" \t,") in ("}", "]")]


@pytest.mark.parametrize("step", INDENTS)
def test_a_lost_closing_line(step: int | str) -> None:
    text = json.dumps(APP, indent=step)
    lines = text.splitlines(keepends=True)
    openers = {}
    document = read(text.encode())
    for path, value in walk(APP):
        if isinstance(value, dict | list):
            span = document.span(path)
            openers[document.place(span).end_line - 1] = span.start
    assert len(closing_lines(text)) > 20
    for number in closing_lines(text):
        broken = read("".join(lines[:number] + lines[number + 1 :]).encode())
        assert broken.data == APP
        (defect,) = broken.defects
        assert defect.kind == "unclosed-bracket"
        assert defect.span.start == openers[number]
        assert mend(broken).data == APP
        if number < len(lines) - 1:
            assert mend(broken).text == text


@pytest.mark.parametrize("step", INDENTS)
def test_a_doubled_closing_line(step: int | str) -> None:
    lines = json.dumps(APP, indent=step).splitlines(keepends=True)
    for number in closing_lines("".join(lines)):
        broken = read("".join([*lines[:number], lines[number].rstrip() + "\n", *lines[number:]]).encode())
        assert broken.data == APP
        (defect,) = broken.defects
        assert (defect.kind, defect.cause) == ("invalid-json", f"`{lines[number].strip()[0]}` closes nothing")
        assert mend(broken).data == APP


@pytest.mark.parametrize("step", INDENTS)
def test_a_lost_end(step: int | str) -> None:
    lines = json.dumps(APP, indent=step).splitlines(keepends=True)
    for number in range(1, len(lines)):
        broken = read("".join(lines[:number]).encode())
        (defect,) = broken.defects
        assert defect.kind == "unclosed-bracket"
        mended = mend(broken)
        assert mended.data == broken.data
        assert mended.text.startswith("".join(lines[:number]).rstrip().rstrip(","))
        # Each closing bracket stands below the line that opened it.
        last = mended.text.splitlines()[-1]
        assert last == "}" or number == 1
        assert Layout(mended.text).indent(len(mended.text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{\n"a": {\n"b": [\n1\n],\n"c": 2\n}\n', id="no-indentation"),
        pytest.param('{ "a": {\n      "b": 1 },\n  "c": [ 1,\n   2 ]\n', id="wild"),
        pytest.param('{\n  "a": {\n    "b": 1\n    },\n  "c": [\n    2\n    ]\n', id="closing-brackets-indented"),
        pytest.param('{\n  "a":\n  {\n    "b": 1\n  },\n  "c":\n  [\n    2\n  ]\n', id="brackets-below"),
        pytest.param('{"a": {"b": 1}, "c": [{"d": 1}]', id="one-line"),
    ],
)
def test_any_layout_can_lack_its_last_bracket(text: str) -> None:
    broken = read(text.encode())
    (defect,) = broken.defects
    assert defect.kind == "unclosed-bracket"
    assert defect.span == (0, 1)
    assert broken.data == json.loads(text + "}")


@pytest.mark.parametrize("step", INDENTS)
def test_a_lost_opening_bracket(step: int | str) -> None:
    text = json.dumps(APP, indent=step)
    document = read(text.encode())
    exact = 0
    for path, value in walk(APP):
        if isinstance(value, dict | list) and path and value:
            at = document.span(path).start
            broken = read((text[:at] + text[at + 1 :]).encode())
            assert len(broken.defects) == 1
            assert "is missing" in broken.defects[0].cause
            exact += broken.data == APP and mend(broken).data == APP
    assert exact > 20
