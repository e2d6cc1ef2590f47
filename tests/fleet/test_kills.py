"""A check that is killed at any moment loses nothing that it had stored, and goes on.

The ordinary run kills a few; MCAPP_FLEET_KILLS=30 kills so many.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mcapp.fleet.state_file import opened
from mcapp.testing import Emulator
from tests.fleet.conftest import INFO, MARKER, know, listed
from tests.harness import ROOT, TIME_LIMIT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

KILLS = int(os.environ.get("MCAPP_FLEET_KILLS", "0")) or 2
RATE = 200
BETWEEN = 100  # keys that are asked between two kills, at most


def command(emulator: Emulator) -> list[str]:
    where = ("--state", "state", "--base-url", emulator.base_url, "--rate", str(RATE))
    return [sys.executable, "-m", "mcapp", "fleet", "check", "--keys", "keys.jsonl", "--resume", *where]


def stored() -> dict[str, str]:
    """The verdicts on keys that need not be asked again, by name; the state can be read whatever happened."""
    if not Path("state").exists() or not Path("state").stat().st_size:
        return {}
    with opened("state", write=False) as state:
        runs = state.last_runs()
        assert len(runs) <= 1
        return {
            key.name: history[0].verdict
            for key, history in (state.histories(runs) if runs else ())
            if history[0].settled and len(history) == 1
        }


@pytest.mark.parametrize("uninstalled", [0, 10] if KILLS > 2 else [2])
def test_killed_at_random_moments(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, uninstalled: int) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    chance = random.Random(KILLS + uninstalled)  # noqa: S311  # a test's choice
    number = BETWEEN // 2 * KILLS
    gone = set(chance.sample(range(number), uninstalled))
    listed("keys.jsonl", {n: know(emulator, n, "uninstalled" if n in gone else "working") for n in range(number)})
    known: list[tuple[dict[str, str], Counter[str | None]]] = []
    kills = 0
    while kills < KILLS:
        process = subprocess.Popen(command(emulator), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if kills % 5 == 4:  # while it starts
            time.sleep(chance.uniform(0.05, 1.0))
        else:
            wanted = len(emulator.journal) + chance.randrange(BETWEEN)
            while len(emulator.journal) < wanted and process.poll() is None:
                time.sleep(0.001)
            time.sleep(chance.uniform(0.0, 0.02))
        process.kill()
        said = process.communicate()[0].decode()
        kills += 1
        assert MARKER not in said
        time.sleep(0.1)  # until the emulator has noted what was on its way
        known.append((stored(), Counter(call.key for call in emulator.journal)))
    done = subprocess.run(command(emulator), capture_output=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == (1 if gone else 0), done.stderr
    assert stored() == {f"shop-{n}": "uninstalled" if n in gone else "working" for n in range(number)}
    calls = Counter(call.key for call in emulator.journal)
    assert {call.scope for call in emulator.journal} == {INFO}
    again = Counter(name for verdicts, before in known for name in verdicts if calls[name] > before[name])
    # Each process goes on at once, so that what was answered before it still shows that there is no outage.
    assert not again
    assert sum(0 < len(verdicts) < number for verdicts, _ in known) >= KILLS // 2


def test_ctrl_c_while_the_list_is_waited_for(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    words = ["-" if word == "keys.jsonl" else word for word in command(emulator)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write("".join(["key,name\n", *(f"{know(emulator, n)},shop-{n}\n" for n in range(20))]).encode())
    process.stdin.flush()
    while len(emulator.journal) < 20:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 130
    assert out.startswith(b"20 of 20 keys work")
    assert b"interrupted; this is what was found until then" in out
    assert b"Fatal" not in err
    assert len(stored()) == 20
