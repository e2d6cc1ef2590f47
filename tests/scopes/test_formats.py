"""One awkward report in every format, and what each format promises."""

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from mcapp import schemas
from mcapp.errors import Failure
from mcapp.scopes.probe_formats import FORMATS, MARKS
from mcapp.scopes.report import KEY_VERDICTS, VERDICTS, Changes, Expectation, KeyResult, ProbeReport, ScopeResult
from mcapp.terminal.console import Style
from tests.conftest import Golden

GOLDEN = Path(__file__).parent / "golden"
PLAIN = Style(on=False)

# What a server may say: terminal commands, markup of every kind, orders for GitHub's runner, a table's own characters.
NASTY = "\x1b[31mred\x1b[0m | <b>`x`</b> ::error::boo ##[group]% \n second line \ufffe \u202e [a](http://x) *b*"

GET, POST = "GET /fb/page/", "POST /fb/page/"
AWKWARD = ProbeReport(
    key=KeyResult("shop-a", "file", "3f9c1a", "working", "ManyChat let it in on 2 of 7 calls"),
    base_url="http://127.0.0.1:8080",
    scopes=(
        ScopeResult(GET + "getInfo", "page", False, "granted", "the read was answered", "", 200, "", 1, 81),
        ScopeResult(GET + "getTags", "page", False, "denied", "refused", "add it", 401, "Wrong access token", 1, 7),
        ScopeResult(
            GET + "getFlows", "page", False, "inconclusive", f"odd: {NASTY}", "run it again", 200, NASTY, 3, 12_345
        ),
        ScopeResult(
            POST + "createTag",
            "page",
            True,
            "inconclusive",
            "they look the same",
            "",
            400,
            "Validation error",
            1,
            9,
            True,
        ),
        ScopeResult(POST + "removeTag", "page", True, "skipped", "a write", "add --include-writes", asked=False),
        ScopeResult(POST + "removeTagByName", "page", True, "skipped", "a write", "add --include-writes", asked=False),
        ScopeResult(
            "POST /fb/sending/sendContent", "sending", True, "granted", "refused", "", 400, "Validation error: x", 1, 3
        ),
        ScopeResult(
            "GET /fb/subscriber/findByCustomField",
            "subscriber",
            False,
            "inconclusive",
            "the deadline of the run was over",
            "give it more time: --deadline",
        ),
    ),
    expectation=Expectation(
        (GET + "getInfo", GET + "getTags", GET + "getFlows"),
        (GET + "getTags",),
        ("POST /fb/sending/sendContent",),
        (GET + "getFlows",),
    ),
    changes=Changes((GET + "getInfo",), (GET + "getTags",), "2026-01-02T03:04:05Z"),
    errors=(Failure("deadline", "the run was ended at its deadline", "give it more time: --deadline"),),
)


@pytest.mark.parametrize("name", FORMATS)
def test_the_awkward_report(name: str, golden: Golden) -> None:
    golden(GOLDEN / f"awkward.{name}", FORMATS[name].render(AWKWARD, PLAIN, 80))


def test_colours_and_a_wide_terminal(golden: Golden) -> None:
    golden(GOLDEN / "awkward.colour", FORMATS["text"].render(AWKWARD, Style(on=True), 140))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 140, 500])
def test_the_text_fits_its_width_and_breaks_no_path(width: int) -> None:
    text = FORMATS["text"].render(AWKWARD, PLAIN, width)
    for result in AWKWARD.scopes:
        if result.verdict == "skipped":  # one line for the group
            continue
        method, path = result.scope.split(" ")
        assert re.search(rf"^  {result.verdict} +{method:4} {path}( |$)", text, re.MULTILINE)
    if width >= 60:
        assert max(map(len, text.splitlines())) <= max(width, 80)


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_from_outside_is_obeyed(name: str) -> None:
    text = FORMATS[name].render(AWKWARD, PLAIN, 80)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text)
    if name == "github":
        fence = re.fullmatch(r"::stop-commands::(\w{32})\n(.*)\n::(\w{32})::\n(.*)", text, re.DOTALL)
        assert fence
        assert fence[1] == fence[3]
        *commands, last = fence[4].splitlines()
        assert last == "lacks 1 of 3 expected scopes: GET /fb/page/getTags"
        for line in commands:
            assert re.match(r"::(error|warning|notice) title=[^,:]+::", line), line
    if name == "markdown":
        assert "<b>" not in text
        assert "](http" not in text
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert {row.count("|") for row in rows} == {5}


