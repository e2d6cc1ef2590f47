"""`--payload` and `--payload-json`: from words to an object, or to a sentence that says what is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.errors import UsageProblem
from mcapp.generate.build import dotted, merge, parse_entry, parse_json, parse_object


@pytest.mark.parametrize(
    ("word", "path", "value"),
    [
        ("a=1", ("a",), "1"),
        ("a=", ("a",), ""),
        ("a=b=c", ("a",), "b=c"),
        ("a.b.c=x", ("a", "b", "c"), "x"),
        (r"a\.b=x", ("a.b",), "x"),
        (r"a\\.b=x", ("a\\", "b"), "x"),
        (r"a\b=x", (r"a\b",), "x"),
        (r"a\\\.b=x", (r"a\.b",), "x"),
        ("a:b=x", ("a:b",), "x"),
        ("a:=1", ("a",), 1),
        ("a.b:=[1, null, true]", ("a", "b"), [1, None, True]),
        ('a:={"x": "=:"}', ("a",), {"x": "=:"}),
        ("naïve ключ=значение", ("naïve ключ",), "значение"),
        ("k=<<app_token>>", ("k",), "<<app_token>>"),
        ("k={{a.b}}", ("k",), "{{a.b}}"),
    ],
)
def test_an_entry(word: str, path: tuple[str, ...], value: object) -> None:
    assert parse_entry(word) == (path, value)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("app_token", "a --payload without `=`: expected KEY=VALUE"),
        ("=x", "--payload has no key before the `=`"),
        (":=1", "--payload has no key before the `=`"),
        (".a=x", "--payload has an empty key in `.a`"),
        ("a..b=x", "--payload has an empty key in `a..b`"),
        ("a.=x", "--payload has an empty key in `a.`"),
        ("a:=hi", "--payload a:= is not strict JSON"),
        ("a:=", "--payload a:= is not strict JSON"),
        ("a:=NaN", "--payload a:= is not strict JSON"),
        ("a:=1e999", "--payload a:= has a number that is too large"),
    ],
)
def test_a_wrong_entry(word: str, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_entry(word)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_a_key_on_the_command_line_is_not_repeated() -> None:
    word = "12345678" + ":" + "ab" * 16
    with pytest.raises(UsageProblem) as caught:
        parse_entry(word)
    assert word not in caught.value.message + caught.value.hint


def test_the_place_of_a_mistake_in_a_json_text() -> None:
    with pytest.raises(UsageProblem, match=r"line 2, column 8\)$"):
        parse_json(b'{"a": 1,\n "b": 1 "c": 2}', "payload.json")


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": 1}', "payload.json") == {"a": 1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [(b"[1]", "a list"), (b"null", "null"), (b'"x"', "text"), (b"1", "a number"), (b"true", "a boolean")],
)
def test_a_payload_is_an_object(text: bytes, kind: str) -> None:
    with pytest.raises(UsageProblem, match=f"must be an object, not {kind}"):
        parse_object(text, "--payload-json")


def test_entries_go_over_the_json() -> None:
    base = {"a": 1, "deep": {"kept": True, "changed": 1}, "gone": {"x": 1}}
    entries = map(parse_entry, ["deep.changed=2", "deep.new.er=3", "gone=text", "z:=null"])
    assert merge(base, entries) == {
        "a": 1,
        "deep": {"kept": True, "changed": "2", "new": {"er": "3"}},
        "gone": "text",
        "z": None,
    }
    assert base == {"a": 1, "deep": {"kept": True, "changed": 1}, "gone": {"x": 1}}


@pytest.mark.parametrize("words", [["a=1", "a.b=2"], ["a.b=2", "a=1"], ['a:={"c": 1}', "a.b=2"], ["a.b.c=1", "a=2"]])
def test_a_value_cannot_also_hold_values(words: list[str]) -> None:
    with pytest.raises(UsageProblem, match="contradict each other") as caught:
        merge({}, map(parse_entry, words))
    assert r"`\.`" in caught.value.hint


def test_the_same_entry_twice() -> None:
    with pytest.raises(UsageProblem, match=r"--payload a\.b is given twice"):
        merge({}, map(parse_entry, ["a.b=1", "a.b=2"]))


@pytest.mark.parametrize("value", ["text", 1, None, [1], True])
def test_nesting_below_what_is_no_object(value: object) -> None:
    with pytest.raises(UsageProblem, match="`a` is not an object"):
        merge({"a": value}, [parse_entry("a.b=1")])


keys = st.text(st.characters(exclude_characters=":=", codec="utf-8"), min_size=1, max_size=6)


@settings(max_examples=100)
@given(st.lists(keys, min_size=1, max_size=4), st.text(st.characters(codec="utf-8"), max_size=10))
def test_every_path_can_be_typed(path: list[str], value: str) -> None:
    assert parse_entry(f"{dotted(path)}={value}") == (tuple(path), value)
