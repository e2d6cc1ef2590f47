"""`mcapp doctor`: whether everything that mcapp needs works here, and whether the stored keys are in order."""

import re

import typer

from mcapp.cli.help import build, help_page
from mcapp.cli.options import common, flag
from mcapp.cli.output import AS_JSON, OUTPUT_FORMAT, ContentWriter
from mcapp.commands.keys.shared import opened
from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, Checkup
from mcapp.keys.stores import Timeouts
from mcapp.terminal.cells import wrap
from mcapp.terminal.console import UNWRAPPED, Console, Style, visible
from mcapp.terminal.format import plural

# The command in a hint: at its beginning, or after a colon.
_COMMAND = re.compile(r"(?:^|(?<=: ))(?:chmod|del|export|mcapp|move|mv|openssl|python|rm|security|sudo|unset) .*")
_ROOM = 40  # columns, at least, for a message beside its area


@help_page(
    examples="""
    mcapp doctor
    mcapp doctor --dry-run      checks, and repairs nothing
    """,
    exits={
        0: "no problems, or all of them repaired",
        1: "a problem that mcapp cannot repair; a broken configuration too, which is 2 elsewhere",
        2: "usage",
    },
    notes="""
    The stores are read, and never written to as a test. What doctor repairs: the index, and what an interrupted add or
    removal left in a store. It does not unlock a keyring. It prepares a connection as probe does, and does
    not open it.
    """,
)
def doctor(
    ctx: typer.Context,
    dry_run: bool = flag("--dry-run", "Repair nothing; only report."),
    output_format: list[str] | None = OUTPUT_FORMAT,
    json: bool = AS_JSON,
) -> None:
    """Check Python, configuration, proxy, certificates and key stores, and repair what was interrupted.

    Each line says what was checked and whether it works; what to do about it follows.
    """
    shared = common(ctx)
    output = ContentWriter(ctx, output_format, json, {"checks": []})
    from mcapp.commands.doctor import checks as here  # httpx, 100 ms: not for the help

    checks = [*here.python(), *here.configuration(shared.config, isolated=shared.isolated)]
    checks += [*here.environment(), *here.network()]
    with opened(ctx) as vault:
        vault.timeouts = Timeouts(say=vault.timeouts.say)  # no keyring's prompt, not even at a terminal
        checks.extend(Checkup(vault).run(repair=not dry_run))
        ok = all(check.status != PROBLEM for check in checks)
        rows = [
            {
                "area": check.area,
                "status": check.status,
                "code": check.code or None,
                "message": visible(check.message),
                "hint": check.hint or None,
                "repaired": check.repaired,
            }
            for check in checks
        ]
        output.emit({"checks": rows}, _text(shared.console, checks), ok=ok)
    if not ok:
        raise typer.Exit(1)


def _text(console: Console, checks: list[Check]) -> str:
    """A line for each check, in columns, with what to do below it; and the verdict."""
    style, width = console.style, console.fit or UNWRAPPED
    colours = {OK: style.good, NOTE: style.note, WARNING: style.warning, PROBLEM: style.error}
    column = max(len(check.area) for check in checks)
    beside = column + 12
    lines: list[str] = []
    for check in checks:
        status = colours[check.status](f"{'repaired' if check.repaired else check.status:8}")
        head = f"{status}  {check.area:{column}}  "
        rows = wrap(visible(check.message), width - beside, width - beside)
        # On a narrow terminal, or where a path needs the room, a message gets lines of its own.
        if width - beside >= _ROOM and all(len(row) <= width - beside for row in rows):
            indent = beside
            lines.append(head + rows.pop(0))
        else:
            indent = 4
            lines.append(head.rstrip())
            rows = wrap(visible(check.message), width - indent, width - indent)
        hints = [row for line in check.hint.split("\n") if line for row in _hint(visible(line), width - indent - 2)]
        lines.extend(" " * indent + row for row in (*rows, *(f"  {row}" for row in hints)))
    return "\n".join([*lines, "", _verdict(style, checks)])


def _hint(text: str, width: int) -> list[str]:
    """The hint in lines; a command stays on one line, whatever its length, so that it can be copied."""
    if len(text) <= width:
        return [text]
    rows: list[str] = []
    for part in text.split("; "):
        found = _COMMAND.search(part) if len(part) > width else None
        prose = part if found is None else part[: found.start()].rstrip()
        rows.extend(wrap(prose, width, width) if prose else ())
        rows.extend([] if found is None else [found.group()])
    return rows


def _verdict(style: Style, checks: list[Check]) -> str:
    """`no problems`, `2 problems, 1 warning`; what was repaired is not counted as a warning."""
    repaired = sum(check.repaired for check in checks)
    problems = sum(check.status == PROBLEM for check in checks)
    warnings = sum(check.status == WARNING and not check.repaired for check in checks)
    colour, parts = style.good, ["no problems"]
    if problems:
        colour, parts = style.error, [plural(problems, "problem")]
    if warnings:
        parts.append(plural(warnings, "warning"))
    if repaired:
        parts.append(f"{repaired} repaired")
    return colour(", ".join(parts))


command = build("doctor", doctor)
