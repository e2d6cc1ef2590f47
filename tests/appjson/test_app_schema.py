"""schemas/app.schema.json: what it accepts and what it rejects, and that an editor can use it by itself."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcapp import schemas
from tests.appjson.mutants import FULL
from tests.harness import Cli

SCHEMA = json.loads(schemas.text("app"))
VALIDATOR = Draft202012Validator(SCHEMA)

# The keywords that mcapp.appjson.app_schema reads. It follows a "$ref" and reads nothing beside it: only
# annotations may be there.
ASSERTING = {"type", "required", "properties", "items", "minItems", "maxItems", "additionalProperties", "const"}
CONDITIONAL = {"if", "then"}
ANNOTATING = {"title", "description", "default", "examples", "markdownDescription", "defaultSnippets"}


def subschemas(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for keyword in ("properties", "$defs"):
        for name, inner in schema.get(keyword, {}).items():
            yield from subschemas(inner, f"{path}/{keyword}/{name}")
    for keyword in ("items", "additionalProperties", "if", "then"):
        if keyword in schema:
            yield from subschemas(schema[keyword], f"{path}/{keyword}")


ALL = [pytest.param(schema, id=path or "root") for path, schema in subschemas(SCHEMA)]


def test_it_is_a_schema_of_draft_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"].startswith("https://")
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("schema", ALL)
def test_it_uses_only_keywords_that_mcapp_reads(schema: dict[str, Any]) -> None:
    used = set(schema) - {"$schema", "$id", "$comment", "$defs"}
    known = {"$ref"} | ANNOTATING if "$ref" in schema else ASSERTING | CONDITIONAL | ANNOTATING
    assert used <= known, f"teach mcapp/appjson/app_schema.py to read {used - known}"


def snippets(schema: dict[str, Any]) -> list[Any]:
    """What an editor inserts, with the texts that wait to be replaced."""
    return [
        json.loads(re.sub(r"\$\{\d+:(.*?)\}", r"\1", json.dumps(snippet["body"])))
        for snippet in schema.get("defaultSnippets", ())
    ]


@pytest.mark.parametrize("schema", ALL)
def test_defaults_examples_and_snippets_fit(schema: dict[str, Any]) -> None:
    validator = (
        VALIDATOR.evolve(schema=schema)
        if "$schema" in schema
        else Draft202012Validator({"$defs": SCHEMA["$defs"], **schema})
    )
    defaults = [schema["default"]] if "default" in schema else []
    for example in (*schema.get("examples", ()), *snippets(schema), *defaults):
        assert list(validator.iter_errors(example)) == []


@pytest.mark.parametrize(
    ("place", "schema"),
    [
        ("app", SCHEMA),
        ("auth", SCHEMA["$defs"]["auth"]),
        ("auth/request", SCHEMA["$defs"]["auth"]["properties"]["request"]),
        ("actions", SCHEMA["$defs"]["action"]),
    ],
)
def test_a_snippet_in_its_place_has_no_problem(cli: Cli, place: str, schema: dict[str, Any]) -> None:
    for snippet in snippets(schema):
        (app,) = snippets(SCHEMA)
        match place:
            case "app":
                app = snippet
            case "auth":
                app["auth"] = snippet
            case "auth/request":
                app["auth"]["request"] = snippet
            case "actions":
                app["actions"] = [snippet]
        result = cli("validate", "-", stdin=json.dumps(app))
        assert (result.code, result.out) == (0, "no problems in 1 file\n")


@pytest.mark.parametrize("schema", [case for case in ALL if "/properties/" in str(case.id) or "$defs" in str(case.id)])
def test_an_editor_has_something_to_show(schema: dict[str, Any], request: pytest.FixtureRequest) -> None:
    inside = ("/items", "/additionalProperties", "/if", "/then")
    if not any(part in request.node.callspec.id for part in inside):
        assert schema.get("title") or "$ref" in schema


def test_the_whole_document_fits() -> None:
    assert list(VALIDATOR.iter_errors(FULL)) == []


REMOVED = object()
ACCEPTED: list[tuple[str, Any]] = [
    ("/auth", None),
    ("/auth", REMOVED),
    ("/auth", {}),
    ("/auth/type", "OAUTH"),
    ("/auth/connection", []),
    ("/auth/connection", REMOVED),
    ("/auth/connection", {}),
    ("/auth/params", []),
    ("/auth/params/0/title", REMOVED),
    ("/auth/request", REMOVED),
    ("/auth/request/method", REMOVED),
    ("/auth/request/headers", REMOVED),
    ("/auth/request/mapping", REMOVED),
    ("/auth/request/payload", []),
    ("/auth/request/payload", ["a"]),
    ("/auth/request/payload", None),
    ("/auth/request/url", ""),
    ("/actions/0/description", REMOVED),
    ("/actions/0/forms", REMOVED),
    ("/actions/0/forms/0/type", "checkbox"),
    ("/actions/0/forms/0/default", {"any": ["thing"]}),
    ("/actions/0/requests/0/mapping/0/path", ".data.x"),
    ("/sources", REMOVED),
    ("/sources/0/list", REMOVED),
    ("/sources/0/type", "enum:other"),
    ("/sources/1/list", "anything"),
    ("/triggers", []),
    ("/triggers/0/title", REMOVED),
    ("/unknown", 1),
    ("/actions/0/unknown", [1]),
]
REJECTED: list[tuple[str, Any]] = [
    ("", None),
    ("", [FULL]),
    ("", {}),
    ("/auth", []),
    ("/auth", "APIKEY"),
    ("/auth/type", None),
    ("/auth/params", {"name": "email"}),
    ("/auth/params/0", "email"),
    ("/auth/params/0/name", REMOVED),
    ("/auth/connection", [{"headers": {}}]),
    ("/auth/connection", None),
    ("/auth/connection/headers", ["Authorization: x"]),
    ("/auth/connection/headers/Authorization", {}),
    ("/auth/connection/qs", []),
    ("/auth/request", None),
    ("/auth/request/url", REMOVED),
    ("/auth/request/url", 5),
    ("/auth/request/headers", {"Content-Type": "application/json"}),
    ("/auth/request/headers", None),
    ("/auth/request/headers/0", {"Content-Type": "application/json"}),
    ("/auth/request/payload", "text"),
    ("/auth/request/mapping", {}),
    ("/actions", REMOVED),
    ("/actions", []),
    ("/actions", {"name": "create_order"}),
    ("/actions/0/name", REMOVED),
    ("/actions/0/name", 1),
    ("/actions/0/title", REMOVED),
    ("/actions/0/requests", REMOVED),
    ("/actions/0/requests", []),
    ("/actions/0/requests", {"url": "https://example.com"}),
    ("/actions/0/requests/0/url", REMOVED),
    ("/actions/0/forms", None),
    ("/actions/0/forms/0/name", REMOVED),
    ("/actions/0/requests/0/mapping/0/name", REMOVED),
    ("/sources", {}),
    ("/sources/0/name", REMOVED),
    ("/sources/0/list", {"key": "a"}),
    ("/sources/0/list/0", "Small"),
    ("/triggers/0/name", REMOVED),
    ("/triggers/0/context/0/name", REMOVED),
]


def changed(pointer: str, value: Any) -> Any:
    document: Any = copy.deepcopy(FULL)
    if not pointer:
        return value
    *way, last = [int(part) if part.isdigit() else part for part in pointer[1:].split("/")]
    target = document
    for part in way:
        target = target[part]
    if value is REMOVED:
        del target[last]
    else:
        target[last] = value
    return document


@pytest.mark.parametrize(("pointer", "value"), ACCEPTED)
def test_what_is_at_most_a_warning_is_accepted(pointer: str, value: Any) -> None:
    assert list(VALIDATOR.iter_errors(changed(pointer, value))) == []


@pytest.mark.parametrize(("pointer", "value"), REJECTED)
def test_what_is_an_error_is_rejected(pointer: str, value: Any) -> None:
    assert not VALIDATOR.is_valid(changed(pointer, value))
