"""Every verdict is right, for hundreds of random keys and each order in which a server may check.

What a key has is drawn at random; what probe must find out follows from that, and from what nobody can find out. Most
runs are without sockets, where a run takes milliseconds; some go over the wire. MCAPP_COMBINATIONS=500 tries so many.
"""

import os
from random import Random
from typing import NamedTuple

import pytest

from mcapp.emulator.emulated_key import EmulatedKey
from mcapp.emulator.manychat import BODY_FIRST, KEY_BODY_SCOPE, SCOPE_FIRST, ManyChat
from mcapp.keys.secret import Secret
from mcapp.net.target import choose
from mcapp.scopes.catalogue import EMPTY, READ, load
from mcapp.scopes.plan import Limits, Selection, build
from mcapp.scopes.report import ProbeReport
from mcapp.scopes.verdicts import run_probe
from mcapp.testing import Emulator
from tests.scopes.conftest import InProcess, verdicts

READS = [endpoint.scope for endpoint in load() if endpoint.send == READ]
WRITES = [endpoint.scope for endpoint in load() if endpoint.send == EMPTY]
OTHERS = [endpoint.scope for endpoint in load() if endpoint.scope not in (*READS, *WRITES)]
KEY = "fake-key-" + "Qz7" * 8
FAST = Limits(rate=100_000, concurrency=4)

EACH = 50
CHUNKS = int(os.environ.get("MCAPP_COMBINATIONS", "100")) // EACH
EVERY_STATE = ["working"] * 6 + ["uninstalled", "revoked", "malformed", "account"]


class Case(NamedTuple):
    state: str
    scopes: frozenset[str]


def cases(number: int) -> list[Case]:
    """Fifty keys: dense and sparse, with the extremes among them."""
    random = Random(number)  # noqa: S311  # the same cases in every run
    drawn = [
        Case("working", frozenset()),
        Case("working", frozenset((*READS, *WRITES, *OTHERS))),
        Case("working", frozenset(WRITES)),
        Case("working", frozenset(READS)),
        Case("working", frozenset({random.choice(READS)})),
        Case("working", frozenset({random.choice(WRITES)})),
        Case("working", frozenset(set(WRITES) - {random.choice(WRITES)})),
    ]
    while len(drawn) < EACH:
        density = random.choice([0.1, 0.5, 0.9])
        scopes = frozenset(scope for scope in (*READS, *WRITES, *OTHERS) if random.random() < density)
        drawn.append(Case(random.choice(EVERY_STATE), scopes))
    return drawn


def expected_scopes(case: Case, order: str, writes: bool) -> dict[str, str]:
    found = dict.fromkeys((*WRITES, *OTHERS), "skipped")
    if case.state in ("revoked", "malformed"):
        return found | dict.fromkeys(READS, "skipped") | {READS[0]: "inconclusive"} | dict.fromkeys(WRITES, "skipped")
    if case.state == "uninstalled":
        # A server that looks at the body first answers the calibration for its body, so no write is sent.
        return found | dict.fromkeys(READS, "inconclusive") | (dict.fromkeys(WRITES, "inconclusive") if writes else {})
    has = case.scopes if case.state == "working" else frozenset((*READS, *WRITES))
    found |= {scope: "granted" if scope in has else "denied" for scope in READS}
    if writes:
        told_apart = order == SCOPE_FIRST and not has.issuperset(WRITES)
        for scope in WRITES:
            found[scope] = ("granted" if scope in has else "denied") if told_apart else "inconclusive"
    return found


def expected_key(case: Case, order: str, writes: bool) -> str:
    if case.state in ("revoked", "malformed"):
        return "rejected"
    if case.state == "uninstalled":
        return "uninstalled"
    if case.state == "account" or case.scopes.intersection(READS):
        return "working"
    if writes and (order == KEY_BODY_SCOPE or (order == SCOPE_FIRST and case.scopes.intersection(WRITES))):
        return "working"  # it was let past the check of the key, where a key that nobody has was not
    return "no-scope-or-unknown"


def check(report: ProbeReport, manychat: ManyChat, case: Case, order: str, writes: bool) -> None:
    found = verdicts(report)
    assert found == expected_scopes(case, order, writes)
    assert list(found) == [endpoint.scope for endpoint in load()]
    assert report.key is not None
    assert report.key.verdict == expected_key(case, order, writes)
    assert report.exit_code == (0 if report.key.verdict == "working" else 1)
    # And nothing was changed, by requests of the plan alone.
    assert manychat.unchanged
    for entry in manychat.journal:
        assert entry.scope in READS or (writes and entry.scope in WRITES and entry.body == {})
        assert entry.key in ("it", "unknown", None)
    own = [entry.scope for entry in manychat.journal if entry.key == "it"]
    assert len(own) == len(set(own))
    assert len(manychat.journal) - len(own) in ((0, 2) if writes else (0,))


def emulated(case: Case) -> EmulatedKey:
    return EmulatedKey(KEY, case.scopes, case.state, "it")


@pytest.mark.parametrize("order", [SCOPE_FIRST, KEY_BODY_SCOPE, BODY_FIRST])
@pytest.mark.parametrize("number", range(CHUNKS))
def test_hundreds_of_keys(number: int, order: str) -> None:
    target = choose("http://127.0.0.1:1")
    for case in cases(number):
        for writes in (False, True) if order == SCOPE_FIRST else (True,):
            manychat = ManyChat([emulated(case)], order=order)
            plan = build(target, Selection(include_writes=writes))
            report = run_probe(plan, Secret(KEY), FAST, inner=InProcess(manychat))
            check(report, manychat, case, order, writes)


@pytest.mark.parametrize("order", [SCOPE_FIRST, KEY_BODY_SCOPE, BODY_FIRST])
def test_the_same_over_the_wire(order: str) -> None:
    for case in cases(1000)[:10]:
        with Emulator([emulated(case)], order=order) as emulator:
            plan = build(choose(emulator.base_url), Selection(include_writes=True))
            report = run_probe(plan, Secret(KEY), FAST)
            check(report, emulator, case, order, True)


def test_a_key_that_nobody_knows() -> None:
    manychat = ManyChat()
    plan = build(choose("http://127.0.0.1:1"), Selection(include_writes=True))
    report = run_probe(plan, Secret(KEY), FAST, inner=InProcess(manychat))
    assert report.key is not None
    assert (report.key.verdict, report.exit_code, len(manychat.journal)) == ("rejected", 1, 1)


def test_an_indistinguishable_write_is_told_so() -> None:
    manychat = ManyChat([EmulatedKey(KEY, frozenset(WRITES), "working", "it")])
    plan = build(choose("http://127.0.0.1:1"), Selection(include_writes=True))
    report = run_probe(plan, Secret(KEY), FAST, inner=InProcess(manychat))
    result = next(result for result in report.scopes if result.scope == WRITES[0])
    assert (result.verdict, result.status, result.indistinguishable) == ("inconclusive", 400, True)
    assert "look the same" in result.reason
    assert report.undecided == ()
