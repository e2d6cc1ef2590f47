"""What a run sends, in which order; which scopes it leaves out, and why. Nothing else than the plan is ever sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from urllib.parse import urlencode

from mcapp.errors import UsageProblem
from mcapp.net.target import MANYCHAT_RATE, Target
from mcapp.scopes.catalogue import EMPTY, GROUPS, KEY_CHECK, NAMED, NEVER, READ, Endpoint, find, load

# Whose key a request carries: the one that is probed, none at all, or one that nobody has.
OWN, NONE, STRANGER = "key", "none", "stranger"

EMPTY_BODY = b"{}"

MOST_CONCURRENCY = 10


@dataclass(frozen=True, slots=True)
class Request:
    """One request, completely: what the transport lets through is exactly this. `body` is None for a GET."""

    endpoint: Endpoint
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    auth: str = OWN
    named: bool = False

    @property
    def url(self) -> str:
        """Path and query, as they go over the wire."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def purpose(self) -> str:
        """Why it is sent, for `--dry-run`."""
        if self.auth == NONE:
            return "calibration: the same body without a key must be refused"
        if self.auth == STRANGER:
            return "calibration: the same body with a key that nobody has must be refused"
        return "the key check" if self.endpoint.scope == KEY_CHECK else "the scope"


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a scope is not probed, and what would change that."""

    reason: str
    next: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run. `scopes` are the endpoints that the report lists, in the catalogue's order.

    `check` comes first and alone; `calibration` is empty or has two requests, which must both have been answered before
    any of `writes` is sent. `random` is in every value that must match nothing, `stranger` is a well-formed key of
    account 0. `named` are the scopes that were asked for one by one.
    """

    target: Target
    scopes: tuple[Endpoint, ...]
    check: Request
    reads: tuple[Request, ...]
    calibration: tuple[Request, ...]
    writes: tuple[Request, ...]
    skipped: Mapping[str, Skip]
    named: frozenset[str]
    random: str
    stranger: str

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything that may be sent, in the order in which it is."""
        return (self.check, *self.calibration, *self.reads, *self.writes)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which scopes are asked for: `only` these and those of `groups`; with neither, all of them.

    `as_expected`: those that are expected, in place of all. That does not name them: what is sent only when it is named
    is left out.
    """

    only: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    include_writes: bool = False
    as_expected: bool = False

    def chosen(self, known: Sequence[Endpoint]) -> set[str]:
        """The scopes of `known` that are asked for. Raises UsageProblem for one in `only` that is not among them."""
        named = {endpoint.scope for endpoint in find(self.only, known)}
        everything = not self.only and not self.groups
        return {each.scope for each in known if everything or each.scope in named or each.group in self.groups}


def build(
    target: Target, selection: Selection, *, expected: Iterable[str] = (), endpoints: Sequence[Endpoint] | None = None
) -> Plan:
    """The plan for a selection.

    Raises UsageProblem for a scope or group that the catalogue does not know, and for a scope in `expected` that would
    not be probed: that nothing is known of it would come out only at the end.
    """
    known = tuple(load() if endpoints is None else endpoints)
    for group in selection.groups:
        if group not in GROUPS:
            raise UsageProblem(f"unknown group {group!r}", hint=f"known groups: {', '.join(GROUPS)}")
    named = frozenset(endpoint.scope for endpoint in find(selection.only, known))
    wanted = find(expected, known)
    chosen = {endpoint.scope for endpoint in wanted} if selection.as_expected else selection.chosen(known)
    scopes = [endpoint for endpoint in known if endpoint.scope in chosen]
    skips = {endpoint.scope: _skip(endpoint, selection, named=endpoint.scope in named) for endpoint in scopes}
    skipped = {scope: skip for scope, skip in skips.items() if skip is not None}
    _check_expected(wanted, chosen, skipped)
    sent = [endpoint for endpoint in scopes if endpoint.scope not in skipped]
    random = token_hex(8)
    writes = [
        Request(endpoint, endpoint.method, endpoint.path, body=EMPTY_BODY, named=endpoint.scope in named)
        for endpoint in sent
        if endpoint.send != READ
    ]
    # One write, without a key and with a stranger's: preferably one that is refused for certain.
    model = next((write for write in writes if write.endpoint.send == EMPTY), writes[0] if writes else None)
    return Plan(
        target=target,
        scopes=tuple(scopes),
        check=_read(find([KEY_CHECK], known)[0], random),
        reads=tuple(_read(each, random) for each in sent if each.send == READ and each.scope != KEY_CHECK),
        calibration=tuple(replace(model, auth=auth) for auth in (NONE, STRANGER)) if model else (),
        writes=tuple(writes),
        skipped=skipped,
        named=named,
        random=random,
        stranger=f"0:{token_hex(16)}",
    )


