"""kill -9 at random moments, and fifty processes at once: nothing is lost, and nothing is left that nobody knows of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp.keys.index import READY
from mcapp.keys.private_files import Folder
from mcapp.keys.stores import FILE, SYSTEM, Timeouts
from mcapp.keys.vault import Vault
from tests.harness import ROOT, TIME_LIMIT
from tests.keys import secret_service
from tests.keys.conftest import MakeKey

pytestmark = pytest.mark.skipif(os.name != "posix", reason="fork and SIGKILL")

KILLS = 120  # in each of the two stores
SERIES = 6
CROWD = 50


def kill(store: str, number: int, home: Path) -> subprocess.CompletedProcess[str]:
    """A sixth of the kills, in a folder of its own."""
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, "-m", "tests.keys.killed", store, str(KILLS // SERIES), str(20260101 + 1000 * number)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "MCAPP_CONFIG_DIR": str(home)},
        timeout=4 * TIME_LIMIT,
        check=False,
    )


def kill_beside_a_keyring(number: int, home: Path) -> subprocess.CompletedProcess[str]:
    """The same with a keyring of its own. gnome-keyring now and then aborts (SIGABRT) when a client is killed in the
    middle of a call, and takes what it has not written yet with it: then there is nothing to agree with, and the series
    is begun again. Whatever goes wrong while the daemon lives is mcapp's.
    """
    for attempt in range(5):
        with secret_service.session() as own, own.reached():
            daemon = own.keyring()
            done = kill(SYSTEM, number, home / str(attempt))
            if done.returncode == 0 or daemon.poll() is None:
                return done
            own.daemons.remove(daemon)
    pytest.fail("gnome-keyring aborted five times in a row")


@pytest.mark.parametrize("number", range(SERIES))
@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_wherever_it_is_killed_index_and_store_agree_after_doctor(
    request: pytest.FixtureRequest, store: str, number: int, tmp_path: Path
) -> None:
    if store == SYSTEM:
        request.getfixturevalue("bus")  # skips or fails where no keyring is installed
        done = kill_beside_a_keyring(number, tmp_path)
    else:
        done = kill(store, number, tmp_path / "0")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["kills"] == KILLS // SERIES
    # Kills that met nothing half done would prove nothing.
    assert result["unfinished"] >= 1, result
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files <= {"index.toml", "keys.toml", "lock", "busy.lock"}


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
    vault = Vault(folder, Timeouts(limit=20))
    entries = vault.index().entries
    assert {entry.state for entry in entries} == {READY}
    assert {entry.name: vault.read(entry).reveal() for entry in entries} == {
        f"k{number}": make_key(number) for number in range(CROWD)
    }
    assert set(vault.store(store).ids() or ()) == {entry.id for entry in entries}
    assert sum(b"it is the default key" in out for out, _ in said) == 1
