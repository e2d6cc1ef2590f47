"""`mcapp keys exec`: run a command with a key in its environment."""

import os
from typing import Any

import typer

from mcapp.cli.help import Command, help_page
from mcapp.cli.options import argument, common
from mcapp.cli.output import AS_JSON, OUTPUT_FORMAT, ContentWriter
from mcapp.commands.keys.shared import EMPTY, opened, stored_names
from mcapp.keys.run_command import run
from mcapp.keys.vault import FILE_VARIABLE, VARIABLE, resolve


class Exec(Command):
    """The command, with a name that may be missing before the `--`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]  # as in Command
        """Without a name an empty one stands in its place: behind the `--` every word is the command's own."""
        if "--" in args:
            at = args.index("--") + 1
            given: dict[str, Any] = self.make_parser(ctx).parse_args(args=args[: at - 1])[0]
            if not isinstance(given.get("name"), str):
                args = [*args[:at], "", *args[at:]]
        return super().parse_args(ctx, args)


@help_page(
    examples="""
    mcapp keys exec shop-a -- npm start
    mcapp keys exec -- npm start                   the key that other commands would use
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
    name: str = argument(
        "[NAME]",
        "The stored key's name; without it MANYCHAT_APP_KEY, else the default key.",
        words=stored_names,
        show_default=False,
        default="",
    ),
    *,
    command: list[str] = argument("-- COMMAND…", "The command with its arguments.", default=...),
    output_format: list[str] | None = OUTPUT_FORMAT,
    json: bool = AS_JSON,
) -> None:
    """Run a command with a key in its environment, as MANYCHAT_APP_KEY."""
    console = common(ctx).console
    ContentWriter(ctx, output_format, json, EMPTY)  # for errors; the command's output is its own
    with opened(ctx) as vault:
        found = resolve(name, vault)
        console.say("\n".join((found.message, *found.notes)))
    environ = {name: value for name, value in os.environ.items() if name != FILE_VARIABLE}
    environ[VARIABLE] = found.secret.reveal()
    raise typer.Exit(run(command, environ))
