"""What a run of `validate` found, as every format renders it, and the words that the formats share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.document import Document
from mcapp.errors import Failure
from mcapp.lint.model import SAFE, SEVERITIES, Finding
from mcapp.terminal.console import Style
from mcapp.terminal.format import plural

if TYPE_CHECKING:
    from mcapp.lint.suppress import Match


class FileResult(NamedTuple):
    """One input. `kind` is app, auth, request, or None if that is unknown; `readable`: whether it was JSON."""

    path: str
    kind: str | None
    readable: bool


class Report(NamedTuple):
    """The result of one run.

    `findings` are sorted by place. `documents` holds the text of each file that has a finding, by path, for the formats
    that show source lines. `fixed` is how many findings `--fix` removed before this report was made. `fail_on` is the
    severity from which a finding makes `ok` false ("never" for none). `suppressed` are the findings that the
    configuration accepts, `warnings` is what is wrong with its entries; with `strict` they make `ok` false too.
    `statistics`: counts by rule are wanted instead of the findings.
    """

    files: tuple[FileResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    errors: tuple[Failure, ...] = ()
    documents: Mapping[str, Document] = {}
    fail_on: str = "error"
    fixed: int = 0
    interrupted: bool = False
    suppressed: "tuple[Match, ...]" = ()
    warnings: tuple[Failure, ...] = ()
    strict: bool = False
    statistics: bool = False

    @property
    def ok(self) -> bool:
        """No finding at the threshold, and nothing that kept mcapp from an answer."""
        if self.errors or self.interrupted or (self.strict and self.warnings):
            return False
        return not any(map(self.fails, self.findings))

    def fails(self, finding: Finding) -> bool:
        """Whether the finding is at the threshold."""
        return self.fail_on in SEVERITIES[SEVERITIES.index(finding.severity) :]

    def count(self, severity: str) -> int:
        """How many findings of that severity there are."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def failures(self) -> list[tuple[str, Failure]]:
        """What could not be read and what is warned of, each with its severity, the errors first."""
        return [*(("error", one) for one in self.errors), *(("warning", one) for one in self.warnings)]


def link(text: str, url: str, style: Style) -> str:
    """`text` as a link (OSC 8) if there are colours; terminals that cannot show links ignore the escape."""
    return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if style.on else text


def counts(report: Report) -> list[tuple[str, str]]:
    """Each severity that occurs, the worst first, with its count: ("error", "2 errors")."""
    return [(severity, plural(number, severity)) for severity in SEVERITIES if (number := report.count(severity))]


def summary(report: Report) -> str:
    """The report in one line: `2 errors in 1 file (1 fixable with --fix, 1 more with --unsafe-fixes)`."""
    files = plural(len(report.files), "file")
    fixes = [finding.fix.safety for finding in report.findings if finding.fix]
    safe = fixes.count(SAFE)
    fixable = [f"{safe:,} fixable with --fix"] if safe else []
    if len(fixes) > safe:
        fixable.append(f"{len(fixes) - safe:,} {'more' if safe else 'fixable'} with --unsafe-fixes")
    found = ", ".join(text for _, text in counts(report))
    fixed = f"fixed {plural(report.fixed, 'problem')}, " if report.fixed else ""
    if not report.files:
        line = "no file was checked" if report.errors else "nothing to check"
    elif found:
        more = f" ({', '.join(fixable)})" if fixable else ""
        line = f"{fixed}{found} {'left ' if fixed else ''}in {files}{more}"
    else:
        line = f"{fixed}{'none left' if fixed else 'no problems'} in {files}"
    if report.suppressed:
        line += f", {len(report.suppressed):,} suppressed"
    missed = len({failure.path for failure in report.errors if failure.path is not None})
    return f"{line}; {plural(missed, 'path')} could not be checked" if missed else line


def statistics(report: Report) -> list[dict[str, Any]]:
    """How many findings each rule has, and how many of them have a fix; the most first."""
    rows: dict[str, dict[str, Any]] = {}
    for one in report.findings:
        new = {"findings": 0, "rule": one.rule, "name": one.name, "severity": one.severity, "fixable": 0}
        row = rows.setdefault(one.rule, new)
        row["findings"] += 1
        row["fixable"] += one.fix is not None
    return sorted(rows.values(), key=lambda row: (-row["findings"], row["rule"]))
