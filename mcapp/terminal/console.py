"""stdout and stderr, colour and width.

Results go to stdout, everything else to stderr. Everything that is written is masked (`redact.mask`). Text from files
and servers, and the names of files, go through `visible` before anything is made of them, so that they cannot send
commands to the terminal. A CI runner obeys lines of a log that begin with `::` or `##[`: `fence` breaks them up.
"""

import os
import re
import sys
from collections.abc import Callable
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

from mcapp.terminal.cells import UNSEEN, hang, symbol
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    from mcapp.errors import Failure, McappError

# Patterns are compiled by `re` when they are first used.
# What a runner of GitHub Actions or Azure Pipelines obeys: `::` that begins a line, behind spaces and our own colours
# too; `##[` and `##vso[` anywhere.
_COMMAND = r"(?im)^((?>(?:\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b\n]*\x1b\\|[^\S\n])*))(:)(?=:)|()(#)(?=#\[|#vso\[)"

_OBEYS_CODES = 0x0004  # of a Windows console (ENABLE_VIRTUAL_TERMINAL_PROCESSING): colours are not printed as text

# The width of what does not go to a terminal: nothing is wrapped there, so that programs such as grep find whole lines.
UNWRAPPED = 10_000


def visible(text: str) -> str:
    """Text from outside as it may be shown: masked, on one line, with a symbol for every character that is not seen.

    Those are the categories Cc, Cf, Co, Cs, Cn, Zl and Zp, and `UNSEEN`. Cut and wrap only what this gives.
    """
    text = mask(text)
    if text.isprintable() and (text.isascii() or not re.search(UNSEEN, text)):
        return text
    return "".join(map(symbol, text))


def repository_path(path: str) -> str:
    """The path as git and a repository's host know it, with `/` on Windows too; they find no file otherwise."""
    shown = visible(path)
    return shown.replace("\\", "/") if sys.platform == "win32" else shown


def fence(text: str) -> str:
    """`text` without a line that a CI runner takes for a command: `::error` becomes `: :error`, `##[` `# #[`."""
    return re.sub(_COMMAND, r"\1\2\3\4 ", text) if "::" in text or "##" in text else text


