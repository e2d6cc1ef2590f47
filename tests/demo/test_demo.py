"""`mcapp demo`: the whole loop, and nothing of it is left, however it ends."""

import gc
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import pytest

from mcapp.commands import demo as demo_command
from mcapp.commands.emulate import KEY
from mcapp.keys.secret import Secret
from tests.harness import TIME_LIMIT, Cli, Process, environment

STEPS = ["generate", "validate", "listen", "send", "store", "emulate", "probe"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and /proc")


class Place:
    """A machine for one demo: where its temporary files go, and which processes are its own."""

    def __init__(self, folder: Path) -> None:
        self.mark = uuid4().hex
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.env = {"TMPDIR": str(self.temporary), "DEMO_MARK": self.mark}

    def left(self) -> list[str]:
        """Temporary files and processes that are still there."""
        return [*(path.name for path in self.temporary.iterdir()), *self.processes()]

    def processes(self) -> Iterator[str]:
        """The commands of this demo that run, by the mark in their environment. Empty where there is no /proc."""
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (path / "environ").read_bytes():
                    yield (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # another user's, or gone


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("machine"))


def test_the_whole_loop(process: Process, place: Place, tmp_path: Path, closed_off: Path) -> None:
    result = process("demo", env=place.env)
    assert result.code == 0, result.err
    assert re.findall(r"^\d\. (\w+)  ", result.out, re.MULTILINE) == STEPS
    told = result.out.partition("\n7. probe")[2]
    assert "no problems in 1 file" in result.out
    assert "error[MC302]" in result.out
    assert "App Setup would show success" in result.out
    assert "stored as demo in the file" in result.out
    assert re.search(r"^  granted +GET  /fb/page/getInfo$", told, re.MULTILINE)
    assert re.search(r"^  denied +POST /fb/sending/sendFlow$", told, re.MULTILINE)
    assert "nothing of it is left" in result.err
    assert place.left() == []
    assert list(tmp_path.iterdir()) == []
    assert list(closed_off.iterdir()) == []


def test_what_is_shown_is_what_was_run(process: Process, place: Place) -> None:
    """Each command can be typed as it is shown, coloured and plain."""
    plain = process("demo", env=place.env)
    coloured = process("demo", "--color", "always", env={**place.env, "COLUMNS": "45"})
    assert (plain.code, coloured.code) == (0, 0), plain.err + coloured.err
    assert "\x1b[1m$ mcapp generate" in coloured.out
    assert "\x1b[1;32mgranted" in coloured.out, "the commands themselves are coloured too"
    assert "\x1b" not in plain.out
    shown, same = (
        [shlex.split(re.sub(r":\d{4,5}\b", ":PORT", line)) for line in re.findall(r"^\$ (.*)", text, re.MULTILINE)]
        for text in (plain.out, re.sub(r"\x1b\[[0-9;]*m", "", coloured.out))
    )
    assert shown == same
    assert [command[0] for command in shown] == ["mcapp"] * 8
    assert plain.out.count("\n(in a terminal of its own)\n") == 2
    assert f"\n(where the environment has MANYCHAT_APP_KEY={KEY})\n" in plain.out


def test_nothing_of_the_user_is_read_or_touched(process: Process, place: Place, tmp_path: Path) -> None:
    marker = f"fake{uuid4().hex}"
    own = tmp_path / "own"
    own.mkdir()
    for name in ("index.toml", "keys.toml", "probes.json"):
        (own / name).write_text(f"{marker} is no TOML [", encoding="utf-8")
    for folder in (tmp_path, place.temporary):
        (folder / "mcapp.toml").write_text("no-such-setting = 1\n", encoding="utf-8")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file()}
    result = process(
        "demo",
        env={
            **place.env,
            "MCAPP_CONFIG_DIR": str(own),
            "MCAPP_OUTPUT_FORMAT": "json",
            "MCAPP_KEY_STORE": "system",
            "MANYCHAT_APP_KEY": marker,
            "MANYCHAT_APP_KEY_FILE": str(tmp_path / "nowhere"),
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
            "SSL_CERT_FILE": "/nonexistent",
            "PYTHONIOENCODING": "ascii",
        },
    )
    assert result.code == 0, result.out + result.err
    assert marker not in result.out + result.err
    assert "schema_version" not in result.out, "a command heeds the user's variables"
    assert Secret(marker).fingerprint not in result.out + result.err, "a command tells of the user's key"
    (place.temporary / "mcapp.toml").unlink()
    assert place.left() == []
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


