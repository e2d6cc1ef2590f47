"""What `mcapp validate good.json` loads, exactly: a module on its path is paid for at every start.

Times are measured by `make bench`; this list is what keeps them. The milliseconds are of one machine and show the
order of size. What Typer loads anyway is free.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from mcapp.cli.application import COMMANDS
from tests.benchmarks import documents
from tests.harness import environment

# What the path of a clean `validate` loads beside mcapp and what comes with Typer.
ADDED = {
    "json": "reads the file",
    "json.decoder": "reads the file",
    "json.encoder": "comes with json",
    "json.scanner": "reads the file",
    "_json": "the quick half of json",
    "bisect": "0.1 ms: finds the line of a place",
    "_bisect": "the quick half of bisect",
    "gc": "built in; switched off while modules load (mcapp/__main__.py)",
}

# Named one by one, with what each costs, so that a failure says why: each has been measured or is known to cost.
HEAVY = {
    "jsonschema": "30-52 ms: explains the documents that fail, and only those",
    "rich": "13-15 ms with its console",
    "httpx": "70 ms: no network here",
    "keyring": "60 ms: no key store here",
    "pydantic": "50 ms: Typer from 0.29 on needs it",
    "asyncio": "15 ms",
    "http": "13 ms with ssl",
    "ssl": "13 ms with http.client",
    "socket": "2 ms: no network here",
    "email": "comes with importlib.metadata and http",
    "importlib.metadata": "11 ms: the version is a constant",
    "importlib.resources": "4 ms: Path(__file__) finds the schemas",
    "hashlib": "2.5 ms: only SARIF has fingerprints",
    "tomllib": "1.7 ms: only where there is a configuration",
    "logging": "1.5 ms",
    "dataclasses": "0.35 ms for each class: results are NamedTuples here",
    "unicodedata": "only text that is shown needs widths",
    "tempfile": "only what writes a file",
    "random": "comes with tempfile",
    "getpass": "no prompt here",
    "pydoc": "a pager",
    "mcapp.api": "for Python callers",
    "mcapp.generate": "generate's",
    "mcapp.keys": "no key store here",
    "mcapp.editor": "the language server's",
    "mcapp.lint.suppress": "only where [[suppress]] has entries: it imports hashlib",
    "pygls": "the language server's",
    "lsprotocol": "300 ms: the language server's",
}

# Runs mcapp as its console script does, and leaves the names of the loaded modules in a file.
PROGRAM = """
import sys
from mcapp.__main__ import main
try:
    main()
finally:
    loaded = sorted(sys.modules)
    import json, pathlib
    pathlib.Path("loaded.json").write_text(json.dumps(loaded))
"""


def run_python(program: str, *args: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", program, *args], env=environment(), capture_output=True, timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode


def loaded_by(*args: str) -> set[str]:
    assert run_python(PROGRAM, *args) == 0
    return set(json.loads(Path("loaded.json").read_text(encoding="utf-8")))


@cache
def loaded_by_typer() -> frozenset[str]:
    program = "import sys, typer, typer.main, typer.core, typer.completion; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=True
    )
    return frozenset(done.stdout.split())


def under(modules: set[str], names: Sequence[str]) -> list[str]:
    return sorted(module for module in modules for name in names if module == name or module.startswith(name + "."))


@pytest.fixture
def validated() -> set[str]:
    Path("good.json").write_bytes(documents.app(2_000))
    return loaded_by("validate", "good.json")


def test_validate_loads_nothing_heavy(validated: set[str]) -> None:
    assert "mcapp.commands.validate" in validated
    found = under(validated, list(HEAVY))
    reasons = [f"{module}: {HEAVY[name]}" for module in found for name in HEAVY if under({module}, [name])]
    assert not found, "\n".join(reasons)


def test_validate_loads_nothing_else_unasked(validated: set[str]) -> None:
    new = {module for module in validated - loaded_by_typer() if not under({module}, ["mcapp", "typer"])} - set(ADDED)
    assert not new, f"say in ADDED why validate needs {sorted(new)}, or import it where it is needed"


def test_validate_loads_no_other_command_and_no_other_format(validated: set[str]) -> None:
    commands = {f"mcapp.commands.{name}" for name in COMMANDS} - {"mcapp.commands.validate"}
    formats = {
        f"mcapp.report.{name}" for name in ("finding_text", "json_report", "sarif", "annotations", "junit", "review")
    }
    assert not under(validated, sorted(commands | formats))


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_the_root_loads_no_command(option: str) -> None:
    assert not under(loaded_by(option), [f"mcapp.commands.{name}" for name in COMMANDS])


def test_typer_itself_is_as_light_as_it_was() -> None:
    """The bound on Typer's version rests on this."""
    assert not under(set(loaded_by_typer()), ["pydantic", "rich", "asyncio", "http", "ssl", "socket", "dataclasses"])


def test_import_mcapp_loads_nothing() -> None:
    assert (
        run_python(
            "import sys, typing; before = set(sys.modules); import mcapp; sys.exit(len(set(sys.modules) - before) != 1)"
        )
        == 0
    )
