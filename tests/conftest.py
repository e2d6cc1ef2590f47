"""What every test gets without asking: an empty place of its own, a bare environment, and no network."""

import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from functools import partialmethod
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest

from tests import harness, pseudo_terminal
from tests.guard import sitecustomize as guard

# What a process needs to start at all, and what the test tools say to each other. Everything else of the environment
# stays outside: MCAPP_*, MANYCHAT_*, colours, GITHUB_*, DISPLAY, D-Bus, PYTHON_KEYRING_BACKEND, proxies, XDG_*, …
_KEPT = {"PATH", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "CI"}
_KEPT_PREFIXES = ("PYTEST_", "HYPOTHESIS_", "COVERAGE_")

# How long an example takes depends on the machine and on what else it does; the number of examples bounds a test.
hypothesis.settings.register_profile(
    "mcapp", deadline=None, print_blob=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("mcapp")

if sys.platform == "win32":
    # Tests write the bytes that they mean: LF, UTF-8. Python's own choice there is CR LF and the country's code page.
    Path.read_text = partialmethod(Path.read_text, encoding="utf-8")  # type: ignore[method-assign, assignment]  # as said
    Path.write_text = partialmethod(Path.write_text, encoding="utf-8", newline="\n")  # type: ignore[method-assign, assignment]  # as said

_attempts: list[str] = []
_homes = count()


# The content of the SARIF schema: npm checks the package alone.
_SARIF_SCHEMA = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"


class ClosedNetworkError(RuntimeError):
    """A test tried to reach another machine."""


def _refuse(reason: str) -> None:
    _attempts.append(reason)
    raise ClosedNetworkError(reason)


class Golden(Protocol):
    """`golden(path, actual)`: compare with the file's content; `pytest --update` writes it instead."""

    def __call__(self, path: Path, actual: str | bytes) -> None: ...


def in_ci() -> bool:
    """Whether this is a CI run, where what is missing is a failure and nothing is updated."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="accept what the tests see now as the expected output")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: half as many more than there are cores, as many tests wait for a time limit or a process."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


def _heed_signals() -> None:
    """What is ignored here (under nohup, behind a script's `&`) would be ignored in every process that is started."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update") and in_ci():
        raise pytest.UsageError("--update is refused where CI is set: expected output is accepted by a person")
    guard.install(_refuse)
    _heed_signals()


def pytest_collection_finish() -> None:
    """Thousands of tests live until the end; a test that collects garbage looks at what it made itself."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def _homes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.getbasetemp()
    # The search for a configuration goes up to the repository's root: here it ends, before the real file system.
    (base / ".git").mkdir(exist_ok=True)
    return base


@pytest.fixture(autouse=True)
def closed_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, _homes_folder: Path) -> Iterator[Path]:
    """Start in the empty folder `tmp_path`, with an empty home, a bare environment and no network. Gives the home."""
    for name in os.environ:
        if name.upper() not in _KEPT and not name.startswith(_KEPT_PREFIXES):
            monkeypatch.delenv(name)
    home = _homes_folder / f"home-{next(_homes)}"
    home.mkdir()
    for name, folder in {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "MCAPP_CONFIG_DIR": home / "mcapp",
        "PYTHONPATH": Path(guard.__file__).parent,
    }.items():
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.chdir(tmp_path)
    _attempts.clear()
    yield home
    # An `except` in the product may have swallowed the refusal.
    assert not _attempts, f"the test tried to reach another machine: {_attempts}"


@pytest.fixture(scope="session")
def cli() -> harness.Cli:
    """Run mcapp inside this process: `cli("validate", "app.json").code`. Fit for hypothesis."""
    return harness.run_here


@pytest.fixture(scope="session")
def process() -> harness.Process:
    """Run mcapp as a process of its own."""
    return harness.run_process


@pytest.fixture(scope="session", name="terminal")
def _terminal() -> pseudo_terminal.Terminal:
    """Run mcapp at a real terminal and type into it: `terminal("generate", typed=[("URL", "https://…\\n")])`."""
    return pseudo_terminal.run_at_terminal


@pytest.fixture(scope="session")
def golden(pytestconfig: pytest.Config) -> Golden:
    """Compare with a file that holds the expected output."""

    def compare(path: Path, actual: str | bytes) -> None:
        data = actual.encode("utf-8") if isinstance(actual, str) else actual
        if pytestconfig.getoption("--update"):
            if not path.is_file() or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            return
        assert path.is_file(), f"{path} is not there yet: read what the test sees, then accept it with pytest --update"
        if isinstance(actual, str):
            assert actual == path.read_bytes().decode("utf-8"), f"{path.name}: accept a wanted change with --update"
        else:
            assert actual == path.read_bytes(), f"{path.name}: accept a wanted change with --update"

    return compare


@pytest.fixture(scope="session")
def sarif_schema() -> dict[str, Any]:
    """The official SARIF 2.1.0 schema. `make test` gets it from npm's @microsoft/jest-sarif; it is not copied here."""
    package = Path(sys.prefix) / "share" / "node" / "node_modules" / "@microsoft" / "jest-sarif"
    found = sorted(package.glob("lib/schemas/sarif-2.1.0*.json"))
    if not found:
        reason = "the SARIF schema is not installed: 'make test' does it where npm is"
        if in_ci():
            pytest.fail(reason)
        pytest.skip(reason)
    raw = found[-1].read_bytes()
    assert sha256(raw).hexdigest() == _SARIF_SCHEMA, "this is not the schema of 2.1.0-rtm.5"
    schema: dict[str, Any] = json.loads(raw)
    return schema
