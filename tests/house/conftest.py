"""A server that answers as a test tells it."""

from collections.abc import Iterator

import pytest

from tests.house.peers import Echo


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Echo]:
    monkeypatch.setattr("mcapp.scopes.run.BACKOFF", 0.0)  # an answer of no use is asked for twice more
    server = Echo()
    yield server
    server.close()
