"""`json` and `jsonl` are what schemas/report.schema.json says."""

import json
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.errors import Failure
from mcapp.report import FORMATS
from mcapp.report.result import Report
from mcapp.terminal.console import Style
from tests.report import awkward

pytestmark = pytest.mark.usefixtures("sample_rules")

SCHEMA: dict[str, Any] = json.loads(schemas.text("report"))
REPORTS = {
    "awkward": awkward.report(),
    "clean": awkward.clean(),
    "nothing": Report(),
    "failed": Report(errors=(Failure("internal", "mcapp itself failed"),)),
    "interrupted": Report(errors=(Failure("interrupted", "interrupted"),), interrupted=True),
    "warnings-fail": awkward.report()._replace(fail_on="warning", errors=()),
}


def rendered(name: str, report: Report) -> str:
    return FORMATS[name].render(report, Style(on=True), 80)


def valid(document: object, schema: dict[str, Any]) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)


def undescribed(value: object, schema: Any) -> list[str]:
    """The keys in `value` that `schema` has no property for."""
    while "$ref" in schema:
        target = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        own = {key: inner for key, inner in schema.items() if key != "$ref"}
        schema = {**target, **own, "properties": {**target.get("properties", {}), **own.get("properties", {})}}
    if isinstance(value, dict):
        known = schema.get("properties", {})
        more = [key for key in value if key not in known]
        return more + [key for name, inner in value.items() if name in known for key in undescribed(inner, known[name])]
    if isinstance(value, list):
        return [key for inner in value for key in undescribed(inner, schema["items"])]
    return []


def test_the_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_json_fits_the_schema(report: Report) -> None:
    document = json.loads(rendered("json", report))
    valid(document, SCHEMA)
    assert undescribed(document, SCHEMA) == []


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_every_line_fits_its_definition(report: Report) -> None:
    *findings, summary = [json.loads(line) for line in rendered("jsonl", report).splitlines()]
    for kind, line in [*(("findingLine", line) for line in findings), ("summaryLine", summary)]:
        schema = {**SCHEMA, "$ref": f"#/$defs/{kind}", "required": [], "properties": {}}
        valid(line, schema)
        assert undescribed(line, {"$ref": f"#/$defs/{kind}"}) == []


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_jsonl_says_what_json_says(report: Report) -> None:
    whole = json.loads(rendered("json", report))
    lines = [json.loads(line) for line in rendered("jsonl", report).splitlines()]
    assert [line.pop("type") for line in lines] == ["finding"] * len(report.findings) + ["summary"]
    assert {**lines[-1], "findings": lines[:-1], "suppressed": []} == whole


def test_the_keys_and_their_order_are_the_published_ones() -> None:
    document = json.loads(rendered("json", awkward.report()))
    assert list(document) == [
        "schema_version",
        "command",
        "ok",
        "summary",
        "files",
        "findings",
        "suppressed",
        "warnings",
        "errors",
    ]
    assert list(document["summary"]) == ["files", "error", "warning", "note", "suppressed", "fixable"]
    assert list(document["files"][0]) == ["path", "kind", "readable"]
    assert list(document["errors"][0]) == ["code", "path", "message", "hint"]
    for finding in document["findings"]:
        assert list(finding) == [
            "rule", "name", "severity", "message", "help", "url", "path", "pointer",
            "line", "column", "end_line", "end_column", "related", "fix",
        ]  # fmt: skip


def test_counts_and_ok_follow_the_findings() -> None:
    document = json.loads(rendered("json", awkward.report()))
    severities = [finding["severity"] for finding in document["findings"]]
    assert {name: document["summary"][name] for name in ("error", "warning", "note")} == {
        name: severities.count(name) for name in ("error", "warning", "note")
    }
    assert document["summary"]["fixable"] == sum(finding["fix"] is not None for finding in document["findings"]) == 3
    assert document["ok"] is False
    assert json.loads(rendered("json", awkward.clean()))["ok"] is True


@pytest.mark.parametrize("name", ["json", "jsonl", "sarif"])
def test_machine_formats_are_plain_ascii(name: str) -> None:
    text = rendered(name, awkward.report())
    assert text.isascii()
    assert "\x1b" not in text


def test_ruined_reports_do_not_fit_the_schema() -> None:
    # The tests above would be worth nothing if the schema accepted anything.
    good = json.loads(rendered("json", awkward.report()))
    for path, value in (
        (("findings", 0, "line"), 0),
        (("findings", 0, "rule"), "203"),
        (("findings", 0, "pointer"), "auth"),
        (("findings", 0, "fix", "safety"), "maybe"),
        (("findings", 1, "related", 0, "column"), None),
        (("files", 0, "kind"), "page"),
        (("summary", "error"), -1),
        (("schema_version",), 2),
    ):
        bad = json.loads(json.dumps(good))
        *parents, last = path
        target = bad
        for key in parents:
            target = target[key]
        target[last] = value
        with pytest.raises(jsonschema.ValidationError):
            valid(bad, SCHEMA)
