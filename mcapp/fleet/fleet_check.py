"""One check of a fleet: two rounds over the list of keys, one request after the other, each result stored at once.

    first round    each key once: nothing is sent again, and nothing more to a key whose check failed
    second round   the keys of which the first found nothing certain, with the usual retries

Only the second round calls a key uninstalled, and only if another key was answered properly within the last half
minute: where none was, a key that worked before is asked again. So an outage calls nobody uninstalled.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import random

import httpx

from mcapp.errors import Failure, McappError
from mcapp.fleet.key_list import KeyList, ListedKey
from mcapp.fleet.state_file import COMPLETE, Found, Run, State
from mcapp.keys.secret import Secret
from mcapp.scopes import verdicts
from mcapp.scopes.classify import Answer
from mcapp.scopes.client import Client
from mcapp.scopes.plan import Limits, Plan
from mcapp.scopes.report import (
    DENIED,
    GRANTED,
    INCONCLUSIVE,
    UNCLEAR,
    UNINSTALLED,
    UNREACHABLE,
    WORKING,
    WRITE_ACCEPTED,
)
from mcapp.scopes.run import INTERRUPTED, LIMITED, Pace, RunLog, run

OUTAGE = "outage"

_LONGEST = 600.0  # seconds for one key
_FRESH = 30.0  # seconds for which a proper answer to any key proves that there is no outage
_MOST_UNPROVEN = 10  # keys of the second round that answer 500 while no key is answered properly
_SAMPLE = 100  # keys, about, that a resumed check asks anew to see whether an outage is over
_MOST_SILENT = 20  # keys one after the other that nothing answered

# What is said of a check that ended early.
_ENDED = {
    LIMITED: "the check ended early: ManyChat answered 429 (too many requests)",
    INTERRUPTED: "interrupted; this is what was found until then",
    UNREACHABLE: f"the check ended early: nothing answered {_MOST_SILENT} keys one after the other",
    OUTAGE: "this looks like an outage, so no key is called uninstalled: all that was asked last answered 500",
}


class SharedPace(Pace):
    """The pace of all runs together. The third 429 ends them, unless something else was answered in between."""

    def note(self, answer: Answer, until: float) -> bool:
        """As for one run. Answers to what was sent before the pause do not count."""
        if answer.status == 429 and self.paused:
            self.limited -= 1
        elif answer.status not in (429, None):
            self.limited = 0
        return super().note(answer, until)


@dataclass
class Check:
    """A check that runs once.

    `since`: keys with a settled result that is not older are left out. `total`: how many keys the list has. `failures`
    are errors to report, whatever the results are; `ended` is what ended it early.
    """

    plan: Plan
    keys: KeyList
    state: State
    current: Run
    limits: Limits
    since: str = ""
    total: int | None = None
    watch: Callable[[int, int | None], None] | None = None  # gets how many keys are done, and how many there are
    failures: tuple[Failure, ...] = ()
    ended: str = ""

    def __post_init__(self) -> None:
        self._pace = SharedPace(self.limits.rate)
        self._feed = asyncio.Lock()
        self._asking: set[str] = set()
        self._done = self._silent = self._unproven = 0
        self._healthy = float("-inf")
        self._witness: Secret | None = None
        self._unsettled = 0  # keys of which a resumed check had found nothing certain

    async def whole(self, transport: httpx.AsyncBaseTransport) -> None:
        """Ask, store, and note in the state how it ended. Raises McappError for a list or a state that is damaged."""
        self._transport = transport
        age = self.state.last_worked(self.current)  # a resumed check need not ask anew what it has just found out
        if age is not None and age >= 0:
            self._healthy = _clock() - age
        self._unsettled = self.state.unsettled(self.current)
        try:
            await self._round(iter(self.keys), first=True)
            if not self.ended and (left := self.state.unsettled(self.current)):
                self.total = self.total and self.total + left
                await self._round(self._left(), first=False)
        except asyncio.CancelledError:
            task = asyncio.current_task()  # Ctrl-C, as in scopes.run
            if task is not None:
                task.uncancel()
            self.ended = INTERRUPTED
        finally:
            await transport.aclose()
        if not self.ended and self._unproven:
            self.ended = OUTAGE
        if self.ended in _ENDED:
            resume = "what was found is stored; mcapp fleet check --resume goes on"
            self.failures += (Failure(self.ended, _ENDED[self.ended], resume),)
        self.state.finish(self.current, self.ended or COMPLETE)

    async def _round(self, keys: Iterator[ListedKey], *, first: bool) -> None:
        async def work() -> None:
            while not self.ended:
                async with self._feed:
                    if first and self.keys.is_stream:  # whose next line may take its time
                        key = await asyncio.get_running_loop().run_in_executor(None, next, keys, None)
                    else:
                        key = next(keys, None)
                if key is None:
                    return
                found = await (self._first(key) if first else self._ask(key, once=False))
                if found is not None and found.settled and found.verdict == WORKING and self._witness is None:
                    self._witness = key.secret
                waits = first and found is not None and not found.settled and self.keys.set_aside(key)
                if not waits and key.secret is not self._witness:
                    key.secret.forget()
                self._done += 1
                if self.watch is not None:
                    self.watch(self._done, self.total)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.limits.concurrency):
                    group.create_task(work())
        except* McappError as errors:
            raise errors.exceptions[0] from None

    def _left(self) -> Iterator[ListedKey]:
        """The keys that have to be asked once more."""
        for key in self.keys.again():
            known = self.state.found(self.current, key.installation.fingerprint)
            if known is not None and not known.settled and key.installation.fingerprint not in self._asking:
                yield key
            else:
                key.secret.forget()

    async def _first(self, key: ListedKey) -> Found | None:
        """What this check has found out about a key, or finds out now."""
        mark = key.installation.fingerprint
        known = self.state.found(self.current, mark)
        # A resumed check, or the key is twice in the list. An outage may be over, but not for the first keys of the
        # list, if their app is uninstalled: until a key works, some are asked anew, others each time.
        anew = self._witness is None and random() * self._unsettled < _SAMPLE  # noqa: S311  # nothing secret
        if mark in self._asking or (known is not None and (known.settled or not anew)):
            return known
        if self.since and (known := self.state.settled_since(self.current, mark, self.since)):
            self.state.see(self.current, key.installation)
            return known
        return await self._ask(key, once=True)

    async def _is_healthy(self) -> bool:
        """Whether ManyChat answers other keys properly; if that is not known, by asking the witness."""
        if _clock() - self._healthy > _FRESH and self._witness is not None:
            only = replace(self.plan, scopes=(), reads=(), calibration=(), writes=())
            self._look_at(only, await self._send(only, self._witness, once=True))
        return _clock() - self._healthy <= _FRESH

    async def _ask(self, key: ListedKey, *, once: bool) -> Found | None:
        """Ask, and store what is found out; None if the check ended first. `once`: the second round may ask again."""
        self._asking.add(key.installation.fingerprint)
        try:
            log = await self._send(self.plan, key.secret, once=once)
        finally:
            self._asking.discard(key.installation.fingerprint)
        failures, _ = verdicts.failures(log)
        grave = tuple(failure for failure in failures if failure.code in (WRITE_ACCEPTED, "refused-by-guard"))
        if grave:
            self.failures = self.failures or grave
            self.ended = self.ended or grave[0].code
        elif log.ended in (INTERRUPTED, LIMITED):
            self.ended = self.ended or log.ended
            return None
        self._look_at(self.plan, log)
        results = verdicts.scopes(self.plan, log, self.current.asked.expected)

        def those(verdict: str) -> tuple[str, ...]:
            return tuple(one.scope for one in results if one.verdict == verdict and not one.indistinguishable)

        found = Found(
            verdicts.key(self.plan, log)[0],
            status=None if log.check.answer is None else log.check.answer.status,
            granted=those(GRANTED),
            denied=those(DENIED),
            undecided=those(INCONCLUSIVE),
        )
        if once:
            found = found._replace(settled=not found.undecided and found.verdict not in (UNCLEAR, UNREACHABLE))
        elif found.verdict == UNINSTALLED and not await self._is_healthy():
            self._unproven += 1
            if self._unproven >= _MOST_UNPROVEN:
                self.ended = self.ended or OUTAGE
            found = found._replace(verdict=UNCLEAR, settled=False)
        self.state.store(self.current, key.installation, found)
        return found

    async def _send(self, plan: Plan, secret: Secret, *, once: bool) -> RunLog:
        # The transport with its connections belongs to the whole check, so the client is not closed.
        client = Client(plan, secret, self.limits.timeout, self._transport)
        # With a longer pause the check ends, to be resumed later; otherwise nobody would see why it stands still.
        limits = replace(self.limits, concurrency=1, deadline=_LONGEST, once=once)
        return await run(plan, client.send, limits, pace=self._pace)

    def _look_at(self, plan: Plan, log: RunLog) -> None:
        """Note whether ManyChat is there at all."""
        if verdicts.key(plan, log)[0] == WORKING:
            self._healthy = _clock()
        records = (log.check, *log.scopes)
        if any(record.answer is not None and record.answer.status is not None for record in records):
            self._silent = 0
        else:
            self._silent += 1
            if self._silent >= _MOST_SILENT:
                self.ended = self.ended or UNREACHABLE


def _clock() -> float:
    return asyncio.get_running_loop().time()
