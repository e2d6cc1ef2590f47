"""From the answers of a run to verdicts, where the combinations of test_combinations.py do not lead."""

from typing import Any

import pytest

from mcapp.net.target import choose
from mcapp.scopes import verdicts
from mcapp.scopes.catalogue import KEY_CHECK
from mcapp.scopes.classify import Answer, ApiMessage
from mcapp.scopes.plan import Limits, Plan, Selection, build
from mcapp.scopes.run import RunLog, run
from tests.scopes.fake_time import DENIED, GRANTED, Server, run_fast
from tests.scopes.test_run import EXCEPTION, LIMITED, REFUSED, RESET, TIMEOUT, WRONG_KEY

TAGS, FLOWS = "GET /fb/page/getTags", "GET /fb/page/getFlows"
CREATE, REMOVE = "POST /fb/page/createTag", "POST /fb/page/removeTag"
VALIDATED = Answer(400, body=ApiMessage("error", "Validation error", ("name cannot be blank.",)))
HTML = Answer(200, "html", "a web page")


def judged(answers: dict[str, Any], *only: str, writes: bool = False, **limits: float) -> tuple[Plan, RunLog]:
    plan = build(choose("http://127.0.0.1:1"), Selection(only or (TAGS, FLOWS), include_writes=writes))
    server = Server(answers={scope: list(given) for scope, given in answers.items()})
    course, _ = run_fast(lambda: run(plan, server.send, Limits(**limits)))  # type: ignore[arg-type]
    return plan, course


def key(answers: dict[str, Any], *only: str, **options: Any) -> str:
    return verdicts.key(*judged(answers, *only, **options))[0]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({}, "working"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED]}, "working"),
        ({KEY_CHECK: [RESET], TAGS: [DENIED]}, "working"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, "no-scope-or-unknown"),
        # Not everything was answered, so nobody knows whether there is a scope.
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [TIMEOUT]}, "unclear"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [HTML]}, "unclear"),
        ({KEY_CHECK: [DENIED], TAGS: [LIMITED], FLOWS: [LIMITED]}, "unclear"),
        ({KEY_CHECK: [WRONG_KEY]}, "rejected"),
        ({KEY_CHECK: [TIMEOUT], TAGS: [WRONG_KEY], FLOWS: [RESET]}, "rejected"),
        # Contradictions.
        ({KEY_CHECK: [DENIED], TAGS: [WRONG_KEY], FLOWS: [DENIED]}, "unclear"),
        ({TAGS: [WRONG_KEY]}, "working"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [EXCEPTION]}, "uninstalled"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [HTML]}, "unclear"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [DENIED]}, "unclear"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION]}, "working"),
        ({KEY_CHECK: [REFUSED], TAGS: [REFUSED], FLOWS: [REFUSED]}, "unreachable"),
        ({KEY_CHECK: [HTML], TAGS: [HTML], FLOWS: [HTML]}, "unclear"),
    ],
)
def test_the_key(answers: dict[str, list[Answer]], verdict: str) -> None:
    assert key(answers) == verdict


def test_one_question_alone() -> None:
    assert key({KEY_CHECK: [EXCEPTION]}, KEY_CHECK) == "uninstalled"
    assert key({KEY_CHECK: [RESET, RESET, EXCEPTION]}, KEY_CHECK) == "unclear"
    assert key({KEY_CHECK: [DENIED]}, KEY_CHECK) == "no-scope-or-unknown"
    assert verdicts.key(*judged({KEY_CHECK: [DENIED]}, KEY_CHECK))[1].startswith("the call was refused with 401: ")
    assert "with nothing about the key (too many" in verdicts.key(*judged({KEY_CHECK: [LIMITED]}, KEY_CHECK))[1]
    assert key({}, KEY_CHECK) == "working"


def test_a_deadline_leaves_the_key_open() -> None:
    assert key({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, deadline=0.3) == "unclear"
    # Here the last one was not even sent.
    assert key({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, deadline=0.4) == "unclear"


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({CREATE: [VALIDATED], REMOVE: [DENIED]}, ["granted", "denied"]),
        ({CREATE: [VALIDATED], REMOVE: [VALIDATED]}, ["inconclusive", "inconclusive"]),
        ({CREATE: [VALIDATED], REMOVE: [TIMEOUT]}, ["inconclusive", "inconclusive"]),
        ({CREATE: [DENIED], REMOVE: [DENIED]}, ["denied", "denied"]),
        ({CREATE: [VALIDATED], REMOVE: [WRONG_KEY]}, ["inconclusive", "inconclusive"]),
    ],
)
def test_writes(answers: dict[str, list[Answer]], found: list[str]) -> None:
    # The first two answers of the calibrated endpoint are those without a key and with a stranger's.
    calibrated = {**answers, CREATE: [WRONG_KEY, WRONG_KEY, *answers[CREATE]]}
    plan, course = judged(calibrated, CREATE, REMOVE, writes=True)
    results = verdicts.scopes(plan, course)
    assert [result.verdict for result in results] == found
    for result in results:
        assert result.indistinguishable == (result.verdict == "inconclusive" and result.status == 400)


