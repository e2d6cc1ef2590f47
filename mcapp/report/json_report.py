"""The report for programs: `json`, one document, and `jsonl`, a line for each finding and one for all the rest.

schemas/report.schema.json describes both. Everything is ASCII, so that no terminal, pipe or code page can damage it.
"""

from json import dumps
from typing import Any

from mcapp.lint.model import SEVERITIES, Finding
from mcapp.report.result import Report, statistics
from mcapp.terminal.console import Style, visible
from mcapp.terminal.format import failure_row


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The whole report, indented by 2."""
    return dumps(_content(report), indent=2)


def render_lines(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """`{"type": "finding", …}` for each finding, then `{"type": "summary", …}`: the report without its findings."""
    content = _content(report)
    lines = [{"type": "finding", **row} for row in content.pop("findings")]
    lines += [{"type": "suppressed", **row} for row in content.pop("suppressed")]
    lines.append({"type": "summary", **content})
    return "".join(dumps(line) + "\n" for line in lines)


def _content(report: Report) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "command": "validate",
        "ok": report.ok,
        "summary": {
            "files": len(report.files),
            **{severity: report.count(severity) for severity in SEVERITIES},
            "suppressed": len(report.suppressed),
            "fixable": sum(one.fix is not None for one in report.findings),
        },
        "files": [{"path": visible(file.path), "kind": file.kind, "readable": file.readable} for file in report.files],
        "findings": list(map(finding_row, report.findings)),
        "suppressed": [{**finding_row(one.finding), "reason": visible(one.entry.reason)} for one in report.suppressed],
        **({"statistics": statistics(report)} if report.statistics else {}),
        "warnings": list(map(failure_row, report.warnings)),
        "errors": list(map(failure_row, report.errors)),
    }


def finding_row(finding: Finding) -> dict[str, Any]:
    """A finding in a report (schemas/report.schema.json)."""
    row = finding._asdict()
    del row["span"]
    row["path"] = visible(finding.path)
    row["related"] = [{"message": one.message, **one.place._asdict()} for one in finding.related]
    row["fix"] = None if finding.fix is None else {"safety": finding.fix.safety, "title": finding.fix.title}
    return row
