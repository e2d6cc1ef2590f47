"""Each format of the awkward report, byte for byte."""

from pathlib import Path

import pytest

from mcapp.report import FORMATS
from mcapp.report.github import github_summary
from mcapp.terminal.console import Style
from tests.conftest import Golden
from tests.report import awkward

pytestmark = pytest.mark.usefixtures("sample_rules")

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    ("file", "name", "color", "width"),
    [
        ("text.txt", "text", False, 80),
        ("text-narrow.txt", "text", False, 40),
        ("text-color.txt", "text", True, 120),
        ("concise.txt", "concise", False, 80),
        ("report.json", "json", False, 80),
        ("report.jsonl", "jsonl", False, 80),
        ("report.sarif", "sarif", False, 80),
        ("github.txt", "github", False, 80),
    ],
)
def test_awkward_report(
    file: str, name: str, color: bool, width: int, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcapp.report.sarif.__version__", "0.0.0")
    golden(GOLDEN / file, FORMATS[name].render(awkward.report(), Style(on=color), width))


def test_job_summary(golden: Golden) -> None:
    golden(GOLDEN / "summary.md", github_summary(awkward.report()))


def test_every_format_has_a_golden_file() -> None:
    parametrized = test_awkward_report.pytestmark[0].args[1]  # type: ignore[attr-defined]  # set by pytest's decorator
    assert {row[1] for row in parametrized} == set(FORMATS)
