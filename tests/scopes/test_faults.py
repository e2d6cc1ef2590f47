"""Whatever goes wrong on one endpoint, on several or on all: no false "granted", no false "denied", no hang."""

import socket
import ssl
import time
from collections.abc import Iterator

import httpx
import pytest

from mcapp.keys.secret import Secret
from mcapp.net.target import choose
from mcapp.scopes import run as running
from mcapp.scopes.catalogue import EMPTY, KEY_CHECK, READ, load
from mcapp.scopes.plan import Limits, Plan, Selection, build
from mcapp.scopes.report import ProbeReport
from mcapp.scopes.verdicts import run_probe
from mcapp.testing import Emulator, Fault
from tests.hostile import ALL_KINDS, hostile_kinds  # noqa: F401  # a fixture
from tests.scopes.conftest import InProcess, ask, verdicts

READS = [endpoint.scope for endpoint in load() if endpoint.send == READ]
WRITES = [endpoint.scope for endpoint in load() if endpoint.send == EMPTY]
HAS = {*READS[:9], *WRITES[:9]}
WHERE = {
    "the key check": (KEY_CHECK,),
    "one": ("GET /fb/page/getFlows",),
    "one write": ("POST /fb/page/removeTag",),
    "the calibration": ("POST /fb/page/createTag",),
    "several": (KEY_CHECK, READS[5], READS[10], WRITES[3], WRITES[12]),
    "all": (None,),
}
DEADLINE = 6.0

# What is only noticed when the time is up. The limit is short there, but long enough for the endpoints that do answer,
# on a machine with much else to do.
WAITING = {"timeout", "slow", "drip", "drip-headers"}

# How the fault is to be made: slow ones so that they pass the time limit.
NUMBERS = {"slow": 3.0, "drip": 0.05, "drip-headers": 0.05, "429 with Retry-After": 0.0}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BACKOFF", 0.01)
    monkeypatch.setattr(running, "PAUSE", 0.05)
    # That a time-out is tried again is shown in test_run.py, where it takes no time.
    monkeypatch.setattr(running, "_MOST_TIMEOUTS", 1)


@pytest.fixture
def known() -> Iterator[tuple[Emulator, str]]:
    with Emulator() as emulator:
        yield emulator, emulator.key(sorted(HAS), name="it")


def limit(kind: str, where: str = "one") -> float:
    """The time limit for one request, in seconds."""
    if kind not in WAITING:
        return DEADLINE
    return 0.2 if where == "all" else 1.2


def no_falsehood(report: ProbeReport) -> None:
    for result in report.scopes:
        assert result.verdict != "granted" or result.scope in HAS, result
        assert result.verdict != "denied" or result.scope not in HAS, result


def no_side_effect(emulator: Emulator) -> None:
    assert emulator.unchanged
    for entry in emulator.journal:
        assert entry.scope in READS or (entry.scope in WRITES and entry.body == {})
    writes = [entry.scope for entry in emulator.journal if entry.method == "POST" and entry.key == "it"]
    assert len(writes) == len(set(writes))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("kind", [*sorted(ALL_KINDS), "429 with Retry-After"])
def test_a_fault_is_never_a_verdict(known: tuple[Emulator, str], kind: str, where: str) -> None:
    emulator, key = known
    hit = WHERE[where]
    for scope in hit:
        emulator.add_fault(Fault(kind.split()[0], scope, NUMBERS.get(kind)))
    started = time.monotonic()
    report = ask(emulator, key, include_writes=True, timeout=limit(kind, where), deadline=DEADLINE)
    assert time.monotonic() - started < DEADLINE + 4
    no_falsehood(report)
    no_side_effect(emulator)
    assert report.key is not None
    found = verdicts(report)
    for scope in hit:
        for spoilt in READS if scope is None else {scope} & {*READS, *WRITES}:
            assert found[spoilt] == "inconclusive", spoilt
    if where == "all":
        answered = any(result.status is not None for result in report.scopes)
        open_ = "unclear" if answered else "unreachable"
        assert report.key.verdict == ("uninstalled" if kind == "exception" else open_)
        assert report.exit_code == (1 if kind == "exception" else 3)
        return
    assert report.key.verdict == "working"
    assert report.exit_code == 3
    if not kind.startswith("429") or len(hit) == 1:
        # The results of the others are kept. (A third 429 ends the run.)
        for scope in {*READS, *WRITES} - set(hit):
            if scope in READS or where != "the calibration":
                assert found[scope] == ("granted" if scope in HAS else "denied"), scope


@pytest.mark.parametrize("kind", sorted(set(ALL_KINDS) - {"redirect", "html"}))
def test_what_is_wrong_is_said_in_words(known: tuple[Emulator, str], kind: str) -> None:
    emulator, key = known
    emulator.add_fault(Fault(kind, READS[1], NUMBERS.get(kind)))
    report = ask(emulator, key, only=[READS[1]], timeout=limit(kind), deadline=DEADLINE)
    (result,) = report.scopes
    assert result.verdict == "inconclusive"
    assert len(result.reason.split()) >= 3
    assert result.next
    assert (result.status is None) == (kind in {"timeout", "reset", "close", "slow", "drip-headers", "garbage"})


