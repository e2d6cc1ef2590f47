"""The readers agree with the standard library's parser on every text, and no bytes make them fail."""

import json
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcapp.document import Document, apply, read
from mcapp.document.edits import edits
from mcapp.document.places import BOM, AddElement, AddMember, Change, RenameKey, SetText, SetValue
from tests.document.document_helpers import SAMPLE, check_places, same, walk

HARMLESS = {"byte-order-mark", "duplicate-key"}


def strict(text: str) -> tuple[bool, Any]:
    """Whether JSON it is, and which value. `reject`, because Python takes NaN although JSON does not have it."""

    def reject(constant: str) -> None:
        raise ValueError(constant)

    try:
        return True, json.loads(text, parse_constant=reject)
    except (ValueError, RecursionError):
        return False, None


def tolerant(text: str) -> Document:
    """The document without the standard library's parser."""
    document = Document("-", b"", text, "utf-8", ())
    document.take_damaged()
    return document


def check(text: str) -> None:
    """Both readers accept what is JSON, with its value, and say what is wrong with everything else."""
    accepted, value = strict(text.removeprefix(BOM))
    reading = tolerant(text)
    assert accepted == (not {defect.kind for defect in reading.defects} - HARMLESS)
    document = read(text.encode("utf-8", "surrogatepass"))
    if any(defect.kind == "wrong-encoding" for defect in document.defects):
        return  # a lone surrogate is no UTF-8; NULs at the beginning look like UTF-16
    assert document.valid == accepted
    assert document.readable == reading.readable
    if accepted:
        assert same(reading.data, value)
        assert same(document.data, value)
        assert document.defects[-len(reading.defects) :] == reading.defects or not reading.defects
        check_places(document)
    else:
        assert document.defects
        check_defects(document)


def check_defects(document: Document) -> None:
    """Defects are sorted and lie in the text; their edits can be carried out."""
    size = len(document.text)
    assert [defect.span for defect in document.defects] == sorted(defect.span for defect in document.defects)
    for defect in document.defects:
        assert 0 <= defect.span.start <= defect.span.end <= size
        assert all(0 <= span.start <= span.end <= size for span, _ in defect.related)
        apply(document.text, defect.edits)
        assert defect.cause
        assert document.place(defect.span) <= document.place(defect.span)[2:] * 2


TOKENS = [
    *"{}[]:,\"'/#\\ \n\t",
    '"a"',
    '"b\\n"',
    '"',
    "1",
    "-0",
    "1.5e3",
    "true",
    "null",
    "NaN",
    "//",
    "/*",
    "*/",
    "\r\n",
    "“",
    "”",
]
TOKENS += [
    '"a":',
    "a:",
    "{{x}}",
    "[[x]]",
    "[[",
    "\u00a0",
    "\ufeff",
    "01",
    "'b'",
    "\\u00e9",
    "\\ud800",
    "é",
    "\x00",
    "\\",
    ",,",
    "}}",
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from([10**4299, -(10**4299), 1e308, -0.0, "\ud800", "{{app_token}}", 'a"b\\']),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc") | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=15,
)


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    text = json.dumps(
        draw(json_values), indent=draw(st.sampled_from([None, None, 1, 2])), ensure_ascii=draw(st.booleans())
    )
    return draw(st.sampled_from(["", " ", "\n\t"])) + text + draw(st.sampled_from(["", "\r\n"]))


@st.composite
def damaged_texts(draw: st.DrawFn) -> str:
    """A valid text with some pieces taken out, put in or exchanged."""
    text = draw(json_texts() | st.just(SAMPLE))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 0, 1, 1, 2, 5])))
        new = draw(st.just("") | st.sampled_from(TOKENS) | st.text(max_size=2))
        text = text[:start] + new + text[end:]
    return text


@settings(deadline=None, max_examples=150)
@given(json_texts())
@example('{"a": 1, "a": {"a": 2, "a": [3]}, "b": 0, "a": 4}')
@example("[[true]]")
@example("[[ null], [[false]]]")
@example("1" * 4300)
@example("[-" + "1" * 4300 + "]")
@example('"\x7f\u2028\\u2028\ud800"')
@example("[1E400, -0, -0.0, 1e-400, 0e0]")
def test_json_is_read_as_what_it_is(text: str) -> None:
    assert strict(text)[0]
    check(text)


@settings(deadline=None, max_examples=200)
@given(damaged_texts())
def test_damaged_json(text: str) -> None:
    check(text)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(TOKENS), max_size=25).map("".join) | st.text())
@example("1" * 4301)
@example("-")
@example('["\\')
@example('"\\u12')
@example("\ufeff1")
@example("[1]\x00")
@example("{{{{")
@example("[[a[[b")
def test_any_text(text: str) -> None:
    check(text)


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda raw: b'{"a": "' + raw + b'", "b": [1, 2]}'))
def test_any_bytes(raw: bytes) -> None:
    document = read(raw)
    assert document.encode(document.text) == raw
    check_defects(document)


@settings(deadline=None, max_examples=80)
@given(damaged_texts(), st.data())
def test_broken_text_can_be_edited(text: str, data: st.DataObject) -> None:
    """Every value that was read has a place, and a change there can be carried out."""
    document = read(text.encode("utf-8", "surrogatepass"))
    if not document.readable:
        return
    path, value = data.draw(st.sampled_from(list(walk(document.data))))
    changes: list[Change] = [SetValue(path, ["x"])]
    if path and isinstance(path[-1], str):
        changes.append(RenameKey(path, "a new key"))
    if isinstance(value, str):
        changes.append(SetText(path, 0, len(value), "x"))
    if isinstance(value, dict):
        changes.append(AddMember(path, "a new key", {"x": 1}))
    if isinstance(value, list):
        changes.append(AddElement(path, {"x": 1}))
    for change in changes:
        new = apply(document.text, edits(document, change))
        assert new != document.text or isinstance(change, SetText | SetValue)
        read(document.encode(new))


def test_every_second_prefix() -> None:
    for end in range(0, len(SAMPLE), 2):
        check(SAMPLE[:end])
        raw = SAMPLE.encode()[:end]
        assert read(raw).encode(read(raw).text) == raw


def test_every_second_deletion() -> None:
    for at in range(1, len(SAMPLE), 2):
        check(SAMPLE[:at] + SAMPLE[at + 1 :])


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_tokens(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(50):
        check("".join(chance.choices(TOKENS, k=60)))
