"""Where `mcapp demo` plays: a temporary folder with a key store of its own, and every mcapp that is started there.

The commands are run as a person would run them, as processes, with nothing of the user's in reach: no configuration, no
key of theirs, no keyring. Leaving the stage ends what still runs and removes the folder.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, NamedTuple

from mcapp.cli.servers import READY, Interrupts
from mcapp.errors import InputProblem, Undecided

PATIENCE = 30.0  # seconds for one command, which takes less than one
_ENDING = 5.0  # seconds for a server to end in good order

# What would let the user's own settings or keys into the play.
_FOREIGN = ("MCAPP_", "MANYCHAT_")
_URL = re.compile(r"listening on (http://[^\s\x1b]+)")


class Ran(NamedTuple):
    """A command that was run: its words without `mcapp`, its exit code, what it printed, and the seconds it took."""

    words: tuple[str, ...]
    variables: Mapping[str, str]
    code: int
    output: str
    seconds: float


class Stage:
    """To be entered; `color` lets the commands print colours, `width` is the columns they may use.

    Ctrl-C is raised while a command is waited for, and nowhere else: no process is lost between its start and the
    promise to end it. Raises InputProblem where there is no place for temporary files.
    """

    def __init__(self, control_c: Interrupts, *, color: bool, width: int) -> None:
        self._control_c = control_c
        self._color = color
        self._width = width
        self._ends = ExitStack()
        self.folder = Path()

    def __enter__(self) -> "Stage":
        try:
            self.folder = Path(self._ends.enter_context(TemporaryDirectory(prefix="mcapp-demo-")))
            (self.folder / "mcapp.toml").write_text("# ends the search for a configuration here\n", encoding="utf-8")
        except OSError as error:
            self._ends.close()
            raise InputProblem(
                f"no temporary folder can be made: {error.strerror}", hint="TMPDIR names another place for it"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.close()

    def run(self, *words: str, variables: Mapping[str, str] | None = None) -> Ran:
        """Run `mcapp WORDS` to its end. Raises Undecided if that takes too long."""
        begun = time.monotonic()
        process = self._started(words, variables or {})
        with process, ending(process), self._heeding():
            try:
                output, _ = process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                raise _too_slow(words) from None
        return Ran(words, variables or {}, process.returncode, _plain_lines(output), time.monotonic() - begun)

    def start(self, *words: str) -> "Server":
        """Start an `mcapp listen` or `mcapp emulate`, and wait until it listens. Raises Undecided if it does not."""
        server = Server(words, self._started(words, {}), self._heeding)
        self._ends.callback(server.close)
        self._ends.enter_context(ending(server.process))
        server.wait()
        return server

    @contextmanager
    def _heeding(self) -> Iterator[None]:
        """Raise Ctrl-C while this lasts, also one that came before."""
        with self._control_c.raised():
            if self._control_c.came:
                raise KeyboardInterrupt
            yield

    def _started(self, words: tuple[str, ...], variables: Mapping[str, str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(  # noqa: S603  # mcapp itself
            [sys.executable, "-m", "mcapp", *words],
            cwd=self.folder,
            env={**self._environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # what is said belongs right beside what is printed
            encoding="utf-8",
            errors="backslashreplace",
        )

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_FOREIGN)}
        # An mcapp that is run from a checkout without being installed is found from the other folder too.
        paths = [str(Path(__file__).parents[2]), *filter(None, [kept.get("PYTHONPATH")])]
        # One of the two colour variables; the other would be asked before or after it.
        kept = {name: value for name, value in kept.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
        return {
            **kept,
            "FORCE_COLOR" if self._color else "NO_COLOR": "1",
            "COLUMNS": str(self._width),
            "PYTHONPATH": os.pathsep.join(paths),
            "PYTHONIOENCODING": "utf-8",
            "MCAPP_CONFIG_DIR": str(self.folder / "store"),
            "MCAPP_KEY_STORE": "file",
            "MCAPP_NO_INPUT": "1",
        }


class Server:
    """An `mcapp listen` or `mcapp emulate` that runs beside the other commands; `heeding` lets Ctrl-C end a wait."""

    def __init__(
        self,
        words: tuple[str, ...],
        process: "subprocess.Popen[str]",
        heeding: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._heeding = heeding
        self.words = words
        self.process = process
        self.url = ""
        self._begun = time.monotonic()
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ready = self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True, name=f"demo-{words[0]}")
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            with self._changed:
                self._lines.append(line)
                found = _URL.search(line)
                self.url = self.url or (found[1] if found else "")
                self._ready = self._ready or READY in line
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until it listens. Raises Undecided, with its own words, if it never will."""
        with self._heeding(), self._changed:
            self._changed.wait_for(lambda: self._ready or self._over, PATIENCE)
            if not (self._ready and self.url):
                told = "".join(self._lines).strip()
                raise Undecided(f"mcapp {self.words[0]} did not start to listen: {told or 'it said nothing'}")

    def close(self) -> None:
        """Let go of what it printed through; to be called once it has ended."""
        self._reader.join(_ENDING)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def take(self) -> str:
        """What it printed since the last call."""
        with self._changed:
            lines, self._lines = self._lines, []
            return _plain_lines("".join(lines))

    def end(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def ended(self) -> int:
        """Wait until it has ended by itself; its exit code. Raises Undecided if that takes too long."""
        try:
            with self._heeding():
                code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise _too_slow(self.words) from None
        self._reader.join(_ENDING)
        return code

    @property
    def seconds(self) -> float:
        """Since its start."""
        return time.monotonic() - self._begun


@contextmanager
def ending(process: "subprocess.Popen[Any]") -> Iterator[None]:
    """Let no process outlive this, whatever happens."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _too_slow(words: tuple[str, ...]) -> Undecided:
    return Undecided(f"mcapp {words[0]} did not end within {PATIENCE:g} seconds", code="timeout")


def _plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")
