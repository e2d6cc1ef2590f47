"""A whole probe: plan and key in, report out. What `mcapp probe` and `mcapp.probe` have in common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcapp.errors import NoKey
from mcapp.keys.secret import Secret
from mcapp.net.proxies import route
from mcapp.net.transport import make_transport, run_blocking
from mcapp.scopes import expect, verdicts
from mcapp.scopes.client import Answer, Client
from mcapp.scopes.plan import Limits, Plan, Request, check_limits
from mcapp.scopes.recording import Exchange, exchange
from mcapp.scopes.report import FAIL_ON_DEFAULT, KeyResult, ProbeReport
from mcapp.scopes.run import RunLog, Sender, Watch, run

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Identity:
    """The key that is probed, as the report names it."""

    secret: Secret
    source: str
    name: str | None = None


def run_probe(
    plan: Plan,
    identity: Identity,
    limits: Limits,
    *,
    expected: Collection[str] | None = None,
    fail_on: Sequence[str] = FAIL_ON_DEFAULT,
    watch: Watch | None = None,
    record: list[Exchange] | None = None,
    inner: "httpx.AsyncBaseTransport | None" = None,
) -> ProbeReport:
    """Send the plan's requests with the key, and turn the answers into verdicts.

    `expected` is what the key should have (None: nothing is expected), `record` gets what a recording keeps, and
    `inner` stands in for the transport that opens sockets. Raises UsageProblem for impossible limits, NoKey for a key
    that no request can carry, and Undecided where the environment allows no connection at all.
    """
    check_limits(plan.target, limits)
    if not _fits_header(identity.secret):
        raise NoKey(
            "the key contains a character that no request can carry",
            hint="paste it again: mcapp keys add removes what does not belong to it",
            code="not-a-key",
        )
    if inner is None:
        inner = make_transport(plan.target)

    async def whole() -> RunLog:
        async with Client(plan, identity.secret, limits.timeout, inner) as client:
            return await run(plan, client if record is None else _Recorder(client, record), limits, watch)

    return _report(plan, run_blocking(whole()), identity, expected, fail_on)


class _Recorder:
    """A sender that keeps what a recording keeps of each answer."""

    def __init__(self, sender: Sender, record: list[Exchange]) -> None:
        self._sender = sender
        self._record = record

    async def send(self, request: Request) -> Answer:
        answer = await self._sender.send(request)
        self._record.append(exchange(request, answer))
        return answer


def _fits_header(secret: Secret) -> bool:
    value = secret.reveal()
    return bool(value) and all("!" <= character <= "~" for character in value)


def _report(
    plan: Plan, log: RunLog, identity: Identity, expected: Collection[str] | None, fail_on: Sequence[str]
) -> ProbeReport:
    scopes = verdicts.scopes(plan, log, expected)
    verdict, reason, then = verdicts.key(plan, log)
    errors, failed = verdicts.failures(log)
    key = KeyResult(identity.name, identity.source, identity.secret.fingerprint, verdict, reason, then)
    return ProbeReport(
        key=key,
        base_url=plan.target.base_url,
        route=route(plan.target),
        scopes=scopes,
        expectation=None if expected is None else expect.compare(expected, scopes),
        errors=errors,
        interrupted=any(error.code == "interrupted" for error in errors),
        failed=failed,
        fail_on=tuple(fail_on),
    )
