"""The time of a check is what rate and latency alone cost, and a 429 pauses everything: on a clock that jumps."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from math import ceil

import httpx
import pytest

from mcapp.fleet.fleet_check import Check
from mcapp.fleet.key_list import KeyList
from mcapp.fleet.state_file import Asked, opened
from mcapp.net.target import choose
from mcapp.scopes.plan import Limits, Selection, build
from tests.fleet.conftest import MARKER, TAGS, listed
from tests.scopes.fake_time import run_fast

KEYS = 100


class Server(httpx.AsyncBaseTransport):
    """Answers every request after `latency` seconds with what `answer` makes of its number."""

    def __init__(self, latency: float, answer: Callable[[int], httpx.Response]) -> None:
        self.latency = latency
        self.answer = answer
        self.starts: list[float] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  # all are alike
        self.starts.append(asyncio.get_running_loop().time())
        number = len(self.starts)
        await asyncio.sleep(self.latency)
        return self.answer(number)


def success(_number: int = 0) -> httpx.Response:
    return httpx.Response(
        200, headers={"content-type": "application/json"}, stream=httpx.ByteStream(b'{"status":"success"}')
    )


def limited(seconds: int) -> httpx.Response:
    headers = {"content-type": "application/json", "retry-after": str(seconds)}
    return httpx.Response(429, headers=headers, stream=httpx.ByteStream(b'{"status":"error"}'))


def check(server: Server, expected: tuple[str, ...] = (), **limits: float) -> tuple[str, float]:
    """How a check of KEYS keys ended, and how long it took."""
    target = choose("http://127.0.0.1:1")
    listed("keys.jsonl", {number: f"{MARKER}-{number:05}-abcdefghijkl" for number in range(KEYS)})
    plan = build(target, Selection(as_expected=True), expected=expected)
    chosen = Limits(limits.get("rate", 4.0), int(limits.get("concurrency", 4)))
    with opened("state", write=True) as state:
        current = state.begin(Asked(target.history_name, target.base_url, expected))

        async def whole() -> str:
            work = Check(plan, KeyList("keys.jsonl"), state, current, chosen)
            await work.whole(server)
            return work.ended

        return run_fast(whole)


@pytest.mark.parametrize(
    ("rate", "latency", "concurrency", "expected"),
    [
        (4.0, 0.2, 4, ()),
        (10.0, 0.05, 4, (TAGS,)),
        (10.0, 0.9, 10, ()),
        (1000.0, 0.5, 4, (TAGS,)),
        (100_000.0, 0.2, 10, ()),
        (60.0, 0.02, 10, (TAGS,)),
    ],
)
def test_the_time_of_a_whole_check(rate: float, latency: float, concurrency: int, expected: tuple[str, ...]) -> None:
    server = Server(latency, success)
    ended, took = check(server, expected, rate=rate, concurrency=concurrency)
    number = KEYS * (1 + len(expected))
    assert (ended, len(server.starts)) == ("", number)
    assert took <= 1.1 * max((number - 1) / rate + latency, ceil(number / concurrency) * latency)
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(server.starts))


def test_a_429_pauses_all() -> None:
    server = Server(0.3, lambda number: limited(20) if number == 50 else success())
    ended, took = check(server)
    assert ended == ""
    gaps = [later - earlier for earlier, later in pairwise(server.starts)]
    assert sum(gap > 19 for gap in gaps) == 1
    assert took <= 1.1 * (KEYS / 4 + 20)


def test_the_third_429_in_a_row_ends_the_check() -> None:
    server = Server(0.3, lambda number: limited(20) if number >= 50 else success())
    ended, took = check(server)
    assert ended == "rate-limit"
    assert len(server.starts) <= 50 + 3 + 2 * 4  # at each pause what is on its way
    assert took <= 50 / 4 + 2 * 20 + 2


def test_a_pause_of_an_hour_ends_the_check_at_once() -> None:
    server = Server(0.3, lambda number: limited(3600) if number == 50 else success())
    ended, took = check(server)
    assert ended == "rate-limit"
    assert took <= 50 / 4 + 2


def test_many_429_with_answers_in_between_do_not() -> None:
    server = Server(0.3, lambda number: limited(3) if number % 20 == 0 else success())
    assert check(server)[0] == ""
