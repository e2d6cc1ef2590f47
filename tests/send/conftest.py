"""Endpoints on this machine that remember what arrived, and App JSON files to send to them."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import referencing

from mcapp import schemas
from tests.harness import Result

# Made here, so that no scanner finds a key in the source.
REAL_KEY = "fake0001" + "Qz7-w_K2" * 5


class Arrived(NamedTuple):
    """A request as the endpoint got it; `path` with its query, as it stood in the request line."""

    method: str
    path: str
    headers: dict[str, str]
    raw_headers: list[tuple[str, str]]
    body: bytes


class Endpoint:
    """An http.server that answers as it is told and remembers every request."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.status: int | list[int] = 200
        self.headers: dict[str, str] = {"Content-Type": "application/json"}
        self.body: bytes | Callable[[Arrived], bytes] = b'{"ok": true}'
        self.before: Callable[[], object] = lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = [(name, value.encode("latin-1").decode("utf-8")) for name, value in self.headers.items()]
                lower = {name.lower(): value for name, value in raw}
                one = Arrived(self.command, self.path, lower, raw, self.rfile.read(length))
                outer.arrived.append(one)
                outer.before()
                status = outer.status if isinstance(outer.status, int) else outer.status[len(outer.arrived) - 1]
                body = outer.body(one) if callable(outer.body) else outer.body
                self.send_response(status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if status != 204:
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  # http.server's own names

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.base}/install"

    @property
    def only(self) -> Arrived:
        """The one request that arrived."""
        assert len(self.arrived) == 1
        return self.arrived[0]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def app(payload: Any = None, *, request: dict[str, Any] | None = None, **auth: Any) -> str:
    """Write app.json with this payload, and with these changes to auth.request and auth; give its name."""
    sent = {
        "url": "https://example.com/manychat/install",
        "method": "POST",
        "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
        "mapping": [],
        "payload": {"app_token": "{{app_token}}", "page": "{{page_id}}"} if payload is None else payload,
        **(request or {}),
    }
    whole = {
        "auth": {"type": "APIKEY", "params": [], "connection": [], "request": sent, **auth},
        "actions": [
            {
                "name": "a",
                "title": "A",
                "description": "Does it.",
                "forms": [],
                "requests": [{"url": "https://example.com/a", "method": "POST", "headers": [], "mapping": []}],
            }
        ],
    }
    Path("app.json").write_text(json.dumps(whole), encoding="utf-8")
    return "app.json"


EMAIL = [{"name": "email", "title": "Your e-mail"}]


def report(result: Result) -> Any:
    """The JSON document on stdout; it fits the published schema, and agrees with the exit code."""
    document = result.json()
    found = json.loads(schemas.text("report"))
    registry: referencing.Registry[Any] = referencing.Registry().with_resources(
        (name, referencing.Resource.from_contents(found)) for name in (found["$id"], "report.schema.json")
    )
    jsonschema.Draft202012Validator(json.loads(schemas.text("send")), registry=registry).validate(document)
    assert document["ok"] is (result.code == 0)
    return document
