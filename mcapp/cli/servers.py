"""What the commands that listen on this machine share: options, start, and an orderly end."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isnan
from typing import Any
from urllib.parse import urlsplit

from mcapp.cli.command import option
from mcapp.errors import UsageProblem
from mcapp.net.server import LOOPBACK
from mcapp.net.target import is_loopback
from mcapp.terminal.console import Console

HOST: Any = option("HOST", f"Listen on this address ({LOOPBACK}).", "--host", default=LOOPBACK)
PORT: Any = option("PORT", "Listen on this port (a free one).", "--port", min=0, max=65535, default=0)

# The last line that a server prints once it listens.
READY = "Ctrl-C ends it"


def check_host(host: str) -> str:
    """The address of --host, without the brackets that a URL puts around one. Raises UsageProblem if it is empty."""
    if not host.strip():
        # Python would listen on every address; a variable that is not set should not open the machine.
        raise UsageProblem("--host is empty", hint="--host 127.0.0.1 is this machine, --host 0.0.0.0 every address")
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def check_number(option: str, value: float | None) -> None:
    """Raise UsageProblem for `nan`: it compares as neither less nor greater, so the run would never end."""
    if value is not None and isnan(value):
        raise UsageProblem(f"{option} is a number of seconds, not nan")


def warn_of_reach(url: str, console: Console, danger: str) -> None:
    """Warn if other machines can reach what listens at `url`; `danger` is what they can do then.

    `url` has the bound address: --host may be a name, and only its address shows who can reach it.
    """
    if not is_loopback(urlsplit(url).hostname or ""):
        style = console.err_style
        console.say(
            f"{style.warning('warning')}: this is not loopback: other machines can reach it\n"
            f"and {danger}; --host 127.0.0.1 keeps it on this machine"
        )


@contextmanager
def listening(start: Callable[[], object], stop: Callable[[], object]) -> Iterator[None]:
    """Start a server, and stop it whatever happens. Raises UsageProblem if the address cannot be used."""
    try:
        start()
    except (OSError, UnicodeError) as error:
        raise UsageProblem(
            f"cannot listen there: {getattr(error, 'strerror', None) or error}",
            hint="--port 0 takes a free port; --host 127.0.0.1 is this machine",
            code="listen",
        ) from None
    try:
        yield
    finally:
        stop()


class Terminated(BaseException):  # not an error, like KeyboardInterrupt
    """SIGTERM came while a person was asked."""


class Interrupts:
    """Ctrl-C, noted instead of raised, except while a person is asked or a key store is waited for."""

    def __init__(self) -> None:
        self.came = False
        self.asking = False
        self._raising = False

    @contextmanager
    def raised(self) -> Iterator[None]:
        """While this lasts, Ctrl-C raises KeyboardInterrupt as usual."""
        self._raising = True
        try:
            yield
        finally:
            self._raising = False

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While this lasts, a person is asked, and SIGTERM raises Terminated."""
        self.asking = True
        try:
            yield
        finally:
            self.asking = False

    def note(self, *_: object) -> None:
        """Ctrl-C came."""
        self.came = True
        if self._raising:
            self._raising = False  # a second Ctrl-C does not disturb what the first has started
            raise KeyboardInterrupt


@contextmanager
def terminated(stop: threading.Event, interrupts: Interrupts | None = None) -> Iterator[None]:
    """SIGTERM ends the run in an orderly way.

    While a person is asked it raises Terminated: the question would otherwise wait for its answer.
    """

    def note(*_: object) -> None:
        stop.set()
        if interrupts is not None and interrupts.asking:
            raise Terminated

    with _handled(note, "SIGTERM"):
        yield


@contextmanager
def interrupts(*others: str) -> Iterator[Interrupts]:
    """Note Ctrl-C instead of raising it, so that an event taken from a queue is not lost.

    `others` are names of signals to treat the same way.
    """
    noted = Interrupts()
    with _handled(noted.note, "SIGINT", *others):
        yield noted


@contextmanager
def _handled(handle: Callable[..., None], *names: str) -> Iterator[None]:
    """While this lasts, `handle` gets these signals, if this system has them and they are not ignored.

    Only a main thread receives signals.
    """
    here = threading.current_thread() is threading.main_thread()
    numbers = [getattr(signal, name) for name in names if here and hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN or number == signal.SIGINT:  # nohup ignores SIGHUP
            signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
