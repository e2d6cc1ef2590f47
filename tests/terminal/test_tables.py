"""Tables: plain and whole in a pipe, fitted to the terminal's width where a person looks."""

import re

import pytest

from mcapp.terminal.console import UNWRAPPED, Style
from mcapp.terminal.drawing import table
from mcapp.terminal.redact import MASK, _loaded, remember

PLAIN, COLOUR = Style(on=False), Style(on=True)
HEADINGS = ("Code", "Name", "What")
PATH = "/home/somebody/with/a/path/that/is/wider/than/many/a/terminal/app.json"
ROWS: list[tuple[str, ...] | str] = [
    "Text",
    ("MC001", "invalid-json", "The file is not valid JSON, and what it says cannot be read."),
    "URLs",
    ("MC203", "app-key-in-url", f"The App Key stands in the URL of {PATH}, which is logged by every server."),
    ("MC204", "\u540d\u524d", "Short."),
]


def plain(text: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def words(text: str) -> list[str]:
    return plain(text).split()


def test_a_pipe_gets_every_row_on_one_line() -> None:
    lines = table(ROWS, HEADINGS, style=PLAIN).split("\n")
    assert len(lines) == len(ROWS) + 1
    assert lines[0] == "Code   Name            What"
    assert lines[2].startswith("MC001  invalid-json    The file")
    assert lines[5] == "MC204  \u540d\u524d            Short."


@pytest.mark.parametrize("style", [PLAIN, COLOUR], ids=["plain", "colour"])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 300])
def test_a_terminal_gets_the_same_words_and_no_word_is_broken(width: int, style: Style) -> None:
    rows = [row if isinstance(row, str) else (style.note(row[0]), *row[1:]) for row in ROWS]
    whole, fitted = table(rows, style=style), table(rows, style=style, width=width)
    assert words(fitted) == words(whole)
    first = len("MC001  app-key-in-url")
    for line in plain(fitted).split("\n"):
        assert len(line) <= max(width, first, len(PATH) + 5) or PATH in line


def test_prose_is_wrapped_under_itself_or_below_its_row() -> None:
    wide = table(ROWS, HEADINGS, style=PLAIN, width=60).split("\n")
    assert wide[2] == "MC001  invalid-json    The file is not valid JSON, and what"
    assert wide[3] == " " * 23 + "it says cannot be read."
    narrow = table(ROWS, HEADINGS, style=PLAIN, width=40).split("\n")
    assert narrow[:3] == ["Code   Name", "Text", "MC001  invalid-json"]
    assert narrow[3] == "    The file is not valid JSON, and what"


def test_a_key_is_masked_before_its_cell_is_wrapped() -> None:
    key = "made up with spaces in it, so that it can be wrapped"
    remember(key)
    try:
        for width in (UNWRAPPED, 30, 50):
            text = table([("MC001", f"before {key} after")], style=PLAIN, width=width)
            assert MASK * len(key) in text
            assert "spaces" not in text
    finally:
        _loaded.clear()


def test_nothing_but_headings() -> None:
    assert table(["Text", "URLs"], style=PLAIN, width=40) == "Text\nURLs"
    assert table([], style=PLAIN) == ""
