"""What doctor says about Python, the configuration and the environment."""

import os
import sys
from pathlib import Path

import pytest

from tests.doctor.conftest import Doctor
from tests.harness import Cli, Process

GOOD = 'select = ["MC2"]\nfail-on = "warning"\n[scopes]\nexpect = ["GET /fb/page/getInfo"]\n'


def test_no_configuration_is_fine(doctor: Doctor, tmp_path: Path) -> None:
    (check,) = doctor("configuration")
    assert (check["status"], check["code"]) == ("ok", None)
    assert check["message"] == f"none; looked for mcapp.toml and pyproject.toml from {tmp_path} upwards"


def test_the_file_and_what_it_sets_are_named(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "mcapp.toml").write_text(GOOD)
    (check,) = doctor("configuration")
    assert check["message"] == f"{tmp_path / 'mcapp.toml'}: sets select, fail-on, scopes.expect"
    (tmp_path / "other.toml").write_text("")
    assert doctor("configuration", "--config", "other.toml")[0]["message"] == "other.toml: sets nothing"
    assert doctor("configuration", "--isolated")[0]["message"] == "none: --isolated"


def test_of_two_files_side_by_side_the_winner_is_named(doctor: Doctor, tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.mcapp]\nfail-on = "note"\n')
    assert doctor("configuration")[0]["message"] == f"{project}, table [tool.mcapp]: sets fail-on"
    (tmp_path / "mcapp.toml").write_text("")
    (used,) = doctor("configuration")
    assert used["message"] == f"{tmp_path / 'mcapp.toml'}: sets nothing"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('slect = ["MC2"]', "unknown key `slect`", "did you mean select?"),
        ('select = ["app-key-in-ulr"]', "unknown rule", "did you mean app-key-in-url?"),
        ('[scopes]\nexpect = ["GET /nowhere"]', "unknown scope", "mcapp endpoints"),
        ("select = [", "is not valid TOML", None),
    ],
)
def test_a_broken_configuration_is_a_problem_and_the_rest_is_looked_at(
    doctor: Doctor, cli: Cli, text: str, message: str, hint: str | None
) -> None:
    Path("mcapp.toml").write_text(text)
    (check,) = doctor("configuration")
    assert check["status"] == "problem"
    assert message in check["message"]
    assert (hint in check["hint"]) if hint else check["hint"] is None
    assert [found["status"] for found in doctor("file store")] == ["ok"]
    assert cli("doctor", "--isolated").code == 0


def test_a_configuration_that_is_not_there(doctor: Doctor) -> None:
    (check,) = doctor("configuration", "--config", "nowhere.toml")
    assert (check["status"], check["code"]) == ("problem", "config")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a folder that is in use may not be removable")
def test_a_working_directory_that_is_gone(process: Process, tmp_path: Path) -> None:
    program = tmp_path / "gone"
    program.mkdir()
    os.chdir(program)
    program.rmdir()
    try:
        done = process("doctor")
        assert (done.code, "the working directory does not exist any more" in done.out, done.err) == (1, True, "")
        assert process("validate").code == 2
    finally:
        os.chdir(tmp_path)


def test_variables_that_mcapp_does_not_know_are_named(doctor: Doctor) -> None:
    (found,) = doctor("environment", env={"MCAPP_KEYSTORE": "file"})
    assert (found["status"], found["code"]) == ("warning", "unknown-variable")
    assert found["hint"] == "did you mean MCAPP_KEY_STORE?"
    env = {"MCAPP_KEY_STORE": "file", "MCAPP_NO_INPUT": "1", "MCAPP_OUTPUT_FORMAT": "junit=x.xml"}
    assert doctor("environment", env=env) == []


@pytest.mark.parametrize("formats", ["text json", "json=", "json=a json=./a"])
def test_formats_that_exclude_each_other_name_the_variable(cli: Cli, formats: str) -> None:
    done = cli("doctor", env={"MCAPP_OUTPUT_FORMAT": formats})
    assert done.code == 2
    assert done.err.startswith("error: MCAPP_OUTPUT_FORMAT: ")
