"""Questions to the user at a terminal, on stderr.

Call these functions only if `Console.can_ask`. At the end of input (Ctrl-D) they raise EOFError, which ends the run
like Ctrl-C. `--quiet` does not silence them.
"""

import sys
from collections.abc import Callable
from typing import TypeVar

from mcapp.errors import McappError
from mcapp.terminal.console import Console, visible
from mcapp.terminal.redact import mask

Answer = TypeVar("Answer")


def ask(console: Console, question: str) -> str:
    """One line of text, without leading and trailing spaces."""
    return ask_line(console, question).strip()


def ask_until(
    console: Console, question: str, use: Callable[[str], Answer], *, default: str = "", empty: Answer | None = None
) -> Answer:
    """Ask until `use` accepts the answer; print the McappError that it raises otherwise.

    An empty line gives `use(default)`, or `empty` if that is given.
    """
    style = console.err_style
    prompt = f"{style.bold(question)}{style.dim(f' [{default}]') if default else ''}: "
    while True:
        answer = _line(prompt).strip()
        if not answer and empty is not None:
            return empty
        try:
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
    sys.stderr.write(mask(text) + "\n")
    sys.stderr.flush()


def _line(prompt: str) -> str:
    """A line with its line end. `input` would print the prompt on stdout."""
    while True:
        try:
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
