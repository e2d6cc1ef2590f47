"""The rules on shape: their sentences, and what their fixes refuse to touch."""

import json
from typing import Any

import pytest

from mcapp.appjson.facts import Facts
from mcapp.document import pointer
from mcapp.lint.check import Checked, Settings, check, read
from mcapp.lint.fix import fix
from mcapp.lint.model import Problem, Rules
from mcapp.lint.rules import ALL, mc1_shape
from tests.appjson.mutants import FULL, mutants
from tests.appjson.test_app_schema import REMOVED, changed
from tests.lint.findings_of import app, auth

# MC1xx, whichever file they are in.
RULES = tuple(rule for rule in ALL if rule.code.startswith("MC1"))


def problems(text: str, kind: str | None = None, rules: Rules = RULES) -> list[Problem]:
    facts = Facts(read(text.encode()), kind)
    return [problem for rule in rules for problem in rule.check(facts)]


def only(where: str, value: Any) -> Problem:
    (problem,) = problems(json.dumps(changed(where, value), indent=2))
    return problem


@pytest.mark.parametrize(
    ("where", "value", "message", "advice"),
    [
        ("", [], "the document must be an object, not an array", "write an object here"),
        ("", None, "the document must be an object, not `null`", "write an object here"),
        ("/auth", "x" * 99, "`auth` must be an object or null, not a string", "write an object here"),
        ("/auth/type", True, "`type` must be a string, not `true`", "write it in quotes"),
        ("/auth/params", {"a": 1}, "`params` must be an array, not an object", "put it in square brackets: `[{…}]`"),
        ("/auth/params/0", 7, "an entry of `params` must be an object, not the number `7`", "write an object here"),
        (
            "/auth/connection",
            [{}],
            "`connection` must be an object, not an array",
            "remove the square brackets around the object",
        ),
        (
            "/auth/connection/qs/lang",
            None,
            "`lang` must be a string, a number or a boolean, not `null`",
            "write a string, or remove `lang`",
        ),
        ("/actions/0/title", 10**30, "`title` must be a string, not a number", "write it in quotes"),
        ("/actions/0/forms", None, "`forms` must be an array, not `null`", "write an array, or remove `forms`"),
        (
            "/actions/0/requests/0/headers",
            {"A": "b"},
            'the `headers` of a request must be an array of "Name: value" strings, not an object',
            'write each header as a string, such as `["Content-Type: application/json"]`',
        ),
        (
            "/actions/0/requests/0/headers/0",
            {"A": "b"},
            'the `headers` of a request must be an array of "Name: value" strings, not an array of objects',
            'write each header as a string, such as `["Content-Type: application/json"]`',
        ),
        (
            "/auth/connection/headers",
            ["A: b"],
            "the `headers` of `connection` must be an object, not an array",
            'write each header as a member, such as `{"Accept-Language": "en"}`',
        ),
        ("/actions", [], "`actions` is empty", "add at least one action with `name`, `title` and `requests`"),
        (
            "/actions/0/forms/0/name",
            REMOVED,
            "the form field has no `name`",
            'give it a name that is unique in its list, such as `"name": "email"`',
        ),
        (
            "/triggers/0/context/0/name",
            REMOVED,
            "the context entry has no `name`",
            'give it a name that is unique in its list, such as `"name": "email"`',
        ),
        (
            "/note",
            1,
            "`note` is not a known key of the App JSON",
            "known keys: `auth`, `actions`, `sources` and `triggers`",
        ),
        ("/params", [], "`params` is not a known key of the App JSON", "`params` belongs in `auth`"),
        ("/auth/qs", {}, "`qs` belongs in `connection`, but is in `auth`", "move it into `connection`"),
        (
            "/actions/0/payload",
            {"a": "b"},
            "`payload` belongs in the request, but is in the action",
            "move it into the request",
        ),
        ("/actions/0/qs", {}, "`qs` is not a known key of the action", "`qs` belongs in `connection`"),
        ("/" + "x" * 80, 1, f"`{'x' * 59}…` is not a known key of the App JSON", None),
        ("/Sources", [], "`Sources` is not a known key of the App JSON", None),
        ("/actions/0/forms/0/Source", "x", "`Source` is probably a misspelling of `source`", "rename it to `source`"),
        ("/auth/type", "OAUTH", "`OAUTH` is not a known type of `auth`", "the known type is `APIKEY`"),
        (
            "/actions/0/forms/0/type",
            "checkbox",
            "`checkbox` is not a known type of the form field",
            "known types: `string`, `number` and `select`",
        ),
    ],
)
def test_sentences(where: str, value: Any, message: str, advice: str | None) -> None:
    problem = only(where, value)
    assert problem.message == message
    assert advice is None or problem.help == advice


