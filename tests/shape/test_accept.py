"""mcapp/lint/accept.py is what its generator makes, and says the same as jsonschema."""

import json
import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mcapp import schemas
from mcapp.appjson import accept as module
from mcapp.appjson import kinds
from mcapp.appjson.accept import PLACES, accept
from tests.shape.shape_mutations import FULL, mutants

TOOL = Path(__file__).parents[1] / "tools" / "make_accept.py"
SCHEMA = json.loads(schemas.text("app"))

# How many damaged documents are tried in an ordinary run; `MCAPP_MUTANTS=100000 pytest tests/shape` tries more.
MUTANTS = int(os.environ.get("MCAPP_MUTANTS", "4000"))


def validator(place: str) -> Draft202012Validator:
    return Draft202012Validator(SCHEMA if place == "app" else {"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{place}"})


def test_the_module_is_what_the_generator_makes() -> None:
    made = runpy.run_path(str(TOOL))["render"]()
    assert Path(module.__file__).read_text(encoding="utf-8") == made, f"run `python {TOOL.name}`"


@pytest.mark.parametrize("seed", range(4))
def test_it_agrees_with_jsonschema_on_damaged_documents(seed: int) -> None:
    official = validator("app")
    verdicts = {True: 0, False: 0}
    for document in mutants(MUTANTS // 4, seed):
        expected = official.is_valid(document)
        verdicts[expected] += 1
        assert accept(document) == expected, json.dumps(document)
    assert min(verdicts.values()) > MUTANTS // 40, "damage that always or never matters proves little"


@pytest.mark.parametrize("place", sorted(PLACES))
def test_it_agrees_with_jsonschema_on_each_place(place: str) -> None:
    official = validator(place)
    for document in mutants(max(60, MUTANTS // 60), len(place)):
        for part in parts(document):
            assert accept(part, place) == official.is_valid(part), json.dumps(part)


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
        | st.dictionaries(st.sampled_from(sorted({key for place in PLACES.values() for key in place.types})), inner)
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_it_agrees_with_jsonschema_on_any_json(value: Any) -> None:
    assert accept(value) == validator("app").is_valid(value)


def test_the_known_keys_are_those_of_the_schema() -> None:
    for name, place in PLACES.items():
        definition = SCHEMA if name == "app" else SCHEMA["$defs"][name]
        assert set(place.types) == set(definition["properties"])
        assert list(place.required) == definition.get("required", [])
        for key, child, many in place.children:
            assert key in place.types
            assert child in PLACES
            assert (list in place.types[key]) >= many
    reached = {child for place in PLACES.values() for _, child, _ in place.children}
    assert reached == set(PLACES) - {"app"}


@pytest.mark.parametrize("place", sorted(set(PLACES) - {"choice"}))
def test_the_kinds_are_told_by_the_same_keys(place: str) -> None:
    name = "CONTEXT_KEYS" if place == "contextField" else f"{place.upper()}_KEYS"
    assert set(getattr(kinds, name)) == set(PLACES[place].types)


def test_depth_and_size_do_not_matter() -> None:
    deep: Any = "x"
    for _ in range(255):
        deep = [deep]
    assert accept({**FULL, "unknown": deep, "actions": [FULL["actions"][0]] * 20_000})
    assert not accept({**FULL, "actions": [*[FULL["actions"][0]] * 20_000, deep]})