def test_quiet(process: Process, place: Place) -> None:
    result = process("demo", "-q", env=place.env)
    assert (result.code, result.out, result.err) == (0, "", "")


@posix
@pytest.mark.parametrize(
    ("step", "name"), [("2. validate", "SIGINT"), ("4. send", "SIGTERM"), ("4. send", "SIGINT"), ("7. probe", "SIGHUP")]
)
def test_nothing_is_left_of_one_that_is_ended_early(place: Place, step: str, name: str) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "mcapp", "demo"],
        env=environment(place.env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with running:
        assert running.stdout is not None
        seen = ""
        for line in running.stdout:
            seen += line
            if line.startswith(step):
                break
        running.send_signal(getattr(signal, name))
        _, err = running.communicate(timeout=TIME_LIMIT)
    assert running.returncode == 130, seen + err
    assert err == "interrupted\n"
    assert place.left() == []
    assert seen.startswith("1. generate"), "what was done is shown"


# What stands in for Python: an mcapp that goes wrong.
def failing(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@posix
@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("echo broken; exit 7", 1, "mcapp generate ended with 7 instead of 0"),
        ('[ "$3" = listen ] && { echo no port is free; exit 2; }', 3, "did not start to listen: no port is free"),
        ('[ "$3" = emulate ] && exec sleep 60', 3, "mcapp emulate did not start to listen: it printed nothing"),
        ('[ "$3" = send ] && exec sleep 60', 3, "mcapp send did not end within 3 seconds"),
        # What is kept is less than what the emulator gave: no step has failed, and the demo still must not say so.
        (
            '[ "$3" = probe ] && { echo "GET /fb/page/getTags" > scopes.txt; exit 0; }',
            1,
            "did not find exactly the scopes",
        ),
    ],
)
def test_a_step_that_goes_wrong(
    cli: Cli, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, code: int, message: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(demo_command, "TIMEOUT", 3.0)
    monkeypatch.setattr(sys, "executable", failing(tmp_path, script))
    monkeypatch.setattr("tempfile.tempdir", str(place.temporary))
    result = cli("demo", env=place.env)
    assert result.code == code
    assert message in result.err
    assert place.left() == []
    gc.collect()  # a pipe that was left open would be warned of here


@posix
def test_a_frozen_program_starts_itself(
    cli: Cli, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What PyInstaller and its like make has no Python that knows -m."""
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", failing(tmp_path, 'echo "first: $1"; exit 7'))
    monkeypatch.setattr("tempfile.tempdir", str(place.temporary))
    result = cli("demo", env=place.env)
    assert result.code == 1
    assert "first: generate" in result.out
    assert place.left() == []


def test_no_place_for_temporary_files(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> NoReturn:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo_command, "TemporaryDirectory", full)
    result = cli("demo")
    assert result.code == 2
    assert "no temporary folder can be made: No space left on device" in result.err
    assert "TMPDIR" in result.err


@posix
def test_what_is_ignored_stays_so(place: Place) -> None:
    """nohup mcapp demo: the end of the terminal is not the demo's."""
    if sys.platform == "win32":
        raise NotImplementedError
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        running = subprocess.Popen(
            [sys.executable, "-m", "mcapp", "demo"], env=environment(place.env), stdout=subprocess.PIPE, text=True
        )
    finally:
        signal.signal(signal.SIGHUP, before)
    with running:
        assert running.stdout is not None
        running.stdout.readline()
        running.send_signal(signal.SIGHUP)
        assert "7. probe" in running.communicate(timeout=TIME_LIMIT)[0]
    assert running.returncode == 0


@posix
def test_a_terminal_sees_each_step_as_it_ends(place: Place) -> None:
    """Not all at the end: a reader has the first step while the last is still to come."""
    running = subprocess.Popen(
        [sys.executable, "-m", "mcapp", "demo"], env=environment(place.env), stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with running:
        assert running.stdout is not None
        first = running.stdout.readline()
        assert first.startswith("1. generate")
        assert running.poll() is None
        assert "7. probe" in running.stdout.read()
        assert running.wait(TIME_LIMIT) == 0
