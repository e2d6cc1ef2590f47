"""Nothing leaves the process that is not in the plan, whatever becomes of the catalogue."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mcapp.keys.secret import Secret
from mcapp.net.target import choose
from mcapp.scopes.catalogue import EMPTY, READ, Endpoint, load
from mcapp.scopes.client import Client
from mcapp.scopes.guard import Guard, RefusedByGuard
from mcapp.scopes.plan import NONE, OWN, STRANGER, Limits, Plan, Request, Selection, build
from mcapp.scopes.verdicts import run_probe
from mcapp.testing import Emulator

KEY = "fake-key-" + "Qz7" * 8
ROWS = {endpoint.scope: endpoint for endpoint in load()}


class Counting(httpx.AsyncBaseTransport):
    """Counts what gets past the guard."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        body = b'{"status":"error","message":"Wrong access token"}'
        return httpx.Response(401, headers={"content-type": "application/json"}, stream=httpx.ByteStream(body))


def changed(row: str, /, **values: Any) -> tuple[Endpoint, ...]:
    """The catalogue with one row changed."""
    assert row in ROWS
    return tuple(replace(endpoint, **values) if endpoint.scope == row else endpoint for endpoint in load())


TAMPERED = {
    "a read turned into a write": changed("GET /fb/page/getTags", scope="POST /fb/page/removeTag"),
    "a read sent to a write's path": changed("GET /fb/page/getTags", scope="GET /fb/page/removeTag"),
    "a read of a real contact": changed("GET /fb/subscriber/getInfo", query={"subscriber_id": "900100200"}),
    "a read with a real address": changed(
        "GET /fb/subscriber/findBySystemField", query={"email": "ada@example.invalid"}
    ),
    "a path that is not the API's": changed("GET /fb/page/getTags", scope="GET /apps/wh"),
    "a path with more behind it": changed("GET /fb/page/getTags", scope="GET /fb/page/getTags/../removeTag"),
    "a path with a query in it": changed("GET /fb/page/getTags", scope="GET /fb/page/getTags?x=1"),
    "another method": changed("GET /fb/page/getTags", scope="DELETE /fb/page/getTags"),
    "a write without a body": changed("POST /fb/page/createTag", send=READ),
    "a write whose fields are in the query": changed("POST /fb/page/createTag", send=READ, query={"name": "x"}),
    "a write that requires nothing": changed("POST /fb/page/createTag", required={}),
    "a contact created without being named": changed("POST /fb/subscriber/createSubscriber", send=EMPTY),
    "an operation of unknown effect": changed("POST /fb/subscriber/verifyBySignedRequest", send=EMPTY),
    "another API": changed("POST /user/template/generateSingleUseLink", send=EMPTY),
    "the hook that starts automations": changed("POST /fb/sending/sendFlow", scope="POST /apps/wh"),
}


@pytest.mark.parametrize("rows", TAMPERED.values(), ids=TAMPERED)
def test_a_changed_row_is_not_sent(rows: tuple[Endpoint, ...]) -> None:
    with Emulator() as emulator:
        key = emulator.key()
        plan = build(choose(emulator.base_url), Selection(include_writes=True), endpoints=rows)
        report = run_probe(plan, Secret(key), Limits(rate=2000))
        untouched = {endpoint.scope for endpoint in rows if endpoint in load()}
        assert {entry.scope for entry in emulator.journal} <= untouched
        assert emulator.unchanged
    refused = [error for error in report.errors if error.code == "refused-by-guard"]
    assert refused
    assert report.exit_code == 70
    # The others are asked all the same.
    assert report.summary["granted"] >= 12


def planned(**options: Any) -> Plan:
    return build(choose("http://127.0.0.1:1"), Selection(**options))


def attempt(plan: Plan, request: Request, inner: httpx.AsyncBaseTransport) -> None:
    async def send() -> None:
        async with inner:
            client = Client(plan, Secret(KEY), 1.0, inner)
            await client.send(request)

    asyncio.run(send())


