"""Calls do what they ask for, and `unchanged` tells whether any did."""

from typing import Any

import pytest

from mcapp.testing import Emulator
from tests.emulator.conftest import Call

ADA = 900100200


@pytest.fixture
def key(emulator: Emulator) -> str:
    return emulator.key()


def contact(emulator: Emulator) -> dict[str, Any]:
    found: dict[str, Any] = emulator.state()["contacts"][0]
    return found


def test_reads_change_nothing(emulator: Emulator, call: Call, key: str) -> None:
    assert call("GET /fb/page/getInfo", key).json()["data"]["name"] == "Emulated Page"
    assert len(call("GET /fb/page/getTags", key).json()["data"]) == 2
    assert set(call("GET /fb/page/getFlows", key).json()["data"]) == {"flows", "folders"}
    assert (
        call("GET /fb/subscriber/getInfo", key, query={"subscriber_id": str(ADA)}).json()["data"]["name"]
        == "Ada Example"
    )
    found = call("GET /fb/subscriber/findBySystemField", key, query={"email": "ada@example.invalid"})
    assert found.json()["data"]["id"] == str(ADA)
    assert emulator.unchanged
    assert not any(entry.changed for entry in emulator.journal)


def test_tags_of_the_account(emulator: Emulator, call: Call, key: str) -> None:
    tag = call("POST /fb/page/createTag", key, body={"name": "new"}).json()["data"]["tag"]
    twice = call("POST /fb/page/createTag", key, body={"name": "new"})
    assert twice.json()["details"]["messages"][0]["message"] == "Tag with specified name already exists"
    assert tag in emulator.state()["tags"]
    call("POST /fb/subscriber/addTag", key, body={"subscriber_id": ADA, "tag_id": tag["id"]})
    assert contact(emulator)["tags"] == [tag]
    # The trap: removed from the account, and so from every contact.
    assert call("POST /fb/page/removeTag", key, body={"tag_id": tag["id"]}).json() == {"status": "success"}
    assert contact(emulator)["tags"] == []
    assert emulator.unchanged
    assert [entry.changed for entry in emulator.journal] == [True, False, True, True]


def test_tags_of_a_contact(emulator: Emulator, call: Call, key: str) -> None:
    call("POST /fb/subscriber/addTagByName", key, body={"subscriber_id": ADA, "tag_name": "customer"})
    call("POST /fb/subscriber/addTagByName", key, body={"subscriber_id": ADA, "tag_name": "customer"})
    assert [tag["name"] for tag in contact(emulator)["tags"]] == ["customer"]
    call("POST /fb/subscriber/removeTagByName", key, body={"subscriber_id": ADA, "tag_name": "customer"})
    assert emulator.unchanged
    assert call("POST /fb/subscriber/removeTag", key, body={"subscriber_id": ADA, "tag_id": 1}).status_code == 400
    assert call("POST /fb/subscriber/removeTag", key, body={"subscriber_id": 1, "tag_id": 5001}).status_code == 400


def test_bot_fields(emulator: Emulator, call: Call, key: str) -> None:
    call("POST /fb/page/createBotField", key, body={"name": "open", "type": "boolean"})
    call("POST /fb/page/setBotFieldByName", key, body={"field_name": "open", "field_value": True})
    call("POST /fb/page/setBotField", key, body={"field_id": 8001, "field_value": "8-16"})
    values = {field["name"]: field["value"] for field in call("GET /fb/page/getBotFields", key).json()["data"]}
    assert values == {"opening_hours": "8-16", "open": True}
    rows = [{"field_name": "open", "field_value": False}, {"field_name": "none", "field_value": 1}]
    assert call("POST /fb/page/setBotFields", key, body={"fields": rows}).status_code == 400
    # All of them or none.
    assert emulator.state()["bot_fields"][1]["value"] is True


