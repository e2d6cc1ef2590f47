"""Each format of the awkward report, byte for byte."""

from pathlib import Path

import pytest

from mcapp.report import FORMATS
from mcapp.terminal.console import Style
from tests.conftest import Golden
from tests.report import awkward

pytestmark = pytest.mark.usefixtures("sample_rules")

GOLDEN = Path(__file__).parent / "golden"


# A format without a row here has its expected output in report.NAME.
FILES = {"text": "text.txt", "concise": "concise.txt", "github": "github.txt"}


@pytest.mark.parametrize(
    ("file", "name", "color", "width"),
    [
        ("text-narrow.txt", "text", False, 40),
        ("text-color.txt", "text", True, 120),
        *((FILES.get(name, f"report.{name}"), name, False, 80) for name in FORMATS),
    ],
)
def test_awkward_report(
    file: str, name: str, color: bool, width: int, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcapp.report.sarif.__version__", "0.0.0")
    golden(GOLDEN / file, FORMATS[name].render(awkward.report(), Style(on=color), width))


def test_job_summary(golden: Golden) -> None:
    golden(GOLDEN / "summary.md", FORMATS["markdown"].render(awkward.report(), Style(on=False), 80))
