"""The rules on requests beyond their own examples: above all what they leave alone, and one finding per cause."""

from typing import Any

import pytest

from tests.lint.findings_of import app, auth, findings, names, request, said

GENERATED = {
    "request": {
        "url": "https://example.com/hook",
        "method": "POST",
        "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
        "mapping": [],
        "payload": {
            "app_token": "{{app_token}}",
            "page_id": "{{page_id}}",
            "app_id": "{{app_id}}",
            "app_version": "{{app_version}}",
        },
    }
}


def test_the_default_block_has_no_finding() -> None:
    assert findings(GENERATED) == ()


@pytest.mark.parametrize(
    "data", [request(), auth("email", payload=None), app("amount", url="https://a.example/[[amount]]")]
)
def test_the_base_of_these_tests_has_no_finding(data: Any) -> None:
    assert names(data) <= {"unused-param"}


def _published(auth_part: Any, forms: Any = (), **members: Any) -> dict[str, Any]:
    action = {"name": "a", "title": "A", "description": "Does A.", "forms": list(forms)}
    one = {
        "url": "https://api.example.com/x",
        "method": "GET",
        "headers": [],
        "mapping": [],
        "payload": None,
        **members,
    }
    return {"auth": auth_part, "actions": [{**action, "requests": [one]}]}


def _published_kinds() -> list[Any]:
    key = {"type": "APIKEY", "params": [{"name": "api_key", "title": "API key"}]}
    select = [{"name": "color", "type": "select", "title": "Colour", "source": "colors"}]
    colors = {
        "name": "colors",
        "type": "enum:static",
        "list": [{"key": "Red", "value": "r"}, {"key": "R", "value": "r"}],
    }
    server = [{"name": "server_url", "title": "Server"}]
    without_forms = _published(None)
    del without_forms["actions"][0]["forms"]
    payload = {"email": "{{email}}", "name": "{{first_name}}", "field": "{{cuf_1234}}", "user": "{{user_id}}"}
    posts = {"method": "POST", "headers": ["Content-Type: application/json"], "payload": payload}
    return [
        _published({**key, "connection": {"headers": {"X-Api-Key": "[[api_key]]"}, "qs": {}}}),
        _published({**key, "connection": {"headers": {"Authorization": "Bearer [[api_key]]"}}}),
        _published({**key, "connection": {"qs": {"key": "[[api_key]]"}}}, **posts),
        _published({"type": "APIKEY", "params": [], "connection": []}),
        {**_published(None, select, url="https://api.example.com/?c=[[color]]"), "sources": [colors]},
        without_forms,
        _published(None, mapping=[{"name": "x", "path": ".data.x", "type": "string", "title": "X"}]),
        _published({"type": "APIKEY", "params": server}, url="[[server_url]]"),
        _published({"type": "APIKEY", "params": [{"name": "base", "title": "Base"}]}, url="https://[[base]]/x"),
        _published({"params": [{"name": "login", "title": "L"}]}, headers=["Authorization: Basic [[login]]"]),
        {**_published(None, [{"name": "rpc", "type": "select", "source": "s"}], url="https://e.com/[[rpc]]"),
         "sources": [{"name": "s", "type": "enum:rpc", "request": {"url": "https://[[host]]/{{x}}"}}]},
    ]  # fmt: skip


