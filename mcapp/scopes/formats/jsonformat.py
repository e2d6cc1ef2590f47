"""The report for programs: `json`, one document, and `jsonl`, a line for each scope and one for all the rest.

schemas/probe.schema.json describes both. Everything is ASCII, so that no terminal, pipe or code page can damage it.
"""

from json import dumps
from typing import Any

from mcapp.scopes.report import ProbeReport, ScopeResult
from mcapp.terminal.console import Style, visible
from mcapp.terminal.format import failure_row

SCHEMA_VERSION = 1


def render(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The whole report, indented by 2."""
    return dumps({**_head(report), "scopes": [_scope(result) for result in report.scopes], **_tail(report)}, indent=2)


def render_lines(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """`{"type": "scope", …}` for each scope, then `{"type": "summary", …}`: the report without its scopes."""
    lines = [{"type": "scope", **_scope(result)} for result in report.scopes]
    lines.append({"type": "summary", **_head(report), **_tail(report)})
    return "".join(dumps(line) + "\n" for line in lines)


def _head(report: ProbeReport) -> dict[str, Any]:
    key = report.key
    return {
        "schema_version": SCHEMA_VERSION,
        "command": "probe",
        "ok": report.ok,
        "key": None
        if key is None
        else {
            "name": key.name,
            "source": visible(key.source),
            "fingerprint": key.fingerprint,
            "verdict": key.verdict,
            "reason": visible(key.reason),
            "next": key.next,
        },
        "base_url": report.base_url,
        "summary": report.summary,
    }


def _scope(result: ScopeResult) -> dict[str, Any]:
    return {
        "scope": result.scope,
        "group": result.group,
        "mutates": result.mutates,
        "verdict": result.verdict,
        "reason": visible(result.reason),
        "next": result.next,
        "status": result.status,
        "message": visible(result.message),
        "attempts": result.attempts,
        "elapsed_ms": result.elapsed_ms,
    }


def _tail(report: ProbeReport) -> dict[str, Any]:
    expectation, changes = report.expectation, report.changes
    return {
        "expectation": None
        if expectation is None
        else {"missing": list(expectation.missing), "extra": list(expectation.extra)},
        "changes": None if changes is None else {"added": list(changes.added), "removed": list(changes.removed)},
        "errors": [failure_row(failure) for failure in report.errors],
    }
