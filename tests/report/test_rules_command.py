"""`mcapp rules`: the list, the explanation of each rule, and both as JSON."""

import json
import re
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.lint.model import EVIDENCE, Rule
from mcapp.lint.rules import ALL
from tests.harness import Cli

each_rule = pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.code)


def fits(document: object) -> None:
    schema: dict[str, Any] = json.loads(schemas.text("rules"))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(document)


def test_a_pipe_gets_a_line_for_each_rule(cli: Cli) -> None:
    result = cli("rules")
    assert (result.code, result.err) == (0, "")
    rows = [re.split("  +", line) for line in result.out.splitlines() if line.startswith("MC")]
    assert [(*row[:3], row[-1]) for row in rows] == [(one.code, one.name, one.severity, one.summary) for one in ALL]


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_a_terminal_gets_rows_that_fit(cli: Cli, columns: int) -> None:
    result = cli("rules", "--color", "never", terminal=True, env={"COLUMNS": str(columns)})
    assert max(map(len, result.out.splitlines())) <= columns
    words = " ".join(result.out.split())
    assert all(rule.name in words and rule.summary in words for rule in ALL) or columns == 140
    assert "mcapp rules CODE" in result.err


@each_rule
def test_every_rule_is_explained(rule: Rule, cli: Cli) -> None:
    result = cli("rules", rule.code)
    assert (result.code, result.err) == (0, "")
    words = " ".join(result.out.split())
    assert result.out.startswith(f"{rule.code} {rule.name}\n{rule.severity}")
    for text in (rule.summary, rule.why, rule.source, rule.url, *(EVIDENCE[letter] for letter in rule.evidence)):
        assert " ".join(text.split()) in words
    wrong = result.out.partition("\nWrong\n")[2].partition("\n\n")[0]
    assert "^" in wrong, "the place is underlined"
    assert ("fixed by mcapp validate" in words) == (rule.fix is not None)


@each_rule
def test_json_says_everything(rule: Rule, cli: Cli) -> None:
    result = cli("rules", rule.name, "--json")
    document = result.json()
    fits(document)
    (only,) = document["rules"]
    assert only["code"] == rule.code
    assert [one["grade"] for one in only["evidence"]] == list(rule.evidence)
    assert [len(one["at"]) for one in only["bad"]] == [1]
    assert [one["text"] for one in only["good"]] == [rule.right]


def test_the_whole_list_as_json(cli: Cli) -> None:
    document = cli("rules", "--output-format", "json").json()
    fits(document)
    assert [rule["code"] for rule in document["rules"]] == [rule.code for rule in ALL]
    assert document["errors"] == []


@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_case_does_not_matter(cli: Cli, change: Any) -> None:
    rule = ALL[0]
    assert cli("rules", change(rule.code)).out == cli("rules", change(rule.name)).out == cli("rules", rule.code).out
    assert cli("rules", change(f"{rule.code} {rule.name}")).out == cli("rules", rule.code).out, "as it is shown"


def test_a_beginning_that_fits_one_rule_explains_it(cli: Cli) -> None:
    names = [rule.name for rule in ALL]
    rule = next(rule for rule in ALL if sum(name.startswith(rule.name[:-1]) for name in names) == 1)
    assert cli("rules", rule.name[:-1]).out == cli("rules", rule.code).out


def test_a_beginning_that_fits_several_lists_them(cli: Cli) -> None:
    result = cli("rules", "mc0")
    assert [line[:5] for line in result.out.splitlines()[1:]] == [
        rule.code for rule in ALL if rule.code.startswith("MC0")
    ]


def test_a_typo_is_told_with_what_was_meant(cli: Cli) -> None:
    name = ALL[0].name
    result = cli("rules", f"{name}x")
    assert (result.code, result.out) == (2, "")
    assert f"unknown rule '{name}x'" in result.err
    assert f"did you mean {name}?" in result.err


def test_an_unknown_rule_as_json(cli: Cli) -> None:
    result = cli("rules", "MC999", "--json")
    assert result.code == 2
    document = result.json()
    fits(document)
    assert document["rules"] == []
    assert document["errors"][0]["code"] == "usage"


def test_what_looks_like_a_key_is_not_repeated(cli: Cli) -> None:
    key = "q7" * 16
    for more in ((), ("--json",)):
        result = cli("rules", key, *more)
        assert result.code == 2
        assert key not in result.out + result.err


def test_an_example_on_one_line_is_spread_over_several(cli: Cli) -> None:
    out = cli("rules", "MC212").out
    assert '\n  {\n    "request": {\n      "url": "https://example.com/hook",\n' in out
    assert not [line for line in out.splitlines() if line.startswith(" ") and len(line) > 100]
