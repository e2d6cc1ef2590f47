"""What only Windows itself can show: its processes, pipes and Credential Manager. `make windows` runs this under Wine.

MCAPP_PARALLEL=100 adds that many keys at once; the ordinary run fewer.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Cli, Process, environment

if sys.platform != "win32":
    pytest.skip("Windows only; tests/platforms plays it elsewhere", allow_module_level=True)

PARALLEL = int(os.environ.get("MCAPP_PARALLEL", "0")) or 12
SYSTEM = {"MCAPP_KEY_STORE": "system"}
BAD = '{"request": {"url": "https://example.com/a", "method": "POST", "headers": ["x {{app_token}}"]}}\n'


def key(number: int = 0) -> str:
    return (f"fake{number:04d}" + "Qz7-w_K2" * 7)[:49]


@pytest.fixture
def shop(process: Process) -> Iterator[str]:
    """A key in the Credential Manager, as long as the test lasts."""
    done = process("keys", "add", "shop-a", "--stdin", stdin=key(), env=SYSTEM)
    assert done.code == 0, done.err
    assert "in the system keyring (Windows Credential Manager)" in done.out
    yield "shop-a"
    process("keys", "remove", "shop-a", "--yes")


def test_the_whole_loop(process: Process) -> None:
    done = process("demo", timeout=300)
    assert done.code == 0, done.out + done.err
    assert "7. probe" in done.out
    shown = [line for line in done.out.splitlines() if line.startswith("$ ")]
    assert not [line for line in shown if "'" in line or line.endswith("\\")]


# Keys


def test_a_key_is_kept_shown_and_removed(process: Process, shop: str) -> None:
    (entry,) = process("keys", "list", "--json").json()["keys"]
    assert (entry["name"], entry["store"], entry["backend"]) == (shop, "system", "windows-credentials")
    assert process("keys", "show", shop, "--reveal", "--force").out == f"{key()}\n"
    assert process("doctor", "--dry-run").code == 0
    assert process("keys", "remove", shop, "--yes").code == 0
    assert process("keys", "exec", shop, "--", "cmd", "/c", "exit 0").code == 4


def test_of_keys_that_are_added_at_once_none_is_lost(process: Process, cli: Cli) -> None:
    adding = [
        subprocess.Popen(
            [sys.executable, "-m", "mcapp", "keys", "add", f"key-{number}", "--stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(SYSTEM),
        )
        for number in range(PARALLEL)
    ]
    for number, started in enumerate(adding):
        assert started.stdin is not None
        started.stdin.write(key(number).encode())
        started.stdin.close()
        started.stdin = None
    for started in adding:
        err = started.communicate(timeout=600)[1]
        assert started.returncode == 0, err.decode()
    names = [entry["name"] for entry in process("keys", "list", "--json").json()["keys"]]
    assert sorted(names) == sorted(f"key-{number}" for number in range(PARALLEL))
    shown = [cli("keys", "show", name, "--reveal", "--force").out for name in names]
    assert sorted(shown) == sorted(f"{key(number)}\n" for number in range(PARALLEL))
    assert [cli("keys", "remove", name, "--yes").code for name in names] == [0] * PARALLEL


def test_a_script_that_nobody_can_ask_is_refused_at_once(process: Process) -> None:
    done = process("keys", "add", "shop-a", env=SYSTEM)
    assert (done.code, "there is no terminal to ask for the key" in done.err) == (2, True)
    with open(os.devnull, "rb") as nul:  # noqa: PTH123  # which says of itself that it is a terminal
        refused = subprocess.run(
            [sys.executable, "-m", "mcapp", "keys", "add"], stdin=nul, capture_output=True, timeout=60, check=False
        )
    assert refused.returncode == 2


# keys exec


def test_a_batch_file_gets_key_and_arguments(process: Process, shop: str, tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "show.cmd").write_text(
        "@echo off\r\necho %MANYCHAT_APP_KEY%\r\n"
        f'"{sys.executable}" -c "import json, sys; print(json.dumps(sys.argv[1:]))" %*\r\nexit /b 7\r\n',
        encoding="ascii",
    )
    # A name in % is for tests/platforms: the cmd of Wine expands it where that of Windows does not.
    words = ["run", "two words", "x&y", "a|b", "(c)", "^", "a\\"]
    env = {"PATH": f"{tmp_path / 'tools'};{os.environ['PATH']}"}
    done = process("keys", "exec", shop, "--", "show", *words, env=env)
    assert done.code == 7, done.err
    lines = done.out.splitlines()
    assert lines[0] == key()
    assert json.loads(lines[1]) == words


def test_a_program_in_the_current_folder_never_gets_the_key(process: Process, shop: str, tmp_path: Path) -> None:
    shutil.copy(os.environ["COMSPEC"], tmp_path / "foo.exe")
    (tmp_path / "bar.cmd").write_text("@echo started\r\n", encoding="ascii")
    for name in ("foo", "foo.exe", "bar", "bar.cmd"):
        done = process("keys", "exec", shop, "--", name, "/c", "echo started")
        assert (done.code, "started" in done.out) == (127, False)
    named = process("keys", "exec", shop, "--", ".\\foo", "/c", "echo started")
    assert (named.code, "started" in named.out) == (0, True)


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_is_the_commands(process: Process, shop: str, code: int) -> None:
    assert process("keys", "exec", shop, "--", "cmd", "/c", f"exit {code}").code == code


# Files and pipes


def test_patterns_are_expanded(process: Process, tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(BAD, encoding="utf-8")
    done = process("validate", "*.json", "--output-format", "json")
    assert {file["path"] for file in done.json()["files"]} == {"a.json", "b.json"}


def test_a_redirected_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    (tmp_path / "app.json").write_bytes(BAD.encode())
    with (tmp_path / "fix.diff").open("wb") as file:
        command = [sys.executable, "-m", "mcapp", "validate", "app.json", "--unsafe-fixes", "--diff"]
        subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, timeout=60, check=False)
    diff = (tmp_path / "fix.diff").read_bytes()
    assert diff.startswith(b"--- ")
    assert b"\r" not in diff
    if shutil.which("git"):
        subprocess.run(["git", "apply", "fix.diff"], cwd=tmp_path, timeout=60, check=True)
        assert (tmp_path / "app.json").read_bytes() == BAD.replace("x {{", "x: {{").encode()


def test_a_pipe_is_utf_8(process: Process, tmp_path: Path) -> None:
    (tmp_path / "grün-日本.json").write_text(BAD, encoding="utf-8")
    done = process("validate", "grün-日本.json", "--output-format", "concise")
    assert done.raw.startswith("grün-日本.json:".encode())
    assert b"\r" not in done.raw


def test_a_reader_that_goes_away_is_141() -> None:
    command = [sys.executable, "-m", "mcapp", "rules", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(1)
        running.stdout.close()
        err = running.stderr.read()
        assert running.wait(60) == 141, err


def test_a_file_that_is_read_all_the_time_can_be_replaced(process: Process, tmp_path: Path) -> None:
    (tmp_path / "app.json").write_bytes(b'{"auth": null, "actions": []}')
    read = "import sys, time; end = time.monotonic() + 20\nwhile time.monotonic() < end: open('app.json', 'rb').read()"
    reader = subprocess.Popen([sys.executable, "-c", read])
    try:
        done = [
            process("generate", "--url", "https://example.com/a", "--into", "app.json", "--force") for _ in range(3)
        ]
    finally:
        reader.kill()
        reader.wait()
    assert [run.code for run in done] == [0, 0, 0], done[0].err
