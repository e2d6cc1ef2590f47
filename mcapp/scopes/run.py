"""Send a plan's requests: rate, concurrency, retries, Retry-After, the deadline, an interruption.

    key check -> (rejected: end) -> calibration and reads -> writes, once both calibrations were answered

Whatever ends a run early, the answers until then are kept.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mcapp.scopes import classify
from mcapp.scopes.classify import Answer
from mcapp.scopes.guard import MOST_ATTEMPTS, RefusedByGuard
from mcapp.scopes.plan import Limits, Plan, Request

# Why a request was not sent, or its answer not waited for.
REJECTED, UNANSWERED, DEADLINE, LIMITED = "rejected", "unanswered", "deadline", "rate-limit"
INTERRUPTED, WRITTEN, CALIBRATION, GUARD = "interrupted", "write-accepted", "calibration", "guard"

BACKOFF = 0.5  # seconds before the second attempt, doubled before the third
MOST_LIMITED = 3  # the 429 that ends the run
PAUSE = 2.0  # seconds to wait after a 429 that does not say how long
_LATE = 0.1  # seconds
_MOST_TIMEOUTS = 2  # attempts on an endpoint that does not answer in time: each costs the whole time limit

_CONNECTION = ("dns", "refused", "connect", "tls")
_TRANSIENT = ("timeout", "reset", "protocol", "dns", "refused", "connect")


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to one request. `unsent` says why there is no `answer`; `refusal` is the guard's reason.

    `alike` is how many of the `attempts` got the same answer as the last one.
    """

    request: Request
    answer: Answer | None = None
    attempts: int = 0
    alike: int = 0
    unsent: str = ""
    refusal: str = ""

    @property
    def outcome(self) -> classify.Outcome:
        """What the answer means for the request's scope."""
        return classify.classify(self.request, self.answer)


@dataclass(frozen=True, slots=True)
class RunLog:
    """How a run went: one record for each request of the plan, in its order. `ended` says what ended it early."""

    check: Record
    calibration: tuple[Record, ...]
    scopes: tuple[Record, ...]
    ended: str = ""


# What sends a request once: `Client.send`.
Send = Callable[[Request], Awaitable[Answer]]
# Called after each request that is done with, with how many are and how many there are in all.
Watch = Callable[[int, int], None]


