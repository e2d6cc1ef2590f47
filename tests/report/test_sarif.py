"""SARIF: valid by the official schema, and what code scanning needs."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcapp.document import read
from mcapp.document.places import Edit, Span
from mcapp.errors import Failure
from mcapp.lint.model import SAFE, Finding, FindingFix
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Style
from tests.report import awkward

pytestmark = pytest.mark.usefixtures("sample_rules")


def run(report: Report) -> dict[str, Any]:
    """The one run of the report."""
    document = json.loads(FORMATS["sarif"].render(report, Style(on=False), 80))
    assert len(document["runs"]) == 1
    only: dict[str, Any] = document["runs"][0]
    return only


def finding(text: str, fragment: str, *, code: str = "MC203", path: str = "app.json", **more: Any) -> Finding:
    start = text.index(fragment)
    span = Span(start, start + len(fragment))
    place = read(text.encode(), path).place(span)
    return Finding(code, "n", "error", "m", "", "https://example.com", path, "/a", *place, span)._replace(**more)


def of(text: str, *findings: Finding) -> Report:
    documents = {one.path: read(text.encode(), one.path) for one in findings}
    return Report(tuple(FileResult(path, "app", readable=True) for path in documents), findings, documents=documents)


@pytest.mark.parametrize(
    "report",
    [awkward.report(), awkward.clean(), Report(), Report(errors=(Failure("internal", "failed"),))],
    ids=["awkward", "clean", "nothing", "failed"],
)
def test_fits_the_official_schema(report: Report, sarif_schema: dict[str, Any]) -> None:
    document = json.loads(FORMATS["sarif"].render(report, Style(on=False), 80))
    kind = jsonschema.validators.validator_for(sarif_schema)
    kind(sarif_schema, format_checker=kind.FORMAT_CHECKER).validate(document)


def test_all_rules_are_described_and_results_point_at_them() -> None:
    only = run(awkward.report())
    described = only["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in described] == [rule.code for rule in awkward.RULES]
    assert [rule["properties"]["precision"] for rule in described] == ["very-high", "high", "medium"]
    for result in only["results"]:
        assert described[result["ruleIndex"]]["id"] == result["ruleId"]
        assert described[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("apps/shop a/\u6f22#1%.json", {"uri": "apps/shop%20a/%E6%BC%A2%231%25.json", "uriBaseId": "%SRCROOT%"}),
        ("./app.json", {"uri": "app.json", "uriBaseId": "%SRCROOT%"}),
        ("../app.json", {"uri": "../app.json", "uriBaseId": "%SRCROOT%"}),
        ("a:b.json", {"uri": "a%3Ab.json", "uriBaseId": "%SRCROOT%"}),
        (str(Path("app.json").absolute()), {"uri": Path("app.json").absolute().as_uri()}),
    ],
)
def test_paths_are_uris_relative_to_the_root(path: str, location: dict[str, str]) -> None:
    result = run(of("[1]", finding("[1]", "1", path=path)))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == location


def prints(report: Report) -> list[str]:
    return [value for result in run(report)["results"] for value in result["partialFingerprints"].values()]


def test_fingerprints_survive_what_happens_elsewhere_in_the_file() -> None:
    before, after = '["a", "b"]', '\n\n[\n"new", "a",   "b"]'
    by_pointer = [prints(of(text, finding(text, '"b"', pointer="/1"))) for text in (before, after)]
    assert by_pointer[0] == by_pointer[1]
    line = "  // why\n"
    by_line = [
        prints(of(text, finding(text, "// why", pointer=None))) for text in (line + "[]", "[1,\n  " + line + "2]")
    ]
    assert by_line[0] == by_line[1]


def test_fingerprints_tell_findings_apart() -> None:
    text = '["a", "b", "a"]\n["a", "b", "a"]'
    same = finding(text, '"a"', pointer="/0")
    different = [
        same,
        same,  # a second time in the same place
        same._replace(rule="MC410"),
        same._replace(pointer="/2"),
        same._replace(pointer=None),
        same._replace(pointer=None, line=2),  # the same text on another line
        finding(text, '"a"', pointer="/0", path="other.json"),
    ]
    found = prints(of(text, *different))
    assert len(set(found)) == len(different)


def test_fixes_replace_what_they_say() -> None:
    text = "[1,\r\n 2,]"
    edits = (Edit(text.index(",]"), text.index(",]") + 1, ""), Edit(0, 0, "\n"))
    fixed = finding(text, ",]", fix=FindingFix(SAFE, "remove the comma", edits))
    fix = run(of(text, fixed))["results"][0]["fixes"][0]
    assert fix["description"] == {"text": "remove the comma"}
    assert fix["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 4},
            "insertedContent": {"text": ""},
        },
        {
            "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
            "insertedContent": {"text": "\n"},
        },
    ]


@pytest.mark.parametrize(
    ("text", "edit"),
    [("[1]", Edit(1, 2, f'"{awkward.KEY}"')), ("\ufeff[1]", Edit(0, 1, ""))],
    ids=["would show a key", "has no line and column"],
)
def test_a_fix_that_cannot_be_told_is_left_out(text: str, edit: Edit) -> None:
    result = run(of(text, finding(text, "1", fix=FindingFix(SAFE, "mend it", (edit,)))))["results"][0]
    assert "fixes" not in result
    assert awkward.KEY not in json.dumps(result)


def test_related_places_are_linked_from_the_message() -> None:
    result = next(one for one in run(awkward.report())["results"] if len(one.get("relatedLocations", [])) == 2)
    assert [one["id"] for one in result["relatedLocations"]] == [1, 2]
    assert "](1)" in result["message"]["text"]
    assert "](2)" in result["message"]["text"]


def test_what_could_not_be_read_is_a_notification() -> None:
    invocation = run(awkward.report())["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert [one["descriptor"]["id"] for one in invocation["toolExecutionNotifications"]] == ["missing", "unreadable"]
    assert run(awkward.clean())["invocations"][0]["executionSuccessful"] is True
