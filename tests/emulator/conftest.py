"""An emulator for each test, and a plain way to call it."""

from collections.abc import Iterator
from typing import Any, Protocol

import httpx
import pytest

from mcapp.testing import Emulator


class Call(Protocol):
    """`call("GET /fb/page/getTags", key, query={…})`, or with `body` what is sent as JSON."""

    def __call__(
        self, scope: str, key: str | None = None, *, query: dict[str, str] | None = None, body: Any = None
    ) -> httpx.Response: ...


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def call(emulator: Emulator) -> Iterator[Call]:
    with httpx.Client(base_url=emulator.base_url, trust_env=False, timeout=5) as client:

        def send(
            scope: str, key: str | None = None, *, query: dict[str, str] | None = None, body: Any = None
        ) -> httpx.Response:
            method, path = scope.split(" ")
            headers = {} if key is None else {"Authorization": f"Bearer {key}"}
            content = (body if body is not None else {}) if method == "POST" else None
            return client.request(method, path, params=query, headers=headers, json=content)

        yield send
