"""kill -9 at random moments, and fifty processes at once: nothing is lost, and nothing is left that nobody knows of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp.keys.index import READY
from mcapp.keys.safefile import Folder
from mcapp.keys.stores.base import FILE, SYSTEM, Patience
from mcapp.keys.vault import Vault
from tests.harness import ROOT, TIME_LIMIT
from tests.keys.conftest import MakeKey

pytestmark = pytest.mark.skipif(os.name != "posix", reason="fork and SIGKILL")

KILLS = 120  # in each of the two stores
CROWD = 50


@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_wherever_it_is_killed_index_and_store_agree_after_doctor(
    request: pytest.FixtureRequest, store: str, closed_off: Path
) -> None:
    if store == SYSTEM:
        request.getfixturevalue("keyring")
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "tests.keys.killed", store, str(KILLS), "20260101"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        timeout=4 * TIME_LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["kills"] == KILLS
    # Kills that met nothing half done would prove nothing.
    assert result["unfinished"] >= KILLS / 10, result
    assert {path.name for path in (closed_off / "mcapp").iterdir()} <= {"index.toml", "keys.toml", "lock", "busy.lock"}


@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_fifty_processes_adding_at_once_add_fifty_keys(
    request: pytest.FixtureRequest, store: str, folder: Folder, make_key: MakeKey
) -> None:
    if store == SYSTEM:
        request.getfixturevalue("keyring")
    crowd = [
        subprocess.Popen(
            [sys.executable, "-m", "mcapp", "keys", "add", f"k{number}", "--stdin", "--store", store],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(CROWD)
    ]
    for number, one in enumerate(crowd):
        assert one.stdin is not None
        one.stdin.write(make_key(number).encode())
        one.stdin.close()
        one.stdin = None
    said = [one.communicate(timeout=2 * TIME_LIMIT) for one in crowd]
    assert [one.returncode for one in crowd] == [0] * CROWD, [err for _, err in said if err]
    vault = Vault(folder, Patience(limit=20))
    entries = vault.index().entries
    assert {entry.state for entry in entries} == {READY}
    assert {entry.name: vault.read(entry).reveal() for entry in entries} == {
        f"k{number}": make_key(number) for number in range(CROWD)
    }
    assert set(vault.store(store).ids() or ()) == {entry.id for entry in entries}
    assert sum(b"it is the default key" in out for out, _ in said) == 1
