"""A person at a terminal: a pseudo-terminal whose two ends the test holds.

tests/terminal.py has one too, for questions and short answers. This one can paste more than the terminal's own buffer
holds (4,096 bytes), tells whether the terminal was left as it was found, and what was left unread in it.
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from types import TracebackType
from typing import Any

from tests.harness import TIME_LIMIT, environment

# Any, because mypy looks at this file for Windows too, where neither is.
termios: Any = import_module("termios") if os.name == "posix" else None
openpty: Any = getattr(os, "openpty", None)

_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Person:
    """Runs `mcapp WORDS` at a terminal of its own; `stdin` is the terminal too, unless a pipe is wanted there.

    With `python` the words are the interpreter's own: `Person("-c", "…", python=True)`.
    """

    def __init__(
        self, *words: str, env: Mapping[str, str | None] | None = None, piped: bool = False, python: bool = False
    ) -> None:
        self._keyboard, self._screen = openpty()
        self.before = termios.tcgetattr(self._screen)
        self.shown = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, sys.executable, *([] if python else ["-m", "mcapp"]), *words],
            stdin=subprocess.PIPE if piped else self._screen,
            stdout=self._screen,
            stderr=self._screen,
            env=environment({"TERM": "xterm-256color", "NO_COLOR": "1", "COLUMNS": None, "LINES": None, **(env or {})}),
            start_new_session=True,
        )

    def __enter__(self) -> "Person":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        os.close(self._keyboard)
        os.close(self._screen)

    def sees(self, text: str, timeout: float = TIME_LIMIT) -> str:
        """Wait until the terminal has shown this, after what was seen before; gives what stood in between."""
        end = time.monotonic() + timeout
        while text.encode() not in self.shown:
            assert self._look(end), f"never shown: {text!r}; shown: {self.shown!r}"
        between, _, self.shown = self.shown.partition(text.encode())
        return between.decode()

    def types(self, text: str) -> None:
        """Type or paste, as fast as the other end reads."""
        data = text.encode()
        end = time.monotonic() + TIME_LIMIT
        while data:
            readable, writable, _ = select.select([self._keyboard], [self._keyboard], [], end - time.monotonic())
            if readable:
                self._look(end)
            if writable:
                data = data[os.write(self._keyboard, data[:1000]) :]
            assert time.monotonic() < end, f"{len(data)} bytes were not read"

    def signals(self, number: signal.Signals) -> None:
        """Send a signal to mcapp."""
        self.process.send_signal(number)

    def leaves(self) -> tuple[int, str]:
        """Wait for the end: the exit code, and everything shown since the last `sees`."""
        end = time.monotonic() + TIME_LIMIT
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end; shown: {self.shown!r}"
            self._look(time.monotonic() + 0.05)
        while self._look(time.monotonic() + 0.05):
            pass
        return self.process.returncode, self.shown.decode().replace("\r\n", "\n")

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was before."""
        return _comparable(termios.tcgetattr(self._screen)) == _comparable(self.before)

    def unread(self) -> bytes:
        """What the shell would find typed when mcapp is gone."""
        raw = termios.tcgetattr(self._screen)
        raw[3] &= ~(termios.ICANON | termios.ECHO)
        raw[6][termios.VMIN] = 0
        termios.tcsetattr(self._screen, termios.TCSANOW, raw)
        return os.read(self._screen, 65536)

    def _look(self, end: float) -> bool:
        readable, _, _ = select.select([self._keyboard], [], [], max(0.0, end - time.monotonic()))
        if not readable:
            return False
        self.shown += os.read(self._keyboard, 65536)
        return True


def _comparable(mode: list[Any]) -> list[Any]:
    # PENDIN marks input that is to be typed again after a change of mode; the kernel sets it by itself.
    return [*mode[:3], mode[3] & ~termios.PENDIN, *mode[4:]]
