"""ManyChat's own forms: per key, per state, per order of checks."""

from typing import Any

import pytest

from mcapp.emulator.emulated_key import STATES, scopes_of
from mcapp.emulator.manychat import ORDERS
from mcapp.emulator.operations import OPERATIONS
from mcapp.errors import UsageProblem
from mcapp.scopes.catalogue import load
from mcapp.testing import BODY_FIRST, KEY_BODY_SCOPE, SCOPE_FIRST, Emulator
from tests.emulator.conftest import Call

ERROR: dict[str, Any] = {"status": "error"}
SCOPED = [endpoint for endpoint in load() if endpoint.group != "profile"]

# Values with which every operation gets past the check of its fields, in an account as it is in the beginning.
VALUES: dict[str, Any] = {
    "subscriber_id": 900100200,
    "user_ref": 1,
    "tag_id": 5001,
    "tag_name": "customer",
    "field_id": 8001,
    "field_name": "opening_hours",
    "field_value": "x",
    "fields": [],
    "name": "new",
    "caption": "new",
    "type": "text",
    "data": {"version": "v2"},
    "flow_ns": "content20240101000000_000001",
    "signed_request": "x",
    "phone": "+10000000",
}


def test_every_operation_of_the_catalogue_is_there() -> None:
    catalogue = {endpoint.scope for endpoint in load()}
    for scope in sorted(catalogue - set(OPERATIONS)):
        pytest.fail(f"give {scope} an operation in mcapp/emulator/operations.py")
    assert set(OPERATIONS) == catalogue


@pytest.mark.parametrize("endpoint", SCOPED, ids=lambda endpoint: endpoint.scope)
def test_a_key_is_let_in_by_its_scopes_alone(emulator: Emulator, call: Call, endpoint: Any) -> None:
    others = [other.scope for other in SCOPED if other is not endpoint]
    query = {name: str(VALUES[name]) for name in endpoint.required} or {"email": "nobody@example.invalid"}
    body = {name: VALUES[name] for name in endpoint.required} or {"phone": VALUES["phone"]}
    inside = call(endpoint.scope, emulator.key([endpoint.scope]), query=query, body=body)
    assert inside.status_code in (200, 400)
    assert inside.status_code == 200 or "exist" in inside.text or inside.json()["code"] == 2011
    outside = call(endpoint.scope, emulator.key(others), query=query, body=body)
    assert (outside.status_code, outside.json()) == (401, ERROR | {"message": "Wrong access token"})


@pytest.mark.parametrize(
    ("state", "status", "answer"),
    [
        ("revoked", 401, ERROR | {"message": "Wrong token"}),
        ("malformed", 401, ERROR | {"message": "Wrong format token"}),
        ("uninstalled", 500, {"status": "exception", "message": "Something went wrong"}),
    ],
)
def test_a_key_that_does_not_work_gets_the_same_everywhere(
    emulator: Emulator, call: Call, state: str, status: int, answer: dict[str, str]
) -> None:
    key = emulator.key(["*"], state)
    for scope in ("GET /fb/page/getInfo", "GET /fb/subscriber/getInfo", "POST /fb/page/createTag"):
        response = call(scope, key)
        assert (response.status_code, response.json()) == (status, answer)


def test_an_account_key_needs_no_scope(emulator: Emulator, call: Call) -> None:
    key = emulator.key([], "account")
    assert call("GET /fb/page/getTags", key).status_code == 200
    assert call("POST /fb/page/createTag", key, body={"name": "x"}).status_code == 200


@pytest.mark.parametrize(
    ("header", "message"),
    [(None, "Token is required"), ("Basic abc", "Wrong format token"), ("Bearer nobody", "Wrong token")],
)
def test_no_key_and_unknown_keys(emulator: Emulator, header: str | None, message: str) -> None:
    import httpx

    headers = {} if header is None else {"Authorization": header}
    response = httpx.get(f"{emulator.base_url}/fb/page/getInfo", headers=headers, trust_env=False)
    assert (response.status_code, response.json()) == (401, ERROR | {"message": message})


