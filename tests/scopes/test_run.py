"""Rate, concurrency, retries, Retry-After, deadline and interruption, on a clock that jumps."""

import asyncio
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcapp.net.target import choose
from mcapp.scopes import run as running
from mcapp.scopes.catalogue import KEY_CHECK
from mcapp.scopes.classify import Answer, ApiMessage
from mcapp.scopes.plan import Limits, Plan, Selection, build
from mcapp.scopes.run import RunLog, run
from tests.scopes.fake_time import GRANTED, Server, run_fast

TAGS = "GET /fb/page/getTags"
FLOWS = "GET /fb/page/getFlows"
WRITE = "POST /fb/page/createTag"
LIMITED = Answer(429, body=ApiMessage("error", "Too many requests"))
RESET = Answer(problem="reset", explanation="the connection broke off")
TIMEOUT = Answer(problem="timeout", explanation="no answer")
REFUSED = Answer(problem="refused", explanation="nothing listens")
BROKEN = Answer(500, "html", "a web page")
EXCEPTION = Answer(500, body=ApiMessage("exception", "Something went wrong"))
WRONG_KEY = Answer(401, body=ApiMessage("error", "Wrong token"))


def planned(*only: str, writes: bool = False) -> Plan:
    return build(choose("http://127.0.0.1:1"), Selection(only, include_writes=writes))


def go(server: Server, plan: Plan | None = None, **limits: float) -> tuple[RunLog, float]:
    chosen = Limits(
        rate=limits.get("rate", 4.0),
        concurrency=int(limits.get("concurrency", 4)),
        timeout=limits.get("timeout", 10.0),
        deadline=limits.get("deadline", 60.0),
    )
    return run_fast(lambda: run(plan or planned(), server.send, chosen))


def attempts(course: RunLog, scope: str) -> int:
    return next(record.attempts for record in (course.check, *course.scopes) if record.request.endpoint.scope == scope)


def test_everything_is_sent_once_and_the_key_check_first_and_alone() -> None:
    server = Server()
    course, _ = go(server)
    assert len(server.began) == len(planned().requests)
    assert server.began[0][1].endpoint.scope == KEY_CHECK
    assert server.starts[1] >= server.ended[0][0]
    assert course.ended == ""
    assert all(record.answer is not None and record.attempts == 1 for record in (course.check, *course.scopes))


@settings(max_examples=150)
@given(
    latency=st.sampled_from([0.0, 0.05, 0.2, 1.0, 3.0]),
    rate=st.sampled_from([0.5, 1.0, 4.0, 10.0, 100.0, 2000.0]),
    concurrency=st.integers(1, 10),
)
def test_no_faster_than_allowed_and_no_slower_than_needed(latency: float, rate: float, concurrency: int) -> None:
    server = Server(latency)
    _, took = go(server, rate=rate, concurrency=concurrency, deadline=10_000)
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(server.starts))
    assert server.busiest <= concurrency
    # The best that anybody can do: each starts when its turn has come and a place is free.
    starts = [0.0, max(latency, 1 / rate)]
    while len(starts) < len(server.began):
        free = starts[-concurrency] + latency if len(starts) > concurrency else 0.0
        starts.append(max(starts[-1] + 1 / rate, free))
    assert took == pytest.approx(starts[-1] + latency)


@pytest.mark.parametrize("writes", [False, True])
@pytest.mark.parametrize("rate", [4.0, 10.0, 1000.0])
@pytest.mark.parametrize("latency", [0.05, 0.2, 1.0])
def test_the_time_of_a_whole_run(latency: float, rate: float, writes: bool) -> None:
    server = Server(latency)
    _, took = go(server, planned(writes=writes), rate=rate)
    number = len(server.began) - 1
    after_check = took - server.ended[0][0]
    assert after_check <= 1.15 * max((number - 1) / rate + latency, ceil(number / 4) * latency)


def test_writes_wait_for_both_calibrations() -> None:
    server = Server(latency=1.0)
    plan = planned(writes=True)
    go(server, plan, rate=100, concurrency=10)
    ended = max(moment for moment, request in server.ended if request.auth != "key")
    began = min(moment for moment, request in server.began if request in plan.writes)
    assert began >= ended


@pytest.mark.parametrize(
    "answer", [Answer(400, body=ApiMessage("error", "Validation error")), RESET, BROKEN, Answer(401, "html", "page")]
)
def test_without_calibration_no_write_is_sent(answer: Answer) -> None:
    server = Server(answers={WRITE: [answer]})
    plan = planned(TAGS, WRITE, "POST /fb/page/removeTag", writes=True)
    course, _ = go(server, plan)
    assert not [request for _, request in server.began if request in plan.writes]
    assert [record.unsent for record in course.scopes] == ["", running.CALIBRATION, running.CALIBRATION]


