"""Windows and macOS played on Linux: `sys.platform`, and what their own libraries answer."""

import io
import signal
import socket
import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

import pytest

from tests.doctor.conftest import doctor  # noqa: F401  # fixtures
from tests.keys.conftest import forgotten_keys, make_key  # noqa: F401  # as above


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """For this test `sys.platform` is that of Windows."""
    monkeypatch.setattr(sys, "platform", "win32")
    # What only Windows has; another signal and another option have the place here.
    monkeypatch.setattr(signal, "SIGBREAK", getattr(signal, "SIGBREAK", signal.SIGTERM), raising=False)
    exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE)
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", exclusive, raising=False)


@pytest.fixture
def macos(monkeypatch: pytest.MonkeyPatch) -> None:
    """For this test `sys.platform` is that of macOS."""
    monkeypatch.setattr(sys, "platform", "darwin")


def copy_of(name: str) -> Any:
    """The module as it is when it is imported now: on the platform that a fixture plays."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Keys(ModuleType):
    """`msvcrt` with somebody at the keyboard: `getwch` gives what was typed, character by character."""

    def __init__(self, typed: str) -> None:
        super().__init__("msvcrt")
        self.left = list(typed)

    def kbhit(self) -> bool:
        """Whether another character waits."""
        return bool(self.left)

    def getwch(self) -> str:
        """The next one."""
        return self.left.pop(0)


@pytest.fixture
def prompt(windows: None, monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ARG001  # the platform
    """`prompt(typed)`: what the hidden prompt of Windows makes of it; `prompt.left` is what it left unread."""

    class Prompt:
        left = ""
        shown = ""

        def __call__(self, typed: str) -> str:
            keys = Keys(typed)
            monkeypatch.setitem(sys.modules, "msvcrt", keys)
            stderr = io.StringIO()
            try:
                text: str = copy_of("mcapp.keys.key_prompt").read_hidden("App Key: ", io.StringIO(), stderr)
            finally:
                self.left, self.shown = "".join(keys.left), stderr.getvalue()
            return text

    return Prompt()
