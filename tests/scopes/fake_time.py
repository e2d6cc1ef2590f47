"""An event loop whose clock jumps to the next event: a run of a minute takes milliseconds, and is exact."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from mcapp.scopes.classify import Answer, ApiMessage
from mcapp.scopes.plan import Request

Result = TypeVar("Result")

GRANTED = Answer(200, body=ApiMessage("success"))
DENIED = Answer(401, body=ApiMessage("error", "Wrong access token"))


class _Jumping(selectors.SelectSelector):
    """Instead of waiting it moves the clock on. There are no sockets to wait for but asyncio's own wake-up pipe."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "nothing is left to happen: the run hangs"
        self.now += max(timeout, 0)
        return []


class FakeTime(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.jumping = _Jumping()
        super().__init__(self.jumping)
        self._clock_resolution = 1e-9  # that of the clock of Windows is 16 ms, by which its timers may be early

    def time(self) -> float:
        return self.jumping.now


def run_fast(make: Callable[[], Coroutine[Any, Any, Result]]) -> tuple[Result, float]:
    """Run it to its end; gives its result and the seconds that would have passed."""
    with asyncio.Runner(loop_factory=FakeTime) as runner:
        loop = runner.get_loop()
        return runner.run(make()), loop.time()


class Server:
    """Answers each request after `latency` seconds, as `answers` has it, and knows when each began and ended.

    `answers` maps a scope to its answers in turn, the last of which is repeated; a scope that it lacks gets GRANTED, or
    for a write DENIED.
    """

    def __init__(self, latency: float = 0.1, answers: dict[str, list[Answer]] | None = None) -> None:
        self.latency = latency
        self.answers = answers or {}
        self.began: list[tuple[float, Request]] = []
        self.ended: list[tuple[float, Request]] = []
        self.busy = self.busiest = 0

    async def send(self, request: Request) -> Answer:
        loop = asyncio.get_running_loop()
        self.began.append((loop.time(), request))
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(self.latency)
        finally:
            self.busy -= 1
        self.ended.append((loop.time(), request))
        given = self.answers.get(request.endpoint.scope)
        if given:
            return given.pop(0) if len(given) > 1 else given[0]
        if request.auth != "key":
            return Answer(401, body=ApiMessage("error", "Wrong token"))
        return GRANTED if request.method == "GET" else DENIED

    @property
    def starts(self) -> list[float]:
        return [moment for moment, _ in self.began]

    def times(self, scope: str) -> list[float]:
        return [moment for moment, request in self.began if request.endpoint.scope == scope]
