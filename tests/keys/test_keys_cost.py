"""`keys list` is quick, and asks no keyring: not a byte goes to D-Bus."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.harness import Process

LIMIT = 10  # times the time of `python -c pass`
ROUNDS = 9


def seconds(*words: str) -> float:
    before = time.perf_counter()
    subprocess.run([sys.executable, *words], capture_output=True, check=True)
    return time.perf_counter() - before


@pytest.mark.usefixtures("shop")
def test_list_takes_at_most_ten_times_as_long_as_python_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH")  # the guard of the tests costs both of them the same, and is no part of mcapp
    seconds("-m", "mcapp", "keys", "list")
    pairs = [(seconds("-c", "pass"), seconds("-m", "mcapp", "keys", "list")) for _ in range(ROUNDS)]
    # The best of each: whatever else the machine does makes a run longer, never shorter.
    bare, listed = (min(column) for column in zip(*pairs, strict=True))
    assert listed <= LIMIT * bare, f"{listed * 1000:.0f} ms against {bare * 1000:.0f} ms"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "words", [["list"], ["show", "shop-a"], ["path"], ["use", "shop-a"], ["rename", "shop-a", "b"]]
)
def test_what_needs_no_key_imports_no_keyring(words: list[str]) -> None:
    program = (
        "import sys; from mcapp.cli import run; code = run(sys.argv[1:])\n"
        "heavy = {'keyring', 'secretstorage', 'jeepney', 'cryptography', 'httpx', 'jsonschema', 'rich.console'}\n"
        "sys.exit(code or f'imported: {sorted(heavy & set(sys.modules))}' if heavy & set(sys.modules) else code)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, "keys", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("shop")
def test_an_address_that_leads_nowhere_does_not_matter(process: Process) -> None:
    env = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/at/all"}
    assert process("keys", "list", env=env) == process("keys", "list")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="a bus is a Unix socket")
def test_nobody_calls_at_the_bus(shop: str, process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind("bus")
        bus.listen()
        bus.settimeout(0)
        env = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={os.path.relpath('bus')}"}
        assert shop in process("keys", "list", env=env, cwd=tmp_path).out
        with pytest.raises(BlockingIOError):
            bus.accept()
        # The same address is called at when a key is to be stored there: the test would see it.
        bus.settimeout(60)
        with subprocess.Popen(
            [sys.executable, "-m", "mcapp", "keys", "move", shop, "--store", "system"],
            env={**os.environ, **env},
            stderr=subprocess.DEVNULL,
        ):
            bus.accept()[0].close()
