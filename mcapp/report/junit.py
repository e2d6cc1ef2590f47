"""JUnit: a suite for each file and a test case for each finding. A finding below the threshold is a case that passed.

It follows the schema that Jenkins publishes (junit-10.xsd), which other readers accept too.
"""

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mcapp.report.result import Report
from mcapp.terminal.console import Style, failure_text, visible

if TYPE_CHECKING:
    from mcapp.lint.model import Finding


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The files, then what could not be read, and suppressions that are out of date."""
    root = Element("testsuites", name="mcapp validate")
    found: dict[str, list[Finding]] = {visible(file.path): [] for file in report.files}
    for finding in report.findings:
        found.setdefault(visible(finding.path), []).append(finding)
    for path, findings in found.items():
        suite = SubElement(root, "testsuite", name=path)
        hidden = [one for one in report.suppressed if visible(one.finding.path) == path]
        for one in hidden:
            name = f"{one.finding.rule} {one.finding.name} ({one.finding.line}:{one.finding.column})"
            outcome(_case(suite, path, name), "skipped", f"suppressed: {one.entry.reason}")
        if not findings and not hidden:
            _case(suite, path, "no problems")
        for finding in findings:
            place = f"{path}:{finding.line}:{finding.column}"
            case = _case(suite, path, f"{finding.rule} {finding.name} ({finding.line}:{finding.column})")
            text = f"{place}: {finding.severity}: {finding.message}\n{finding.help}\n{finding.url}"
            if report.fails(finding):
                outcome(case, "failure", finding.message, text, kind=finding.severity)
            else:
                SubElement(case, "system-out").text = _lines(text)
    for name, failures in (("errors", report.errors), ("warnings", report.warnings)):
        suite = SubElement(root, "testsuite", name=name) if failures else root
        for failure in failures:
            case = _case(suite, failure.path or "mcapp", failure.code)
            if name == "errors" or report.strict:
                kind = "error" if name == "errors" else "failure"
                outcome(case, kind, failure_text(failure), failure.hint)
            else:
                SubElement(case, "system-out").text = _lines(f"{failure_text(failure)}\n{failure.hint}")
    return document(root)


def _case(suite: Element, path: str, name: str) -> Element:
    return SubElement(suite, "testcase", classname=visible(path), name=visible(name), time="0")


def outcome(case: Element, name: str, message: str, details: str = "", *, kind: str = "") -> None:
    """Make the case one that failed ("failure", "error") or was skipped."""
    element = SubElement(case, name, message=visible(message))
    if name != "skipped":
        element.set("type", kind or name)
        element.text = _lines(details)


def _lines(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n") if line)


def document(root: Element) -> str:
    """The text of `<testsuites>`, with the numbers that readers of JUnit want on every suite."""
    for element in (root, *root):
        cases = list(element.iter("testcase"))
        element.set("tests", str(len(cases)))
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            if element is not root or kind != "skipped":  # <testsuites> has no attribute for skipped ones
                element.set(name, str(sum(case.find(kind) is not None for case in cases)))
        element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"
