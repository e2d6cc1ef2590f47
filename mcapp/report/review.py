"""Comments on the changed lines: GitLab's Code Quality report, and rdjson, the format of reviewdog, with the fixes.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

import os
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any

from mcapp.document import Document, apply
from mcapp.document.places import Edit, Position, Span
from mcapp.errors import Failure
from mcapp.lint.model import HOME, Finding
from mcapp.report.result import Report
from mcapp.report.sarif import fingerprints
from mcapp.terminal.console import Style, failure_text, visible
from mcapp.terminal.redact import mask

_GITLAB = {"error": "major", "warning": "minor", "note": "info"}
_RDJSON = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render_gitlab(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """A list of the findings, then of what could not be read, and of suppressions that are out of date."""
    hidden = {id(one.finding) for one in report.suppressed}
    rows = [
        {
            # GitLab shows no `check_name`.
            "description": f"{finding.rule}: {finding.message}",
            "check_name": finding.rule,
            "fingerprint": fingerprint,
            "severity": _GITLAB[finding.severity],
            "location": {"path": _in_project(finding.path), "lines": {"begin": finding.line, "end": finding.end_line}},
            "content": {"body": "\n\n".join(text for text in (finding.help, finding.url) if text)},
        }
        for finding, fingerprint in fingerprints(report)
        if id(finding) not in hidden
    ]
    return dumps([*rows, *(_gitlab_failure(level, failure) for level, failure in report.failures)], indent=2)


def _gitlab_failure(level: str, failure: Failure) -> dict[str, Any]:
    path = _in_project(failure.path or ".")
    text = failure_text(failure)
    known = "\0".join((failure.code, path, text)).encode("utf-8", "surrogatepass")
    return {
        "description": text,
        "check_name": failure.code,
        "fingerprint": sha256(known).hexdigest()[:32],
        "severity": "blocker" if level == "error" else _GITLAB[level],
        "location": {"path": path, "lines": {"begin": 1}},
    }


def _in_project(path: str) -> str:
    """The path as GitLab wants it: relative to the repository, where the job says where that is."""
    project = os.environ.get("CI_PROJECT_DIR")
    if project and path != "-":
        here = Path(os.path.abspath(path))  # noqa: PTH100  # links are not followed: GitLab shows the path as it is checked in
        if here.is_relative_to(project):
            path = str(here.relative_to(project))
    return Path(visible(path)).as_posix()


def render_rdjson(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The findings, then what could not be read, and suppressions that are out of date."""
    documents = {visible(path): document for path, document in report.documents.items()}
    rows = [_diagnostic(finding, documents.get(visible(finding.path))) for finding in report.findings]
    rows += [
        {
            "message": failure_text(failure),
            "location": {"path": _posix(failure.path or "")},
            "severity": _RDJSON[level],
            "code": {"value": failure.code},
        }
        for level, failure in report.failures
    ]
    return dumps({"source": {"name": "mcapp", "url": HOME}, "diagnostics": rows}, indent=2)


def _diagnostic(finding: Finding, document: Document | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "message": finding.text,
        "location": {"path": _posix(finding.path), "range": _range(finding.place, document)},
        "severity": _RDJSON[finding.severity],
        "code": {"value": finding.rule, "url": finding.url},
    }
    if finding.fix is None or document is None:
        return row
    # One replacement, because several suggestions would be alternatives; none if it would show a key.
    edits = finding.fix.edits
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    place = document.place(Span(start, end))
    text = apply(document.text[start:end], [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits])
    # Columns cannot express a byte order mark.
    if mask(text) == text and not (end > start and place[:2] == place[2:]):
        row["suggestions"] = [{"range": _range(place, document), "text": text}]
    return row


def _range(place: Position, document: Document | None) -> dict[str, Any]:
    ends = {"start": (place.line, place.column), "end": (place.end_line, place.end_column)}
    return {name: {"line": line, "column": _bytes(line, column, document)} for name, (line, column) in ends.items()}


def _bytes(line: int, column: int, document: Document | None) -> int:
    """The column, counted from 1 in bytes of UTF-8."""
    before = "" if document is None else document.line(line)[: column - 1]
    return column + len(before.encode("utf-8", "surrogatepass")) - len(before)


def _posix(path: str) -> str:
    return Path(visible(path)).as_posix() if path else ""