def test_custom_fields(emulator: Emulator, call: Call, key: str) -> None:
    field = call("POST /fb/page/createCustomField", key, body={"caption": "age", "type": "number"}).json()["data"][
        "field"
    ]
    call(
        "POST /fb/subscriber/setCustomField",
        key,
        body={"subscriber_id": ADA, "field_id": field["id"], "field_value": 3},
    )
    body = {"subscriber_id": ADA, "fields": [{"field_name": "city", "field_value": "Ulm"}]}
    call("POST /fb/subscriber/setCustomFields", key, body=body)
    body = {"subscriber_id": ADA, "field_name": "city", "field_value": "Bern"}
    call("POST /fb/subscriber/setCustomFieldByName", key, body=body)
    assert {own["name"]: own["value"] for own in contact(emulator)["custom_fields"]} == {"age": 3, "city": "Bern"}
    query = {"field_id": "7001", "field_value": "Bern"}
    assert len(call("GET /fb/subscriber/findByCustomField", key, query=query).json()["data"]) == 1


def test_contacts(call: Call, key: str) -> None:
    assert call("POST /fb/subscriber/createSubscriber", key, body={"first_name": "Bo"}).status_code == 400
    made = call("POST /fb/subscriber/createSubscriber", key, body={"first_name": "Bo", "email": "bo@example.invalid"})
    number = made.json()["data"]["id"]
    call("POST /fb/subscriber/updateSubscriber", key, body={"subscriber_id": number, "last_name": "Ek"})
    found = call("GET /fb/subscriber/findByName", key, query={"name": "Bo Ek"}).json()["data"]
    assert [row["id"] for row in found] == [number]
    assert call("GET /fb/subscriber/findBySystemField", key, query={"email": "a", "phone": "b"}).status_code == 400


def test_answers_that_were_recorded(call: Call, key: str) -> None:
    wrong = call("GET /fb/subscriber/findBySystemField", key, query={"name": "Ada"})
    assert wrong.status_code == 400
    assert wrong.json()["details"]["messages"] == [{"message": "Only phone or email can be specified"}]
    number = {"whatsapp_phone": "+4915100000000"}
    assert call("POST /fb/subscriber/createSubscriber", key, body=number).status_code == 200
    twice = call("POST /fb/subscriber/createSubscriber", key, body=number)
    assert twice.status_code == 400
    assert "already exists" in twice.json()["details"]["messages"]["wa_id"]["message"][0]


def test_messages(emulator: Emulator, call: Call, key: str) -> None:
    body = {"subscriber_id": ADA, "data": {"version": "v2"}}
    assert call("POST /fb/sending/sendContent", key, body=body).json() == {"status": "success"}
    assert call("POST /fb/sending/sendContent", key, body=body | {"subscriber_id": 1}).status_code == 400
    failed = call("POST /fb/sending/sendFlow", key, body={"subscriber_id": ADA, "flow_ns": "none"})
    assert (failed.status_code, failed.json()["status"]) == (200, "error")  # recorded
    assert emulator.state()["sent"] == [body]
    assert not emulator.unchanged
    emulator.reset()
    assert emulator.unchanged
    assert emulator.journal == ()


def test_a_copy_of_the_state_is_no_way_in(emulator: Emulator) -> None:
    emulator.state()["tags"].clear()
    assert len(emulator.state()["tags"]) == 2


def test_the_journal_knows_keys_by_name_alone(emulator: Emulator, call: Call) -> None:
    key = emulator.key(name="shop-a")
    call("GET /fb/page/getTags", key)
    call("POST /fb/page/createTag", "a-stranger", body={"name": "x"})
    call("GET /fb/page/getTags")
    first, second, third = emulator.journal
    assert (first.scope, first.key, first.status, first.changed) == ("GET /fb/page/getTags", "shop-a", 200, False)
    assert (second.key, second.body, second.status, second.changed) == ("unknown", {"name": "x"}, 401, False)
    assert third.key is None
    assert [entry.number for entry in emulator.journal] == [1, 2, 3]
    assert 0 <= first.at <= second.at <= third.at
    assert key not in repr(emulator.journal)
