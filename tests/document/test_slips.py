"""Slips in the punctuation of an App JSON are repaired by the least edit, and never made into another document."""

import json
from collections import Counter
from functools import cache

import pytest

from mcapp.document import read as read_any
from mcapp.lint.check import Settings, check, choose, read
from mcapp.lint.fix import fix
from tests.benchmarks import slips

GOOD = '{"auth": {"type": "APIKEY", "request": {"url": "https://a.example/x", "headers": [%s], "payload": {"t": "x"}}}}'


@cache
def documents() -> dict[str, str]:
    return dict(slips.documents())


def fixed(text: str) -> str:
    return fix(read(text.encode()), Settings(), unsafe=True).document.text


def test_a_sample_of_single_slips() -> None:
    """`python -m tests.benchmarks.slips` makes all of them."""
    found = [slips.outcome(text, made) for _, text, made in slips.single(every=179)]
    results = Counter(each.result for each in found)
    restored = results["same-text"] + results["restored"]
    assert len(found) > 120
    assert restored >= 0.97 * len(found), results
    assert not results["wrong"]
    assert not results["unseen"]
    assert sum(each.named for each in found) >= 0.95 * len(found)


def test_a_sample_of_two_slips_at_once() -> None:
    found = [slips.outcome(text, made) for _, text, made in slips.drawn(80, 2)]
    results = Counter(each.result for each in found)
    assert results["same-text"] + results["restored"] >= 0.85 * len(found), results


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("key-in-connection-headers, minified", [(1252, ":", ""), (1130, '"', "")]),
        ("key-in-connection-headers, minified", [(1054, "{", "{{"), (1052, '"', "")]),
        ("key-in-connection-headers, minified", [(413, '"', "\u201d"), (414, ":", "::")]),
        ("connection-is-a-list, indent 2", [(693, '"', ""), (591, '"', "\u201c")]),
        ("connection-is-a-list, indent 4", [(938, '"', "\u201c"), (939, ",", ",,")]),
        ("connection-is-a-list, indent 4", [(891, '"', "\u201d"), (885, '"', "")]),
        ("connection-is-a-list, indent 4", [(435, '"', "\u201c"), (139, '"', "'")]),
        ("key-in-connection-headers, indent 4", [(2255, '"', ""), (2253, ":", "::")]),
        ("static-source, one line", [(90, '"', ""), (87, '"', '""')]),
        ("action-without-forms, indent 2", [(450, '"', ""), (429, "]", "")]),
        ("action-without-forms, one line", [(105, '"', ""), (108, "{", "[")]),
        ("action-without-forms, one line", [(109, "}", ""), (122, '"', "'")]),
        ("action-without-forms, minified", [(255, '"', "\u201d"), (263, '"', "")]),
        ("action-without-forms, minified", [(88, '"', "\u201c"), (97, ":", "")]),
        ("action-without-forms, minified", [(100, "}", ""), (111, '"', "\u201d")]),
        ("action-without-forms, minified", [(267, ",", ",,"), (266, "]", "]]")]),
        ("mapping-path-without-dollar, minified", [(576, '"', '""'), (569, '"', "'")]),
        ("mapping-path-without-dollar, indent 2", [(181, '"', "\u201c"), (178, '"', "'")]),
        ("key-in-query-string, minified", [(603, "{", "["), (176, "[", "{")]),
        ("key-in-connection-headers, one line", [(1130, ":", "="), (1129, '"', "")]),
        ("action-without-forms, one line", [(94, ":", ""), (97, '"', "'")]),
        ("key-in-query-string, one line", [(161, ":", "::"), (160, '"', "'")]),
        ("mapping-path-without-dollar, minified", [(522, ",", "."), (514, '"', "\u201c")]),
        ("static-source, indent 4", [(1603, "]", ""), (1581, "}", "")]),
        ("connection-is-a-list, one line", [(442, '"', "\u201c"), (434, '"', "'")]),
        ("key-in-query-string, one line", [(567, '"', "'"), (563, '"', "")]),
        ("mapping-path-without-dollar, minified", [(548, '"', ""), (550, "{", "(")]),
        ("key-in-connection-headers, indent 2", [(673, ":", ""), (672, '"', "\u201c")]),
        ("mapping-path-without-dollar, indent 4", [(1113, '"', "\u201d"), (1120, '"', '""')]),
    ],
)
def test_two_slips_do_not_make_another_document(name: str, made: list[tuple[int, str, str]]) -> None:
    """What follows a mistake that was not repaired rests on a guess: it is not fixed, nor is half a string."""
    found = slips.outcome(documents()[name], [slips.Slip(*each) for each in made])
    assert found.result in ("kept", "restored", "same-text")


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        pytest.param('"a: b", "c": "d", "e: f"', '"a: b", "c: d", "e: f"', id="a pair among headers"),
        pytest.param('"a: b", "c: d", "e: {{app_token}}', '"a: b", "c: d", "e: {{app_token}}"', id="lost end"),
        pytest.param('"a: b, "c: {{app_token}}"', '"a: b", "c: {{app_token}}"', id="lost quote between two"),
        pytest.param('"a: b"; "c: d"', '"a: b", "c: d"', id="semicolon"),
    ],
)
def test_headers(broken: str, right: str) -> None:
    after = json.loads(fixed(GOOD % broken))
    wanted = json.loads(f"[{right}]")
    assert after["auth"]["request"]["headers"][: len(wanted)] == wanted  # a Content-Type may be added


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        pytest.param('"app_token: "{{app_token}}"', '"app_token": "{{app_token}}"', id="key without its end"),
        pytest.param('"title"": "X"', '"title": "X"', id="doubled quote"),
        pytest.param('"title"\uff1a "X"', '"title": "X"', id="full-width colon"),
        pytest.param('"title"= "X"', '"title": "X"', id="equals sign"),
    ],
)
def test_members(broken: str, right: str) -> None:
    request = f'{{"url": "https://a.example", "payload": {{{broken}}}}}'
    text = f'{{"actions": [{{"name": "a", "title": "A", "requests": [{request}]}}]}}'
    after = json.loads(fixed(text))
    assert after["actions"][0]["requests"][0]["payload"] == json.loads(f"{{{right}}}")


