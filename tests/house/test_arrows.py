"""Who may know whom, the size of files, and that every third-party import has its place: read off the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.harness import ROOT

PACKAGE = ROOT / "mcapp"

# What each part of mcapp may import of mcapp. A part is a folder or a module right below mcapp/; "lint.model" allows
# that module of a part alone. Commands know everything below them; everything below knows only what it builds on.
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "redact": set(),
    "schemas": set(),
    "document": set(),
    "placeholders": set(),
    "console": {"errors", "redact"},
    "files": {"errors"},
    "config": {"errors", "placeholders", "lint.model", "lint.rules"},
    "inputs": {"errors", "config"},
    "lint": {"document", "placeholders", "redact", "schemas", "errors", "console"},  # of console: `visible`
    # the result classes, and what makes a text fit to be shown
    "report": {"lint.model", "lint.rules", "document", "console", "redact", "errors"},
    "appjson": {"document", "placeholders", "lint", "errors", "redact"},
    "keys": {"errors", "redact", "files"},
    "probe": {"errors", "redact", "files", "keys", "console", "report.markup"},
    "serving": set(),
    "emulator": {"errors", "serving", "probe.catalogue"},  # never what it is there to test
    # what `validate` and `probe` are made of, so that neither is written twice; `listen` is a server, and finds keys
    "delivery": {"document", "errors", "files", "keys", "lint", "placeholders", "probe", "redact", "serving"},
    "testing": {"emulator"},
    "api": {"api_build", "document", "lint", "report", "errors", "inputs", "config"},
    "api_build": {"appjson", "document", "lint", "placeholders", "errors"},
    "commands": {"*"},
    "cli": {"commands", "console", "errors", "redact"},
    "__init__": {"api", "api_build", "probe", "lint.model", "report.model"},
    "__main__": {"cli"},
}

# Which part may import which package that is not Python's own.
LIBRARIES: dict[str, set[str]] = {
    "typer": {"cli", "commands"},
    "rich": {"console", "commands"},
    "rich.cells": {"report"},  # how wide a character is on a terminal
    "jsonschema": {"lint"},
    "httpx": {"probe", "delivery"},
    "pytest": {"testing"},
    "tomli_w": {"keys"},
    "keyring": {"keys"},
    "secretstorage": {"keys"},  # keyring's own way to the Secret Service
    "platformdirs": {"keys", "config"},
}

LONGEST = 300
LONGER: dict[str, str] = {
    "mcapp/lint/accept.py": "generated from the schema, never read or edited",
}


class Import(NamedTuple):
    """One import statement's target, where it stands, and the name taken from it, if one is."""

    where: str
    part: str
    target: str
    name: str


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, the lazy ones in functions and those for types alone too: a type is knowledge as well."""
    where, part = path.relative_to(ROOT).as_posix(), part_of(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(f"{where}:{node.lineno}", part, alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{where}:{node.lineno}: imports are absolute here"
            module = node.module or ""
            for alias in node.names:
                inner = f"{module}.{alias.name}"  # `from mcapp import redact` names the module after the import
                target, name = (inner, "") if module == "mcapp" or is_module(inner) else (module, alias.name)
                yield Import(f"{where}:{node.lineno}", part, target, name)


def is_module(dotted: str) -> bool:
    path = ROOT.joinpath(*dotted.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


ALL = [found for path in modules() for found in imports(path)]
OWN = [found for found in ALL if found.target.split(".")[0] == "mcapp"]


def allowed(found: Import) -> bool:
    target = found.target.removeprefix("mcapp.")
    other = target.split(".")[0]
    if other == found.part or not is_module(f"mcapp.{other}"):
        return True  # its own part; or a constant of the package, as __version__
    rules = ARROWS[found.part]
    return "*" in rules or other in rules or any(target == rule or target.startswith(rule + ".") for rule in rules)


def test_there_is_something_to_judge() -> None:
    assert len(OWN) > 20
    assert {"mcapp.errors", "mcapp.console", "mcapp.lint.model"} <= {found.target for found in OWN}


def test_every_part_has_its_arrows() -> None:
    missing = sorted({part_of(path) for path in modules()} - set(ARROWS))
    assert not missing, f"say in ARROWS whom these may know: {missing}"


def test_nobody_knows_whom_it_should_not() -> None:
    wrong = [f"{found.where} imports {found.target}" for found in OWN if not allowed(found)]
    assert not wrong, "\n".join(wrong)


def test_nobody_uses_the_insides_of_another_part() -> None:
    wrong = []
    for found in OWN:
        other = found.target.removeprefix("mcapp.").split(".")
        private = [name for name in (*other, found.name) if name.startswith("_") and not name.startswith("__")]
        if private and other[0] != found.part:
            wrong.append(f"{found.where} takes {', '.join(private)} from {found.target}")
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_in_their_parts() -> None:
    wrong = []
    for found in ALL:
        top = found.target.split(".")[0]
        if top == "mcapp" or top in sys.stdlib_module_names:
            continue
        owners = LIBRARIES.get(found.target, set()) | LIBRARIES.get(top, set())
        if found.part not in owners:
            wrong.append(f"{found.where} imports {found.target}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("part", "target", "fine"),
    [
        ("document", "mcapp.errors", False),
        ("document", "mcapp.document.model", True),
        ("report", "mcapp.lint.model", True),
        ("report", "mcapp.lint.run", False),
        ("lint", "mcapp.report.model", False),
        ("errors", "mcapp.console", False),
        ("commands", "mcapp.lint.run", True),
        ("cli", "mcapp.__version__", True),
    ],
)
def test_the_arrows_are_read_as_meant(part: str, target: str, fine: bool) -> None:
    assert allowed(Import("here", part, target, "")) is fine


def sources() -> list[str]:
    folders = [path for folder in ("mcapp", "tests") for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in folders)


def test_no_file_is_too_long_to_read() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in sources()}
    long = {name: length for name, length in lengths.items() if length > LONGEST and name not in LONGER}
    assert not long, f"split by topic: {long}"
