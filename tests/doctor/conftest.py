"""`mcapp doctor` as it is typed, in surroundings that a test makes good or bad."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

import jsonschema
import pytest

from mcapp import schemas
from tests.harness import Cli


class Doctor(Protocol):
    """`doctor("proxy", env={…})`: the checks of this area, each with `status`, `code`, `message` and `hint`.

    The report fits its schema and agrees with the exit code, which is 1 for a problem; stderr stays empty.
    """

    def __call__(self, area: str, *words: str, env: Mapping[str, str | None] | None = None) -> list[dict[str, Any]]: ...


@pytest.fixture
def doctor(cli: Cli) -> Doctor:
    def examine(area: str, *words: str, env: Mapping[str, str | None] | None = None) -> list[dict[str, Any]]:
        done = cli("doctor", "--json", *words, env=env)
        document = done.json()
        jsonschema.Draft202012Validator(json.loads(schemas.text("doctor"))).validate(document)
        problem = any(check["status"] == "problem" for check in document["checks"])
        assert (done.code, document["ok"], document["errors"], done.err) == (int(problem), not problem, [], "")
        return [check for check in document["checks"] if check["area"] == area]

    return examine
