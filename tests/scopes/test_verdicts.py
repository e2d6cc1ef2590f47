"""From the answers of a run to verdicts, where the combinations of test_combinations.py do not lead."""

from typing import Any

import pytest

from mcapp.net.target import choose
from mcapp.scopes import verdicts
from mcapp.scopes.catalogue import KEY_CHECK
from mcapp.scopes.client import Answer, ApiMessage
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
    course, _ = run_fast(lambda: run(plan, server, Limits(**limits)))  # type: ignore[arg-type]
    return plan, course


def key(answers: dict[str, Any], *only: str, **options: Any) -> str:
    return verdicts.key(judged(answers, *only, **options)[1])[0]


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({}, "working"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED]}, "working"),
        ({KEY_CHECK: [RESET], TAGS: [DENIED]}, "working"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, "no-scope-or-unknown"),
        # Not everything was answered, so nobody knows whether there is a scope.
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [TIMEOUT]}, "unreachable"),
        ({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [HTML]}, "unreachable"),
        ({KEY_CHECK: [DENIED], TAGS: [LIMITED], FLOWS: [LIMITED]}, "unreachable"),
        ({KEY_CHECK: [WRONG_KEY]}, "rejected"),
        ({KEY_CHECK: [TIMEOUT], TAGS: [WRONG_KEY], FLOWS: [RESET]}, "rejected"),
        # Contradictions.
        ({KEY_CHECK: [DENIED], TAGS: [WRONG_KEY], FLOWS: [DENIED]}, "unreachable"),
        ({TAGS: [WRONG_KEY]}, "working"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [EXCEPTION]}, "uninstalled"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [HTML]}, "unreachable"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [DENIED]}, "unreachable"),
        ({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION]}, "working"),
        ({KEY_CHECK: [REFUSED], TAGS: [REFUSED], FLOWS: [REFUSED]}, "unreachable"),
        ({KEY_CHECK: [HTML], TAGS: [HTML], FLOWS: [HTML]}, "unreachable"),
    ],
)
def test_the_key(answers: dict[str, list[Answer]], verdict: str) -> None:
    assert key(answers) == verdict


def test_one_question_alone() -> None:
    assert key({KEY_CHECK: [EXCEPTION]}, KEY_CHECK) == "uninstalled"
    assert key({KEY_CHECK: [RESET, RESET, EXCEPTION]}, KEY_CHECK) == "unreachable"
    assert key({KEY_CHECK: [DENIED]}, KEY_CHECK) == "no-scope-or-unknown"
    assert key({}, KEY_CHECK) == "working"


def test_a_deadline_leaves_the_key_open() -> None:
    assert key({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, deadline=0.3) == "unreachable"
    # Here the last one was not even sent.
    assert key({KEY_CHECK: [DENIED], TAGS: [DENIED], FLOWS: [DENIED]}, deadline=0.4) == "unreachable"


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
    _, course = judged({}, TAGS, FLOWS)
    assert "account's API key" in verdicts.key(course)[1]
    _, course = judged({FLOWS: [DENIED]}, TAGS, FLOWS)
    assert "account's API key" not in verdicts.key(course)[1]


def test_what_to_do_next() -> None:
    plan, course = judged({KEY_CHECK: [EXCEPTION], TAGS: [EXCEPTION], FLOWS: [EXCEPTION]})
    assert {result.next for result in verdicts.scopes(plan, course)} == {verdicts.key(course)[2]}
    assert "install the app again" in verdicts.key(course)[2]
    plan, course = judged({TAGS: [DENIED]})
    denied, granted = verdicts.scopes(plan, course)
    for word in ("API Access tab", "republish", "development app", "review"):
        assert word in denied.next
    assert granted.next == ""


def test_the_answer_that_counts_is_the_last() -> None:
    plan, course = judged({TAGS: [RESET, GRANTED]})
    first = verdicts.scopes(plan, course)[0]
    assert (first.verdict, first.attempts) == ("granted", 2)
