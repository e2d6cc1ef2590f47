"""The tests' own walls: no home, no environment, no network of whoever runs them."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conftest, harness
from tests.guard import sitecustomize as guard

# RFC 5737: an address that is nobody's, should the guard fail.
NOBODY = "192.0.2.1"


@pytest.fixture
def attempts() -> list[str]:
    return conftest._attempts


def test_every_variable_of_the_user_is_gone() -> None:
    foreign = ("MCAPP_KEY_STORE", "MCAPP_NO_INPUT", "MANYCHAT_APP_KEY", "NO_COLOR", "FORCE_COLOR", "DISPLAY", "TERM")
    assert not [name for name in foreign if name in os.environ]
    assert not [name for name in os.environ if name.startswith(("GITHUB_", "DBUS_", "XDG_")) or "proxy" in name.lower()]


def test_home_configuration_and_working_directory_are_empty(closed_off: Path, tmp_path: Path) -> None:
    assert Path.home() == closed_off
    assert Path.cwd() == tmp_path
    assert Path(os.environ["MCAPP_CONFIG_DIR"]).parent == closed_off
    assert not list(closed_off.iterdir())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", None])
def test_loopback_is_open(host: str | None) -> None:
    assert guard.is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "127.0.0.1.example.com", "127.example", NOBODY, b"example.com"])  # noqa: S104  # to be refused
def test_everything_else_is_not(host: str | bytes) -> None:
    assert not guard.is_loopback(host)


def test_a_server_on_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_another_machine_cannot_be_reached(attempts: list[str]) -> None:
    with socket.socket() as client, pytest.raises(conftest.ClosedNetworkError, match=NOBODY):
        client.connect((NOBODY, 443))
    with socket.socket() as client, pytest.raises(conftest.ClosedNetworkError):
        client.connect_ex((NOBODY, 443))
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(conftest.ClosedNetworkError):
        client.sendto(b"", (NOBODY, 53))
    with socket.socket() as server, pytest.raises(conftest.ClosedNetworkError, match=r"bind 0\.0\.0\.0"):
        server.bind(("0.0.0.0", 0))  # noqa: S104  # to be refused
    with pytest.raises(conftest.ClosedNetworkError, match=r"example\.com"):
        socket.getaddrinfo("example.com", 443)
    assert len(attempts) == 5
    attempts.clear()  # or this test would fail for having tried


def test_a_child_process_ends_at_the_attempt() -> None:
    program = f"import socket\ntry: socket.socket().connect(({NOBODY!r}, 443))\nexcept BaseException: pass"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == guard.REFUSED_EXIT
    assert NOBODY in done.stderr


def test_a_run_leaves_nothing_behind(cli: harness.Cli) -> None:
    streams = sys.stdin, sys.stdout, sys.stderr, sys.argv
    first = cli("--version", env={"MCAPP_NO_INPUT": "1"})
    assert (first.code, first.err) == (0, "")
    assert (sys.stdin, sys.stdout, sys.stderr, sys.argv) == streams
    assert "MCAPP_NO_INPUT" not in os.environ
    assert cli("--version") == first


def test_a_process_and_a_run_in_here_answer_alike(cli: harness.Cli, process: harness.Process) -> None:
    assert process("schema", "nothing") == cli("schema", "nothing")
