"""Close the network: no test, and no process that a test starts, reaches anything but this machine.

tests/conftest.py installs the guard in pytest's own process. A Python process that a test starts finds this file
through PYTHONPATH, under the name that the interpreter imports by itself, and ends with REFUSED_EXIT at the first
attempt, so that no `except` can turn the attempt into an ordinary answer.

An audit hook rather than a patched `socket`: it sees what every library and C code do, and it needs no module that the
interpreter has not loaded by then, so that a child's `sys.modules` is what it is on a user's machine.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing.TYPE_CHECKING without importing typing
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

REFUSED_EXIT = 97

# The audit events of Python's socket module that lead to another machine, or let one in. The first group carries
# (socket, address); an address of another family than the Internet's is no tuple, or does not begin with a host.
_WITH_ADDRESS = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_WITH_HOST = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")


def is_loopback(host: object) -> bool:
    """Whether a host, as the socket module takes it, is this machine and nobody else."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return True  # None asks for this machine, numbers are no Internet addresses
    host = host.lower().removeprefix("::ffff:")
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


def install(refuse: Callable[[str], None]) -> None:
    """From now on call `refuse` with a sentence before anything but loopback is reached. Cannot be undone."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if not event.startswith("socket."):
            return
        if event in _WITH_ADDRESS:
            address = args[1]
            if isinstance(address, tuple) and address and not is_loopback(address[0]):
                refuse(f"the network is closed in tests: {event} {address[0]}")
        elif event in _WITH_HOST and not is_loopback(args[0]):
            refuse(f"the network is closed in tests: {event} {args[0]}")

    sys.addaudithook(hook)


def _end(reason: str) -> None:
    sys.stderr.write(reason + "\n")
    sys.stderr.flush()
    os._exit(REFUSED_EXIT)


if __name__ == "sitecustomize":
    install(_end)
