"""What the reports' tests share."""

import pytest

from tests.report import awkward


@pytest.fixture
def sample_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rules instead of the real ones, so that golden files do not change with every sentence of a rule."""
    monkeypatch.setattr("mcapp.lint.rules.ALL", awkward.RULES)
