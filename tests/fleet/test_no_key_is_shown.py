"""No key is in the state, the reports, the output or the list of processes, and none is kept in memory."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mcapp.fleet.fleet_report import FORMATS
from mcapp.terminal import redact
from mcapp.testing import Emulator
from tests.fleet.conftest import MARKER, TAGS, Fleet, know
from tests.harness import ROOT

STATES = ("working", "uninstalled", "revoked", "malformed", "account")


def write_list(emulator: Emulator, number: int) -> None:
    """A list whose names and page ids hold the keys too."""
    rows = []
    for each in range(number):
        key = know(emulator, each, STATES[each % len(STATES)])
        rows.append({"key": key, "name": f"the shop of {key}", "page_id": key, "note": key})
    Path("keys.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_nowhere(emulator: Emulator, fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    write_list(emulator, 10)
    where = ("--state", "folder/state", "--base-url", emulator.base_url, "--rate", "20")
    Path("folder").mkdir()
    command = [sys.executable, "-m", "mcapp", "fleet", "check", "--keys", "keys.jsonl", *where, "--expect", TAGS, "-v"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen = b""
    while process.poll() is None:
        if Path("/proc/self").exists():
            seen += Path(f"/proc/{process.pid}/cmdline").read_bytes()
        seen += b"".join(path.read_bytes() for path in Path("folder").iterdir())
        time.sleep(0.05)
    assert process.stdout is not None
    seen += process.stdout.read()
    process.stdout.close()
    seen += b"".join(path.read_bytes() for path in Path("folder").iterdir())
    for name in FORMATS:
        seen += fleet("report", "--state", "folder/state", "--output-format", name).out.encode()
    assert b"the shop of " in seen
    assert MARKER.encode() not in seen


def test_keys_that_are_done_with_are_forgotten(emulator: Emulator, fleet: Fleet) -> None:
    """Or the memory would grow with the list."""
    write_list(emulator, 30)
    before = sum(len(forms) for lengths in redact._loaded.values() for forms in lengths.values())
    fleet("check", "--keys", "keys.jsonl", "--shard", "1/2")
    kept = sum(len(forms) for lengths in redact._loaded.values() for forms in lengths.values())
    assert kept - before <= 10  # the forms of the one key that works and stands by