@pytest.mark.parametrize("data", _published_kinds())
def test_what_published_apps_do_is_no_error(data: Any) -> None:
    assert [found for found in findings(data) if found.severity == "error"] == []
    assert {found.name for found in findings(data) if found.severity == "warning"} == set()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com", set()),
        ("https://example.com/{{page_id}}/[[x]]?a=[[y]]&b={c}", set()),
        ("https://xn--bcher-kva.example/", set()),
        ("https://bücher.example/", set()),
        ("https://example.com./hook", set()),
        ("https://myserver.example.com/your/hook", set()),
        ("https://example.com/?to=https://other.example/#", {"fragment-in-url"}),
        ("[[url]]", set()),
        ("{{url}}", {"unknown-in-block"}),
        ("[[scheme]]://[[host]]/", set()),
        ("", {"empty-url"}),
        ("hook", {"relative-url"}),
        ("localhost:3000/hook", {"relative-url"}),
        ("//example.com", {"relative-url"}),
        ("https://", {"relative-url"}),
        ("https://:443/", {"relative-url"}),
        ("your endpoint is here", {"unfilled-url"}),
        ("https://your-domain.com/a b#c", {"unfilled-url"}),
        ("https://user:pass@<host>/", {"unfilled-url"}),
        ("<https://example.com/[[x]>]", {"damaged-url"}),
        ("<http://localhost/>", {"damaged-url"}),
        ("ftp://user:pass@localhost/", {"not-http-url"}),
        ("http://example.com/", {"cleartext-app-key"}),
        ("http://me:sesame@example.com/", {"cleartext-app-key", "credentials-in-url"}),
        ("http://localhost/", {"unreachable-host"}),
        ("https://192.168.0.1/", {"unreachable-host"}),
        ("https://172.31.255.255/", {"unreachable-host"}),
        ("https://100.64.0.1/", {"unreachable-host"}),
        ("https://[fe80::1]/", {"unreachable-host"}),
        ("https://172.15.0.1/", set()),
        ("https://192.167.0.1/", set()),
        ("https://100.128.0.1/", set()),
        ("https://[2001:db8::1]:8443/", set()),
        ("https://local.example.com/", set()),
        ("https://example.com/\t", {"space-in-url"}),
        ("https://example.com/{{app_token}}", {"app-key-in-url"}),
        ("https://example.com/?a={{app_token}}&b={{ app_token }}", {"app-key-in-url", "spaces-in-placeholder"}),
    ],
)
def test_a_url_has_one_finding_for_each_thing_that_is_wrong(url: str, expected: set[str]) -> None:
    assert names(request(url=url)) - {"page-not-sent"} == expected


def test_an_action_may_use_cleartext_but_is_warned() -> None:
    found = {(each.name, each.severity) for each in findings(app(url="http://example.com/"))}
    assert found == {("cleartext-action", "warning")}


@pytest.mark.parametrize(
    "headers",
    [
        ["x: {{app_token}}"],
        ["Authorization: Bearer {{app_token}}"],
        ["x: {{ App_Token }}"],
        ["x: [[app_token]]"],
        ["x: <<app_token>>"],
        ["x: ${{app_token}}"],
        ['x: {{app_token|fallback:"none"}}'],
        {"x": "{{app_token}}"},
        [{"name": "x", "value": "{{app_token}}"}],
        "x: {{app_token}}",
    ],
)
def test_the_key_is_sent_in_a_form_that_has_its_own_rule(headers: Any) -> None:
    assert "key-never-sent" not in names(request(headers=headers))


@pytest.mark.parametrize(
    "text",
    ["{app_token}", "{{app_token}", "{app_token}}", "${app_token}", "{{app_tokn}}", "{{app_key}}", "{{appToken}}"],
)
@pytest.mark.parametrize("make", [request, auth])
def test_a_key_that_is_not_filled_in_is_one_finding_with_the_place_in_it(make: Any, text: str) -> None:
    found = findings(make(headers=[f"x: {text}"]), placeholders="portable")
    (one,) = [each for each in found if each.name != "misspelt-key"]
    assert one.name == "key-never-sent"
    assert one.fix is not None
    (label,) = one.related
    assert label.span.end - label.span.start == len(text.removeprefix("$") if text.startswith("${a") else text)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"headers": []}, "/request"),
        ({"headers": ["x: app_token"]}, "/request"),
        ({"headers": [], "payload": {"app_token": "YOUR_APP_TOKEN"}}, "/request"),
        ({"headers": [], "mapping": [{"name": "{{app_token}}", "path": "$"}]}, "/request"),
        ({"headers": [], "url": "https://example.com/#{{app_token}}"}, "/request"),
    ],
)
def test_the_key_is_never_sent(members: Any, pointer: str) -> None:
    assert [each for each in said(request(**members)) if each[0] == "key-never-sent"] == [("key-never-sent", pointer)]


