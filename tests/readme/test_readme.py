"""The README is true: its console blocks are run, its tables are made from the code.

A block that starts with "$ " is a shell's: each command is run, in one folder for the whole README, and what follows it
is what it prints (stdout and stderr together). A comment `<!-- file: NAME -->` before a block makes that block a file.
`pytest --update` writes the outputs and the tables anew.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp.lint.rules import ALL

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n+)?```(?P<language>\w*)\n(?P<body>.*?)```\n", re.DOTALL)
posix = pytest.mark.skipif(os.name != "posix", reason="the README's commands are a POSIX shell's")


def run(command: str, folder: Path) -> str:
    """What a command prints, as a person who types it sees it in a pipe."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", f"{{ {command}\n}} 2>&1"], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    return done.stdout


def replay(block: str, folder: Path) -> str:
    """A console block with its commands' true output. A command may go on after a backslash."""
    commands = re.findall(r"^\$ (.*(?:(?<=\\)\n.*)*)", block, re.MULTILINE)
    return "".join(f"$ {command}\n{run(command, folder)}" for command in commands)


@posix
def test_every_command_prints_what_the_readme_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    (tmp_path / ".git").mkdir()
    text = README.read_text(encoding="utf-8")
    wrong = []

    def check(match: re.Match[str]) -> str:
        body = match["body"]
        if match["file"]:
            (tmp_path / match["file"]).write_text(body, encoding="utf-8")
        elif match["language"] == "console":
            actual = replay(body, tmp_path)
            if actual != body:
                wrong.append(f"--- the README says\n{body}--- it prints\n{actual}")
            return match.group().replace(body, actual)
        return match.group()

    updated = BLOCK.sub(check, text)
    if request.config.getoption("--update"):
        README.write_text(updated, encoding="utf-8")
        return
    assert not wrong, "\n".join(wrong)


def rules_table() -> str:
    rows = ["| code | name | severity | fix | what it finds |", "|---|---|---|---|---|"]
    rows += [
        f'| <a id="{rule.code.lower()}"></a>{rule.code} | `{rule.name}` | {rule.severity} | {rule.fix or ""} | '
        f"{rule.summary} |".replace("  ", " ").replace("[[", "\\[\\[")
        for rule in ALL
    ]
    return "\n".join(rows)


def test_the_table_of_rules(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    begin, end = "<!-- rules: made from the code by pytest --update -->\n", "\n<!-- end of rules -->"
    head, _, rest = text.partition(begin)
    table, _, tail = rest.partition(end)
    assert tail, "the README has its two marks"
    if request.config.getoption("--update"):
        README.write_text(head + begin + rules_table() + end + tail, encoding="utf-8")
        return
    assert table == rules_table()
