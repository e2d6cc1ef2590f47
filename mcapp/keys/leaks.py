"""The last defence: no loaded key is in what this process logs, warns about or dies of.

What mcapp prints goes through `redact.mask` already (console.py). What libraries log and what Python itself prints does
not: httpx logs whole URLs, a plugin may log an exception that quotes a header, and a core file holds everything.
"""

import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

from mcapp.terminal.console import fence
from mcapp.terminal.redact import mask


class MaskedLog(logging.Handler):
    """Warnings and worse on stderr, each with its exception and its stack, masked as a whole."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; one that cannot be formatted is named, without its arguments."""
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001  # logging itself would print the arguments in its error
            text = f"{record.levelname} {record.name}: a message that cannot be formatted"
        sys.stderr.write(fence(mask(text)) + "\n")


@contextmanager
def sealed() -> Iterator[None]:
    """While this lasts: masked logs, warnings and tracebacks; on POSIX no core file, and new files are private.

    Enter it before the first key is read, and leave it before another program inherits its limits.
    """
    with ExitStack() as stack:
        for hooks, name, replacement in (
            (sys, "excepthook", _print_exception),
            (sys, "unraisablehook", _print_unraisable),
            (threading, "excepthook", _print_unraisable),
            (warnings, "showwarning", _print_warning),
        ):
            stack.callback(setattr, hooks, name, getattr(hooks, name))
            setattr(hooks, name, replacement)
        handler, root = MaskedLog(), logging.getLogger()
        root.addHandler(handler)
        stack.callback(root.removeHandler, handler)
        if sys.platform != "win32":
            import resource

            limits = resource.getrlimit(resource.RLIMIT_CORE)
            stack.callback(resource.setrlimit, resource.RLIMIT_CORE, limits)
            resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))
            stack.callback(os.umask, os.umask(0o077))
        yield


def _print_exception(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))


def _print_unraisable(args: Any) -> None:
    """What Python hands to `sys.unraisablehook` and to `threading.excepthook` names these three alike."""
    _print_exception(args.exc_type, args.exc_value, args.exc_traceback)


def _print_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    sys.stderr.write(mask(warnings.formatwarning(message, category, filename, lineno)))
