"""The rules on text: every defect of the reader becomes one finding, in its own place, with the fix that it has."""

import random
from time import process_time

import pytest

from mcapp.appjson.facts import Facts
from mcapp.document import Document
from mcapp.document.places import Edit, Span
from mcapp.lint.check import Settings, read
from mcapp.lint.fix import fix
from mcapp.lint.model import SAFE, UNSAFE, Problem, Rule
from mcapp.lint.rules import ALL
from mcapp.lint.rules.samples import APP

RULES = {rule.name: rule for rule in ALL if rule.code.startswith("MC0")}

# Made like the sample of ManyChat's help article as it is copied around: a fragment with comments, whose headers and
# last two braces were lost.
PASTED = """\
"request": {
    "url": "https://example.com/install",
    "method": "POST",
    "headers": [
      "Content-Type: application/json",
      "x-token-header: {{app_token}}"      // in the headers
    "mapping": [],
    "payload": {
      "app_token": "{{app_token}}"         // or in the payload
"""


def found(document: Document) -> list[tuple[Rule, Problem]]:
    facts = Facts(document)
    return [(rule, problem) for rule in RULES.values() for problem in rule.check(facts)]


def test_severities_and_fixes_are_those_of_the_contract() -> None:
    assert {rule.name: (rule.severity, rule.fix) for rule in RULES.values()} == {
        "invalid-json": ("error", UNSAFE),
        "comment": ("error", SAFE),
        "trailing-comma": ("error", SAFE),
        "unclosed-bracket": ("error", UNSAFE),
        "typographic-quote": ("error", UNSAFE),
        "wrong-encoding": ("error", None),
        "not-a-number": ("error", None),
        "missing-braces": ("error", UNSAFE),
        "too-deep": ("error", None),
        "too-large": ("error", None),
        "byte-order-mark": ("warning", SAFE),
        "duplicate-key": ("warning", None),
    }


def test_a_clean_file_has_none() -> None:
    document = read(APP.encode())
    assert document.defects == ()
    assert found(document) == []


def test_a_defect_is_handed_on_unchanged() -> None:
    document = read(b"\xef\xbb\xbf" + APP.encode())
    ((rule, problem),) = found(document)
    (defect,) = document.defects
    assert rule.name == "byte-order-mark"
    assert (problem.path, problem.span, problem.message, problem.help) == (None, Span(0, 1), defect.cause, defect.help)
    assert problem.fix is not None
    assert problem.fix.edits == (Edit(0, 1, ""),)


def test_a_key_that_comes_twice_has_a_pointer_and_a_second_place() -> None:
    document = read(b'{"auth": {}, "actions": [], "auth": null}')
    ((rule, problem),) = found(document)
    assert rule.name == "duplicate-key"
    assert (problem.path, problem.key, problem.fix) == (("auth",), True, None)
    assert problem.span is not None
    places = [problem.span, *(label.span for label in problem.related)]
    assert {document.text[span.start : span.end] for span in places if span} == {'"auth"'}
    assert len(set(places)) == 2


def test_the_pasted_sample() -> None:
    document = read(PASTED.encode())
    assert sorted(rule.name for rule, _ in found(document)) == [
        "comment",
        "comment",
        "missing-braces",
        "unclosed-bracket",
        "unclosed-bracket",
    ]
    facts = Facts(document)
    assert facts.kind == "request"
    assert facts.issues == {}


@pytest.mark.parametrize("seed", range(150))
def test_every_defect_has_a_rule(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  # test data, no secret
    damaged = list(PASTED if seed % 2 else APP)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(damaged))
        damaged[at : at + rng.randint(0, 3)] = rng.choice(
            ["", "{", "]", '"', "“", "'", ",", "//", "NaN", "\\", "\x00", "\udc80"]
        )
    document = read("".join(damaged).encode("utf-8", "surrogateescape"))
    assert {defect.kind for defect in document.defects} <= set(RULES)
    problems = found(document)
    assert len(problems) == len(document.defects)
    assert {problem.span for _, problem in problems} == {defect.span for defect in document.defects}


def test_fixing_four_times_as_much_takes_four_times_as_long() -> None:
    request = '{"url": "https://example.com/", "headers": ["x-api-key: %032xab12"]}'
    action = f'{{"name": "a%d", "title": "t", "descripton": "x", "requests": [{request}]}}'

    def spent(number: int) -> float:
        text = '{"actions": [' + ", ".join(action % (at, at * 7919) for at in range(number)) + "]}"
        started = process_time()
        assert fix(read(text.encode(), "x"), Settings(), unsafe=True).fixed >= number
        return process_time() - started

    # 4.7 times as long where nothing else runs; what else runs may spoil one measurement.
    assert any(spent(600) < 7 * spent(150) for _ in range(3))


def test_thousands_of_slips_are_all_fixed_and_a_report_shows_a_hundred() -> None:
    action = '{"name": "a", "title": "t", "requests": [{"headers": [1,],},],}'
    text = f'{{"actions": [{", ".join([action] * 350)}]}}'
    document = read(text.encode(), "x")
    assert len(document.defects) == 100
    fixed = fix(document, Settings())
    assert fixed.fixed >= 1400
    assert fixed.document.defects == ()
    hopeless = read(b'{"actions": [' + b"?, " * 500 + b"]}", "x")
    assert len(fix(hopeless, Settings()).document.defects) == 100
