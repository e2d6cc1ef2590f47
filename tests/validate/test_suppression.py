"""[[suppress]]: findings that are accepted, never by line or count."""

import json
import tomllib
from pathlib import Path, PurePath
from typing import Any

import pytest

from mcapp.config import Config, Suppression, add_suppressions, load, remove_suppressions
from mcapp.errors import ConfigProblem
from mcapp.report import FORMATS
from tests.harness import Cli

APP = """{
  "description": "d",
  "auth": null,
  "actions": [
    {"name": "a", "title": "A", "requests": [
      {"url": "https://example.com/[[one]]/[[two]]", "method": "get", "headers": [], "mapping": [], "payload": null}]},
    {"title": "no name", "requests": [{"url": "https://example.com/b", "method": "POST"}]}
  ]
}
"""
BROKEN = '{"auth": null, // none\n "actions": [}'
COMMENTED = '# the top\nfail-on = "note"  # all of them\n\n[scopes]\nexpect = []  # none yet\n'


@pytest.fixture
def app() -> Path:
    path = Path("app.json")
    path.write_text(APP)
    return path


def suppress(cli: Cli, *more: str) -> None:
    result = cli("validate", "app.json", "--suppress-all", "--reason", "known", *more)
    assert (result.code, "suppressed" in result.err) == (0, True), result


def report(cli: Cli, *more: str, code: int | None = None) -> Any:
    result = cli("validate", "app.json", "--json", "--fail-on", "note", *more)
    assert code is None or result.code == code, result
    return result.json()


def found(document: Any) -> list[str]:
    return [f"{one['rule']} {one['message']}" for one in document["findings"]]


def test_with_a_file_that_cannot_be_read_nothing_is_suppressed(cli: Cli) -> None:
    Path("app.json").write_text("[]", encoding="utf-8")
    result = cli("validate", "app.json", "gone.json", "--suppress-all", "--reason", "known")
    assert (result.code, result.err) == (2, "nothing was suppressed: not every file was checked\n")
    assert not Path("mcapp.toml").exists()


@pytest.mark.parametrize("text", [APP, BROKEN])
def test_suppress_all_then_clean(cli: Cli, app: Path, text: str) -> None:
    app.write_text(text)
    before = report(cli, code=1)
    suppress(cli)
    after = report(cli, code=0)
    assert (after["findings"], after["warnings"]) == ([], [])
    assert len(after["suppressed"]) == len(before["findings"]) == after["summary"]["suppressed"]
    assert {one["reason"] for one in after["suppressed"]} == {"known"}
    assert found(report(cli, "--no-suppress", code=1)) == found(before)
    suppress_again = cli("validate", "app.json", "--suppress-all", "--reason", "again")
    assert (suppress_again.code, suppress_again.err) == (0, "")


def test_moved_lines_change_nothing(cli: Cli, app: Path) -> None:
    for text in (APP, BROKEN):
        app.write_text(text)
        Path("mcapp.toml").unlink(missing_ok=True)
        suppress(cli)
        app.write_text("\n" * 10 + text.replace("\n", "\n\n").replace('": ', '":   '))
        document = report(cli, code=0)
        assert (document["findings"], document["warnings"]) == ([], [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"title": "no name", ', ""),  # the same object lacks one thing more
        ("[[one]]", "[[one]]/[[three]]"),  # the same text has one more
        ("[[one]]", "[[one]]/[[one]]"),
    ],
)
def test_a_new_finding_of_the_same_rule_in_the_same_place_is_shown(cli: Cli, app: Path, old: str, new: str) -> None:
    suppress(cli)
    app.write_text(APP.replace(old, new))
    assert len(report(cli, code=1)["findings"]) == 1


def test_a_swapped_finding_is_not_hidden(cli: Cli, app: Path) -> None:
    suppress(cli)
    app.write_text(APP.replace("[[two]]", "[[three]]"))
    document = report(cli, code=1)
    assert [one["message"].count("[[three]]") for one in document["findings"]] == [1]
    assert [one["code"] for one in document["warnings"]] == ["unused-suppression"]


