"""Documents near App JSON: a whole one with every known key, and as many damaged copies of it as a test asks for."""

import copy
import random
from collections.abc import Iterator
from typing import Any

FULL: dict[str, Any] = {
    "auth": {
        "type": "APIKEY",
        "params": [{"name": "email", "title": "Your e-mail"}, {"name": "shop", "title": "Your shop"}],
        "connection": {"headers": {"Authorization": "Bearer [[token]]", "X-Version": 2}, "qs": {"lang": "en"}},
        "request": {
            "url": "https://example.com/manychat/install",
            "method": "POST",
            "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
            "mapping": [],
            "payload": {"app_token": "{{app_token}}", "page_id": "{{page_id}}", "email": "[[email]]"},
        },
    },
    "actions": [
        {
            "name": "create_order",
            "title": "Create an order",
            "description": "Creates an order in the shop.",
            "guidance": "First line\nsecond line",
            "forms": [
                {"name": "product", "type": "string", "title": "Product"},
                {"name": "amount", "type": "number", "title": "Amount", "default": "1"},
                {"name": "size", "type": "select", "title": "Size", "source": "sizes"},
            ],
            "requests": [
                {
                    "url": "https://example.com/orders",
                    "method": "POST",
                    "headers": ["Content-Type: application/json"],
                    "mapping": [{"name": "order_id", "path": "$.id", "type": "string", "title": "Order number"}],
                    "payload": {"product": "[[product]]", "deep": {"list": [1, True, None, {"size": "[[size]]"}]}},
                }
            ],
        },
        {
            "name": "ping",
            "title": "Ping",
            "description": "Asks whether the shop is there.",
            "forms": [],
            "requests": [
                {"url": "[[server_url]]/ping", "method": "GET", "headers": [], "mapping": [], "payload": None}
            ],
        },
    ],
    "sources": [
        {
            "name": "sizes",
            "type": "enum:static",
            "list": [{"key": "Small", "value": "s"}, {"key": "Large", "value": 4}],
        },
        {"name": "remote", "type": "enum:rpc", "list": {"url": "https://example.com/sizes"}},
    ],
    "triggers": [
        {
            "name": "order_paid",
            "title": "Order paid",
            "description": "The customer has paid.",
            "context": [{"name": "total", "type": "number", "title": "Total"}],
        }
    ],
}

VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1.5,
    10**30,
    "",
    "text",
    "enum:static",
    "enum:rpc",
    "Name: value",
    [],
    ["Name: value"],
    [[]],
    [None],
    {},
    {"name": "x"},
    {"key": "a", "value": "b"},
    {"url": "https://example.com"},
    [{"name": "x", "title": "y", "requests": [{"url": "https://example.com"}]}],
)
KEYS = (
    "actions",
    "auth",
    "type",
    "name",
    "title",
    "url",
    "headers",
    "payload",
    "list",
    "request",
    "requests",
    "Url",
    "",
)


def mutants(count: int, seed: int) -> Iterator[Any]:
    """`count` copies of FULL with one to four random changes each; the same ones for the same seed."""
    rng = random.Random(seed)  # noqa: S311  # test data, no secret
    for _ in range(count):
        document: Any = copy.deepcopy(FULL)
        for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
            document = _mutate(document, rng)
        yield document


def _mutate(document: Any, rng: random.Random) -> Any:
    places = list(_containers(document))
    if not places or rng.random() < 0.01:
        return copy.deepcopy(rng.choice(VALUES))
    container = rng.choice(places)
    value = copy.deepcopy(rng.choice(VALUES))
    keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    key = rng.choice(keys) if keys else None
    change = rng.choice(("replace", "replace", "remove", "add", "rename", "wrap", "clear", "swap"))
    if change == "clear" and rng.random() < 0.3:
        container.clear()
    elif change == "add" or key is None:
        if isinstance(container, dict):
            container[rng.choice(KEYS)] = value
        else:
            container.insert(rng.randint(0, len(container)), value)
    elif change == "remove":
        del container[key]
    elif change == "rename" and isinstance(container, dict):
        container[rng.choice(KEYS)] = container.pop(key)
    elif change == "wrap":
        container[key] = [container[key]]
    elif change == "swap":
        container[key] = copy.deepcopy(rng.choice(places))
    else:
        container[key] = value
    return document


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _containers(inner)
