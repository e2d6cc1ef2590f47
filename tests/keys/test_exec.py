"""`keys exec`: the key in the command's environment and nowhere else; exit code, signals and terminal are its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness import Cli, Process
from tests.keys.conftest import MakeKey, report

if sys.platform == "win32":
    pytest.skip("signals and terminals as POSIX has them", allow_module_level=True)

from tests.keys.person import Person

EXEC = ("keys", "exec", "shop-a", "--")


@pytest.fixture(autouse=True)
def unignored() -> Iterator[None]:
    """Let no child inherit that Ctrl-C is ignored, as it is for what a script runs in the background."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGINT, signal.SIGQUIT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def start(*command: str) -> subprocess.Popen[str]:
    """Run it as a process whose first line of output is waited for."""
    return subprocess.Popen(
        [sys.executable, "-m", "mcapp", *EXEC, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.usefixtures("shop")
def test_without_a_name_it_is_the_default_key(process: Process, make_key: MakeKey) -> None:
    show = ("sh", "-c", "echo $MANYCHAT_APP_KEY $1", "sh", "--")
    done = process("keys", "exec", "--", *show, "more")
    assert (done.code, done.out) == (0, f"{make_key()} --\n")
    assert done.err.startswith("using the key shop-a (…")
    other = process("keys", "exec", "-v", "--", *show, env={"MANYCHAT_APP_KEY": make_key(1)})
    assert (other.code, other.out) == (0, f"{make_key(1)} --\n")
    assert process("keys", "exec", "--").code == 2


@pytest.mark.usefixtures("shop")
def test_the_key_is_in_the_childs_environment_alone(process: Process, make_key: MakeKey) -> None:
    program = (
        "import os, sys, pathlib\n"
        "def of(pid, what): return pathlib.Path(f'/proc/{pid}/{what}').read_bytes()\n"
        "key = os.environ['MANYCHAT_APP_KEY'].encode()\n"
        "assert 'MANYCHAT_APP_KEY_FILE' not in os.environ\n"
        "if os.path.exists('/proc/self/environ'):\n"
        "    assert key in of('self', 'environ') and key not in of('self', 'cmdline')\n"
        "    assert key not in of(os.getppid(), 'environ') and key not in of(os.getppid(), 'cmdline')\n"
        "print(len(key), sys.stdin.read())\n"
    )
    env = {"MANYCHAT_APP_KEY_FILE": "/somewhere"}
    done = process(*EXEC, sys.executable, "-c", program, stdin="what was piped in", env=env)
    assert (done.code, done.out) == (0, "49 what was piped in\n")
    assert done.err.startswith("using the key shop-a (…")
    assert make_key() not in done.err


@pytest.mark.usefixtures("shop")
def test_a_key_in_the_environment_gives_way_to_the_named_one(process: Process, make_key: MakeKey) -> None:
    done = process(*EXEC, "sh", "-c", 'printf %s "$MANYCHAT_APP_KEY"', env={"MANYCHAT_APP_KEY": make_key(1)})
    assert done.out == make_key()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("code", [0, 1, 3, 77, 130, 255])
def test_the_exit_code_is_passed_on(process: Process, code: int) -> None:
    assert process(*EXEC, "sh", "-c", f"exit {code}").code == code


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", ["TERM", "KILL", "INT", "SEGV"])
def test_a_command_ended_by_a_signal_ends_so_for_the_caller(process: Process, name: str) -> None:
    done = process(*EXEC, "sh", "-c", f"kill -{name} $$")
    assert done.code == -getattr(signal, f"SIG{name}")  # a shell reports 128 + n


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT", "HUP", "USR1", "USR2"])
def test_a_signal_to_mcapp_reaches_the_child_once(name: str) -> None:
    program = (
        "import signal, sys, time\n"
        "got = []\n"
        f"signal.signal(signal.SIG{name}, lambda *_: got.append(1))\n"
        "print('ready', flush=True)\n"
        "while not got: time.sleep(0.01)\n"
        "time.sleep(0.1); print(len(got)); sys.exit(9)\n"
    )
    with start(sys.executable, "-c", program) as running:
        assert first_line(running) == "ready"
        running.send_signal(getattr(signal, f"SIG{name}"))
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (9, "1\n"), err


@pytest.mark.usefixtures("shop")
def test_a_signal_that_the_child_does_not_handle_ends_both() -> None:
    with start("sh", "-c", "echo ready; exec sleep 60") as running:
        assert first_line(running) == "ready"
        running.terminate()
        running.communicate(timeout=60)
    assert running.returncode == -signal.SIGTERM


@pytest.mark.usefixtures("shop")
def test_the_child_finds_signals_limits_and_umask_as_they_were(process: Process) -> None:
    program = (
        "import os, resource, signal\n"
        "print(signal.pthread_sigmask(signal.SIG_BLOCK, []), oct(os.umask(0)))\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    inside = process(*EXEC, sys.executable, "-c", program)
    outside = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert inside.out == outside.stdout
    if Path("/proc/self/status").exists():
        # What is ignored; grep, because Python ignores SIGPIPE for itself.
        asked = ["grep", "SigIgn", "/proc/self/status"]
        plain = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        assert process(*EXEC, *asked).out == plain


def test_ctrl_c_at_the_terminal_reaches_the_child_once(shop: str) -> None:
    program = (
        "import os, signal, sys, time\n"
        "got = []\n"
        "signal.signal(signal.SIGINT, lambda *_: got.append(1))\n"
        "assert os.isatty(0) and os.isatty(1) and os.tcgetpgrp(0) == os.getpgrp()\n"
        "print('ready', flush=True)\n"
        "while not got: time.sleep(0.01)\n"
        "time.sleep(0.2); print('got', len(got)); sys.exit(5)\n"
    )
    with Person("keys", "exec", shop, "--", sys.executable, "-c", program) as person:
        person.sees("ready")
        person.types("\x03")
        code, shown = person.leaves()
    assert (code, "got 1" in shown) == (5, True), shown


def test_ctrl_c_that_ends_the_child_is_130(shop: str) -> None:
    with Person("keys", "exec", shop, "--", "sh", "-c", "echo ready; sleep 60") as person:
        person.sees("ready")
        time.sleep(0.05)
        person.types("\x03")
        code, _ = person.leaves()
    assert code == -signal.SIGINT  # a shell reports 130


def test_a_child_can_read_the_terminal(shop: str) -> None:
    with Person("keys", "exec", shop, "--", "sh", "-c", 'echo ready; read line; echo "<$line>"') as person:
        person.sees("ready")
        person.types("hello\n")
        code, shown = person.leaves()
    assert (code, "<hello>" in shown) == (0, True)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc whether a process is stopped")
def test_what_stops_the_process_group_stops_it_and_it_goes_on(shop: str) -> None:
    def state(pid: int) -> str:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

    with Person("keys", "exec", shop, "-q", "--", "sh", "-c", "echo ready $$; read line; exit 4") as person:
        child = int(person.sees("\n").removeprefix("ready "))
        assert child == person.process.pid
        # As Ctrl-Z does under a shell. This group has no shell above it, and the kernel spares such orphans SIGTSTP.
        os.killpg(os.getpgid(child), signal.SIGSTOP)
        time.sleep(0.1)
        assert state(child) == "T"
        os.killpg(os.getpgid(child), signal.SIGCONT)
        person.types("\n")
        code, _ = person.leaves()
    assert code == 4


def test_a_thread_that_waits_for_a_keyring_does_not_outlive_mcapp() -> None:
    program = (
        "import os, time\n"
        "from mcapp.keys.run_command import run\n"
        "from mcapp.keys.stores import KeyringSlow, Timeouts\n"
        "from mcapp.keys.stores import _limited\n"
        "try: _limited(lambda: time.sleep(60), Timeouts(limit=0.05), str)\n"
        "except KeyringSlow: pass\n"
        "run(['sh', '-c', 'exit 7'], os.environ)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=20, check=False).returncode == 7


@pytest.mark.usefixtures("shop")
def test_what_cannot_be_run_is_126_or_127(cli: Cli, tmp_path: Path) -> None:
    missing = cli(*EXEC, "no-such-command", "--option")
    assert missing.code == 127
    assert "error: command not found: no-such-command\n" in missing.err
    assert cli(*EXEC, "").code == 127
    (tmp_path / "data").write_text("not a program")
    assert cli(*EXEC, "./data").code == 126
    assert cli(*EXEC, str(tmp_path)).code == 126
    document = report(cli("keys", "exec", "--json", "shop-a", "--", "no-such-command"))
    assert document["errors"][0]["code"] == "command-not-found"


@pytest.mark.usefixtures("shop")
def test_a_report_never_follows_the_childs_output(process: Process) -> None:
    done = process("keys", "exec", "--json", "shop-a", "--", "sh", "-c", "echo output; kill -INT $$")
    assert (done.code, done.out) == (-signal.SIGINT, "output\n")


@pytest.mark.usefixtures("shop")
def test_a_command_is_needed(cli: Cli) -> None:
    assert cli("keys", "exec", "shop-a").code == 2
    assert cli("keys", "exec").code == 2
