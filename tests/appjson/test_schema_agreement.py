"""mcapp.appjson.app_schema reads schemas/app.schema.json, and accepts the same documents as jsonschema."""

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mcapp import schemas
from mcapp.appjson.app_schema import KEYS, OBJECTS, accepts
from tests.appjson.mutants import FULL, mutants

SCHEMA = json.loads(schemas.text("app"))

# How many damaged documents are tried in an ordinary run; `MCAPP_MUTANTS=60000 pytest tests/appjson` tries more.
MUTANTS = int(os.environ.get("MCAPP_MUTANTS", "4000"))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMA if name == "app" else {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{name}"})


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_jsonschema_on_damaged_documents(seed: int) -> None:
    official = validator("app")
    verdicts = {True: 0, False: 0}
    for document in mutants(MUTANTS // 4, seed):
        expected = official.is_valid(document)
        verdicts[expected] += 1
        assert accepts(document) == expected, json.dumps(document)
    assert min(verdicts.values()) > MUTANTS // 40, "damage that always or never matters proves little"


@pytest.mark.parametrize("name", sorted(OBJECTS))
def test_it_agrees_with_jsonschema_on_each_object(name: str) -> None:
    official = validator(name)
    for document in mutants(max(60, MUTANTS // 60), len(name)):
        for part in parts(document):
            assert accepts(part, name) == official.is_valid(part), json.dumps(part)


def parts(value: Any) -> list[Any]:
    """Every value in a document but the payloads' insides."""
    found = [value]
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            found += parts(inner)
    return found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["enum:static"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted({key for keys in KEYS.values() for key in keys})), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_it_agrees_with_jsonschema_on_any_json(value: Any) -> None:
    assert accepts(value) == validator("app").is_valid(value)


def test_the_known_keys_are_those_of_the_schema() -> None:
    for name, node in OBJECTS.items():
        definition = SCHEMA if name == "app" else SCHEMA["$defs"][name]
        assert set(KEYS[name]) == set(node.known) == set(definition["properties"])
        assert list(node.required) == definition.get("required", [])
        for key, child, many in node.children:
            assert key in node.known
            assert child in OBJECTS
            assert (list in node.known[key]) >= many
    reached = {child for node in OBJECTS.values() for _, child, _ in node.children}
    assert reached == set(OBJECTS) - {"app"}


def test_depth_and_size_do_not_matter() -> None:
    deep: Any = "x"
    for _ in range(255):
        deep = [deep]
    assert accepts({**FULL, "unknown": deep, "actions": [FULL["actions"][0]] * 20_000})
    assert not accepts({**FULL, "actions": [*[FULL["actions"][0]] * 20_000, deep]})
