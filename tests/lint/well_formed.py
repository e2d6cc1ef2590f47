"""Well-formed App JSON of many kinds, made by combination: no rule may find an error or a warning in it."""

from collections.abc import Iterator
from itertools import product
from json import dumps, loads
from typing import Any

_KEY_HEADER = "x-token-header: {{app_token}}"
_JSON = "Content-Type: application/json"

# How the key is delivered, and what the request has beside it.
REQUESTS: tuple[dict[str, Any], ...] = (
    {"url": "https://example.com/install", "method": "POST", "headers": [_JSON, _KEY_HEADER], "mapping": [],
     "payload": {"app_token": "{{app_token}}", "page_id": "{{page_id}}"}},
    {"url": "https://example.com/{{page_id}}", "method": "POST", "headers": ["Authorization: Bearer {{app_token}}"]},
    {"url": "[[server_url]]/install", "method": "POST", "headers": [_KEY_HEADER, "Accept: text/html, */*;q=0.8"],
     "mapping": [{"name": "token", "path": "$.data.token", "type": "string", "title": "Token"}], "payload": None},
    {"url": "https://xn--bcher-kva.example:8443/a%20b?v={{app_version}}", "method": "PUT", "mapping": [],
     "headers": [_JSON, "X-Note: 10:30, 11:30"], "payload": {"key": {"deep": ["{{app_token}}", "{{app_id}}"]}}},
    {"url": "https://203.0.113.7/hook", "method": "GET", "headers": [_KEY_HEADER], "mapping": [], "payload": None},
)  # fmt: skip
PARAMS: tuple[list[dict[str, str]], ...] = (
    [],
    [{"name": "server_url", "title": "Your server"}, {"name": "api_key", "title": "Basic internationalization"}],
)
CONNECTIONS: tuple[Any, ...] = (
    [],
    {"headers": {"Accept-Language": "en"}, "qs": {"lang": "en"}},
    {"headers": {"Authorization": "Bearer [[api_key]]"}},
    # The sibling dialect's: what the answer to the install request said.
    {"headers": {"Authorization": "Bearer [[token]]"}},
)
ACTIONS: tuple[dict[str, Any], ...] = (
    {"name": "ping", "title": "Ping", "description": "Asks the shop.", "forms": [],
     "requests": [{"url": "https://example.com/ping", "method": "GET", "headers": [], "mapping": [], "payload": None}]},
    {"name": "createOrder", "title": "Create an order", "description": "Bearer authentication-token needed.",
     "guidance": "First line\nsecond line",
     "forms": [{"name": "firstName", "type": "text", "title": "First name", "placeholder": "Ann"},
               {"name": "size", "type": "select", "title": "Size", "source": "sizes", "default": "s"}],
     "requests": [{"url": "https://example.com/o", "method": "POST", "headers": [_JSON],
                   "mapping": [{"name": "id", "path": "$.order.id", "type": "number", "title": "Number"}],
                   "payload": {"name": "[[firstName]]", "size": "[[size]]", "user": "{{user_id}}", "x": "{a}"}},
                  {"url": "https://example.com/log?u={{user_id}}", "method": "GET"}]},
)  # fmt: skip
_SOURCES = [
    {"name": "sizes", "type": "enum:static", "list": [{"key": "Small", "value": "s"}, {"key": "Large", "value": "l"}]},
    {"name": "remote", "type": "enum:rpc", "url": "https://example.com/sizes"},
]
_TRIGGERS = [
    {"name": "paid", "title": "Paid", "description": "It was paid.",
     "context": [{"name": "total", "type": "number", "title": "Total"}]},
]  # fmt: skip


def documents() -> Iterator[Any]:
    """Whole App JSON, `auth` objects and request blocks."""
    for request, params, connection, action in product((None, *REQUESTS), PARAMS, CONNECTIONS, ACTIONS):
        used = str((request, connection))
        declared = {param["name"] for param in params} | ({"token"} if request and request.get("mapping") else set())
        if any(f"[[{name}]]" in used and name not in declared for name in ("server_url", "api_key", "token")):
            continue
        auth: dict[str, Any] = {"type": "APIKEY", "params": params, "connection": connection}
        if request:
            auth["request"] = request
        app: dict[str, Any] = {"auth": auth, "actions": [action]}
        if action["forms"]:
            app |= {"sources": _SOURCES[:1], "triggers": _TRIGGERS}
        yield app
    yield from ({"request": request} for request in REQUESTS)
    yield from REQUESTS
    yield from ({"auth": {"type": "APIKEY", "request": request}} for request in REQUESTS if "[[" not in str(request))
    yield from ({"auth": {"type": "APIKEY", "params": PARAMS[1], "request": request}} for request in REQUESTS)
    remote = loads(dumps(ACTIONS[1]).replace("sizes", "remote"))
    yield {"auth": None, "actions": [remote], "sources": _SOURCES[1:]}
    yield {"auth": None, "actions": [*ACTIONS], "sources": _SOURCES[:1]}
    yield {"auth": None, "actions": [ACTIONS[0]], "sources": [], "triggers": []}
