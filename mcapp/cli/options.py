"""The global options, accepted before and after a command's name, and the settings that they make."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import typer
from typer.core import TyperOption

from mcapp.errors import McappError, UsageProblem
from mcapp.terminal.console import Console

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
    """The global options; made on first use, shared by the whole command line."""
    root = ctx.find_root()
    if not isinstance(root.obj, Common):
        root.obj = Common()
    ctx.obj = root.obj
    return root.obj


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
    words: Words | None = None,
    **settings: Any,
) -> Any:
    """An option with a value: what stands for it in the help, what it does, and what completion offers for it.

    Without `names` it is called like the parameter. `settings` are those of `typer.Option`.
    """
    if words is not None:
        settings["autocompletion"] = completing(words)
    return typer.Option(default, *names, metavar=metavar, help=help, show_default=False, **settings)


def flag(name: str, help: str) -> Any:  # noqa: A002  # Typer's own word
    """An option without a value, which is off by default."""
    return typer.Option(False, name, help=help)


def argument(
    metavar: str,
    help: str,  # noqa: A002  # Typer's own word
    *,
    default: object = None,
    words: Words | None = None,
    **settings: Any,
) -> Any:
    """An argument, as `option`; one that must be given has the default `...`."""
    if words is not None:
        settings["autocompletion"] = completing(words)
    return typer.Argument(default, metavar=metavar, help=help, **settings)


def _set_color(ctx: typer.Context, _param: object, value: str | None) -> None:
    if value is not None:
        if value not in COLORS:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(COLORS)}.")
        common(ctx).console.color = value


def _sets(name: str, *, console: bool = False) -> Callable[..., None]:
    """Sets this attribute of Common, or of its console, if the option was given."""

    def callback(ctx: typer.Context, _param: object, value: object) -> None:  # click's signature
        if value not in (None, False, ()):
            setattr(common(ctx).console if console else common(ctx), name, value)

    return callback


def _switch(*names: str, help: str, sets: Callable[..., None]) -> TyperOption:  # noqa: A002  # as above
    return TyperOption(
        param_decls=list(names), is_flag=True, default=False, expose_value=False, help=help, callback=sets
    )


def report_options(formats: Iterable[str]) -> list[TyperOption]:
    """The options that say which reports a command writes, in which of these formats."""
    return [
        TyperOption(
            param_decls=["--output-format"],
            metavar="NAME[=PATH]",
            multiple=True,
            expose_value=False,
            callback=_sets("output_format"),
            help="Write the report as NAME; with =PATH into that file. Repeatable; one of them may lack a path. "
            f"One of {', '.join(formats)}.",
            autocompletion=lambda _ctx, _args, incomplete: completing(formats)(incomplete),
        ),
        _switch("--json", help="Short for --output-format json.", sets=_sets("json")),
    ]


def global_options() -> list[TyperOption]:
    """The options that are accepted before and after a command's name."""
    return [
        _switch(
            "-v", "--verbose", help="Print details of what is done, on stderr.", sets=_sets("verbose", console=True)
        ),
        _switch("-q", "--quiet", help="Print no report and no hints, only errors.", sets=_sets("quiet", console=True)),
        TyperOption(
            param_decls=["--color"],
            metavar="|".join(COLORS),
            expose_value=False,
            is_eager=True,  # --help is eager too, and is coloured
            callback=_set_color,
            help="Colour the output; 'auto' respects NO_COLOR, FORCE_COLOR and the terminal.",
            autocompletion=lambda _ctx, _args, incomplete: completing(COLORS)(incomplete),
        ),
        TyperOption(
            param_decls=["--config"],
            metavar="FILE",
            expose_value=False,
            callback=_sets("config"),
            help="Read this configuration file instead of looking for one.",
        ),
        _switch("--isolated", help="Use no configuration file at all.", sets=_sets("isolated")),
        _switch("--no-input", help="Never ask; MCAPP_NO_INPUT=1 does the same.", sets=_sets("no_input", console=True)),
    ]
