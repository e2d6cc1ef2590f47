"""The report as Markdown, for a job summary, an issue or a pull request."""

from mcapp.report.github import plain
from mcapp.scopes.formats.common import MARKS, below, beside, counts, failure_line, key_line, remarks, steps
from mcapp.scopes.report import ProbeReport
from mcapp.terminal.console import Style


def render(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A heading with the verdict, the table of the scopes that were asked for, remarks and next steps."""
    verdict = report.key.verdict if report.key is not None else "no key"
    lines = [f"### {'✅' if report.ok else '❌'} mcapp probe: {plain(verdict)}", ""]
    if report.key is not None:
        lines += [f"The {plain(key_line(report))} at {plain(report.base_url)}. {plain(report.key.reason)}.", ""]
    asked = [result for result in report.scopes if result.asked]
    if asked:
        lines += ["| | Scope | Verdict | |", "|---|---|---|---|"]
        for result in asked:
            cells = (
                MARKS[result.verdict],
                f"<code>{plain(result.scope)}</code>",
                result.verdict,
                plain(beside(report, result)),
            )
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    if report.scopes:
        lines += [f"{plain(counts(report))}.", ""]
        reasons = [f"- {plain(reason)}" for reason in below(report)]
        lines += [*reasons, ""] if reasons else []
    for heading, scopes in remarks(report):
        lines += [f"**{plain(heading)}**", "", *(f"- <code>{plain(scope)}</code>" for scope in scopes), ""]
    told = [plain(step) for step in steps(report)] + [f"**error**: {plain(failure_line(one))}" for one in report.errors]
    lines += [f"- {line}" for line in told]
    return "\n".join(lines).rstrip("\n") + "\n"
