"""The command line: which commands exist, and how an error becomes a message and an exit code."""

import errno
import gc
import os
import sys
from contextlib import suppress
from functools import partial
from importlib import import_module
from traceback import walk_tb
from typing import Any

import typer
from typer.core import TyperOption
from typer.main import get_install_completion_arguments

from mcapp import __version__
from mcapp.cli.command import Common, Group, UsageError
from mcapp.errors import BROKEN_PIPE, InputProblem, Interrupted, McappError, UsageProblem
from mcapp.terminal.console import prepare_streams
from mcapp.terminal.redact import looks_like_key, mask, repeats

# What each command does, in the order of the help: the first sentence of its page. It is NAME in mcapp/commands/NAME.
COMMANDS = {
    "generate": "Write the auth.request block that makes ManyChat hand over an App Key.",
    "validate": "Check App JSON files and say what is wrong, where, and how to fix it.",
    "send": "Play ManyChat after an install: send your auth.request to your endpoint.",
    "listen": "Play the endpoint that ManyChat hands the App Key to, and store what arrives if asked.",
    "keys": "Keep App Keys that were pasted by hand: in the system's keyring, or in a private file.",
    "probe": "Find out what an App Key may really do: which scopes it has, and whether it works.",
    "fleet": "Ask every installation's key what it may do, and keep the answers.",
    "scopes": "Find the scopes that source code needs, and compare them with those of a key.",
    "endpoints": "List ManyChat's operations: the scopes that a key can have, and how each is probed.",
    "emulate": "Run a local ManyChat API that answers by the key's scopes, for tests.",
    "demo": "Show the whole loop on this machine, from an empty folder to a probed key.",
    "doctor": "Check Python, configuration, proxy, certificates, and the stored keys.",
    "lsp": "Serve editors: findings while you type, fixes, completion.",
    "rules": "List the rules that validate checks, or explain one of them.",
    "schema": "Print a JSON Schema: of App JSON, of the configuration, of a report.",
}

_ClickException: Any = UsageError.__base__


class Root(Group):
    """`mcapp` itself. A command's module is imported when the command is asked for: `mcapp --version` imports none."""

    def __init__(self) -> None:
        super().__init__("mcapp")
        self.help = (
            "mcapp: write, check and rehearse the App JSON of a ManyChat app, and find out what an App Key may do."
        )
        self.params[:0] = [
            TyperOption(
                param_decls=["-V", "--version"],
                is_flag=True,
                default=False,
                expose_value=False,
                is_eager=True,
                callback=_print_version,
                help="Print mcapp's version.",
            ),
            *get_install_completion_arguments(),
        ]
        install = self.params[1]
        install.callback = partial(_install_completion, install.callback)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  # the group's own form
        """The names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  # as above
        """The command of this name, imported now; None if there is none."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            found = getattr(import_module(f"mcapp.commands.{cmd_name}"), cmd_name)
            found.short_help = COMMANDS[cmd_name]
            self.commands[cmd_name] = found
            # See __main__.main: what was imported lives until the process ends; the run's own objects are collected.
            gc.freeze()
            gc.set_threshold(50_000, 20, 100)  # a large file makes millions of objects, and hardly any garbage
            gc.enable()
        return self.commands.get(cmd_name)

    def summaries(self, ctx: typer.Context) -> list[tuple[str, str]]:  # noqa: ARG002  # the group's own form
        """From the table above, so that help imports no command."""
        return list(COMMANDS.items())

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]  # as below
        """`mcapp help keys add` is `mcapp keys add --help`."""
        if args[0] == "help":
            args = [*args[1:], "--help"]
            if len(args) == 1 and ctx.resilient_parsing:
                return None, None, []  # completion offers the commands
            if len(args) == 1:
                sys.stdout.write(ctx.get_help() + "\n")
                raise typer.Exit
        return super().resolve_command(ctx, args)


def _print_version(ctx: typer.Context, _param: object, value: bool) -> None:  # click's signature
    if value and not ctx.resilient_parsing:
        sys.stdout.write(f"mcapp {__version__}\n")
        raise typer.Exit


