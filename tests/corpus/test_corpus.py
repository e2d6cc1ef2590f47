"""Whole files: those that real apps resemble have no error, damaged ones exactly the findings of their .out file.

`pytest --update` writes the .out files anew; read the difference before you commit it.
"""

from pathlib import Path

import pytest

from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.json"))
BAD = sorted((HERE / "bad").glob("*.json"))


def shown(path: Path) -> str:
    checked = check(read(path.read_bytes(), path.name))
    lines = [f"{checked.kind}"]
    for f in checked.findings:
        lines.append(f"{f.line}:{f.column}: {f.severity}[{f.rule} {f.name}] {f.message}")
        lines.extend(f"    {r.place.line}:{r.place.column}: {r.message}" for r in f.related)
        if f.help:
            lines.append(f"    help: {f.help}")
        if f.fix:
            lines.append(f"    {f.fix.safety} fix: {f.fix.title}")
    return "\n".join(lines) + "\n"


def test_there_are_as_many_as_promised() -> None:
    assert len(GOOD) >= 6
    assert len(BAD) >= 40


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_files_like_those_of_real_apps_have_no_error(path: Path) -> None:
    checked = check(read(path.read_bytes(), path.name))
    assert checked.kind == "app"
    assert [f for f in checked.findings if f.severity == "error"] == []


@pytest.mark.parametrize("path", GOOD + BAD, ids=lambda path: path.stem)
def test_the_findings_are_exactly_those_of_the_out_file(path: Path, request: pytest.FixtureRequest) -> None:
    out = path.with_suffix(".out")
    if request.config.getoption("--update"):
        out.write_text(shown(path), encoding="utf-8")
    assert shown(path) == out.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", GOOD + BAD, ids=lambda path: path.stem)
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_fixing_twice_changes_nothing_more(path: Path, unsafe: bool) -> None:
    once = fix(read(path.read_bytes(), path.name), Settings(), unsafe=unsafe)
    twice = fix(once.document, Settings(), unsafe=unsafe)
    assert twice.document.raw == once.document.raw
    assert twice.fixed == 0
    allowed = ("safe", "unsafe") if unsafe else ("safe",)
    assert [f for f in once.findings if f.fix and f.fix.safety in allowed] == []
    if once.fixed == 0:
        assert once.document.raw == path.read_bytes()
