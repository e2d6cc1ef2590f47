"""What arrives is exactly what was set, wherever it stands: in the payload, a header, the path, the query."""

import json
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.serving import make_server

from mcapp.handover.block import Block
from mcapp.handover.render import parse_to, prepare
from tests.harness import Cli
from tests.send.conftest import EMAIL, Endpoint, app, report

AWKWARD = [
    "quotes \" and ' and `",
    "back\\slash \\n \\u0041",
    "two\nlines\r\nand\ttabs",
    "Ünï ☃ 🎉 \u202e",
    "{{page_id}} [[email]] <<app_id>> ${{page_id}}",
    "%41 a+b&c=d;e#f?g/h//i",
    "../..",
    " blanks around ",
    "",
    "-1",
    "true",
]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_arrives_in_the_payload(cli: Cli, endpoint: Endpoint, value: str) -> None:
    app({"app_token": "{{app_token}}", "deep": [{"in": "<[[email]]>"}]}, params=EMAIL)
    result = cli("send", "--to", endpoint.url, "--set", f"email={value}")
    assert result.code == 0, result.err
    assert json.loads(endpoint.only.body)["deep"] == [{"in": f"<{value}>"}]


@pytest.mark.parametrize("value", AWKWARD)
def test_a_value_arrives_in_path_and_query(cli: Cli, endpoint: Endpoint, value: str) -> None:
    app(request={"url": "https://example.com/u/[[email]]/x?first=1&mail=[[email]]&last=[[email]]"}, params=EMAIL)
    result = cli("send", "--to", endpoint.base, "--set", f"email={value}")
    assert result.code == 0, result.err
    parts = urlsplit(endpoint.only.path)
    segments = parts.path.split("/")
    assert [unquote(segment) for segment in segments] == ["", "u", value, "x"]
    query = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert query == {"first": ["1"], "mail": [value], "last": [value]}


@pytest.mark.parametrize("value", [text for text in AWKWARD if "\n" not in text])
def test_a_value_arrives_in_a_header(cli: Cli, endpoint: Endpoint, value: str) -> None:
    app(request={"headers": ["x-token-header: {{app_token}}", "x-email: <[[email]]>"], "payload": None}, params=EMAIL)
    result = cli("send", "--to", endpoint.url, "--set", f"email={value}")
    assert result.code == 0, result.err
    assert endpoint.only.headers["x-email"] == f"<{value}>"


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b", "a\x1bb"])
def test_a_header_is_never_split(cli: Cli, endpoint: Endpoint, value: str) -> None:
    app(request={"headers": ["x-token-header: {{app_token}}", "x-email: [[email]]"]}, params=EMAIL)
    result = cli("send", "--to", endpoint.url, "--set", f"email={value}", "--json")
    assert result.code == 2
    assert [error["code"] for error in report(result)["errors"]] == ["header"]
    assert not endpoint.arrived


def test_every_notation_is_filled(cli: Cli, endpoint: Endpoint) -> None:
    payload = {"key": "<<app_token>>", "a": "<<page_id>>", "b": "{{ app_id }}", "c": "{{email}}", "d": "<<email>>"}
    app(payload, params=EMAIL)
    assert cli("send", "--to", endpoint.url, "--set", "email=e", "--set", "page_id=77").code == 0
    arrived = json.loads(endpoint.only.body)
    key = arrived.pop("key")
    assert key == endpoint.only.headers["x-token-header"]
    assert key.startswith("mcapp-made-up-")
    assert arrived == {"a": "77", "b": "1000001", "c": "e", "d": "e"}


def test_types_and_unknown_names_stay(cli: Cli, endpoint: Endpoint) -> None:
    payload = {"app_token": "{{app_token}}", "n": 1, "f": 1.5, "t": True, "z": None, "l": [], "x": "{{first_name}}"}
    app(payload)
    result = cli("send", "--to", endpoint.url)
    assert json.loads(endpoint.only.body) == {**payload, "app_token": endpoint.only.headers["x-token-header"]}
    assert "not filled in" in result.err
    assert "{{first_name}}" in result.err


def test_what_auth_connection_adds(cli: Cli, endpoint: Endpoint) -> None:
    connection = {"headers": {"X-Token-Header": "not this", "X-Api": "v [[email]]"}, "qs": {"k[]": "a&b [[email]]"}}
    app(params=EMAIL, connection=connection)
    assert cli("send", "--to", endpoint.base, "--set", "email=e+").code == 0
    arrived = endpoint.only
    assert arrived.headers["x-api"] == "v e+"
    assert [name for name, _ in arrived.raw_headers if name.lower() == "x-token-header"] == ["x-token-header"]
    assert parse_qs(urlsplit(arrived.path).query) == {"k[]": ["a&b e+"]}


