"""A whole probe, and what its answers mean together: a verdict for every scope and for the key.

A write's 400 alone proves nothing: a server may check the key, then the body, then the scope. It means granted only if
another write of the same run was refused on the same body with 401 "Wrong access token".
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from mcapp.errors import Failure, NoKey
from mcapp.keys.secret import Secret
from mcapp.net.transport import make_transport, route, run_blocking
from mcapp.scopes import classify, expect, report, run
from mcapp.scopes.catalogue import EMPTY, load
from mcapp.scopes.classify import Answer
from mcapp.scopes.client import Client
from mcapp.scopes.plan import Limits, Plan, check_limits
from mcapp.scopes.recording import Exchange
from mcapp.scopes.report import KeyResult, ProbeReport, ScopeResult
from mcapp.scopes.run import Record, RunLog

if TYPE_CHECKING:
    import httpx

_REPUBLISH = (
    "in the app's API Access tab, then save and republish; a development app has it at once, a public app after "
    "ManyChat's review, which makes new keys for all installations"
)
_ADD = f"add the scope {_REPUBLISH}"
_AGAIN = "run mcapp probe again"
_NETWORK = "check the network connection"
_REINSTALL = "install the app again in the ManyChat account: the installation hands over a new key"

# Requests that were not sent, or not answered in time: verdict, reason, what to do next.
_UNSENT = {
    run.REJECTED: (report.SKIPPED, "not sent: ManyChat does not accept the key", ""),
    run.UNANSWERED: (report.INCONCLUSIVE, "not sent: the key check failed", _AGAIN),
    run.DEADLINE: (report.INCONCLUSIVE, "the run reached its deadline first", "give it more time: --deadline"),
    run.LIMITED: (report.INCONCLUSIVE, "not sent: ManyChat asked for a pause", "try again later, with a lower --rate"),
    run.INTERRUPTED: (report.INCONCLUSIVE, "interrupted before it was answered", _AGAIN),
    run.WRITTEN: (report.SKIPPED, "not sent: the run was stopped because a write was accepted", ""),
}
# What ended a run early.
_ENDED = {
    run.LIMITED: Failure(
        "rate-limit", "the run ended early: ManyChat answered 429 (too many requests)", "try again later"
    ),
    run.DEADLINE: Failure("deadline", "the run ended at its deadline", "give it more time: --deadline"),
    run.INTERRUPTED: Failure("interrupted", "interrupted; this is what was found until then"),
}


def run_probe(
    plan: Plan,
    secret: Secret,
    limits: Limits,
    *,
    source: str = "argument",
    name: str | None = None,
    expected: Collection[str] | None = None,
    fail_on: Sequence[str] = report.FAIL_ON_DEFAULT,
    watch: run.Watch | None = None,
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
        async with inner:
            client = Client(plan, secret, limits.timeout, inner, record)
            return await run.run(plan, client.send, limits, watch)

    log = run_blocking(whole())
    results = scopes(plan, log, expected)
    errors, failed = failures(log)
    return ProbeReport(
        key=KeyResult(name, source, secret.fingerprint, *key(plan, log)),
        base_url=plan.target.base_url,
        route=route(plan.target),
        scopes=results,
        expectation=None if expected is None else expect.compare(expected, results),
        errors=errors,
        interrupted=any(error.code == "interrupted" for error in errors),
        failed=failed,
        fail_on=tuple(fail_on),
    )


def scopes(plan: Plan, log: RunLog, expected: Collection[str] | None = None) -> tuple[ScopeResult, ...]:
    """A verdict for each scope of the plan, in its order. `expected` decides what is said of denied ones."""
    uninstalled = key(plan, log)[0] == report.UNINSTALLED
    records = {record.request.endpoint.scope: record for record in (log.check, *log.scopes)}
    refused = any(record.outcome.kind == classify.REFUSED for record in log.scopes if record.request.method == "POST")
    found = []
    for endpoint in plan.scopes:
        if skip := plan.skipped.get(endpoint.scope):
            what = (endpoint.scope, endpoint.group, endpoint.mutates, report.SKIPPED, skip.reason, skip.next)
            found.append(ScopeResult(*what, asked=endpoint.scope in plan.named))
        else:
            record = records[endpoint.scope]
            found.append(_scope(record, plan, log, expected, write_refused=refused, uninstalled=uninstalled))
    return tuple(found)


def _scope(
    record: Record, plan: Plan, log: RunLog, expected: Collection[str] | None, *, write_refused: bool, uninstalled: bool
) -> ScopeResult:
    endpoint, answer = record.request.endpoint, record.answer
    indistinguishable = False
    if answer is not None:
        found = classify.classify(record.request, answer)
        verdict, reason, then = _answered(found, plan, answer, write_refused=write_refused)
        indistinguishable = found.kind == classify.VALIDATED and not write_refused
        if verdict == report.DENIED:
            then = f"if the app needs it, {_ADD}" if expected is None else _ADD if endpoint.scope in expected else ""
        elif uninstalled:
            then = _REINSTALL
    elif record.unsent == run.GUARD:
        verdict, reason, then = report.SKIPPED, record.refusal, ""
    elif record.unsent == run.CALIBRATION:
        # It may be ManyChat's order of checks, rather than a failure.
        indistinguishable = any(record.outcome.kind == classify.VALIDATED for record in log.calibration)
        if indistinguishable:
            reason = "not sent: the server checks the body before the key, so its answer would prove nothing"
        else:
            failed = next(one for one in log.calibration if one.outcome.kind != classify.KEY_REFUSED)
            reason = f"not sent: the calibration failed ({failed.outcome.reason})"
        verdict, then = report.INCONCLUSIVE, "" if indistinguishable else _AGAIN
    else:
        verdict, reason, then = _UNSENT[record.unsent]
    return ScopeResult(
        endpoint.scope,
        endpoint.group,
        endpoint.mutates,
        verdict,
        reason,
        then,
        status=answer.status if answer else None,
        message=answer.message if answer else "",
        attempts=record.attempts,
        elapsed_ms=round(answer.elapsed * 1000) if answer else 0,
        indistinguishable=indistinguishable,
    )


def _answered(found: classify.Outcome, plan: Plan, answer: Answer, *, write_refused: bool) -> tuple[str, str, str]:
    """Verdict, reason and what to do next (empty where nothing helps), for a scope that was answered."""
    kind, reason = found
    if kind == classify.VALIDATED and write_refused:
        return report.GRANTED, f"{reason}, and another write was refused for its scope", ""
    if kind == classify.VALIDATED:
        reason = "the empty body was refused, and no write of this run for its scope: granted and denied look the same"
        missing = sum(endpoint.send == EMPTY for endpoint in load()) > len(plan.writes)
        step = "probe more writes in one run: one that is refused for its scope tells them apart" if missing else ""
        return report.INCONCLUSIVE, reason, step
    if kind == classify.UNCLEAR:
        return report.INCONCLUSIVE, reason, _advice(plan, answer)
    verdict, step = {
        classify.LET_IN: (report.GRANTED, ""),
        classify.WRITTEN: (report.GRANTED, "look in the account at what the call changed"),
        classify.REFUSED: (report.DENIED, ""),
        classify.EXCEPTION: (report.INCONCLUSIVE, _AGAIN),
        classify.KEY_REFUSED: (report.INCONCLUSIVE, ""),
    }[kind]
    return verdict, reason, step


def _advice(plan: Plan, answer: Answer) -> str:
    """What to do about an answer that says nothing, or about none; by its cause."""
    elsewhere = plan.target.kind != "manychat"
    if answer.problem == "refused":
        return f"start the server at {plan.target.base_url}, or correct --base-url" if elsewhere else _NETWORK
    if answer.problem == "dns":
        return "correct --base-url" if elsewhere else _NETWORK
    if answer.problem in ("tls", "connect"):
        return "mcapp doctor checks proxy and certificates"
    if answer.problem == "timeout":
        return f"{_AGAIN}, or give each request more time: --timeout"
    if answer.status == 429:
        return "try again later, with a lower --rate"
    if answer.status is not None and answer.status >= 500:
        return _AGAIN
    if answer.status == 404 or answer.problem in ("html", "redirect", "content-type", "not-json"):
        return "correct --base-url: no ManyChat API answers like that" if elsewhere else _AGAIN
    return (
        _AGAIN if answer.problem else "if the message does not explain it, report it: mcapp does not know this answer"
    )


def key(plan: Plan, log: RunLog) -> tuple[str, str, str]:
    """Verdict on the key as a whole, what it rests on, and what to do next."""
    records = (log.check, *log.scopes)
    asked = [record for record in records if record.attempts]
    kinds = [record.outcome.kind for record in asked]
    if {classify.LET_IN, classify.WRITTEN} & set(kinds):
        return _working(asked, kinds)
    if classify.VALIDATED in kinds:
        reason = "no read was granted, but ManyChat knows the key: a key that nobody has was answered otherwise"
        return report.WORKING, reason, ""
    if classify.KEY_REFUSED in kinds and not {classify.REFUSED, classify.EXCEPTION} & set(kinds):
        answer = asked[kinds.index(classify.KEY_REFUSED)].answer
        reason = f"ManyChat answered: {answer.message if answer else ''}"
        return report.REJECTED, reason, f"check that it is the app's own key and complete; {_REINSTALL}"
    calls = sum(record.alike for record in asked)
    if set(kinds) == {classify.EXCEPTION} and calls > 1:
        reason = f"all {calls} calls were answered with status 500 and an exception, as after an uninstallation"
        return report.UNINSTALLED, reason, _REINSTALL
    unasked = any(record.unsent in _UNSENT for record in records)
    if set(kinds) == {classify.REFUSED} and not unasked:
        reason = (
            f"{_calls(len(kinds))} refused with 401: it has none of the probed scopes, or ManyChat no longer knows it; "
            "the answer is the same"
        )
        return report.NO_SCOPE, reason, f"add scopes {_REPUBLISH}; if it should have scopes already, {_REINSTALL}"
    return _undecided(plan, asked, kinds)


def _calls(number: int) -> str:
    return "the call was" if number == 1 else f"all {number} calls were"


def _working(asked: list[Record], kinds: list[str]) -> tuple[str, str, str]:
    refused = any(record.outcome.kind == classify.REFUSED for record in asked if record.request.method == "POST")
    counted = {classify.LET_IN, classify.WRITTEN, *([classify.VALIDATED] if refused else [])}
    let_in = sum(kind in counted for kind in kinds)
    reason = f"ManyChat let it in on {let_in} of {len(kinds)} calls"
    if classify.KEY_REFUSED in kinds:
        reason += "; then it said that the key is wrong, so it may have been revoked in the meantime"
    elif set(kinds) <= {classify.LET_IN, classify.VALIDATED} and len(kinds) > 1:
        reason += "; it may be an account's API key, which has no scopes: the API offers no way to tell"
    return report.WORKING, reason, ""


def _undecided(plan: Plan, asked: list[Record], kinds: list[str]) -> tuple[str, str, str]:
    """For answers that do not say what the key is worth; and for none."""
    answers = [record.answer for record in asked if record.answer is not None]
    unclear = [record.answer for record in asked if record.outcome.kind == classify.UNCLEAR]
    step = next(filter(None, (_advice(plan, answer) for answer in unclear if answer)), "")
    if all(answer.status is None for answer in answers):
        first = f": {answers[0].explanation}" if answers else ""
        return report.UNREACHABLE, f"no call was answered{first}", step or _AGAIN
    if set(kinds) == {classify.EXCEPTION}:
        reason = "one call alone was answered with status 500 and an exception: the app may be uninstalled"
        return report.UNCLEAR, reason, _AGAIN
    if set(kinds) == {classify.UNCLEAR} and len({answer.status for answer in answers}) == 1:
        text = classify.classify(asked[0].request, asked[0].answer).reason
        return report.UNCLEAR, f"{_calls(len(answers))} answered, but with nothing about the key ({text})", step
    summary = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    return report.UNCLEAR, f"no scope was granted, and the answers do not say why ({summary})", step


def failures(log: RunLog) -> tuple[tuple[Failure, ...], int]:
    """The errors to report whatever the verdicts are, and the exit code that it forces (0: none)."""
    found: list[Failure] = []
    forced = 0
    for record in (log.check, *log.calibration, *log.scopes):
        if record.outcome.kind == classify.WRITTEN:
            found.append(
                Failure(
                    report.WRITE_ACCEPTED,
                    f"ManyChat accepted POST {record.request.path} with the body {{}}, which it should have refused; "
                    "the run was stopped",
                    "look in the account at what the call changed, and report it: the endpoint must not be probed",
                )
            )
        elif record.unsent == run.GUARD:
            found.append(Failure("refused-by-guard", record.refusal, "install mcapp again: its catalogue was changed"))
            forced = 70
    found += filter(None, [_ENDED.get(log.ended)])
    return tuple(found), forced
