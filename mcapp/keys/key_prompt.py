"""Ask for a key at a terminal, without showing it.

Not `getpass`: it reads a line the way the terminal driver collects it, and the driver cuts a line at 4,095 characters
silently (Linux, N_TTY) and ends it at the first line break, so that the rest of a paste would be typed into
whatever runs next. Here the terminal hands over every byte as it comes, until Enter or until the paste is over.
The console of Windows gives character by character too, and marks nothing.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, TextIO

from mcapp.keys.paste import MAX_BYTES, BadPaste

# Ask the terminal to mark where a paste begins and ends; a console of Windows would print the codes.
_PASTE_ON, _PASTE_OFF = ("", "") if sys.platform == "win32" else ("\x1b[?2004h", "\x1b[?2004l")
_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
# The rest of a paste without marks comes at once after its first line end; a person's next key does not.
_REST_OF_A_PASTE = 0.1  # seconds
_INTERRUPT, _END, _ERASE, _KILL = 0x03, 0x04, (0x08, 0x7F), 0x15
_CTRL_D, _CTRL_V, _CTRL_Z = "\x04", "\x16", "\x1a"


def read_hidden(prompt: str, stdin: TextIO, stderr: TextIO) -> str:
    """What was typed or pasted at the terminal `stdin`, line breaks inside included; shown nowhere.

    Raises KeyboardInterrupt (Ctrl-C), EOFError (Ctrl-D on an empty line, or the terminal went away), BadPaste (too
    much, or Ctrl-V in a console that does not paste). The terminal is left as it was found.
    """
    with _hidden(stdin) as (take, more):
        # Only now: a paste that follows the prompt at once must find the echo off.
        stderr.write(prompt + _PASTE_ON)
        stderr.flush()
        try:
            data = _read(take, more)
        finally:
            stderr.write(_PASTE_OFF + "\n")
            stderr.flush()
    # The marks were asked for above, and the last line end is the Enter key: not reported as removed.
    data = data.replace(_PASTE_BEGINS, b"").replace(_PASTE_ENDS, b"").rstrip(b" \t")
    return data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "replace")


def _read(take: Callable[[], bytes], more: Callable[[], bool]) -> bytes:
    """All bytes up to Enter or the end of a paste. `take` waits for some, `more` says whether others follow at once."""
    line = bytearray()
    pasting = False
    while True:
        try:
            data = take()
        except OSError:  # EIO: the terminal is gone
            data = b""
        if not data:
            raise EOFError
        for byte in data:
            if byte == _INTERRUPT:  # inside a paste too: its end might never come
                raise KeyboardInterrupt
            if pasting:
                line.append(byte)
                pasting = not line.endswith(_PASTE_ENDS)
                continue
            if byte == _END:
                if not line:
                    raise EOFError
                continue
            if byte in _ERASE:
                while line and line[-1] & 0xC0 == 0x80:  # the tail of a UTF-8 sequence
                    line.pop()
                del line[-1:]
            elif byte == _KILL:
                line.clear()
            else:
                line.append(byte)
                pasting = line.endswith(_PASTE_BEGINS)
        if len(line) > MAX_BYTES:
            raise BadPaste(
                "the input is far too long for a key", hint="copy the key again: all of it, and nothing else"
            )
        if not pasting and line.rstrip(b" \t").endswith((b"\r", b"\n")) and not more():
            return bytes(line)


if sys.platform == "win32":
    import msvcrt

    def _console_key() -> bytes:
        """The next character in UTF-8; nothing for a key that writes none, such as an arrow or F1."""
        char = msvcrt.getwch()
        if char in "\0\xe0" and msvcrt.kbhit():  # the code of such a key follows; without one it is the letter à
            msvcrt.getwch()
            return _console_key()
        if char == _CTRL_V:  # some consoles paste at it, others hand it over
            raise BadPaste("this console does not paste with Ctrl+V", hint="paste with right-click or Ctrl+Shift+V")
        return (_CTRL_D if char == _CTRL_Z else char).encode("utf-8", "replace")

    def _console_more(wait: float = _REST_OF_A_PASTE) -> bool:
        until = time.monotonic() + wait
        while not msvcrt.kbhit():
            if time.monotonic() >= until:
                return False
            time.sleep(0.005)
        return True

    @contextmanager
    def _hidden(_stdin: TextIO) -> Iterator[tuple[Callable[[], bytes], Callable[[], bool]]]:
        try:
            yield _console_key, _console_more
        finally:
            while _console_more(0.0):  # the rest of a paste must not be typed into the shell
                msvcrt.getwch()

else:
    import select
    import termios

    @contextmanager
    def _hidden(stdin: TextIO) -> Iterator[tuple[Callable[[], bytes], Callable[[], bool]]]:
        """No echo, no line editing, no signals from keys; put back however this ends, a SIGTERM included."""
        terminal = stdin.fileno()
        before = termios.tcgetattr(terminal)
        quiet = termios.tcgetattr(terminal)
        quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
        quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
        handlers = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
            yield (
                lambda: os.read(terminal, 65536),
                lambda: bool(select.select([terminal], [], [], _REST_OF_A_PASTE)[0]),
            )
        finally:
            # TCSAFLUSH drops what is still unread: the rest of a paste must not be typed into the shell.
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
            for number, handler in handlers.items():
                signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001  # the signature of a handler
    raise SystemExit(128 + number)
