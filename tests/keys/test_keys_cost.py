"""`keys list` asks no keyring: not a byte goes to D-Bus. How long it takes is measured by `make bench`."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Process


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "words", [["list"], ["show", "shop-a"], ["path"], ["use", "shop-a"], ["rename", "shop-a", "b"]]
)
def test_what_needs_no_key_imports_no_keyring(words: list[str]) -> None:
    program = (
        "import sys; from mcapp.cli.application import run; code = run(sys.argv[1:])\n"
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
    if sys.platform == "win32":
        raise NotImplementedError
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
