"""The rules on actions, sources, mappings and secrets beyond their own examples."""

import json
from typing import Any

import pytest

from tests.lint.findings_of import app, auth, findings, names, request, said

# Made here, so that no scanner takes it for one.
ACCOUNT_KEY = "12345678" + ":" + "ab12" * 8
OPAQUE = "a1b2c3d4" * 4


def with_source(form: Any, *sources: Any) -> dict[str, Any]:
    data = app(url="https://example.com/[[f]]", more={"sources": list(sources)})
    data["actions"][0]["forms"] = [{"name": "f", "type": "select", "title": "F", **form}]
    return data


STATIC = {"name": "colors", "type": "enum:static", "list": [{"key": "Red", "value": "r"}]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (with_source({"source": "colors"}, STATIC), set()),
        (with_source({"source": "colors"}, {**STATIC, "type": "enum:rpc", "list": [1, 1]}), set()),
        (with_source({"source": "colors", "default": "r"}, STATIC), set()),
        (with_source({"type": "string"}), set()),
        (with_source({}), {"select-without-source"}),
        (with_source({"sorce": "colors"}, STATIC), {"misspelt-key"}),
        (with_source({"source": None}, STATIC), {"wrong-type", "unused-source"}),
        (with_source({"source": "Colors"}, STATIC), {"undeclared-source"}),
        (with_source({"source": "sizes"}, STATIC), {"undeclared-source", "unused-source"}),
        (with_source({"source": "sizes", "type": "string"}), {"undeclared-source"}),
        (with_source({"source": "sizes"}, {"nme": "sizes", "type": "enum:static", "list": []}), {"misspelt-key"}),
        (with_source({"source": "sizes"}, "sizes"), {"wrong-type"}),
        (with_source({"source": "colors"}, STATIC, STATIC), {"duplicate-name"}),
    ],
)
def test_sources(data: Any, expected: set[str]) -> None:
    assert names(data) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", None),
        ("$.a", None),
        ("$.a.b_c.d-e", None),
        ("$.a[0]", None),
        ("$['a b']['c']", None),
        ('$["a"]', None),
        ("$..a", None),
        ("$.*", None),
        ("$.a[*].b", None),
        ("$.a[1:3,5]", None),
        ("$.a[?(@.b[0] == 'c')].d", None),
        ("$.ünïcode", None),
        ("$.[[field]]", None),
        (".a", "mapping-path-without-root"),
        ("a.b[0]", "mapping-path-without-root"),
        ("a", "mapping-path-without-root"),
        ("", "bad-mapping-path"),
        ("$.", "bad-mapping-path"),
        ("$a", "bad-mapping-path"),
        ("$..", "bad-mapping-path"),
        ("$.a.", "bad-mapping-path"),
        ("$.a[", "bad-mapping-path"),
        ("$.a['b]", "bad-mapping-path"),
        ("a b", "bad-mapping-path"),
        ("/a/b", "bad-mapping-path"),
        (" $.a", "bad-mapping-path"),
        ("$" + "[?" * 1000 + "." * 1000, None),
        ("$" + ".a" * 20_000 + "[", "bad-mapping-path"),
    ],
)
def test_mapping_paths(path: str, expected: str | None) -> None:
    mapping = [{"name": "m", "path": path, "type": "string", "title": "M"}]
    assert names(app(mapping=mapping)) == ({expected} if expected else set())


def test_equal_names_in_different_lists_are_no_duplicates() -> None:
    data = app(
        "act", url="https://example.com/[[act]]", more={"triggers": [{"name": "act", "title": "A", "description": "A"}]}
    )
    assert names(data) == set()


def test_each_further_entry_of_a_name_is_reported_with_the_first() -> None:
    data = auth("a", "b", "a", "a", url="https://example.com/{{page_id}}[[a]][[b]]")
    found = [each for each in findings(data) if each.name == "duplicate-name"]
    assert [each.pointer for each in found] == ["/auth/params/2", "/auth/params/3"]
    assert all(len(each.related) == 1 for each in found)


def test_context_fields_and_mappings_have_names_too() -> None:
    trigger = {"name": "t", "title": "T", "description": "D", "context": [{"name": "a"}, {"name": "a"}]}
    mapping = [{"name": "m", "path": "$.a"}, {"name": "m", "path": "$.b"}]
    assert said(app(more={"triggers": [trigger]}, mapping=mapping)) == {
        ("duplicate-name", "/triggers/0/context/1"),
        ("duplicate-name", "/actions/0/requests/0/mapping/1"),
    }


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (request(payload={"a": ACCOUNT_KEY}), "/request/payload/a"),
        (request(payload={"app_token": ACCOUNT_KEY}, headers=["a: b"]), "/request/payload/app_token"),
        (request(url=f"https://example.com/{{{{page_id}}}}?key={ACCOUNT_KEY}"), "/request/url"),
        (request(headers=["x: {{app_token}}", f"Authorization: Bearer {ACCOUNT_KEY}"]), "/request/headers/1"),
        (app(payload={"deep": [[ACCOUNT_KEY]]}), "/actions/0/requests/0/payload/deep/0/0"),
        (app(more={"sources": [{"name": "s", "type": "enum:rpc", "x": ACCOUNT_KEY}]}), "/sources/0/x"),
    ],
)
def test_an_account_key_is_one_error_wherever_it_stands(data: Any, pointer: str) -> None:
    found = findings(data)
    errors = [(each.name, each.pointer) for each in found if each.severity == "error"]
    assert errors == [("key-in-file", pointer)]
    assert not {each.name for each in found} & {"credentials-in-file", "key-for-placeholder", "key-never-sent"}


