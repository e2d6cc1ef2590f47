"""What each operation does with the account. An endpoint of the catalogue has its answer here, in OPERATIONS.

An operation returns its answer's data, None where it only does something, or a whole reply.
"""

from typing import Any

from mcapp.emulator.account import UNKNOWN_KEY, Account, Operation, error, full_name, invalid, new_contact
from mcapp.net.server import Reply

_SYSTEM_FIELDS = ("first_name", "last_name", "phone", "whatsapp_phone", "email", "gender")


# --- /fb/page: what the account as a whole holds


def _listed(kind: str) -> Operation:
    return lambda account, _params: account.data[kind]


def _create_tag(account: Account, params: dict[str, Any]) -> Any:
    if account.find("tags", "name", params["name"]):
        return invalid("Tag with specified name already exists")
    tag = {"id": account.new_id(), "name": params["name"]}
    account.data["tags"].append(tag)
    return {"tag": tag}


def _delete_tag(account: Account, params: dict[str, Any]) -> None:
    tag = account.named("tags", "tag", params)
    account.data["tags"].remove(tag)
    for contact in account.data["contacts"]:
        contact["tags"] = [own for own in contact["tags"] if own["id"] != tag["id"]]


def _creates(kind: str, name: str) -> Operation:
    """What makes a field of the `kind`; `name` is the parameter that names it. Only bot fields have a value."""

    def create(account: Account, params: dict[str, Any]) -> Any:
        description = params.get("description", "")
        field = {"id": account.new_id(), "name": params[name], "type": params["type"], "description": description}
        account.data[kind].append(field | {"value": params.get("value")} if kind == "bot_fields" else field)
        return {"field": account.data[kind][-1]}

    return create


def _set_bot_fields(account: Account, params: dict[str, Any]) -> None:
    rows = params.get("fields", [params])
    for field, row in [(account.named("bot_fields", "field", row), row) for row in rows]:
        field["value"] = row.get("field_value")


# --- /fb/subscriber: contacts


def _contact(account: Account, params: dict[str, Any]) -> dict[str, Any]:
    return account.named("contacts", "subscriber", params)


def _by_user_ref(account: Account, params: dict[str, Any]) -> Any:
    for contact in account.data["contacts"]:
        if params["user_ref"] in map(str, contact["user_refs"]):
            return contact
    return error(400, "User ref is not registered", code=2011)  # the code is documented, the wording a guess


def _by_custom_field(account: Account, params: dict[str, Any]) -> Any:
    account.named("custom_fields", "field", params)
    wanted = (str(params["field_id"]), str(params["field_value"]))
    return [
        contact
        for contact in account.data["contacts"]
        if wanted in [(str(field["id"]), str(field["value"])) for field in contact["custom_fields"]]
    ]


def _by_system_field(account: Account, params: dict[str, Any]) -> Any:
    given = [name for name in ("email", "phone") if params.get(name)]
    if set(params) - {"email", "phone"}:
        return invalid("Only phone or email can be specified")
    if len(given) != 1:
        return invalid("email or phone must be set")  # the rule is documented, the wording a guess
    return account.find("contacts", given[0], params[given[0]]) or []


def _add_tag(account: Account, params: dict[str, Any]) -> None:
    contact, tag = _contact(account, params), account.named("tags", "tag", params)
    if tag not in contact["tags"]:
        contact["tags"].append(dict(tag))


def _remove_tag(account: Account, params: dict[str, Any]) -> None:
    contact, tag = _contact(account, params), account.named("tags", "tag", params)
    contact["tags"] = [own for own in contact["tags"] if own["id"] != tag["id"]]


def _set_custom_fields(account: Account, params: dict[str, Any]) -> None:
    contact = _contact(account, params)
    rows = params.get("fields", [params])
    for field, row in [(account.named("custom_fields", "field", row), row) for row in rows]:
        others = [own for own in contact["custom_fields"] if own["id"] != field["id"]]
        contact["custom_fields"] = [*others, {**field, "value": row.get("field_value")}]


def _verify(account: Account, params: dict[str, Any]) -> None:
    """What it does is documented nowhere: here it changes nothing."""
    _contact(account, params)


