"""The report for people: the verdict on the key on top, a table by group, what to do next."""

import textwrap
from itertools import groupby

from mcapp.scopes.formats.common import below, beside, counts, failure_line, key_line, remarks, steps
from mcapp.scopes.report import DENIED, GRANTED, INCONCLUSIVE, UNREACHABLE, WORKING, ProbeReport, ScopeResult
from mcapp.terminal.console import Style, visible

_VERDICT = len("inconclusive")
_NARROW = 24  # columns below which what a verdict rests on goes to a line of its own


def render(report: ProbeReport, style: Style, width: int) -> str:
    """The whole report. Paths are never broken; what stands behind them is, where there is no room."""
    width = min(width, 140)
    lines: list[str] = []
    if report.key is not None:
        paint = {WORKING: style.good, UNREACHABLE: style.warning}.get(report.key.verdict, style.error)
        lines.append(f"{paint(report.key.verdict)}{style.bold(':')} {key_line(report)} at {visible(report.base_url)}")
        lines += _wrapped(report.key.reason, width, "  ")
    lines += _table(report, style, width)
    if report.scopes:
        lines += ["", *_wrapped(counts(report), width, "")]
    for reason in below(report):
        lines += [style.dim(line) for line in _wrapped(reason, width, "  ")]
    for heading, scopes in remarks(report):
        paint = style.good if heading.startswith("new") else style.warning
        lines += ["", paint(heading) + style.bold(":"), *(f"  {scope}" for scope in scopes)]
    told = steps(report)
    if told:
        lines += ["", style.note("next:")]
        for step in told:
            lines += _wrapped(step, width, "  ")
    if report.errors:
        lines.append("")
    for failure in report.errors:
        lines += _wrapped(failure_line(failure), width, "", f"{style.error('error')}{style.bold(':')} ", len("error: "))
    return "\n".join(lines).strip("\n") + "\n"


def _table(report: ProbeReport, style: Style, width: int) -> list[str]:
    """One line for each scope; beside it what is not said below for all of its kind."""
    column = max((len(result.scope) for result in report.scopes), default=0)
    lines: list[str] = []
    for group, results in groupby(report.scopes, key=lambda result: result.group):
        lines += ["", style.bold(group)]
        for result in results:
            lines += _row(result, beside(report, result), column, style, width)
    return lines


def _row(result: ScopeResult, told: str, column: int, style: Style, width: int) -> list[str]:
    paint = {GRANTED: style.good, DENIED: style.error, INCONCLUSIVE: style.warning}.get(result.verdict, style.dim)
    head = f"  {paint(result.verdict)}{' ' * (_VERDICT - len(result.verdict))}  "
    method, _, path = result.scope.partition(" ")
    scope = f"{method:4} {path}"
    if not told:
        return [head + scope]
    start = 2 + _VERDICT + 2 + column + 3
    if width - start >= _NARROW:
        body = textwrap.wrap(told, width - start, break_long_words=False, break_on_hyphens=False)
        lines = [head + scope.ljust(column + 3) + style.dim(body[0])]
        return lines + [" " * start + style.dim(line) for line in body[1:]]
    indent = " " * (2 + _VERDICT + 2)
    body = textwrap.wrap(told, max(width - len(indent), 20), break_long_words=False, break_on_hyphens=False)
    return [head + scope, *(indent + style.dim(line) for line in body)]


def _wrapped(text: str, width: int, indent: str, head: str = "", room: int = 0) -> list[str]:
    """`text` in lines; `head` stands before the first and takes `room` columns."""
    body = textwrap.wrap(
        visible(text), max(width - len(indent) - room, 20), break_long_words=False, break_on_hyphens=False
    )
    return [f"{indent}{head if number == 0 else ' ' * room}{line}" for number, line in enumerate(body)]
