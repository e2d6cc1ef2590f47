"""What a run of `validate` found, in the form that every output format is made from."""

from collections.abc import Mapping
from typing import NamedTuple

from mcapp.document import Document
from mcapp.errors import Failure
from mcapp.lint.model import Finding


class FileResult(NamedTuple):
    """One input. `kind` is app, auth, request, or None where it cannot be told; `readable`: whether it was JSON."""

    path: str
    kind: str | None
    readable: bool


class Report(NamedTuple):
    """The result of one run.

    `findings` are sorted by place. `documents` holds the text of each file that has a finding, by path, for the formats
    that show source lines. `fixed` is how many findings `--fix` removed before this report was made. `fail_on` is the
    severity from which a finding makes `ok` false ("never" for none).
    """

    files: tuple[FileResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    errors: tuple[Failure, ...] = ()
    documents: Mapping[str, Document] = {}
    fail_on: str = "error"
    fixed: int = 0
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """No finding at the threshold, and nothing that kept mcapp from an answer."""
        if self.errors or self.interrupted:
            return False
        levels = {"error": ("error",), "warning": ("error", "warning"), "note": ("error", "warning", "note")}
        return not any(finding.severity in levels.get(self.fail_on, ()) for finding in self.findings)

    def count(self, severity: str) -> int:
        """How many findings of that severity there are."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def fixable(self) -> int:
        """How many findings have a fix, safe or not."""
        return sum(finding.fix is not None for finding in self.findings)
