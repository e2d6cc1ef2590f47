"""What the state says: the last check of each key, compared with those before."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from mcapp.errors import Failure
from mcapp.fleet.state_file import COMPLETE, Asked, Found, Installation, State
from mcapp.scopes.report import NO_SCOPE, REJECTED, UNCLEAR, UNINSTALLED, UNREACHABLE, WORKING

# Verdicts that say something about the key; the others say something about the moment.
DECIDED = (WORKING, UNINSTALLED, REJECTED, NO_SCOPE)
_ALL = 2  # keys from which on something may be said of all


class Row(NamedTuple):
    """One key: its last result, since when its verdict has been the same (UTC), and the result that it had before."""

    key: Installation
    found: Found
    since: str
    before: Found | None = None

    @property
    def lost(self) -> tuple[str, ...]:
        """Scopes that were granted and now are denied."""
        return tuple(scope for scope in self.found.denied if self.before and scope in self.before.granted)

    @property
    def gained(self) -> tuple[str, ...]:
        """Scopes that were denied and now are granted."""
        return tuple(scope for scope in self.found.granted if self.before and scope in self.before.denied)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """The whole fleet, counted; `rows` reads the keys one by one.

    `verdicts` counts the keys by verdict, `changes` by (verdict before, verdict now); `denied`, `undecided`, `lost` and
    `gained` count those that work by scope. `reviews` are the scopes that all keys lost which had them, `dead` the page
    ids of the uninstalled. `outage`: every key was answered with status 500. `checked` is when the last check began,
    `compared` what is compared with instead of the check before (UTC). `failed` is the exit code of an error that
    ended the run (0: none).
    """

    state: str = ""
    asked: Asked | None = None
    checked: str = ""
    complete: bool = True
    verdicts: Counter[str] = field(default_factory=Counter)
    denied: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    changes: Counter[tuple[str, str]] = field(default_factory=Counter)
    reviews: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    outage: bool = False
    compared: str = ""
    errors: tuple[Failure, ...] = ()
    failed: int = 0
    rows: Callable[[], Iterator[Row]] = lambda: iter(())

    @property
    def keys(self) -> int:
        """How many keys there are."""
        return self.verdicts.total()

    @property
    def exit_code(self) -> int:
        """As for probe: 0 all is as expected, 1 a key does not work or lacks a scope, 3 undecided, 4 no key."""
        if self.failed:
            return self.failed
        if not self.keys:
            return 4
        if any(self.verdicts[verdict] for verdict in (UNINSTALLED, REJECTED, NO_SCOPE)) or self.denied:
            return 1
        unknown = self.verdicts[UNCLEAR] or self.verdicts[UNREACHABLE] or self.undecided
        return 3 if unknown or self.errors or not self.complete else 0


def report(state: State, *, since: str = "", errors: tuple[Failure, ...] = (), failed: int = 0) -> FleetReport:
    """Count the keys in the list of the last check. `since`: compare with what was known then (UTC).

    Raises InputProblem for a state that is damaged.
    """
    runs = state.last_runs()
    if not runs:
        return FleetReport(state.path, errors=errors, failed=failed)

    def rows() -> Iterator[Row]:
        return (_row(key, history, since) for key, history in state.histories(runs))

    made = FleetReport(
        state.path,
        runs[0].asked,
        checked=min(run.started for run in runs),
        complete=all(run.how == COMPLETE for run in runs),
        compared=since,
        errors=errors,
        failed=failed,
        rows=rows,
    )
    had: Counter[str] = Counter()
    dead: list[str] = []
    statuses: set[int | None] = set()
    for row in rows():
        found, before = row.found, row.before
        made.verdicts[found.verdict] += 1
        statuses.add(found.status)
        if found.verdict == WORKING:
            made.denied.update(found.denied)
            made.undecided.update(found.undecided)
        made.lost.update(row.lost)
        made.gained.update(row.gained)
        if before is not None:
            had.update(scope for scope in before.granted if scope in found.granted or scope in found.denied)
            if before.verdict != found.verdict and found.verdict in DECIDED:
                made.changes[before.verdict, found.verdict] += 1
        if found.verdict == UNINSTALLED and row.key.page_id:
            dead.append(row.key.page_id)
    reviews = (scope for scope, number in made.lost.items() if number == had[scope] and number >= _ALL)
    outage = made.keys >= _ALL and statuses == {500}
    return replace(made, reviews=tuple(reviews), dead=tuple(dead), outage=outage)


def _row(key: Installation, history: list[Found], since: str) -> Row:
    """A key with its results, the newest first."""
    found, *older = history
    start = found.at
    decided = [one for one in older if one.verdict in DECIDED]
    for one in decided:
        if one.verdict != found.verdict:
            break
        start = one.at
    return Row(key, found, start, next((one for one in decided if not since or one.at <= since), None))
