"""What is collected from a document: complete for App JSON, and never an exception for anything else."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.appjson import urls
from mcapp.appjson.app_schema import KEYS, KINDS, kind_of
from mcapp.appjson.facts import Facts
from mcapp.appjson.placeholders import find
from mcapp.document import read
from mcapp.lint.check import Settings, check
from mcapp.lint.rules import ALL
from tests.lint.findings_of import app, auth, request

WORDS = [*(key for keys in KEYS.values() for key in keys), "actoins", "Headers", "requst"]
VALUES = ["{{app_token}}", "[[x]]", "<<x>>", "{{x}", "https://[[x]/#{{app_token}}", "x: y", "x", "", "POST", "select"]
VALUES += ["enum:static", "$.a", "12345:" + "a1" * 12, "Bearer " + "a1" * 12, "http://u:p@localhost", "a\nb", "\ud800"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES) | st.text(max_size=6)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner),
    max_leaves=30,
)


def facts(data: Any, kind: str | None = None) -> Facts:
    return Facts(read(json.dumps(data).encode(), "app.json"), kind)


def damaged(draw: st.DrawFn, data: Any) -> Any:
    """App JSON with parts of it replaced by anything."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    if isinstance(data, dict):
        return {key: damaged(draw, value) for key, value in data.items()}
    return [damaged(draw, value) for value in data] if isinstance(data, list) else data


@st.composite
def nearly_app(draw: st.DrawFn) -> Any:
    source = {"name": "s", "type": "enum:static", "list": [{"key": "A", "value": "a"}]}
    more = {"sources": [source], "triggers": [{"name": "t", "title": "T", "context": [{"name": "c"}]}]}
    mapping = [{"name": "id", "path": "$.id"}]
    whole = app("amount", params=("email",), more=more, payload={"a": "[[amount]]"}, mapping=mapping)
    whole["auth"]["connection"] = {"headers": {"x": "[[email]]"}, "qs": {"a": "b"}}
    return damaged(draw, whole)


@settings(deadline=None, max_examples=80)
@given(JSON | nearly_app(), st.sampled_from([None, *KINDS]), st.sampled_from(["manychat", "portable"]))
def test_no_json_makes_a_rule_fail_and_every_finding_has_its_place(data: Any, kind: str | None, notation: str) -> None:
    document = read(json.dumps(data).encode("utf-8", "surrogatepass"), "app.json")
    for found in check(document, Settings(rules=ALL, kind=kind, placeholders=notation)).findings:
        assert found.line >= 1
        assert 0 <= found.span.start <= found.span.end <= len(document.text)


@settings(deadline=None, max_examples=80)
@given(nearly_app(), st.data())
def test_no_truncated_text_makes_a_rule_fail(data: Any, more: st.DataObject) -> None:
    raw = json.dumps(data, indent=1).encode()
    check(read(raw[: more.draw(st.integers(0, len(raw)))], "app.json"))


# What a URL may have around it: white space, and characters that nobody sees.
UNSEEN = r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
NOT_SEEN = "".join(char for char in map(chr, range(0x10000)) if char.isspace() or re.match(UNSEEN, char))


@settings(deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from([*":/?#@[]{}<>. ", "//", "http", "https://", "[[a]]", "::1", "a"])).map("".join)
)
def test_any_text_can_be_taken_apart_as_a_url(text: str) -> None:
    url = urls.split(text, find(text))
    assert len(url.masked) == len(text)
    trimmed = text.strip(NOT_SEEN)
    assert url.text[url.start : url.end] == trimmed or not trimmed
    assert url.fragment == -1 or url.masked[url.fragment] == "#"
    if url.userinfo:
        start, end = url.userinfo
        assert url.masked[end] == "@"
        assert start <= end
    assert url.authority is not None or not url.host


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"actions": []}, "app"),
        ({"auth": {}, "actions": []}, "app"),
        ({"auth": {}, "sources": []}, "app"),
        ({"actoins": []}, "app"),
        ({"auth": {}}, "auth"),
        ({"auth": None}, "auth"),
        ({"params": []}, "auth"),
        ({"type": "APIKEY", "request": {}}, "auth"),
        ({"connection": []}, "auth"),
        ({"request": {}}, "request"),
        ({"reqest": {}}, "request"),
        ({"url": "x"}, "request"),
        ({"method": "GET", "headers": []}, "request"),
        ({"name": "a", "title": "A", "requests": []}, "app"),
        ({}, "app"),
        ({"name": "package", "version": "1"}, "app"),
        ([], None),
        ("text", None),
        (None, None),
    ],
)
def test_the_keys_decide_the_kind(data: Any, kind: str | None) -> None:
    assert kind_of(data).name == kind


