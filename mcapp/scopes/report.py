"""The result of a run, in the form that every output format is made from and that `mcapp.probe` returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mcapp.errors import Failure
from mcapp.net.target import DIRECT, Route

# Of a scope.
GRANTED, DENIED, INCONCLUSIVE, SKIPPED = "granted", "denied", "inconclusive", "skipped"
VERDICTS = (GRANTED, DENIED, INCONCLUSIVE, SKIPPED)

# Of the key.
KEY_VERDICTS = (WORKING, UNINSTALLED, REJECTED, NO_SCOPE, UNREACHABLE, UNCLEAR) = (
    "working",
    "uninstalled",
    "rejected",
    "no-scope-or-unknown",
    "unreachable",  # nothing answered
    "unclear",  # something did, and the answers do not say what the key is worth
)

# The error's code when ManyChat carried out a request that it should have refused: never a green run.
WRITE_ACCEPTED = "write-accepted"

# What --fail-on takes.
MISSING, EXTRA = "missing", "extra"
FAIL_ON = (MISSING, EXTRA, INCONCLUSIVE)
FAIL_ON_DEFAULT = (MISSING, INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class ScopeResult:
    """What was found out about one scope.

    `status` and `message` are of the last answer (None and "" without one), `elapsed_ms` is the time it took.
    `indistinguishable`: a write whose 400 may stand for a granted or for a denied scope. `asked`: a request was to be
    sent for it, or it was named.
    """

    scope: str
    group: str
    mutates: bool
    verdict: str
    reason: str = ""
    next: str = ""
    status: int | None = None
    message: str = ""
    attempts: int = 0
    elapsed_ms: int = 0
    indistinguishable: bool = False
    asked: bool = True


@dataclass(frozen=True, slots=True)
class KeyResult:
    """Which key was probed, and what is known of it as a whole. `name` is None for a key that is not stored."""

    name: str | None
    source: str
    fingerprint: str
    verdict: str
    reason: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Expected scopes that were refused or stayed uncertain, and granted ones that were not expected.

    `reasons` holds why a scope is needed, where the file of expectations says it.
    """

    expected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    uncertain: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is granted now and was denied in the last run for this key, and the other way round. `since` is UTC."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The result of one run. `scopes` are in the catalogue's order; `key` is None when no key could be had.

    `failed` is the exit code of an error that ended the run (0: none), `fail_on` what --fail-on named, `route` what the
    environment put on the way to `base_url`.
    """

    key: KeyResult | None = None
    base_url: str = ""
    scopes: tuple[ScopeResult, ...] = ()
    expectation: Expectation | None = None
    changes: Changes | None = None
    errors: tuple[Failure, ...] = ()
    interrupted: bool = False
    failed: int = 0
    fail_on: tuple[str, ...] = FAIL_ON_DEFAULT
    route: Route = DIRECT

    @property
    def ok(self) -> bool:
        """Whether the exit code is 0."""
        return self.exit_code == 0

    @property
    def summary(self) -> dict[str, int]:
        """How many scopes have each verdict."""
        return {verdict: sum(result.verdict == verdict for result in self.scopes) for verdict in VERDICTS}

    @property
    def granted(self) -> tuple[str, ...]:
        """The scopes that the key has."""
        return tuple(result.scope for result in self.scopes if result.verdict == GRANTED)

    @property
    def exit_code(self) -> int:
        """0 yes, 1 no, 3 could not be decided, 130 interrupted; or the code of the error that ended the run."""
        if self.interrupted:
            return 130
        if self.failed:
            return self.failed
        if self.key is None:
            return 4
        expectation = self.expectation or Expectation()
        missing, extra = MISSING in self.fail_on and expectation.missing, EXTRA in self.fail_on and expectation.extra
        if self.key.verdict in (UNINSTALLED, REJECTED, NO_SCOPE) or missing or extra:
            return 1
        if self.key.verdict in (UNREACHABLE, UNCLEAR) or any(error.code == WRITE_ACCEPTED for error in self.errors):
            return 3
        return 3 if INCONCLUSIVE in self.fail_on and self.undecided else 0

    @property
    def undecided(self) -> tuple[str, ...]:
        """The scopes that matter and of which nothing certain is known.

        With an expectation those that were expected; without one those that were to be probed, except writes whose 400
        means either answer.
        """
        if self.expectation is not None:
            return self.expectation.uncertain
        open_ = [result for result in self.scopes if result.verdict in (INCONCLUSIVE, SKIPPED)]
        return tuple(result.scope for result in open_ if result.asked and not result.indistinguishable)
