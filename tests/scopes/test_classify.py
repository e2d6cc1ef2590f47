"""What one answer means: from status and body together."""

from typing import Any

import pytest

from mcapp.scopes import classify
from mcapp.scopes.catalogue import find
from mcapp.scopes.classify import (
    EXCEPTION,
    KEY_REFUSED,
    LET_IN,
    REFUSED,
    UNCLEAR,
    VALIDATED,
    WRITTEN,
    Answer,
    ApiMessage,
)
from mcapp.scopes.client import parse_body
from mcapp.scopes.plan import Request

PAGE = Request(find(["/fb/page/getTags"])[0], "GET", "/fb/page/getTags")
LOOKUP = Request(find(["/fb/subscriber/getInfo"])[0], "GET", "/fb/subscriber/getInfo", query=(("subscriber_id", "1"),))
WRITE = Request(find(["/fb/page/createTag"])[0], "POST", "/fb/page/createTag", body=b"{}")


def error(message: str, *details: str, code: int | None = None) -> ApiMessage:
    return ApiMessage("error", message, details, code)


def kind(request: Request, status: int | None, said: ApiMessage = ApiMessage(), problem: str = "") -> str:  # noqa: B008  # frozen
    return classify.classify(request, Answer(status, problem, "why" if problem else "", said)).kind


@pytest.mark.parametrize("request_", [PAGE, LOOKUP])
def test_a_read_that_is_answered_was_let_in(request_: Request) -> None:
    assert kind(request_, 200, ApiMessage("success")) == LET_IN


@pytest.mark.parametrize("request_", [PAGE, LOOKUP, WRITE])
def test_denied_is_one_answer_alone(request_: Request) -> None:
    assert kind(request_, 401, error("Wrong access token")) == REFUSED
    assert kind(request_, 401, error(" wrong access token. ")) == REFUSED
    for status in (200, 400, 403, 404, 500):
        assert kind(request_, status, error("Wrong access token")) not in (REFUSED, KEY_REFUSED)
    assert kind(request_, 401, ApiMessage("success", "Wrong access token")) == UNCLEAR
    assert kind(request_, 401, error("Wrong access token for this bot")) == UNCLEAR


@pytest.mark.parametrize("message", ["Wrong token", "Wrong format token", "Token is required"])
def test_the_key_itself(message: str) -> None:
    assert kind(PAGE, 401, error(message)) == KEY_REFUSED
    assert kind(PAGE, 400, error(message)) == UNCLEAR
    assert kind(PAGE, 401, ApiMessage("success", message)) == UNCLEAR
    assert kind(PAGE, 401, error("Wrong access token")) != KEY_REFUSED


def test_an_exception() -> None:
    assert kind(PAGE, 500, ApiMessage("exception", "Something went wrong")) == EXCEPTION
    assert kind(PAGE, 500, error("Something went wrong")) == UNCLEAR
    assert kind(PAGE, 503, ApiMessage("exception", "Something went wrong")) == UNCLEAR


@pytest.mark.parametrize(
    "said",
    [
        error("Validation error", "Subscriber does not exist"),
        error("Subscriber does not exist"),
        error("Validation error", "Custom field with id 1 not found"),
        error("User ref", code=2011),
        error("Validation error", code=2012),
        error("Validation error", "", "No contact has it"),
    ],
)
def test_a_look_up_that_finds_nothing_was_let_in(said: ApiMessage) -> None:
    assert kind(LOOKUP, 400, said) == LET_IN


@pytest.mark.parametrize(
    "said",
    [
        error("Validation error"),
        error(""),
        error("Validation error", ""),
        error("Validation error", "Validation error"),
        error("Validation error", "subscriber_id cannot be blank."),
        error("Validation error", "subscriber_id must be an integer."),
        error("Validation error", "Subscriber does not exist", "name can't be blank"),
        error("subscriber_id is required"),
        error("Validation error", "Subscriber id is invalid."),
        error("Validation error", "Missing field"),
        error("Validation error", "The value should be a number"),
    ],
)
def test_a_complaint_about_the_form_says_nothing(said: ApiMessage) -> None:
    assert kind(LOOKUP, 400, said) == UNCLEAR


def test_a_read_without_parameters_has_nothing_to_look_up() -> None:
    assert kind(PAGE, 400, error("Validation error", "Page does not exist")) == UNCLEAR


