"""How a command reports: text for people, or one JSON document, which then holds the errors too."""

from collections.abc import Callable, Mapping, Sequence
from json import dumps
from typing import Annotated, Any

import typer

from mcapp.cli import formats
from mcapp.cli.base import common
from mcapp.errors import McappError
from mcapp.terminal.console import visible

FORMATS = ("text", "json")

OutputFormat = Annotated[
    list[str] | None, typer.Option(metavar="NAME[=PATH]", help=f"{formats.HELP} One of {', '.join(FORMATS)}.")
]
Json = Annotated[bool, typer.Option("--json", help="Short for --output-format json.")]


class Output:
    """Where this run's report goes. To be made once the options are understood: from then on errors go there too.

    `blank` makes the command's report without its content; it is the frame of an error's report.
    """

    def __init__(
        self,
        ctx: typer.Context,
        given: Sequence[str] | None,
        json: bool,
        blank: Callable[[], dict[str, Any]],
        names: Sequence[str] = FORMATS,
    ) -> None:
        self._console = common(ctx).console
        self._blank = blank
        self._targets = formats.targets(given or (), names, json=json)
        self._command = ctx.command_path.removeprefix("mcapp ")
        common(ctx).failure = self._fail

    def emit(self, content: Mapping[str, Any], text: str, *, ok: bool = True) -> None:
        """Print and write the report: the JSON document around `content`, or `text`."""
        document = self.document(content, ok=ok)
        formats.write(self._targets, lambda name, _style: text if name == "text" else document, self._console)

    def document(self, content: Mapping[str, Any], *, ok: bool = True) -> str:
        """The JSON document around the command's content. ASCII, so that no terminal or code page can damage it."""
        frame = {"schema_version": 1, "command": self._command, "ok": ok, **self._blank(), "errors": []}
        return dumps({**frame, **content}, indent=2)

    def done(self) -> None:
        """The report is out, or never will be: from here on an error goes to stderr alone."""
        self._targets = ()

    def check_files(self) -> None:
        """For a run that cannot be repeated: raise InputProblem beforehand where a report could not be written."""
        from mcapp.files import exists

        for target in self._targets:
            if target.path is not None:
                exists(target.path)

    @property
    def writes_files(self) -> bool:
        """Whether a report goes into a file."""
        return any(target.path is not None for target in self._targets)

    @property
    def prints_json(self) -> bool:
        """Whether stdout is one JSON document."""
        return formats.Target("json") in self._targets

    def _fail(self, error: BaseException) -> bool:
        """Report an error in every JSON document of this run; whether stdout is one, so that no more need be said."""
        if not isinstance(error, McappError):
            return False
        document = self.document({"errors": [error_row(error)]}, ok=False)
        wanted = [target for target in self._targets if target.name == "json"]
        formats.write(wanted, lambda _name, _style: document, self._console)
        return self.prints_json


def error_row(error: McappError) -> dict[str, Any]:
    """An error as it stands in a JSON report."""
    return {
        "code": error.code,
        "path": None if error.path is None else visible(error.path),
        "message": visible(error.message),
        "hint": "\n".join(map(visible, error.hint.split("\n"))),
    }
