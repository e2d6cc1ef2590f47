"""Where the reports of a run go, and how an error gets into them: the same for every command."""

from pathlib import Path

import pytest

from tests.harness import Cli

UNWRITABLE = ("--output-format", "json=missing/report.json")


@pytest.fixture(autouse=True)
def _document() -> None:
    Path("app.json").write_text('{"request": {"url": "https://example.com/x"}}')


def test_a_report_that_cannot_be_written_does_not_take_the_others_away(cli: Cli) -> None:
    result = cli("validate", "app.json", "--output-format", "text", *UNWRITABLE, "--output-format", "sarif=out.sarif")
    assert result.code == 2
    assert "in 1 file" in result.out
    assert "missing/report.json cannot be written" in result.err
    assert '"results"' in Path("out.sarif").read_text()


def test_stdout_is_one_document_that_says_what_could_not_be_written(cli: Cli) -> None:
    result = cli("validate", "app.json", "--output-format", "jsonl", *UNWRITABLE)
    assert (result.code, result.err, len(result.out.splitlines())) == (2, "", 1)
    assert '"code": "unwritable"' in result.out


def test_quiet_silences_what_people_read_alone(cli: Cli) -> None:
    assert cli("validate", "app.json", "-q").out == ""
    assert cli("validate", "app.json", "-q", "--output-format", "concise").out == ""
    assert cli("validate", "app.json", "-q", "--json").json()["files"]