def test_a_write_is_refused_for_its_body() -> None:
    assert kind(WRITE, 400, error("Validation error", "name cannot be blank.")) == VALIDATED
    assert kind(WRITE, 400, error("Permission denied to import phone")) == VALIDATED
    assert kind(WRITE, 400, ApiMessage("success")) == UNCLEAR
    assert kind(WRITE, 400, ApiMessage()) == UNCLEAR


@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_write_that_is_carried_out_is_noticed(status: int) -> None:
    assert kind(WRITE, status, ApiMessage("success")) == WRITTEN
    assert kind(PAGE, status, ApiMessage("success")) != WRITTEN


@pytest.mark.parametrize("request_", [PAGE, LOOKUP, WRITE])
@pytest.mark.parametrize(
    ("status", "said", "problem"),
    [
        (None, ApiMessage(), "timeout"),
        (None, ApiMessage(), "reset"),
        (None, ApiMessage(), "refused"),
        (None, ApiMessage(), "dns"),
        (200, ApiMessage(), "timeout"),
        (200, ApiMessage(), "html"),
        (200, ApiMessage(), "too-large"),
        (200, ApiMessage(), "not-json"),
        (200, ApiMessage("success"), "content-type"),
        (401, ApiMessage("error", "Wrong access token"), "content-type"),
        (302, ApiMessage(), "redirect"),
        (500, ApiMessage(), "html"),
        (404, ApiMessage(), "html"),
        (200, ApiMessage("error", "Something"), ""),
        (200, ApiMessage(), ""),
        (200, ApiMessage("Success"), ""),
        (204, ApiMessage(), ""),
        (401, ApiMessage("error", "Session is over"), ""),
        (403, ApiMessage("error", "Forbidden"), ""),
        (404, ApiMessage("error", "Not found"), ""),
        (429, ApiMessage("error", "Too many requests"), ""),
        (502, ApiMessage("error", "Bad gateway"), ""),
        (418, ApiMessage("success"), ""),
    ],
)
def test_whatever_is_not_known_is_unclear(
    request_: Request, status: int | None, said: ApiMessage, problem: str
) -> None:
    assert kind(request_, status, said, problem) == UNCLEAR


def test_calibration_needs_a_401_for_the_key() -> None:
    assert classify.is_calibrated(Answer(401, body=error("Wrong token")))
    assert classify.is_calibrated(Answer(401, body=error("Token is required")))
    for answer in (
        None,
        Answer(400, body=error("Validation error")),
        Answer(401, "html", "page"),
        Answer(401, body=ApiMessage()),
        Answer(200, body=ApiMessage("success")),
    ):
        assert not classify.is_calibrated(answer)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b'{"status":"error","message":"Validation error","details":{"messages":[{"message":"a"},{"message":"b"}]}}',
            error("Validation error", "a", "b"),
        ),
        (
            b'{"status":"error","message":"m","details":{"messages":{"field":["a","b"],"other":"c"}}}',
            error("m", "a", "b", "c"),
        ),
        (b'{"status":"error","message":"m","details":{"messages":"a"}}', error("m", "a")),
        (b'{"status":"error","message":"m","details":[],"code":2011}', error("m", code=2011)),
        (b'{"status":"success","data":{"name":"Ada"}}', ApiMessage("success")),
        (b'{"status":1,"message":null,"code":true,"details":{"messages":null}}', ApiMessage()),
        (b'{"status":"error","message":"m","details":{"messages":[[[[[["deep"]]]]]]}}', error("m")),
        (b"\xef\xbb\xbf{}", ApiMessage()),
    ],
)
def test_what_is_kept_of_a_body(body: bytes, expected: ApiMessage) -> None:
    assert parse_body(body, "application/json; charset=utf-8") == expected


def test_nothing_personal_is_kept() -> None:
    body = b'{"status":"success","data":{"name":"Ada","email":"ada@example.invalid"},"message":"ok"}'
    assert "Ada" not in repr(parse_body(body, "application/json"))


@pytest.mark.parametrize(
    "data", [{"message": "x" * 1000}, {"message": "m", "details": {"messages": ["y" * 1000] * 50}}]
)
def test_a_message_is_kept_short(data: dict[str, Any]) -> None:
    import json

    answer = Answer(400, body=parse_body(json.dumps(data).encode(), "application/json"))
    assert len(answer.message) == 200
