"""Source files of twelve kinds with the uses that `mcapp scopes` must find in them: corpus/*.txt.

Each text holds several files: `=== PATH` begins one. A line `<<< CLASS OPERATION METHOD !FINDING` is not part of it but
says what is expected of the line above; a line without one has no use. So no linter, and no run of pytest, takes the
files for the project's own.
"""

from pathlib import Path

import pytest

from tests.harness import Cli

CORPUS = Path(__file__).parent / "corpus"
LANGUAGES = sorted(path.stem for path in CORPUS.glob("*.txt"))


def unpack(text: str, folder: Path) -> dict[tuple[str, int], list[str]]:
    """Write the files into `folder`; the expected uses by file and line."""
    expected: dict[tuple[str, int], list[str]] = {}
    lines: list[str] = []
    name = ""
    for line in [*text.splitlines(), "=== "]:
        if line.startswith("=== "):
            if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            name, lines = line[4:], []
        elif line.startswith("<<< "):
            expected.setdefault((name, len(lines)), []).append(line[4:])
        else:
            lines.append(line)
    return expected


def described(cli: Cli, folder: str) -> dict[tuple[str, int], list[str]]:
    """What is found, in the corpus's words."""
    report = cli("scopes", folder, "--json").json()
    findings: dict[tuple[str, int, int], list[str]] = {}
    for finding in report["findings"]:
        place = (finding["path"], finding["line"], finding["column"])
        findings.setdefault(place, []).append(f"!{finding['kind']}")
    found: dict[tuple[str, int], list[str]] = {}
    for use in report["uses"]:
        path = Path(use["path"]).relative_to(folder).as_posix()
        words = [use["class"], use["scope"] or use["unknown"], use["method"]]
        words += findings.get((use["path"], use["line"], use["column"]), [])
        found.setdefault((path, use["line"]), []).append(" ".join(word for word in words if word))
    return found


def test_there_are_forty_files() -> None:
    assert sum(path.read_text(encoding="utf-8").count("=== ") for path in CORPUS.glob("*.txt")) >= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_use_is_found_and_classed(cli: Cli, tmp_path: Path, language: str) -> None:
    folder = tmp_path / "code"
    expected = unpack((CORPUS / f"{language}.txt").read_text(encoding="utf-8"), folder)
    assert described(cli, "code") == expected
