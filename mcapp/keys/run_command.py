"""Run a command with a key in its environment.

On POSIX mcapp becomes the command (execvpe): there is one process, so signals, terminal, job control and exit code are
the command's own, and nothing of mcapp is left that could get them wrong. Windows has no such call: there the command
is started as a child, and its exit code passed on.
"""

import os
import signal
import sys
from collections.abc import Mapping, Sequence

from mcapp.errors import McappError


class CommandNotFound(McappError):
    """There is no such command. 127, as every shell reports it."""

    exit_code = 127
    default_code = "command-not-found"


class CommandNotExecutable(McappError):
    """There is a file of this name, and it cannot be run. 126, as every shell reports it."""

    exit_code = 126
    default_code = "command-not-executable"


def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run the command. Returns only on Windows, with its exit code.

    Raises CommandNotFound, CommandNotExecutable.
    """
    try:
        return _run(command, environ)
    except (FileNotFoundError, NotADirectoryError):
        raise CommandNotFound(
            f"command not found: {command[0]}",
            hint="commands are looked up in PATH; a shell's own syntax needs a shell: sh -c '…'",
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandNotExecutable(
            f"cannot run {command[0]}: {reason[:1].lower()}{reason[1:]}", hint="check that it is an executable file"
        ) from None


if sys.platform == "win32":

    def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
        import subprocess

        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the console
        try:
            return subprocess.run(list(command), env=dict(environ), check=False).returncode  # noqa: S603  # the user's
        finally:
            signal.signal(signal.SIGINT, before)

else:

    def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
        # Python ignores these two for itself, and the command would inherit that.
        before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
        try:
            os.execvpe(command[0], list(command), dict(environ))  # noqa: S606  # the user's own command
        finally:  # reached only if it failed
            for number, handler in before.items():
                signal.signal(number, handler)
