"""Words of commands that are printed to be pasted."""

import pytest

from mcapp.terminal import shell


@pytest.mark.parametrize(
    ("system", "word", "expected"),
    [
        ("posix", "app.json", "app.json"),
        ("posix", "my 'app'.json", "'my '\"'\"'app'\"'\"'.json'"),
        ("posix", "<<app_token>>", "'<<app_token>>'"),
        ("nt", r"C:\apps\app.json", r"C:\apps\app.json"),
        ("nt", "<<app_token>>", '"<<app_token>>"'),
        ("nt", 'k={"a": 1}', r'"k={\"a\": 1}"'),
    ],
)
def test_a_word_is_quoted_for_the_shell_at_hand(
    monkeypatch: pytest.MonkeyPatch, system: str, word: str, expected: str
) -> None:
    monkeypatch.setattr(shell, "_WINDOWS", system == "nt")
    assert shell.quoted(word) == expected


@pytest.mark.parametrize(("path", "word"), [("-x.json", "./-x.json"), ("-", "-"), ("a\x1b.json", "'a␛.json'")])
def test_a_file_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch, path: str, word: str) -> None:
    monkeypatch.setattr(shell, "_WINDOWS", False)
    assert shell.file_word(path) == word
