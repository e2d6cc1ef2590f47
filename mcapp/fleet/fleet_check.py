"""One check of a fleet: two rounds over the list of keys, one request after the other, each result stored at once.

    first round    each key once: nothing is sent again, and nothing more to a key whose check failed
    second round   the keys of which the first found nothing certain, with the usual retries

Only the second round calls a key uninstalled, and only if another key was answered properly within the last half
minute: where none was, a key that worked before is asked again. So an outage calls nobody uninstalled.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx

from mcapp.errors import Failure, McappError
from mcapp.fleet.key_list import KeyList, ListedKey
from mcapp.fleet.state_file import COMPLETE, Found, Installation, Run, State
from mcapp.keys.secret import Secret
from mcapp.scopes import verdicts
from mcapp.scopes.answer import Answer
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

# With a longer pause the check ends, to be resumed later; otherwise nobody would see why it stands still.
_LONGEST = 600.0  # seconds for one key
_FRESH = 30.0  # seconds for which a proper answer to any key proves that there is no outage
_MOST_UNPROVEN = 10  # keys of the second round that answer 500 while no key is answered properly
_MOST_SILENT = 20  # keys one after the other that nothing answered

# Called after each key with how many are done, and how many there are (None: not known).
Watch = Callable[[int, int | None], None]


class SharedPace(Pace):
    """The pace of all runs together. The third 429 ends them, unless something else was answered in between."""

    def note(self, answer: Answer, until: float) -> bool:
        """As for one run. Answers to what was sent before the pause do not count."""
        if answer.status == 429 and self.paused:
            self.limited -= 1
        elif answer.status not in (429, None):
            self.limited = 0
        return super().note(answer, until)


class Check:
    """A check that runs once. `failures` are errors to report, whatever the results are."""

    def __init__(
        self,
        plan: Plan,
        keys: KeyList,
        state: State,
        current: Run,
        limits: Limits,
        *,
        since: str = "",
        total: int | None = None,
        watch: Watch | None = None,
    ) -> None:
        """`since`: keys with a settled result that is not older are left out. `total`: how many keys the list has."""
        self._plan = plan
        self._keys = keys
        self._state = state
        self._run = current
        self._limits = replace(limits, concurrency=1, deadline=_LONGEST)
        self._workers = limits.concurrency
        self._since = since
        self._total = total
        self._watch = watch
        self._pace = SharedPace(limits.rate)
        self._feed = asyncio.Lock()
        self._asking: set[str] = set()
        self._done = self._silent = self._unproven = 0
        self._healthy = float("-inf")
        self._witness: Secret | None = None
        self.failures: tuple[Failure, ...] = ()
        self.ended = ""

    async def whole(self, transport: httpx.AsyncBaseTransport) -> None:
        """Ask, store, and note in the state how it ended. Raises McappError for a list or a state that is damaged."""
        self._transport = transport
        age = self._state.last_worked(self._run)  # a resumed check need not ask anew what it has just found out
        if age is not None and age >= 0:
            self._healthy = asyncio.get_running_loop().time() - age
        try:
            await self._round(iter(self._keys), first=True)
            if not self.ended and (left := self._state.unsettled(self._run)):
                self._total = self._total and self._total + left
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
        self._state.finish(self._run, self.ended or COMPLETE)

    async def _round(self, keys: Iterator[ListedKey], *, first: bool) -> None:
        async def work() -> None:
            while not self.ended:
                async with self._feed:
                    key = await self._next(keys, first=first)
                if key is None:
                    return
                if not await (self._first if first else self._second)(key):
                    key.secret.forget()
                self._done += 1
                if self._watch is not None:
                    self._watch(self._done, self._total)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self._workers):
                    group.create_task(work())
        except* McappError as errors:
            raise errors.exceptions[0] from None

    async def _next(self, keys: Iterator[ListedKey], *, first: bool) -> ListedKey | None:
        if self._keys.is_stream and first:  # whose next line may take its time
            return await asyncio.get_running_loop().run_in_executor(None, next, keys, None)
        return next(keys, None)

    def _left(self) -> Iterator[ListedKey]:
        """The keys that have to be asked once more."""
        for key in self._keys.again():
            known = self._state.found(self._run, key.fingerprint)
            if known is not None and not known.settled and key.fingerprint not in self._asking:
                yield key
            else:
                key.secret.forget()

    async def _first(self, key: ListedKey) -> bool:
        """The first round's question; whether the key is still needed."""
        mark = key.fingerprint
        known = self._state.found(self._run, mark)
        if known is not None or mark in self._asking:  # a resumed check, or the key is twice in the list
            if known is not None and not known.settled:
                return self._keys.set_aside(key)
            return self._testifies(key) if known is not None and known.verdict == WORKING else False
        if self._since and self._state.settled_since(self._run, mark, self._since):
            self._state.see(self._run, Installation(mark, key.name, key.page_id))
            return False
        found = await self._ask(key, once=True)
        if found is None:
            return False
        unclear = bool(found.undecided) or found.verdict in (UNCLEAR, UNREACHABLE)
        self._store(key, found._replace(settled=not unclear))
        if unclear:
            return self._keys.set_aside(key)
        return self._testifies(key) if found.verdict == WORKING else False

    async def _second(self, key: ListedKey) -> bool:
        """The second round's question; whether the key is still needed."""
        found = await self._ask(key, once=False)
        if found is None:
            return False
        if found.verdict == UNINSTALLED and not await self._is_healthy():
            self._unproven += 1
            if self._unproven >= _MOST_UNPROVEN:
                self.ended = self.ended or OUTAGE
            found = found._replace(verdict=UNCLEAR, settled=False)
        self._store(key, found)
        return self._testifies(key) if found.verdict == WORKING else False

    def _store(self, key: ListedKey, found: Found) -> None:
        self._state.store(self._run, Installation(key.fingerprint, key.name, key.page_id), found)

    def _testifies(self, key: ListedKey) -> bool:
        """Keep the first key that works as the witness of the second round."""
        if self._witness is None:
            self._witness = key.secret
        return self._witness is key.secret

    async def _is_healthy(self) -> bool:
        """Whether ManyChat answers other keys properly; if that is not known, by asking the witness."""
        clock = asyncio.get_running_loop().time
        if clock() - self._healthy > _FRESH and self._witness is not None:
            only = replace(self._plan, scopes=(), reads=(), calibration=(), writes=())
            self._look_at(only, await self._send(only, self._witness, once=True))
        return clock() - self._healthy <= _FRESH

    async def _ask(self, key: ListedKey, *, once: bool) -> Found | None:
        """What is found out about a key now; None if the check ended first."""
        self._asking.add(key.fingerprint)
        try:
            log = await self._send(self._plan, key.secret, once=once)
        finally:
            self._asking.discard(key.fingerprint)
        failures, _ = verdicts.failures(log)
        grave = tuple(failure for failure in failures if failure.code in (WRITE_ACCEPTED, "refused-by-guard"))
        if grave:
            self.failures = self.failures or grave
            self.ended = self.ended or grave[0].code
        elif log.ended in (INTERRUPTED, LIMITED):
            self.ended = self.ended or log.ended
            return None
        self._look_at(self._plan, log)
        results = verdicts.scopes(self._plan, log, self._run.asked.expected)
        scopes = {
            verdict: tuple(result.scope for result in results if result.verdict == verdict)
            for verdict in (GRANTED, DENIED)
        }
        undecided = tuple(
            result.scope for result in results if result.verdict == INCONCLUSIVE and not result.indistinguishable
        )
        answer = log.check.answer
        status = None if answer is None else answer.status
        return Found(
            verdicts.key(self._plan, log)[0],
            status=status,
            granted=scopes[GRANTED],
            denied=scopes[DENIED],
            undecided=undecided,
        )

    async def _send(self, plan: Plan, secret: Secret, *, once: bool) -> RunLog:
        # The transport with its connections belongs to the whole check, so the client is not closed.
        client = Client(plan, secret, self._limits.timeout, self._transport)
        return await run(plan, client, replace(self._limits, once=once), pace=self._pace)

    def _look_at(self, plan: Plan, log: RunLog) -> None:
        """Note whether ManyChat is there at all."""
        records = (log.check, *log.scopes)
        if verdicts.key(plan, log)[0] == WORKING:
            self._healthy = asyncio.get_running_loop().time()
        if any(record.answer is not None and record.answer.status is not None for record in records):
            self._silent = 0
        else:
            self._silent += 1
            if self._silent >= _MOST_SILENT:
                self.ended = self.ended or UNREACHABLE


def failure(ended: str) -> Failure | None:
    """The error of a check that ended early."""
    resume = "what was found is stored; mcapp fleet check --resume goes on"
    messages = {
        LIMITED: "the check ended early: ManyChat answered 429 (too many requests)",
        INTERRUPTED: "interrupted; this is what was found until then",
        UNREACHABLE: f"the check ended early: nothing answered {_MOST_SILENT} keys one after the other",
        OUTAGE: "this looks like an outage, so no key is called uninstalled: all that was asked last answered 500",
    }
    return Failure(ended, messages[ended], resume) if ended in messages else None
