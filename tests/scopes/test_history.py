"""What is remembered of a run, and what became of it since."""

from pathlib import Path

import pytest

from mcapp.keys.private_files import PROBES, Folder
from mcapp.net.target import MANYCHAT
from mcapp.scopes import history
from mcapp.scopes.report import Changes, KeyResult, ProbeReport, ScopeResult

KEY = KeyResult("shop-a", "file", "3f9c1a", "working", "because")
A, B, C = ("GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows")


def report(**verdicts: str) -> ProbeReport:
    scopes = {"a": A, "b": B, "c": C}
    return ProbeReport(
        KEY, MANYCHAT, tuple(ScopeResult(scopes[name], "page", False, verdict) for name, verdict in verdicts.items())
    )


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "mcapp")


def changes(folder: Folder, result: ProbeReport, key_id: str = "1", place: str = MANYCHAT) -> Changes | None:
    found = history.compare(result, folder, key_id, place).changes
    history.remember(result, folder, key_id, place, {"1", "2"})
    return found


def test_the_first_run_has_nothing_to_compare_with(folder: Folder) -> None:
    assert changes(folder, report(a="granted")) is None


def test_only_what_is_certain_counts(folder: Folder) -> None:
    changes(folder, report(a="granted", b="denied", c="inconclusive"))
    found = changes(folder, report(a="denied", b="granted", c="granted"))
    assert found is not None
    assert (found.added, found.removed) == ((B,), (A,))
    # A run that could not tell forgets nothing.
    assert changes(folder, report(a="inconclusive", b="skipped")) is not None
    found = changes(folder, report(a="granted", b="denied", c="granted"))
    assert found is not None
    assert (found.added, found.removed) == ((A,), (B,))


def test_keys_and_places_are_kept_apart(folder: Folder) -> None:
    changes(folder, report(a="granted"))
    assert changes(folder, report(a="denied"), key_id="2") is None
    assert changes(folder, report(a="denied"), place="loopback") is None
    found = changes(folder, report(a="denied"))
    assert found is not None
    assert found.removed == (A,)


def test_what_belongs_to_removed_keys_is_dropped(folder: Folder) -> None:
    changes(folder, report(a="granted"), key_id="old")
    assert "old" in history.verdicts(folder)
    changes(folder, report(a="granted"))
    assert set(history.verdicts(folder)) == {"1"}


def test_places_are_few(folder: Folder) -> None:
    for number in range(10):
        changes(folder, report(a="granted"), place=f"https://host-{number}.example")
    assert changes(folder, report(a="granted"), place="https://host-0.example") is None
    assert changes(folder, report(a="granted"), place="https://host-9.example") is not None


def test_the_last_verdict_of_each_key(folder: Folder) -> None:
    assert history.verdicts(folder) == {}
    changes(folder, report(a="granted"))
    changes(folder, report(a="granted"), key_id="2", place="loopback")
    (last,) = history.verdicts(folder).values()
    assert last["verdict"] == "working"
    assert last["at"].startswith("20")
    assert last["at"].endswith("Z")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"schema_version": 2}',
        b'{"schema_version": 1, "keys": []}',
        b'{"schema_version": 1, "keys": {"1": {"x": {"granted": 5}}}}',
        b"\xff" * 10,
        b"[" * 100_000,
    ],
    ids=range(8),
)
def test_a_broken_history_is_no_history(folder: Folder, content: bytes) -> None:
    changes(folder, report(a="granted"))
    path = folder.path / PROBES
    path.write_bytes(content)
    assert changes(folder, report(a="denied")) is None
    assert changes(folder, report(a="granted")) is not None


def test_a_run_without_a_key_leaves_no_trace(folder: Folder) -> None:
    history.remember(ProbeReport(), folder, "1", MANYCHAT, {"1"})
    assert not folder.path.exists()
