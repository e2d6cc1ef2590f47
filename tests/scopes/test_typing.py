"""`mcapp.probe` as a type checker and a reader see it from another program."""

import inspect
from pathlib import Path

import pytest

import mcapp
from mcapp.net.target import MANYCHAT
from mcapp.scopes.plan import Limits
from mcapp.scopes.report import FAIL_ON_DEFAULT

PROGRAM = """
import mcapp

report = mcapp.probe("key", only=["GET /fb/page/getInfo"])
ok: bool = report.ok
first: str = report.scopes[0].verdict
mcapp.probe(only=5)
"""


def test_a_type_checker_knows_the_function(tmp_path: Path) -> None:
    mypy = pytest.importorskip("mypy.api")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    cache = Path(__file__).parents[2] / ".mypy_cache"
    out, _, code = mypy.run(["--strict", "--cache-dir", str(cache), "--no-error-summary", str(program)])
    (line,) = [line for line in out.splitlines() if line.startswith(str(program)) or "error" in line]
    assert code == 1
    assert 'Argument "only" to "probe" has incompatible type "int"' in line


def test_the_defaults_that_the_signature_shows_are_those_of_the_command() -> None:
    shown = {name: parameter.default for name, parameter in inspect.signature(mcapp.probe).parameters.items()}
    limits = Limits()
    assert shown["base_url"] == MANYCHAT
    assert shown["fail_on"] == FAIL_ON_DEFAULT
    for name in ("rate", "concurrency", "timeout", "deadline"):
        assert shown[name] == getattr(limits, name)