def test_a_fixed_finding_is_reported_as_unused(cli: Cli, app: Path) -> None:
    suppress(cli)
    app.write_text(APP.replace('"get"', '"GET"'))
    result = cli("validate", "app.json")
    assert result.code == 0
    assert "warning: mcapp.toml: the suppression of MC218 in app.json" in result.out
    assert "--prune-suppressions" in result.out
    for option, code in (("unused-suppression", 1), ("never,unused-suppression", 1), ("never", 0)):
        assert cli("validate", "app.json", "--fail-on", option).code == code
    # Whatever fails the run, every format says it.
    for name in FORMATS:
        told = cli("validate", "app.json", "--output-format", name, "--fail-on", "unused-suppression")
        assert told.code == 1
        assert "unused-suppression" in told.out or "matches nothing any more" in told.out, name
    gitlab = cli("validate", "app.json", "--output-format", "gitlab").json()
    assert [row["severity"] for row in gitlab if row["check_name"] == "unused-suppression"] == ["minor"]
    assert "<failure" in cli("validate", "app.json", "--output-format", "junit", "--fail-on", "unused-suppression").out
    assert "<failure" not in cli("validate", "app.json", "--output-format", "junit").out
    # A rule that was not applied, and a file that was not checked, say nothing.
    assert report(cli, "--ignore", "MC218")["warnings"] == []
    Path("other.json").write_text(APP)
    assert cli("validate", "other.json", "--json").json()["warnings"] == []
    # An entry of a deleted file does.
    app.unlink()
    gone = cli("validate", "other.json", "--json").json()["warnings"]
    assert len(gone) == len(load().suppress)


@pytest.mark.usefixtures("app")
def test_an_expired_entry_is_loud_and_its_finding_is_back(cli: Cli) -> None:
    suppress(cli)
    config = Path("mcapp.toml")
    text = config.read_text()
    config.write_text(text.replace('rule = "MC218"', 'rule = "MC218"\nexpires = 2001-01-01'))
    document = report(cli, code=1)
    assert [one["rule"] for one in document["findings"]] == ["MC218"]
    assert [one["code"] for one in document["warnings"]] == ["expired-suppression"]
    assert "expired on 2001-01-01 (known)" in cli("validate", "app.json").out
    config.write_text(text.replace('rule = "MC218"', 'rule = "MC218"\nexpires = "2999-01-01"'))
    assert report(cli, code=0)["warnings"] == []


def test_prune_removes_what_matches_nothing(cli: Cli, app: Path) -> None:
    Path("mcapp.toml").write_text(COMMENTED)
    suppress(cli)
    config = Path("mcapp.toml")
    config.write_text(config.read_text() + "\n# the end\n")
    entries = load().suppress
    app.write_text(APP.replace('"get"', '"GET"'))
    before = config.read_bytes()
    for option in (("--select", "MC2"), ("--ignore", "MC3"), ("--as", "app")):
        result = cli("validate", "app.json", "--prune-suppressions", *option)
        assert "nothing was removed" in result.err
        assert config.read_bytes() == before
    result = cli("validate", "app.json", "--prune-suppressions", "--json")
    assert "removed 1 suppression" in result.err
    assert result.json()["warnings"] == []
    assert load().suppress == tuple(entry for entry in entries if entry.rule != "MC218")
    after = config.read_text()
    assert after.startswith(COMMENTED)
    assert after.endswith("\n# the end\n")
    assert cli("validate", "app.json", "--prune-suppressions").err == ""


def test_fixes_leave_suppressed_findings_alone(cli: Cli, app: Path) -> None:
    suppress(cli)
    assert cli("validate", "app.json", "--unsafe-fixes").code == 0
    assert app.read_text() == APP


@pytest.mark.usefixtures("app")
def test_suppressed_findings_in_the_formats(cli: Cli) -> None:
    def results() -> Any:
        return cli("validate", "app.json", "--output-format", "sarif").json()["runs"][0]["results"]

    before = [one["partialFingerprints"] for one in results()]
    suppress(cli)
    assert [one["partialFingerprints"] for one in results()] == before
    assert {json.dumps(one["suppressions"]) for one in results()} == {
        '[{"kind": "external", "status": "accepted", "justification": "known"}]'
    }
    assert cli("validate", "app.json", "--output-format", "gitlab").json() == []
    junit = cli("validate", "app.json", "--output-format", "junit").out
    assert junit.count("<skipped") == len(before)
    assert f"{len(before)} suppressed" in cli("validate", "app.json").out
    last = cli("validate", "app.json", "--output-format", "jsonl").out.splitlines()
    assert [json.loads(line)["type"] for line in last] == ["suppressed"] * len(before) + ["summary"]


