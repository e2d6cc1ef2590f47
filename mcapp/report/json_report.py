"""The report for programs: `json`, one document, and `jsonl`, a line for each finding and one for all the rest.

schemas/report.schema.json describes both. Everything is ASCII, so that no terminal, pipe or code page can damage it.
"""

from json import dumps
from typing import Any

from mcapp.lint.model import SEVERITIES, Finding
from mcapp.report.result import Report, statistics
from mcapp.terminal.console import Style, visible
from mcapp.terminal.format import failure_row

SCHEMA_VERSION = 1


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    findings = {"findings": list(map(finding_row, report.findings)), "suppressed": _suppressed(report)}
    return dumps({**_head(report), **findings, **_tail(report)}, indent=2)


def render_lines(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """`{"type": "finding", …}` for each finding, then `{"type": "summary", …}`: the report without its findings."""
    lines = [{"type": "finding", **finding_row(one)} for one in report.findings]
    lines += [{"type": "suppressed", **row} for row in _suppressed(report)]
    lines.append({"type": "summary", **_head(report), **_tail(report)})
    return "".join(dumps(line) + "\n" for line in lines)


def _head(report: Report) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "validate",
        "ok": report.ok,
        "summary": {
            "files": len(report.files),
            **{severity: report.count(severity) for severity in SEVERITIES},
            "suppressed": len(report.suppressed),
            "fixable": report.fixable,
        },
        "files": [{"path": visible(file.path), "kind": file.kind, "readable": file.readable} for file in report.files],
    }


def _tail(report: Report) -> dict[str, Any]:
    tail: dict[str, Any] = {
        "warnings": [failure_row(failure) for failure in report.warnings],
        "errors": [failure_row(failure) for failure in report.errors],
    }
    return {"statistics": [row._asdict() for row in statistics(report)], **tail} if report.statistics else tail


def _suppressed(report: Report) -> list[dict[str, Any]]:
    return [{**finding_row(one.finding), "reason": visible(one.entry.reason)} for one in report.suppressed]


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding in a report (schemas/report.schema.json)."""
    row = finding._asdict()
    del row["span"]
    row["path"] = visible(finding.path)
    row["related"] = [{"message": one.message, **one.place._asdict()} for one in finding.related]
    row["fix"] = None if finding.fix is None else {"safety": finding.fix.safety, "title": finding.fix.title}
    return row
