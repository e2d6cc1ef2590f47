"""What validate reads: files, folders, standard input; and what it refuses, always with a sentence and exit code 2."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp import files
from tests.harness import Cli, Process

REQUEST: dict[str, object] = {
    "url": "https://example.com/a",
    "method": "GET",
    "headers": [],
    "mapping": [],
    "payload": None,
}
ACTION: dict[str, object] = {"name": "a", "title": "A", "description": "Does it.", "forms": [], "requests": [REQUEST]}
GOOD = {"auth": None, "actions": [ACTION]}
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX only")


def app(path: Path, **changes: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**GOOD, **changes}))
    return path


def test_a_good_file(cli: Cli, tmp_path: Path) -> None:
    result = cli("validate", app(tmp_path / "app.json"))
    assert (result.code, result.err) == (0, "")
    assert result.out == "no problems in 1 file\n"


def test_folders_are_searched(cli: Cli, tmp_path: Path) -> None:
    for name in ("b/app.json", "a/manychat.json", "a/x/shop.manychat.json", "other.json", "app.json.bak"):
        app(tmp_path / name)
    for skipped in (".git/app.json", ".venv/app.json", "node_modules/m/app.json"):
        app(tmp_path / skipped, actions=None)
    (tmp_path / "link").symlink_to(tmp_path / "b")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "app.json").symlink_to(tmp_path / "other.json")
    for arguments in ((), (".",), (tmp_path,)):
        result = cli("validate", *arguments, "--json")
        assert result.code == 0
        base = f"{tmp_path}/" if arguments == (tmp_path,) else ""
        names = [f"{base}{name}" for name in ("a/manychat.json", "a/x/shop.manychat.json", "b/app.json")]
        assert [file["path"] for file in result.json()["files"]] == names


def test_a_file_named_twice_is_checked_once(cli: Cli, tmp_path: Path) -> None:
    app(tmp_path / "app.json")
    assert [f["path"] for f in cli("validate", "app.json", "./app.json", ".", "--json").json()["files"]] == ["app.json"]


def test_configured_names(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "mcapp.toml").write_text('files = ["apps/*/manifest.json", "*.app"]')
    for name in ("apps/one/manifest.json", "apps/one/deep/manifest.json", "two.app", "app.json"):
        app(tmp_path / name)
    files = cli("validate", "--json").json()["files"]
    assert [file["path"] for file in files] == ["two.app", "apps/one/manifest.json"]


def test_nothing_found(cli: Cli, tmp_path: Path) -> None:
    result = cli("validate")
    assert result.code == 2
    assert "no App JSON in this folder: looked for app.json, manychat.json, *.manychat.json" in " ".join(
        result.out.split()
    )
    (tmp_path / "empty").mkdir()
    result = cli("validate", "empty", "--json")
    assert result.code == 2
    assert result.json()["errors"][0]["code"] == "nothing-found"
    assert result.json()["ok"] is False


def test_a_missing_file_among_good_ones(cli: Cli, tmp_path: Path) -> None:
    app(tmp_path / "one.json")
    app(tmp_path / "two.json", actions=[])
    result = cli("validate", "one.json", "gone.json", "two.json", "--json")
    assert result.code == 2, "not being able to answer beats findings"
    report = result.json()
    assert [file["path"] for file in report["files"]] == ["one.json", "two.json"]
    assert {finding["path"] for finding in report["findings"]} == {"two.json"}
    assert [(e["code"], e["path"]) for e in report["errors"]] == [("missing", "gone.json")]
    text = cli("validate", "one.json", "gone.json", "two.json")
    assert text.code == 2
    assert "gone.json does not exist" in text.out
    assert "two.json:1:" in text.out


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("ap.json", "did you mean app.json?"),
        ("shop/ap.json", "did you mean shop/app.json?"),
        ("APP.JSON", "did you mean app.json?"),
        ("zzz.json", "mcapp generate --emit app -o FILE writes a new one"),
        ("lost.json", "mcapp generate --emit app -o FILE writes a new one"),
        ("nowhere/app.json", "there is no folder nowhere"),
        ("zzz", ""),
    ],
)
def test_a_file_that_was_meant_is_suggested(cli: Cli, tmp_path: Path, typed: str, hint: str) -> None:
    (tmp_path / "shop").mkdir()
    for path in ("app.json", "shop/app.json"):
        app(tmp_path / path)
    (tmp_path / "lost.json").symlink_to("nowhere")
    (error,) = cli("validate", typed, "--json").json()["errors"]
    assert (error["code"], error["hint"]) == ("missing", hint)


def test_a_suggestion_is_no_command_to_the_terminal(cli: Cli, tmp_path: Path) -> None:
    app(tmp_path / "app\x1b[31m.json")
    for result in (cli("validate", "app.json"), cli("send", "app.json", "--to", "http://127.0.0.1:1")):
        assert "did you mean app" in result.out + result.err
        assert "\x1b" not in result.out + result.err


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="a file that is longer than it says")
def test_a_file_is_read_to_its_end_whatever_its_size_is_said_to_be() -> None:
    assert Path("/proc/self/cmdline").stat().st_size == 0
    assert files.read_document("/proc/self/cmdline") == Path("/proc/self/cmdline").read_bytes() != b""


@posix
def test_what_is_not_a_file_is_refused_at_once(cli: Cli, tmp_path: Path) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    os.mkfifo(tmp_path / "fifo.json")
    assert "fifo.json is not a regular file" in cli("validate", "fifo.json").out
    result = cli("validate", "/dev/zero")
    assert (result.code, "/dev/zero is not a regular file" in result.out) == (2, True)
    os.mkfifo(tmp_path / "app.json")
    assert cli("validate", ".").code == 2, "a FIFO is nothing to be found"


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(cli: Cli, tmp_path: Path) -> None:
    app(tmp_path / "app.json").chmod(0)
    result = cli("validate", "app.json")
    assert result.code == 2
    assert "app.json cannot be read: permission denied" in result.out


@posix
def test_an_unreadable_file_or_folder_in_a_process_without_rights(process: Process, tmp_path: Path) -> None:
    """Also for root, whom no mode keeps out: a loop of links cannot be opened by anybody."""
    (tmp_path / "app.json").symlink_to("app.json")
    result = process("validate", "app.json")
    assert result.code == 2
    assert "app.json cannot be read: too many levels of symbolic links" in result.out


def test_names_that_no_file_can_have(cli: Cli) -> None:
    for name in ("a\0b", "x" * 5000):
        result = cli("validate", name)
        assert result.code == 2
        assert "Traceback" not in result.out
        assert "error:" in result.out


def test_standard_input(cli: Cli) -> None:
    good = json.dumps(GOOD)
    assert cli("validate", "-", stdin=good).code == 0
    report = cli("validate", "-", "--json", stdin=b"{").json()
    assert report["files"] == [{"path": "-", "kind": "app", "readable": True}]
    report = cli("validate", "-", "--stdin-filename", "apps/app.json", "--json", stdin=b"{").json()
    assert {finding["path"] for finding in report["findings"]} == {"apps/app.json"}


def test_a_real_process_with_standard_input_closed() -> None:
    code = "import os, sys; os.close(0); os.execv(sys.executable, [sys.executable, '-m', 'mcapp', 'validate', '-'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "standard input" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"auth": null, "actions": []}', "app"),
        ('{"actions": []}', "app"),
        ('{"triggers": []}', "app"),
        ('{"auth": {"type": "APIKEY"}}', "auth"),
        ('{"type": "APIKEY", "params": []}', "auth"),
        ('{"request": {"url": "https://example.com/"}}', "request"),
        ('{"url": "https://example.com/", "method": "POST"}', "request"),
        ('{"request": {}, "params": []}', "auth"),
        ('"request": {"url": "https://example.com/"}', "request"),
        ("[]", None),
        ("7", None),
        ("", None),
    ],
)
def test_what_it_is_told_apart_by_its_keys(cli: Cli, text: str, kind: str | None) -> None:
    assert cli("validate", "-", "--json", stdin=text).json()["files"][0]["kind"] == kind


def test_as_says_it_outright(cli: Cli) -> None:
    assert cli("validate", "-", "--as", "app", "--json", stdin='{"url": "x"}').json()["files"][0]["kind"] == "app"
    result = cli("validate", "-", "--as", "aps", stdin="{}")
    assert result.code == 2
    assert "invalid value for '--as': 'aps' is not one of 'request', 'auth', 'app'" in result.err
