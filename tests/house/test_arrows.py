"""Who may know whom, and that every third-party import has its place: read off the source."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.harness import ROOT

PACKAGE = ROOT / "mcapp"

# The rooms of mcapp from the top floor to the ground, and whom each knows. A room is a folder or a module right below
# mcapp/. It may know rooms below it alone, and a permission that nobody uses is an error.
FLOORS: dict[str, set[str]] = {
    "__main__": {"cli"},
    "commands": {
        *(
            "api",
            "appjson",
            "cli",
            "config",
            "document",
            "editor",
            "emulator",
            "errors",
            "files",
            "fleet",
            "generate",
            "handover",
        ),
        *("keys", "lint", "net", "report", "schemas", "scopes", "search", "terminal", "usage"),
    },
    "cli": {"errors", "files", "net", "terminal"},
    "__init__": {"api", "lint", "report"},
    "api": {"config", "errors", "files", "generate", "keys", "lint", "net", "report", "scopes"},
    "testing": {"emulator"},
    "handover": {"appjson", "document", "errors", "files", "keys", "lint", "net", "terminal"},
    "fleet": {"errors", "files", "keys", "scopes", "terminal"},
    # Of scopes the catalogue alone: never what it is there to test.
    "emulator": {"config", "errors", "files", "net", "scopes", "terminal"},
    "usage": {"errors", "files", "report", "scopes", "search", "terminal"},
    "scopes": {"errors", "files", "keys", "net", "report", "terminal"},
    "keys": {"errors", "files", "terminal"},
    "editor": {"appjson", "config", "document", "errors", "lint", "search", "terminal"},
    "report": {"config", "document", "errors", "files", "lint", "search", "terminal"},
    "generate": {"appjson", "document", "errors", "files", "lint", "terminal"},
    "lint": {"appjson", "config", "document", "errors", "terminal"},
    "search": {"config", "errors", "files"},
    "config": {"errors", "files"},
    "appjson": {"document", "errors", "schemas", "terminal"},
    "net": {"errors"},
    "terminal": {"errors"},
    "files": {"errors"},
    "schemas": set(),
    "document": set(),
    "errors": set(),
}

# Which part may import which package that is not Python's own.
LIBRARIES: dict[str, set[str]] = {
    "typer": {"cli", "commands"},
    "shellingham": {"cli"},  # Typer's own way to the shell at hand
    "rich": {"terminal", "cli", "commands"},
    "jsonschema": {"appjson"},
    "httpx": {"fleet", "scopes", "handover", "net"},
    "attrs": {"editor"},  # lsprotocol's own way to make its classes
    "pygls": {"editor"},
    "lsprotocol": {"editor"},
    "pytest": {"testing"},
    "tomli_w": {"keys"},
    "keyring": {"keys"},
    "secretstorage": {"keys"},  # keyring's own way to the Secret Service
    "platformdirs": {"keys"},
    "truststore": {"net"},
}


# Two modules of one name are the same thing in two rooms, with the reason here.
SAME_THING: dict[str, str] = {"probe": "the command, and the whole probe that it and mcapp.probe run"}


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


def other_room(found: Import) -> str | None:
    """The room that an import leads to, if it is another one."""
    other = found.target.removeprefix("mcapp.").split(".")[0]
    return None if other == found.part or not is_module(f"mcapp.{other}") else other


def test_there_is_something_to_check() -> None:
    assert len(OWN) > 20
    assert {"mcapp.errors", "mcapp.terminal.console", "mcapp.lint.model"} <= {found.target for found in OWN}


def test_every_room_has_its_floor() -> None:
    rooms = {part_of(path) for path in modules()}
    assert not rooms - set(FLOORS), f"say in FLOORS what these rooms may know: {sorted(rooms - set(FLOORS))}"
    assert not set(FLOORS) - rooms, f"these rooms are gone: {sorted(set(FLOORS) - rooms)}"


def test_every_arrow_leads_downward() -> None:
    order = list(FLOORS)
    wrong = [
        f"{room} -> {other}" for room in order for other in FLOORS[room] if order.index(other) <= order.index(room)
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_knows_whom_it_should_not() -> None:
    pairs = ((found, other_room(found)) for found in OWN)
    wrong = [
        f"{found.where} imports {found.target}" for found, other in pairs if other and other not in FLOORS[found.part]
    ]
    assert not wrong, "\n".join(wrong)


def test_every_permission_is_used() -> None:
    used = {(found.part, other_room(found)) for found in OWN}
    unused = [f"{room} -> {other}" for room, others in FLOORS.items() for other in others if (room, other) not in used]
    assert not unused, f"take these out of FLOORS: {unused}"


def test_the_emulator_knows_the_catalogue_alone_of_what_it_tests() -> None:
    known = {found.target for found in OWN if found.part == "emulator" and other_room(found) == "scopes"}
    assert known == {"mcapp.scopes.catalogue", "mcapp.scopes.recording"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_no_module_leads_back_to_itself() -> None:
    known: dict[str, set[str]] = {name_of(path): set() for path in modules()}
    for path in modules():
        known[name_of(path)] |= {found.target for found in imports(path) if found.target in known} - {name_of(path)}
    while leaves := {name for name, others in known.items() if not others}:
        known = {name: others - leaves for name, others in known.items() if name not in leaves}
    # what is left leads to a circle; only those that are led to are on one
    led_to = {other for others in known.values() for other in others}
    circle = sorted(name for name in known if name in led_to)
    assert not circle, f"on a circle of imports, or between two of them: {circle}"


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


def test_every_module_has_a_name_of_its_own() -> None:
    seen: dict[str, list[str]] = {}
    for path in modules():
        if path.stem != "__init__":
            seen.setdefault(path.stem, []).append(path.relative_to(PACKAGE).as_posix())
    twice = {name: paths for name, paths in seen.items() if len(paths) > 1 and name not in SAME_THING}
    assert not twice, f"one name for different things: {twice}"
