"""The documents are true: their console and Python blocks are run, their links lead somewhere.

`pytest --update` writes the outputs anew.
"""

import os
import re
from pathlib import Path

import pytest

from mcapp.lint.model import REFERENCE
from mcapp.lint.rules import ALL
from tests.documents.replay import replay, updated
from tests.documents.rule_reference import reference
from tests.harness import ROOT

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
        if target.is_dir():
            target /= "README.md"
        if not target.is_file() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


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
