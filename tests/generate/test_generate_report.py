"""`mcapp generate --json`: one document per run, as schemas/generate.schema.json describes it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from mcapp import schemas
from tests.harness import Cli

URL = "https://example.com/hook"
APP = """{
  "auth": {
    "type": "APIKEY",
    "params": [{"name": "email", "title": "E-mail"}]
  },
  "actions": []
}
"""


def report(cli: Cli, *args: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and a report that fits its schema."""
    own, findings = (json.loads(schemas.text(name)) for name in ("generate", "report"))
    registry: Any = Registry().with_resource(findings["$id"], Resource.from_contents(findings))
    made = cli("generate", *args, "--json")
    document: dict[str, Any] = made.json()
    jsonschema.Draft202012Validator(own, registry=registry).validate(document)
    return made.code, document


def test_the_report_of_a_block(cli: Cli) -> None:
    code, made = report(cli, "--url", URL, "--param", "shop")
    assert code == 0
    assert (made["ok"], made["action"], made["path"], made["errors"]) == (True, "printed", None, [])
    block = json.loads(cli("generate", "--url", URL).out)
    block["request"]["payload"]["shop"] = "[[shop]]"
    assert made["block"] == block
    assert made["missing_params"] == [{"name": "shop", "title": "Shop"}]


def test_the_report_of_a_file(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    args = ("--url", URL, "--into", "app.json", "--param", "email=Other")
    _, shown = report(cli, *args, "--diff")
    assert (shown["action"], Path("app.json").read_text()) == ("shown", APP)
    assert str(shown["diff"]).startswith("--- a/app.json\n")
    _, made = report(cli, *args)
    assert (made["action"], made["path"], made["kept_params"], made["diff"]) == (
        "inserted",
        "app.json",
        ["email"],
        None,
    )
    _, again = report(cli, *args)
    assert again["action"] == "unchanged"
    assert report(cli, "--url", URL, "-o", "new.json")[1]["action"] == "created"
    assert report(cli, "--url", URL + "/", "-o", "new.json", "--force")[1]["action"] == "replaced"


def test_the_report_of_a_refusal(cli: Cli) -> None:
    code, made = report(cli, "--url", "http://example.com/hook")
    assert (code, made["ok"], made["action"]) == (1, False, "none")
    assert made["findings"]
    assert made["errors"] == []


@pytest.mark.parametrize(
    ("args", "code", "name"),
    [
        (["--url", URL, "--into", "none.json"], 2, "missing"),
        (["--url", URL, "--payload-json", "@none.json"], 2, "missing"),
        (["--url", URL, "--payload", "k=<<x>>"], 1, "unknown-placeholder"),
        (["--url", URL, "-o", "taken.json"], 1, "exists"),
        (["--url", URL, "--config", "none.toml"], 2, "config"),
    ],
)
def test_the_report_of_an_error(cli: Cli, args: list[str], code: int, name: str) -> None:
    Path("taken.json").write_text("{}")
    ended, made = report(cli, *args)
    assert (ended, made["ok"], made["block"]) == (code, False, None)
    assert made["errors"][0]["code"] == name


def test_a_mistake_in_the_options_prints_no_report(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--payload", "a", "--json")
    assert (made.code, made.out) == (2, "")
    assert made.err


def test_the_report_in_a_file_beside_the_block_on_stdout(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--output-format", "json=report.json")
    assert made.json() == json.loads(Path("report.json").read_text())["block"]


@pytest.mark.parametrize("url", [URL, "http://example.com/hook"])
def test_a_report_that_cannot_be_written_is_one_sentence(cli: Cli, url: str) -> None:
    made = cli("generate", "--url", url, "-q", "--output-format", "json=no/such/report.json")
    assert made.code == 2
    assert made.err == "error: no/such/report.json cannot be written: there is no folder no/such\n"


def test_an_error_and_a_report_that_cannot_be_written_are_both_told(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--into", "none.json", "--output-format", "json=no/such/report.json")
    assert made.code == 2
    assert made.err == (
        "error: no/such/report.json cannot be written: there is no folder no/such\nerror: none.json does not exist\n"
        "  hint: mcapp generate --emit app -o FILE writes a new one\n"
    )