@pytest.mark.parametrize(
    ("url", "to", "path"),
    [
        ("https://example.com/hook?a={{page_id}}", "", "/hook?a=7"),
        ("https://example.com/hook?a={{page_id}}", "/", "/?a=7"),
        ("https://example.com/hook?a={{page_id}}", "/other", "/other?a=7"),
        ("https://example.com/hook?a={{page_id}}", "/other?", "/other"),
        ("https://example.com/hook?a={{page_id}}", "/p/{{page_id}}?b={{page_id}}", "/p/7?b=7"),
        ("https://example.com", "", "/"),
        ("https://example.com?x=/y", "", "/?x=/y"),
        ("https://example.com/a/../b/./c", "", "/a/../b/./c"),
        ("https://example.com/a%2Fb/é", "", "/a%2Fb/%C3%A9"),
        ("https://{{page_id}}.example.com/x", "", "/x"),
        ("[[email]]/install?a=1", "", "/base/install?a=1"),
        ("https://[[email]]/install", "", "/install"),
    ],
)
def test_what_is_taken_from_which_url(cli: Cli, endpoint: Endpoint, url: str, to: str, path: str) -> None:
    app(request={"url": url}, params=EMAIL)
    result = cli("send", "--to", endpoint.base + to, "--set", "page_id=7", "--set", "email=https://example.org/base/")
    assert result.code == 0, result.out + result.err
    assert endpoint.only.path == path


def test_a_get_sends_no_payload(cli: Cli, endpoint: Endpoint) -> None:
    app(request={"method": "GET"})
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0
    assert (endpoint.only.method, endpoint.only.body) == ("GET", b"")
    assert "a GET request has no payload" in result.err


def test_headers_of_the_connection_are_left_to_it(cli: Cli, endpoint: Endpoint) -> None:
    app(request={"headers": ["x-token-header: {{app_token}}", "Host: evil.example", "Content-Length: 3"]})
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0, result.err
    assert endpoint.only.headers["host"] == endpoint.base.removeprefix("http://")
    assert int(endpoint.only.headers["content-length"]) == len(endpoint.only.body)


@pytest.fixture
def flask_endpoint() -> Iterator[tuple[str, list[Any]]]:
    """An endpoint as people write them with Flask, and what it read."""
    import flask

    web = flask.Flask("endpoint")
    seen: list[Any] = []

    @web.post("/install/<name>")
    def install(name: str) -> flask.Response:
        seen.append((name, flask.request.args.to_dict(), flask.request.get_json(), flask.request.headers["x-email"]))
        return flask.jsonify(ok=True)

    server = make_server("127.0.0.1", 0, web)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("value", ['"quoted" \\ {{page_id}} 🎉', "a&b=c;d+e%41#f?g"])
def test_flask_reads_what_was_set(cli: Cli, flask_endpoint: tuple[str, list[Any]], value: str) -> None:
    base, seen = flask_endpoint
    app(
        {"app_token": "{{app_token}}", "email": "[[email]]"},
        request={
            "url": "https://example.com/install/[[email]]?q=[[email]]",
            "headers": ["Content-Type: application/json", "x-email: [[email]]"],
        },
        params=EMAIL,
    )
    result = cli("send", "--to", base, "--set", f"email={value}", "--json")
    assert result.code == 0, result.out
    name, query, body, header = seen[0]
    assert (name, query, body["email"]) == (value, {"q": value}, value)
    assert header.encode("latin-1").decode("utf-8") == value


PLACE = parse_to("http://127.0.0.1:1")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=TEXT, other=TEXT)
def test_no_value_changes_what_stands_around_it(value: str, other: str) -> None:
    block = Block(
        "https://example.com/a/[[one]]/b?x=[[one]]&y=[[two]]",
        "POST",
        (),
        {"one": "[[one]]", "two": ["-[[two]]-[[one]]"]},
    )
    prepared = prepare(block, PLACE, {"one": value, "two": other})
    assert prepared.path.isascii()
    parts = urlsplit(f"//host{prepared.path}")
    assert [unquote(part) for part in parts.path.split("/")] == ["", "a", value, "b"]
    assert parse_qs(parts.query, keep_blank_values=True) == {"x": [value], "y": [other]}
    assert json.loads(prepared.body or b"") == {"one": value, "two": [f"-{other}-{value}"]}
