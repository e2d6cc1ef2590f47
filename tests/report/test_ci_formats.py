"""azure, gitlab, junit, markdown and rdjson, each against its own definition."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from mcapp.document import apply, read
from mcapp.errors import Failure
from mcapp.lint.check import check
from mcapp.report import FORMATS
from mcapp.report.annotations import Annotation, azure
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Style
from tests.harness import Cli
from tests.report import awkward

CORPUS = sorted((Path(__file__).parent.parent / "corpus" / "bad").glob("*.json"))
# What outsiders can write into a file, a name or an answer to break out of a report.
NASTY = "a|b\n| x |\r<b>&amp;`c\\` ##vso[task.complete result=Failed;]done;]%0A%AZP25 \x1b[31m\ufffe]]> \U0001f600"


def of(text: bytes, name: str = "app.json", fail_on: str = "error") -> Report:
    document = read(text, name)
    findings = check(document).findings
    return Report((FileResult(name, "app", readable=True),), findings, (), {name: document}, fail_on)


def render(name: str, report: Report) -> str:
    return FORMATS[name].render(report, Style(on=False), 80)


def nasty() -> Report:
    first, *others = awkward.report().findings
    findings = (first._replace(message=NASTY, help=NASTY, pointer=NASTY), *others)
    return awkward.report()._replace(findings=findings, errors=(Failure("odd", NASTY, NASTY, f"x{NASTY}"),))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_gitlab_fingerprints_are_unique_and_survive_lines_inserted_above(path: Path) -> None:
    raw = path.read_bytes()
    rows = json.loads(render("gitlab", of(raw)))
    prints = [row["fingerprint"] for row in rows]
    assert len(set(prints)) == len(prints)
    if not raw.startswith(
        (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
    ):  # nothing can be inserted above a byte order mark
        below = json.loads(render("gitlab", of(b"\n" * 10 + raw)))
        assert {row["fingerprint"] for row in below} == set(prints)


def test_gitlab_has_every_field_that_gitlab_requires() -> None:
    rows = json.loads(render("gitlab", awkward.report()))
    assert len(rows) == len(awkward.report().findings) + len(awkward.report().errors)
    for row in rows:
        assert row["description"]
        assert row["check_name"]
        assert re.fullmatch("[0-9a-f]{32}", row["fingerprint"])
        assert row["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert not row["location"]["path"].startswith(("/", "./"))
        assert row["location"]["lines"]["begin"] >= 1


def test_gitlab_paths_are_relative_to_the_repository(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "app.json").write_text("{}")
    monkeypatch.chdir(tmp_path / "apps")
    for given, project in (("app.json", tmp_path), ("./app.json", None)):
        env = {"CI_PROJECT_DIR": str(project) if project else None}
        rows = cli("validate", given, "--output-format", "gitlab", env=env).json()
        assert {row["location"]["path"] for row in rows} == {"apps/app.json" if project else "app.json"}


def test_gitlab_shows_findings_and_unreadable_files(cli: Cli) -> None:
    Path("app.json").write_text("{}")
    result = cli("validate", "app.json", "gone.json", "--output-format", "gitlab")
    assert result.code == 2
    assert result.json()[-1]["severity"] == "blocker"
    assert result.json()[-1]["location"]["path"] == "gone.json"


# What junit-10.xsd, the schema of Jenkins, allows: the children and the attributes (required ones with an exclamation
# mark) of each element.
JUNIT: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"testsuite"}, {"name", "time", "tests", "failures", "errors"}),
    "testsuite": ({"testcase"}, {"name!", "tests!", "failures!", "errors!", "skipped", "time"}),
    "testcase": ({"skipped", "error", "failure", "system-out"}, {"name!", "classname", "time"}),
    "failure": (set(), {"type", "message"}),
    "error": (set(), {"type", "message"}),
    "skipped": (set(), {"type", "message"}),
    "system-out": (set(), set()),
}


def fits_junit(element: ET.Element) -> None:
    children, attributes = JUNIT[element.tag]
    assert {child.tag for child in element} <= children
    assert set(element.keys()) <= {name.rstrip("!") for name in attributes}
    assert {name[:-1] for name in attributes if name.endswith("!")} <= set(element.keys())
    for child in element:
        fits_junit(child)


@pytest.mark.parametrize("report", [awkward.report(), nasty(), awkward.clean(), Report()])
def test_junit_fits_the_schema_and_its_numbers_are_right(report: Report) -> None:
    root = ET.fromstring(render("junit", report))  # noqa: S314  # our own report
    assert root.tag == "testsuites"
    fits_junit(root)
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite)
        assert int(suite.get("failures", "")) == len(suite.findall("*/failure"))
    assert int(root.get("errors", "")) == len(report.errors)


def test_junit_fails_what_makes_the_run_fail() -> None:
    raw = CORPUS[-1].read_bytes()
    for fail_on in ("error", "warning", "note", "never"):
        report = of(raw, fail_on=fail_on)
        root = ET.fromstring(render("junit", report))  # noqa: S314  # our own report
        assert (root.get("failures") == "0") == report.ok
        assert int(root.get("tests", "")) == len(report.findings)


def test_azure_escapes_the_percent_sign_first() -> None:
    line, end = azure([Annotation("error", "50%;]\r\n%0A", "a;b]%3B\r\n", "")], "end").splitlines()
    assert line == "##vso[task.logissue type=error;code=a%3Bb%5D%AZP253B%0D%0A;]50%AZP25;]%0D%0A%AZP250A"
    assert end == "end"


def test_azure_is_one_command_a_line_whatever_it_says() -> None:
    report = nasty()
    lines = render("azure", report).splitlines()
    assert len(lines) == len(report.findings) + len(report.errors) + 1
    for line in lines[:-1]:
        command = re.fullmatch(r"##vso\[task\.logissue ((?:\w+=[^;\]]*;)+)\](.+)", line)
        assert command, line
        assert command[1].startswith(("type=error;", "type=warning;"))
    assert "##vso" not in lines[-1]


def test_markdown_stays_one_table() -> None:
    report = nasty()
    lines = render("markdown", report).split("\n")
    rows = [number for number, line in enumerate(lines) if line.startswith("|")]
    assert rows == list(range(rows[0], rows[0] + len(report.findings) + 2))
    assert {lines[number].count("|") for number in rows} == {4}, rows
    text = "\n".join(lines)
    assert "<b>" not in text


def column(text: str, line: int, bytes_before: int) -> int:
    """The offset in `text` of a place that counts bytes."""
    lines = text.split("\n")
    before = sum(len(one) + 1 for one in lines[: line - 1])
    return before + len(lines[line - 1].encode()[: bytes_before - 1].decode())


def edit(text: str, suggestion: dict[str, Any]) -> str:
    start, end = (
        column(text, place["line"], place["column"])
        for place in (suggestion["range"]["start"], suggestion["range"]["end"])
    )
    return text[:start] + str(suggestion["text"]) + text[end:]


def test_rdjson_columns_count_bytes_and_suggestions_are_the_fixes() -> None:
    text = '{"é😀": 1, "actions": [], "description": "é", "auth": null, // 😀\n "name": "é", }'
    report = of(text.encode())
    document = json.loads(render("rdjson", report))
    assert document["source"]["name"] == "mcapp"
    done = 0
    for finding, row in zip(report.findings, document["diagnostics"], strict=True):
        start = row["location"]["range"]["start"]
        assert column(text, start["line"], start["column"]) == finding.span.start
        assert row["severity"] in ("ERROR", "WARNING", "INFO")
        assert row["code"] == {"value": finding.rule, "url": finding.url}
        for suggestion in row.get("suggestions", []):
            assert finding.fix
            assert edit(text, suggestion) == apply(text, finding.fix.edits)
            done += 1
    assert done >= 2


def test_rdjson_names_what_could_not_be_read() -> None:
    rows = json.loads(render("rdjson", Report(errors=(Failure("missing", "gone", path="./gone.json"),))))["diagnostics"]
    assert rows == [
        {
            "message": "./gone.json: gone",
            "location": {"path": "gone.json"},
            "severity": "ERROR",
            "code": {"value": "missing"},
        }
    ]


@pytest.mark.parametrize("name", ["azure", "gitlab", "junit", "markdown", "rdjson"])
def test_no_key_is_in_a_report(name: str) -> None:
    assert awkward.KEY not in render(name, awkward.report())
