"""Questions to the user at a terminal, on stderr.

Call these functions only if `Console.can_ask`. At the end of input (Ctrl-D) they raise EOFError, which ends the run
like Ctrl-C. `--quiet` does not silence them.
"""

import os
import re
import sys
from collections.abc import Callable
from typing import TypeVar

from mcapp.errors import McappError, Refused
from mcapp.terminal.console import Console, fence, visible
from mcapp.terminal.redact import mask

Answer = TypeVar("Answer")


class Back(Exception):
    """The person wants to answer the question before this one again."""


def ask_until(
    console: Console,
    question: str,
    use: Callable[[str], Answer],
    *,
    default: str = "",
    none: str = "",
    help: str = "",  # noqa: A002  # what it is
) -> Answer:
    """Ask until `use` accepts the answer, in a line that can be edited; print the McappError that it raises otherwise.

    An empty line gives `use(default)`; without a default `none` says what that means. `?` prints `help`. Raises Back
    for `<`.
    """
    style = console.err_style
    shown = default or none
    prompt = f"{style.bold(question)}{style.dim(f' [{visible(shown)}]') if shown else ''}: "
    while True:
        answer = _line(prompt, edit=True).strip()
        if answer == "<":
            raise Back
        if answer == "?":
            print_line(style.dim(help))
            continue
        try:
            if visible(answer) != answer:
                raise Refused("it has control or invisible characters")
            return use(answer or default)
        except McappError as error:
            hint = f" ({error.hint})" if error.hint else ""
            print_line(style.error("  ! ") + visible(f"{error.message}{hint}".replace("\n", "; ")))


def ask_yes(console: Console, question: str, *, default: bool = False) -> bool:
    """A yes-or-no question; an empty line gives `default`."""
    prompt = f"{console.err_style.bold(question)} [{'Y/n' if default else 'y/N'}] "
    while True:
        answer = _line(prompt).strip().lower()
        if answer in ("", "y", "yes", "n", "no"):
            return answer.startswith("y") if answer else default
        print_line("  answer yes or no")


def ask_line(console: Console, question: str) -> str:
    """One line of text with all its spaces, without the line end."""
    return _line(f"{console.err_style.bold(question)}: ").rstrip("\r\n")


def print_line(text: str) -> None:
    """Print a line of the conversation on stderr."""
    sys.stderr.write(fence(mask(text)) + "\n")
    sys.stderr.flush()


def _line(prompt: str, *, edit: bool = False) -> str:
    """A line with its line end."""
    while True:
        try:
            if edit and _editable():
                line = _edited(mask(prompt))
            else:  # `input` would print the prompt on stdout
                sys.stderr.write(mask(prompt))
                sys.stderr.flush()
                line = sys.stdin.readline()
            line.encode("utf-8")
        except UnicodeError:
            print_line("  that is not valid UTF-8")
            continue
        except KeyboardInterrupt:
            print_line("")
            raise
        if not line:
            raise EOFError
        return line


def _editable() -> bool:
    """Whether Python can edit lines here: it has readline on Linux and macOS; on Windows the console edits."""
    if sys.platform == "win32":
        return False
    try:
        import readline

        readline.set_auto_history(False)
        return (sys.stdin.fileno(), sys.stdout.fileno()) == (0, 1)  # otherwise `input` does not use it
    except (ImportError, AttributeError, OSError, ValueError):
        return False


def _edited(prompt: str) -> str:
    """A line of `input`, which writes to file 1: that is the terminal of stderr meanwhile, wherever stdout goes."""
    sys.stdout.flush()
    sys.stderr.flush()
    stdout = os.dup(1)
    os.dup2(2, 1)
    try:
        # The marks tell readline which characters take no space.
        return input(re.sub(r"\x1b\[[\d;]*m", "\x01\\g<0>\x02", prompt)) + "\n"
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)
