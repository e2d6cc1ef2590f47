"""The emulated account, and ManyChat's answers in ManyChat's words; where none are recorded, it says "a guess"."""

import copy
import json
from collections.abc import Callable
from typing import Any

from mcapp.net.server import Reply

# A call's parameters in, its answer's data out, or a whole reply. It may change the account. It may raise Missing.
Operation = Callable[["Account", dict[str, Any]], Any]


class Missing(Exception):
    """What a call names is not in the account; `reply` says so."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


def full_name(contact: dict[str, Any]) -> str:
    """First and last name, without what is empty."""
    return " ".join(filter(None, (contact["first_name"], contact["last_name"])))


def new_contact(number: int, **values: Any) -> dict[str, Any]:
    """A contact with this id, no tags and no fields of its own."""
    return {
        "id": str(number),
        "page_id": "10020030",
        "user_refs": [],
        **values,
        "name": full_name(values),
        "subscribed": "2024-01-01T00:00:00+00:00",
        "custom_fields": [],
        "tags": [],
    }


_ADA = {"first_name": "Ada", "last_name": "Example", "gender": "", "phone": None, "whatsapp_phone": None}
_INITIAL = {
    "page": {
        "id": 10020030,
        "name": "Emulated Page",
        **dict.fromkeys(("category", "avatar_link", "username", "about", "description")),
        "is_pro": True,
        "timezone": "UTC",
    },
    "tags": [{"id": 5001, "name": "customer"}, {"id": 5002, "name": "newsletter"}],
    "growth_tools": [{"id": 6001, "name": "Link", "type": "messenger_ref_url"}],
    "flows": [{"ns": "content20240101000000_000001", "name": "Welcome", "folder_id": 0}],
    "folders": [],
    "custom_fields": [{"id": 7001, "name": "city", "type": "text", "description": ""}],
    "otn_topics": [],
    "bot_fields": [{"id": 8001, "name": "opening_hours", "type": "text", "description": "", "value": "9-17"}],
    "contacts": [new_contact(900100200, **_ADA, email="ada@example.invalid", optin_email=True, optin_phone=False)],
    "sent": [],
}


class Account:
    """The state behind the operations. Not thread-safe on its own: `ManyChat` holds a lock."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = copy.deepcopy(_INITIAL)
        self._number = 9000

    def snapshot(self) -> dict[str, Any]:
        """A copy of everything, as plain data."""
        return copy.deepcopy(self.data)

    def new_id(self) -> int:
        """A number that nothing has yet."""
        self._number += 1
        return self._number

    def find(self, kind: str, name: str, value: object) -> dict[str, Any] | None:
        """The first of `kind` whose field `name` has the value; numbers and their digits count as the same."""
        rows: list[dict[str, Any]] = self.data[kind]
        return next((row for row in rows if str(row[name]) == str(value)), None)

    def named(self, kind: str, name: str, params: dict[str, Any]) -> dict[str, Any]:
        """The one of `kind` that the parameter NAME_id or NAME_name names. Raises Missing."""
        by = "id" if f"{name}_id" in params else "name"
        found = self.find(kind, by, params.get(f"{name}_{by}"))
        if found is None:
            # Of a subscriber the wording is reported, not recorded; of the others it is a guess.
            raise Missing(invalid(f"{name.capitalize()} does not exist"))
        return found


def _reply(status: int, content: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def success(data: object = None) -> Reply:
    """200; without data for the calls that only do something."""
    return _reply(200, {"status": "success"} if data is None else {"status": "success", "data": data})


def error(status: int, message: str, **more: object) -> Reply:
    """An error without details."""
    return _reply(status, {"status": "error", "message": message, **more})


def invalid(*messages: str) -> Reply:
    """Missing or bad fields, or something that the look-up did not find: the headline is the same for both."""
    return error(400, "Validation error", details={"messages": [{"message": message} for message in messages]})


NO_KEY = error(401, "Token is required")
UNKNOWN_KEY = error(401, "Wrong token")
MALFORMED_KEY = error(401, "Wrong format token")  # its status is a guess
OUT_OF_SCOPE = error(401, "Wrong access token")
UNINSTALLED = _reply(500, {"status": "exception", "message": "Something went wrong"})


def page(status: int, title: str, size: int = 0, **headers: str) -> Reply:
    """A web page instead of an answer, padded to `size` bytes."""
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>\n"
    body = head.ljust(size - 15) + "</body></html>\n"
    return Reply(status, body.encode(), (("Content-Type", "text/html; charset=UTF-8"), *headers.items()))


NOT_FOUND = page(404, "Page not found", 38_000)  # the size of ManyChat's own page
