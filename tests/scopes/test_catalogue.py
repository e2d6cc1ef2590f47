"""endpoints.toml: every row has its evidence, and nothing in it could change an account."""

import re
from collections import Counter

import jsonschema
import pytest

from mcapp import schemas
from mcapp.errors import UsageProblem
from mcapp.scopes.catalogue import EMPTY, GRADES, KEY_CHECK, NAMED, NEVER, READ, Endpoint, find, load
from mcapp.scopes.endpoint_text import listing
from mcapp.terminal.console import Style
from tests.harness import Cli

ROWS = load()


def test_it_holds_every_operation_once() -> None:
    assert len(ROWS) == len({endpoint.scope for endpoint in ROWS}) >= 35
    assert Counter(endpoint.method for endpoint in ROWS) >= Counter({"GET": 13, "POST": 22})
    groups = Counter(endpoint.group for endpoint in ROWS)
    assert groups >= Counter({"page": 16, "sending": 3, "subscriber": 15, "profile": 1})
    assert ROWS[0].scope == KEY_CHECK


@pytest.mark.parametrize("endpoint", ROWS, ids=lambda endpoint: endpoint.scope)
def test_every_row_says_what_it_rests_on(endpoint: Endpoint) -> None:
    for text in (endpoint.summary, endpoint.harmless, endpoint.evidence):
        assert text.endswith(".")
    assert endpoint.grade in GRADES
    assert endpoint.mutates == (endpoint.method == "POST")
    assert bool(endpoint.granted) == (endpoint.send != NEVER)
    assert set(endpoint.required.values()) <= {"integer", "string", "array", "object", "any"}


@pytest.mark.parametrize("endpoint", ROWS, ids=lambda endpoint: endpoint.scope)
def test_no_row_could_change_anything(endpoint: Endpoint) -> None:
    if endpoint.method == "GET":
        assert endpoint.send == READ
        # Every parameter that is needed is there, with a value that cannot exist.
        assert set(endpoint.required) <= set(endpoint.query)
        assert all(value == "1" or "{random}" in value for value in endpoint.query.values())
    else:
        assert endpoint.send in (EMPTY, NAMED, NEVER)
        assert not endpoint.query
        assert endpoint.send != EMPTY or endpoint.required


def test_what_is_never_sent_and_what_only_when_named() -> None:
    assert [endpoint.scope for endpoint in ROWS if endpoint.send == NEVER] == [
        "POST /fb/subscriber/verifyBySignedRequest",
        "POST /user/template/generateSingleUseLink",
    ]
    assert [endpoint.scope for endpoint in ROWS if endpoint.send == NAMED] == ["POST /fb/subscriber/createSubscriber"]


@pytest.mark.parametrize(
    "word", ["GET /fb/page/getInfo", "get /fb/page/getInfo", "/fb/page/getInfo", "  GET  /fb/page/getInfo "]
)
def test_a_scope_may_be_written_in_several_ways(word: str) -> None:
    assert [endpoint.scope for endpoint in find([word])] == ["GET /fb/page/getInfo"]


def test_scopes_come_in_the_order_of_the_catalogue_and_once() -> None:
    words = ["/fb/page/getTags", "/fb/page/getInfo", "GET /fb/page/getTags"]
    assert [endpoint.path for endpoint in find(words)] == ["/fb/page/getInfo", "/fb/page/getTags"]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("getInfo", "did you mean GET /fb/page/getInfo or GET /fb/subscriber/getInfo?"),
        ("POST /fb/page/getInfo", "did you mean GET /fb/page/getInfo or GET /fb/subscriber/getInfo?"),
        ("/fb/page/getTag", "did you mean GET /fb/page/getTags?"),
        ("sendContnt", "did you mean POST /fb/sending/sendContent?"),
        ("/me", "mcapp endpoints lists them all"),
        ("", "mcapp endpoints lists them all"),
    ],
)
def test_an_unknown_scope_is_refused_with_what_may_be_meant(word: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        find([word])
    assert caught.value.code == "unknown-scope"
    assert caught.value.hint == hint


def test_the_list_shows_every_scope(cli: Cli) -> None:
    result = cli("endpoints")
    assert result.code == 0
    for endpoint in ROWS:
        assert re.search(rf"^  {endpoint.method} +{endpoint.path} ", result.out, re.MULTILINE), endpoint.scope
    assert max(map(len, listing(load(), Style(on=False), 80).splitlines())) <= 80


def test_the_list_can_be_narrowed(cli: Cli) -> None:
    result = cli("endpoints", "--group", "sending", "--json")
    assert [row["scope"] for row in result.json()["endpoints"]] == [
        endpoint.scope for endpoint in ROWS if endpoint.group == "sending"
    ]
    assert cli("endpoints", "--group", "pages").code == 2


def test_one_endpoint_is_explained(cli: Cli) -> None:
    result = cli("endpoints", "/fb/subscriber/getInfo")
    assert result.out.startswith("GET /fb/subscriber/getInfo\n")
    for text in ("GET /fb/subscriber/getInfo?subscriber_id=1", "which cannot exist", "10 requests a second"):
        assert text in result.out
    never = cli("endpoints", "/fb/subscriber/verifyBySignedRequest").out
    assert re.search(r"probe sends +nothing", never)
    assert re.search(r"harmless +What it does is documented nowhere", never)


def test_the_json_report_fits_its_schema(cli: Cli) -> None:
    import json

    schema = json.loads(schemas.text("endpoints"))
    jsonschema.Draft202012Validator.check_schema(schema)
    good, bad = cli("endpoints", "--json"), cli("endpoints", "/me", "--json")
    for result in (good, bad):
        jsonschema.validate(result.json(), schema)
    assert good.json()["ok"] is True
    assert (bad.code, bad.json()["errors"][0]["code"], bad.err) == (2, "unknown-scope", "")