class Pace:
    """Lets one request start after the other, on average 1/rate seconds apart (`rate` is requests a second).

    A pause that the server asks for delays all of them; the third one ends the run (`ended`). For one event loop.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = 0.0
        self._resume = 0.0
        self._queue = asyncio.Lock()
        self.limited = 0
        self.ended = False

    async def turn(self) -> None:
        """Wait until a request may start, in the order of asking."""
        async with self._queue:
            start = now = _clock()
            # A pause may be announced while this one waits for its turn.
            while not self.ended and (due := max(self._next, self._resume)) > now:
                await asyncio.sleep(due - now)
                start, now = due, _clock()
            # A timer fires late: what this one lost is made up for, or a long run would fall behind its rate.
            self._next = max(start, now - _LATE) + self._interval

    @property
    def paused(self) -> bool:
        """Whether nothing may start because of a 429."""
        return _clock() < self._resume

    def note(self, answer: Answer, until: float) -> bool:
        """Pause for a 429; False where that ends the run instead, which has time `until` then."""
        if answer.status != 429:
            return True
        self.limited += 1
        resume = _clock() + (PAUSE if answer.retry_after is None else answer.retry_after)
        self.ended = self.ended or self.limited >= MOST_LIMITED or resume >= until
        self._resume = max(self._resume, resume)
        return not self.ended


@dataclass(slots=True)
class _Run:
    plan: Plan
    send: Send
    limits: Limits
    watch: Watch | None
    pace: Pace
    done: dict[int, Record] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    calibrated: asyncio.Event = field(default_factory=asyncio.Event)
    ended: str = ""
    reached: bool = False
    until: float = 0.0

    async def whole(self) -> None:
        self.until = _clock() + self.limits.deadline
        try:
            async with asyncio.timeout_at(self.until):
                await self.one(self.plan.check)
                kind = self.check_kind()
                if kind == classify.KEY_REFUSED:
                    self.end(REJECTED)
                elif self.limits.once and kind in (classify.EXCEPTION, classify.UNCLEAR):
                    self.end(UNANSWERED)
                await self.rest()
        except TimeoutError:
            self.end(DEADLINE)
        except asyncio.CancelledError:
            # Ctrl-C: asyncio turns the signal into a cancellation of the main task. The results so far are the answer.
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            self.end(INTERRUPTED)

    async def rest(self) -> None:
        plan = self.plan
        jobs = deque((*plan.calibration, *plan.reads, *plan.writes))
        writes = set(map(id, plan.writes))
        if not plan.calibration:
            self.calibrated.set()

        async def work() -> None:
            while jobs and not self.ended:
                request = jobs.popleft()
                if id(request) in writes:
                    await self.calibrated.wait()
                    calibrated = (classify.is_calibrated(self.record(one).answer) for one in plan.calibration)
                    if not self.ended and not all(calibrated):
                        self.keep(Record(request, unsent=CALIBRATION))
                        continue
                await self.one(request)
                if all(id(one) in self.done for one in plan.calibration):
                    self.calibrated.set()

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self.limits.concurrency, len(jobs))):
                group.create_task(work())

    async def one(self, request: Request) -> None:
        """Send it, again if that is called for, and keep what came of it. Nothing is sent once the run has ended."""
        answers: list[Answer] = []
        limited = False
        while True:
            await self.pace.turn()
            if self.pace.ended:
                self.end(LIMITED)
            if self.ended:
                break
            attempt = self.attempts[id(request)] = self.attempts.get(id(request), 0) + 1
            try:
                answers.append(answer := await self.send(request))
            except RefusedByGuard as error:
                self.keep(Record(request, attempts=attempt - 1, unsent=GUARD, refusal=error.message))
                return
            self.reached = self.reached or answer.status is not None
            kind = classify.classify(request, answer).kind
            if kind == classify.WRITTEN:
                self.end(WRITTEN)
            if not self.pace.note(answer, self.until):
                self.end(LIMITED)
                break
            if answer.status == 429:
                if limited or request.method != "GET" or attempt >= MOST_ATTEMPTS:
                    break
                limited = True
            elif self.again(request, answer, kind, attempt):
                await asyncio.sleep(BACKOFF * 2 ** (attempt - 1))
            else:
                break
        if answers:
            last = answers[-1]
            alike = sum((answer.status, answer.body) == (last.status, last.body) for answer in answers)
            self.keep(Record(request, last, self.attempts[id(request)], alike))

    def again(self, request: Request, answer: Answer, kind: str, attempt: int) -> bool:
        """Whether another attempt may help. A write gets one attempt, whatever comes."""
        if request.method != "GET" or attempt >= MOST_ATTEMPTS or self.limits.once:
            return False
        if answer.problem == "timeout":
            return attempt < _MOST_TIMEOUTS
        if answer.problem in _TRANSIENT:
            # Where nothing has ever answered, only the key check is repeated: a missing host stays missing.
            return answer.problem not in _CONNECTION or self.reached or request is self.plan.check
        if kind == classify.EXCEPTION:
            # A single one may be a passing fault, so it is asked again, unless others are asked anyway.
            return len(self.plan.requests) == 1 or (
                request is not self.plan.check and self.check_kind() != classify.EXCEPTION
            )
        return answer.status is not None and answer.status >= 500

    def check_kind(self) -> str:
        """What the answer to the key check means, one of the words of `classify`."""
        return self.record(self.plan.check).outcome.kind

    def record(self, request: Request) -> Record:
        """What happened to it; until something has, that it was not sent."""
        attempts = self.attempts.get(id(request), 0)
        return self.done.get(id(request)) or Record(request, None, attempts, unsent=self.ended)

    def keep(self, record: Record) -> None:
        self.done[id(record.request)] = record
        if self.watch is not None:
            self.watch(len(self.done), len(self.plan.requests))

    def end(self, why: str) -> None:
        """Start nothing more. What is under way may still be answered, unless the time is up."""
        self.ended = self.ended or why
        self.calibrated.set()


def _clock() -> float:
    return asyncio.get_running_loop().time()


async def run(plan: Plan, send: Send, limits: Limits, watch: Watch | None = None, pace: Pace | None = None) -> RunLog:
    """Send the plan's requests; `watch(done, all)` is called after each. Cancelled, it returns what it has so far.

    `pace` is one that several runs share, in place of one of its own with the rate of `limits`.
    """
    running = _Run(plan, send, limits, watch, pace or Pace(limits.rate))
    await running.whole()
    calibration = tuple(map(running.record, plan.calibration))
    scopes = tuple(map(running.record, (*plan.reads, *plan.writes)))
    return RunLog(running.record(plan.check), calibration, scopes, running.ended)
