"""`mcapp.validate`, `build_request` and `probe` with arguments of wrong types: a sentence, never another exception."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mcapp
from mcapp.errors import UsageProblem

anything: Any = mcapp
URL = "https://example.com/hook"
CYCLE: dict[str, Any] = {}
CYCLE["auth"] = CYCLE
DEEP: dict[str, Any] = {}
for _ in range(100_000):
    DEEP = {"a": DEEP}


@pytest.mark.parametrize(
    "call",
    [
        lambda: anything.validate("app.json"),
        lambda: anything.validate(5),
        lambda: anything.validate(None),
        lambda: anything.validate(CYCLE),
        lambda: anything.validate(DEEP),
        lambda: anything.validate({"auth": {1, 2}}),
        lambda: anything.validate({}, select="MC1"),
        lambda: anything.validate({}, ignore=5),
        lambda: anything.validate({}, ignore=[5]),
        lambda: anything.validate({}, name=5),
        lambda: anything.build_request(5),
        lambda: anything.build_request(URL, method=5),
        lambda: anything.build_request(URL, token_header=5),
        lambda: anything.build_request(URL, headers="x: 1"),
        lambda: anything.build_request(URL, headers=[5]),
        lambda: anything.build_request(URL, params={"x=y": "X"}),
        lambda: anything.build_request(URL, params="email"),
        lambda: anything.build_request(URL, params=[None]),
        lambda: anything.build_request(URL, payload=["x"]),
        lambda: anything.build_request(URL, payload=CYCLE),
        lambda: anything.build_request(URL, payload=DEEP),
        lambda: anything.probe(5),
        lambda: anything.probe("not-a-real-key", base_url=None),
        lambda: anything.probe("not-a-real-key", rate="4"),
        lambda: anything.probe("not-a-real-key", timeout=None),
        lambda: anything.probe("not-a-real-key", only="page"),
        lambda: anything.probe("not-a-real-key", expect="page"),
    ],
)
def test_a_wrong_type_is_a_usage_problem(call: Callable[[], object]) -> None:
    with pytest.raises(UsageProblem):
        call()


def test_a_generator_gives_its_headers_and_params() -> None:
    request = anything.build_request(URL, headers=(line for line in ["X-A: 1"]), params=(name for name in ["email"]))
    assert "X-A: 1" in request["headers"]
    assert "[[email]]" in str(request["payload"])


def test_a_path_of_any_class_is_the_name_of_its_file() -> None:
    Path("app.json").write_text("{}")
    (entry,) = os.scandir()
    assert {finding.path for finding in mcapp.validate(entry).findings} == {entry.path}