def wants_color(choice: str | None, stream: TextIO) -> bool:
    """`--color` beats NO_COLOR beats FORCE_COLOR beats TERM=dumb beats "is it a terminal"."""
    if choice in ("always", "never"):
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    force = os.environ.get("FORCE_COLOR")
    if force:
        return force not in ("0", "false")
    if os.environ.get("TERM") == "dumb" or not is_terminal(stream):
        return False
    return sys.platform != "win32" or bool((_console_mode(stream) or 0) & _OBEYS_CODES)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; a closed or missing stream is not."""
    try:
        if stream is None or not stream.isatty():
            return False
    except ValueError:
        return False
    return sys.platform != "win32" or _console_mode(stream) is not None


def _colour(codes: str) -> Callable[["Style", str], str]:
    """A method of Style that writes its text with these codes (SGR)."""
    return lambda style, text: f"\x1b[{codes}m{text}\x1b[0m" if style.on and text else text


class Style:
    """Colours for one stream, or none: `style.bold("text")`."""

    __slots__ = ("on",)

    def __init__(self, *, on: bool) -> None:
        self.on = on

    bold = _colour("1")  # headings and other important text
    dim = _colour("2")  # unimportant text
    error = _colour("1;31")
    warning = _colour("1;33")
    note = _colour("1;36")  # also positions and links
    good = _colour("1;32")  # success
    removed = _colour("31")  # a line of a diff
    added = _colour("32")  # a line of a diff
    frame = _colour("1;34")  # line numbers and arrows around source text

    def severity(self, severity: str, text: str) -> str:
        """The colour of `error`, `warning` or `note`."""
        return {"error": self.error, "warning": self.warning}.get(severity, self.note)(text)


def failure_text(failure: "Failure") -> str:
    """The message, with the path in front unless the message contains it."""
    path = f"{visible(failure.path)}: " if failure.path and failure.path not in failure.message else ""
    return f"{path}{visible(failure.message)}"


def headed(head: str, text: str, style: Style, width: int) -> list[str]:
    """The text in bold, in lines of `width` columns, behind `head` and a colon."""
    first, *rest = hang(f"{head}: ", text, width, 4)
    return [head + style.bold(first.removeprefix(head)), *(f"    {style.bold(line[4:])}" for line in rest)]


def failure_block(failure: "Failure", style: Style, width: int, severity: str = "error") -> str:
    """What went wrong and the hints, which are not wrapped: they may be commands."""
    lines = headed(style.severity(severity, severity), failure_text(failure), style, width)
    hints = failure.hint.split("\n") if failure.hint else ()
    lines += [f"{'        ' if number else style.note('  hint: ')}{visible(hint)}" for number, hint in enumerate(hints)]
    return "\n".join(lines)


class Console:
    """The output streams of this run, set up by the global options and the environment."""

    def __init__(self) -> None:
        self.color: str | None = None
        self.verbose = self.quiet = False
        self.no_input = os.environ.get("MCAPP_NO_INPUT", "") not in ("", "0")

    @property
    def style(self) -> Style:
        """Colours for stdout."""
        return Style(on=wants_color(self.color, sys.stdout))

    @property
    def err_style(self) -> Style:
        """Colours for stderr."""
        return Style(on=wants_color(self.color, sys.stderr))

    @property
    def width(self) -> int:
        """Columns of the terminal; 80 without one."""
        from shutil import get_terminal_size

        return max(20, get_terminal_size().columns)

    @property
    def fit(self) -> int:
        """The columns to fit text into: the terminal's, or UNWRAPPED if stdout is not one."""
        return self.width if is_terminal(sys.stdout) else UNWRAPPED

    @property
    def can_ask(self) -> bool:
        """Whether a prompt would reach a person."""
        return not self.no_input and is_terminal(sys.stdin) and is_terminal(sys.stderr)

    def out(self, text: str, *, commands: bool = False) -> None:
        """Write to stdout, with a final newline unless it has one; `commands`: a CI runner obeys it."""
        _write(sys.stdout, text, commands=commands)

    def out_bytes(self, data: bytes) -> None:
        """Write a document to stdout byte for byte: `--fix` with `-`, `generate`. Nothing is masked."""
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def say(self, text: str) -> None:
        """Print a message on stderr, unless `--quiet` is given."""
        if not self.quiet:
            _write(sys.stderr, text)

    def detail(self, text: str) -> None:
        """Print a message on stderr, only with `--verbose`."""
        if self.verbose:
            _write(sys.stderr, self.err_style.dim(text))

    def error(self, error: "McappError") -> None:
        """Print an error and its hint on stderr, also with `--quiet`."""
        width = self.width if is_terminal(sys.stderr) else UNWRAPPED
        _write(sys.stderr, failure_block(error.failure, self.err_style, width))


def _write(stream: TextIO, text: str, *, commands: bool = False) -> None:
    if not text:
        return
    text = mask(text) if commands else fence(mask(text))
    stream.write(text if text.endswith("\n") else text + "\n")
    stream.flush()


def prepare_streams() -> None:
    """Write characters that the stream's encoding lacks as escapes, instead of ending the run with an error.

    Python sets a stream that was closed before the start (`mcapp … >&-`) to None; output to it is discarded.
    """
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # no path; kept open
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # as above
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            if sys.platform == "win32":
                _prepare_for_windows(stream)


def _prepare_for_windows(stream: TextIOWrapper) -> None:
    """A console obeys escape codes from here on (Windows 10 of 2016 or later); anything else gets UTF-8 and LF.

    Python's own choice for a pipe or a file is the code page of the country and CR LF: git refuses such a diff, and
    other programs do not know the code page.
    """
    mode = _console_mode(stream) if stream.isatty() else None
    if mode is None:
        stream.reconfigure(encoding=None if os.environ.get("PYTHONIOENCODING") else "utf-8", newline="\n")
    elif not mode & _OBEYS_CODES:
        _set_mode(stream.fileno(), mode | _OBEYS_CODES)


def _console_mode(stream: TextIO) -> int | None:
    """The mode of the Windows console behind a stream that says it is a terminal; None for NUL, which says so too."""
    try:
        return _get_mode(stream.fileno())
    except OSError:  # in memory
        return _OBEYS_CODES


def _get_mode(descriptor: int) -> int | None:
    if sys.platform != "win32":
        return None  # tests put another function here
    import ctypes
    import msvcrt

    mode = ctypes.c_ulong()
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(descriptor))
    return mode.value if ctypes.windll.kernel32.GetConsoleMode(handle, ctypes.byref(mode)) else None


def _set_mode(descriptor: int, mode: int) -> None:
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        ctypes.windll.kernel32.SetConsoleMode(ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)), mode)