def _escaped(key: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in key)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (json.dumps(request(payload={"a": "X"})).replace("X", _escaped(ACCOUNT_KEY)), "/request/payload/a"),
        (json.dumps(request()).replace('{"url"', f'{{"url": "https://a.example/{ACCOUNT_KEY}", "url"'), None),
        (json.dumps(request()) + f" // {ACCOUNT_KEY}", None),
    ],
)
def test_a_key_is_found_however_it_is_written(text: str, pointer: str | None) -> None:
    (found,) = [each for each in findings(text) if each.name == "key-in-file"]
    assert found.pointer == pointer
    assert found.span.end - found.span.start >= len(ACCOUNT_KEY)


def test_a_key_that_is_a_key_is_pointed_at() -> None:
    (found,) = [each for each in findings(request(payload={ACCOUNT_KEY: "a"})) if each.name == "key-in-file"]
    assert found.end_column - found.column == len(ACCOUNT_KEY) + 2


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"headers": [f"x-token-header: {OPAQUE}"]}, {"key-for-placeholder"}),
        ({"headers": [f"x-token: {OPAQUE}"]}, {"key-for-placeholder"}),
        ({"headers": [f"Authorization: {OPAQUE}"]}, {"key-for-placeholder"}),
        ({"headers": [f"Authorization: Bearer {OPAQUE}"]}, {"key-for-placeholder"}),
        ({"headers": ["x: {{app_token}}", f"Authorization: Bearer {OPAQUE}"]}, {"credentials-in-file"}),
        ({"headers": ["x: {{app_token}}", f"X-Api-Key: {OPAQUE}"]}, {"credentials-in-file"}),
        ({"headers": ["x: {{app_token}}", f"x-token-header: {OPAQUE}"]}, {"key-for-placeholder"}),
        ({"headers": ["x: {{app_token}}", f"x-request-id: {OPAQUE}"]}, set()),
        ({"headers": ["x: {{app_token}}", "x-token: none"]}, set()),
        ({"headers": ["x: {{app_token}}", "x-token: a-long-word-without-digits"]}, set()),
        ({"headers": ["x: {{app_token}}", "x-token: put-your-token-here-12345"]}, set()),
        ({"headers": ["x: {{app_token}}", "Authorization: Bearer [[token]]"]}, set()),
        ({"headers": ["x: {{app_token}}", "Authorization: Basic " + "dXNlcjpw" + "YXNzMTIz"]}, {"credentials-in-file"}),
    ],
)
def test_what_stands_in_the_place_of_a_key(members: Any, expected: set[str]) -> None:
    assert names(request(**members)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12345678",
        "1234:" + "ab" * 16,
        "12345678:short",
        "2026-01-01T12:30:45",
        "https://example.com:12345/abcdefabcdefabcdef",
        "basic authentication is used",
        "the bearer of the token",
        "Bearer {{app_id}}",
        "me@example.com",
        "https://example.com/@user:name",
    ],
)
def test_what_only_resembles_a_secret(text: str) -> None:
    assert names(request(payload={"a": text}, headers=["Content-Type: application/json", "x: {{app_token}}"])) == set()


def test_credentials_in_a_url_of_a_request_have_one_rule_and_elsewhere_another() -> None:
    url = "https://me:sesame123@example.com/{{page_id}}"
    assert names(request(url=url)) == {"credentials-in-url"}
    headers = ["Content-Type: application/json", "x: {{app_token}}"]
    assert names(request(payload={"callback": url}, headers=headers)) == {"credentials-in-file"}


@pytest.mark.parametrize(
    "data",
    [
        request(headers=[f"x-token-header: {OPAQUE}"]),
        request(headers=["x: {{app_token}}", f"Authorization: Bearer {OPAQUE}"]),
        request(headers=["x: {{app_token}}", f"X-Api-Key: {OPAQUE}", f"X-Api-Key: {OPAQUE}"]),
        request(url=f"https://me:{OPAQUE}@example.com/{{{{page_id}}}}"),
        request(url=f"/hook/{ACCOUNT_KEY}"),
        request(url=f"https://localhost/#{ACCOUNT_KEY}", headers=["x: {{app_token}}", f"a {ACCOUNT_KEY}"]),
        request(method=ACCOUNT_KEY),
        {"auth": {"params": [{"name": ACCOUNT_KEY, "title": "x"}]}, "actions": []},
        with_source({"source": ACCOUNT_KEY}, STATIC),
        app(mapping=[{"name": ACCOUNT_KEY, "path": f"{ACCOUNT_KEY} x"}, {"name": ACCOUNT_KEY, "path": "$"}]),
    ],
)
def test_no_finding_repeats_a_secret(data: Any) -> None:
    found = findings(data)
    assert found
    for each in found:
        shown = repr((each.message, each.help, each.pointer, each.related, each.fix and each.fix.title))
        for secret in (ACCOUNT_KEY, OPAQUE):
            assert not any(secret[start : start + 8] in shown for start in range(9, len(secret) - 8)), each


@pytest.mark.parametrize(
    ("name", "title", "asks"),
    [
        ("k", "ManyChat API key", True),
        ("k", "Your Manychat account's token", True),
        ("k", "API token of your ManyChat page", True),
        ("mc_api_key", "Key", True),
        ("manyChatToken", "Token", True),
        ("many_chat_key", None, True),
        ("api_key", "API key", False),
        ("page", "ManyChat page name", False),
        ("k", "Keyword for ManyChat", False),
        ("k", "Tokens are explained in our ManyChats", False),
        ("mcdonalds_token", "Token", False),
    ],
)
def test_params_that_ask_for_the_manychat_key(name: str, title: Any, asks: bool) -> None:
    param = {"name": name} if title is None else {"name": name, "title": title}
    data = auth()
    data["auth"]["params"] = [param]
    assert ("asks-for-api-key" in names(data)) is asks