def test_a_param_that_is_named_app_token_is_not_the_key() -> None:
    found = names(auth("app_token", headers=["x: [[app_token]]"]))
    assert {"key-never-sent", "param-named-like-system-value"} <= found
    assert "system-value-in-square-brackets" not in found


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["x-a:"], set()),
        (["x-a: b: c"], set()),
        (["[[whole]]"], set()),
        (["X-[[name]]: 1"], set()),
        (["Accept: a", "Accept-Language: b"], set()),
        (["x-a", "x-a"], {"header-without-colon"}),
        (["Host"], {"header-without-colon"}),
        (["x-a\n: 1"], {"line-break-in-header"}),
        ([": 1"], {"bad-header-name"}),
        (["Ünicode: 1"], {"bad-header-name"}),
        (["HOST: a"], {"client-header"}),
        (["Cookie: a", "cookie: b"], {"duplicate-header"}),
        ([1, None], {"wrong-type"}),
    ],
)
def test_headers(headers: list[Any], expected: set[str]) -> None:
    assert names(request(headers=["x-token: {{app_token}}", *headers])) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"payload": {}}, set()),
        ({"payload": None}, set()),
        ({"payload": "a=b"}, {"wrong-type"}),
        ({"payload": {"a": 1}}, {"missing-content-type"}),
        ({"payload": {"a": 1}, "headers": ["content-TYPE: application/JSON", "x: {{app_token}}"]}, set()),
        ({"payload": {"a": 1}, "headers": ["Content-Type: {{x}}/[[y]]", "x: {{app_token}}"]}, {"unknown-in-block"}),
        ({"payload": {"a": 1}, "headers": ["Content-Type text/plain", "x: {{app_token}}"]}, {"header-without-colon"}),
        ({"payload": {"a": 1}, "headers": {"x": "{{app_token}}"}}, {"headers-not-a-list"}),
        ({"payload": {"a": 1}, "method": "GET"}, {"payload-with-get"}),
        ({"payload": {"a": 1}, "method": "GET", "headers": ["Content-Type: text/plain", "x: {{app_token}}"]},
         {"payload-with-get"}),
        ({"method": "get"}, {"method-case"}),
        ({"method": "put"}, {"method-case", "rare-method"}),
        ({"method": "PATCH"}, {"unknown-method"}),
        ({"method": "[[method]]"}, set()),
        ({"method": 7}, {"wrong-type"}),
        ({"mapping": []}, set()),
        ({"mapping": [{"name": "a", "path": "$.a"}]}, {"mapping-in-auth"}),
    ],
)  # fmt: skip
def test_method_and_payload(members: Any, expected: set[str]) -> None:
    assert names(request(**members)) == expected


def test_a_missing_method_is_not_reported_where_the_request_was_never_closed() -> None:
    text = '{"request": {"url": "https://example.com/{{page_id}}?t={{app_token}}"'
    assert "missing-method" in names(text + "}}")
    assert "missing-method" not in names(text)


@pytest.mark.parametrize(
    ("auth_part", "triggers", "expected"),
    [
        (None, [], set()),
        (None, [{"name": "t", "title": "T", "description": "D"}], {"triggers-without-request"}),
        ({"type": "APIKEY"}, [], {"no-request"}),
        ({"type": "APIKEY"}, [{"name": "t", "title": "T", "description": "D"}], {"triggers-without-request"}),
        ({"reqest": request()["request"]}, [], {"misspelt-key"}),
        (request(), [{"name": "t", "title": "T", "description": "D"}], set()),
    ],
)
def test_an_app_without_a_request(auth_part: Any, triggers: Any, expected: set[str]) -> None:
    assert names({**app(), "auth": auth_part, "triggers": triggers}) == expected


def test_the_note_about_a_missing_request_says_how_the_key_comes() -> None:
    (found,) = findings({"auth": {"type": "APIKEY", "params": []}})
    assert found.severity == "note"
    assert "by hand" in found.help
    assert "mcapp keys add" in found.help


@pytest.mark.parametrize(
    "text", ["{{page_id}}", "{{ Page_Id }}", "[[page_id]]", "<<page_id>>", "[[account]]", "{page_id}"]
)
def test_something_tells_which_page_the_key_belongs_to(text: str) -> None:
    assert "page-not-sent" not in names(request(url=f"https://example.com/?x={text}"))


def test_a_content_type_of_auth_request_is_not_one_of_the_connection() -> None:
    data = app("f", method="POST", payload={"a": "[[f]]"}, params=("email",))
    data["auth"]["request"]["headers"].append("Content-Type: application/json")
    data["auth"]["connection"] = {"headers": {"X-Any": "1"}, "qs": {}}
    assert names(data) == {"missing-content-type"}
    data["auth"]["connection"]["headers"] = {"Content-Type": "application/json"}
    assert names(data) == set()


def test_what_a_connection_adds_belongs_to_every_request() -> None:
    connection = {"headers": {"Content-Type": "application/json", "x-page": "[[email]]"}}
    data = auth("email", url="https://example.com/", payload={"a": "{{app_token}}"}, headers=[])
    data["auth"]["connection"] = connection
    assert names(data) == set()
