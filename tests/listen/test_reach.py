"""How far what listens can be reached: this machine alone, unless told so, and then it says so.

Asked of the system: every listening TCP socket of the process, as Linux lists them. What reaches further runs in a
network namespace of its own, where it reaches nobody, and where alone the guard of the tests is left out.
"""

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socketserver import TCPServer
from typing import NamedTuple

import pytest

from mcapp.testing import Emulator
from tests.harness import Cli, environment

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux's /proc for a process's sockets")
COMMANDS = ["listen", "emulate"]
WARNING = "this is not loopback: other machines can reach it"
_LISTENING = "0A"
# A network of its own, without even loopback until it is brought up, and names of its own. `exec`: the process is
# mcapp's, not a shell's. The addresses are documentation's (RFC 5737 and 3849).
_ALONE = ("unshare", "--net", "--mount", "--user", "--map-root-user", "sh", "-c")
_SET_UP = """
    ip link set lo up && ip address add 192.0.2.1/32 dev lo &&
    { ip address add 2001:db8::1/128 dev lo || true; } && mount --bind "$1" /etc/hosts && shift && exec "$@"
"""
_HOSTS = "192.0.2.1 dev.example\n127.0.0.1 here.example\n192.0.2.1 localhost\n"


class Seen(NamedTuple):
    """Where a process listens, as the system says; what it says itself, on stderr, until it ended."""

    addresses: list[str]
    told: str


def listening_sockets(pid: int) -> list[str]:
    """The addresses of all listening TCP sockets of this process."""
    own = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except FileNotFoundError:
            continue  # closed meanwhile, as the folder itself is that is read here
        if match:
            own.add(match[1])
    found = []
    for table in ("tcp", "tcp6"):
        path = Path(f"/proc/{pid}/net/{table}")
        for line in path.read_text(encoding="ascii").splitlines()[1:] if path.exists() else []:
            fields = line.split()
            if fields[3] == _LISTENING and fields[9] in own:
                found.append(_address(fields[1].partition(":")[0]))
    return found


def _address(text: str) -> str:
    """`0100007F` is 127.0.0.1: words of 32 bits, in the order of the machine's bytes."""
    words = [bytes.fromhex(text[at : at + 8]) for at in range(0, len(text), 8)]
    return str(ipaddress.ip_address(b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)))


@contextmanager
def _run(args: Sequence[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        args, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0, env=env
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def seen(words: Sequence[str], *, before: Sequence[str] = (), env: dict[str, str] | None = None) -> Seen:
    """Run mcapp with these words, look where it listens once it says that it does, and end it."""
    args = [*before, sys.executable, "-m", "mcapp", *words, "--timeout", "40"]
    with _run(args, environment() if env is None else env) as process:
        assert process.stderr is not None
        first = process.stderr.readline().decode()
        assert first.startswith("listening on http://"), first
        addresses = listening_sockets(process.pid)
        process.terminate()
        _, rest = process.communicate(timeout=30)
        return Seen(addresses, first + rest.decode())


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """What puts a command into a network of its own."""
    hosts = tmp_path_factory.mktemp("alone") / "hosts"
    hosts.write_text(_HOSTS, encoding="ascii")
    words = (*_ALONE, _SET_UP, "sh", str(hosts))
    if shutil.which(words[0]) is None:
        pytest.skip("no `unshare` here, so nothing may listen beyond loopback")
    done = subprocess.run([*words, "true"], capture_output=True, check=False, timeout=20)
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip()
        pytest.skip(f"no network namespace can be had here, so nothing may listen beyond loopback: {reason}")
    return words


def _unguarded() -> dict[str, str]:
    """The environment for a network of its own, where the guard would end the process and has nothing to guard."""
    return environment({"PYTHONPATH": None})


@linux
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("words", "address"),
    [
        ([], "127.0.0.1"),
        (["--host", "127.0.0.2"], "127.0.0.2"),
        (["--host", "LOCALHOST"], "127.0.0.1"),
        (["--host", "127.1"], "127.0.0.1"),
    ],
)
def test_it_listens_on_loopback_alone(command: str, words: list[str], address: str) -> None:
    found = seen([command, *words])
    assert found.addresses == [address]
    assert WARNING not in found.told


@linux
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("host", "address", "loud"),
    [
        (None, "127.0.0.1", False),
        ("0.0.0.0", "0.0.0.0", True),  # noqa: S104  # in a network of its own
        ("0", "0.0.0.0", True),  # noqa: S104  # as above
        ("::", "::", True),
        ("[::]", "::", True),
        ("::1", "::1", False),
        ("192.0.2.1", "192.0.2.1", True),
        ("2001:db8::1", "2001:db8::1", True),
        ("dev.example", "192.0.2.1", True),
        ("here.example", "127.0.0.1", False),
        ("localhost", "192.0.2.1", True),  # by these hosts it is another machine's name
    ],
)
def test_it_listens_where_it_was_told_to_and_says_so(
    alone: tuple[str, ...], command: str, host: str | None, address: str, loud: bool
) -> None:
    if ":" in address:
        done = subprocess.run([*alone, "cat", "/proc/net/if_inet6"], capture_output=True, check=False, timeout=20)
        if b"20010db8" not in done.stdout:
            pytest.skip("no IPv6 here")
    found = seen([command, *([] if host is None else ["--host", host])], before=alone, env=_unguarded())
    assert found.addresses == [address]
    assert (WARNING in found.told) is loud


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("host", "loud"),
    [("0.0.0.0", True), ("", None), (" ", None), ("127.0.0.1", False)],  # noqa: S104  # nothing listens there
)
def test_what_is_said_without_a_network_of_its_own(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, host: str, loud: bool | None
) -> None:
    """The bind is turned to loopback at the last moment. No host at all, to Python every address, is refused."""
    asked: list[str] = []

    def bind(server: TCPServer) -> None:
        asked.append(str(server.server_address[0]))
        server.socket.bind(("127.0.0.1", 0))
        server.server_address = (asked[-1], server.socket.getsockname()[1])

    monkeypatch.setattr(TCPServer, "server_bind", bind)
    result = cli(command, "--host", host, "--timeout", "0")
    if loud is None:
        assert (result.code, asked) == (2, [])
        assert "--host 0.0.0.0 every address" in result.err
    else:
        assert asked == [host]
        assert (WARNING in result.err) is loud


@linux
def test_the_emulator_of_a_test_suite_is_on_loopback_alone() -> None:
    before = listening_sockets(os.getpid())
    with Emulator():
        assert sorted(listening_sockets(os.getpid())) == sorted([*before, "127.0.0.1"])
