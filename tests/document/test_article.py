"""The sample of the help article that defines App Keys, as people paste it: see the facts in the README."""

import json

from mcapp.document import read
from mcapp.lint.check import Settings, choose
from mcapp.lint.check import read as read_app
from mcapp.lint.fix import fix
from tests.document.document_helpers import found, mend

# With comments and without outer braces, as it is printed.
PRINTED = """\
"request": {
    "url": "your endpoint is here",
    "method": "POST",
    "headers": [
      "Content-Type: application/json",
      "x-token-header: {{app_token}}"      // app key can be received in the headers
    ],
    "mapping": [],
    "payload": {
      "app_token": "{{app_token}}"         // app key can be received in the payload
    }
}
"""
# A widespread copy has lost the lines that close.
COPIED = "".join(line for line in PRINTED.splitlines(keepends=True) if line.strip() not in ("],", "}"))

REQUEST = {
    "request": {
        "url": "your endpoint is here",
        "method": "POST",
        "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
        "mapping": [],
        "payload": {"app_token": "{{app_token}}"},
    }
}
LOST_AT_THE_END = "2 brackets are never closed: the `{` of `payload` (line 8), the `{` of `request` (line 1)"


def test_as_printed() -> None:
    assert found(PRINTED) == [
        "1:1 missing-braces: the braces around the document are missing",
        "6:44 comment: JSON has no comments",
        "10:44 comment: JSON has no comments",
    ]
    document = read(PRINTED.encode())
    assert document.data == REQUEST
    assert document.wrapped
    assert not document.guessed
    assert not document.valid
    assert json.loads(mend(document).text) == REQUEST


def test_as_copied() -> None:
    assert found(COPIED) == [
        "1:1 missing-braces: the braces around the document are missing",
        "4:16 unclosed-bracket: the `[` of `headers`, opened on line 4, is never closed",
        "6:44 comment: JSON has no comments",
        "8:16 unclosed-bracket: " + LOST_AT_THE_END,
        "9:44 comment: JSON has no comments",
    ]
    document = read(COPIED.encode())
    assert document.data == REQUEST
    assert document.wrapped
    assert document.guessed == {("request",), ("request", "headers"), ("request", "payload")}
    helps = [defect.help for defect in document.defects]
    assert helps == [
        "begin with `{` and end with `}`",
        "add `]` after line 6",
        "remove it",
        "add `}}` after line 9",
        "remove it",
    ]
    assert document.place(document.defects[3].related[0][0])[:2] == (1, 12)
    # What mends it puts back what was lost.
    mended = mend(document).text
    assert json.loads(mended) == REQUEST
    without_comments = "".join(line.split("    // ")[0].rstrip() + "\n" for line in PRINTED.splitlines())
    assert mended == "{\n" + without_comments + "}\n"


def test_places_inside_are_those_of_the_file() -> None:
    document = read(COPIED.encode())
    assert document.place(document.span(("request", "headers", 1)))[:2] == (6, 7)
    assert document.place(document.key_span(("request", "mapping")))[:2] == (7, 5)
    assert document.line(7) == '    "mapping": [],'


def test_without_line_ends() -> None:
    """Which of the brackets is missing where, the keys show: it is read as an App JSON."""
    document = read_app(b'"request": {"url": "x", "headers": ["a: b", "mapping": []')
    assert [(defect.span.start, defect.kind, defect.cause) for defect in document.defects] == [
        (0, "missing-braces", "the braces around the document are missing"),
        (11, "unclosed-bracket", "the `{` of `request`, opened on line 1, is never closed"),
        (35, "unclosed-bracket", "the `[` of `headers`, opened on line 1, is never closed"),
    ]
    assert document.data == {"request": {"url": "x", "headers": ["a: b"], "mapping": []}}
    fixed = fix(document, Settings(choose(["MC0"])), unsafe=True).document
    assert fixed.text == '{"request": {"url": "x", "headers": ["a: b"], "mapping": []}}'
