"""How a command is declared: its options, the global ones, its help page.

A command's module has one function per command, of which `command` makes it:

    @command(examples="mcapp validate app.json", exits={0: "…", 1: "…"})
    def validate(ctx: typer.Context, kind: str = option("KIND", "What the input is.", default="app")) -> None:
        '''What the help says below the summary, which is in application.COMMANDS.'''
"""

import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from mcapp.errors import McappError, UsageProblem, nearest
from mcapp.terminal.cells import hang, wrap
from mcapp.terminal.console import Console, Style, wants_color
from mcapp.terminal.drawing import table

# Click's base class, reached through the one that Typer exports.
UsageError: Any = typer.BadParameter.__base__

HELP_NAMES = ["-h", "--help"]
# What other programs call a command, where that is not near its name here.
OTHER_NAMES = {"rm": "remove", "delete": "remove", "ls": "list", "lint": "validate", "check": "validate"}
EXITS_COMMON = {2: "usage, configuration or unreadable input", 70: "an error in mcapp itself", 130: "interrupted"}
COLORS = ("auto", "always", "never")

# What completion offers for a value; a function where finding it out takes time.
Words = Iterable[str] | Callable[[], Iterable[str]]


class Common:
    """The global options of this run, set by their callbacks, the last one wins; `ctx.obj` of every command."""

    def __init__(self) -> None:
        self.console = Console()
        self.config: str | None = None
        self.isolated = False
        self.output_format: Sequence[str] = ()
        self.json = False
        # Puts an error into the reports of this run; whether stdout is one of them. Set by cli.output.ReportWriter.
        self.failure: Callable[[McappError], bool] | None = None


def check_utf8(*words: str | None) -> None:
    """Raise UsageProblem for an argument that is not valid UTF-8: Python has lone surrogates for it, no file can."""
    try:
        "".join(filter(None, words)).encode("utf-8")
    except UnicodeEncodeError:
        raise UsageProblem("an argument is not valid UTF-8") from None


def common(ctx: typer.Context) -> Common:
    """The global options, shared by the whole command line (see `application.run`)."""
    found: Common = ctx.obj
    return found


def split_words(given: Iterable[str] | None) -> tuple[str, ...]:
    """The words of an option that may be repeated, and have several with commas between them."""
    return tuple(word.strip() for item in given or () for word in item.split(",") if word.strip())


def completing(words: Words) -> Callable[[str], list[str]]:
    """Shell completion of a value that is one of `words`, or a comma-separated list of them."""

    def complete(incomplete: str) -> list[str]:
        head, comma, last = incomplete.rpartition(",")
        return [f"{head}{comma}{word}" for word in (words() if callable(words) else words) if word.startswith(last)]

    return complete


def option(
    metavar: str,
    help: str,  # noqa: A002  # Typer's own word
    *names: str,
    default: object = None,
    words: Words = (),
    **settings: Any,
) -> Any:
    """An option with a value, called like the parameter unless there are `names`; `settings` are `typer.Option`'s."""
    settings |= {"metavar": metavar, "help": help, "autocompletion": completing(words)}
    return typer.Option(default, *names, show_default=False, **settings)


def flag(name: str, help: str) -> Any:  # noqa: A002  # Typer's own word
    """An option without a value, which is off by default."""
    return typer.Option(False, name, help=help)


def argument(
    metavar: str,
    help: str,  # noqa: A002  # Typer's own word
    *,
    default: object = None,
    words: Words = (),
    **settings: Any,
) -> Any:
    """An argument, as `option`; one that must be given has the default `...`."""
    return typer.Argument(default, metavar=metavar, help=help, autocompletion=completing(words), **settings)


def _setting(
    *names: str,
    help: str,  # noqa: A002  # Typer's own word
    sets: str,
    console: bool = False,
    metavar: str | None = None,
    words: Iterable[str] = (),
    **settings: Any,
) -> TyperOption:
    """An option that sets this attribute of Common, or of its console; a flag, or with `metavar` one of `words`."""

    def callback(ctx: typer.Context, _param: object, value: object) -> None:  # click's signature
        if words and isinstance(value, str) and value not in words:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(words)}.")
        if value not in (None, False, ()):
            setattr(common(ctx).console if console else common(ctx), sets, value)

    settings |= {"is_flag": True, "default": False} if metavar is None else {"metavar": metavar}
    settings["autocompletion"] = lambda _ctx, _args, incomplete: completing(words)(incomplete)
    return TyperOption(param_decls=list(names), expose_value=False, help=help, callback=callback, **settings)


def report_options(formats: Iterable[str]) -> list[TyperOption]:
    """The options that say which reports a command writes, in which of these formats."""
    return [
        _setting(
            "--output-format",
            metavar="NAME[=PATH]",
            multiple=True,
            sets="output_format",
            words=formats,
            help="Write the report as NAME; with =PATH into that file. Repeatable; one of them may lack a path. "
            f"One of {', '.join(formats)}.",
        ),
        _setting("--json", help="Short for --output-format json.", sets="json"),
    ]


