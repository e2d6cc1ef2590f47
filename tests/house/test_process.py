"""mcapp as the process that a shell starts: its program, broken pipes, signals, streams that are closed or full."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mcapp.cli.application import COMMANDS
from tests.harness import Process, environment
from tests.pseudo_terminal import CTRL_C, Terminal

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors as POSIX has them")

PROGRAM = Path(sys.executable).parent / ("mcapp.exe" if sys.platform == "win32" else "mcapp")
TALKATIVE = [["--help"], ["--version"], [], ["schema"], *([name, "--help"] for name in COMMANDS)]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of sh in which "$@" is mcapp."""
    return subprocess.run(
        ["sh", "-c", line, "sh", sys.executable, "-m", "mcapp"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32" and not PROGRAM.exists(), reason="under Wine mcapp is not installed")
def test_the_program_and_the_module_answer_alike() -> None:
    answers = [
        subprocess.run([*program, "schema", "nothing"], env=environment(), capture_output=True, timeout=60, check=False)
        for program in ([PROGRAM], [sys.executable, "-m", "mcapp"])
    ]
    assert answers[0].returncode == answers[1].returncode == 2
    assert answers[0].stderr == answers[1].stderr


@posix
@pytest.mark.parametrize("words", TALKATIVE)
def test_a_reader_that_goes_away_is_no_error(words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mcapp", *words],
            stdout=writing,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=60,
            check=False,
        )
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 141  # 128 + SIGPIPE


@posix
@pytest.mark.parametrize("words", ["--version", "schema", "--help", ""])
def test_an_output_that_is_closed_gets_nothing(words: str) -> None:
    done = shell(f'"$@" {words} >&-')
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@posix
def test_talk_that_is_closed_changes_no_answer() -> None:
    assert shell('"$@" schema nothing 2>&-').returncode == 2


@pytest.mark.skipif(
    sys.platform == "win32" or not Path("/dev/full").exists(), reason="only Linux has a device that is always full"
)
@pytest.mark.parametrize("words", ["--version", "schema", "--help", "", "rules"])
def test_an_output_that_is_full_is_one_sentence(words: str) -> None:
    done = shell(f'"$@" {words} > /dev/full')
    assert done.returncode == 2
    assert done.stderr == "error: the output cannot be written: No space left on device\n"


@posix
def test_the_first_line_of_a_long_output() -> None:
    done = shell('"$@" schema app | head -n 1')
    assert (done.stdout, done.stderr) == ("{\n", "")


@posix
def test_control_c_while_waiting_for_input() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mcapp", "-v", "validate", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as child:
        try:
            # It reads once it has taken the first bytes out of the pipe; a pipe holds 64 kB.
            assert child.stdin is not None
            child.stdin.write(b" " * 200_000)
            child.send_signal(signal.SIGINT)
            _, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert b"Traceback" not in err


@posix
def test_control_c_at_a_terminal(terminal: Terminal) -> None:
    result = terminal("generate", typed=[("URL", CTRL_C)])
    assert result.code == 130
    assert "Traceback" not in result.out


def test_control_c_while_modules_load_is_no_traceback(process: Process, tmp_path: Path) -> None:
    """A module that is there in Typer's stead raises what the signal would."""
    (tmp_path / "early").mkdir()
    (tmp_path / "early" / "typer.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "early"), os.environ["PYTHONPATH"]])
    result = process("--version", env={"PYTHONPATH": path})
    assert (result.code, result.out, result.err) == (130, "", "")


def test_a_failed_completion_is_not_a_closed_pipe(process: Process) -> None:
    assert process(env={"_MCAPP_COMPLETE": "unknown_bash"}).code == 1