def test_a_denied_read_proves_nothing_about_writes() -> None:
    answers = {TAGS: [DENIED], CREATE: [WRONG_KEY, WRONG_KEY, VALIDATED]}
    plan, course = judged(answers, TAGS, CREATE, writes=True)
    assert [result.verdict for result in verdicts.scopes(plan, course)] == ["denied", "inconclusive"]


@pytest.mark.parametrize(
    ("calibration", "by_order"), [(VALIDATED, True), (HTML, False), (TIMEOUT, False), (Answer(403), False)]
)
def test_writes_that_could_not_be_calibrated(calibration: Answer, by_order: bool) -> None:
    plan, course = judged({CREATE: [WRONG_KEY, calibration]}, CREATE, REMOVE, writes=True)
    for result in verdicts.scopes(plan, course):
        assert (result.verdict, result.attempts, result.indistinguishable) == ("inconclusive", 0, by_order)
        assert result.reason.startswith("not sent: ")


def test_everything_granted_may_be_no_app_key_at_all() -> None:
    assert "account's API key" in verdicts.key(*judged({}, TAGS, FLOWS))[1]
    assert "account's API key" not in verdicts.key(*judged({FLOWS: [DENIED]}, TAGS, FLOWS))[1]


def test_what_to_do_next() -> None:
    plan, course = judged({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [EXCEPTION]})
    assert {result.next for result in verdicts.scopes(plan, course)} == {verdicts.key(plan, course)[2]}
    assert "install the app again" in verdicts.key(plan, course)[2]
    plan, course = judged({TAGS: [DENIED]})
    denied, granted = verdicts.scopes(plan, course)
    for word in ("API Access tab", "republish", "development app", "review"):
        assert word in denied.next
    assert granted.next == ""


def test_the_answer_that_counts_is_the_last() -> None:
    plan, course = judged({TAGS: [RESET, GRANTED]})
    first = verdicts.scopes(plan, course)[0]
    assert (first.verdict, first.attempts) == ("granted", 2)


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ({KEY_CHECK: [REFUSED], TAGS: [REFUSED], FLOWS: [REFUSED]}, "start the server at http://127.0.0.1:1"),
        ({KEY_CHECK: [HTML], TAGS: [HTML], FLOWS: [HTML]}, "correct --base-url"),
        ({KEY_CHECK: [Answer(404)], TAGS: [Answer(404)], FLOWS: [Answer(404)]}, "correct --base-url"),
        ({KEY_CHECK: [TIMEOUT], TAGS: [TIMEOUT], FLOWS: [TIMEOUT]}, "--timeout"),
        ({KEY_CHECK: [LIMITED], TAGS: [LIMITED], FLOWS: [LIMITED]}, "with a lower --rate"),
        ({KEY_CHECK: [WRONG_KEY]}, "check that it is the app's own key"),
    ],
)
def test_the_advice_fits_the_cause(answers: dict[str, list[Answer]], step: str) -> None:
    plan, course = judged(answers)
    assert step in verdicts.key(plan, course)[2]
    assert all(
        "again" not in result.next or "--timeout" in result.next or "--rate" in result.next
        for result in verdicts.scopes(plan, course)
    )


def test_nobody_is_told_to_add_a_scope_that_nobody_expects() -> None:
    plan, course = judged({TAGS: [DENIED], FLOWS: [DENIED]})
    tags, flows = verdicts.scopes(plan, course, [TAGS])
    assert tags.next.startswith("add the scope")
    assert flows.next == ""
    assert {result.next.partition(",")[0] for result in verdicts.scopes(plan, course)} == {"if the app needs it"}


def test_more_writes_are_asked_for_only_where_there_are_more() -> None:
    plan, course = judged({CREATE: [WRONG_KEY, WRONG_KEY, VALIDATED]}, CREATE, writes=True)
    assert verdicts.scopes(plan, course)[0].next.startswith("probe more writes")
    plan = build(choose("http://127.0.0.1:1"), Selection(include_writes=True))
    answers = {request.endpoint.scope: [VALIDATED] for request in plan.writes}
    answers[plan.calibration[0].endpoint.scope] = [WRONG_KEY, WRONG_KEY, VALIDATED]
    log, _ = run_fast(lambda: run(plan, Server(answers=answers).send, Limits(rate=1000)))
    open_ = [result for result in verdicts.scopes(plan, log) if result.mutates and result.status == 400]
    assert len(open_) == len(plan.writes)
    assert {result.next for result in open_} == {""}
