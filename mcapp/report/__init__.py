"""One function per output format: `FORMATS[name](report, style, width) -> str`.

Every format is a pure function of the report; machine formats ignore `style` and `width` (in terminal columns). A
format's module is imported when the format is asked for.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcapp.report.result import Report
    from mcapp.terminal.console import Style

    Render = Callable[[Report, Style, int], str]


def _text(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.text import render

    return render(report, style, width)


def _concise(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.concise import render

    return render(report, style, width)


def _json(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.jsonformat import render

    return render(report, style, width)


def _jsonl(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.jsonformat import render_lines

    return render_lines(report, style, width)


def _sarif(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.sarif import render

    return render(report, style, width)


def _github(report: "Report", style: "Style", width: int) -> str:
    from mcapp.report.github import render

    return render(report, style, width)


# In the order in which `--help` names them.
FORMATS: "dict[str, Render]" = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "jsonl": _jsonl,
    "sarif": _sarif,
    "github": _github,
}
