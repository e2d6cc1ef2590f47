"""How a command reports that tells of things while they happen.

Each thing as it comes in `text` and `jsonl`, all of them at the end in the one document of `json`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from json import dumps
from typing import Annotated, Any

import typer

from mcapp.cli import formats
from mcapp.cli.base import common
from mcapp.cli.output import Output, error_row
from mcapp.errors import McappError
from mcapp.terminal.console import Style

FORMATS = ("text", "json", "jsonl")

OutputFormat = Annotated[
    list[str] | None, typer.Option(metavar="NAME[=PATH]", help=f"{formats.HELP} One of {', '.join(FORMATS)}.")
]


class Stream(Output):
    """An Output that can also tell of what happens while it happens.

    `told` names what of the report's content has its own lines in jsonl, so that the last line does not repeat it.
    """

    def __init__(
        self,
        ctx: typer.Context,
        given: Sequence[str] | None,
        json: bool,
        blank: Callable[[], dict[str, Any]],
        told: Collection[str],
    ) -> None:
        super().__init__(ctx, given, json, blank, FORMATS)
        self._lines: list[str] = []
        self._texts: list[str] = []
        self._told = told
        self._style = common(ctx).console.style

    @property
    def prints_text(self) -> bool:
        """Whether stdout is for people."""
        return formats.Target("text") in self._targets

    def event(self, kind: str, content: Mapping[str, Any]) -> None:
        """A line of jsonl."""
        self._lines.append(dumps({"schema_version": 1, "event": kind, **content}))
        if formats.Target("jsonl") in self._targets:
            self._console.out(self._lines[-1])

    def tell(self, paint: Callable[[Style], str], *, apart: bool = False) -> None:
        """A part of the text; `apart`: with an empty line before it."""
        gap = "\n" if apart and self._texts else ""
        self._texts.append(gap + paint(Style(on=False)))
        if self.prints_text and not self._console.quiet:
            self._console.out(gap + paint(self._style))

    def finish(self, content: Mapping[str, Any], text: str, *, ok: bool) -> None:
        """The end: what was told in parts is complete, and the JSON document is written."""
        ending = {name: value for name, value in content.items() if name not in self._told}
        self.event("end", {"ok": ok, **ending})
        if text:
            self.tell(lambda _style: text, apart=True)
        whole = {
            "text": "\n".join(self._texts),
            "json": self.document(content, ok=ok),
            "jsonl": "\n".join(self._lines),
        }
        waiting = [target for target in self._targets if target.path is not None or target.name == "json"]
        formats.write(waiting, lambda name, _style: whole[name], self._console)

    def _fail(self, error: BaseException) -> bool:
        printed = super()._fail(error)
        if isinstance(error, McappError):
            self.event("end", {"ok": False, **self._blank(), "errors": [error_row(error)]})
            printed = printed or formats.Target("jsonl") in self._targets
        return printed