def global_options() -> list[TyperOption]:
    """The options that are accepted before and after a command's name."""
    return [
        _setting("-v", "--verbose", help="Print details of what is done, on stderr.", sets="verbose", console=True),
        _setting("-q", "--quiet", help="Print no report and no hints, only errors.", sets="quiet", console=True),
        _setting(
            "--color",
            metavar="|".join(COLORS),
            words=COLORS,
            is_eager=True,  # --help is eager too, and is coloured
            sets="color",
            console=True,
            help="Colour the output; 'auto' respects NO_COLOR, FORCE_COLOR and the terminal.",
        ),
        _setting(
            "--config", metavar="FILE", help="Read this configuration file instead of looking for one.", sets="config"
        ),
        _setting("--isolated", help="Use no configuration file at all.", sets="isolated"),
        _setting("--no-input", help="Never ask; MCAPP_NO_INPUT=1 does the same.", sets="no_input", console=True),
    ]


class _Page:
    """What commands and groups have in common: the global options, and the help page."""

    examples: str = ""
    exits: Mapping[int, str] = {}
    notes: str = ""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # Any: it is a class of Typer's too
        super().__init__(*args, **kwargs)
        self.context_settings["help_option_names"] = HELP_NAMES
        self.common_options = global_options()
        self.params.extend(self.common_options)

    def summaries(self, ctx: typer.Context) -> list[tuple[str, str]]:  # noqa: ARG002  # the group's form
        """Of a group, each subcommand's name and first sentence."""
        return []

    def shell_complete(self: Any, ctx: Any, incomplete: str) -> list[Any]:  # as above
        """What completion offers, each described in one line: fish would offer a second one as a value of its own."""
        found: list[Any] = super().shell_complete(ctx, incomplete)  # type: ignore[misc]  # as above
        for item in found:
            item.help = item.help and textwrap.shorten(item.help, 70, placeholder="...")
        return found

    def get_help(self: Any, ctx: Any) -> str:  # as above
        """The whole help page, as wide as the terminal but at most 100 columns."""
        from shutil import get_terminal_size

        style = Style(on=wants_color(common(ctx).console.color, sys.stdout))
        ctx.color = style.on  # or Typer strips the colours again that --color or FORCE_COLOR asked for
        width = min(max(get_terminal_size().columns, 40), 100)
        parts = [_prose(self.short_help or "", width), _prose(inspect.cleandoc(self.help or ""), width)]
        if self.examples:
            parts.append(_section(style, "Examples", ("  " + line for line in self.examples.split("\n"))))
        usage = " ".join([ctx.command_path, *self.collect_usage_pieces(ctx)])
        parts.append(_section(style, "Usage", hang("  ", usage, width, 6)))
        tables: dict[str, list[tuple[str, str]]] = {"Commands": self.summaries(ctx)}
        tables |= {"Arguments": [], "Options": [], "Global options": []}
        for param in self.get_params(ctx):
            shared = param in self.common_options or "--help" in param.opts
            title = "Arguments" if param.param_type_name == "argument" else "Global options" if shared else "Options"
            record = param.get_help_record(ctx)
            tables[title] += [record] if record else []
        parts += [_section(style, title, [_table(style, rows, width)]) for title, rows in tables.items() if rows]
        if self.notes:
            parts.append(_prose(self.notes, width))
        if self.exits:
            rows = [(str(code), meaning) for code, meaning in sorted(self.exits.items())]
            parts.append(_section(style, "Exit codes", [_table(style, rows, width)]))
        return "\n\n".join(part for part in parts if part)


class Command(_Page, TyperCommand):
    """A command with the global options and mcapp's help page."""


class Group(_Page, TyperGroup):
    """A command with these subcommands, in this order, with the global options and mcapp's help page."""

    def __init__(self, name: str, commands: Iterable[Command] = ()) -> None:
        super().__init__(
            name=name,
            commands=commands,
            callback=lambda: None,  # the global options have callbacks of their own
            rich_markup_mode=None,
            invoke_without_command=True,
            suggest_commands=False,
        )

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer.Context is that class
        """Run the subcommand; without one print the help."""
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
        """From the subcommands themselves."""
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
    """Make a command of a function. `examples` are one a line; `formats` bring the options that choose reports."""

    def make(function: Callable[..., None]) -> Command:
        app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        app.command(cls=kind)(function)
        made: Any = typer.main.get_command(app)
        made.name = name or function.__name__.rstrip("_")
        made.params += report_options(formats) if formats else ()
        made.examples, made.notes = textwrap.dedent(examples).strip("\n"), textwrap.dedent(notes).strip()
        made.exits = {**EXITS_COMMON, **exits}
        return made  # type: ignore[no-any-return]  # one function makes one command, of this kind

    return make


def _section(style: Style, title: str, lines: Iterable[str]) -> str:
    return "\n".join([style.bold(title + ":"), *lines])


def _prose(text: str, width: int) -> str:
    """Paragraphs that break only at spaces: an option, a path and a URL stay whole, to be copied."""
    paragraphs = [each if each.startswith("  ") else " ".join(each.split()) for each in text.split("\n\n")]
    return "\n\n".join(each if each.startswith("  ") else "\n".join(wrap(each, width, width)) for each in paragraphs)


def _table(style: Style, rows: Sequence[tuple[str, str]], width: int) -> str:
    """Names on the left, prose on the right; a long name gets a line of its own."""
    lines: list[Sequence[str] | str] = []
    for name, text in rows:
        head = f"  {style.note(name)}"
        if len(name) > 26:
            lines.append(head)
            head = ""
        lines.append([head, " ".join(text.split())])
    return table(lines, style=style, width=width)
