"""Every example of a rule is a test of it: what it reports, where, and what its fix leaves behind."""

import pytest

from mcapp.document import apply, read
from mcapp.lint.model import SEVERITIES, Bad, Good, Rule
from mcapp.lint.rules import (
    actions,
    content_type,
    declared,
    headers,
    method,
    notation,
    placeholders,
    request,
    secrets,
    sources,
    url_parts,
    urls,
)
from mcapp.lint.run import Settings, check

FAMILIES = (actions, content_type, declared, headers, method, notation, placeholders, request, secrets, sources)
RULES: tuple[Rule, ...] = tuple(rule for family in (*FAMILIES, url_parts, urls) for rule in family.RULES)
GOOD = [pytest.param(rule, good, id=f"{rule.code}-{index}") for rule in RULES for index, good in enumerate(rule.good)]
BAD = [pytest.param(rule, bad, id=f"{rule.code}-{index}") for rule in RULES for index, bad in enumerate(rule.bad)]


@pytest.mark.parametrize(("rule", "good"), GOOD)
def test_good_examples_are_left_alone(rule: Rule, good: Good) -> None:
    document = read(good.text.encode(), "good.json")
    found = check(document, Settings(rules=(rule,), kind=good.kind, placeholders=good.placeholders)).findings
    assert found == ()


@pytest.mark.parametrize(("rule", "bad"), BAD)
def test_bad_examples_are_reported_at_their_place_and_nothing_worse_is(rule: Rule, bad: Bad) -> None:
    document = read(bad.text.encode(), "bad.json")
    assert document.valid
    findings = check(document, Settings(kind=bad.kind, placeholders=bad.placeholders)).findings
    assert tuple(found.pointer for found in findings if found.rule == rule.code) == bad.at
    assert {found.rule for found in findings if found.severity == "error"} <= {rule.code}


@pytest.mark.parametrize(("rule", "bad"), BAD)
def test_fixes_leave_what_they_promise(rule: Rule, bad: Bad) -> None:
    settings = Settings(rules=(rule,), kind=bad.kind, placeholders=bad.placeholders)
    document = read(bad.text.encode(), "bad.json")
    edits = [edit for found in check(document, settings).findings if found.fix for edit in found.fix.edits]
    assert (apply(document.text, edits) if edits else None) == bad.fixed
    if bad.fixed is not None:
        assert check(read(bad.fixed.encode(), "fixed.json"), settings).findings == ()


def test_every_rule_is_documented_and_has_more_good_examples_than_none() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.good
        assert rule.bad
        assert rule.summary.endswith(".")
        assert rule.source
        assert rule.severity in SEVERITIES
        assert rule.evidence
        if rule.severity == "error":
            assert set(rule.evidence) - set("IG?"), rule.code
        assert (rule.fix is not None) == any(bad.fixed is not None for bad in rule.bad), rule.code
