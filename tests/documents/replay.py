"""Run the console and Python blocks of a document, and give back what they should show.

A block that starts with "$ " is a shell's: each command is run, in one folder for the whole document, and what follows
it is what it prints (stdout and stderr together). A comment before a block says what is special about it:

    <!-- file: NAME -->               the block is a file
    <!-- in another terminal -->      its command goes on beside the blocks that follow, to the end of the section

A Python block has to run without an error.
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
from typing import NamedTuple

from mcapp.cli.servers import READY
from tests.harness import TIME_LIMIT

PART = re.compile(
    r"(?:<!-- (?:file: (?P<file>\S+)|(?P<beside>in another terminal)) -->\n+)?```(?P<language>\w*)\n(?P<body>.*?)```\n"
    r"|^(?P<heading>## [^\n]*)\n",
    re.DOTALL | re.MULTILINE,
)
COMMAND = re.compile(r"^\$ (.*(?:(?<=\\)\n.*)*)", re.MULTILINE)
PORT = re.compile(r"--port (\d+)")
HOME = "/home/you"
# What differs from run to run, or from one catalogue to the next.
VOLATILE = [
    (re.compile(r"\d+ ms\b"), "N ms"),
    (re.compile(r"\b20\d\d-\d\d-\d\dT[\d:]+Z"), "TIME"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "DATE"),
    (re.compile(r"\b\d\d scopes\b"), "MANY scopes"),  # as many as the catalogue has
]


class Block(NamedTuple):
    """A block that is run: where its text begins in the document, the text there, and what it should be."""

    start: int
    written: str
    actual: str

    @property
    def differs(self) -> bool:
        """Whether more differs than what differs from run to run."""
        return steady(self.written) != steady(self.actual)


class Shell:
    """One reader's terminals. The document's ports stand for free ports of this machine, its home for the test's."""

    def __init__(self, folder: Path, home: Path, ends: ExitStack) -> None:
        self.folder = folder
        self._ends = ends
        self._home = home
        self._ports: dict[str, str] = {}

    def block(self, body: str) -> str:
        """A console block with its commands' true output. A command may go on after a backslash."""
        return "".join(f"$ {command}\n{self._read(self._start(command))}" for command in COMMAND.findall(body))

    def python(self, body: str) -> str:
        """A Python block as it is if it runs (as tests, where it has some), else what went wrong."""
        file = self.folder / "test_block.py"
        file.write_text(body, encoding="utf-8")
        process = self._start(f"python {'-m pytest -q -p no:cacheprovider ' if 'def test_' in body else ''}{file.name}")
        output = self._read(process)
        return output if process.returncode else body

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
        """What was printed, with the document's ports and home."""
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
            if sys.platform == "win32":
                raise NotImplementedError
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
            if sys.platform == "win32":
                raise NotImplementedError
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


def replay(text: str, folder: Path, home: Path) -> list[Block]:
    """Run every console block of the document `text` in `folder`, with the home folder `home`."""
    blocks: list[Block] = []
    running: list[tuple[int, str, Beside]] = []

    def settle() -> None:
        for start, body, command in running:
            blocks.append(Block(start, body, command.end(by_itself="--once" in body)))
        running.clear()

    with ExitStack() as ends:
        shell = Shell(folder, home, ends)
        for part in PART.finditer(text):
            start, body = part.start("body"), part["body"]
            if part["heading"]:
                settle()
            elif part["file"]:
                (folder / part["file"]).write_text(body, encoding="utf-8")
            elif part["beside"]:
                running.append((start, body, shell.beside(body)))
            elif part["language"] == "console":
                blocks.append(Block(start, body, shell.block(body)))
            elif part["language"] == "python":
                blocks.append(Block(start, body, shell.python(body)))
        settle()
    return blocks


def updated(text: str, blocks: list[Block]) -> str:
    """The document with the blocks as they should be."""
    for block in sorted(blocks, reverse=True):
        if block.differs:
            text = text[: block.start] + block.actual + text[block.start + len(block.written) :]
    return text
