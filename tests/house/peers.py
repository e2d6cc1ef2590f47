"""The other end: servers that answer anything, and clients that send anything."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.harness import Cli, Result, stop_listening


class Echo:
    """Answers every request with `answer`, which it makes of the request's bytes."""

    def __init__(self) -> None:
        self.answer: Callable[[bytes], bytes] = lambda _: b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.settimeout(5)
                connection.sendall(self.answer(connection.recv(65_536)))

    def close(self) -> None:
        stop_listening(self._listener)
        self._thread.join(5)


def http(status: str, body: str = "", **more: str) -> bytes:
    data = body.encode()
    headers = {"Content_Type": "application/json", **more, "Content_Length": str(len(data)), "Connection": "close"}
    head = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*head, "", ""]).encode() + data


def at_work(cli: Cli, words: list[str], visit: Callable[[str], object], **env: str) -> Result:
    """Run a command that listens, and let `visit` call it, for at most 5 seconds."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def call() -> None:
        for _ in range(100):
            with suppress(ConnectionRefusedError):
                visit(f"http://127.0.0.1:{port}")
                return
            time.sleep(0.02)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        return cli(*words, "--port", str(port), env=env)
    finally:
        thread.join(5)


def raw(base_url: str, path: str, body: str, **headers: str) -> None:
    """A request with this path and these headers, whatever is in them; the answer is read and thrown away."""
    host = base_url.removeprefix("http://")
    more = {"Host": host, "Content_Length": str(len(body.encode())), "Connection": "close", **headers}
    lines = [f"POST {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in more.items())]
    with socket.create_connection(("127.0.0.1", int(host.partition(":")[2])), 5) as connection:
        connection.sendall(("\r\n".join([*lines, "", ""]) + body).encode())
        with suppress(OSError):
            while connection.recv(65_536):
                pass
