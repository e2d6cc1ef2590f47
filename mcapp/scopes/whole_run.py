"""A whole probe: plan and key in, report out. What `mcapp probe` and `mcapp.probe` have in common."""

from collections.abc import Collection, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from mcapp.errors import NoKey
from mcapp.keys.secret import Secret
from mcapp.net.proxies import route
from mcapp.net.transport import make_transport, run_blocking
from mcapp.scopes import expect, verdicts
from mcapp.scopes.client import Client
from mcapp.scopes.plan import Limits, Plan, check_limits
from mcapp.scopes.recording import Exchange
from mcapp.scopes.report import FAIL_ON_DEFAULT, KeyResult, ProbeReport
from mcapp.scopes.run import RunLog, Watch, run

if TYPE_CHECKING:
    import httpx


def run_probe(
    plan: Plan,
    secret: Secret,
    limits: Limits,
    *,
    source: str = "argument",
    name: str | None = None,
    expected: Collection[str] | None = None,
    fail_on: Sequence[str] = FAIL_ON_DEFAULT,
    watch: Watch | None = None,
    record: list[Exchange] | None = None,
    inner: "httpx.AsyncBaseTransport | None" = None,
) -> ProbeReport:
    """Send the plan's requests with the key, and turn the answers into verdicts.

    `source` and `name` are what the report says of the key. `expected` is what it should have (None: nothing is
    expected), `record` gets what a recording keeps, and `inner` stands in for the transport that opens sockets. Raises
    UsageProblem for impossible limits, NoKey for a key that no request can carry, and Undecided where the environment
    allows no connection at all.
    """
    check_limits(plan.target, limits)
    value = secret.reveal()
    if not value or not all("!" <= character <= "~" for character in value):
        raise NoKey(
            "the key contains a character that no request can carry",
            hint="paste it again: mcapp keys add removes what does not belong to it",
            code="not-a-key",
        )
    if inner is None:
        inner = make_transport(plan.target)

    async def whole() -> RunLog:
        async with aclosing(Client(plan, secret, limits.timeout, inner, record)) as client:
            return await run(plan, client.send, limits, watch)

    log = run_blocking(whole())
    scopes = verdicts.scopes(plan, log, expected)
    errors, failed = verdicts.failures(log)
    return ProbeReport(
        key=KeyResult(name, source, secret.fingerprint, *verdicts.key(plan, log)),
        base_url=plan.target.base_url,
        route=route(plan.target),
        scopes=scopes,
        expectation=None if expected is None else expect.compare(expected, scopes),
        errors=errors,
        interrupted=any(error.code == "interrupted" for error in errors),
        failed=failed,
        fail_on=tuple(fail_on),
    )