@pytest.mark.parametrize("answer", [WRONG_KEY, Answer(401, body=ApiMessage("error", "Token is required"))])
def test_a_rejected_key_ends_the_run(answer: Answer) -> None:
    server = Server(answers={KEY_CHECK: [answer]})
    course, _ = go(server, planned(writes=True))
    assert len(server.began) == 1
    assert course.ended == running.REJECTED
    assert {record.unsent for record in course.scopes} == {running.REJECTED}


@pytest.mark.parametrize(
    ("answer", "number"),
    [(RESET, 3), (BROKEN, 3), (EXCEPTION, 3), (Answer(503, "html", "a web page"), 3), (TIMEOUT, 2), (REFUSED, 3)],
)
def test_a_read_is_tried_again_with_longer_waits(answer: Answer, number: int) -> None:
    server = Server(latency=0.0, answers={TAGS: [answer]})
    course, _ = go(server, planned(TAGS, FLOWS), rate=1000)
    assert attempts(course, TAGS) == number
    waits = [later - earlier for earlier, later in pairwise(server.times(TAGS))]
    assert waits == pytest.approx([0.5, 1.0][: number - 1], abs=0.01)
    assert attempts(course, FLOWS) == 1


def test_a_read_that_comes_right_is_right() -> None:
    course, _ = go(Server(answers={TAGS: [RESET, BROKEN, GRANTED]}), planned(TAGS))
    assert (course.scopes[0].answer, course.scopes[0].attempts) == (GRANTED, 3)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, "html", "a web page"),
        Answer(200, "not-json", "broken"),
        Answer(302, "redirect", "a redirect"),
        Answer(200, "too-large", "large"),
        Answer(401, body=ApiMessage("error", "Session is over")),
        Answer(problem="tls", explanation="no certificate"),
    ],
)
def test_what_will_not_change_is_not_tried_again(answer: Answer) -> None:
    course, _ = go(Server(answers={TAGS: [answer]}), planned(TAGS))
    assert attempts(course, TAGS) == 1


@pytest.mark.parametrize("answer", [RESET, TIMEOUT, BROKEN, LIMITED, EXCEPTION])
def test_a_write_is_tried_once_whatever_comes(answer: Answer) -> None:
    scope = "POST /fb/page/removeTag"
    server = Server(answers={scope: [answer]})
    course, _ = go(server, planned(WRITE, scope, writes=True))
    assert len(server.times(scope)) == 1
    assert attempts(course, scope) == 1


def test_where_nobody_listens_only_the_key_check_insists() -> None:
    every = {request.endpoint.scope: [REFUSED] for request in planned().requests}
    server = Server(latency=0.0, answers=every)
    course, took = go(server)
    assert attempts(course, KEY_CHECK) == 3
    assert {record.attempts for record in course.scopes} == {1}
    assert took < 6


def test_an_uninstalled_app_is_not_asked_again_and_again() -> None:
    every = {request.endpoint.scope: [EXCEPTION] for request in planned().requests}
    server = Server(latency=0.0, answers=every)
    go(server)
    assert len(server.began) == len(planned().requests)


def test_a_lone_exception_is_asked_again() -> None:
    """A single question must be able to tell an uninstalled app from a passing fault."""
    course, _ = go(Server(answers={KEY_CHECK: [EXCEPTION]}), planned(KEY_CHECK))
    assert (course.check.attempts, course.check.alike) == (3, 3)
    course, _ = go(Server(answers={KEY_CHECK: [RESET, RESET, EXCEPTION]}), planned(KEY_CHECK))
    assert (course.check.attempts, course.check.alike) == (3, 1)
    course, _ = go(Server(answers={KEY_CHECK: [EXCEPTION, GRANTED]}), planned(KEY_CHECK))
    assert (course.check.attempts, course.check.answer) == (2, GRANTED)


@pytest.mark.parametrize(("wait", "pause"), [(7.0, 7.0), (None, running.PAUSE), (0.0, 0.0)])
def test_a_429_pauses_the_whole_run_and_gets_one_more_try(wait: float | None, pause: float) -> None:
    limited = Answer(429, body=ApiMessage("error"), retry_after=wait)
    server = Server(latency=0.0, answers={TAGS: [limited, GRANTED]})
    course, _ = go(server, rate=10, concurrency=2)
    first, second = server.times(TAGS)
    assert second - first >= pause - 1e-9
    assert not [moment for moment in server.starts if first + 0.1 + 1e-9 < moment < first + pause - 1e-9]
    assert attempts(course, TAGS) == 2
    assert course.ended == ""
    assert all(record.answer == GRANTED for record in course.scopes)


