"""Which part of a delivery is the key, with the block and without it; and that nothing shown has it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.document import read
from mcapp.handover.block import Block, block_of, made_up_key
from mcapp.handover.deliveries import row, text
from mcapp.handover.received import Delivery, Spot, hide_words, key_spots, receive
from mcapp.terminal.console import Style
from tests.listen.conftest import make_key

KEY = make_key(1)
OTHER = make_key(2)
ACCOUNT_KEY = "12345678" + ":" + "ab" * 16


def delivery(
    body: Any = None, headers: Sequence[tuple[str, str]] = (), query: str = "", method: str = "POST"
) -> Delivery:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Delivery(1, 0.0, method, "/", query, tuple(headers), data, 200)


def block(request: dict[str, Any], **auth: Any) -> Block:
    found = block_of(
        read(json.dumps({"auth": {"request": {"url": "https://example.com/", **request}, **auth}}).encode())
    )
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("came", "spots"),
    [
        (delivery(headers=[("x-token-header", KEY)]), [("header", "x-token-header")]),
        (delivery(headers=[("X-Manychat-Key", KEY)]), [("header", "X-Manychat-Key")]),
        (delivery(headers=[("Authorization", f"Bearer {KEY}")]), [("header", "Authorization")]),
        (delivery(headers=[("X-Api-Key", f"bearer  {KEY}")]), [("header", "X-Api-Key")]),
        (delivery({"app_token": KEY}), [("field", "/app_token")]),
        (delivery({"data": [{"x": 1}, {"appKey": KEY}]}), [("field", "/data/1/appKey")]),
        (delivery({"tokens": [{"token": [KEY]}]}), [("field", "/tokens/0/token/0")]),
        (delivery({"a/b~c": {"APP-TOKEN": KEY}}), [("field", "/a~1b~0c/APP-TOKEN")]),
        (delivery(query=f"page=1&app_token={KEY}"), [("query", "app_token")]),
        (
            delivery({"app_token": KEY}, [("x-token-header", KEY)]),
            [("header", "x-token-header"), ("field", "/app_token")],
        ),
        # The surer name wins; the other one is somebody else's token.
        (delivery({"app_token": KEY, "page_token": OTHER}), [("field", "/app_token")]),
        (
            delivery(
                f"app_token={KEY}&page_id=7".encode(),
                [("Content-Type", "application/x-www-form-urlencoded; charset=x")],
            ),
            [("field", "/app_token")],
        ),
    ],
)
def test_a_key_is_told_by_its_name(came: Delivery, spots: list[tuple[str, str]]) -> None:
    found = receive(came, None)
    assert found.key is not None, found.problem
    assert found.key.reveal() == KEY
    assert [tuple(spot) for spot in found.spots] == spots
    assert found.problem == ""


def test_a_key_is_told_by_its_form() -> None:
    found = receive(delivery({"whatever": ACCOUNT_KEY}), None)
    assert found.key is not None
    assert found.key.reveal() == ACCOUNT_KEY
    assert "may not be an App Key" in found.notes[0]


@pytest.mark.parametrize("template", ["{}", "Bearer {}"])
def test_a_key_of_a_rehearsal_is_told_by_its_form_and_is_no_accounts_key(template: str) -> None:
    key = made_up_key()
    came = delivery({"whatever": template.format(key), "note": f"see {key}."})
    found = receive(came, None)
    assert found.key is not None
    assert found.key.reveal() == key
    assert found.notes == ("mcapp send made it up: it has no access",)
    assert key[-12:] not in json.dumps(row(receive(came, None)))


@pytest.mark.parametrize(
    ("came", "problem"),
    [
        (delivery(), "no header, field or parameter"),
        (delivery({"page_id": "7", "name": "x"}), "no header, field or parameter"),
        (delivery({"csrf_token": KEY}), "no header, field or parameter"),
        (delivery(headers=[("Sec-WebSocket-Key", KEY), ("Idempotency-Key", KEY)]), "no header, field or parameter"),
        (delivery(headers=[("Authorization", "Basic " + "dXNlcjpw" * 4)]), "no header, field or parameter"),
        (delivery({"app_token": "{{app_token}}"}), "the payload's /app_token has a placeholder that was not filled in"),
        (delivery({"app_token": "short"}), "5 characters are too few"),
        (delivery({"app_token": "x" * 20_000}), "too many"),
        (delivery({"app_token": 7}), "too few"),
        (delivery({"app_token": KEY}, [("x-token-header", OTHER)]), "two different keys in one delivery"),
        (delivery({"app_token": "a"}, [("x-token-header", KEY)]), "two different keys in one delivery"),
        (delivery(b"[" * 200_000), "no header, field or parameter"),
        (delivery(b'{"app_token": NaN, "x": 1}'), "no header, field or parameter"),
        (delivery(b"\xff\xfe\x00"), "no header, field or parameter"),
    ],
)
def test_what_is_no_key_is_not_taken_for_one(came: Delivery, problem: str) -> None:
    found = receive(came, None)
    assert found.key is None
    assert problem in found.problem


ARTICLE = {
    "method": "POST",
    "headers": ["Content-Type: application/json", "x-my-header: App {{app_token}};v=1"],
    "payload": {"deep": [{"secret": "{{app_token}}"}], "page": "{{page_id}}", "both": "{{app_id}}/{{page_id}}"},
}


def test_with_the_block_the_key_is_where_the_block_puts_it() -> None:
    known = block(ARTICLE)
    assert key_spots(known) == (Spot("header", "x-my-header"), Spot("field", "/deep/0/secret"))
    body = {"deep": [{"secret": KEY}], "page": "77", "both": "5/77", "app_token": OTHER}
    found = receive(delivery(body, [("X-MY-Header", f"App {KEY};v=1")]), known)
    assert found.key is not None
    assert found.key.reveal() == KEY
    assert found.values == {"page_id": "77", "app_id": "5"}
    assert found.notes == ()


def test_with_the_block_what_differs_from_it_is_said() -> None:
    found = receive(delivery({"deep": [{"secret": KEY}]}), block(ARTICLE))
    assert found.key is not None
    assert found.notes == ("the block puts it in the header x-my-header too, where it is missing",)
    nothing = receive(delivery({"app_token": KEY}, [("x-my-header", KEY)]), block(ARTICLE))
    assert nothing.key is None
    assert nothing.problem == "no key where the block puts it: the header x-my-header and the payload's /deep/0/secret"
    assert nothing.notes == ("the header x-my-header and the payload's /app_token may hold a key",)


WORDS = "horse"  # nothing that looks like a key


@pytest.mark.parametrize(
    "came",
    [
        delivery({"deep": [{"secret": WORDS}]}),
        delivery({"deep": [{"secret": f"Bearer {WORDS}"}]}),
        delivery({"deep": [{"secret": {"value": WORDS, "more": [WORDS]}}]}),
        delivery({"secret": [WORDS]}),
        delivery(headers=[("X-My-Header", WORDS)]),
        delivery(headers=[("X-My-Header", f"App {WORDS}")]),
        delivery(f"secret={WORDS}".encode(), [("Content-Type", "application/x-www-form-urlencoded")]),
        delivery(f'{{"deep": [{{"secret": "{WORDS}"'.encode()),
        delivery(f'{{"deep": [{{"secret": "a \\" it\'s, {WORDS}", "more": '.encode()),
        delivery(f'{{"deep": [{{"secret": [{{"value": "\n{WORDS}"'.encode()),
        delivery(f'Content-Disposition: form-data; name="secret"\r\n\r\na {WORDS}\r\n--x'.encode()),
        delivery(f"<secret>{WORDS}</secret>".encode()),
        delivery(query=f"secret={WORDS}"),
    ],
)
def test_what_the_block_has_the_key_for_is_masked_whatever_it_holds(came: Delivery) -> None:
    received = receive(came, block(ARTICLE))
    assert WORDS not in text(received, Style(on=False)) + json.dumps(row(received))


@pytest.mark.parametrize(
    ("request_", "came"),
    [
        ({"url": "https://example.com/?a=b&t={{app_token}}#x"}, delivery(query=f"a=b&t={KEY}")),
        ({"payload": {"t": "<<app_token>>"}}, delivery({"t": KEY})),
        ({"payload": {"t": "{{page_id}}-{{app_token}}/{{app_id}}"}}, delivery({"t": f"9-{KEY}/8"})),
        ({"payload": "{{app_token}}"}, delivery(KEY)),
        ({"headers": {"t": "{{app_token}}"}}, delivery(headers=[("T", KEY)])),
    ],
)
def test_every_form_of_a_block_is_read(request_: dict[str, Any], came: Delivery) -> None:
    found = receive(came, block(request_))
    assert found.key is not None, found.problem
    assert found.key.reveal() == KEY


def test_a_header_that_is_added_to_every_request_counts() -> None:
    known = block({}, connection={"headers": {"Authorization": "Bearer {{app_token}}"}, "qs": {"k": "{{app_token}}"}})
    assert key_spots(known) == (Spot("header", "Authorization"), Spot("query", "k"))


def test_without_a_request_there_is_no_block() -> None:
    assert block_of(read(b'{"auth": null, "actions": []}')) is None
    assert block_of(read(b"nothing of the kind")) is None


@given(
    key=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=16, max_size=60),
    before=st.sampled_from(["", "Bearer ", "x=", "("]),
    after=st.sampled_from(["", ";", ")", " end"]),
    noise=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    ),
)
@settings(max_examples=150)
def test_filling_in_and_reading_back_are_inverse_and_nothing_shows_the_key(
    key: str, before: str, after: str, noise: Any
) -> None:
    if len(set(key)) == 1:
        return  # one character over and over is a placeholder (keys.paste)
    known = block({"payload": {"in": [{"t": before + "{{app_token}}" + after}], "noise": 0}})
    came = delivery({"in": [{"t": before + key + after}], "noise": noise}, [("X", f"echo {key}")])
    found = receive(came, known)
    if found.key is None:
        assert "has no key" in found.problem or "placeholder" in found.problem
        return
    assert found.key.reveal() == key
    assert key not in json.dumps(row(receive(came, known)))


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T11:33:00Z", "2026-11-22 11:33:00.123+01:00", "python-httpx/0.28.1", "+4915112345678", "José Ñandú"],
)
def test_what_everybody_may_read_stays_readable(text: str) -> None:
    assert hide_words(text) == text


@pytest.mark.parametrize(
    "text",
    [KEY, f"prefix {OTHER}!", f"https://example.com/{KEY}/x?y={OTHER}", f"a.{KEY}.b", ACCOUNT_KEY, f"<k>{KEY}</k>"],
)
def test_what_looks_like_a_key_is_hidden_whatever_it_is_called(text: str) -> None:
    hidden = hide_words(text)
    assert len(hidden) == len(text)
    assert KEY not in hidden
    assert OTHER not in hidden
    assert ACCOUNT_KEY not in hidden


@pytest.mark.parametrize(
    "body",
    [
        b'{"app_token": "abcdefgh", "x": ',
        b"<app_token>abcdefgh</app_token>",
        b"app_token: abcdefgh\n",
        b"--b\r\nname=token=abcdefgh\r\n",
        b'--b\r\nContent-Disposition: form-data; name="app_token"\r\n\r\nabcdefgh\r\n--b--\r\n',
        b'--b\nContent-Disposition: form-data; name="api-key"\nContent-Type: text/plain\n\nBearer abcdefgh\n--b--\n',
    ],
)
def test_a_text_that_cannot_be_taken_apart_hides_what_follows_a_keys_name(body: bytes) -> None:
    received = receive(delivery(body), None)
    assert received.body_kind == "text"
    assert "abcdefgh" not in received.body


def test_other_peoples_credentials_are_hidden_too() -> None:
    came = delivery(headers=[("Cookie", "a=b"), ("Authorization", "Basic Zm9v"), ("X", "y")])
    assert receive(came, None).headers == (("Cookie", "***"), ("Authorization", "Basic ****"), ("X", "y"))


def test_numbers_are_values_too_where_they_have_a_name() -> None:
    came = delivery({"app_token": KEY, "page_id": 77, "app_id": True, "rows": [1, 2.5, None], "big": 10**40})
    found = receive(came, None)
    assert found.values == {"page_id": "77"}
    assert found.body == {
        "app_token": "*" * len(KEY),
        "page_id": 77,
        "app_id": True,
        "rows": [1, 2.5, None],
        "big": 10**40,
    }


def test_a_key_is_hidden_in_the_names_of_fields_and_headers_too() -> None:
    came = delivery({"app_token": KEY, KEY: {f"x{KEY}": 1}}, [(KEY, "x")], f"{KEY}=1")
    masked = receive(came, None)
    assert masked.key is not None
    assert KEY not in json.dumps(masked._replace(key=None))
    assert KEY not in text(masked, Style(on=False)) + json.dumps(row(masked))


@pytest.mark.parametrize("value", ["abcdefghijkl", "123456789012", "ab!cd.ef/gh", "x"])
def test_below_a_key_name_everything_is_masked(value: str) -> None:
    body = {"token": {"is": [value]}, "page": {"name": "y"}}
    received = receive(delivery(body, [("X-Api-Key", value), ("X-Secret", OTHER)]), None)
    assert received.body == {"token": {"is": ["*" * len(value)]}, "page": {"name": "y"}}
    assert received.headers[0] == ("X-Api-Key", "*" * len(value))
