"""Questions to the person at the terminal: on stderr, so that stdout stays the product.

Call these only where `Console.can_ask`. The end of the input (Ctrl-D) raises EOFError, which ends the run like Ctrl-C.
Questions are part of a conversation that has begun, so `--quiet` does not silence them.
"""

import sys
from collections.abc import Callable
from typing import TypeVar

from mcapp.errors import McappError
from mcapp.terminal.console import Console, visible
from mcapp.terminal.redact import mask

Answer = TypeVar("Answer")


def ask(console: Console, question: str, *, default: str = "") -> str:
    """One line of text, without the spaces around it; Enter alone gives `default`, which is shown."""
    style = console.err_style
    prompt = f"{style.bold(question)}{style.dim(f' [{default}]') if default else ''}: "
    return _line(prompt).strip() or default


def ask_until(
    console: Console, question: str, use: Callable[[str], Answer], *, default: str = "", empty: Answer | None = None
) -> Answer:
    """Ask until `use` accepts the answer, which it refuses with a McappError; what that says is shown.

    Enter alone gives `use(default)`, or `empty` where that is given.
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
    """A yes-or-no question; Enter alone gives `default`."""
    prompt = f"{console.err_style.bold(question)} [{'Y/n' if default else 'y/N'}] "
    while True:
        answer = _line(prompt).strip().lower()
        if answer in ("", "y", "yes", "n", "no"):
            return answer.startswith("y") if answer else default
        print_line("  answer yes or no")


def ask_line(console: Console, question: str) -> str:
    """One line exactly as it was typed, without its line end."""
    return _line(f"{console.err_style.bold(question)}: ").rstrip("\r\n")


def print_line(text: str) -> None:
    """A part of the conversation."""
    sys.stderr.write(mask(text) + "\n")
    sys.stderr.flush()


def _line(prompt: str) -> str:
    """A line from the terminal. `input` would print its prompt on stdout."""
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