def _create(account: Account, params: dict[str, Any]) -> Any:
    if not any(params.get(name) for name in ("phone", "whatsapp_phone", "email")):
        return invalid("phone cannot be blank.", "whatsapp_phone cannot be blank.", "email cannot be blank.")
    number = params.get("whatsapp_phone")
    if number and account.find("contacts", "whatsapp_phone", number):
        said = {"wa_id": {"message": [f"This WhatsApp ID already exists: {number}"]}}
        return error(400, "Validation error", details={"messages": said})  # recorded in this form, keyed by field
    contact = new_contact(
        account.new_id(),
        **{name: params.get(name) for name in _SYSTEM_FIELDS},
        optin_email=bool(params.get("has_opt_in_email")),
        optin_phone=bool(params.get("has_opt_in_sms")),
    )
    account.data["contacts"].append(contact)
    return contact


def _update(account: Account, params: dict[str, Any]) -> Any:
    contact = _contact(account, params)
    contact.update({name: params[name] for name in _SYSTEM_FIELDS if name in params and name != "whatsapp_phone"})
    contact["name"] = full_name(contact)
    return contact


# --- /fb/sending


def _send(account: Account, params: dict[str, Any]) -> Reply | None:
    if "subscriber_id" in params:
        _contact(account, params)
    if "flow_ns" in params and account.find("flows", "ns", params["flow_ns"]) is None:
        return error(200, "Flow does not exist")  # that status is recorded, the wording is a guess
    account.data["sent"].append(params)
    return None


OPERATIONS: dict[str, Operation] = {
    "GET /fb/page/getInfo": _listed("page"),
    "GET /fb/page/getTags": _listed("tags"),
    "POST /fb/page/createTag": _create_tag,
    "POST /fb/page/removeTag": _delete_tag,
    "POST /fb/page/removeTagByName": _delete_tag,
    "GET /fb/page/getWidgets": _listed("growth_tools"),
    "POST /fb/page/createCustomField": _creates("custom_fields", "caption"),
    "GET /fb/page/getGrowthTools": _listed("growth_tools"),
    "GET /fb/page/getFlows": lambda account, _: {name: account.data[name] for name in ("flows", "folders")},
    "GET /fb/page/getCustomFields": _listed("custom_fields"),
    "GET /fb/page/getOtnTopics": _listed("otn_topics"),
    "GET /fb/page/getBotFields": _listed("bot_fields"),
    "POST /fb/page/createBotField": _creates("bot_fields", "name"),
    "POST /fb/page/setBotField": _set_bot_fields,
    "POST /fb/page/setBotFieldByName": _set_bot_fields,
    "POST /fb/page/setBotFields": _set_bot_fields,
    "POST /fb/sending/sendContent": _send,
    "POST /fb/sending/sendContentByUserRef": _send,
    "POST /fb/sending/sendFlow": _send,
    "GET /fb/subscriber/getInfo": _contact,
    "GET /fb/subscriber/findByName": lambda account, params: [
        contact for contact in account.data["contacts"] if contact["name"] == params["name"]
    ],
    "GET /fb/subscriber/getInfoByUserRef": _by_user_ref,
    "GET /fb/subscriber/findByCustomField": _by_custom_field,
    "GET /fb/subscriber/findBySystemField": _by_system_field,
    "POST /fb/subscriber/addTag": _add_tag,
    "POST /fb/subscriber/addTagByName": _add_tag,
    "POST /fb/subscriber/removeTag": _remove_tag,
    "POST /fb/subscriber/removeTagByName": _remove_tag,
    "POST /fb/subscriber/setCustomField": _set_custom_fields,
    "POST /fb/subscriber/setCustomFields": _set_custom_fields,
    "POST /fb/subscriber/setCustomFieldByName": _set_custom_fields,
    "POST /fb/subscriber/verifyBySignedRequest": _verify,
    "POST /fb/subscriber/createSubscriber": _create,
    "POST /fb/subscriber/updateSubscriber": _update,
    # The Profile API does not accept an App Key; that it says so in these words is a guess.
    "POST /user/template/generateSingleUseLink": lambda _account, _params: UNKNOWN_KEY,
}
