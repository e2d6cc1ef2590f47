"""`mcapp keys exec`: run a command with a key in its environment."""

import os
from typing import Annotated

import typer

from mcapp.cli.help import help_page
from mcapp.cli.options import common
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.commands.keys.shared import KeyName, empty_report, opened
from mcapp.keys.run_command import run
from mcapp.keys.stores.environment import FILE_VARIABLE, VARIABLE, EnvironmentStore
from mcapp.keys.vault import resolve


@help_page(
    examples="""
    mcapp keys exec shop-a -- npm start
    mcapp keys exec shop-a -- sh -c 'echo ${#MANYCHAT_APP_KEY} characters'
    """,
    exits={
        0: "the command's own exit code, whatever it is",
        4: "no such key, or a key store that cannot be used",
        126: "the command cannot be run",
        127: "there is no such command",
    },
    notes="""
    The key is in the command's environment as MANYCHAT_APP_KEY, and in no argument list. mcapp's process becomes the
    command (on Windows: starts it and waits), so signals, terminal and exit code are the command's own. A report is
    printed only if the command could not be run.
    """,
)
def exec_(
    ctx: typer.Context,
    name: KeyName,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND…", help="The command with its arguments.")],
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Run a command with a stored key in its environment, as MANYCHAT_APP_KEY."""
    console = common(ctx).console
    ContentWriter(ctx, output_format, json, empty_report)  # for errors; the command's output is its own
    with opened(ctx) as vault:
        found = resolve(name, vault, EnvironmentStore())
        console.say(found.message)
    environ = {name: value for name, value in os.environ.items() if name != FILE_VARIABLE}
    environ[VARIABLE] = found.secret.reveal()
    raise typer.Exit(run(command, environ))
