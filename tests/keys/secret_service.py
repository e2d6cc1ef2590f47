"""A real Secret Service for one test: a private D-Bus session with gnome-keyring in it, and nothing of the user's.

The session has no service directories, so nothing can be started in it behind the test's back. Everything lies in a
short folder of its own: a socket's path may have 107 characters, and pytest's folders are longer.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
_PATIENCE = 30.0  # seconds; it takes a hundredth of one


class Session:
    """A D-Bus session. `keyring` starts the daemon in it; `env` is what a process needs to find it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._socket = folder / "bus"
        (folder / "bus.conf").write_text(_CONFIGURATION.format(socket=self._socket))
        self.env: Mapping[str, str] = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._socket}"}
        # The daemons' own home: the keyring file lies there. DISPLAY and WAYLAND_DISPLAY are gone (conftest.py).
        self._own = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **self.env}
        self.daemons: list[subprocess.Popen[bytes]] = []
        self._start("dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--nopidfile")
        _wait(self._listens)

    def keyring(self, *, unlock: bool = True) -> subprocess.Popen[bytes]:
        """Start gnome-keyring; with `unlock` its default collection is made, and open. Returns once it answers."""
        options = ["--unlock"] if unlock else []
        daemon = self._start(
            "gnome-keyring-daemon",
            "--foreground",
            *options,
            "--components=secrets",
            stdin=b"password" if unlock else b"",
        )
        _wait(self.answers)
        if unlock:
            _wait(self.opened)  # the service is there a moment before its collection is
        return daemon

    def _listens(self) -> bool:
        """Whether the bus takes connections; its socket is there a moment before."""
        if sys.platform == "win32":
            raise NotImplementedError
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self._socket)) == 0

    def answers(self) -> bool:
        """Whether a Secret Service is there."""
        import secretstorage

        with self.reached(), closing(secretstorage.dbus_init()) as bus:
            return bool(secretstorage.check_service_availability(bus))

    def opened(self) -> bool:
        """Whether its default collection is there, and unlocked."""
        import secretstorage

        with self.reached(), closing(secretstorage.dbus_init()) as bus:
            try:
                return not secretstorage.Collection(bus).is_locked()
            except secretstorage.ItemNotFoundException:
                return False

    def lock(self) -> None:
        """Lock the default collection."""
        import secretstorage

        with self.reached(), closing(secretstorage.dbus_init()) as bus:
            secretstorage.Collection(bus).lock()

    def secrets(self) -> dict[str, str]:
        """What the default collection holds for mcapp: user name -> secret."""
        import secretstorage

        with self.reached(), closing(secretstorage.dbus_init()) as bus:
            items = list(secretstorage.Collection(bus).search_items({"service": "mcapp"}))
            return {item.get_attributes()["username"]: item.get_secret().decode() for item in items}

    @contextmanager
    def reached(self) -> Iterator[None]:
        """While this lasts, this process too finds the session."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.env.items():
                patch.setenv(name, value)
            yield

    def kill(self, daemon: subprocess.Popen[bytes]) -> None:
        """End a daemon in the middle of a test."""
        self.daemons.remove(daemon)
        daemon.kill()
        daemon.wait()

    def end(self) -> None:
        """End what was started, by process, and remove the folder."""
        gone = [f"{daemon.args!r} ended by itself: {daemon.returncode}" for daemon in self.daemons if daemon.poll()]
        for daemon in reversed(self.daemons):
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        assert not gone, "no fault of what was tested: " + "; ".join(gone)

    def _start(self, *command: str, stdin: bytes = b"") -> subprocess.Popen[bytes]:
        daemon = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self._own
        )
        self.daemons.append(daemon)
        assert daemon.stdin is not None
        daemon.stdin.write(stdin)
        daemon.stdin.close()
        return daemon


def missing() -> list[str]:
    """The daemons that are not installed here."""
    return [name for name in ("dbus-daemon", "gnome-keyring-daemon") if shutil.which(name) is None]


@contextmanager
def session() -> Iterator[Session]:
    """A D-Bus session without a keyring."""
    started = Session(Path(tempfile.mkdtemp(prefix="mcapp-", dir="/tmp")))  # short: see above
    try:
        yield started
    finally:
        started.end()


def _wait(for_it: object) -> None:
    assert callable(for_it)
    end = time.monotonic() + _PATIENCE
    while not for_it():
        assert time.monotonic() < end, "the daemon does not come up"
        time.sleep(0.002)
