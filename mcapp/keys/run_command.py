"""Run a command with a key in its environment.

On POSIX mcapp becomes the command (execvpe): there is one process, so signals, terminal, job control and exit code are
the command's own, and nothing of mcapp is left that could get them wrong. Windows has no such call: there the command
is started as a child, and its exit code passed on.
"""

import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence

from mcapp.errors import McappError, in_words

_SHELL = 'cmd /c "…"' if sys.platform == "win32" else "sh -c '…'"


class CommandNotFound(McappError):
    """There is no such command. 127, as every shell reports it."""

    exit_code = 127
    default_code = "command-not-found"


class CommandNotExecutable(McappError):
    """There is a file of this name, and it cannot be run. 126, as every shell reports it."""

    exit_code = 126
    default_code = "command-not-executable"


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Returns only on Windows, with the command's exit code. Raises CommandNotFound, CommandNotExecutable."""
    if sys.platform == "win32":  # Ctrl-C and Ctrl-Break reach every process of the console
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGBREAK)}
    else:  # Python ignores these two for itself, and the command would inherit that
        before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    try:
        if sys.platform != "win32":
            return os.execvpe(command[0], list(command), dict(environ))  # noqa: S606  # the user's own command
        import subprocess

        program = find(command[0], environ)
        line: str | list[str] = [program, *command[1:]]
        if program.lower().endswith((".bat", ".cmd")):
            line = batch_line(program, command[1:], environ)
        return exit_code(subprocess.run(line, env=dict(environ), check=False).returncode)  # noqa: S603  # as above
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last for an empty name
        raise CommandNotFound(
            f"command not found: {command[0]}",
            hint=f"commands are looked up in PATH; a shell's own syntax needs a shell: {_SHELL}",
        ) from None
    except OSError as error:
        hint = "check that it is an executable file"
        raise CommandNotExecutable(f"cannot run {command[0]}: {in_words(error)}", hint=hint) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def find(name: str, environ: Mapping[str, str]) -> str:
    """The file that cmd of Windows would start: over PATH and PATHEXT, but not in the current folder.

    CreateProcess looks for `.exe` alone, and in the current folder first, where a cloned repository can have put a
    program that would get the key. Raises FileNotFoundError.
    """
    kinds = [kind for kind in (environ.get("PATHEXT") or ".COM;.EXE;.BAT;.CMD").split(";") if kind]
    names = [name] if name.lower().endswith(tuple(kind.lower() for kind in kinds)) else []
    names += [name + kind for kind in kinds]
    folders = [""]
    if not os.path.dirname(name):  # noqa: PTH120  # a name as it was typed
        named = [folder.strip('"') for folder in environ.get("PATH", "").split(os.pathsep)]
        folders = [folder for folder in named if os.path.isabs(folder)]  # noqa: PTH117  # as above
    for folder in folders:
        for each in names:
            path = os.path.join(folder, each)  # noqa: PTH118  # as above
            if os.path.isfile(path):  # noqa: PTH113  # never raises
                return path
    raise FileNotFoundError(name)


def batch_line(program: str, arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """The command line that hands `arguments` to a batch file unchanged.

    cmd runs batch files, and reads the line by rules of its own: in quotes it still replaces `%NAME%`, and `""` is a
    quote. `%cd:~,%` is nothing and keeps a `%` from its name. Raises OSError for a line end, which ends the command.
    """
    words = []
    for word in (program, *arguments):
        if "\n" in word or "\r" in word:
            raise OSError(0, "an argument with a line end cannot be passed to a batch file")
        word = re.sub(r"(\\+)(?=\"|$)", r"\1\1", word).replace('"', '""').replace("%", "%%cd:~,%")
        words.append(f'"{word}"')
    cmd = environ.get("SYSTEMROOT", r"C:\Windows") + r"\System32\cmd.exe"  # with its folder, as above
    return f'"{cmd}" /e:ON /v:OFF /d /c "{" ".join(words)}"'


def exit_code(status: int) -> int:
    """The exit code for what Windows says of a process that ended: 130 for Ctrl-C; signed, as `sys.exit` takes it."""
    if status == 0xC000013A:  # STATUS_CONTROL_C_EXIT
        return 130
    return status - (1 << 32) if status >= 1 << 31 else status
