"""Colour and width: what a terminal gets, what a pipe gets, and what overrides what."""

import re
from pathlib import Path

import pytest

from mcapp.cli.application import COMMANDS
from tests.harness import Cli, Process
from tests.pseudo_terminal import Terminal

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\")  # colours and links

# (--color, NO_COLOR, FORCE_COLOR, TERM) and whether a terminal, and whether a pipe, then gets colour.
PRECEDENCE = [
    (None, None, None, "xterm", True, False),
    ("auto", None, None, "xterm", True, False),
    ("always", None, None, "xterm", True, True),
    ("always", "1", None, "dumb", True, True),
    ("never", None, "1", "xterm", False, False),
    (None, "1", None, "xterm", False, False),
    (None, "1", "1", "xterm", False, False),
    (None, "", None, "xterm", True, False),  # no-color.org: set and not empty
    (None, None, "1", "xterm", True, True),
    (None, None, "1", "dumb", True, True),
    (None, None, "0", "xterm", False, False),
    (None, None, None, "dumb", False, False),
    ("auto", "1", "1", "xterm", False, False),
]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.json"
    path.write_text('{"auth": {"request": {"url": "here"}} "actions": []}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(("option", "no", "force", "term", "terminal", "pipe"), PRECEDENCE)
def test_what_beats_what(
    cli: Cli, broken: Path, option: str | None, no: str | None, force: str | None, term: str, terminal: bool, pipe: bool
) -> None:
    env = {"NO_COLOR": no, "FORCE_COLOR": force, "TERM": term}
    before = ["--color", option] if option else []
    for at_terminal, wanted in ((True, terminal), (False, pipe)):
        result = cli(*before, "validate", broken, env=env, terminal=at_terminal)
        assert bool(_ESCAPE.search(result.out)) is wanted
        assert cli("validate", broken, *before, env=env, terminal=at_terminal) == result


def test_colour_changes_nothing_but_the_colour(cli: Cli, broken: Path) -> None:
    plain, coloured = cli("validate", broken), cli("validate", "--color=always", broken)
    assert _ESCAPE.sub("", coloured.out) == plain.out


@pytest.mark.parametrize("form", ["concise", "json", "jsonl", "sarif", "github"])
def test_machine_formats_have_no_colour_in_a_pipe(cli: Cli, broken: Path, form: str) -> None:
    assert "\x1b" not in cli("validate", "--output-format", form, broken).out


@pytest.mark.parametrize("words", [[], ["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_nothing_is_coloured_in_a_pipe(process: Process, words: list[str]) -> None:
    result = process(*words, env={"TERM": "xterm-256color"})
    assert result.code == 0
    assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_coloured_at_a_terminal_and_plain_when_redirected(terminal: Terminal, name: str) -> None:
    shown, redirected = terminal(name, "--help"), terminal(name, "--help", redirect=True)
    assert _ESCAPE.search(shown.out)
    assert not _ESCAPE.search(redirected.out)
    assert _ESCAPE.sub("", shown.out) == redirected.out


@pytest.mark.parametrize("words", [["--color", "always", "schema", "--help"], ["schema", "--color=always", "--help"]])
def test_help_is_coloured_in_a_pipe_when_that_is_asked_for(process: Process, words: list[str]) -> None:
    assert _ESCAPE.search(process(*words).out)
    assert _ESCAPE.search(process("schema", "--help", env={"FORCE_COLOR": "1"}).out)


def test_help_is_as_wide_as_the_terminal_but_no_wider_than_can_be_read(terminal: Terminal) -> None:
    widths = {}
    for columns in (50, 80, 300):
        page = _ESCAPE.sub("", terminal("--help", columns=columns).out)
        widths[columns] = max(map(len, page.splitlines()))
    assert widths[50] <= 50 < widths[80] <= 80 < widths[300] <= 100
