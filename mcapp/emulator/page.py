"""The operations under /fb/page: what the account as a whole holds."""

from typing import Any

from mcapp.emulator.account import Account, Operation
from mcapp.emulator.reply import invalid, success
from mcapp.net.server import Reply

_NO_TAG = invalid("Tag does not exist")  # a guess
_NO_FIELD = invalid("Field does not exist")  # a guess


def _listed(kind: str) -> Operation:
    def operation(account: Account, _params: dict[str, Any]) -> Reply:
        return success(account.data[kind])

    return operation


def _flows(account: Account, _params: dict[str, Any]) -> Reply:
    return success({"flows": account.data["flows"], "folders": account.data["folders"]})


def _create_tag(account: Account, params: dict[str, Any]) -> Reply:
    if account.find("tags", name=params["name"]):
        return invalid("Tag with specified name already exists")
    tag = {"id": account.new_id(), "name": params["name"]}
    account.data["tags"].append(tag)
    return success({"tag": tag})


def _remove_tag(account: Account, params: dict[str, Any]) -> Reply:
    wanted = {"id": params["tag_id"]} if "tag_id" in params else {"name": params["tag_name"]}
    tag = account.find("tags", **wanted)
    if tag is None:
        return _NO_TAG
    account.data["tags"].remove(tag)
    for contact in account.data["contacts"]:
        contact["tags"] = [own for own in contact["tags"] if own["id"] != tag["id"]]
    return success(bare=True)


def _create_custom_field(account: Account, params: dict[str, Any]) -> Reply:
    field = _new_field(account, params["caption"], params)
    account.data["custom_fields"].append(field)
    return success({"field": field})


def _create_bot_field(account: Account, params: dict[str, Any]) -> Reply:
    field = {**_new_field(account, params["name"], params), "value": params.get("value")}
    account.data["bot_fields"].append(field)
    return success({"field": field})


def _new_field(account: Account, name: str, params: dict[str, Any]) -> dict[str, Any]:
    description = params.get("description", "")
    return {"id": account.new_id(), "name": name, "type": params["type"], "description": description}


def _set_bot_field(account: Account, params: dict[str, Any]) -> Reply:
    return _set_all(account, [params])


def _set_bot_fields(account: Account, params: dict[str, Any]) -> Reply:
    return _set_all(account, params["fields"])


def _set_all(account: Account, rows: list[dict[str, Any]]) -> Reply:
    """All of them, or none if one does not exist."""
    found = []
    for row in rows:
        field = named_field(account, "bot_fields", row)
        if field is None:
            return _NO_FIELD
        found.append((field, row.get("field_value")))
    for field, value in found:
        field["value"] = value
    return success(bare=True)


def named_field(account: Account, kind: str, row: dict[str, Any]) -> dict[str, Any] | None:
    """The bot or custom field that `field_id` or `field_name` names."""
    if "field_id" in row:
        return account.find(kind, id=row["field_id"])
    return account.find(kind, name=row.get("field_name"))


OPERATIONS: dict[str, Operation] = {
    "GET /fb/page/getInfo": _listed("page"),
    "GET /fb/page/getTags": _listed("tags"),
    "POST /fb/page/createTag": _create_tag,
    "POST /fb/page/removeTag": _remove_tag,
    "POST /fb/page/removeTagByName": _remove_tag,
    "GET /fb/page/getWidgets": _listed("growth_tools"),
    "POST /fb/page/createCustomField": _create_custom_field,
    "GET /fb/page/getGrowthTools": _listed("growth_tools"),
    "GET /fb/page/getFlows": _flows,
    "GET /fb/page/getCustomFields": _listed("custom_fields"),
    "GET /fb/page/getOtnTopics": _listed("otn_topics"),
    "GET /fb/page/getBotFields": _listed("bot_fields"),
    "POST /fb/page/createBotField": _create_bot_field,
    "POST /fb/page/setBotField": _set_bot_field,
    "POST /fb/page/setBotFieldByName": _set_bot_field,
    "POST /fb/page/setBotFields": _set_bot_fields,
}
