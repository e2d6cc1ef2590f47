"""Questions: on stderr, masked, asked again until the answer can be used; the end of the input ends them."""

import io
import sys

import pytest

from mcapp.errors import Refused
from mcapp.terminal import prompts
from mcapp.terminal.console import Console

CONSOLE = Console()
CONSOLE.color = "never"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the person types; to be filled and rewound."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdin", stream)
    return stream


def types(stream: io.StringIO, text: str) -> None:
    stream.write(text)
    stream.seek(0)


def test_a_question_is_printed_on_stderr(typed: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    types(typed, "  a word \n\n")
    assert prompts.ask_line(CONSOLE, "Name") == "  a word "
    assert prompts.ask_line(CONSOLE, "Name") == ""
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Name: " * 2)


def test_a_line_is_kept_as_it_was_typed(typed: io.StringIO) -> None:
    types(typed, "  with spaces \n")
    assert prompts.ask_line(CONSOLE, "Title") == "  with spaces "


@pytest.mark.parametrize(
    ("answers", "default", "expected"),
    [
        ("y\n", False, True),
        ("No\n", True, False),
        ("\n", True, True),
        ("\n", False, False),
        ("maybe\nYES\n", False, True),
    ],
)
def test_yes_or_no(typed: io.StringIO, answers: str, default: bool, expected: bool) -> None:
    types(typed, answers)
    assert prompts.ask_yes(CONSOLE, "Write it?", default=default) is expected


def test_a_refused_answer_is_asked_for_again(typed: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    def use(answer: str) -> int:
        if not answer.isdigit():
            raise Refused(f"{answer!r} is not a number", hint="such as 7")
        return int(answer)

    types(typed, "?\nseven\n\x1b[D\n7\n\n<\n")
    assert prompts.ask_until(CONSOLE, "Number", use, default="1", help="How many.") == 7
    assert "How many.\n" in (err := capsys.readouterr().err)
    assert "  ! 'seven' is not a number (such as 7)\n" in err
    assert "  ! it has control or invisible characters\n" in err
    assert "\x1b" not in err
    assert prompts.ask_until(CONSOLE, "Number", use, default="1") == 1
    with pytest.raises(prompts.Back):
        prompts.ask_until(CONSOLE, "Number", use)


def test_the_end_of_the_input_ends_the_conversation(typed: io.StringIO) -> None:  # noqa: ARG001  # an empty one
    for question in (prompts.ask_yes, prompts.ask_line):
        with pytest.raises(EOFError):
            question(CONSOLE, "Name")