def test_a_second_429_on_the_same_endpoint_is_not_tried_again() -> None:
    server = Server(answers={TAGS: [LIMITED]})
    course, _ = go(server, planned(TAGS, FLOWS))
    assert attempts(course, TAGS) == 2
    assert course.ended == ""
    assert [record.answer for record in course.scopes] == [LIMITED, GRANTED]


def test_a_429_after_other_failures_is_no_more_than_the_last_attempt() -> None:
    course, _ = go(Server(answers={TAGS: [RESET, RESET, LIMITED, GRANTED]}), planned(TAGS))
    assert (course.scopes[0].answer, course.scopes[0].attempts) == (LIMITED, 3)


def test_a_third_429_ends_the_run() -> None:
    server = Server(latency=0.0, answers={TAGS: [LIMITED], FLOWS: [LIMITED]})
    course, _ = go(server, concurrency=1)
    assert course.ended == running.LIMITED
    assert sum(request.endpoint.scope in (TAGS, FLOWS) for _, request in server.began) == 3
    unsent = [record for record in course.scopes if record.unsent]
    assert unsent
    assert {record.unsent for record in unsent} == {running.LIMITED}


def test_a_pause_beyond_the_deadline_ends_the_run_at_once() -> None:
    limited = Answer(429, body=ApiMessage("error"), retry_after=3600.0)
    course, took = go(Server(answers={TAGS: [limited]}), concurrency=1)
    assert course.ended == running.LIMITED
    assert took < 5


def test_an_ended_run_sends_nothing_of_what_was_waiting_for_its_turn() -> None:
    limited = Answer(429, body=ApiMessage("error"), retry_after=3600.0)
    server = Server(latency=0.0, answers={TAGS: [limited]})
    go(server, rate=1, concurrency=4)
    assert [request.endpoint.scope for _, request in server.began] == [KEY_CHECK, TAGS]


def test_the_deadline_ends_everything_and_keeps_what_there_is() -> None:
    server = Server(latency=1.0)
    course, took = go(server, concurrency=2, deadline=3.5)
    assert took == pytest.approx(3.5)
    assert course.ended == running.DEADLINE
    assert [record.answer is not None for record in (course.check, *course.scopes)].count(True) == 5
    open_ = [record for record in course.scopes if record.answer is None]
    assert {record.unsent for record in open_} == {running.DEADLINE}
    # Those under way had been sent.
    assert sorted(record.attempts for record in open_)[-2:] == [1, 1]


def test_a_deadline_during_the_key_check() -> None:
    course, took = go(Server(latency=100.0), deadline=2.0)
    assert took == pytest.approx(2.0)
    assert course.check.unsent == running.DEADLINE
    assert course.check.attempts == 1


def test_an_interruption_keeps_what_there_is() -> None:
    server = Server(latency=1.0)

    async def interrupted() -> RunLog:
        task = asyncio.create_task(run(planned(), server.send, Limits(rate=100)))
        asyncio.get_running_loop().call_later(2.5, task.cancel)
        return await task

    course, took = run_fast(interrupted)
    assert took == pytest.approx(2.5)
    assert course.ended == running.INTERRUPTED
    assert [record.answer is not None for record in course.scopes].count(True) == 4


def test_a_write_that_is_carried_out_stops_the_run() -> None:
    server = Server(latency=0.0, answers={"POST /fb/page/removeTag": [Answer(200, body=ApiMessage("success"))]})
    plan = planned(writes=True)
    course, _ = go(server, plan, concurrency=1)
    assert course.ended == running.WRITTEN
    sent = [request for _, request in server.began if request in plan.writes]
    assert sent == list(plan.writes[: len(sent)])
    assert sent[-1].path == "/fb/page/removeTag"
    assert {record.unsent for record in course.scopes if record.answer is None} == {running.WRITTEN}


def test_even_a_calibration_that_is_carried_out_stops_it() -> None:
    server = Server(latency=0.0, answers={WRITE: [Answer(200, body=ApiMessage("success"))]})
    course, _ = go(server, planned(writes=True), concurrency=1)
    assert course.ended == running.WRITTEN
    assert len(server.times(WRITE)) == 1


def test_progress_is_told() -> None:
    seen: list[tuple[int, int]] = []
    plan = planned(TAGS, FLOWS)
    run_fast(lambda: run(plan, Server().send, Limits(), lambda done, every: seen.append((done, every))))
    assert seen == [(1, 3), (2, 3), (3, 3)]
