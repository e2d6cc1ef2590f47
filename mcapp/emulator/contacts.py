"""The operations under /fb/subscriber and /fb/sending: contacts, and what is sent to them."""

from typing import Any

from mcapp.emulator.account import NO_CONTACT, Account, Operation
from mcapp.emulator.page import named_field
from mcapp.emulator.reply import UNKNOWN_KEY, coded, invalid, success
from mcapp.net.server import Reply

_NO_TAG = invalid("Tag does not exist")  # a guess
_NO_FIELD = invalid("Field does not exist")  # a guess
_SYSTEM_FIELDS = ("first_name", "last_name", "phone", "whatsapp_phone", "email", "gender")


def _info(account: Account, params: dict[str, Any]) -> Reply:
    contact = account.contact(params)
    return NO_CONTACT if contact is None else success(contact)


def _by_user_ref(account: Account, params: dict[str, Any]) -> Reply:
    for contact in account.data["contacts"]:
        if params["user_ref"] in map(str, contact["user_refs"]):
            return success(contact)
    return coded("User ref is not registered", 2011)  # the code is documented, the wording a guess


def _by_name(account: Account, params: dict[str, Any]) -> Reply:
    return success([contact for contact in account.data["contacts"] if contact["name"] == params["name"]])


def _by_custom_field(account: Account, params: dict[str, Any]) -> Reply:
    if account.find("custom_fields", id=params["field_id"]) is None:
        return _NO_FIELD
    wanted = (str(params["field_id"]), str(params["field_value"]))
    return success(
        [
            contact
            for contact in account.data["contacts"]
            if wanted in [(str(field["id"]), str(field["value"])) for field in contact["custom_fields"]]
        ]
    )


def _by_system_field(account: Account, params: dict[str, Any]) -> Reply:
    given = [name for name in ("email", "phone") if params.get(name)]
    if len(given) != 1:
        return invalid("email or phone must be set")  # the rule is documented, the wording a guess
    return success(account.find("contacts", **{given[0]: params[given[0]]}) or [])


def _add_tag(account: Account, params: dict[str, Any]) -> Reply:
    contact, tag = account.contact(params), _tag(account, params)
    if contact is None:
        return NO_CONTACT
    if tag is None:
        return _NO_TAG
    if tag not in contact["tags"]:
        contact["tags"].append(dict(tag))
    return success(bare=True)


def _remove_tag(account: Account, params: dict[str, Any]) -> Reply:
    contact, tag = account.contact(params), _tag(account, params)
    if contact is None:
        return NO_CONTACT
    if tag is None:
        return _NO_TAG
    contact["tags"] = [own for own in contact["tags"] if own["id"] != tag["id"]]
    return success(bare=True)


def _tag(account: Account, params: dict[str, Any]) -> dict[str, Any] | None:
    if "tag_id" in params:
        return account.find("tags", id=params["tag_id"])
    return account.find("tags", name=params["tag_name"])


def _set_field(account: Account, params: dict[str, Any]) -> Reply:
    return _set_all(account, params, [params])


def _set_fields(account: Account, params: dict[str, Any]) -> Reply:
    return _set_all(account, params, params["fields"])


def _set_all(account: Account, params: dict[str, Any], rows: list[dict[str, Any]]) -> Reply:
    """All of them, or none if one does not exist."""
    contact = account.contact(params)
    if contact is None:
        return NO_CONTACT
    fields = [named_field(account, "custom_fields", row) for row in rows]
    if None in fields:
        return _NO_FIELD
    for field, row in zip(fields, rows, strict=True):
        assert field is not None  # noqa: S101  # None was answered above
        others = [own for own in contact["custom_fields"] if own["id"] != field["id"]]
        contact["custom_fields"] = [*others, {**field, "value": row.get("field_value")}]
    return success(bare=True)


def _verify(account: Account, params: dict[str, Any]) -> Reply:
    """What it does is documented nowhere: here it changes nothing."""
    return NO_CONTACT if account.contact(params) is None else success(bare=True)


def _create(account: Account, params: dict[str, Any]) -> Reply:
    if not any(params.get(name) for name in ("phone", "whatsapp_phone", "email")):
        return invalid("phone cannot be blank.", "whatsapp_phone cannot be blank.", "email cannot be blank.")
    contact: dict[str, Any] = {
        "id": str(account.new_id()),
        "page_id": str(account.data["page"]["id"]),
        "user_refs": [],
        **{name: params.get(name) for name in _SYSTEM_FIELDS},
        "name": _full_name(params),
        "optin_email": bool(params.get("has_opt_in_email")),
        "optin_phone": bool(params.get("has_opt_in_sms")),
        "subscribed": "2024-01-01T00:00:00+00:00",
        "custom_fields": [],
        "tags": [],
    }
    account.data["contacts"].append(contact)
    return success(contact)


def _update(account: Account, params: dict[str, Any]) -> Reply:
    contact = account.contact(params)
    if contact is None:
        return NO_CONTACT
    contact.update({name: params[name] for name in _SYSTEM_FIELDS if name in params and name != "whatsapp_phone"})
    contact["name"] = _full_name(contact)
    return success(contact)


def _full_name(row: dict[str, Any]) -> str:
    return " ".join(part for part in (row.get("first_name"), row.get("last_name")) if part)


def _send(account: Account, params: dict[str, Any]) -> Reply:
    if "subscriber_id" in params and account.contact(params) is None:
        return NO_CONTACT
    if "flow_ns" in params and account.find("flows", ns=params["flow_ns"]) is None:
        return invalid("Flow does not exist")  # a guess
    account.data["sent"].append(params)
    return success(bare=True)


def _profile(_account: Account, _params: dict[str, Any]) -> Reply:
    """The Profile API takes another key than an App Key; that it says so in these words is a guess."""
    return UNKNOWN_KEY


OPERATIONS: dict[str, Operation] = {
    "POST /fb/sending/sendContent": _send,
    "POST /fb/sending/sendContentByUserRef": _send,
    "POST /fb/sending/sendFlow": _send,
    "GET /fb/subscriber/getInfo": _info,
    "GET /fb/subscriber/findByName": _by_name,
    "GET /fb/subscriber/getInfoByUserRef": _by_user_ref,
    "GET /fb/subscriber/findByCustomField": _by_custom_field,
    "GET /fb/subscriber/findBySystemField": _by_system_field,
    "POST /fb/subscriber/addTag": _add_tag,
    "POST /fb/subscriber/addTagByName": _add_tag,
    "POST /fb/subscriber/removeTag": _remove_tag,
    "POST /fb/subscriber/removeTagByName": _remove_tag,
    "POST /fb/subscriber/setCustomField": _set_field,
    "POST /fb/subscriber/setCustomFields": _set_fields,
    "POST /fb/subscriber/setCustomFieldByName": _set_field,
    "POST /fb/subscriber/verifyBySignedRequest": _verify,
    "POST /fb/subscriber/createSubscriber": _create,
    "POST /fb/subscriber/updateSubscriber": _update,
    "POST /user/template/generateSingleUseLink": _profile,
}