def test_json_and_its_lines_fit_the_schema() -> None:
    schema = json.loads(schemas.text("probe"))
    report = json.loads(FORMATS["json"].render(AWKWARD, PLAIN, 80))
    jsonschema.validate(report, schema)
    lines = [json.loads(line) for line in FORMATS["jsonl"].render(AWKWARD, PLAIN, 80).splitlines()]
    for line in lines:
        part = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{line['type']}_line"}
        jsonschema.validate(line, part)
    assert [line.pop("type") for line in lines] == ["scope"] * 8 + ["summary"]
    assert {**lines[-1], "scopes": lines[:-1]} == report


def test_every_verdict_has_its_place_in_the_schema() -> None:
    definitions = json.loads(schemas.text("probe"))["$defs"]
    assert definitions["scope"]["properties"]["verdict"]["enum"] == list(VERDICTS)
    assert definitions["report"]["properties"]["key"]["properties"]["verdict"]["enum"] == list(KEY_VERDICTS)
    assert set(MARKS) == set(VERDICTS)


def test_junit_counts_what_it_holds() -> None:
    root = ET.fromstring(FORMATS["junit"].render(AWKWARD, PLAIN, 80))  # noqa: S314  # just made
    assert root.tag == "testsuites"
    for suite in (root, *root.iter("testsuite")):
        cases = list(suite.iter("testcase"))
        assert int(suite.get("tests", "")) == len(cases)
        for attribute, kind in (("failures", "failure"), ("errors", "error")):
            assert int(suite.get(attribute, "")) == sum(case.find(kind) is not None for case in cases)
    outcomes = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert outcomes == {
        "working": [],
        GET + "getInfo": ["system-out"],
        GET + "getTags": ["failure"],  # expected, but denied
        GET + "getFlows": ["error"],  # expected, but open
        POST + "createTag": ["skipped"],
        POST + "removeTag": ["skipped"],
        POST + "removeTagByName": ["skipped"],
        "POST /fb/sending/sendContent": ["system-out"],  # an extra one does not fail by default
        "GET /fb/subscriber/findByCustomField": ["skipped"],
        "deadline": ["error"],
    }


@pytest.mark.parametrize(
    "fail_on", [(), ("missing",), ("extra",), ("inconclusive",), ("missing", "extra", "inconclusive")]
)
@pytest.mark.parametrize("expectation", [None, AWKWARD.expectation])
@pytest.mark.parametrize("verdict", KEY_VERDICTS)
def test_junit_agrees_with_the_exit_code(
    verdict: str, expectation: Expectation | None, fail_on: tuple[str, ...]
) -> None:
    assert AWKWARD.key is not None
    report = replace(
        AWKWARD, key=replace(AWKWARD.key, verdict=verdict), expectation=expectation, fail_on=fail_on, errors=()
    )
    root = ET.fromstring(FORMATS["junit"].render(report, PLAIN, 80))  # noqa: S314  # just made
    worst = 1 if int(root.get("failures", "")) else 3 if int(root.get("errors", "")) else 0
    assert worst == report.exit_code


def test_reports_of_runs_that_never_began() -> None:
    report = ProbeReport(base_url="http://x", errors=(Failure("no-key", "there is none", "add one"),), failed=4)
    assert report.exit_code == 4
    for name, format_ in FORMATS.items():
        text = format_.render(report, PLAIN, 80)
        assert "there is none" in text or name == "junit", name
    assert "no-key" in FORMATS["junit"].render(report, PLAIN, 80)


def test_github_shows_ten_annotations_of_a_kind_and_says_so() -> None:
    scopes = tuple(
        ScopeResult(f"GET /fb/page/get{number}", "page", False, "denied", "", "", 401, "Wrong access token", 1)
        for number in range(15)
    )
    names = tuple(result.scope for result in scopes)
    report = replace(AWKWARD, scopes=scopes, expectation=Expectation(names, names, ()), changes=None, errors=())
    text = FORMATS["github"].render(report, PLAIN, 80)
    assert text.count("\n::error ") == 10
    assert "GitHub shows 10 annotations of a kind per step: 5 findings above have none." in text
