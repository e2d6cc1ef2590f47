"""What the emulated account holds. Plain data, so that two states can be compared and printed."""

import copy
from collections.abc import Callable
from typing import Any

from mcapp.emulator.reply import invalid
from mcapp.net.server import Reply

# A call's parameters in, its answer out. It may change the account.
Operation = Callable[["Account", dict[str, Any]], Reply]

_FIRST = {
    "page": {
        "id": 10020030,
        "name": "Emulated Page",
        "category": None,
        "avatar_link": None,
        "username": None,
        "about": None,
        "description": None,
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
    "contacts": [
        {
            "id": "900100200",
            "page_id": "10020030",
            "user_refs": [],
            "first_name": "Ada",
            "last_name": "Example",
            "name": "Ada Example",
            "gender": "",
            "phone": None,
            "whatsapp_phone": None,
            "email": "ada@example.invalid",
            "optin_email": True,
            "optin_phone": False,
            "subscribed": "2024-01-01T00:00:00+00:00",
            "custom_fields": [],
            "tags": [],
        }
    ],
    "sent": [],
}


class Account:
    """The state behind the operations. Not safe for threads by itself: `api.ManyChat` holds a lock."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = copy.deepcopy(_FIRST)
        self._number = 9000

    def snapshot(self) -> dict[str, Any]:
        """A copy of everything, as plain data."""
        return copy.deepcopy(self.data)

    def new_id(self) -> int:
        """A number that nothing has yet."""
        self._number += 1
        return self._number

    def find(self, kind: str, **wanted: object) -> dict[str, Any] | None:
        """The first of `kind` whose field has the value; numbers and their digits count as the same."""
        ((name, value),) = wanted.items()
        rows: list[dict[str, Any]] = self.data[kind]
        return next((row for row in rows if str(row[name]) == str(value)), None)

    def contact(self, params: dict[str, Any]) -> dict[str, Any] | None:
        """The contact that `subscriber_id` names."""
        return self.find("contacts", id=params["subscriber_id"])


NO_CONTACT = invalid("Subscriber does not exist")  # the wording is told, not recorded
