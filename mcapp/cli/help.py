"""How a command is declared, and its help page.

A command's module has one function per command, of which `command` makes it:

    @command(examples="mcapp validate app.json", exits={0: "…", 1: "…"})
    def validate(ctx: typer.Context, …) -> None:
        '''The summary, in one sentence.'''
"""

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from mcapp.cli.options import common, global_options, report_options
from mcapp.errors import nearest
from mcapp.terminal.console import wants_color

GroupType = TypeVar("GroupType", bound="Group")

# Click's base class, reached through the one that Typer exports.
UsageError: Any = typer.BadParameter.__base__

HELP_NAMES = ["-h", "--help"]
# What other programs call a command, where that is not near its name here.
OTHER_NAMES = {"rm": "remove", "delete": "remove", "ls": "list", "lint": "validate", "check": "validate"}
EXITS_COMMON = {2: "usage, configuration or unreadable input", 70: "an error in mcapp itself", 130: "interrupted"}


class HelpPage(NamedTuple):
    """What `--help` shows besides the options: examples, what each exit code means for this command, and notes."""

    examples: str
    exits: dict[int, str]
    notes: str


class _GlobalOptions:
    """Adds the global options to a command or a group."""

    context_settings: Any
    params: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings["help_option_names"] = HELP_NAMES
        self.common_options = global_options()
        self.params.extend(self.common_options)


class Command(_GlobalOptions, TyperCommand):
    """A command with the global options and mcapp's help page."""

    page: HelpPage

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]  # typer.Context is that class
        """Examples first, then every option, then the exit codes."""
        return help_text(self, ctx, self.page)


class Group(_GlobalOptions, TyperGroup):
    """A command with subcommands (`mcapp keys`), with the global options and mcapp's help page."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]  # typer.Context is that class
        """The subcommands with a line each."""
        return help_text(self, ctx, None, self.summaries(ctx))

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer.Context is that class
        """Run the subcommand; without one print the help."""
        common(ctx)
        if not ctx._protected_args and not ctx.args:  # noqa: SLF001  # as TyperGroup itself does
            sys.stdout.write(ctx.get_help() + "\n")
            return None
        return super().invoke(ctx)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]  # as above
        """The subcommand that `args` call; for an unknown one the nearest is suggested."""
        try:
            return super().resolve_command(ctx, args)
        except UsageError as error:
            known = self.list_commands(ctx)
            other = OTHER_NAMES.get(args[0], "")
            meant = other if other in known else nearest(args[0], known)
            error.possibilities = [meant] if meant else []
            raise

    def summaries(self, ctx: typer.Context) -> list[tuple[str, str]]:
        """Each subcommand's name and first sentence."""
        return [
            (name, (command.help or "").strip().partition("\n")[0])
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) and not command.hidden
        ]


def command(
    name: str = "",
    *,
    examples: str,
    exits: dict[int, str],
    notes: str = "",
    formats: Iterable[str] = ("text", "json"),  # those of a ContentWriter
    kind: type[Command] = Command,
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function, called like it or `name`.

    `examples` are one a line; `formats` are those of its reports, which give it the options for them.
    """

    def make(function: Callable[..., None]) -> Command:
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(cls=kind)(function)
        made: Any = typer.main.get_command(app)
        made.name = name or function.__name__.rstrip("_")
        made.params += report_options(formats) if formats else ()
        made.page = HelpPage(
            textwrap.dedent(examples).strip("\n"), {**EXITS_COMMON, **exits}, textwrap.dedent(notes).strip()
        )
        return made  # type: ignore[no-any-return]  # one function makes one command, of this kind

    return make


def build_root(kind: type[GroupType], name: str, summary: str) -> GroupType:
    """A group without commands. It has only the global options, which their callbacks handle."""
    group = kind(name=name, help=summary, rich_markup_mode=None, invoke_without_command=True, suggest_commands=False)
    group.callback = lambda: None
    return group


def build_group(name: str, summary: str, commands: Iterable[Command]) -> TyperGroup:
    """A command with these subcommands, in this order."""
    group = build_root(Group, name, summary)
    for each in commands:
        group.add_command(each)
    return group


def help_text(
    command: TyperCommand | TyperGroup, ctx: Any, page: HelpPage | None, commands: Sequence[tuple[str, str]] = ()
) -> str:
    """The whole help page, as wide as the terminal but at most 100 columns."""
    from shutil import get_terminal_size

    from mcapp.terminal.console import Style

    style = Style(on=wants_color(common(ctx).console.color, sys.stdout))
    ctx.color = style.on  # or Typer strips the colours again that --color or FORCE_COLOR asked for
    width = min(max(get_terminal_size().columns, 40), 100)
    parts = [_prose(inspect.cleandoc(command.help or ""), width)]
    if page and page.examples:
        parts.append(_section(style, "Examples", "\n".join("  " + line for line in page.examples.split("\n"))))
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    parts.append(_section(style, "Usage", textwrap.fill(usage, width, initial_indent="  ", subsequent_indent="      ")))
    if commands:
        parts.append(_section(style, "Commands", _table(style, commands, width)))
    tables: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Global options": []}
    for param in command.get_params(ctx):
        shared = param in getattr(command, "common_options", []) or "--help" in param.opts
        title = "Arguments" if param.param_type_name == "argument" else "Global options" if shared else "Options"
        record = param.get_help_record(ctx)
        tables[title] += [record] if record else []
    parts += [_section(style, title, _table(style, rows, width)) for title, rows in tables.items() if rows]
    if page and page.notes:
        parts.append(_prose(page.notes, width))
    if page:
        rows = [(str(code), meaning) for code, meaning in sorted(page.exits.items())]
        parts.append(_section(style, "Exit codes", _table(style, rows, width)))
    return "\n\n".join(part for part in parts if part)


def _section(style: Any, title: str, body: str) -> str:
    return f"{style.bold(title + ':')}\n{body}"


def _prose(text: str, width: int) -> str:
    paragraphs = text.split("\n\n")
    return "\n\n".join(
        paragraph if paragraph.startswith("  ") else "\n".join(_wrapped(paragraph, width)) for paragraph in paragraphs
    )


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that break only at spaces: an option, a path and a URL stay whole, to be copied."""
    return textwrap.wrap(" ".join(text.split()), width, break_long_words=False, break_on_hyphens=False)


def _table(style: Any, rows: Sequence[tuple[str, str]], width: int) -> str:
    """Names on the left, prose on the right; a long name gets a line of its own."""
    column = min(max(len(name) for name, _ in rows), 26) + 4
    lines = []
    for name, text in rows:
        body = _wrapped(text, max(width - column, 20)) or [""]
        head = "  " + style.note(name)
        if len(name) + 4 <= column:
            lines.append(head + " " * (column - len(name) - 2) + body.pop(0))
        else:
            lines.append(head)
        lines.extend(" " * column + line for line in body)
    return "\n".join(line.rstrip() for line in lines)
