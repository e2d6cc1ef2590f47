"""A key that cannot be printed by accident, and the last defence: `sealed`, for what mcapp does not print itself.

What mcapp prints goes through `redact.mask` already (console.py). What libraries log and what Python itself prints does
not: httpx logs whole URLs, a plugin may log an exception that quotes a header, and a core file holds everything.
"""

import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, NoReturn

from mcapp.terminal.console import fence
from mcapp.terminal.redact import forget, mask, remember

MASKED = "***"
# From this length on the last four characters may be shown: they tell two keys apart and leave enough unknown.
_LONG = 20


class Secret:
    """An App Key. Printing or formatting it gives a mask, pickling it fails; only `reveal` gives the key.

    From then on `mcapp.terminal.redact.mask` knows the value, so texts that contain it are masked too.
    """

    __slots__ = ("__value",)
    __hash__ = None  # type: ignore[assignment]  # no set or dict has a use for it

    def __init__(self, value: str) -> None:
        remember(value)
        self.__value = value

    def reveal(self) -> str:
        """The key itself. For the stores, the request that carries it, `keys exec` and `keys show --reveal` alone."""
        return self.__value

    @property
    def fingerprint(self) -> str:
        """Six hexadecimal digits of its SHA-256: enough to see whether two people mean the same key."""
        return self.long_fingerprint[:6]

    @property
    def long_fingerprint(self) -> str:
        """Sixteen of them: enough to tell a million keys apart."""
        from hashlib import sha256  # 2 ms, not needed to list keys

        return sha256(self.__value.encode("utf-8")).hexdigest()[:16]

    def forget(self) -> None:
        """Let `mask` forget it. For a run over many keys, once all that came of this one is in a fixed form."""
        forget(self.__value)

    @property
    def hint(self) -> str:
        """Its masked form: an ellipsis, and the last four characters if it has twenty or more."""
        return "…" + (self.__value[-4:] if len(self.__value) >= _LONG else "")

    def __len__(self) -> int:
        return len(self.__value)

    def __eq__(self, other: object) -> bool:
        from hmac import compare_digest

        if not isinstance(other, Secret):
            return NotImplemented
        return compare_digest(self.__value.encode("utf-8"), other.reveal().encode("utf-8"))

    def __str__(self) -> str:
        return MASKED

    def __repr__(self) -> str:
        return f"Secret({MASKED})"

    def __format__(self, spec: str) -> str:
        return format(MASKED, spec)

    def __rich_repr__(self) -> Iterator[str]:
        yield MASKED

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Secret":
        return self  # dataclasses.asdict copies what it finds

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: the key would be readable in the result")


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
        ):
            stack.callback(setattr, hooks, name, getattr(hooks, name))
            setattr(hooks, name, replacement)
        handler, root = MaskedLog(), logging.getLogger()
        root.addHandler(handler)
        stack.callback(root.removeHandler, handler)
        logging.captureWarnings(capture=True)
        stack.callback(logging.captureWarnings, capture=False)
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
