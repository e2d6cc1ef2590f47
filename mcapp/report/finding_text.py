"""One finding, and one file that could not be read, as people see it."""

from mcapp.errors import Failure
from mcapp.lint.model import SAFE, Finding
from mcapp.report.common import failure_text, link, shown
from mcapp.report.snippet import Source, snippet
from mcapp.terminal.cells import width as columns
from mcapp.terminal.cells import wrap
from mcapp.terminal.console import Style


def finding_block(finding: Finding, source: Source | None, style: Style, width: int) -> str:
    """Message, place, source lines, help and fix; without `source` no lines. At most `width` columns, if possible."""
    code = link(finding.rule, finding.url, style)
    head = f"{finding.severity}[{finding.rule}]"
    painted = style.severity(finding.severity, f"{finding.severity}[{code}]")
    lines = _message(painted, columns(head), finding.message, style, width)
    if source is None:
        digits = len(str(finding.line))
        lines.append(_arrow(finding, digits, style))
    else:
        digits, rows = snippet(finding, source, style, width)
        lines += [_arrow(finding, digits, style), *rows]
    notes = []
    if finding.help and not (finding.fix and finding.fix.title == finding.help):
        notes.append(("help", finding.help))
    if finding.fix:
        option = "--fix" if finding.fix.safety == SAFE else "--unsafe-fixes"
        notes.append(("fix", f"{finding.fix.title} ({option})"))
    if notes and source is not None:
        lines.append(style.frame(" " * digits + " |"))
    for label, text in notes:
        lines += _note(label, text, digits, style, width)
    return "\n".join(lines)


def _arrow(finding: Finding, digits: int, style: Style) -> str:
    return f"{' ' * digits}{style.frame('-->')} {shown(finding.path)}:{finding.line}:{finding.column}"


def _message(painted: str, taken: int, text: str, style: Style, width: int) -> list[str]:
    """`painted` (which takes `taken` columns), a colon and the text; further lines are indented."""
    first, *rest = wrap(text, width - taken - 2, width - 4)
    return [painted + style.bold(f": {first}"), *("    " + style.bold(line) for line in rest)]


def _note(label: str, text: str, digits: int, style: Style, width: int) -> list[str]:
    head = f"{' ' * (digits + 1)}{style.frame('=')} {style.bold(f'{label}:')} "
    indent = digits + 5 + len(label)
    room = max(width - indent, 20)
    first, *rest = wrap(text, room, room)
    return [head + first, *(" " * indent + line for line in rest)]


def failure_block(failure: Failure, style: Style, width: int) -> str:
    """What went wrong and the hints."""
    lines = _message(style.error("error"), 5, failure_text(failure), style, width)
    for index, hint in enumerate(failure.hint.split("\n") if failure.hint else ()):
        label = "  hint: " if index == 0 else "        "
        first, *rest = wrap(shown(hint), width - 8, width - 8)
        lines += [style.note(label) + first, *(" " * 8 + line for line in rest)]
    return "\n".join(lines)
