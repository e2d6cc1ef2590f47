"""What an output format is, in one record; and words as they are written in reports: numbers, Markdown, commands."""

import re
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from mcapp.errors import Failure
from mcapp.terminal.console import Style, visible

# (report, style, width in columns) -> the text. Formats for programs ignore style and width.
Render = Callable[[Any, Style, int], str]


class Format(NamedTuple):
    """One value of `--output-format`.

    An error that ends the run goes into a format for programs (`machine`); with any other it is printed on stderr.
    What `people` read is silenced by `--quiet` on stdout. `summary` makes the Markdown that is appended to the job
    summary of GitHub Actions. `commands`: its lines are commands to a CI runner, and it keeps others out itself.
    """

    name: str
    render: Render
    machine: bool = False
    people: bool = False
    summary: Render | None = None
    commands: bool = False


Table = Mapping[str, Format]


def table(*formats: Format) -> Table:
    """The formats of a command by name, in the order in which `--help` lists them."""
    return {each.name: each for each in formats}


def lazy(module: str, function: str = "render") -> Any:
    """A function of `module`, which is imported when the function is called: a run pays for its own formats alone."""

    def call(*args: Any) -> Any:
        return getattr(import_module(module), function)(*args)

    return call


def plural(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def plain(text: str) -> str:
    """`text` for Markdown: what it or HTML gives a meaning is escaped, line ends too, and no URL becomes a link."""
    text = "".join(f"&#{ord(char)};" if char in "\\`*_{}[]<>()#!|&@~$\r\n" else char for char in text)
    return re.sub(r":(?=//)|(?<=www)\.", lambda match: f"&#{ord(match[0])};", text, flags=re.IGNORECASE)


def quoted(*words: str) -> str:
    """A command to be pasted: the words as a shell reads them, a POSIX shell, on Windows cmd and PowerShell."""
    if sys.platform != "win32":
        import shlex  # 0.4 ms that a clean validate need not wait for

        return visible(shlex.join(words))
    # What neither of the two gives a meaning to needs no quotes.
    bare = re.compile(r"[\w./\\:@+=-]+")
    return visible(" ".join(word if bare.fullmatch(word) else '"' + word.replace('"', '\\"') + '"' for word in words))


def file_word(path: str) -> str:
    """The name of a file as a word. One that would be taken for an option gets the folder in front."""
    return quoted(f"./{path}" if path.startswith("-") and path != "-" else path)


def move_command(path: Path, to: Path | str) -> str:
    """The command that gives a file another name."""
    return quoted(*(["move"] if sys.platform == "win32" else ["mv", "--"]), str(path), str(to))


def remove_command(path: Path) -> str:
    """The command that deletes a file."""
    return quoted(*(["del"] if sys.platform == "win32" else ["rm", "--"]), str(path))


def failure_row(failure: Failure) -> dict[str, Any]:
    """A row of `errors` in a JSON report: code, path (or None), message, hint."""
    return {
        "code": failure.code,
        "path": None if failure.path is None else visible(failure.path),
        "message": visible(failure.message),
        "hint": "\n".join(map(visible, failure.hint.split("\n"))),
    }
