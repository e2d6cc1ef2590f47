"""Many files are checked on all cores; nobody can tell it by the report."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mcapp.report import validation
from tests.validate.test_inputs import GOOD

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one process checks them all")

BAD = {5: "{", 60: "", 110: '{"actions": [{}]}', 160: '{"request": {"url": "http://example.com/"}}', 299: "[]"}
FILES = 3 * validation._SHARE + 7

# Three cores, however many there are; each process that is started is named on stderr.
CORES = """
import os, signal, sys, time
from mcapp.report import validation
fork = os.fork
def counted():
    process = fork()
    if process:
        print("started", process, file=sys.stderr)
    return process
os.fork = counted
os.sched_getaffinity = lambda _: set(range(3))
"""
RUN = "from mcapp.__main__ import main; main()"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    (folder / ".git").mkdir()
    for number in range(FILES):
        (folder / f"{number:04}.manychat.json").write_text(BAD.get(number, json.dumps(GOOD)))
    return folder


def run(folder: Path, code: str, *arguments: str) -> tuple[int, Any, list[int]]:
    """The exit code, the report, and the processes that were started."""
    command = [sys.executable, "-c", code, "validate", "--json", ".", "gone.json", *arguments]
    done = subprocess.run(command, input="{", cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    started = [int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("started")]
    return done.returncode, json.loads(done.stdout), started


@pytest.fixture(scope="module")
def alone(folder: Path) -> Any:
    """The report of one process."""
    code, report, started = run(folder, CORES.replace("range(3)", "range(1)") + RUN, "-")
    assert (code, len(report["files"]), started) == (2, FILES + 1, [])
    assert {finding["path"] for finding in report["findings"]} == {*(f"{n:04}.manychat.json" for n in BAD), "-"}
    return report


def test_the_report_is_that_of_one_process(folder: Path, alone: Any) -> None:
    code, report, started = run(folder, CORES + RUN, "-")
    assert (code, len(started)) == (2, 2)
    assert report == alone


def test_a_process_that_ends_too_early_is_not_missed(folder: Path, alone: Any) -> None:
    broken = "write, left = os.write, list(range(70))\nos.write = lambda *args: (left.pop(), write(*args))\n"
    code, report, started = run(folder, CORES + broken + RUN, "-")
    assert (code, len(started)) == (2, 2)
    assert report == alone


def test_where_no_process_may_be_started_one_does_it_all(folder: Path, alone: Any) -> None:
    refused = "def refused():\n    raise BlockingIOError\nos.fork = refused\n"
    code, report, _ = run(folder, CORES + refused + RUN, "-")
    assert (code, report) == (2, alone)


def test_with_ctrl_c_no_process_is_left(folder: Path) -> None:
    slow = (
        "validation._kind_if_clean = lambda *_: time.sleep(60)\n"
        "validate = validation._validate_file\n"
        "def interrupted(path, job):\n"
        "    if path.startswith('0007'):\n"
        "        signal.raise_signal(signal.SIGINT)\n"
        "    return validate(path, job)\n"
        "validation._validate_file = interrupted\n"
    )
    code, report, started = run(folder, CORES + slow + RUN)
    assert (code, len(report["files"]), len(started)) == (130, 7, 2)
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_where_nobody_can_wait_for_a_process_none_is_started(folder: Path, alone: Any) -> None:
    ignored = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
    assert run(folder, CORES + ignored + RUN, "-") == (2, alone, [])


def test_fixing_is_left_to_one_process(folder: Path) -> None:
    code, report, started = run(folder, CORES + RUN, "--fix")
    assert (code, len(report["files"]), started) == (2, FILES, [])
