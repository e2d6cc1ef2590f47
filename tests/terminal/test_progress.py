"""Progress: a bar where a person waits, nothing in a pipe, with --quiet or for what is done at once."""

import io
import sys
import time

import pytest

from mcapp.terminal.console import Console
from mcapp.terminal.drawing import progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Clock:
    """Time that passes when it is looked at."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def drawn(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, step: float = 0.3, quiet: bool = False) -> str:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    clock = Clock(step)
    monkeypatch.setattr(time, "monotonic", clock)
    console = Console()
    console.quiet = quiet
    with progress(console, "checking", "files") as show:
        for done in range(1, 10):
            show(done, 9)
    return stream.getvalue()


def test_a_person_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = drawn(monkeypatch, Terminal())
    assert "checking" in text
    assert "9/9" in text
    assert "files" in text


def test_nothing_is_drawn_for_what_is_done_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, Terminal(), step=0.01) == ""


def test_a_pipe_and_quiet_get_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn(monkeypatch, io.StringIO()) == ""
    assert drawn(monkeypatch, Terminal(), quiet=True) == ""
