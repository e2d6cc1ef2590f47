"""Words of commands that are printed to be pasted."""

import sys

import pytest

from mcapp.terminal.format import file_word, quoted


@pytest.mark.parametrize(
    ("system", "word", "expected"),
    [
        ("linux", "app.json", "app.json"),
        ("linux", "my 'app'.json", "'my '\"'\"'app'\"'\"'.json'"),
        ("linux", "<<app_token>>", "'<<app_token>>'"),
        ("win32", r"C:\apps\app.json", r"C:\apps\app.json"),
        ("win32", "<<app_token>>", '"<<app_token>>"'),
        ("win32", 'k={"a": 1}', r'"k={\"a\": 1}"'),
    ],
)
def test_a_word_is_quoted_for_the_shell_at_hand(
    monkeypatch: pytest.MonkeyPatch, system: str, word: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert quoted(word) == expected


@pytest.mark.parametrize(("path", "word"), [("-x.json", "./-x.json"), ("-", "-"), ("a\x1b.json", "'a␛.json'")])
def test_a_file_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch, path: str, word: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert file_word(path) == word
