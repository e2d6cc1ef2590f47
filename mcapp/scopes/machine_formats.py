"""The report for programs: `json`, one document; `jsonl`, a line for each scope and one for the rest; `junit`.

schemas/probe.schema.json describes the JSON. It is ASCII, so that no terminal, pipe or code page can damage it.
"""

from dataclasses import asdict
from json import dumps
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from mcapp.report import junit
from mcapp.scopes.human_formats import evidence, failure_line, reason_of
from mcapp.scopes.plan import Plan
from mcapp.scopes.report import (
    EXTRA,
    INCONCLUSIVE,
    MISSING,
    SKIPPED,
    UNCLEAR,
    UNREACHABLE,
    WORKING,
    Expectation,
    ProbeReport,
    ScopeResult,
)
from mcapp.terminal.console import Style, visible
from mcapp.terminal.format import failure_row

SCHEMA_VERSION = 1


def render_json(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The whole report, indented by 2."""
    return dumps({**_head(report), "scopes": [_scope(result) for result in report.scopes], **_tail(report)}, indent=2)


def render_jsonl(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
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
        "key": None if key is None else {name: value and visible(value) for name, value in asdict(key).items()},
        "base_url": report.base_url,
        "route": {name: value and visible(value) for name, value in report.route.data.items()},
        "summary": report.summary,
    }


def _scope(result: ScopeResult) -> dict[str, Any]:
    row = {**asdict(result), "reason": visible(result.reason), "message": visible(result.message)}
    del row["indistinguishable"], row["asked"]
    return row


def _tail(report: ProbeReport) -> dict[str, Any]:
    expectation, changes = report.expectation, report.changes
    return {
        "expectation": None
        if expectation is None
        else {
            **{name: list(getattr(expectation, name)) for name in ("missing", "extra", "uncertain")},
            **({"reasons": reasons} if (reasons := _reasons(expectation)) else {}),
        },
        "changes": None if changes is None else {"added": list(changes.added), "removed": list(changes.removed)},
        "errors": [failure_row(failure) for failure in report.errors],
    }


def _reasons(expectation: Expectation) -> dict[str, str]:
    return {scope: visible(reason) for scope, reason in expectation.reasons.items() if reason}


def render_plan_json(plan: Plan | ProbeReport, style: Style, width: int) -> str:
    """What `--dry-run` shows, as one document; the report of an error where no plan could be made."""
    if isinstance(plan, ProbeReport):
        return render_json(plan, style, width)
    document: dict[str, Any] = {
        "schema_version": 1,
        "command": "probe",
        "dry_run": True,
        "ok": True,
        "base_url": plan.target.base_url,
        "requests": [
            {
                "number": number,
                "scope": request.endpoint.scope,
                "method": request.method,
                "url": plan.target.base_url + request.url,
                "body": None if request.body is None else {},
                "key": request.auth,
                "purpose": request.purpose,
                "harmless": request.endpoint.harmless,
            }
            for number, request in enumerate(plan.requests, 1)
        ],
        "skipped": [{"scope": scope, "reason": skip.reason, "next": skip.next} for scope, skip in plan.skipped.items()],
        "errors": [],
    }
    return dumps(document, indent=2)


# --- JUnit


def render_junit(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """One `<testsuites>` with one suite for each group."""
    root = Element("testsuites", name="mcapp probe")
    if report.key is not None:
        suite = SubElement(root, "testsuite", name="key")
        case = SubElement(suite, "testcase", classname="mcapp.probe.key", name=report.key.verdict, time="0")
        if report.key.verdict != WORKING:
            kind = "error" if report.key.verdict in (UNREACHABLE, UNCLEAR) else "failure"
            junit.outcome(case, kind, report.key.verdict, f"{report.key.reason}\n{report.key.next}")
    for group in dict.fromkeys(result.group for result in report.scopes):
        suite = SubElement(root, "testsuite", name=group)
        for result in report.scopes:
            if result.group == group:
                _case(suite, result, report)
    if report.errors:
        suite = SubElement(root, "testsuite", name="errors")
        for failure in report.errors:
            case = SubElement(suite, "testcase", classname="mcapp.probe.errors", name=failure.code, time="0")
            junit.outcome(case, "error", failure.code, failure_line(failure))
    return junit.document(root)


def _case(suite: Element, result: ScopeResult, report: ProbeReport) -> None:
    time = f"{result.elapsed_ms / 1000:.3f}"
    case = SubElement(suite, "testcase", classname=f"mcapp.probe.{result.group}", name=result.scope, time=time)
    details = f"{evidence(result) or result.reason}\n{result.next}"
    if needed := reason_of(report, result.scope):
        details = f"needed by {needed}\n{details}"
    expectation = report.expectation
    if expectation is not None and MISSING in report.fail_on and result.scope in expectation.missing:
        junit.outcome(case, "failure", "expected, but denied", details)
    elif expectation is not None and EXTRA in report.fail_on and result.scope in expectation.extra:
        junit.outcome(case, "failure", "granted, but not expected", details)
    elif INCONCLUSIVE in report.fail_on and result.scope in report.undecided:
        junit.outcome(case, "error", result.verdict, details)
    elif result.verdict in (SKIPPED, INCONCLUSIVE):
        junit.outcome(case, "skipped", result.reason, "")
    else:
        SubElement(case, "system-out").text = visible(f"{result.verdict}: {evidence(result) or result.reason}")
