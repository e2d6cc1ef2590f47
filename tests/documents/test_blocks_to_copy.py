"""The blocks that users copy into CI systems fit those systems' schemas, and their commands do what they are for."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcapp.cli.application import COMMANDS
from tests.harness import ROOT, Cli

GUIDE = (ROOT / "mcapp/report/README.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- check: (\S+) -->\n```\w+\n(.*?)```\n", GUIDE, re.DOTALL))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
BROKEN = '{"request": {"url": "https://example.com/a" "method": "POST"}}'


def tool(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "schema"), [("github", "github-workflows"), ("gitlab", "gitlab-ci"), ("azure", "azure-pipelines")]
)
def test_it_fits_the_schema_of_its_system(name: str, schema: str) -> None:
    Path("block.yml").write_text(BLOCKS[name], encoding="utf-8")
    options = ("--data-transform", "gitlab-ci" if name == "gitlab" else "azure-pipelines") if name != "github" else ()
    tool("check_jsonschema", "--builtin-schema", f"vendor.{schema}", *options, "block.yml")


def test_pre_commit_accepts_its_block_and_the_hook() -> None:
    Path(".pre-commit-config.yaml").write_text(BLOCKS["pre-commit"], encoding="utf-8")
    tool("pre_commit", "validate-config", ".pre-commit-config.yaml")
    tool("pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    (repository,) = yaml.safe_load(BLOCKS["pre-commit"])["repos"]
    assert [hook["id"] for hook in repository["hooks"]] == [hook["id"] for hook in HOOKS]


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("app.json", True),
        ("apps/shop/manychat.json", True),
        ("shop.manychat.json", True),
        ("a/b.manychat.json", True),
        ("myapp.json", False),
        ("app.json.bak", False),
        ("package.json", False),
    ],
)
def test_the_hook_takes_what_a_search_of_a_folder_finds(cli: Cli, path: str, taken: bool) -> None:
    assert bool(re.search(HOOKS[0]["files"], path)) == taken
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(BROKEN, encoding="utf-8")
    assert cli("validate").code == (1 if taken else 2)


def commands(name: str) -> list[list[str]]:
    """The block's mcapp commands, as a shell splits them."""
    found: list[list[str]] = []

    def visit(node: Any) -> None:
        if isinstance(node, dict | list):
            for value in node.values() if isinstance(node, dict) else node:
                visit(value)
        elif isinstance(node, str) and node.startswith("mcapp "):
            found.append(shlex.split(node)[1:])

    visit(yaml.safe_load(BLOCKS[name]))
    return found


@pytest.mark.parametrize("name", ["gitlab", "azure"])
def test_its_commands_find_a_broken_file_and_write_the_reports(cli: Cli, name: str) -> None:
    Path("app.json").write_text(BROKEN, encoding="utf-8")
    (words,) = commands(name)
    result = cli(*words)
    assert (result.code, result.err) == (1, "")
    assert "app.json" in result.out
    for report in (word.partition("=")[2] for word in words if "=" in word):
        assert report in BLOCKS[name].replace(shlex.join(words), "")
        assert Path(report).stat().st_size
    if name == "gitlab":
        assert json.loads(Path("gl-code-quality-report.json").read_text(encoding="utf-8"))


def test_the_action_s_inputs_are_in_the_table() -> None:
    rows, _, _ = GUIDE.partition("| input |")[2].partition("\n\n")
    assert set(re.findall(r"^\| `(\S+)` \|", rows, re.MULTILINE)) == set(ACTION["inputs"])
    block = yaml.safe_load(BLOCKS["github"])
    (step,) = (step for step in block["jobs"]["validate"]["steps"] if "mcapp" in step["uses"])
    assert set(step["with"]) <= set(ACTION["inputs"])


def test_what_assistants_read_names_commands_and_options_that_exist(cli: Cli) -> None:
    said = [shlex.split(code)[1:] for code in re.findall(r"`(mcapp [^`]*)`", BLOCKS["agents"])]
    assert {words[0] for words in said} <= set(COMMANDS)
    Path("app.json").write_text(
        cli("generate", "--url", "https://example.com/a", "--emit", "app").out, encoding="utf-8"
    )
    for words in said:
        if words[0] in ("validate", "rules"):
            assert cli(*words).code == 0
    assert cli("generate", "--url", "https://example.com/b", "--into", "app.json", "--diff").code in (0, 1)
    assert len(BLOCKS["agents"].splitlines()) < 15
