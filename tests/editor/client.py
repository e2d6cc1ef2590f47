"""A client of the language server, written by hand, so that it shares no mistake with pygls."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.harness import environment


def frame(message: Any) -> bytes:
    """A message as it goes over the pipe."""
    raw = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(raw), raw)


class Client:
    """`mcapp lsp` as a process."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mcapp", *options, "lsp"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        self.diagnostics: dict[str, list[Any]] = {}
        self.messages: list[str] = []
        self.versions: dict[str, int] = {}
        self._last = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None:
            self.request("shutdown", None)
            self.notify("exit", None)
            assert self.process.wait(30) == 0
        self.close()

    def close(self) -> None:
        """End it, if it has not ended."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()

    def initialize(self, **capabilities: Any) -> Any:
        answer = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})
        return answer["capabilities"]

    def open(self, path: Path, text: str) -> str:
        uri = path.absolute().as_uri()
        self.versions[uri] = 1
        item = {"uri": uri, "languageId": "json", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, *changes: Any) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    def found(self, uri: str) -> list[Any]:
        """The diagnostics of the present text: the server answers in order."""
        self.ask(uri, "documentSymbol")
        return self.diagnostics[uri]

    def published(self, uri: str) -> list[Any]:
        """The next diagnostics of the file."""
        self.diagnostics.pop(uri, None)
        while uri not in self.diagnostics:
            self._take(self._receive())
        return self.diagnostics[uri]

    def ask(self, uri: str, what: str, line: int | None = None, character: int = 0, **more: Any) -> Any:
        place = {} if line is None else {"position": {"line": line, "character": character}}
        return self.request(f"textDocument/{what}", {"textDocument": {"uri": uri}, **place, **more})

    def request(self, method: str, params: Any) -> Any:
        self._last += 1
        self._send({"jsonrpc": "2.0", "id": self._last, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._last and "method" not in message:
                assert "error" not in message, message
                return message["result"]
            self._take(message)

    def _take(self, message: Any) -> None:
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "window/showMessage":
            self.messages.append(message["params"]["message"])

    def notify(self, method: str, params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(frame(message))
        self.process.stdin.flush()

    def _receive(self) -> Any:
        stream = self.process.stdout
        assert stream
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the server has ended"
        return json.loads(stream.read(length))
