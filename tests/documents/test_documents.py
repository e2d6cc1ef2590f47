"""The documents are true: their console and Python blocks are run, their links lead somewhere.

`pytest --update` writes the outputs anew.
"""

import os
import re
import tomllib
from pathlib import Path

import pytest

from mcapp import config
from mcapp.cli.application import COMMANDS
from mcapp.errors import McappError
from mcapp.lint.model import REFERENCE
from mcapp.lint.rules import ALL
from mcapp.report import FORMATS
from tests.documents.replay import replay, updated
from tests.documents.rule_reference import reference
from tests.harness import ROOT
from tests.house.commands import LEAVES, options
from tests.house.test_arrows import FLOORS

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "mcapp/**/README.md", "schemas/README.md", "tests/README.md")
    for path in ROOT.glob(pattern)
)
README_BYTES = 9_000

posix = pytest.mark.skipif(os.name != "posix", reason="the documents' commands are a POSIX shell's")
every_document = pytest.mark.parametrize(
    "path", [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in DOCUMENTS]
)


@posix
@every_document
def test_every_command_prints_what_the_document_says(
    path: Path, tmp_path: Path, closed_off: Path, request: pytest.FixtureRequest
) -> None:
    text = path.read_text(encoding="utf-8")
    count = text.count("```console\n") + text.count("```python\n")
    if not count:
        return
    (tmp_path / ".git").mkdir()
    blocks = replay(text, tmp_path, closed_off)
    assert len(blocks) == count
    if request.config.getoption("--update"):
        path.write_text(updated(text, blocks), encoding="utf-8")
        return
    wrong = [block for block in blocks if block.differs]
    assert not wrong, "\n".join(f"--- the document says\n{w.written}--- it prints\n{w.actual}" for w in wrong)


def anchors(path: Path) -> set[str]:
    """The places of a document that a link can lead to: GitHub's for each heading, and those set by hand."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"<[^>]*>|[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain} | set(re.findall(r'<a id="([^"]+)">', text))


@every_document
def test_every_link_leads_to_something(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    lost = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if target.is_dir() and anchor:
            target /= "README.md"
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


@every_document
def test_every_function_is_where_the_document_says(path: Path) -> None:
    """A link `[`name`](file.py)` names a function or class of that file."""
    lost = []
    for names, file in re.findall(r"\[([^\]]*`[^\]]*)\]\(([^)\s]+\.py)\)", path.read_text(encoding="utf-8")):
        code = (path.parent / file).read_text(encoding="utf-8")
        lost += [
            f"{name} in {file}"
            for name in re.findall(r"`(\w+)`", names)
            if not re.search(rf"^\s*(?:async )?(?:def|class) {name}\b", code, re.MULTILINE)
        ]
    assert not lost


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= README_BYTES, (
        "move what only some readers need into a folder's README"
    )


def test_the_table_of_commands(request: pytest.FixtureRequest) -> None:
    path = ROOT / "README.md"
    text = path.read_text(encoding="utf-8")
    begin, end = "<!-- commands: written by pytest --update -->\n", "<!-- end of commands -->"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    rows = [f"| `mcapp {name}` | {sentence} |" for name, sentence in COMMANDS.items()]
    wanted = "\n".join([f"{head}{begin}", "| command | |", "|---|---|", *rows, "", f"{end}{tail}"])
    if request.config.getoption("--update"):
        path.write_text(wanted, encoding="utf-8")
        return
    assert text == wanted, "`pytest --update tests/documents` writes the table of commands in README.md"


def table(heading: str) -> set[str]:
    """The words in the first column of the README's table with this heading."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition(f"| {heading} |")
    rows, _, _ = rest.partition("\n\n")
    cells = [line.split("|")[1] for line in rows.splitlines()[2:]]
    return {word.partition("=")[0].strip(" `") for cell in cells for word in cell.split(",")}


def test_every_exit_code_has_its_row() -> None:
    errors = {error.exit_code for error in McappError.__subclasses__() if error.__module__ == McappError.__module__}
    assert {int(code) for code in table("exit code")} == {0, McappError.exit_code, 141} | errors


def test_every_variable_has_its_row() -> None:
    """Every string in the code that is the name of one of mcapp's own variables."""
    names = {
        name
        for path in (ROOT / "mcapp").rglob("*.py")
        for name in re.findall(r'"((?:MCAPP|MANYCHAT)_[A-Z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(names) > 4
    assert names <= table("variable"), "add a row to the table of variables in README.md"


def test_every_format_has_its_row() -> None:
    """The formats are those that each command's `--output-format` accepts."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows, _, _ = text.partition("| format |")[2].partition("\n\n")
    shown = {cells[1].strip(" `"): cells[2] for line in rows.splitlines()[2:] if (cells := line.split("|"))}
    known: dict[str, set[str]] = {}
    for words in LEAVES:
        option = options(*words).get("--output-format")
        for name in option.help.rpartition("One of ")[2].rstrip(".").split(", ") if option else ():
            known.setdefault(name, set()).add(words[0])
    assert {"text", "json", *FORMATS} <= set(known)
    missing = sorted(set(known) - set(shown))
    assert not missing, f"add a row for {', '.join(missing)} to the table of formats in README.md"
    assert set(shown) == set(known), "the table of formats in README.md has rows of formats that do not exist"
    for name, commands in known.items():
        if "every report" not in shown[name]:
            assert set(re.findall(r"`([a-z]+)`", shown[name])) == commands - {"demo"}, f"which commands have {name}?"


def test_every_key_of_the_configuration_is_shown() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert tomllib.loads(example).keys() == config.KEYS.keys()


def test_every_schema_is_listed() -> None:
    text = (ROOT / "schemas" / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in (ROOT / "schemas").glob("*.json")}
    assert set(re.findall(r"\((\w+\.schema\.json)\)", text)) == files


def test_the_rooms_are_those_of_the_house() -> None:
    text = (ROOT / "mcapp" / "README.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("```text\n")
    rooms = [line.split()[0] for line in rest.partition("```")[0].splitlines()]
    assert rooms == list(FLOORS), "mcapp/README.md lists the rooms in the order of FLOORS in tests/house/test_arrows.py"


def test_the_reference_of_rules(request: pytest.FixtureRequest) -> None:
    path = ROOT / "mcapp" / "lint" / "rules" / "README.md"
    wanted = reference(ALL)
    if request.config.getoption("--update"):
        path.write_text(wanted, encoding="utf-8")
        return
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    assert written == wanted, "`pytest --update tests/documents` writes mcapp/lint/rules/README.md from the rules"


def test_every_rule_leads_to_its_page() -> None:
    found = anchors(ROOT / "mcapp" / "lint" / "rules" / "README.md")
    lost = [rule.url for rule in ALL if rule.url != f"{REFERENCE}#{rule.code.lower()}"]
    lost += [rule.code for rule in ALL if rule.code.lower() not in found]
    assert not lost
    assert REFERENCE.endswith("/mcapp/lint/rules/README.md")
