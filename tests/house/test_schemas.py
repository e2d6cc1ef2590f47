"""The schemas that are published: valid, explained, and the configuration's in step with what mcapp reads."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcapp import config, schemas
from mcapp.errors import ConfigProblem
from tests.harness import Cli

every_schema = pytest.mark.parametrize("name", schemas.NAMES)

GOOD = [
    "",
    'files = ["app.json"]',
    'files = ["apps/*.json", "a..b.json", "*.manychat.json"]',
    'select = ["MC203", "MC2", "unknown-key"]',
    "select = []",
    'ignore = ["MC203"]',
    *(f'fail-on = "{severity}"' for severity in config.FAIL_ON),
    *(f'placeholders = "{notation}"' for notation in config.PLACEHOLDERS),
    "[scopes]",
    '[scopes]\nexpect = ["GET /fb/page/getInfo"]',
]
BAD = [
    'file = ["app.json"]',
    'fail_on = "error"',
    'Select = ["MC203"]',
    'url = "https://example.com"',
    'base-url = "http://127.0.0.1:1"',
    'allow-host = "example.com"',
    'app-key = "x"',
    'files = "app.json"',
    "files = [1]",
    'files = [""]',
    'files = ["/etc/passwd"]',
    "files = ['\\\\server\\share']",
    'files = ["../app.json"]',
    'files = ["apps/../../app.json"]',
    "files = ['apps\\..\\app.json']",
    'files = [".."]',
    'files = ["C:/app.json"]',
    'select = "MC203"',
    "select = [203]",
    'ignore = {MC203 = "why"}',
    'fail-on = "fatal"',
    "fail-on = false",
    'placeholders = "curly"',
    'scopes = ["GET /fb/page/getInfo"]',
    '[scopes]\nexpect = "GET /fb/page/getInfo"',
    '[scopes]\nexpected = ["GET /fb/page/getInfo"]',
    '[scopes]\nhost = "example.com"',
]


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schemas.text(name))
    return found


def properties(node: object, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every entry of every `properties` in a schema, with its place; a condition only narrows what is explained."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("if", "then", "else", "not"):
                continue
            inner = f"{place}/{name}"
            if name == "properties" and isinstance(value, dict):
                yield from ((f"{inner}/{key}", entry) for key, entry in value.items() if isinstance(entry, dict))
            yield from properties(value, inner)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from properties(value, f"{place}/{index}")


@every_schema
def test_it_is_a_schema_of_its_draft(name: str) -> None:
    found = schema(name)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert re.fullmatch(rf"https://\S+/{name}\.schema\.json", found["$id"])
    assert found["title"]
    assert found["description"]
    Draft202012Validator.check_schema(found)


@pytest.mark.parametrize("name", ["app", "config"])
def test_every_property_is_explained(name: str) -> None:
    """These two are read in an editor while the file is written; the reports' are read by programs."""
    found = schema(name)
    bare = []
    for place, entry in properties(found):
        target = entry.get("$ref", "").removeprefix("#/$defs/")
        told = {**found.get("$defs", {}).get(target, {}), **entry}
        if not ("description" in told or "title" in told or "const" in told):
            bare.append(place)
    assert not bare


@every_schema
def test_the_command_prints_it(cli: Cli, name: str) -> None:
    result = cli("schema", name)
    assert (result.code, result.err) == (0, "")
    assert result.json() == schema(name)
    assert result.out == schemas.text(name)


def test_it_is_written_into_a_file_in_utf_8(cli: Cli) -> None:
    """Windows PowerShell writes UTF-16 at `>`, which VS Code does not read."""
    result = cli("schema", "app", "-o", "app.schema.json")
    assert (result.code, result.out, result.err) == (0, "", "wrote app.schema.json\n")
    assert Path("app.schema.json").read_bytes() == schemas.text("app").encode()


def test_only_a_schema_is_replaced(cli: Cli) -> None:
    for name in ("app", "report"):
        assert cli("schema", name, "-o", "some.schema.json").code == 0
    for file, text in (("app.json", '{"actions": []}'), ("settings.json", '{"json.schemas": [], "files.eol": "\\n"}')):
        Path(file).write_text(text, encoding="utf-8")
        result = cli("schema", "app", "--vscode", "-o", file)
        assert (result.code, Path(file).read_text(encoding="utf-8")) == (1, text)
        assert f"{file} exists and is not a JSON Schema" in result.err
    assert [cli("schema", "app", "--vscode", "-o", "new.json").code for _ in range(2)] == [0, 0]


def test_the_setting_for_vs_code_names_the_configured_files(cli: Cli) -> None:
    result = cli("schema", "app", "--vscode")
    (entry,) = result.json()["json.schemas"]
    assert entry == {"fileMatch": [*config.FILES], "url": "./.vscode/app.schema.json"}
    assert result.err == "next: mcapp schema app -o ./.vscode/app.schema.json\n"
    Path("mcapp.toml").write_text('files = ["apps/*/app.json"]', encoding="utf-8")
    assert cli("schema", "--vscode").json()["json.schemas"][0]["fileMatch"] == ["apps/*/app.json"]
    assert cli("--isolated", "schema", "--vscode").json()["json.schemas"][0]["fileMatch"] == [*config.FILES]


def test_the_setting_for_vs_code_is_about_app_json_alone(cli: Cli) -> None:
    assert cli("schema", "report", "--vscode").code == 2


def test_no_schema_is_left_unnamed() -> None:
    files = {path.name for path in schemas.folder().iterdir() if path.name != "README.md"}
    assert files == {f"{name}.schema.json" for name in schemas.NAMES}


def accepted_by_schema(text: str) -> bool:
    return Draft202012Validator(schema("config")).is_valid(tomllib.loads(text))


def accepted_by_mcapp(text: str) -> bool:
    Path("mcapp.toml").write_text(text, encoding="utf-8")
    try:
        found = config.load()
    except ConfigProblem:
        return False
    assert found.path is not None
    return True


@pytest.mark.parametrize("text", GOOD)
def test_a_good_configuration(text: str) -> None:
    assert accepted_by_schema(text)
    assert accepted_by_mcapp(text)


@pytest.mark.parametrize("text", BAD)
def test_a_bad_configuration(text: str) -> None:
    assert not accepted_by_schema(text)
    assert not accepted_by_mcapp(text)


@pytest.mark.parametrize("text", GOOD)
def test_the_same_in_pyproject(text: str) -> None:
    table = text.replace("[scopes]", "[tool.mcapp.scopes]")
    Path("pyproject.toml").write_text(f"[tool.mcapp]\n{table}\n", encoding="utf-8")
    assert config.load().path == Path("pyproject.toml").absolute()


def test_schema_and_reader_know_the_same_keys() -> None:
    def keys(node: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, entry in node["properties"].items():
            table = entry.get("items", {}) if entry.get("type") == "array" else entry
            found[name] = keys(table) if table.get("type") == "object" else None
        return found

    def read(node: dict[str, Any]) -> dict[str, Any]:
        tables = {name: entry[0] if isinstance(entry, list) else entry for name, entry in node.items()}
        return {name: read(entry) if isinstance(entry, dict) else None for name, entry in tables.items()}

    assert keys(schema("config")) == read(config.KEYS)
