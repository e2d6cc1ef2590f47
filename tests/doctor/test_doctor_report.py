"""How doctor reports: in columns that fit the terminal, with a verdict; and what it does in a folder that is bad."""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.doctor.conftest import Doctor
from tests.harness import Cli
from tests.pseudo_terminal import Terminal

KEY = "fake" + "Qz7-w_K2" * 6


@pytest.fixture
def shop(cli: Cli, closed_off: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stored key."""
    monkeypatch.setenv("MCAPP_KEY_STORE", "file")
    assert cli("keys", "add", "shop-a", "--stdin", stdin=KEY).code == 0
    return closed_off / "mcapp"


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in (folder, *folder.rglob("*"))
    }


def unsettled(shop: Path) -> None:
    """An add that was cut short, a key without an entry, one without a key, and a file that was left half written."""
    index = shop / "index.toml"
    text = index.read_text(encoding="utf-8")
    stored = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)[0]
    other = f"{stored[:-1]}{'0' if stored[-1] != '0' else '1'}"
    entry = text[text.index("[[") :] if "[[" in text else ""
    assert entry, "the index has another form by now: write this test anew"
    lost = entry.replace(stored, other).replace("shop-a", "shop-b")
    index.write_text(text.replace("ready", "adding", 1) + "\n" + lost, encoding="utf-8")
    keys = shop / "keys.toml"
    keys.write_text(keys.read_text().rstrip("\n") + f'\n{stored[:8]}-0000-4000-8000-000000000000 = "{KEY}z"\n')
    (shop / "keys.toml.new").write_bytes(b"half")
    (shop / "keys.toml.new").chmod(0o600)


def test_a_dry_run_changes_no_byte_mode_or_time(cli: Cli, shop: Path) -> None:
    unsettled(shop)
    before = tree(shop)
    seen = cli("doctor", "--dry-run")
    assert (seen.code, tree(shop)) == (1, before)
    assert seen.out.endswith("\n\n1 problem, 3 warnings\n")
    assert "repaired" not in seen.out
    done = cli("doctor")
    assert done.out.endswith("\n\n1 problem, 3 repaired\n")
    assert tree(shop) != before
    assert not (shop / "keys.toml.new").exists()


@pytest.mark.parametrize("columns", [45, 80, 120])
def test_no_path_code_or_command_is_broken_at_a_terminal(terminal: Terminal, shop: Path, columns: int) -> None:
    index = shop / "index.toml"
    index.write_text("x = [")
    shown = terminal("doctor", columns=columns, env={"MCAPP_KEYSTORE": "file", "NO_COLOR": "1"}).out.replace("\r", "")
    for whole in (
        f"mv -- {index} {index}.old",
        "  mcapp doctor",
        f"{shop / 'keys.toml'}",
        "MCAPP_KEYSTORE",
        "MCAPP_KEY_STORE?",
        sys.executable,
    ):
        assert any(whole in line for line in shown.splitlines()), whole
    long = [line for line in shown.splitlines() if len(line) > columns]
    # What is longer than the line is one word, or a hint: that may be a command.
    assert [line for line in long if " " in line.strip() and not re.match(r" {6}\S", line)] == []
    assert ("note      system store\n    there is no keyring here" in shown) is (columns < 80)
    assert shown.endswith("\n1 problem, 1 warning\n")


def test_a_pipe_gets_a_line_for_each_check(cli: Cli, shop: Path) -> None:
    assert f"ok        folder         {shop}\n" in cli("doctor").out
    assert "\x1b" not in cli("doctor").out
    assert "\x1b[1;32mok" in cli("doctor", "--color", "always").out


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
@pytest.mark.parametrize("name", ["lock", "busy.lock", "probes.json"])
def test_an_open_file_is_told_and_does_not_end_the_examination(doctor: Doctor, shop: Path, name: str) -> None:
    (shop / name).touch()
    (shop / name).chmod(0o644)
    unsettled(shop)
    problem, rest = doctor("files")
    assert (problem["status"], problem["code"]) == ("problem", "unsafe-file")
    assert problem["hint"] == f"make it private: chmod 600 {shop / name}"
    assert rest["message"].endswith(": readable by you alone")
    assert name not in rest["message"].partition(":")[0].split(", ")
    (shop / name).chmod(0o600)
    assert [check["status"] for check in doctor("files")] == ["ok"]


def test_a_damaged_index_does_not_hide_the_stores(doctor: Doctor, shop: Path) -> None:
    (shop / "index.toml").write_text("x = [")
    assert doctor("index")[0]["code"] == "corrupt-index"
    assert doctor("file store")[0]["message"].endswith("and holds 1 key")
    assert doctor("system store")[0]["code"] == (None if sys.platform == "win32" else "no-keyring")


@pytest.mark.skipif(sys.platform == "win32", reason="homes of other users, and what may be in a name, differ there")
@pytest.mark.parametrize(("where", "code"), [("~nobody-of-this-name/x", "no-folder"), (os.devnull, "unsafe-file")])
def test_a_folder_that_cannot_be(doctor: Doctor, cli: Cli, where: str, code: str) -> None:
    env = {"MCAPP_CONFIG_DIR": where}
    assert [(check["status"], check["code"]) for check in doctor("folder", env=env)] == [("problem", code)]
    assert doctor("system store", env=env)[0]["code"] == "no-keyring"
    assert doctor("file store", env=env) == []
    for words in (["keys", "list"], ["keys", "path"]):
        if code == "no-folder":
            assert cli(*words, env=env).code == 4


def test_a_folder_that_cannot_be_made(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (check,) = doctor("folder", env={"MCAPP_CONFIG_DIR": str(tmp_path / "file" / "below")})
    assert (check["status"], check["code"]) == ("warning", "read-only")
    assert check["message"].endswith(f"cannot be made: {tmp_path / 'file'} is not a folder")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write everything")
@pytest.mark.parametrize(("mode", "code", "status"), [(0o500, "read-only", "warning"), (0o000, "closed", "problem")])
def test_a_folder_that_may_not_be_used(doctor: Doctor, shop: Path, mode: int, code: str, status: str) -> None:
    shop.chmod(mode)
    try:
        (check,) = doctor("folder")
        assert (check["status"], check["code"]) == (status, code)
        assert f"chmod 700 {shop}" in check["hint"]
    finally:
        shop.chmod(0o700)


def test_a_key_of_the_environment_needs_no_folder(cli: Cli) -> None:
    env = {"MCAPP_CONFIG_DIR": "~nobody-of-this-name/x", "MANYCHAT_APP_KEY": KEY}
    # Nothing listens there; the key was found, and that is what counts here.
    done = cli(
        "probe",
        "--base-url",
        "http://127.0.0.1:1",
        "--only",
        "GET /fb/page/getInfo",
        "--deadline",
        "1",
        "--json",
        env=env,
    )
    assert done.json()["key"]["source"] == "environment"
