"""Run a command with the key in its environment, and be as good as absent while it runs.

The command shares the terminal, the process group and the open files. What the terminal sends (Ctrl-C, Ctrl-\\, a
hang-up of the line) reaches it directly; what another process sends to mcapp is passed on. Its exit code becomes
mcapp's, 128 + n if a signal ended it. Windows has its own, simpler way and was not tried; nor was macOS.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from mcapp.errors import McappError

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as every shell reports them


class CommandNotFound(McappError):
    """There is no such command."""

    exit_code = NOT_FOUND
    default_code = "command-not-found"


class CommandNotExecutable(McappError):
    """There is a file of this name, and it cannot be run."""

    exit_code = NOT_EXECUTABLE
    default_code = "command-not-executable"


def run(command: Sequence[str], environ: Mapping[str, str], started: Callable[[], None]) -> int:
    """Run the command to its end and give the exit code to end with; `started` is called once it runs.

    Raises one of the two errors above.
    """
    try:
        return _run(command, environ, started)
    except (FileNotFoundError, NotADirectoryError):
        hint = "it is looked for in PATH; a line for a shell needs one: sh -c '…'"
        raise CommandNotFound(f"there is no command {command[0]}", hint=hint) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandNotExecutable(
            f"{command[0]} cannot be run: {reason[:1].lower()}{reason[1:]}", hint="is it an executable file?"
        ) from None


if sys.platform == "win32":

    def _run(command: Sequence[str], environ: Mapping[str, str], started: Callable[[], None]) -> int:
        import subprocess

        before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of the console
        try:
            process = subprocess.Popen(list(command), env=dict(environ))  # noqa: S603  # the user's own command
            started()
            return process.wait()
        finally:
            signal.signal(signal.SIGINT, before)

else:
    # Everything that asks a program to do something, and that a program may wish to handle.
    _PASSED_ON = {
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGALRM,
    }
    # Python ignores these for itself, and what is ignored would stay so in the command.
    _PYTHONS_OWN = {signal.SIGPIPE, signal.SIGXFSZ}

    def _run(command: Sequence[str], environ: Mapping[str, str], started: Callable[[], None]) -> int:
        waited_for = _PASSED_ON | {signal.SIGCHLD}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, waited_for)
        try:
            pid = os.posix_spawnp(command[0], list(command), dict(environ), setsigmask=before, setsigdef=_PYTHONS_OWN)
            started()
            while True:
                number, sent_by_process = _next_signal(waited_for)
                if number != signal.SIGCHLD:
                    if sent_by_process:
                        os.kill(pid, number)
                    continue
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    code = os.waitstatus_to_exitcode(status)
                    return code if code >= 0 else 128 - code
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _next_signal(waited_for: set[signal.Signals]) -> tuple[int, bool]:
        """The next signal, and whether a process sent it; the terminal's own went to the command as well."""
        if sys.platform == "darwin":  # has no sigwaitinfo
            number = signal.sigwait(waited_for)
            return number, number not in (signal.SIGINT, signal.SIGQUIT) or not _in_foreground()
        info = signal.sigwaitinfo(waited_for)
        return info.si_signo, info.si_code <= 0  # sigaction(2): SI_USER, SI_QUEUE, SI_TKILL; the kernel's are positive

    def _in_foreground() -> bool:
        try:
            return os.tcgetpgrp(sys.__stdin__.fileno() if sys.__stdin__ else 0) == os.getpgrp()
        except (OSError, ValueError):
            return False