def test_a_misspelt_key_in_place_of_a_missing_one() -> None:
    data = changed("/actions/0/requests/0/url", REMOVED)
    data["actions"][0]["requests"][0]["URL"] = "https://example.com"
    (problem,) = problems(json.dumps(data))
    assert problem.message == "`URL` is probably a misspelling of `url`"
    assert problem.help == "ManyChat does not know it; rename it to `url`"
    assert (problem.path, problem.severity) == (("actions", 0, "requests", 0, "URL"), "error")
    assert problem.fix is not None


@pytest.mark.parametrize(
    "headers",
    [
        '{"A": "b", // why\n "C": "d"}',
        '{"A": "b", "A": "c"}',
        '{"A": "b",}',
        '{"A": null}',
        '{"A": ["b", "c"]}',
        '{"A b:": "c"}',
    ],
)
def test_headers_are_not_rewritten_where_something_would_be_lost(headers: str) -> None:
    text = f'{{"request": {{"url": "https://example.com", "method": "GET", "headers": {headers}}}}}'
    (problem,) = problems(text, "request", (mc1_shape.headers_not_a_list,))
    assert problem.fix is None


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ("/auth/params", {"email": "Your e-mail"}),  # in brackets it would still be no param
        ("/actions/0/forms/0", [{"name": "x"}]),
        ("/auth/type", True),
        ("/auth/request", None),
        ("/actions/0/requests/0/mapping", "$.id"),
    ],
)
def test_a_type_is_not_fixed_by_guessing(where: str, value: Any) -> None:
    assert only(where, value).fix is None


def test_every_issue_is_reported_by_the_rule_of_its_name() -> None:
    names = {rule.name for rule in RULES}
    seen = set()
    for data in mutants(400, 11):
        facts = Facts(read(json.dumps(data).encode()), "app")
        issues = [issue for found in facts.issues.values() for issue in found]
        seen |= {issue.rule for issue in issues}
        problems = [(rule.name, problem) for rule in RULES for problem in rule.check(facts)]
        found = [(name, problem.path) for name, problem in problems if not problem.message.endswith(" is empty")]
        found += [
            (name, problem.path)
            for name, problem in problems
            if problem.message in ("`actions` is empty", "`requests` is empty")
        ]
        assert sorted(found, key=repr) == sorted(((issue.rule, issue.path) for issue in issues), key=repr)
        assert all(facts.document.has(path) for _, path in found if path is not None)
    assert seen == names


def test_fixes_make_nothing_worse_and_come_to_an_end() -> None:
    settings = Settings(rules=RULES)

    def errors(checked: Checked) -> int:
        return sum(finding.severity == "error" for finding in checked.findings)

    for data in mutants(150, 5):
        document = read(json.dumps(data, indent=1).encode())
        assert errors(fix(document, settings)) <= errors(check(document, settings))
        fixed = fix(document, settings, unsafe=True).document
        assert fix(fixed, settings, unsafe=True).document.raw == fixed.raw


def test_pointers_lead_to_the_place_at_fault() -> None:
    found = {
        rule.name: pointer(problem.path or ())
        for rule in RULES
        for problem in rule.check(Facts(read(json.dumps({"actions": [{"Titel": 5, "x": 1}]}).encode())))
    }
    assert found == {
        "missing-name": "/actions/0",
        "misspelt-key": "/actions/0/Titel",
        "missing-requests": "/actions/0",
        "missing-description": "/actions/0",
        "missing-auth": "",
        "unknown-key": "/actions/0/x",
    }


def test_the_whole_document_is_clean() -> None:
    assert problems(json.dumps(FULL)) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("request", "reqeust"), ("auth", "auht"), ("headers", "header"), ("url", "urll"), ("params", "parms")],
)
def test_a_misspelt_key_on_the_way_of_the_key_is_an_error(right: str, wrong: str) -> None:
    text = json.dumps(app(params=("email",))).replace(f'"{right}":', f'"{wrong}":', 1)
    document = read(text.encode())
    (error,) = (each for each in check(document).findings if each.severity == "error")
    assert (error.rule, error.pointer is not None and error.pointer.endswith(f"/{wrong}")) == ("MC109", True)
    assert fix(document, Settings()).document.text == text.replace(f'"{wrong}":', f'"{right}":')


def test_the_key_on_a_second_way_or_nothing_lost_is_a_warning() -> None:
    twice = auth(payload={"key": "{{app_token}}"})
    twice["auth"]["request"]["header"] = twice["auth"]["request"].pop("headers")
    (finding,) = (each for each in check(read(json.dumps(twice).encode())).findings if each.rule == "MC109")
    assert finding.severity == "warning"


def test_a_name_under_a_misspelt_key_is_declared() -> None:
    data = auth(payload={"a": "[[email]]", "b": "[[other]]"}, url="https://example.com/{{page_id}}")
    data["auth"]["params"] = [{"nme": "email"}, {"Name": "page_id"}]
    found = {each.name for each in check(read(json.dumps(data).encode())).findings if each.severity != "note"}
    assert found >= {"misspelt-key", "undeclared-placeholder", "param-named-like-system-value"}