@pytest.mark.parametrize(
    ("right", "broken", "cause"),
    [
        pytest.param('"payload": {', '"payload": [', "`key: value` pairs in `[ ]`", id="a list opens an object"),
        pytest.param('"headers": [', '"headers": ', "`[` is missing behind `headers`", id="lost opener of a list"),
        pytest.param('"], "payload"', '"]], "payload"', "`]` closes nothing", id="doubled end of a list"),
        pytest.param('"payload": {', '"payload": {{', "a `{` too many", id="doubled opener of an object"),
        pytest.param('"headers": [', '"headers": [[', "a `[` too many", id="doubled opener of a list"),
        pytest.param('"payload"', '<!-- no "payload" -->"payload"', "JSON has no comments", id="comment of HTML"),
    ],
)
def test_one_defect_and_the_whole_document_again(right: str, broken: str, cause: str) -> None:
    action = '{"name": "a", "title": "A", "requests": [{"url": "https://a.example"}]}'
    text = (GOOD % '"x-token: {{app_token}}"')[:-1] + f', "actions": [{action}]}}'
    assert right in text
    document = read(text.replace(right, broken).encode())
    assert [defect.cause for defect in document.defects] == [cause]
    chosen = Settings(choose(["MC0"]))
    assert json.loads(fix(document, chosen, unsafe=True).document.text) == json.loads(text)


def test_what_two_repairs_would_make_different_is_left_alone() -> None:
    """Nothing shows where the object that lost its brace ended: both places are named."""
    text = '{"a": {"b": 1, "c": 2, "d": 3}'
    (defect,) = read_any(text.encode()).defects  # as any JSON: an App JSON has no such keys outside
    assert defect.kind == "unclosed-bracket"
    assert not defect.edits
    assert "the text does not show which is meant" in defect.help


def test_other_rules_fix_nothing_in_a_text_that_is_not_json() -> None:
    action = (
        '{"name": "a", "title": "A", "description": "D.", "requests": [{"url": "https://a.example", "method": "get"}]}'
    )
    text = f'{{"auth": null, "actions": [{action}]%s}}'
    assert '"GET"' in fixed(text % ', "sources": []}')  # first the brace, then the method
    undecided = text % ', "x": {"a": {"b": 1, "c": 2, "d": 3}'
    assert fixed(undecided) == undecided
    offered = {each.rule for each in check(read((text % ', "sources": []}').encode()), Settings()).findings if each.fix}
    assert offered == {"MC001"}
    assert '"get"' in fix(read(undecided.encode()), Settings(), unsafe=False).document.text


def test_a_stray_line_keeps_the_comma_that_is_needed() -> None:
    text = '{\n  "auth": {\n    "type": "APIKEY",\n  ],\n    "params": []\n  },\n  "actions": []\n}'
    safe = fix(read(text.encode()), Settings(), unsafe=False).document.text
    assert '"APIKEY",' in safe
    assert '"APIKEY",\n    "params"' in fixed(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("auth:\n  type: APIKEY\n  params: []\n", "YAML"),
        ("---\nauth: null\n", "YAML"),
        ("<!DOCTYPE html>\n<p>{}</p>", "HTML or XML"),
        ('--- a/app.json\n+++ b/app.json\n@@ -1 +1 @@\n-{"a": 1}\n+{"a": 2}\n', "a diff"),
        ('> {\n>   "auth": null\n> }\n', "quoted mail"),
        ('From: a@example.com\nTo: b@example.com\nSubject: app\n\n{"auth": null}\n', "a mail"),
        ('{\n<<<<<<< HEAD\n"a": 1\n=======\n"a": 2\n>>>>>>> other\n}\n', "git"),
    ],
)
def test_text_that_is_no_json_is_one_finding(text: str, what: str) -> None:
    findings = check(read(text.encode()), Settings()).findings
    (finding,) = (each for each in findings if each.severity == "error")
    assert finding.rule == "MC001"
    assert what in finding.message
