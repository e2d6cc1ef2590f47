"""The emulator over real sockets: one thread for each connection, on a free port of this machine."""

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mcapp.emulator import faults
from mcapp.emulator.account import error, success
from mcapp.emulator.emulated_key import EmulatedKey
from mcapp.emulator.manychat import SCOPE_FIRST, ApiRequest, ManyChat, Replay
from mcapp.errors import UsageProblem
from mcapp.net.server import LARGEST, LOOPBACK, Handler, Rejected, Reply, Server

# Where the journal, the state and the faults can be reached over HTTP, for suites that are not written in Python.
CONTROL = "/_emulator/"

TIME_LIMIT = 30.0  # seconds until the next request of a connection must be complete
_TOO_LARGE = f"the body has more than {LARGEST:,} bytes"


class Emulator(ManyChat):
    """A local ManyChat API. Start it with `with`, or with `start` and `stop`; `base_url` says where it is.

        with Emulator() as manychat:
            key = manychat.key(["GET /fb/page/getInfo"])
            httpx.get(f"{manychat.base_url}/fb/page/getInfo", headers={"Authorization": f"Bearer {key}"})

    `latency` is the seconds that every answer takes; `port` 0 takes a free one. Raises OSError from `start` where the
    port is taken.
    """

    def __init__(
        self,
        keys: Iterable[EmulatedKey] = (),
        *,
        order: str = SCOPE_FIRST,
        latency: float = 0.0,
        host: str = LOOPBACK,
        port: int = 0,
        replay: Replay | None = None,
    ) -> None:
        super().__init__(keys, order=order, replay=replay)
        self.latency = latency
        self._address = (host, port)
        self._server: Server[Emulator] | None = None

    def start(self) -> "Emulator":
        """Listen, in a thread of its own."""
        self._server = Server(self._address, _Handler, self)
        return self

    def stop(self) -> None:
        """Close every connection and the port. Stopping twice is allowed."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`. Raises RuntimeError while it is not running."""
        if self._server is None:
            raise RuntimeError("the emulator is not running: start it first")
        return self._server.base_url

    def __enter__(self) -> "Emulator":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler(Handler):
    server: Server[Emulator]
    time_limit = TIME_LIMIT

    def handle_one_request(self) -> None:
        """Like the parent's, but one function answers every method."""
        try:
            self.sender.restart(TIME_LIMIT)
            if not self.read_head():
                self.close_connection = True
                self.linger()
                return
            raw = self._read_body()
            self.connection.settimeout(TIME_LIMIT)
            self._serve(raw)
        except Rejected as refused:
            self.close_connection = True
            with suppress(OSError):
                faults.send(self.connection, error(refused.status, refused.reason), None, self.server.stopping)
                self.linger()
        except (faults.ConnectionDone, OSError, ValueError):
            self.close_connection = True

    def _serve(self, raw: bytes) -> None:
        manychat, stopping = self.server.owner, self.server.stopping
        url = urlsplit(self.path)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        if url.path.startswith(CONTROL):
            reply = _control(manychat, f"{self.command} {url.path.removeprefix(CONTROL)}", body)
            faults.send(self.connection, reply, None, stopping)
            return
        arrived = time.monotonic()
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        call = ApiRequest(self.command, url.path, query, self.headers.get("Authorization"), body)
        reply, fault = manychat.answer(call)
        stopping.wait(max(0, arrived + manychat.latency - time.monotonic()))
        faults.send(self.connection, reply, fault, stopping)

    def _read_body(self) -> bytes:
        """The body. Raises Rejected if it is too large, ValueError where the sender leaves before its end."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= LARGEST:
                raise Rejected(413, _TOO_LARGE)
            body = self.rfile.read(length)
            if len(body) < length:
                raise ValueError(length)
            return body
        body = b""
        while (size := int(self.rfile.readline(100).partition(b";")[0], 16)) > 0:
            if len(body) + size > LARGEST:
                raise Rejected(413, _TOO_LARGE)
            body += self.rfile.read(size)
            self.rfile.readline(3)
        while self.rfile.readline(65_536).strip():
            pass  # trailers
        return body


def _control(manychat: ManyChat, what: str, body: Any) -> Reply:
    """`GET journal`, `GET state`, `POST faults` (a JSON list of SCOPE=KIND specs, which replaces all), `POST reset`."""
    match what:
        case "GET journal":
            return success([entry._asdict() for entry in manychat.journal])
        case "GET state":
            return success({"unchanged": manychat.unchanged, "account": manychat.state()})
        case "POST reset":
            manychat.reset()
            return success()
        case "POST faults":
            if not isinstance(body, list) or not all(isinstance(spec, str) for spec in body):
                return error(400, "the body must be a JSON list of faults, each SCOPE=KIND")
            try:
                wanted = [faults.parse(spec) for spec in body]
            except UsageProblem as problem:
                return error(400, f"{problem.message}: {problem.hint}")
            manychat.clear_faults()
            for fault in reversed(wanted):
                manychat.add_fault(fault)
            return success()
    return error(404, "unknown; use GET journal, GET state, POST faults or POST reset")
