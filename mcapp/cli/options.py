"""The global options, accepted before and after a command's name, and the settings that they make."""

from collections.abc import Callable, Iterable

import typer
from typer.core import TyperOption

from mcapp.errors import McappError, UsageProblem
from mcapp.terminal.console import Console

COLORS = ("auto", "always", "never")


class Common:
    """The global options of this run, set by their callbacks, the last one wins; `ctx.obj` of every command."""

    def __init__(self) -> None:
        self.console = Console()
        self.config: str | None = None
        self.isolated = False
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


def completing(words: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Shell completion of a value that is one of `words`, or a comma-separated list of them."""

    def complete(incomplete: str) -> list[str]:
        head, comma, last = incomplete.rpartition(",")
        return [f"{head}{comma}{word}" for word in words() if word.startswith(last)]

    return complete


def _set_color(ctx: typer.Context, _param: object, value: str | None) -> None:
    if value is not None:
        if value not in COLORS:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(COLORS)}.")
        common(ctx).console.color = value


def _set_flag(name: str) -> Callable[..., None]:
    def callback(ctx: typer.Context, _param: object, value: bool) -> None:  # click's signature
        if value:
            setattr(common(ctx).console, name, True)

    return callback


def _set_config(ctx: typer.Context, _param: object, value: str | None) -> None:
    if value is not None:
        common(ctx).config = value


def _set_isolated(ctx: typer.Context, _param: object, value: bool) -> None:  # click's signature
    if value:
        common(ctx).isolated = True


def global_options() -> list[TyperOption]:
    """The options that are accepted before and after a command's name."""

    def flag(*names: str, help: str, callback: Callable[..., None]) -> TyperOption:  # noqa: A002  # Typer's own word
        return TyperOption(
            param_decls=list(names), is_flag=True, default=False, expose_value=False, help=help, callback=callback
        )

    return [
        flag("-v", "--verbose", help="Print details of what is done, on stderr.", callback=_set_flag("verbose")),
        flag("-q", "--quiet", help="Print no report and no hints, only errors.", callback=_set_flag("quiet")),
        TyperOption(
            param_decls=["--color"],
            metavar="|".join(COLORS),
            expose_value=False,
            is_eager=True,  # --help is eager too, and is coloured
            callback=_set_color,
            help="Colour the output; 'auto' respects NO_COLOR, FORCE_COLOR and the terminal.",
            autocompletion=lambda _ctx, _args, incomplete: completing(lambda: COLORS)(incomplete),
        ),
        TyperOption(
            param_decls=["--config"],
            metavar="FILE",
            expose_value=False,
            callback=_set_config,
            help="Read this configuration file instead of looking for one.",
        ),
        flag("--isolated", help="Use no configuration file at all.", callback=_set_isolated),
        flag("--no-input", help="Never ask; MCAPP_NO_INPUT=1 does the same.", callback=_set_flag("no_input")),
    ]