@pytest.mark.parametrize(
    ("data", "kind", "auth_path", "request_path"),
    [
        (auth(), None, ("auth",), ("auth", "request")),
        (auth()["auth"], None, (), ("request",)),
        (request(), None, None, ("request",)),
        (request()["request"], None, None, ()),
        (app(), "auth", ("auth",), ("auth", "request")),
        ({"auht": {"reqest": {}}, "actions": []}, None, ("auht",), ("auht", "reqest")),
        ({"auth": {"request": {}}}, "request", None, ()),
        ({"auth": "text", "actions": []}, None, None, None),
    ],
)
def test_parts_keep_their_paths(data: Any, kind: str | None, auth_path: Any, request_path: Any) -> None:
    found = kind_of(data, kind)
    assert (found.auth, found.request) == (auth_path, request_path)


def test_everything_that_rules_look_at_is_collected() -> None:
    more = {
        "sources": [{"name": "colors", "type": "enum:static", "list": []}],
        "triggers": [{"name": "paid", "title": "Paid", "context": [{"name": "a"}, {"name": "b"}]}],
    }
    found = facts(app("amount", params=("email",), more=more, payload={"deep": [{"a": "[[amount]]"}]}))
    assert [entry.name for entry in found.params] == ["email"]
    assert [(entry.name, entry.path) for entry in found.forms] == [("amount", ("actions", 0, "forms", 0))]
    assert [entry.name for entry in found.sources] == ["colors"]
    assert [entry.name for entry in found.triggers] == ["paid"]
    assert [what for what, _ in found.lists] == ["context field"]
    assert [each.path for each in found.requests] == [("auth", "request"), ("actions", 0, "requests", 0)]
    assert found.used == {"email", "amount", "app_token", "page_id"}
    assert found.suspicious == {}
    assert [leaf.path for leaf in found.requests[1].leaves] == [
        ("actions", 0, "requests", 0, "payload", "deep", 0, "a")
    ]


def test_a_misspelt_key_is_read_as_what_was_meant() -> None:
    data = {
        "auth": {"parms": [{"name": "email"}], "reqest": {"urll": "https://[[email]].example.com/", "metod": "GET"}}
    }
    found = facts(data)
    assert [entry.name for entry in found.params] == ["email"]
    assert found.request is not None
    assert found.request.method == "GET"
    assert found.request.url is not None
    assert found.suspicious == {}


def test_the_last_word_has_the_key_that_is_spelt_rightly() -> None:
    found = facts(request(metod="DELETE"))
    assert found.request is not None
    assert (found.request.method, found.request.method_path) == ("POST", ("request", "method"))


@pytest.mark.parametrize(
    ("raw", "name", "value", "colon"),
    [
        ("a: b", "a", "b", 1),
        ("a:b:c", "a", "b:c", 1),
        (" a : b ", "a", "b", 3),
        ("a", "a", "", -1),
        ("[[n|x:y]]: b", "[[n|x:y]]", "b", 9),
        ("[[n|x:y]]", "[[n|x:y]]", "", -1),
        ("a: {{x|y:z}}", "a", "{{x|y:z}}", 1),
    ],
)
def test_headers_are_divided_at_their_colon(raw: str, name: str, value: str, colon: int) -> None:
    found = facts(request(headers=[raw])).headers[0]
    assert (found.name, found.value, found.colon) == (name, value, colon)
    start, end = found.value_chars
    assert raw[start:end] == value


def test_what_was_never_closed_is_not_said_to_lack_anything() -> None:
    text = json.dumps(request())
    whole = Facts(read(text.encode(), "app.json")).request
    cut = Facts(read(text[: text.index('"method"')].encode(), "app.json")).request
    assert whole is not None
    assert whole.whole
    assert cut is not None
    assert not cut.whole


@pytest.mark.parametrize("where", ['"payload": {HERE}', '"payload": {"a": [{HERE}]}'])
def test_nothing_is_missing_around_what_could_not_be_read(where: str) -> None:
    """The App Key, the method or a header may stand in what is left out."""
    text = '{"request": {"url": "https://example.com/h", WHERE}}'.replace(
        "WHERE", where.replace("HERE", '"b": ??? ~~ @')
    )
    assert {finding.rule for finding in check(read(text.encode())).findings} == {"MC001"}