@pytest.mark.parametrize(
    "change",
    [
        lambda request: replace(request),  # alike, but not the plan's own
        lambda request: replace(request, path="/fb/page/getFlows"),
        lambda request: replace(request, method="POST"),
        lambda request: replace(request, query=(("a", "1"),)),
        lambda request: replace(request, body=b"{}"),
        lambda request: replace(request, auth=STRANGER),
    ],
)
def test_what_is_not_in_the_plan_is_not_sent(change: Callable[[Request], Request]) -> None:
    plan, inner = planned(), Counting()
    with pytest.raises(RefusedByGuard, match="not in the plan"):
        attempt(plan, change(plan.requests[3]), inner)
    assert inner.sent == []


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getTags"), "not in the plan"),
        (httpx.Request("GET", "http://127.0.0.1:2/fb/page/getInfo"), "different host"),
        (httpx.Request("GET", "https://127.0.0.1:1/fb/page/getInfo"), "different host"),
        (httpx.Request("GET", "http://localhost:1/fb/page/getInfo"), "different host"),
        (httpx.Request("POST", "http://127.0.0.1:1/fb/page/getInfo"), "method, path or query"),
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo?x=1"), "method, path or query"),
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo/"), "method, path or query"),
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo", content=b"{}"), "body"),
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo", headers={"x-token": "x"}), "header"),
        (httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo", headers={"host": "evil.example"}), "header"),
    ],
    ids=str,
)
def test_a_request_that_differs_from_its_plan_is_not_sent(request_: httpx.Request, reason: str) -> None:
    plan, inner = planned(), Counting()
    if reason != "not in the plan":
        request_.extensions["mcapp.request"] = plan.check

    async def send() -> None:
        await request_.aread()
        await Guard(plan, Secret(KEY), inner).handle_async_request(request_)

    with pytest.raises(RefusedByGuard, match=reason):
        asyncio.run(send())
    assert inner.sent == []


def test_a_write_is_sent_once_and_a_read_three_times() -> None:
    plan, inner = planned(include_writes=True), Counting()

    async def send(request: Request, times: int) -> None:
        async with inner:
            client = Client(plan, Secret(KEY), 1.0, inner)
            for _ in range(times):
                await client.send(request)

    asyncio.run(send(plan.writes[0], 1))
    asyncio.run(send(plan.check, 3))
    with pytest.raises(RefusedByGuard, match="as often as allowed"):
        asyncio.run(send(plan.writes[0], 2))
    with pytest.raises(RefusedByGuard, match="as often as allowed"):
        asyncio.run(send(plan.check, 4))
    assert len(inner.sent) == 1 + 3 + 1 + 3


def test_each_request_carries_the_key_that_it_should() -> None:
    plan, inner = planned(include_writes=True), Counting()

    async def send() -> None:
        async with inner:
            client = Client(plan, Secret(KEY), 1.0, inner)
            for request in plan.requests:
                await client.send(request)

    asyncio.run(send())
    wanted = {OWN: f"Bearer {KEY}", NONE: None, STRANGER: f"Bearer {plan.stranger}"}
    assert [sent.headers.get("authorization") for sent in inner.sent] == [
        wanted[request.auth] for request in plan.requests
    ]
    for sent, request in zip(inner.sent, plan.requests, strict=True):
        assert sent.content == (request.body or b"")
        assert KEY not in str(sent.url)
        assert set(sent.headers) <= {
            "accept",
            "accept-encoding",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "host",
            "user-agent",
        }


def test_the_request_that_answers_and_exceptions_refer_to_has_no_key() -> None:
    plan, inner = planned(), Counting()
    request = httpx.Request("GET", "http://127.0.0.1:1/fb/page/getInfo", extensions={"mcapp.request": plan.check})

    async def send() -> None:
        await request.aread()
        await Guard(plan, Secret(KEY), inner).handle_async_request(request)

    asyncio.run(send())
    assert inner.sent[0].headers["authorization"] == f"Bearer {KEY}"
    assert "authorization" not in request.headers


def test_the_error_says_what_was_not_sent() -> None:
    error = RefusedByGuard("POST /fb/page/removeTag", "it is not in the plan")
    assert error.message == "POST /fb/page/removeTag was not sent: it is not in the plan"
    assert error.exit_code == 70