def _check_expected(expected: Sequence[Endpoint], chosen: Collection[str], skipped: Mapping[str, Skip]) -> None:
    """Raise UsageProblem for the first expected scope that these options do not probe, with those that do."""
    others = [one.scope for one in expected if one.scope in skipped or one.scope not in chosen]
    if not others:
        return
    scope = others.pop(0)
    left_out = Skip("--only and --group leave it out", f"name it too, --only '{scope}', or leave both out")
    skip = skipped.get(scope, left_out)
    more = f", and {len(others)} more" if others else ""
    raise UsageProblem(
        f"{scope} is expected{more}, but would not be probed: {skip.reason}",
        hint=skip.next or "leave it out of the expectation: no run can decide it",
        code="undecidable",
    )


def _skip(endpoint: Endpoint, selection: Selection, *, named: bool) -> Skip | None:
    if endpoint.send == NEVER:
        return Skip(f"never sent: {endpoint.harmless[0].lower()}{endpoint.harmless[1:].rstrip('.')}")
    if endpoint.send == READ:
        return None
    if endpoint.send == NAMED and selection.as_expected:
        step = "leave it out of the expectation; mcapp probe --only asks one key for it"
        return Skip("a write that is sent only when it is named", step)
    option = f"--only '{endpoint.scope}' --include-writes" if endpoint.send == NAMED else "--include-writes"
    if not selection.include_writes:
        return Skip("a write, and only reads were asked for", f"add {option}")
    if endpoint.send == NAMED and not named:
        return Skip("a write that is sent only when it is named", f"add {option}")
    return None


def _read(endpoint: Endpoint, random: str) -> Request:
    query = tuple((name, value.replace("{random}", random)) for name, value in endpoint.query.items())
    return Request(endpoint, endpoint.method, endpoint.path, query)


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast and how long a run may be.

    `rate` is requests a second, `concurrency` requests at once; `timeout` (one request) and `deadline` (the whole run)
    are in seconds. `once`: nothing is sent again after a failure, and nothing at all after a key check that failed.
    """

    rate: float = 4.0
    concurrency: int = 4
    timeout: float = 10.0
    deadline: float = 60.0
    once: bool = False


def check_limits(target: Target, limits: Limits) -> None:
    """Raise UsageProblem for impossible limits, and for a rate that ManyChat should not be exposed to."""
    for name, value in (("rate", limits.rate), ("timeout", limits.timeout), ("deadline", limits.deadline)):
        if not 0 < value < float("inf"):
            raise UsageProblem(f"--{name} must be a number above 0, not {value:g}")
    if not 1 <= limits.concurrency <= MOST_CONCURRENCY:
        raise UsageProblem(f"--concurrency must be from 1 to {MOST_CONCURRENCY}, not {limits.concurrency}")
    if target.kind != "loopback" and limits.rate > MANYCHAT_RATE:
        raise UsageProblem(
            f"--rate must be at most {MANYCHAT_RATE:g} a second, not {limits.rate:g}",
            hint="ManyChat may stop an account for 24 hours; only this machine may be asked faster",
        )
