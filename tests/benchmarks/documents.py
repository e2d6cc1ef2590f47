"""The files that are measured: App JSON as published apps have it, of any size, made anew for each run."""

import json
from pathlib import Path
from typing import Any

ORDINARY = 2_000  # bytes: a small published app
SIZES = (10_000, 100_000, 1_000_000)  # bytes: for the growth


def _action(number: int, *, broken: bool) -> dict[str, Any]:
    header = "X-Request-Id {{user_id}}" if broken else "X-Request-Id: {{user_id}}"
    return {
        "name": f"create_order_{number}",
        "title": f"Create order {number}",
        "description": "Creates an order in the shop and keeps its number.",
        "forms": [
            {"name": f"product_{number}", "type": "select", "title": "Product", "source": "products"},
            {"name": f"amount_{number}", "type": "number", "title": "Amount", "default": "1"},
        ],
        "requests": [
            {
                "url": f"https://api.example.com/v1/shops/[[shop_id]]/orders/{number}",
                "method": "POST",
                "headers": ["Content-Type: application/json", header],
                "mapping": [{"name": "order_id", "path": "$.order.id", "type": "string", "title": "Order number"}],
                "payload": {
                    "product": f"[[product_{number}]]",
                    "amount": f"[[amount_{number}]]",
                    "contact": {"id": "{{user_id}}", "text": "{{last_input_text}}"},
                },
            }
        ],
    }


def app(size: int, *, broken: bool = False, number: int = 0) -> bytes:
    """A whole App JSON of about `size` bytes, or of the least that there can be.

    Clean: no error, no warning, no note. With `broken`, one header in the middle has no colon, which is one error.
    `number` makes files of the same size differ.
    """
    document: dict[str, Any] = {
        "auth": {
            "type": "APIKEY",
            "params": [{"name": "shop_id", "title": "Your shop's number"}],
            "request": {
                "url": f"https://api.example.com/v1/manychat/install/{number}",
                "method": "POST",
                "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
                "mapping": [],
                "payload": {"app_token": "{{app_token}}", "page_id": "{{page_id}}", "shop": "[[shop_id]]"},
            },
        },
        "actions": [],
        "sources": [
            {
                "name": "products",
                "type": "enum:static",
                "list": [{"key": "Shirt", "value": "shirt"}, {"key": "Socks", "value": "socks"}],
            }
        ],
    }
    empty = len(json.dumps(document, indent=2))
    document["actions"] = [_action(10_000, broken=False)]
    one = len(json.dumps(document, indent=2)) - empty
    count = max(1, round((size - empty) / one))
    document["actions"] = [_action(index, broken=broken and index == count // 2) for index in range(count)]
    return (json.dumps(document, indent=2) + "\n").encode()


# A mistake in every action: what is right, and what stands there instead.
MISTAKES = {
    "header": ('"X-Request-Id: ', '"X-Request-Id '),
    "key": ('"description"', '"desciption"'),
    "placeholder": ('"[[product_', '"[[prodct_'),
    "method": ('"POST"', '"post"'),
    "type": ('"title": "Amount"', '"title": 5'),
}
LARGE = 5_800_000  # bytes: 5,000 actions


def mistaken(*kinds: str) -> bytes:
    """An App JSON of 5,000 actions, with mistakes of these kinds in each."""
    text = app(LARGE).decode()
    for kind in kinds:
        text = text.replace(*MISTAKES[kind])
    return text.encode()


def write(folder: Path) -> None:
    """All the files of a run: app.json, a thousand like it, and clean and broken ones of growing size."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)  # the search for a configuration ends here, and not at the checkout's own
    (folder / "app.json").write_bytes(app(ORDINARY))
    many = folder / "many"
    many.mkdir(exist_ok=True)
    for number in range(1000):
        (many / f"{number:04}.manychat.json").write_bytes(app(ORDINARY, number=number))
    for size in SIZES:
        (folder / f"clean-{size}.json").write_bytes(app(size))
        (folder / f"broken-{size}.json").write_bytes(app(size, broken=True))
    (folder / "mistaken-none.json").write_bytes(mistaken())
    for kind in MISTAKES:
        (folder / f"mistaken-{kind}.json").write_bytes(mistaken(kind))
    (folder / "mistaken-all.json").write_bytes(mistaken(*MISTAKES))
