"""What a run sends and what it leaves out."""

import re

import pytest

from mcapp.errors import UsageProblem
from mcapp.net.target import choose
from mcapp.scopes.catalogue import EMPTY, KEY_CHECK, NEVER, READ, load
from mcapp.scopes.guard import objection
from mcapp.scopes.plan import NONE, OWN, STRANGER, Plan, Selection, build

TARGET = choose("http://127.0.0.1:1")
SELECTIONS = [
    Selection(),
    Selection(include_writes=True),
    Selection(("/fb/subscriber/createSubscriber",), (), include_writes=True),
    Selection(groups=("sending", "profile"), include_writes=True),
    Selection(("GET /fb/page/getTags",)),
]


def scopes(plan: Plan) -> list[str]:
    return [endpoint.scope for endpoint in plan.scopes]


def test_by_default_every_read_is_sent_and_every_write_skipped() -> None:
    plan = build(TARGET, Selection())
    assert scopes(plan) == [endpoint.scope for endpoint in load()]
    assert [request.endpoint for request in plan.requests] == [each for each in load() if each.send == READ]
    assert {request.method for request in plan.requests} == {"GET"}
    assert plan.requests[0].endpoint.scope == KEY_CHECK
    assert set(plan.skipped) == {endpoint.scope for endpoint in load() if endpoint.mutates}
    assert plan.skipped["POST /fb/page/createTag"].next == "add --include-writes"
    assert plan.skipped["POST /fb/subscriber/createSubscriber"].next.startswith("add --only 'POST ")


def test_writes_are_calibrated_before_they_are_sent() -> None:
    plan = build(TARGET, Selection(include_writes=True))
    assert [request.auth for request in plan.requests].count(OWN) == len(plan.requests) - 2
    assert [request.auth for request in plan.requests[1:3]] == [NONE, STRANGER]
    writes = [endpoint.scope for endpoint in load() if endpoint.send == EMPTY]
    assert {request.endpoint.scope for request in plan.calibration} == {writes[0]}
    assert [request.endpoint.scope for request in plan.writes] == writes
    assert all(request.body == b"{}" for request in (*plan.calibration, *plan.writes))
    assert re.fullmatch(r"0:[0-9a-f]{32}", plan.stranger)


def test_what_is_never_sent() -> None:
    every = tuple(endpoint.scope for endpoint in load())
    plan = build(TARGET, Selection(only=every, include_writes=True))
    sent = {request.endpoint.scope for request in plan.requests}
    assert set(every) - sent == {endpoint.scope for endpoint in load() if endpoint.send == NEVER}
    assert plan.skipped["POST /fb/subscriber/verifyBySignedRequest"].reason.startswith("never sent: what it does is ")


def test_a_contact_is_created_only_when_named() -> None:
    scope = "POST /fb/subscriber/createSubscriber"
    assert scope not in {request.endpoint.scope for request in build(TARGET, Selection(include_writes=True)).requests}
    assert scope not in {request.endpoint.scope for request in build(TARGET, Selection((scope,))).requests}
    plan = build(TARGET, Selection((scope,), include_writes=True))
    assert [request.endpoint.scope for request in plan.requests] == [KEY_CHECK, scope, scope, scope]
    assert all(request.named for request in plan.requests[1:])


def test_the_key_check_is_sent_but_not_reported_unless_selected() -> None:
    plan = build(TARGET, Selection(("/fb/page/getTags",)))
    assert [request.endpoint.scope for request in plan.requests] == [KEY_CHECK, "GET /fb/page/getTags"]
    assert scopes(plan) == ["GET /fb/page/getTags"]
    only = build(TARGET, Selection((KEY_CHECK,)))
    assert [request.endpoint.scope for request in only.requests] == [KEY_CHECK]
    assert scopes(only) == [KEY_CHECK]


def test_scopes_and_groups_add_up() -> None:
    plan = build(TARGET, Selection(("/fb/page/getTags",), ("sending",), include_writes=True))
    assert scopes(plan) == [
        "GET /fb/page/getTags",
        "POST /fb/sending/sendContent",
        "POST /fb/sending/sendContentByUserRef",
        "POST /fb/sending/sendFlow",
    ]


def test_an_expected_scope_is_never_overlooked() -> None:
    with pytest.raises(UsageProblem, match="GET /fb/page/getFlows is expected, but would not be probed"):
        build(TARGET, Selection(("/fb/page/getTags",)), expected=["GET /fb/page/getFlows"])


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UsageProblem, match="unknown group"):
        build(TARGET, Selection(groups=("pages",)))
    with pytest.raises(UsageProblem, match="unknown scope"):
        build(TARGET, Selection(only=("/me",)))


@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
def test_the_guard_objects_to_nothing_in_a_plan(selection: Selection) -> None:
    plan = build(TARGET, selection)
    assert [objection(request, plan) for request in plan.requests] == [""] * len(plan.requests)


def test_no_two_runs_send_the_same_values() -> None:
    first, second = (build(TARGET, Selection()) for _ in range(2))
    assert first.random != second.random
    assert sum(first.random in request.url for request in first.requests) == 3
    assert first.stranger != second.stranger
