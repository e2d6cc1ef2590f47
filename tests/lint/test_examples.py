"""Every rule's documentation is its test: the good examples, the bad ones, the fixes, and the table as a whole."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest

from mcapp.lint import rules
from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
from mcapp.lint.model import EVIDENCE, SAFE, SEVERITIES, UNSAFE, Bad, Good, Rule
from mcapp.lint.rules import ALL

GOOD = [pytest.param(rule, good, id=f"{rule.code}-{n}") for rule in ALL for n, good in enumerate(rule.good)]
BAD = [pytest.param(rule, bad, id=f"{rule.code}-{n}") for rule in ALL for n, bad in enumerate(rule.bad)]
FIXED = [case for case in BAD if case.values[1].fixed is not None]  # type: ignore[union-attr]  # a Bad


def raw(text: str) -> bytes:
    # An example of stray bytes writes them as surrogates, as Python itself does.
    return text.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize(("rule", "example"), GOOD)
def test_a_good_example_is_left_alone(rule: Rule, example: Good) -> None:
    findings = check(read(raw(example.text)), Settings(kind=example.kind, placeholders=example.placeholders)).findings
    assert [f for f in findings if f.rule == rule.code] == []


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_a_bad_example_is_found_in_its_places(rule: Rule, example: Bad) -> None:
    findings = check(read(raw(example.text)), Settings(kind=example.kind, placeholders=example.placeholders)).findings
    own = [f for f in findings if f.rule == rule.code]
    places = tuple(
        f.pointer if isinstance(at, str) else (f.line, f.column) for f, at in zip(own, example.at, strict=False)
    )
    assert (len(own), places) == (len(example.at), example.at)
    others = [f"{f.rule} {f.name}: {f.message}" for f in findings if f.rule != rule.code and f.severity == "error"]
    assert others == [], "an example shows one mistake"


@pytest.mark.parametrize(("rule", "example"), FIXED)
def test_the_fix_leaves_what_the_documentation_says(rule: Rule, example: Bad) -> None:
    settings = Settings(rules=(rule,), kind=example.kind, placeholders=example.placeholders)
    document = read(raw(example.text))
    fixed = fix(document, settings, unsafe=rule.fix == UNSAFE)
    assert fixed.document.text == example.fixed
    assert fixed.checked.findings == ()
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
        assert rule.good
        assert rule.bad

    def test_an_error_rests_on_more_than_a_guess(self, rule: Rule) -> None:
        assert rule.severity in SEVERITIES
        assert rule.evidence
        assert set(rule.evidence) <= set(EVIDENCE)
        if rule.severity == "error":
            assert set(rule.evidence) & set("DSRCX")

    def test_a_fix_is_declared_and_shown(self, rule: Rule) -> None:
        assert rule.fix in (None, SAFE, UNSAFE)
        assert (rule.fix is not None) == any(bad.fixed is not None for bad in rule.bad)


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in ALL}) == len({rule.name for rule in ALL}) == len(ALL)


def test_every_rule_that_a_family_defines_is_in_its_tuple() -> None:
    missing = [
        f"add {name} to RULES in mcapp/lint/rules/{module.name}.py"
        for module in iter_modules(rules.__path__)
        for name, value in vars(import_module(f"mcapp.lint.rules.{module.name}")).items()
        if isinstance(value, Rule) and value not in ALL
    ]
    assert not missing, "\n".join(missing)
