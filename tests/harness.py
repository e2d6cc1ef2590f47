"""How tests run mcapp: inside pytest's process, as a real process, and at a terminal.

The functions are handed out as fixtures by tests/conftest.py; a test module imports from here only the types.
"""

import gc
import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest

ROOT = Path(__file__).parent.parent
TIME_LIMIT = 60.0  # seconds; a run takes a tenth of one, a loaded machine much more


class Result(NamedTuple):
    """How a run ended. `raw` is stdout as bytes, `out` the same as text, `err` what was said on stderr."""

    code: int
    out: str
    err: str
    raw: bytes

    def json(self) -> Any:
        """The one JSON document that stdout holds."""
        return json.loads(self.out)


class Cli(Protocol):
    """`cli("validate", "app.json")`: run mcapp with these arguments.

    `stdin` is what it can read there (bytes, or text as UTF-8), never a terminal's unless `terminal` is set. `env` sets
    variables, or removes them with None.
    """

    def __call__(
        self,
        *args: str | Path,
        stdin: str | bytes = b"",
        env: Mapping[str, str | None] | None = None,
        terminal: bool = False,
    ) -> Result: ...


class Process(Protocol):
    """`process("validate", "app.json")`: the same as a process of its own, `python -m mcapp`."""

    def __call__(
        self,
        *args: str | Path,
        stdin: str | bytes = b"",
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        timeout: float = TIME_LIMIT,
    ) -> Result: ...


class _Stream(io.TextIOWrapper):
    """A standard stream in memory, as bytes below and text above, like the real ones."""

    def __init__(self, data: bytes = b"", *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", newline="", write_through=True)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def written(self) -> bytes:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue()


def run_here(
    *args: str | Path, stdin: str | bytes = b"", env: Mapping[str, str | None] | None = None, terminal: bool = False
) -> Result:
    """Run the command line in this process: quick enough for thousands of runs. See Cli."""
    from mcapp.cli.application import run
    from mcapp.terminal import redact

    words = [str(arg) for arg in args]
    out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["mcapp", *words])
        patch.setattr(sys, "stdin", _Stream(_bytes(stdin), terminal=terminal))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(gc, "freeze", lambda: None)  # for a process that ends soon; this one goes on
        for name, value in (env or {}).items():
            _set(patch, name, value)
        redact._loaded.clear()  # a process begins and ends without keys
        try:
            code = run(words)
        finally:
            redact._loaded.clear()
            gc.enable()
    raw = out.written()
    return Result(code, raw.decode("utf-8", "surrogateescape"), err.written().decode("utf-8"), raw)


def run_process(
    *args: str | Path,
    stdin: str | bytes = b"",
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    timeout: float = TIME_LIMIT,
) -> Result:
    """Run `python -m mcapp` with the interpreter that runs the tests. See Process."""
    done = subprocess.run(
        [sys.executable, "-m", "mcapp", *map(str, args)],
        input=_bytes(stdin),
        capture_output=True,
        env=environment(env),
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"), done.stdout)


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """This process's environment with the changes made; None removes a variable."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (changes or {}).items():
            _set(patch, name, value)
        return dict(os.environ)


def stop_listening(listener: socket.socket) -> None:
    """Close it, and wake whoever waits in `accept`."""
    with suppress(OSError):  # on Windows closing alone wakes, and what is not connected cannot be shut down
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _set(patch: pytest.MonkeyPatch, name: str, value: str | None) -> None:
    if value is None:
        patch.delenv(name, raising=False)
    else:
        patch.setenv(name, value)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
