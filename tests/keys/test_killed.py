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


def python(*args: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests."""
    path = os.pathsep.join([str(ROOT), os.environ["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, "-m", *args],
        input=stdin,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **variables},
        timeout=4 * TIME_LIMIT,
        check=False,
    )


def kill(store: str, number: int, home: Path) -> subprocess.CompletedProcess[str]:
    """A sixth of the kills, in a folder of its own."""
    seed = 20260101 + 1000 * number
    return python("tests.keys.killed", store, str(KILLS // SERIES), str(seed), MCAPP_CONFIG_DIR=str(home))


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
    assert result["unfinished"] + result["half_written"] >= 1, result
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files <= {"index.toml", "keys.toml", "lock", "busy.lock"}


@pytest.mark.parametrize("store", [FILE, SYSTEM])
def test_fifty_processes_adding_at_once_add_fifty_keys(
    request: pytest.FixtureRequest, store: str, folder: Folder, make_key: MakeKey, tmp_path: Path
) -> None:
    if store == SYSTEM:
        request.getfixturevalue("keyring")
    done = python(
        "tests.keys.crowd", store, str(tmp_path), stdin="\n".join(make_key(number) for number in range(CROWD))
    )
    said = [path.read_text() for path in tmp_path.iterdir() if path.is_file()]
    assert json.loads(done.stdout or "null") == [0] * CROWD, [done.stderr, *said]
    vault = Vault(folder, Timeouts(limit=20))
    entries = vault.index().entries
    assert {entry.state for entry in entries} == {READY}
    assert {entry.name: vault.read(entry).reveal() for entry in entries} == {
        f"k{number}": make_key(number) for number in range(CROWD)
    }
    assert set(vault.store(store).ids() or ()) == {entry.id for entry in entries}
    assert sum("it is the default key" in output for output in said) == 1