@pytest.mark.parametrize(
    "options",
    [
        ("--suppress-all",),
        ("--suppress-all", "--reason", " "),
        ("--reason", "x"),
        ("--suppress-all", "--reason", "x", "--no-suppress"),
        ("--suppress-all", "--reason", "x", "--diff"),
        ("--prune-suppressions", "--isolated"),
        ("--statistics", "--output-format", "sarif"),
    ],
)
@pytest.mark.usefixtures("app")
def test_what_does_not_go_together(cli: Cli, options: tuple[str, ...]) -> None:
    assert cli("validate", "app.json", *options).code == 2
    assert not Path("mcapp.toml").exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[suppress]]\nrule = "MC203"', "has no `file`"),
        ('[[suppress]]\nrule = "MC203"\nfile = "a"\nreason = " "\npointer = ""', "has no `reason`"),
        ('[[suppress]]\nrule = "MC203"\nfile = "a"\nreason = "r"', "has no `pointer`"),
        ("[[suppress]]\nrule = 1", "must be a string"),
        ("[[suppress]]\nline = 1", "unknown key `suppress.line`"),
        ('[[suppress]]\nexpires = "soon"', "must be a date"),
        ('suppress = "MC203"', "must be an array of tables"),
    ],
)
def test_entries_that_are_wrong(text: str, says: str) -> None:
    Path("mcapp.toml").write_text(text)
    with pytest.raises(ConfigProblem, match=says.replace("[", r"\[")):
        load()


FILE = PurePath('a "b"\\c.json').as_posix()  # on Windows in a folder
ENTRY = Suppression("MC203", FILE, "why\n\x7f \U0001f600", "/x", "0123")


@pytest.mark.parametrize("name", ["mcapp.toml", "pyproject.toml"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_file_is_edited_in_place(name: str, end: str) -> None:
    head = (
        '# first\n[tool.mcapp]\nfail-on = "note" # why\n\n[tool.other]\nx = [\n 1, # one\n]'
        if "py" in name
        else COMMENTED
    )
    path = Path(name)
    path.write_bytes(head.replace("\n", end).encode())
    entries = [ENTRY._replace(pointer=f"/{number}") for number in range(4)]
    add_suppressions(path, entries[:2])
    add_suppressions(path, entries[2:])
    assert load().suppress == tuple(entries)
    remove_suppressions(path, {1, 3})
    assert load().suppress == (entries[0], entries[2])
    remove_suppressions(path, {0, 1})
    assert load().suppress == ()
    assert path.read_bytes().decode().rstrip() == head.replace("\n", end).rstrip()


def test_comments_between_entries_stay() -> None:
    block = '[[suppress]]\nrule = "MC{}" # in\nfile = "a"\nreason = "r"\npointer = ""\n'
    path = Path("mcapp.toml")
    path.write_text(block.format(1) + "\n# about 2\n" + block.format(2) + "# about 3\n" + block.format(3) + "# end")
    remove_suppressions(path, {1})
    assert path.read_text() == block.format(1) + "\n# about 2\n# about 3\n" + block.format(3) + "# end"


@pytest.mark.parametrize(
    "text",
    [
        'suppress = [{rule = "MC1", file = "a", reason = "r", pointer = ""}]',
        '[[suppress]]\nrule = "MC1"\nfile = "a"\npointer = ""\nreason = """\n[[suppress]]\n"""',
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_left_alone(text: str) -> None:
    path = Path("mcapp.toml")
    path.write_text(text)
    with pytest.raises(ConfigProblem, match="cannot change"):
        remove_suppressions(path, {0})
    assert path.read_text() == text
    tomllib.loads(text)


def test_a_file_in_another_folder(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "mcapp.toml").write_text("")
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "app.json").write_text(APP)
    monkeypatch.chdir(tmp_path / "apps")
    suppress(cli)
    assert {entry.file for entry in load().suppress} == {"apps/app.json"}
    assert report(cli)["findings"] == []
    monkeypatch.chdir(tmp_path)
    assert cli("validate", "--json", "--fail-on", "note").json()["findings"] == []
    assert Config().suppress == ()


def test_an_entry_may_name_its_file_in_any_way(cli: Cli, app: Path) -> None:
    suppress(cli)
    path = Path("mcapp.toml")
    text = path.read_text()
    for written in ("./app.json", "apps/../app.json", app.absolute().as_posix()):
        path.write_text(text.replace("app.json", written))
        assert report(cli)["findings"] == []


def test_statistics(cli: Cli, app: Path) -> None:
    app.write_text(APP)
    rows = report(cli, "--statistics")["statistics"]
    assert rows[0]["findings"] >= rows[-1]["findings"] >= 1
    text = cli("validate", "app.json", "--statistics").out
    assert all(f"{row['rule']}  {row['name']}" in text for row in rows)
    assert "-->" not in text
    assert cli("validate", "app.json", "--statistics", "--output-format", "concise").out.count("\n") == len(rows)
