"""GitHub Actions: the text report, then annotations for what the exit code rests on, the worst first."""

from mcapp.report.github import MOST_ANNOTATIONS, command, fenced
from mcapp.scopes.formats.common import evidence, failure_line
from mcapp.scopes.formats.text import render as render_text
from mcapp.scopes.report import EXTRA, INCONCLUSIVE, MISSING, UNREACHABLE, WORKING, ProbeReport
from mcapp.terminal.console import Style, visible


def render(report: ProbeReport, style: Style, width: int) -> str:
    """The text, fenced off so that no server can give the runner orders; then at most ten annotations of each kind."""
    lines = fenced(render_text(report, style, width))
    for kind in ("error", "warning", "notice"):
        told = [(title, text) for level, title, text in _annotations(report) if level == kind]
        lines += [command(kind, {"title": title}, text) for title, text in told[:MOST_ANNOTATIONS]]
        if len(told) > MOST_ANNOTATIONS:
            lines.append(
                f"GitHub shows {MOST_ANNOTATIONS} annotations of a kind; {len(told)} {kind}s are in the report."
            )
    return "\n".join(lines) + "\n"


def _annotations(report: ProbeReport) -> list[tuple[str, str, str]]:
    """Level, title and text of each."""
    found = [("error", f"mcapp {failure.code}", failure_line(failure)) for failure in report.errors]
    key = report.key
    if key is not None and key.verdict != WORKING:
        level = "warning" if key.verdict == UNREACHABLE else "error"
        found.append((level, f"App Key {key.verdict}", visible(f"{key.reason}; {key.next}")))
    results = {result.scope: result for result in report.scopes}
    if report.expectation is not None:
        for name, scopes, title in (
            (MISSING, report.expectation.missing, "expected, but denied"),
            (EXTRA, report.expectation.extra, "granted, but not expected"),
        ):
            level = "error" if name in report.fail_on else "warning"
            found += [(level, f"{scope}: {title}", evidence(results[scope]) or title) for scope in scopes]
    level = "error" if INCONCLUSIVE in report.fail_on else "warning"
    found += [(level, f"{scope}: {results[scope].verdict}", evidence(results[scope])) for scope in report.undecided]
    if report.changes is not None:
        found += [("notice", "App Key", f"new since the last run: {scope}") for scope in report.changes.added]
        found += [("warning", "App Key", f"gone since the last run: {scope}") for scope in report.changes.removed]
    return found
