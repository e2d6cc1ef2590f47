"""mcapp.appjson.placeholders: finding, telling apart, rewriting, filling in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcapp.appjson import placeholders
from mcapp.appjson.placeholders import (
    BROKEN,
    CURLY,
    DOLLAR,
    PORTABLE,
    SINGLE,
    SQUARE,
    UnknownNameError,
    fill,
    find,
    rewrite,
)
from mcapp.errors import nearest

NAMES = st.from_regex(r"[a-z][a-z0-9_.\-]{0,12}", fullmatch=True)
# Text in which brackets and names meet in every way.
BRACKETY = st.lists(st.sampled_from([*"{}[]<>$|: ,\"'", "{{", "}}", "[[", "]]", "<<", ">>", "a", "app_token"])).map(
    "".join
)


@pytest.mark.parametrize(
    ("text", "style", "name"),
    [
        ("{{app_token}}", CURLY, "app_token"),
        ("[[email]]", SQUARE, "email"),
        ("<<page_id>>", PORTABLE, "page_id"),
        ("{{ app_token }}", CURLY, "app_token"),
        ('{{name|fallback:"x"}}', CURLY, "name"),
        ("{{ENDPOINT_URL}}", CURLY, "ENDPOINT_URL"),
        ("{{{app_id}}}", CURLY, "app_id"),
        ("${{ secrets.KEY }}", DOLLAR, "secrets.KEY"),
        ("{app_token}", SINGLE, "app_token"),
        ("${app_token}", SINGLE, "app_token"),
        ("{{app_token}", BROKEN, "app_token"),
        ("{app_token}}", BROKEN, "app_token"),
        ("{{app_token", BROKEN, "app_token"),
        ("{{app_token]]", BROKEN, "app_token"),
        ("[[email]", BROKEN, "email"),
        ("[email]]", BROKEN, "email"),
        ("[[email}}", BROKEN, "email"),
        ("<<email>", BROKEN, "email"),
        ("<email>>", BROKEN, "email"),
    ],
)
def test_what_is_found(text: str, style: str, name: str) -> None:
    for around in ("", "/", " "):
        (found,) = find(around + text + around)
        assert (found.style, found.name) == (style, name)
        if found.style != SINGLE and not text.startswith("{{{"):
            assert (around + text + around)[found.start : found.end] == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "[1, 2]",
        "[[1,2],[3,4]]",
        "[[true, false], [null]]",
        '{"a": {"b": 1}}',
        "a << b",
        "x >> 1",
        "<b>bold</b>",
        "list[0]",
        "{ }",
        "{1}",
    ],
)
def test_what_is_no_placeholder(text: str) -> None:
    assert [item for item in find(text) if placeholders.is_name(item.name)] == []


def test_a_filter_is_kept_apart_from_the_name() -> None:
    (found,) = find('{{ name | fallback:"x" }}')
    assert found.name == "name"
    assert found.filter == '| fallback:"x"'
    assert not found.tight


@given(st.text() | BRACKETY)
def test_find_never_raises_and_its_spans_are_in_order(text: str) -> None:
    end = 0
    for item in find(text):
        assert end <= item.start < item.end <= len(text)
        assert item.inner in text[item.start : item.end]
        end = item.end


@given(st.lists(st.tuples(st.sampled_from([CURLY, SQUARE, PORTABLE]), NAMES)), st.text(alphabet="xyz .,:/"))
def test_what_is_written_is_found_again(wanted: list[tuple[str, str]], between: str) -> None:
    text = between + between.join(placeholders.write(style, name) + between for style, name in wanted)
    assert [(item.style, item.name) for item in find(text)] == wanted


@given(st.text() | BRACKETY)
def test_masking_keeps_the_length_and_the_rest(text: str) -> None:
    found = find(text)
    hidden = placeholders.masked(text, found)
    assert len(hidden) == len(text)
    inside = {index for item in found for index in range(item.start, item.end)}
    assert all(hidden[index] == (placeholders.FILLER if index in inside else text[index]) for index in range(len(text)))


def test_rewrite_writes_the_brackets_that_manychat_expects() -> None:
    text = '<<app_token>> << email >> <<name|fallback:"x">> {{page_id}} [[other]]'
    assert rewrite(text, ["email", "name"]) == '{{app_token}} [[email]] [[name|fallback:"x"]] {{page_id}} [[other]]'


def test_a_declared_name_wins_over_a_system_value() -> None:
    assert rewrite("<<page_id>>", ["page_id"]) == "[[page_id]]"


@pytest.mark.parametrize(("name", "near"), [("app_tokn", "app_token"), ("Email", "email"), ("nothing", None)])
def test_an_unknown_name_is_refused_with_a_suggestion(name: str, near: str | None) -> None:
    with pytest.raises(UnknownNameError) as caught:
        rewrite(f"<<{name}>>", ["email"])
    assert (caught.value.name, caught.value.near) == (name, near)


@given(st.text() | BRACKETY, st.sets(st.sampled_from(["a", "a.b", "b"])))
def test_rewriting_twice_changes_nothing_more(text: str, declared: set[str]) -> None:
    try:
        result = rewrite(text, declared)
    except UnknownNameError:
        assert PORTABLE in {item.style for item in find(text)}
        return
    assert PORTABLE not in {item.style for item in find(result)}
    assert rewrite(result, declared) == result


@given(st.dictionaries(NAMES, st.text(), max_size=4), st.text(alphabet="ab :/"))
def test_filling_in_what_was_rewritten(values: dict[str, str], between: str) -> None:
    values["page_id"] = "what a value holds, {{app_id}}, is not filled in again"
    declared = [name for name in values if name not in placeholders.AUTH_REQUEST]
    portable = between.join(f"<<{name}>>" for name in values)
    filled = between.join(values.values())
    assert fill(rewrite(portable, declared), values) == filled
    assert fill(portable, values) == filled


def test_filling_in_leaves_alone_what_manychat_would() -> None:
    values = {"app_token": "T", "email": "E"}
    assert fill("[[app_token]] {{unknown}} {app_token} {{app_token}", values) == (
        "[[app_token]] {{unknown}} {app_token} {{app_token}"
    )
    assert fill("{{ app_token }} [[email]] {{email}} ${{email}}", values) == "T E E $E"


@pytest.mark.parametrize(
    ("word", "near"), [("appToken", "app_token"), ("APP_TOKEN", "app_token"), ("pageid", "page_id"), ("xyz", None)]
)
def test_near(word: str, near: str | None) -> None:
    assert nearest(word, placeholders.AUTH_REQUEST) == near
    assert nearest("x" * 1000, placeholders.AUTH_REQUEST) is None


@pytest.mark.parametrize(
    "piece", ["{{", "[[", "<<", "{{a", "[[a ", "<<a ", "{", "{a", "{a.", "{{ ", "${{", "$", "{{a|", "[[a|["]
)
def test_hostile_strings_take_linear_time(piece: str) -> None:
    # Quadratic work on a million characters would take minutes, and the run's own limit would end it.
    find(piece * (1_000_000 // len(piece)))


@given(st.lists(st.sampled_from([*"{}[]<>$ a1:|é", "{{", "}}", "[[", "]]", "{{a}}", "[[b_1]]", "${{a}}"])).map("".join))
def test_the_short_pattern_finds_what_the_whole_one_finds(text: str) -> None:
    short = placeholders._find(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placeholders, "_PLAIN", "(?!)()()")
        assert placeholders._find(text) == short
