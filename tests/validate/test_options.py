"""validate's options: which rules, which reports, which exit code, and how fixes are shown and applied."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from mcapp import files
from tests.harness import Cli

# One safe fix (a comment), one error without a fix (no url scheme), and warnings.
BROKEN = """{
  "auth": null, // none
  "actions": [
    {"name": "a", "title": "A", "requests": [
      {"url": "https://example.com/a", "method": "get", "headers": [], "mapping": [], "payload": null}]}
  ]
}
"""
MENDED = BROKEN.replace(" // none", "").replace('"get"', '"GET"')


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "app.json"
    path.write_bytes(BROKEN.encode())
    return path


def rules(cli: Cli, *arguments: str) -> set[str]:
    return {finding["name"] for finding in cli("validate", "app.json", "--json", *arguments).json()["findings"]}


@pytest.mark.usefixtures("broken")
class TestWhichRules:
    def test_select_and_ignore(self, cli: Cli) -> None:
        everything = rules(cli)
        assert {"comment", "missing-description"} <= everything
        assert rules(cli, "--select", "MC0") == {"comment"}
        assert rules(cli, "--select", "comment,missing-description") == {"comment", "missing-description"}
        assert rules(cli, "--select", "MC0", "--select", "missing-description") == {"comment", "missing-description"}
        assert rules(cli, "--ignore", "comment") == everything - {"comment"}
        assert rules(cli, "--ignore", "mc") == set()
        assert rules(cli, "--select", "MC0", "--ignore", "MC002") == set()

    def test_the_configuration_speaks_where_the_options_do_not(self, cli: Cli) -> None:
        Path("mcapp.toml").write_text('select = ["MC0"]\nfail-on = "never"')
        assert rules(cli) == {"comment"}
        assert cli("validate", "app.json").code == 0
        assert cli("validate", "app.json", "--fail-on", "error").code == 1
        assert rules(cli, "--select", "missing-description") == {"missing-description"}
        assert len(rules(cli, "--isolated")) > 1
        refused = cli("validate", "--output-format", "json=mcapp.toml")
        assert (refused.code, refused.out, "mcapp.toml, which this run uses" in refused.err) == (2, "", True)

    @pytest.mark.parametrize("option", ["--select", "--ignore"])
    def test_a_rule_that_does_not_exist(self, cli: Cli, option: str) -> None:
        result = cli("validate", "app.json", option, "coment")
        assert (result.code, result.out) == (2, "")
        assert "unknown rule 'coment'" in result.err
        assert "did you mean comment?" in result.err

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ('base-url = "https://evil.example"', "unknown key `base-url`"),
            ('ignore = ["coment"]', "unknown rule 'coment'"),
        ],
    )
    def test_a_mistake_in_the_configuration(self, cli: Cli, text: str, what: str) -> None:
        path = Path("mcapp.toml").absolute()
        path.write_text(text)
        result = cli("validate", "app.json")
        assert result.code == 2
        assert f"{path}: {what}" in result.err
        (error,) = cli("validate", "app.json", "--json").json()["errors"]
        assert error["message"] == f"{path}: {what}"
        result = cli("validate", "app.json", "--json", "--select", "comment,coment")
        assert (result.out, result.err[:28]) == ("", "error: unknown rule 'coment'")


@pytest.mark.usefixtures("broken")
class TestExitCodes:
    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            ((), 1),
            (("--exit-zero",), 0),
            (("--fail-on", "never"), 0),
            (("--ignore", "comment"), 0),
            (("--ignore", "comment", "--fail-on", "warning"), 1),
            (("--select", "unknown-key", "--fail-on", "note"), 0),
            (("--fail-on", "eror"), 2),
            (("gone.json", "--exit-zero"), 2),
        ],
    )
    @pytest.mark.parametrize("output", ["text", "concise", "json", "jsonl", "sarif", "github"])
    def test_they_do_not_depend_on_the_format(
        self, cli: Cli, arguments: tuple[str, ...], code: int, output: str
    ) -> None:
        assert cli("validate", "app.json", *arguments, "--output-format", output).code == code


@pytest.mark.usefixtures("broken")
class TestReports:
    def test_several_in_one_run(self, cli: Cli) -> None:
        result = cli(
            "validate", "app.json", "--output-format", "concise", "--output-format", "json=out/r.json",
            "--output-format", "sarif=r.sarif",
        )  # fmt: skip
        assert result.code == 2
        assert "there is no folder out" in result.err
        result = cli(
            "validate", "app.json", "--output-format", "concise", "--output-format", "json=r.json",
            "--output-format", "sarif=r.sarif",
        )  # fmt: skip
        assert result.code == 1
        assert result.out.startswith("app.json:2:17: error[MC002] ")
        assert json.loads(Path("r.json").read_text())["command"] == "validate"
        assert json.loads(Path("r.sarif").read_text())["version"] == "2.1.0"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--output-format", "jsno"), "unknown output format 'jsno'"),
            (("--output-format", "json", "--output-format", "sarif"), "two reports cannot both go to stdout"),
            (("--output-format", "json=a", "--output-format", "sarif=./a"), "two reports cannot go to the same file"),
            (("--output-format", "json="), "has no file name after the ="),
            (("--json", "--diff"), "the json report cannot go there"),
        ],
    )
    def test_what_cannot_be_asked_for(self, cli: Cli, arguments: tuple[str, ...], message: str) -> None:
        result = cli("validate", "app.json", *arguments)
        assert (result.code, result.out) == (2, "")
        assert message in result.err

    def test_the_environment_chooses_where_no_option_does(self, cli: Cli) -> None:
        assert cli("validate", "app.json", env={"MCAPP_OUTPUT_FORMAT": "json"}).json()["command"] == "validate"
        text = cli("validate", "app.json", "--output-format", "concise", env={"MCAPP_OUTPUT_FORMAT": "json"}).out
        assert text.startswith("app.json:2:17: ")
        assert "error[" in cli("validate", "app.json", env={"MCAPP_OUTPUT_FORMAT": "pdf"}).out

    def test_the_job_summary(self, cli: Cli, tmp_path: Path) -> None:
        summary = tmp_path / "summary.md"
        summary.write_text("before\n")
        env = {"GITHUB_STEP_SUMMARY": str(summary)}
        result = cli("validate", "app.json", "--output-format", "github", env=env)
        assert result.code == 1
        assert "::error " in result.out
        assert summary.read_text().startswith("before\n")
        assert "MC002" in summary.read_text()

    def test_an_error_on_the_way_is_in_the_report(self, cli: Cli) -> None:
        env = {"GITHUB_STEP_SUMMARY": "/nowhere/summary.md"}
        result = cli("validate", "app.json", "--output-format", "github", env=env)
        assert result.code == 2
        assert "the job summary cannot be written" in result.err

    def test_quiet_says_nothing(self, cli: Cli) -> None:
        result = cli("-q", "validate", "app.json")
        assert (result.code, result.out, result.err) == (1, "", "")
        assert cli("validate", "app.json", "--quiet").out == ""


@pytest.mark.usefixtures("broken")
def test_an_interruption_keeps_what_was_found(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    read = files.read_document

    def interrupted(path: str) -> bytes:
        if path == "second.json":
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr("mcapp.report.validation.read_document", interrupted)
    result = cli("validate", "app.json", "second.json", "--json")
    assert result.code == 130
    report = result.json()  # one document, not two
    assert [file["path"] for file in report["files"]] == ["app.json"]
    assert report["findings"]
    assert [error["code"] for error in report["errors"]] == ["interrupted"]
    assert cli("validate", "app.json", "second.json").code == 130


class TestFixes:
    def test_safe_ones(self, cli: Cli, broken: Path) -> None:
        broken.chmod(0o640)
        result = cli("validate", "app.json", "--fix")
        assert result.code == 0, result.out
        assert broken.read_text() == MENDED
        assert broken.stat().st_mode & 0o777 == 0o640 or os.name != "posix"
        assert "fixed 2" in result.out.lower() or "2 fixed" in result.out.lower()
        before = broken.stat()
        cli("validate", "app.json", "--fix")
        assert broken.stat().st_mtime_ns == before.st_mtime_ns, "nothing left to do, nothing written"

    def test_diff_writes_nothing(self, cli: Cli, broken: Path) -> None:
        result = cli("validate", "app.json", "--diff")
        assert result.code == 1
        assert '-  "auth": null, // none\n+  "auth": null,\n' in result.out
        assert broken.read_text() == BROKEN
        assert "comment" in result.err
        Path("app.json").write_text(MENDED)
        result = cli("validate", "app.json", "--diff")
        assert (result.code, result.out) == (0, "")

    def test_a_diff_can_be_applied_by_git(self, cli: Cli, broken: Path) -> None:
        patch = cli("validate", "app.json", "--diff").out
        done = subprocess.run(
            ["git", "apply", "-"], input=patch, text=True, capture_output=True, check=False, cwd=broken.parent
        )
        assert done.returncode == 0, done.stderr
        assert broken.read_text() == MENDED

    def test_standard_input_is_fixed_to_standard_output(self, cli: Cli) -> None:
        result = cli("validate", "-", "--fix", stdin=BROKEN)
        assert result.raw == MENDED.encode()
        assert "missing-description" in result.err or "description" in result.err
        assert result.code == 0
        result = cli("validate", "-", "--fix", "--json", stdin=BROKEN)
        assert (result.code, result.out) == (2, "")
        assert "the json report cannot go there" in result.err
        result = cli("validate", "-", "--fix", "--output-format", "json=r.json", stdin=BROKEN)
        assert result.raw == MENDED.encode()
        assert json.loads(Path("r.json").read_text())["ok"] is True

    def test_what_was_not_read_to_its_end_is_not_printed(self, cli: Cli) -> None:
        result = cli("validate", "-", "--fix", stdin=b" " * 20_000_001)
        assert (result.code, result.raw) == (1, b"")
        assert "larger than 20,000,000 bytes" in result.err

    def test_unsafe_ones_only_when_asked_for(self, cli: Cli) -> None:
        text = '"request": {"url": "https://example.com/", "method": "POST", "headers": ["x-token: {{app_token}}"]}'
        assert cli("validate", "-", "--fix", stdin=text).out == text
        assert json.loads(cli("validate", "-", "--unsafe-fixes", stdin=text).out)["request"]["method"] == "POST"

    def test_bytes_that_no_fix_touches_stay(self, cli: Cli) -> None:
        raw = b'\xef\xbb\xbf{\r\n\t"auth" : null , /* x */\r\n"actions":[ ]}'
        assert cli("validate", "-", "--fix", stdin=raw).raw == b'{\r\n\t"auth" : null ,\r\n"actions":[ ]}'


@pytest.mark.usefixtures("broken")
def test_concise_says_on_stderr_how_many_were_fixed(cli: Cli) -> None:
    result = cli("validate", "--fix", "--output-format", "concise")
    assert "fixed 2 problems" in result.err
    assert "fixed" not in result.out