def test_missing_fields_are_named_one_by_one(emulator: Emulator, call: Call) -> None:
    response = call("POST /fb/sending/sendFlow", emulator.key())
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json() == ERROR | {
        "message": "Validation error",
        "details": {
            "messages": [{"message": "subscriber_id cannot be blank."}, {"message": "flow_ns cannot be blank."}]
        },
    }


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"subscriber_id": True, "tag_id": 1}, "subscriber_id must be an integer."),
        ({"subscriber_id": "x", "tag_id": 1}, "subscriber_id must be an integer."),
        ({"subscriber_id": "", "tag_id": 1}, "subscriber_id cannot be blank."),
        ([], "The body is not a JSON object"),
        ({"subscriber_id": "900100200", "tag_id": 1}, "Tag does not exist"),
    ],
)
def test_fields_of_the_wrong_form(emulator: Emulator, call: Call, body: Any, complaint: str) -> None:
    response = call("POST /fb/subscriber/addTag", emulator.key(), body=body)
    assert [message["message"] for message in response.json()["details"]["messages"]] == [complaint]


def test_a_look_up_that_finds_nothing_has_the_same_headline(emulator: Emulator, call: Call) -> None:
    key = emulator.key()
    missing = call("GET /fb/subscriber/getInfo", key, query={"subscriber_id": "1"})
    assert missing.json()["details"]["messages"] == [{"message": "Subscriber does not exist"}]
    assert call("GET /fb/subscriber/getInfoByUserRef", key, query={"user_ref": "1"}).json()["code"] == 2011
    assert call("GET /fb/subscriber/findByName", key, query={"name": "x"}).json()["data"] == []


@pytest.mark.parametrize("scope", ["GET /me", "POST /fb/page/getInfo", "GET /fb/page/createTag", "GET /"])
def test_an_unknown_path_gets_a_web_page(emulator: Emulator, call: Call, scope: str) -> None:
    response = call(scope, emulator.key())
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert len(response.content) == 38_000


@pytest.mark.parametrize(
    ("order", "outside", "stranger", "nobody"),
    [(SCOPE_FIRST, 401, 401, 401), (KEY_BODY_SCOPE, 400, 401, 401), (BODY_FIRST, 400, 400, 400)],
)
def test_the_order_of_the_checks(order: str, outside: int, stranger: int, nobody: int) -> None:
    import httpx

    with Emulator(order=order) as emulator, httpx.Client(base_url=emulator.base_url, trust_env=False) as client:

        def status(key: str | None) -> int:
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            return client.post("/fb/page/createTag", json={}, headers=headers).status_code

        assert (status(emulator.key([])), status("nobody"), status(None)) == (outside, stranger, nobody)
        assert status(emulator.key()) == 400


def test_names_of_scopes() -> None:
    everything = scopes_of(["*"])
    assert (
        everything
        == scopes_of(["all"])
        == scopes_of(["reads", "writes"])
        == scopes_of(["page", "sending", "subscriber"])
    )
    assert everything == {endpoint.scope for endpoint in SCOPED}
    assert scopes_of(["/fb/page/getInfo"]) == {"GET /fb/page/getInfo"}
    for wrong in ("nothing", "POST /user/template/generateSingleUseLink"):
        with pytest.raises(UsageProblem):
            scopes_of([wrong])


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(UsageProblem, match="unknown order"):
        Emulator(order="random")
    with pytest.raises(UsageProblem, match="unknown state"):
        Emulator().key(state="asleep")
    with pytest.raises(RuntimeError, match="not running"):
        _ = Emulator().base_url
    assert set(ORDERS) == {SCOPE_FIRST, KEY_BODY_SCOPE, BODY_FIRST}
    assert set(STATES) == {"working", "uninstalled", "revoked", "malformed", "account"}
