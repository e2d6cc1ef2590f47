"""Listeners on free ports, as objects and as processes, and plain ways to deliver to them."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

import jsonschema
import pytest

from mcapp import schemas
from mcapp.handover.listener import Listener, Refusal
from mcapp.handover.received import Delivery
from mcapp.terminal import redact
from tests.harness import environment


def make_key(number: int = 0, length: int = 40) -> str:
    """A different key for each number, that no scanner takes for a real one."""
    return (f"fake{number:04d}" + "Qz7-w_K2" * (length // 8 + 1))[:length]


class Answer(NamedTuple):
    """What came back: the status, and the JSON document in the body ({} without one)."""

    status: int
    content: dict[str, Any]


def send_raw(url: str, data: bytes, *, then: Callable[[socket.socket], None] | None = None) -> bytes:
    """Send these bytes over a connection of their own, and give all that comes back."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(data)
        if then is not None:
            then(connection)
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    return received


def request(
    url: str, body: bytes = b"", *headers: str, method: str = "POST", host: str | None = None, target: str | None = None
) -> bytes:
    """A request as it goes over the wire. A Content-Length is added unless `headers` has one, or chunks."""
    parts = urlsplit(url)
    path = target if target is not None else parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc if host is None else host}", *headers]
    if not any(line.lower().startswith(("content-length:", "transfer-encoding:")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def answered(raw: bytes) -> Answer:
    head, _, body = raw.partition(b"\r\n\r\n")
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
    assert match, raw
    return Answer(int(match[1]), json.loads(body) if body else {})


def deliver(url: str, body: Any = None, *headers: str, **more: Any) -> Answer:
    """POST `body` as JSON (bytes: as they are)."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answered(send_raw(url, request(url, data, *headers, **more)))


class Listen(Protocol):
    """`listen(path="/install")`: a listener that runs until the test ends, with a short time-out."""

    def __call__(self, **options: Any) -> Listener: ...


@pytest.fixture
def listen() -> Iterator[Listen]:
    running: list[Listener] = []

    def begin(**options: Any) -> Listener:
        listener = Listener(**{"timeout": 0.5, **options})
        running.append(listener)
        return listener

    yield begin
    for listener in running:
        listener.stop()


def events(listener: Listener, number: int) -> list[Delivery | Refusal]:
    """The first `number` events, and a failure if there are more."""
    found = [listener.events.get(timeout=10) for _ in range(number)]
    assert listener.events.empty()
    return found


class Running:
    """`mcapp listen` as a process of its own, which has said where it listens."""

    def __init__(self, *args: str, env: dict[str, str | None] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mcapp", "listen", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what is read ahead of a line would be lost to `communicate`
            env=environment(env),
        )
        assert self.process.stderr is not None
        first = self.process.stderr.readline().decode()
        match = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+/\S*)\n", first)
        assert match, first
        self.url = match[1]

    def end(self, number: signal.Signals | None = None) -> tuple[int, str, str]:
        """Wait for the end, after a signal if one is named: exit code, stdout, stderr."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        assert b"Traceback" not in err
        return self.process.returncode, out.decode(), err.decode()

    def line(self) -> str:
        """The next line on stdout, as soon as it is there."""
        assert self.process.stdout is not None
        end = time.monotonic() + 20
        read = b""
        while not read.endswith(b"\n") and time.monotonic() < end:
            read += self.process.stdout.readline()
        return read.decode()


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[Running] = []

    def begin(*args: str, env: dict[str, str | None] | None = None) -> Running:
        running.append(Running(*args, "--timeout", "40", env={"MCAPP_KEY_STORE": "file", **(env or {})}))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.communicate()


@pytest.fixture(autouse=True)
def forgotten_keys() -> Iterator[None]:
    """The end of a process forgets the keys that it loaded; here the end of a test does."""
    yield
    redact._loaded.clear()


def report(out: str) -> Any:
    """The JSON document on stdout; it fits the published schema."""
    document = json.loads(out)
    jsonschema.Draft202012Validator(json.loads(schemas.text("listen"))).validate(document)
    assert document["ok"] is not bool(document["errors"])
    return document
