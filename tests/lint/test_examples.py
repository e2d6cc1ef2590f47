"""What each rule's documentation shows, and the cases in cases/: what is reported where, and how it is fixed."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

import tests.lint.cases
from mcapp.lint import rules
from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
from mcapp.lint.model import EVIDENCE, SAFE, SEVERITIES, UNSAFE, Example, Rule
from mcapp.lint.rules import ALL
from tests.lint.cases import Alone, Cases

CASES: Cases = {}
for module in iter_modules(tests.lint.cases.__path__):
    CASES |= import_module(f"tests.lint.cases.{module.name}").CASES
EXAMPLES = [
    pytest.param(rule, Alone(example) if isinstance(example, str) else example, id=f"{rule.code}-{number}")
    for rule in ALL
    for number, example in enumerate(
        (Alone(rule.right, rule.wrong.placeholders), rule.wrong, *CASES.get(rule.name, ()))
    )
]
GOOD = [example for example in EXAMPLES if isinstance(example.values[1], Alone)]
BAD = [example for example in EXAMPLES if isinstance(example.values[1], Example)]
FIXED = [case for case in BAD if case.values[1].fixed is not None]  # type: ignore[union-attr]  # an Example


def raw(text: str) -> bytes:
    # An example of stray bytes writes them as surrogates, as Python itself does.
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_a_good_example_is_left_alone(rule: Rule, example: Alone) -> None:
    findings = check(read(raw(example.text)), Settings(placeholders=example.placeholders)).findings
    assert [f for f in findings if f.rule == rule.code] == []


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_a_bad_example_is_found_in_its_places(rule: Rule, example: Example) -> None:
    findings = check(read(raw(example.text)), Settings(placeholders=example.placeholders)).findings
    own = [f for f in findings if f.rule == rule.code]
    assert [f.pointer if isinstance(example.at, str) else (f.line, f.column) for f in own] == [example.at]
    others = [f"{f.rule} {f.name}: {f.message}" for f in findings if f.rule != rule.code and f.severity == "error"]
    assert others == [], "an example shows one mistake"


@pytest.mark.parametrize(("rule", "example"), FIXED)
def test_the_fix_leaves_what_the_documentation_says(rule: Rule, example: Example) -> None:
    settings = Settings(rules=(rule,), placeholders=example.placeholders)
    document = read(raw(example.text))
    fixed = fix(document, settings, unsafe=rule.fix == UNSAFE)
    assert fixed.document.text == example.fixed
    assert fixed.findings == ()
    again = fix(fixed.document, settings, unsafe=True)
    assert again.document.raw == fixed.document.raw


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)
class TestTheTable:
    def test_code_and_name(self, rule: Rule) -> None:
        assert re.fullmatch(r"MC\d{3}", rule.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)

    def test_documentation(self, rule: Rule) -> None:
        assert re.fullmatch(r"[A-Z`].{10,110}\.", rule.summary), "one sentence, shown in a table"
        assert len(rule.why) > 40
        assert rule.source

    def test_an_error_rests_on_more_than_a_guess(self, rule: Rule) -> None:
        assert rule.severity in SEVERITIES
        assert rule.evidence
        assert set(rule.evidence) <= set(EVIDENCE)
        if rule.severity == "error":
            assert set(rule.evidence) & set("DSRCX")

    def test_a_fix_is_declared_and_shown(self, rule: Rule) -> None:
        assert rule.fix in (None, SAFE, UNSAFE)
        shown = (rule.wrong, *CASES.get(rule.name, ()))
        assert (rule.fix is not None) == any(isinstance(each, Example) and each.fixed is not None for each in shown)


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in ALL}) == len({rule.name for rule in ALL}) == len(ALL)


def test_every_file_is_listed_and_every_case_has_a_rule() -> None:
    files = {f"mcapp.lint.rules.{module.name}" for module in iter_modules(rules.__path__)} - {rules.samples.__name__}
    assert {module.__name__ for module in rules.MODULES} == files, "MODULES in mcapp/lint/rules/__init__.py"
    assert CASES.keys() <= {rule.name for rule in ALL}
