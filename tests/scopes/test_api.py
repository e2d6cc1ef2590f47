"""`mcapp.probe` for Python programs."""

import asyncio
import inspect
import pydoc
import threading

import pytest

import mcapp
from mcapp.api import probe
from mcapp.errors import NoKey, UsageProblem
from mcapp.keys.secret import Secret
from mcapp.scopes.catalogue import EMPTY, READ, load
from mcapp.scopes.report import ProbeReport
from mcapp.testing import Emulator
from tests.harness import Cli

TAGS = "GET /fb/page/getTags"


def test_a_report_comes_back(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    report = probe(emulator.key([TAGS]), base_url=emulator.base_url, rate=2000)
    assert isinstance(report, ProbeReport)
    assert report.ok
    assert report.key is not None
    assert (report.key.verdict, report.key.source, report.key.name) == ("working", "argument", None)
    assert report.granted == (TAGS,)
    assert capsys.readouterr() == ("", "")


def test_it_is_a_function_with_a_signature_and_a_help_text() -> None:
    assert inspect.isfunction(mcapp.probe)
    assert list(inspect.signature(mcapp.probe).parameters)[:3] == ["key", "name", "only"]
    assert "include_writes: bool = False" in pydoc.render_doc(mcapp.probe)


def test_options(emulator: Emulator) -> None:
    key = Secret(emulator.key(["page"]))
    report = probe(
        key,
        base_url=emulator.base_url,
        rate=2000,
        groups=["page"],
        include_writes=True,
        expect=["/fb/page/getInfo", "/fb/page/getTags"],
        fail_on=["extra"],
    )
    assert report.exit_code == 1
    assert report.expectation is not None
    page = [endpoint for endpoint in load() if endpoint.group == "page"]
    assert len(report.expectation.extra) == sum(endpoint.send == READ for endpoint in page) - 2
    assert report.summary["inconclusive"] == sum(endpoint.send == EMPTY for endpoint in page)


def test_under_a_running_event_loop(emulator: Emulator) -> None:
    key = emulator.key()

    async def notebook() -> ProbeReport:
        return probe(key, base_url=emulator.base_url, rate=2000)

    assert asyncio.run(notebook()).ok


def test_from_another_thread(emulator: Emulator) -> None:
    reports: list[ProbeReport] = []
    key = emulator.key()
    thread = threading.Thread(target=lambda: reports.append(probe(key, base_url=emulator.base_url, rate=2000)))
    thread.start()
    thread.join(30)
    assert reports[0].ok


def test_the_key_is_looked_up(cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoKey):
        probe(base_url=emulator.base_url)
    monkeypatch.setenv("MANYCHAT_APP_KEY", emulator.key())
    report = probe(base_url=emulator.base_url, rate=2000)
    assert report.key is not None
    assert report.key.source == "environment"
    cli("keys", "add", "shop-a", "--stdin", "--store", "file", stdin=emulator.key())
    report = probe(name="shop-a", base_url=emulator.base_url, rate=2000)
    assert report.key is not None
    assert (report.key.name, report.key.source) == ("shop-a", "file")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"only": ["/me"]}, "unknown scope"),
        ({"groups": ["pages"]}, "unknown group"),
        ({"expect": ["/me"]}, "unknown scope"),
        ({"fail_on": ["denied"]}, "fail_on does not accept"),
        ({"base_url": "https://evil.example"}, "not sent to"),
        ({"rate": 11.0}, "at most 10"),
        ({"timeout": 0.0}, "above 0"),
        ({"concurrency": 0}, "from 1 to 10"),
    ],
)
def test_wrong_settings(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        probe("fake-key-fake-key", **options)  # type: ignore[arg-type]


def test_a_failure_of_the_run_itself_is_not_lost_in_a_thread(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("mcapp.scopes.classify.classify", crash)
    key = emulator.key()

    async def notebook() -> None:
        probe(key, base_url=emulator.base_url, rate=2000)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(notebook())


def test_certificates_that_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from mcapp.errors import Undecided

    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all")
    with pytest.raises(Undecided, match="SSL_CERT_FILE names /nowhere/at/all, which is not a readable file"):
        probe("fake-key-fake-key")


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    from mcapp.errors import Undecided

    monkeypatch.setenv("HTTPS_PROXY", "nonsense://proxy.example")
    with pytest.raises(Undecided, match="HTTPS_PROXY is not the URL of a proxy"):
        probe("fake-key-fake-key")
