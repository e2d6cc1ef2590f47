"""The README is true: its console blocks are run, its tables are made from the code.

A block that starts with "$ " is a shell's: each command is run, in one folder for the whole README, and what follows it
is what it prints (stdout and stderr together). Before a block, a comment says what is special about it:

    <!-- file: NAME -->               the block is a file
    <!-- in another terminal -->      its command goes on beside the blocks that follow, to the end of the section

`pytest --update` writes the outputs and the tables anew.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mcapp.cli.servers import READY
from mcapp.lint.rules import ALL
from tests.harness import TIME_LIMIT

README = Path(__file__).parents[2] / "README.md"
PART = re.compile(
    r"(?:<!-- (?:file: (?P<file>\S+)|(?P<beside>in another terminal)) -->\n+)?```(?P<language>\w*)\n(?P<body>.*?)```\n"
    r"|^(?P<heading>## [^\n]*)\n",
    re.DOTALL | re.MULTILINE,
)
COMMAND = re.compile(r"^\$ (.*(?:(?<=\\)\n.*)*)", re.MULTILINE)
PORT = re.compile(r"--port (\d+)")
HOME = "/home/you"
# What is another with each run, and may be.
VOLATILE = [(re.compile(r"\d+ ms\b"), "N ms"), (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DATE")]
posix = pytest.mark.skipif(os.name != "posix", reason="the README's commands are a POSIX shell's")


class Shell:
    """The terminals of one reader. The README's ports stand for free ones of this machine, its home for the test's."""

    def __init__(self, folder: Path, home: Path, ends: ExitStack) -> None:
        self.folder = folder
        self._ends = ends
        self._home = home
        self._ports: dict[str, str] = {}

    def block(self, body: str) -> str:
        """A console block with its commands' true output. A command may go on after a backslash."""
        return "".join(f"$ {command}\n{self._read(self._start(command))}" for command in COMMAND.findall(body))

    def beside(self, body: str) -> "Beside":
        """Start the one command of a block; returns when it listens."""
        (command,) = COMMAND.findall(body)
        for port in PORT.findall(command):
            self._ports[port] = free_port()
        return Beside(self, command, self._start(command))

    def _start(self, command: str) -> "subprocess.Popen[str]":
        for port, free in self._ports.items():
            command = re.sub(rf"\b{port}\b", free, command)
        environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        del environment["MCAPP_CONFIG_DIR"]
        process = subprocess.Popen(
            ["sh", "-c", f"{command}\n"], cwd=self.folder, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self._ends.enter_context(ending(process))
        return process

    def _read(self, process: "subprocess.Popen[str]") -> str:
        return self.as_written(process.communicate(timeout=TIME_LIMIT)[0])

    def as_written(self, output: str) -> str:
        """What was printed, with the README's ports and home."""
        for port, free in self._ports.items():
            output = re.sub(rf"\b{free}\b", port, output)
        return output.replace(str(self._home), HOME)


class Beside:
    """A command that runs beside the others. What it prints is shown whole if it ends by itself, else its beginning."""

    def __init__(self, shell: Shell, command: str, process: "subprocess.Popen[str]") -> None:
        self._shell = shell
        self._command = command
        self._process = process
        self._lines: list[str] = []
        ready = threading.Event()

        def read() -> None:
            for line in process.stdout or ():
                self._lines.append(line)
                if READY in line:
                    ready.set()
            ready.set()

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        assert ready.wait(TIME_LIMIT), f"{command} does not say that it is ready"

    def end(self, *, by_itself: bool) -> str:
        """The block as it should be, once the command has ended."""
        if not by_itself:
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(TIME_LIMIT)
        self._reader.join(TIME_LIMIT)
        lines = self._lines
        if not by_itself:
            lines = lines[: 1 + next(number for number, line in enumerate(lines) if READY in line)]
        return self._shell.as_written(f"$ {self._command}\n{''.join(lines)}")


@contextmanager
def ending(process: "subprocess.Popen[str]") -> Iterator[None]:
    """Let nothing that a command has started outlive the test."""
    try:
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])


def steady(text: str) -> str:
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def replayed(text: str, shell: Shell) -> dict[str, str]:
    """Every console block of the README, and what it should be."""
    blocks: dict[str, str] = {}
    running: list[tuple[str, Beside]] = []

    def settle() -> None:
        for body, command in running:
            blocks[body] = command.end(by_itself="--once" in body)
        running.clear()

    for part in PART.finditer(text):
        body = part["body"]
        if part["heading"]:
            settle()
        elif part["file"]:
            (shell.folder / part["file"]).write_text(body, encoding="utf-8")
        elif part["beside"]:
            running.append((body, shell.beside(body)))
        elif part["language"] == "console":
            blocks[body] = shell.block(body)
    settle()
    return blocks


@posix
def test_every_command_prints_what_the_readme_says(
    tmp_path: Path, closed_off: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / ".git").mkdir()
    text = README.read_text(encoding="utf-8")
    with ExitStack() as ends:
        blocks = replayed(text, Shell(tmp_path, closed_off, ends))
    assert len(blocks) == text.count("```console\n"), "each block is another one"
    wrong = {body: actual for body, actual in blocks.items() if steady(actual) != steady(body)}
    if request.config.getoption("--update"):
        for body, actual in wrong.items():
            text = text.replace(f"```console\n{body}```", f"```console\n{actual}```")
        README.write_text(text, encoding="utf-8")
        return
    assert not wrong, "\n".join(f"--- the README says\n{body}--- it prints\n{now}" for body, now in wrong.items())


def rules_table() -> str:
    rows = ["| code | name | severity | fix | what it finds |", "|---|---|---|---|---|"]
    rows += [
        f'| <a id="{rule.code.lower()}"></a>{rule.code} | `{rule.name}` | {rule.severity} | {rule.fix or ""} | '
        f"{rule.summary} |".replace("  ", " ").replace("[[", "\\[\\[")
        for rule in ALL
    ]
    return "\n".join(rows)


def test_the_table_of_rules(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    begin, end = "<!-- rules: made from the code by pytest --update -->\n", "\n<!-- end of rules -->"
    head, _, rest = text.partition(begin)
    table, _, tail = rest.partition(end)
    assert tail, "the README has its two marks"
    if request.config.getoption("--update"):
        README.write_text(head + begin + rules_table() + end + tail, encoding="utf-8")
        return
    assert table == rules_table()
