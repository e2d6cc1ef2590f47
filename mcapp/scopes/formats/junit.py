"""The report as JUnit XML: a test case for the key, one for each scope that was asked for, and one for each error.

A case fails where the exit code says "no", and is an error where it says "could not be decided". A denied scope that
nobody expects is an answer like another: it passes.
"""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mcapp.scopes.formats.common import evidence, failure_line
from mcapp.scopes.report import (
    EXTRA,
    INCONCLUSIVE,
    MISSING,
    SKIPPED,
    UNREACHABLE,
    WORKING,
    ProbeReport,
    ScopeResult,
)
from mcapp.terminal.console import Style, visible

# What XML 1.0 cannot hold and `visible` leaves.
_NONCHARACTERS = re.compile("[\ufffe\uffff]")


def render(report: ProbeReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """One `<testsuites>` with one suite for each group."""
    root = Element("testsuites", name="mcapp probe")
    if report.key is not None:
        suite = SubElement(root, "testsuite", name="key")
        case = SubElement(suite, "testcase", classname="mcapp.probe.key", name=report.key.verdict, time="0")
        if report.key.verdict != WORKING:
            kind = "error" if report.key.verdict == UNREACHABLE else "failure"
            _outcome(case, kind, report.key.verdict, f"{report.key.reason}\n{report.key.next}")
    for group in dict.fromkeys(result.group for result in report.scopes):
        suite = SubElement(root, "testsuite", name=group)
        for result in report.scopes:
            if result.group == group:
                _case(suite, result, report)
    if report.errors:
        suite = SubElement(root, "testsuite", name="errors")
        for failure in report.errors:
            case = SubElement(suite, "testcase", classname="mcapp.probe.errors", name=failure.code, time="0")
            _outcome(case, "error", failure.code, failure_line(failure))
    for suite in root:
        _count(suite, [suite])
    _count(root, list(root))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _case(suite: Element, result: ScopeResult, report: ProbeReport) -> None:
    time = f"{result.elapsed_ms / 1000:.3f}"
    case = SubElement(suite, "testcase", classname=f"mcapp.probe.{result.group}", name=result.scope, time=time)
    told = f"{evidence(result) or result.reason}\n{result.next}"
    expectation = report.expectation
    if expectation is not None and MISSING in report.fail_on and result.scope in expectation.missing:
        _outcome(case, "failure", "expected, but denied", told)
    elif expectation is not None and EXTRA in report.fail_on and result.scope in expectation.extra:
        _outcome(case, "failure", "granted, but not expected", told)
    elif INCONCLUSIVE in report.fail_on and result.scope in report.undecided:
        _outcome(case, "error", result.verdict, told)
    elif result.verdict in (SKIPPED, INCONCLUSIVE):
        _outcome(case, "skipped", result.reason, "")
    else:
        SubElement(case, "system-out").text = _text(f"{result.verdict}: {evidence(result) or result.reason}")


def _outcome(case: Element, kind: str, message: str, told: str) -> None:
    element = SubElement(case, kind, message=_text(message))
    if kind != "skipped":
        element.set("type", kind)
        element.text = "\n".join(_text(line) for line in told.split("\n") if line)


def _count(element: Element, suites: list[Element]) -> None:
    """The numbers that readers of JUnit want on every suite."""
    cases = [case for suite in suites for case in suite.iter("testcase")]
    element.set("tests", str(len(cases)))
    for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        # <testsuites> has no attribute for skipped ones.
        if element.tag == "testsuite" or kind != "skipped":
            element.set(name, str(sum(case.find(kind) is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _text(text: str) -> str:
    return _NONCHARACTERS.sub("�", visible(text))
