"""An emulator to probe, over a socket or without one, and a key that must never be seen."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import jsonschema
import pytest

from mcapp import schemas
from mcapp.api import probe
from mcapp.emulator.manychat import ApiRequest, ManyChat
from mcapp.scopes import run as running
from mcapp.scopes.report import ProbeReport
from mcapp.terminal import redact
from mcapp.testing import Emulator
from tests.harness import Cli, Result

Probe = Callable[..., Result]


@pytest.fixture(autouse=True)
def forgotten_keys() -> Iterator[None]:
    """The end of a process forgets the keys that it loaded; here the end of a test does."""
    yield
    redact._loaded.clear()


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second attempt comes soon."""
    monkeypatch.setattr(running, "BACKOFF", 0.01)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def probe_command(cli: Cli, emulator: Emulator) -> Probe:
    """`probe_command(key, "--only", …)`: against the emulator, with the key in the environment."""

    def run(key: str | None, *args: str, env: dict[str, str] | None = None) -> Result:
        variables = {} if key is None else {"MANYCHAT_APP_KEY": key}
        return cli("probe", "--base-url", emulator.base_url, "--rate", "2000", *args, env={**variables, **(env or {})})

    return run


def fits(document: Any) -> Any:
    """The document, which fits schemas/probe.schema.json."""
    schema = json.loads(schemas.text("probe"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    return document


class InProcess(httpx.AsyncBaseTransport):
    """The emulator's answers without a socket: a whole run takes milliseconds. Wire faults cannot be had this way."""

    def __init__(self, manychat: ManyChat) -> None:
        self.manychat = manychat

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raw = await request.aread()
        reply, fault = self.manychat.answer(
            ApiRequest(
                request.method,
                request.url.path,
                dict(request.url.params),
                request.headers.get("authorization"),
                {} if raw == b"{}" else None,
            )
        )
        assert fault is None
        return httpx.Response(reply.status, headers=list(reply.headers), stream=httpx.ByteStream(reply.body))


def ask(manychat: Emulator, key: str, **options: Any) -> ProbeReport:
    """Probe the emulator over its socket, as fast as it can answer."""
    return probe(key, base_url=manychat.base_url, **{"rate": 2000, **options})


def verdicts(report: ProbeReport) -> Mapping[str, str]:
    return {result.scope: result.verdict for result in report.scopes}
