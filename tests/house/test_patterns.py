"""Regular expressions that every supported Python reads alike."""

import ast
import re

import pytest

from tests.harness import ROOT

# A possessive quantifier on a group: Python before 3.11.5 (Debian 12 has 3.11.2) keeps what the group had taken before
# it failed, so that `1(?:e\d)?+` matches the "1e" of "1e" (python/cpython#106052). `(?>(?:e\d)?)` says the same and is
# right everywhere; a possessive quantifier on a single character or class is right too.
_ON_A_GROUP = re.compile(r"(?<!\\)\)(?:[?*+]|\{[\d,]+\})\+")


def literals() -> list[tuple[str, str]]:
    found = []
    for path in sorted((ROOT / "mcapp").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append((f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node.value))
    return found


def test_no_group_is_possessive() -> None:
    wrong = [where for where, text in literals() if _ON_A_GROUP.search(text)]
    assert not wrong, "write (?>…) instead:\n" + "\n".join(wrong)


@pytest.mark.parametrize(("pattern", "fine"), [(r"(?:e\d)?+", False), (r"(a|b)*+", False), (r"(?>(?:e\d)?)", True)])
def test_what_is_looked_for(pattern: str, fine: bool) -> None:
    assert (not _ON_A_GROUP.search(pattern)) is fine
