"""rdjson, the format of reviewdog: comments on the changed lines, with the fixes as suggestions.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from json import dumps
from pathlib import Path
from typing import Any

from mcapp.document import Document, apply
from mcapp.document.places import Edit, Position, Span
from mcapp.lint.model import HOME, Finding
from mcapp.report.result import Report
from mcapp.terminal.console import Style, failure_text, visible
from mcapp.terminal.redact import mask

_SEVERITY = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    documents = {visible(path): document for path, document in report.documents.items()}
    rows = [_diagnostic(finding, documents.get(visible(finding.path))) for finding in report.findings]
    rows += [
        {
            "message": failure_text(failure),
            "location": {"path": _path(failure.path or "")},
            "severity": _SEVERITY[level],
            "code": {"value": failure.code},
        }
        for level, failure in report.failures
    ]
    return dumps({"source": {"name": "mcapp", "url": HOME}, "diagnostics": rows}, indent=2)


def _diagnostic(finding: Finding, document: Document | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "message": finding.text,
        "location": {"path": _path(finding.path), "range": _range(finding.place, document)},
        "severity": _SEVERITY[finding.severity],
        "code": {"value": finding.rule, "url": finding.url},
    }
    suggestion = _suggestion(finding, document) if document is not None else None
    if suggestion:
        row["suggestions"] = [suggestion]
    return row


def _suggestion(finding: Finding, document: Document) -> dict[str, Any] | None:
    """The fix as one replacement, because several suggestions would be alternatives; none if it would show a key."""
    if finding.fix is None:
        return None
    edits = finding.fix.edits
    start, end = min(edit.start for edit in edits), max(edit.end for edit in edits)
    place = document.place(Span(start, end))
    moved = [Edit(edit.start - start, edit.end - start, edit.text) for edit in edits]
    text = apply(document.text[start:end], moved)
    # Columns cannot express a byte order mark.
    if mask(text) != text or (end > start and place[:2] == place[2:]):
        return None
    return {"range": _range(place, document), "text": text}


def _range(place: Position, document: Document | None) -> dict[str, Any]:
    return {
        "start": _position(place.line, place.column, document),
        "end": _position(place.end_line, place.end_column, document),
    }


def _position(line: int, column: int, document: Document | None) -> dict[str, int]:
    """Columns count bytes of UTF-8, from 1."""
    if document is not None:
        before = document.line(line)[: column - 1]
        column += len(before.encode("utf-8", "surrogatepass")) - len(before)
    return {"line": line, "column": column}


def _path(path: str) -> str:
    return Path(visible(path)).as_posix() if path else ""
