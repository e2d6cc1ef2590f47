"""`--into`: the block goes in, and every byte that is not part of it stays where it was."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.document import Document, Span, read
from mcapp.errors import Refused
from mcapp.generate.build import Param, RequestSpec, build_request
from mcapp.generate.draft import declared_params, insert

REQUEST = build_request(RequestSpec("https://example.com/install", payload={"k": "<<app_token>>"}))
PARAMS = (Param("shop", "Shop"), Param("email", "Your e-mail"))


def put(text: str, *, force: bool = False, params: tuple[Param, ...] = ()) -> str:
    return insert(read(text.encode(), "app.json"), REQUEST, params, force=force).document.text


def test_absent_auth_becomes_a_whole_one_in_the_style_of_the_file() -> None:
    assert put('{\n  "actions": []\n}') == (
        """{
  "actions": [],
  "auth": {
    "type": "APIKEY",
    "params": [],
    "request": {
      "url": "https://example.com/install",
      "method": "POST",
      "headers": [
        "Content-Type: application/json"
      ],
      "mapping": [],
      "payload": {
        "k": "{{app_token}}"
      }
    }
  }
}"""
    )


def test_null_auth_becomes_a_whole_one_in_its_place() -> None:
    before = '{"auth": null, "actions": []}'
    after = put(before, params=PARAMS)
    assert json.loads(after)["auth"] == {
        "type": "APIKEY",
        "params": [{"name": "shop", "title": "Shop"}, {"name": "email", "title": "Your e-mail"}],
        "request": REQUEST,
    }
    assert after.startswith('{"auth": {')
    assert after.endswith(', "actions": []}')
    assert "\n" not in after


@pytest.mark.parametrize("text", ["{}", '{"auth": {}}', '{"auth": {"request": null}}', '{"auth": null}', " {\n} \n"])
def test_from_next_to_nothing(text: str) -> None:
    assert json.loads(put(text))["auth"]["request"] == REQUEST


def test_params_are_merged_by_name_and_keep_their_titles() -> None:
    before = '{"auth": {"params": [{"name": "email", "title": "Old title", "x": 1}]}, "actions": []}'
    made = insert(read(before.encode(), "app.json"), REQUEST, PARAMS)
    auth = json.loads(made.document.text)["auth"]
    assert auth["params"] == [{"name": "email", "title": "Old title", "x": 1}, {"name": "shop", "title": "Shop"}]
    assert made.kept == ("email",)
    assert made.written == (("auth", "params", 1), ("auth", "request"))


def test_a_request_that_is_there_is_kept() -> None:
    text = '{"auth": {"request": {"url": "https://old.example.com"}}}'
    with pytest.raises(Refused) as caught:
        put(text)
    assert (caught.value.code, caught.value.exit_code) == ("exists", 1)
    assert "--force" in caught.value.hint
    assert put(text, force=True) == f'{{"auth": {{"request": {json.dumps(REQUEST)}}}}}'


def test_the_same_request_again_changes_nothing() -> None:
    once = put('{\n\t"auth": {"type": "APIKEY"}\n}', params=PARAMS)
    made = insert(read(once.encode(), "app.json"), REQUEST, PARAMS)
    assert made.document.text == once
    assert made.written == ()


def test_true_is_not_one() -> None:
    request = {**REQUEST, "payload": {"k": "{{app_token}}", "flag": True}}
    text = json.dumps({"auth": {"request": {**request, "payload": {"k": "{{app_token}}", "flag": 1}}}})
    with pytest.raises(Refused, match=r"has an `auth\.request` already"):
        insert(read(text.encode(), "app.json"), request)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not-strict-json"),
        ("", "not-strict-json"),
        ('{"auth": {},}', "not-strict-json"),
        ('// mine\n{"auth": {}}', "not-strict-json"),
        ('"auth": {}', "not-strict-json"),
        ('{"auth": {"params": NaN}}', "not-strict-json"),
        ("[]", "not-an-app"),
        ('"auth"', "not-an-app"),
        ('{"name": "package", "version": "1.0.0"}', "not-an-app"),
        ('{"request": {"url": "https://example.com"}}', "not-an-app"),
        ('{"auth": []}', "wrong-type"),
        ('{"auth": "x"}', "wrong-type"),
        ('{"auth": false}', "wrong-type"),
        ('{"auth": {"params": {}}}', "wrong-type"),
        ('{"auth": {"params": "email"}}', "wrong-type"),
    ],
)
def test_what_is_left_untouched(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        put(text, params=PARAMS, force=True)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("raw", ['{"auth": null}'.encode("utf-16"), b'{"auth": "\xff"}'])
def test_another_encoding_is_left_untouched(raw: bytes) -> None:
    with pytest.raises(Refused):
        insert(read(raw, "app.json"), REQUEST)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"auth": {"params": [{"name": "a"}, {"name": 1}, "x", null, {"name": "b"}]}}', ("a", "b")),
        ('{"auth": {"params": {}}}', ()),
        ('{"auth": null}', ()),
        ("[1]", ()),
        ("", ()),
    ],
)
def test_the_names_that_a_file_declares(text: str, names: tuple[str, ...]) -> None:
    assert declared_params(read(text.encode(), "app.json")) == names


# ---- any file, laid out in any way ----

scalars = st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=6)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
params = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["email", "shop", "x"]), "title": st.text(max_size=4)}) | values,
    max_size=3,
)
auths = st.none() | st.fixed_dictionaries(
    {}, optional={"type": st.just("APIKEY"), "params": st.none() | params, "request": values, "connection": values}
)
apps = st.fixed_dictionaries({"actions": values}, optional={"auth": auths, "sources": values, "x\n": values})


@st.composite
def layouts(draw: st.DrawFn) -> str:
    """An App JSON as some person or tool may have laid it out."""
    app = draw(apps)
    members = draw(st.permutations(list(app.items())))
    indent = draw(st.sampled_from([None, 1, 2, 4, "\t"]))
    text = json.dumps(
        dict(members),
        indent=indent,
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from([None, (",", ":"), (" , ", " : ")])),
    )
    if draw(st.booleans()):  # blanks where JSON allows them
        text = re.sub(
            r'"(?:[^"\\]|\\.)*"|[\[\]{},:]', lambda m: m[0] + draw(st.sampled_from(["", "", " ", "\n", "\t"])), text
        )
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text + draw(st.sampled_from(["", "\n", "\r\n", " \n\n"]))


def untouched(document: Document) -> str:
    """The text without the values that are replaced, and without the blanks in empty ones that are filled."""
    data: Any = document.data
    replaced: list[tuple[str | int, ...]] = []
    filled: list[tuple[str | int, ...]] = []
    if isinstance(data.get("auth"), dict):
        auth = data["auth"]
        replaced += [("auth", "request")] if "request" in auth else []
        replaced += [("auth", "params")] if auth.get("params", "") is None else []
        filled += [("auth", "params")] if auth.get("params") == [] else []
        filled += [] if auth else [("auth",)]
    elif "auth" in data:
        replaced.append(("auth",))
    spans = [document.span(path) for path in replaced]
    spans += [Span(span.start + 1, span.end - 1) for span in map(document.span, filled)]
    text = document.text
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


@settings(max_examples=150)
@given(layouts())
def test_every_other_byte_stays(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    before = read(raw, "app.json")
    data: Any = before.data
    made = insert(before, REQUEST, PARAMS, force=True)
    after = made.document
    assert after.valid

    # What it says now is what it said, with the block and the missing params.
    expected = json.loads(json.dumps(data))
    auth = expected.get("auth")
    if auth is None:
        auth = expected["auth"] = {"type": "APIKEY"}
    auth["request"] = REQUEST
    old = auth.get("params") or []
    names = [param["name"] for param in old if isinstance(param, dict) and isinstance(param.get("name"), str)]
    auth["params"] = old + [param._asdict() for param in PARAMS if param.name not in names]
    assert after.data == expected
    assert list(after.data)[: len(data)] == list(data)  # type: ignore[call-overload]  # it is a dict

    # And what is not replaced is all there, in its order.
    kept = untouched(before)
    assert raw.startswith(b"\xef\xbb\xbf") == after.raw.startswith(b"\xef\xbb\xbf")
    rest = iter(after.text)
    assert all(char in rest for char in kept), "something of the file is missing or moved"
    line_ends = set(re.findall(r"\r\n|\n|\r", kept))
    if len(line_ends) == 1:
        only = line_ends.pop()
        assert not re.search({"\r\n": r"(?<!\r)\n|\r(?!\n)", "\n": r"\r", "\r": r"\n"}[only], after.text)


@settings(max_examples=60)
@given(layouts())
def test_twice_is_once(text: str) -> None:
    once = insert(read(text.encode("utf-8", "surrogatepass"), "app.json"), REQUEST, PARAMS, force=True)
    twice = insert(once.document, REQUEST, PARAMS)
    assert twice.document.raw == once.document.raw
    assert twice.written == ()
