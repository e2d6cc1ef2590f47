"""One function per output format: `FORMATS[name](report, style, width) -> str`.

Every format is a pure function of the report; machine formats ignore `style` and `width` (in terminal columns).
"""

from collections.abc import Callable
from importlib import import_module

from mcapp.scopes.report import ProbeReport
from mcapp.terminal.console import Style

Render = Callable[[ProbeReport, Style, int], str]


def _format(module: str, function: str = "render") -> Render:
    """A format whose module is imported when it is asked for."""

    def render(report: ProbeReport, style: Style, width: int) -> str:
        made: str = getattr(import_module(f"mcapp.scopes.formats.{module}"), function)(report, style, width)
        return made

    return render


# In the order in which `--help` names them.
FORMATS: dict[str, Render] = {
    "text": _format("text"),
    "json": _format("jsonformat"),
    "jsonl": _format("jsonformat", "render_lines"),
    "markdown": _format("markdown"),
    "junit": _format("junit"),
    "github": _format("github"),
}

# Those that hold an error that ends a run, where text says it on stderr.
MACHINE = ("json", "jsonl", "junit")
