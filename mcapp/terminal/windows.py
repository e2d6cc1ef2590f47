"""The Windows console, which has to be asked for what other terminals always do. Imported only there."""

import ctypes
import io
import os
import sys
from typing import TextIO

OBEYS_CODES = 0x0004  # ENABLE_VIRTUAL_TERMINAL_PROCESSING: escape codes are obeyed instead of printed


def console_mode(stream: TextIO) -> int | None:
    """The mode of the console behind the stream; None for anything else, also for NUL, which says that it is a tty."""
    if not stream.isatty():
        return None
    try:
        descriptor = stream.fileno()
    except OSError:  # in memory
        return OBEYS_CODES
    return _get_mode(descriptor)


def prepare(stream: TextIO) -> None:
    """A console obeys escape codes from here on (Windows 10 of 2016 or later); anything else gets UTF-8 and LF.

    Python's own choice for a pipe or a file is the code page of the country and CR LF: git refuses such a diff, and
    other programs do not know the code page.
    """
    mode = console_mode(stream)
    if mode is not None:
        if not mode & OBEYS_CODES:
            _set_mode(stream.fileno(), mode | OBEYS_CODES)
    elif isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding=None if os.environ.get("PYTHONIOENCODING") else "utf-8", newline="\n")


def _get_mode(descriptor: int) -> int | None:
    if sys.platform != "win32":
        return None  # tests put another function here
    import msvcrt

    mode = ctypes.c_ulong()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
    return mode.value if ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)) else None


def _set_mode(descriptor: int, mode: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        ctypes.windll.kernel32.SetConsoleMode(ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), mode)
