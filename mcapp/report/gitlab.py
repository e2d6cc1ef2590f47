"""GitLab's Code Quality report, which the merge request shows.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

import os
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

from mcapp.errors import Failure
from mcapp.report.result import Report
from mcapp.report.sarif import fingerprints
from mcapp.terminal.console import Style, failure_text, visible

_SEVERITY = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A list of the findings, then of what could not be read, and of suppressions that are out of date."""
    hidden = {id(one.finding) for one in report.suppressed}
    rows = [
        {
            # GitLab shows no `check_name`.
            "description": f"{finding.rule}: {finding.message}",
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITY[finding.severity],
            "location": {"path": _path(finding.path), "lines": {"begin": finding.line, "end": finding.end_line}},
            "content": {"body": "\n\n".join(text for text in (finding.help, finding.url) if text)},
        }
        for finding, fingerprint in fingerprints(report)
        if id(finding) not in hidden
    ]
    return dumps([*rows, *(_failure(level, failure) for level, failure in report.failures)], indent=2)


def _failure(level: str, failure: Failure) -> dict[str, Any]:
    path = _path(failure.path or ".")
    text = failure_text(failure)
    known = "\0".join((failure.code, path, text)).encode("utf-8", "surrogatepass")
    return {
        "description": text,
        "check_name": failure.code,
        "fingerprint": sha256(known).hexdigest()[:32],
        "severity": "blocker" if level == "error" else _SEVERITY[level],
        "location": {"path": path, "lines": {"begin": 1}},
    }


def _path(path: str) -> str:
    """The path as GitLab wants it: relative to the repository, where the job says where that is."""
    project = os.environ.get("CI_PROJECT_DIR")
    if project and path != "-":
        here = Path(os.path.abspath(path))  # noqa: PTH100  # links are not followed: GitLab shows the path as it is checked in
        if here.is_relative_to(project):
            path = str(here.relative_to(project))
    return Path(visible(path)).as_posix()
