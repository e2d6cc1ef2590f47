"""What the commands that listen on this machine share: options, start, and an orderly end."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

import typer

from mcapp.cli.command import option
from mcapp.errors import UsageProblem
from mcapp.net.server import LOOPBACK
from mcapp.net.target import is_loopback
from mcapp.terminal.console import Console

HOST: Any = option("HOST", f"Listen on this address ({LOOPBACK}).", "--host", default=LOOPBACK)
PORT: Any = option("PORT", "Listen on this port (a free one).", "--port", min=0, max=65535, default=0)

# The last line that a server prints once it listens.
READY = "Ctrl-C ends it"


def finite(param: typer.CallbackParam, value: float | None) -> float | None:
    """For an option in seconds: refuses `nan` and `inf`, which Python takes for numbers and which limit nothing."""
    if value is not None and not isfinite(value):
        raise UsageProblem(f"{param.opts[0]} is a number of seconds, not {value:g}")
    return value


def check_host(host: str) -> str:
    """The address of --host, without the brackets that a URL puts around one. Raises UsageProblem if it is empty."""
    if not host.strip():
        # Python would listen on every address; a variable that is not set should not open the machine.
        raise UsageProblem("--host is empty", hint="--host 127.0.0.1 is this machine, --host 0.0.0.0 every address")
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


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
def listening(start: Callable[[], Any]) -> Iterator[Any]:
    """Start a server, and stop it whatever happens. Raises UsageProblem if the address cannot be used."""
    try:
        server = start()
    except (OSError, UnicodeError) as error:
        raise UsageProblem(
            f"cannot listen there: {getattr(error, 'strerror', None) or error}",
            hint="--port 0 takes a free port; --host 127.0.0.1 is this machine",
            code="listen",
        ) from None
    try:
        yield server
    finally:
        server.stop()


class Interrupts:
    """Ctrl-C, noted instead of raised, so that no event taken from a queue is lost; and SIGTERM, which sets `stop`."""

    def __init__(self) -> None:
        self.came = False
        self.stop = threading.Event()
        self._raising = self._asking = False

    @contextmanager
    def raised(self) -> Iterator[None]:
        """While this lasts, Ctrl-C raises KeyboardInterrupt as usual: a key store or a person is waited for."""
        self._raising = True
        try:
            yield
        finally:
            self._raising = False

    @contextmanager
    def asked(self) -> Iterator[None]:
        """While this lasts, SIGTERM raises KeyboardInterrupt too: a question would otherwise wait for its answer."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def interrupt(self, *_: object) -> None:
        """The handler of Ctrl-C."""
        self.came = True
        if self._raising:
            self._raising = False  # a second Ctrl-C does not disturb what the first has started
            raise KeyboardInterrupt

    def terminate(self, *_: object) -> None:
        """The handler of SIGTERM."""
        self.stop.set()
        if self._asking:
            raise KeyboardInterrupt


@contextmanager
def handled(handle: Callable[..., None], *names: str) -> Iterator[None]:
    """While this lasts, `handle` gets these signals, if this system has them and they are not ignored."""
    here = threading.current_thread() is threading.main_thread()  # no other one receives signals
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