def test_a_429_with_retry_after_is_waited_for(known: tuple[Emulator, str]) -> None:
    emulator, key = known
    emulator.fault("429", READS[1], number=1, times=1)
    started = time.monotonic()
    report = ask(emulator, key)
    assert time.monotonic() - started >= 1
    assert verdicts(report)[READS[1]] == "granted"
    assert report.exit_code == 0


def test_a_redirect_is_told_but_not_followed(known: tuple[Emulator, str]) -> None:
    emulator, key = known
    with Emulator() as elsewhere:
        emulator.add_fault(Fault("redirect", location=f"{elsewhere.base_url}/fb/page/getInfo"))
        report = ask(emulator, key, include_writes=True)
        assert elsewhere.journal == ()
    assert report.exit_code == 3
    assert report.scopes[0].reason == "a redirect to 127.0.0.1, which is not followed (status 302)"


def test_a_write_that_is_carried_out_is_told_loudly() -> None:
    """A server that takes an empty body for a tag: the run stops, and no exit code says that all is well."""

    class Careless(InProcess):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/fb/page/removeTag":
                body = b'{"status":"success"}'
                return httpx.Response(200, headers={"content-type": "application/json"}, stream=httpx.ByteStream(body))
            return await super().handle_async_request(request)

    emulator = Emulator()
    key = emulator.key()
    report = direct(planned(include_writes=True), key, Careless(emulator), concurrency=1, fail_on=())
    assert report.exit_code == 3
    (error,) = report.errors
    assert error.code == "write-accepted"
    assert "POST /fb/page/removeTag with the body {}" in error.message
    assert [entry.scope for entry in emulator.journal if entry.key != "unknown"][-1] == "POST /fb/page/createTag"
    assert verdicts(report)["POST /fb/page/setBotField"] == "skipped"


def planned(url: str = "http://127.0.0.1:1", *, include_writes: bool = False) -> Plan:
    return build(choose(url), Selection(include_writes=include_writes))


def direct(
    plan: Plan, key: str, inner: httpx.AsyncBaseTransport | None, *, concurrency: int = 4, fail_on: tuple[str, ...] = ()
) -> ProbeReport:
    limits = Limits(rate=2000, concurrency=concurrency, timeout=DEADLINE, deadline=DEADLINE)
    return run_probe(plan, Secret(key), limits, inner=inner, fail_on=fail_on)


def test_nothing_listens() -> None:
    with Emulator() as emulator:
        url, key = emulator.base_url, emulator.key()
    report = direct(planned(url, include_writes=True), key, None)
    assert report.key is not None
    assert (report.key.verdict, report.exit_code) == ("unreachable", 3)
    assert report.key.reason == "no call was answered: the connection was refused: nothing listens there"
    assert report.summary["granted"] == report.summary["denied"] == 0


def test_a_name_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    report = direct(planned("http://localhost:1"), "fake-key-fake-key", None)
    assert report.key is not None
    assert report.key.reason == "no call was answered: the host name could not be resolved"
    assert report.exit_code == 3


def test_a_resolver_that_never_answers_does_not_hold_up_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object, **__: object) -> None:
        time.sleep(30)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    report = run_probe(
        planned("http://localhost:1"), Secret("fake-key-fake-key"), Limits(rate=2000, timeout=0.2, deadline=1.0)
    )
    assert time.monotonic() - started < 10
    assert report.exit_code == 3


def test_a_server_that_speaks_no_tls() -> None:
    with Emulator() as emulator:
        report = direct(planned(emulator.base_url.replace("http:", "https:")), "fake-key-fake-key", None)
        assert emulator.journal == ()
    assert report.key is not None
    assert report.key.reason.startswith("no call was answered: no trusted encrypted connection")


class Raising(InProcess):
    """Raises instead of answering, for the scopes given."""

    def __init__(self, emulator: Emulator, error: Exception, scopes: set[str]) -> None:
        super().__init__(emulator)
        self.error = error
        self.scopes = scopes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if f"{request.method} {request.url.path}" in self.scopes:
            raise self.error
        return await super().handle_async_request(request)


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "scopes", [{READS[4]}, {KEY_CHECK, *READS[5:8]}, {*READS, *WRITES}], ids=["one", "several", "all"]
)
@pytest.mark.parametrize(
    "error",
    [
        caused(httpx.ConnectError("x"), socket.gaierror(-2, "x")),
        caused(httpx.ConnectError("x"), ExceptionGroup("x", [ConnectionRefusedError(111, "x")])),
        caused(httpx.ConnectError("x"), ssl.SSLCertVerificationError("x")),
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.ReadError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.ProxyError("x"),
        ConnectionResetError("x"),
        OSError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_failures_of_the_connection(error: Exception, scopes: set[str]) -> None:
    emulator = Emulator()
    key = emulator.key(sorted(HAS), name="it")
    report = direct(planned(include_writes=True), key, Raising(emulator, error, scopes))
    no_falsehood(report)
    no_side_effect(emulator)
    found = verdicts(report)
    assert {found[scope] for scope in scopes} == {"inconclusive"}
    for scope in set(READS) - scopes:
        assert found[scope] == ("granted" if scope in HAS else "denied")
    # What a library says may quote a request: none of it is repeated.
    assert "x" not in {word for result in report.scopes for word in result.reason.split()}
