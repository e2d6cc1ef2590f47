"""Words of a command that is printed to be pasted, quoted for the shell at hand."""

import os
import re
import shlex
from pathlib import Path

from mcapp.terminal.console import visible

_WINDOWS = os.name == "nt"
# What neither cmd nor PowerShell gives a meaning to.
_PLAIN = re.compile(r"[\w./\\:@+=-]+")


def quoted(*words: str) -> str:
    """The words as a shell reads them: a POSIX shell, on Windows cmd and PowerShell."""
    if not _WINDOWS:
        return visible(shlex.join(words))
    return visible(" ".join(word if _PLAIN.fullmatch(word) else '"' + word.replace('"', '\\"') + '"' for word in words))


def file_word(path: str) -> str:
    """The name of a file as a word. One that would be taken for an option gets the folder in front."""
    return quoted(f"./{path}" if path.startswith("-") and path != "-" else path)


def move_command(path: Path, to: Path | str) -> str:
    """The command that gives a file another name."""
    return quoted(*(["move"] if _WINDOWS else ["mv", "--"]), str(path), str(to))


def remove_command(path: Path) -> str:
    """The command that deletes a file."""
    return quoted(*(["del"] if _WINDOWS else ["rm", "--"]), str(path))
