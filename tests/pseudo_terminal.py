"""Run mcapp at a real terminal (a pseudo-terminal), typing what a person would. POSIX only."""

import os
import selectors
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from tests.harness import TIME_LIMIT, Result, environment

CTRL_C = "\x03"
CTRL_D = "\x04"

# Makes the terminal on its stdin the controlling one, so that Ctrl-C arrives as it does for a person.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


class Terminal(Protocol):
    """`terminal("generate", typed=[("URL", "https://example.com/hook\\n")])`: run mcapp with a person at the keyboard.

    `typed` are pairs: wait until the terminal shows the first, then type the second. `out` of the result is all that
    the terminal showed; with `redirect` stdout goes to a file instead, and `out` is that file, `err` the terminal.
    """

    def __call__(
        self,
        *args: str | Path,
        typed: Sequence[tuple[str, str]] = (),
        redirect: bool = False,
        env: Mapping[str, str | None] | None = None,
        columns: int = 80,
        timeout: float = TIME_LIMIT,
    ) -> Result: ...


def run_at_terminal(
    *args: str | Path,
    typed: Sequence[tuple[str, str]] = (),
    redirect: bool = False,
    env: Mapping[str, str | None] | None = None,
    columns: int = 80,
    timeout: float = TIME_LIMIT,
) -> Result:
    """See Terminal."""
    if sys.platform == "win32":
        pytest.skip("pseudo-terminals are a POSIX thing")
    import fcntl
    import termios

    keyboard, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    changes = {"TERM": "xterm-256color", "COLUMNS": None, "LINES": None, **(env or {})}
    with tempfile.TemporaryFile() as file:
        with subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, sys.executable, "-m", "mcapp", *map(str, args)],
            stdin=screen,
            stdout=file if redirect else screen,
            stderr=screen,
            env=environment(changes),
            start_new_session=True,
        ) as child:
            os.close(screen)
            try:
                shown = _converse(keyboard, typed, time.monotonic() + timeout)
                code = child.wait(timeout)
            finally:
                child.kill()
                os.close(keyboard)
        file.seek(0)
        written = file.read()
    screen_text = shown.decode("utf-8").replace("\r\n", "\n")
    if redirect:
        return Result(code, written.decode("utf-8"), screen_text, written)
    return Result(code, screen_text, "", shown)


def _converse(keyboard: int, typed: Sequence[tuple[str, str]], end: float) -> bytes:
    """Type each answer when its question is shown; read to the end. Returns everything shown."""
    shown, seen = b"", 0
    waiting = list(typed)
    with selectors.DefaultSelector() as selector:
        selector.register(keyboard, selectors.EVENT_READ)
        while True:
            if waiting and (place := shown.find(waiting[0][0].encode(), seen)) >= 0:
                question, answer = waiting.pop(0)
                seen = place + len(question.encode())
                if answer == CTRL_C:  # no person is as quick, and Python misses a signal right before it waits
                    time.sleep(0.5)
                os.write(keyboard, answer.encode())
                continue
            if not selector.select(max(0.0, end - time.monotonic())):
                pytest.fail(f"still waiting for {waiting[:1]} after: {shown.decode('utf-8', 'replace')!r}")
            try:
                piece = os.read(keyboard, 65536)
            except OSError:  # EIO: Linux's way to say that the other end was closed
                piece = b""
            if not piece:
                break
            shown += piece
    assert not waiting, f"never asked {waiting[0][0]!r}; the terminal showed: {shown.decode('utf-8', 'replace')!r}"
    return shown
