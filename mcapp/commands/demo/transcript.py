"""What `mcapp demo` shows: each command as it was typed, and below it what it printed."""

import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from mcapp.cli.output import EventWriter
from mcapp.commands.demo.stage import Ran, Server
from mcapp.errors import Interrupted, McappError, Refused
from mcapp.terminal.console import Console, Style
from mcapp.terminal.format import failure_row

_COLORS = re.compile(r"\x1b\[[0-9;]*m")


class Unexpected(Refused):
    """A step went otherwise than it should."""

    default_code = "unexpected"


class Show:
    """What was shown so far. `granted` are the scopes that the probe found."""

    def __init__(self, output: EventWriter, console: Console) -> None:
        self._output = output
        self._console = console
        self._steps: list[dict[str, Any]] = []
        self._errors: list[McappError] = []
        self._title = (0, "", "")
        self._beside: dict[Server, tuple[tuple[int, str, str], str]] = {}
        self.granted: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code."""
        return self._errors[0].exit_code if self._errors else 0

    def title(self, name: str, text: str) -> None:
        """Begin a step."""
        self._title = (self._title[0] + 1, name, text)
        heading = f"{self._title[0]}. {name}"
        self._output.say(lambda style: f"{style.note(heading)}  {text}", apart=True)

    def ran(self, ran: Ran, expected: int = 0) -> None:
        """A command has ended. Raises Unexpected if it ended otherwise than it should."""
        self._typed(ran.words, ran.variables)
        self._printed(ran.output)
        if ran.code and ran.code == expected:
            self._output.say(lambda style: style.dim(f"(exit code {ran.code})"))
        self._step(self._title, ran, expected)

    def begins(self, server: Server) -> None:
        """A server listens; as in a shell, `&` says that it goes on beside the next commands."""
        told = server.take()
        self._beside[server] = self._title, told
        self._typed(server.words, {}, "&")
        self._printed(told)

    def ended(self, server: Server, *, expected: int | None = 0, printed: bool = True) -> None:
        """A server has ended; `printed`: show what it said since. Raises Unexpected as `ran` does."""
        code = server.ended()
        rest = server.take()
        if printed:
            self._printed(rest)
        title, told = self._beside.pop(server)
        output = "\n".join(filter(None, (told, rest)))
        self._step(title, Ran(server.words, {}, code, output, server.seconds), expected)

    def fail(self, error: McappError) -> None:
        """What ended the play before its end."""
        self._errors.append(error)
        # Ctrl-C is told by whoever ends the process.
        if self._output.prints_text and not isinstance(error, Interrupted):
            self._console.error(error)

    def finish(self) -> None:
        """The report is complete."""
        errors = [failure_row(error.failure) for error in self._errors]
        content = {"steps": self._steps, "granted": list(self.granted), "errors": errors}
        self._output.finish(content, "", ok=not errors)

    def _typed(self, words: Sequence[str], variables: Mapping[str, str], end: str = "") -> None:
        given = [f"{name}={shlex.quote(value)}" for name, value in variables.items()]
        shown = [*given, "mcapp", *map(shlex.quote, words), *filter(None, [end])]
        self._output.say(lambda style: command_line(shown, self._console.width, style))

    def _printed(self, text: str) -> None:
        if text:
            self._output.say(lambda style: text if style.on else _COLORS.sub("", text))

    def _step(self, title: tuple[int, str, str], ran: Ran, expected: int | None) -> None:
        row = {
            **dict(zip(("number", "name", "title"), title, strict=True)),
            "command": ["mcapp", *ran.words],
            "environment": dict(ran.variables),
            "exit_code": ran.code,
            "expected_exit_code": expected,
            "output": _COLORS.sub("", ran.output),
            "elapsed_ms": round(ran.seconds * 1000),
        }
        self._steps.append(row)
        self._output.event("step", row)
        if expected is not None and ran.code != expected:
            raise Unexpected(
                f"mcapp {ran.words[0]} ended with {ran.code} instead of {expected}", hint="its own words tell why"
            )


def command_line(words: Sequence[str], width: int, style: Style) -> str:
    """A command as a person would type it, over several lines where it is wider than `width` columns.

    An option stays with its value: `--url` never ends a line.
    """
    lines = ["$"]
    for part in _parts(words):
        if len(lines[-1]) + 1 + len(part) + 2 > width and lines[-1] != "$":
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {part}"
    return "\n".join(style.bold(line) for line in lines)


def _parts(words: Sequence[str]) -> list[str]:
    parts: list[str] = []
    for word in words:
        if parts and parts[-1].startswith("-") and " " not in parts[-1] and not word.startswith("-"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts
