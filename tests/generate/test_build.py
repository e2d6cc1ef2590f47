"""From what was asked for to the block: defaults, where the key goes, placeholders, contradictions."""

import json
from typing import Any

import pytest

from mcapp.errors import Refused, UsageProblem
from mcapp.generate.build import Param, RequestSpec, build, build_request, parse_param, render

URL = "https://example.com/manychat/install"
JSON = "Content-Type: application/json"
KEY_HEADER = "x-token-header: {{app_token}}"
IDS = {"page_id": "{{page_id}}", "app_id": "{{app_id}}", "app_version": "{{app_version}}"}
DEFAULT = {"app_token": "{{app_token}}", **IDS}


def spec(**parts: Any) -> RequestSpec:
    return RequestSpec(URL)._replace(**parts)


def test_the_default_is_the_articles_form() -> None:
    request = build_request(spec())
    assert request == {"url": URL, "method": "POST", "headers": [JSON, KEY_HEADER], "mapping": [], "payload": DEFAULT}
    assert list(request) == ["url", "method", "headers", "mapping", "payload"]


# What is given, and the headers and the payload that come of it.
@pytest.mark.parametrize(
    ("parts", "headers", "payload"),
    [
        # a payload replaces the default one; the header goes unless the payload has the key
        ({"payload": {"a": "1"}}, [JSON, KEY_HEADER], {"a": "1"}),
        ({"payload": {}}, [JSON, KEY_HEADER], {}),
        ({"payload": {"key": "<<app_token>>"}}, [JSON], {"key": "{{app_token}}"}),
        ({"payload": {"deep": [{"key": "{{app_token}}"}]}}, [JSON], {"deep": [{"key": "{{app_token}}"}]}),
        # a header with the key replaces the default one; any other stands beside it
        ({"headers": ("X-Key: <<app_token>>",)}, [JSON, "X-Key: {{app_token}}"], DEFAULT),
        ({"headers": ("X-Shop: 7",)}, [JSON, KEY_HEADER, "X-Shop: 7"], DEFAULT),
        ({"headers": ("content-type: application/json",)}, [KEY_HEADER, "content-type: application/json"], DEFAULT),
        (
            {"headers": ("Authorization: Bearer <<app_token>>",), "payload": {"a": "1"}},
            [JSON, "Authorization: Bearer {{app_token}}"],
            {"a": "1"},
        ),
        # said outright
        ({"token_in": "both"}, [JSON, KEY_HEADER], DEFAULT),
        ({"token_in": "header"}, [JSON, KEY_HEADER], IDS),
        ({"token_in": "payload"}, [JSON], DEFAULT),
        ({"token_in": "header", "payload": {"a": "1"}}, [JSON, KEY_HEADER], {"a": "1"}),
        ({"token_in": "payload", "payload": {"a": "1"}}, [JSON], {"app_token": "{{app_token}}", "a": "1"}),
        ({"token_in": "both", "payload": {"a": "1"}}, [JSON, KEY_HEADER], {"app_token": "{{app_token}}", "a": "1"}),
        ({"token_in": "both", "payload": {"k": "<<app_token>>"}}, [JSON, KEY_HEADER], {"k": "{{app_token}}"}),
        ({"token_in": "both", "headers": ("K: <<app_token>>",)}, [JSON, "K: {{app_token}}"], DEFAULT),
        ({"token_header": "X-Key"}, [JSON, "X-Key: {{app_token}}"], DEFAULT),
        (
            {"token_header": "X-Key", "payload": {"k": "<<app_token>>"}},
            [JSON, "X-Key: {{app_token}}"],
            {"k": "{{app_token}}"},
        ),
        ({"token_header": "x-key", "headers": ("X-Key: <<app_token>>",)}, [JSON, "X-Key: {{app_token}}"], DEFAULT),
        # no payload
        ({"method": "GET"}, [KEY_HEADER], None),
        ({"method": "DELETE"}, [KEY_HEADER], None),
        ({"method": "get", "token_in": "header"}, [KEY_HEADER], None),
        ({"method": "PUT"}, [JSON, KEY_HEADER], DEFAULT),
    ],
)
def test_where_the_key_goes(parts: dict[str, object], headers: list[str], payload: object) -> None:
    request = build_request(spec(**parts))
    assert request["headers"] == headers
    assert request["payload"] == payload


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"method": "GET", "payload": {}}, "a GET request has no payload"),
        ({"method": "DELETE", "payload": {"a": "1"}}, "a DELETE request has no payload"),
        ({"method": "GET", "token_in": "both"}, "a GET request has no payload, so the key cannot be in it"),
        ({"method": "PATCH"}, "ManyChat does not send the method `PATCH`"),
        ({"token_in": "header", "payload": {"k": "<<app_token>>"}}, "--token-in header, but the payload"),
        ({"token_in": "payload", "headers": ("k: {{app_token}}",)}, "--token-in payload, but there is a header"),
        ({"token_in": "payload", "token_header": "x-key"}, "--token-in payload, but there is a header"),
        ({"token_in": "payload", "payload": {"app_token": "mine"}}, "the payload has an `app_token` that is not the"),
        ({"headers": ("X-Token-Header: mine",)}, "the header `x-token-header` does not have the key"),
        ({"token_in": "url"}, "the key cannot be sent in `url`"),
        ({"params": (Param("a", "A"), Param("a", "B"))}, "the param `a` is given twice"),
    ],
)
def test_contradictions(parts: dict[str, object], message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        build_request(spec(**parts))
    assert caught.value.message.startswith(message)


def test_portable_names_become_the_brackets_that_manychat_expects() -> None:
    given = spec(
        url="https://[[shop]].example.com/<<page_id>>",
        payload={"k": "<<app_token>>", "<<app_id>>": ["<<e-mail>> at <<shop>>", 1], "as": "{{page_id}} [[shop]]"},
        params=(Param("shop", "Shop"), Param("e-mail", "E-mail")),
    )
    request = build_request(given)
    assert request["url"] == "https://[[shop]].example.com/{{page_id}}"
    assert request["payload"] == {
        "k": "{{app_token}}",
        "{{app_id}}": ["[[e-mail]] at [[shop]]", 1],
        "as": "{{page_id}} [[shop]]",
    }
    assert given.payload is not None
    assert given.payload["k"] == "<<app_token>>"


def test_portable_keeps_them() -> None:
    request = build_request(spec(portable=True))
    assert request["headers"] == [JSON, "x-token-header: <<app_token>>"]
    assert request["payload"] == {
        "app_token": "<<app_token>>",
        "page_id": "<<page_id>>",
        "app_id": "<<app_id>>",
        "app_version": "<<app_version>>",
    }


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize(
    ("payload", "name", "hint"),
    [
        ("<<pageid>>", "pageid", "did you mean <<page_id>>?"),
        ("<<APP_TOKEN>>", "APP_TOKEN", "did you mean <<app_token>>?"),
        ("<<emial>>", "emial", "did you mean <<email>>?"),
        ("<<quux>>", "quux", "--param quux"),
        ("<<user_id>>", "user_id", "known: "),
    ],
)
def test_an_unknown_name(payload: str, name: str, hint: str, portable: bool) -> None:
    given = spec(payload={"x": payload}, params=(Param("email", "E-mail"),), portable=portable)
    with pytest.raises(Refused) as caught:
        build_request(given)
    assert caught.value.message == f"<<{name}>> is neither a ManyChat value nor a declared param"
    assert (caught.value.code, caught.value.exit_code) == ("unknown-placeholder", 1)
    assert hint in caught.value.hint


def test_names_that_the_file_declares_count_too() -> None:
    assert build_request(spec(payload={"x": "<<shop>>"}), ["shop"])["payload"] == {"x": "[[shop]]"}


def test_what_is_emitted() -> None:
    params = (Param("email", "Your e-mail"),)
    request = build_request(spec(params=params))
    auth = {"type": "APIKEY", "params": [{"name": "email", "title": "Your e-mail"}], "request": request}
    assert build(spec(params=params)) == {"request": request}
    assert build(spec(params=params, emit="auth")) == {"auth": auth}
    app = build(spec(params=params, emit="app"))
    assert list(app) == ["auth", "actions"]
    assert app["auth"] == auth


@pytest.mark.parametrize(
    ("url", "action"),
    [
        (URL, "https://example.com/manychat/sample-action"),
        ("https://example.com:8443?x=1", "https://example.com:8443/manychat/sample-action"),
        ("https://{{page_id}}.example.com/x", "https://example.com/manychat/sample-action"),
        ("[[server_url]]/install", "https://example.com/manychat/sample-action"),
    ],
)
def test_the_sample_action_lives_on_the_same_host(url: str, action: str) -> None:
    app = build(RequestSpec(url, emit="app", params=(Param("server_url", "Server"), Param("message", "Message"))))
    actions = app["actions"]
    assert isinstance(actions, list)
    assert actions[0]["requests"][0]["url"] == action
    assert actions[0]["forms"][0]["name"] == "message_1"
    assert actions[0]["requests"][0]["payload"] == {"user_id": "{{user_id}}", "message": "[[message_1]]"}


@pytest.mark.parametrize(
    ("word", "name", "title"),
    [
        ("email=Your e-mail", "email", "Your e-mail"),
        ("email", "email", "Email"),
        ("shopId", "shopId", "Shop id"),
        ("shop_id", "shop_id", "Shop id"),
        ("API_url", "API_url", "API url"),
        (" a = b=c ", "a", "b=c"),
        ("имя", "имя", "Имя"),
        ("__", "__", "__"),
    ],
)
def test_a_param(word: str, name: str, title: str) -> None:
    assert parse_param(word) == Param(name, title)


@pytest.mark.parametrize("word", ["", "=Title", "a]b=x", "{{x}}", "a/b", "email="])
def test_what_is_no_param(word: str) -> None:
    with pytest.raises(UsageProblem):
        parse_param(word)


def test_the_text_is_strict_json_in_any_script() -> None:
    data: dict[str, Any] = {"a": "ключ 🔑 \ud800 \x00", "b": [1, 2.5, True, None, {}]}
    text = render(data)
    assert text.endswith("\n}\n")
    assert json.loads(text) == data
    assert "ключ 🔑 \\ud800 \\u0000" in text
    text.encode("utf-8")