def _install_completion(install: Any, ctx: typer.Context, param: object, value: bool) -> Any:
    """As Typer does, except in PowerShell: there it would lift the account's execution policy, without saying so."""
    if value and not ctx.resilient_parsing:
        from shellingham import ShellDetectionFailure, detect_shell  # type: ignore[import-untyped]  # it has no types

        with suppress(ShellDetectionFailure):
            if detect_shell()[0] in ("powershell", "pwsh"):
                raise UsageProblem(
                    "in PowerShell completion is installed by hand: mcapp changes neither profile nor execution policy",
                    hint="New-Item -ItemType File -Force $PROFILE   (only if there is no such file)\n"
                    "mcapp --show-completion | Add-Content $PROFILE\n"
                    "PowerShell reads it unless Get-ExecutionPolicy says Restricted or AllSigned",
                )
    return install(ctx, param, value)


def run(args: list[str] | None = None) -> int:
    """Run mcapp with `args` (by default the process's own) and return the exit code."""
    prepare_streams()
    gc.freeze()  # for the runs that import no command: Python walks what is not frozen once more while it ends
    shared = Common()
    words = sys.argv[1:] if args is None else args
    try:
        code = Root().main(words, prog_name="mcapp", standalone_mode=False, obj=shared)
        sys.stdout.flush()  # what cannot be written shows here, not while Python ends
        if code != 130:
            return int(code or 0)
        error: McappError = Interrupted("interrupted")
    except SystemExit as ended:
        if not isinstance(ended.__context__, BrokenPipeError):  # the end of a prompt by a signal, or of completion
            raise
        _drop_output()
        return BROKEN_PIPE  # Typer's own `main` exits with 1
    except McappError as raised:
        error = _shown(raised, words)
    except _ClickException as raised:
        error = _usage(raised, words)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        error = Interrupted("interrupted")
    except Exception as raised:  # noqa: BLE001  # the only place that turns a bug into a message
        if isinstance(raised, OSError) and raised.filename is None:
            # The reader of the output went away (EPIPE, on Windows EINVAL), or what it is written to is full.
            if isinstance(raised, BrokenPipeError) or (sys.platform == "win32" and raised.errno == errno.EINVAL):
                _drop_output()
                return BROKEN_PIPE
            if raised.errno in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG):
                _drop_output()
                full = InputProblem(f"the output cannot be written: {raised.strerror}", code="unwritable")
                shared.console.error(full)
                return full.exit_code
        error = _bug(raised)
    if shared.failure is None or not shared.failure(error):  # no report on stdout holds it
        if isinstance(error, Interrupted):
            shared.console.say(shared.console.err_style.dim(error.message))
        else:
            shared.console.error(error)
    return error.exit_code


def _drop_output() -> None:
    """Python flushes stdout once more while it ends: let that go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug(error: Exception) -> McappError:
    """An error in mcapp itself: one sentence with the line in mcapp's code, no values, no traceback."""
    own = f"{os.sep}mcapp{os.sep}"
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    places = [f"{path.rpartition(own)[2]}:{line}" for path, line in frames if own in path]
    return McappError(
        f"mcapp itself failed: {type(error).__name__} at {places[-1] if places else 'unknown line'}",
        hint=f"this is a bug in mcapp {__version__}; please report this line with the command that you ran",
    )


def _shown(error: McappError, words: list[str]) -> McappError:
    """The error, without keys, and without values that an option does not accept, unless one was nearly accepted."""
    error.message, error.hint = (_without_keys(text, words) for text in (error.message, error.hint))
    for value in (part for word in words for part in (word, word.partition("=")[2])):
        if not repeats(value) and "did you mean" not in error.hint:
            error.message = error.message.replace(repr(value), "'…'")
    error.path = error.path and _without_keys(error.path, words)
    return error


def _usage(error: Any, words: list[str]) -> UsageProblem:
    """A mistake in the options, with what was probably meant, and where the help is. No key is ever repeated."""
    ctx = getattr(error, "ctx", None)
    possible = getattr(error, "possibilities", None)
    message = error.message if possible else error.format_message()
    options = {option for param in ctx.command.get_params(ctx) for option in param.opts} if ctx is not None else set()
    message = _without_keys(message, [word for word in words if word not in options], strict=not possible)
    meant = f"did you mean {' or '.join(sorted(possible))}?\n" if possible else ""
    help_page = f"see '{ctx.command_path if ctx is not None else 'mcapp'} --help'"
    return UsageProblem(mask(message[:1].lower() + message[1:]), hint=meant + help_page)


def _without_keys(message: str, words: list[str], *, strict: bool = False) -> str:
    """`message` with each argument, or value of an option, masked that looks like a key; `strict`: that may be one."""
    for word in words:
        for part in (word.lstrip("-"), word.partition("=")[2]):
            if part and (looks_like_key(part) or (strict and not repeats(part))):
                message = message.replace(part, "*" * len(part))
    return message
