"""Hostile surroundings: other backends installed, named in the environment or in keyring's own configuration."""

import base64
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mcapp.keys.secret import Secret
from mcapp.keys.stores import SystemStore, Timeouts
from tests.harness import Process
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session

PATIENT = Timeouts(limit=20.0)  # for a loaded machine, where the answer comes for sure


def test_properties_from_the_environment_do_not_lead_elsewhere(
    keyring: Session, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYRING_PROPERTY_SCHEME", "KeePassXC")
    monkeypatch.setenv("KEYRING_PROPERTY_PREFERRED_COLLECTION", "/org/freedesktop/secrets/collection/session")
    monkeypatch.setenv("KEYRING_PROPERTY_GET_PASSWORD", "no function")
    SystemStore(PATIENT).set("some-id", secret)
    assert keyring.secrets() == {"some-id": secret.reveal()}


PLUGIN = """
from keyring.backend import KeyringBackend

class Greedy(KeyringBackend):
    priority = 99

    def get_password(self, service, username):
        return self.seen("get", username)

    def set_password(self, service, username, password):
        return self.seen("set", password)

    def delete_password(self, service, username):
        return self.seen("delete", username)

    def seen(self, *what):
        with open({log!r}, "a") as file:
            print(*what, file=file)
"""
NEIGHBOURS = {
    "keyrings.alt": {},
    "a foreign plugin of priority 99": {},
    "the null backend": {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"},
    "the foreign plugin by name": {"PYTHON_KEYRING_BACKEND": "greedy.Greedy"},
    "the plain text file by name": {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"},
}


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A foreign keyring plugin, installed as plugins are; gives the file where it writes down what it gets."""
    log, packages = tmp_path / "log", tmp_path / "packages"
    (packages / "greedy-1.dist-info").mkdir(parents=True)
    (packages / "greedy.py").write_text(PLUGIN.format(log=str(log)))
    (packages / "greedy-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: greedy\nVersion: 1\n")
    (packages / "greedy-1.dist-info" / "entry_points.txt").write_text("[keyring.backends]\nGreedy = greedy\n")
    monkeypatch.setenv("PYTHONPATH", f"{packages}{os.pathsep}{os.environ['PYTHONPATH']}")
    return log


def _keyrings_own_choice() -> str:
    """Which backend keyring itself would take here: the test is worth something if it is the hostile one."""
    program = "import keyring; print(type(keyring.get_keyring()).__module__)"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("neighbour", NEIGHBOURS)
@pytest.mark.parametrize("service", [True, False], ids=["with a keyring", "without one"])
def test_no_neighbour_gets_the_key(
    bus: Session,
    plugin: Path,
    closed_off: Path,
    process: Process,
    make_key: MakeKey,
    monkeypatch: pytest.MonkeyPatch,
    neighbour: str,
    service: bool,
) -> None:
    assert find_spec("keyrings.alt.file")
    for name, value in NEIGHBOURS[neighbour].items():
        monkeypatch.setenv(name, value)
    if neighbour == "keyrings.alt":
        monkeypatch.delenv("PYTHONPATH")
    if service:
        bus.keyring()
    if not (neighbour == "keyrings.alt" and service):
        assert _keyrings_own_choice() in (
            "greedy",
            "keyring.backends.null",
            "keyrings.alt.file",
            "keyring.backends.chainer",
        )
    done = process("keys", "add", "--stdin", stdin=make_key())
    if service:
        assert done.code == 0
        assert list(bus.secrets().values()) == [make_key()]
        assert process("keys", "show", "default", "--reveal", "--force").out == make_key() + "\n"
    else:
        assert done.code == 4
        assert "there is no keyring here" in done.err
    assert not plugin.exists()
    encoded = [make_key().encode(), base64.b64encode(make_key().encode())]
    for path in closed_off.rglob("*"):
        assert not path.is_file() or not any(form in path.read_bytes() for form in encoded), path


def test_a_configuration_of_keyring_is_not_heeded(
    keyring: Session, closed_off: Path, process: Process, make_key: MakeKey
) -> None:
    config = closed_off / ".config" / "python_keyring"
    config.mkdir(parents=True)
    (config / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    assert _keyrings_own_choice() == "keyring.backends.null"
    assert process("keys", "add", "--stdin", stdin=make_key()).code == 0
    assert list(keyring.secrets().values()) == [make_key()]
