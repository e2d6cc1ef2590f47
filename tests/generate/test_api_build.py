"""`mcapp.build_request`: the same block, for Python programs."""

import json
from datetime import date
from typing import Any

import pytest

import mcapp
from mcapp.errors import McappError, Refused, UsageProblem
from tests.harness import Cli

URL = "https://example.com/hook"


def test_it_is_what_the_command_writes(cli: Cli) -> None:
    assert {"request": mcapp.build_request(URL)} == json.loads(cli("generate", "--url", URL).out)


def test_every_argument() -> None:
    request = mcapp.build_request(
        URL,
        method="PUT",
        headers={"X-Shop": "<<shop>>"},
        payload={"a": {"b": ("<<email>>", 1)}},
        params={"shop": "Your shop", "email": "Your e-mail"},
        token_in="both",  # noqa: S106  # a place, no password
        token_header="X-Key",  # noqa: S106  # a header's name
    )
    assert request == {
        "url": URL,
        "method": "PUT",
        "headers": ["Content-Type: application/json", "X-Key: {{app_token}}", "X-Shop: [[shop]]"],
        "mapping": [],
        "payload": {"app_token": "{{app_token}}", "a": {"b": ["[[email]]", 1]}},
    }
    portable = mcapp.build_request(URL, headers=["X-Shop: <<shop>>"], params=["shop"], placeholders="portable")
    assert portable["headers"] == [
        "Content-Type: application/json",
        "x-token-header: <<app_token>>",
        "X-Shop: <<shop>>",
    ]


def test_it_is_a_copy() -> None:
    payload: dict[str, Any] = {"k": "<<app_token>>", "list": [1]}
    request = mcapp.build_request(URL, payload=payload)
    payload["list"].append(2)
    assert request["payload"] == {"k": "{{app_token}}", "list": [1]}


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        ({"url": "http://example.com"}, Refused, None),
        ({"url": "https://app.local"}, Refused, None),
        ({"payload": {"k": "<<x>>"}}, Refused, "unknown-placeholder"),
        ({"method": "PATCH"}, UsageProblem, "usage"),
        ({"token_in": "url"}, UsageProblem, "usage"),
        ({"placeholders": "mine"}, UsageProblem, "usage"),
        ({"headers": "X-Key: 1"}, UsageProblem, "usage"),
        ({"headers": [1]}, UsageProblem, "usage"),
        ({"params": "email"}, UsageProblem, "usage"),
        ({"payload": {"x": object()}}, UsageProblem, "usage"),
    ],
)
def test_what_it_refuses(arguments: dict[str, Any], kind: type[McappError], code: str | None) -> None:
    with pytest.raises(kind) as caught:
        mcapp.build_request(**{"url": URL, **arguments})
    assert caught.value.message
    assert caught.value.hint or code is None
    assert code in (None, caught.value.code)


def nested(levels: int) -> dict[str, object]:
    payload: dict[str, object] = {}
    for _ in range(levels):
        payload = {"a": payload}
    return payload


CIRCLE: dict[str, object] = {}
CIRCLE["me"] = CIRCLE


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"when": date(2020, 1, 1)}, "cannot be written as JSON: Object of type date"),
        ({"x": float("nan")}, "payload is not strict JSON: `NaN`"),
        ({"x": 10**4400}, "cannot be written as JSON"),
        ({("a",): "x"}, "cannot be written as JSON: keys must be str"),
        (CIRCLE, "cannot be written as JSON: Circular reference"),
        (nested(300), "nested deeper than 256 levels"),
        (nested(100_000), "nested too deep"),
    ],
    ids=["date", "nan", "number", "key", "circle", "deep", "deepest"],
)
def test_a_payload_that_is_no_json(payload: Any, message: str) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        mcapp.build_request(URL, payload=payload)
    assert caught.value.hint


def test_a_lone_surrogate_in_a_payload_is_kept() -> None:
    assert mcapp.build_request(URL, payload={"x": "\ud800"})["payload"] == {"x": "\ud800"}


def test_a_key_in_the_wrong_place_is_not_in_the_message() -> None:
    key = "12345678" + ":" + "ab" * 16
    with pytest.raises(Refused) as caught:
        mcapp.build_request(URL, payload={"k": key})
    assert key not in str(caught.value) + caught.value.hint
