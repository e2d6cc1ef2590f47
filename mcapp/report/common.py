"""What several formats need: texts from outside made presentable, and the counts of a report in words."""

from mcapp.errors import Failure
from mcapp.lint.model import SAFE, SEVERITIES
from mcapp.report.result import Report
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask


def shown(text: str) -> str:
    """A path, or whatever else came from outside, masked and on one line."""
    return mask(visible(text))


def link(text: str, url: str, style: Style) -> str:
    """`text`, on a terminal that can do it as a link (OSC 8); others ignore the escape."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if style.on else text


def plural(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def failure_text(failure: Failure) -> str:
    """What went wrong, with the path in front unless the sentence has it."""
    message = shown(failure.message)
    if failure.path is None or failure.path in failure.message:
        return message
    return f"{shown(failure.path)}: {message}"


def counts(report: Report) -> list[tuple[str, str]]:
    """Each severity that occurs, the worst first, with its count: ("error", "2 errors")."""
    return [(severity, plural(number, severity)) for severity in SEVERITIES if (number := report.count(severity))]


def fixable(report: Report) -> str:
    """How many findings which option would mend, or nothing: `1 fixable with --fix, 1 more with --unsafe-fixes`."""
    fixes = [finding.fix.safety for finding in report.findings if finding.fix]
    safe = fixes.count(SAFE)
    parts = [f"{safe:,} fixable with --fix"] if safe else []
    if len(fixes) > safe:
        parts.append(f"{len(fixes) - safe:,} {'more' if safe else 'fixable'} with --unsafe-fixes")
    return ", ".join(parts)


def summary(report: Report) -> str:
    """The report in one line, without colours."""
    files = plural(len(report.files), "file")
    found = ", ".join(text for _, text in counts(report))
    mended = f"fixed {plural(report.fixed, 'problem')}, " if report.fixed else ""
    if not report.files:
        line = "no file was checked" if report.errors else "nothing to check"
    elif found:
        more = fixable(report)
        line = f"{mended}{found} {'left ' if mended else ''}in {files}{f' ({more})' if more else ''}"
    else:
        line = f"{mended}{'none left' if mended else 'no problems'} in {files}"
    missed = len({failure.path for failure in report.errors if failure.path is not None})
    return f"{line}; {plural(missed, 'path')} could not be checked" if missed else line
