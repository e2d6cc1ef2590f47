"""What the reports' tests share."""

import sys
from importlib.util import find_spec
from types import ModuleType

import pytest

from tests.report import awkward


@pytest.fixture
def sample_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rules instead of the real ones, so that golden files do not change with every sentence of a rule."""
    if find_spec("mcapp.lint.rules") is None:  # the real ones are still being written
        module = ModuleType("mcapp.lint.rules")
        monkeypatch.setitem(sys.modules, "mcapp.lint.rules", module)
        monkeypatch.setattr(module, "ALL", awkward.RULES, raising=False)
    else:
        monkeypatch.setattr("mcapp.lint.rules.ALL", awkward.RULES)
