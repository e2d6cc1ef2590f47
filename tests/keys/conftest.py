"""Keys that no scanner takes for real ones, vaults in a folder of the test's own, and a real Secret Service."""

import gc
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import jsonschema
import pytest

from mcapp import schemas
from mcapp.keys.private_files import Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import Vault
from mcapp.terminal import redact
from tests.conftest import in_ci
from tests.harness import Cli, Result
from tests.keys import secret_service
from tests.keys.secret_service import Session


class MakeKey(Protocol):
    """`make_key(3)`: a different key for each number, of 49 characters unless told otherwise."""

    def __call__(self, number: int = 0, length: int = 49) -> str: ...


@pytest.fixture(scope="session")
def make_key() -> MakeKey:
    def make(number: int = 0, length: int = 49) -> str:
        return (f"fake{number:04d}" + "Qz7-w_K2" * (length // 8 + 1))[:length]

    return make


@pytest.fixture(autouse=True)
def forgotten_keys() -> Iterator[None]:
    """The end of a process forgets the keys that it loaded; here the end of a test does."""
    yield
    redact._loaded.clear()


@pytest.fixture
def file_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """New keys go to the file store without asking."""
    monkeypatch.setenv("MCAPP_KEY_STORE", "file")


@pytest.fixture
def shop(cli: Cli, make_key: MakeKey, file_store: None) -> str:  # noqa: ARG001  # where it is stored
    """A stored key's name."""
    assert cli("keys", "add", "shop-a", "--stdin", "--page-id", "123", "--app", "My app", stdin=make_key()).code == 0
    return "shop-a"


def fits(document: object) -> None:
    """Fail unless the document is what the schemas say of a report by `keys`."""
    jsonschema.Draft202012Validator(json.loads(schemas.text("keys"))).validate(document)


def report(result: Result) -> Any:
    """The JSON document on stdout; it fits the published schema, and agrees with the exit code."""
    document = result.json()
    fits(document)
    assert document["ok"] is (result.code == 0)
    assert bool(document["errors"]) is (result.code != 0)
    return document


@pytest.fixture
def folder() -> Folder:
    return Folder(Path(os.environ["MCAPP_CONFIG_DIR"]))


@pytest.fixture
def vault(folder: Folder) -> Vault:
    return Vault(folder, Timeouts())


@pytest.fixture
def secret(make_key: MakeKey) -> Secret:
    return Secret(make_key())


# gnome-keyring now and then aborts (SIGABRT) while it makes a collection, which is no fault of what is tested.
# Only these two sentences count, the bus's and `Session.end`'s; whatever else goes wrong fails at once.
_ABORTED = ["Message recipient disconnected from message bus without replying", "no fault of what was tested"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test begin again whose keyring daemon ended by itself."""
    for item in items:
        if "bus" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=3, only_rerun=_ABORTED))


@pytest.fixture
def bus() -> Iterator[Session]:
    """A D-Bus session without a keyring, found by every process that the test starts."""
    absent = secret_service.missing()
    if absent:
        reason = f"not installed: {', '.join(absent)} (.ci/run installs them)"
        if in_ci():
            pytest.fail(reason)
        pytest.skip(reason)
    with secret_service.session() as started, started.reached():
        yield started
    gc.collect()  # what keyring leaves open when it raises is closed in this test and not in the next


@pytest.fixture
def keyring(bus: Session) -> Session:
    """The same with gnome-keyring, unlocked."""
    bus.keyring()
    return bus
