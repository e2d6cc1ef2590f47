"""Underlines stand under their text, whatever it is made of and wherever it is cut."""

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mcapp.document import read
from mcapp.document.places import Position, Span
from mcapp.errors import Failure
from mcapp.lint.model import Finding, Related
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
from mcapp.terminal import redact
from mcapp.terminal.cells import around, wrap
from mcapp.terminal.console import Style, visible
from tests.report import awkward

PLAIN = Style(on=False)


def place(text: str, start: int, end: int, **more: object) -> Finding:
    """A finding on text[start:end] of a file called f.json."""
    span = Span(start, end)
    spot = read(text.encode("utf-8", "surrogatepass"), "f.json").place(span)
    finding = Finding("MC100", "n", "error", "m", "", "https://example.com", "f.json", "", *spot, span)
    return finding._replace(**more)  # type: ignore[arg-type]  # what a test names


def shown(text: str, *findings: Finding, width: int = 80) -> list[str]:
    """The rows of the text report, without the message and the summary."""
    documents = {"f.json": read(text.encode("utf-8", "surrogatepass"), "f.json")}
    report = Report((FileResult("f.json", "app", readable=True),), findings, documents=documents)
    return FORMATS["text"].render(report, PLAIN, width).split("\n")[2:-3]


def columns(text: str) -> int:
    """How wide a terminal draws `text`, told by the Unicode database and not by what the product uses."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.category(char) in ("Mn", "Me") for char in text)


def underlined(source: str, row: str) -> str:
    """What stands above the `^` of a row: characters that begin inside it, with what combines with them."""
    first, last = row.index("^"), row.rindex("^") + 1
    taken, at = "", 0
    for char in source:
        cost = columns(char)
        if first <= (at if cost else at - 1) < last:
            taken += char
        at += cost
    return taken


letters = st.sampled_from(
    [*"ab \u00e9", "\u6f22", "\uff21", "\U0001f600", "e\u0301", "\u0418", "\x00", "\x1b", "\u202e", "\x7f"]
)
pieces = st.lists(letters, max_size=12).map("".join)


@settings(max_examples=150)
@given(before=pieces, inside=pieces.filter(bool), after=pieces)
@example(before="\u6f22", inside="e\u0301", after="\u0301")
def test_exactly_the_span_is_underlined(before: str, inside: str, after: str) -> None:
    # A mark that combines with the character before the span cannot be told from it on a screen.
    text = f"true'{before}'{inside}'{after}'"  # a NUL among the first bytes would be UTF-16
    start = len(before) + 6
    _, source, row = shown(text, place(text, start, start + len(inside)), width=400)
    assert underlined(source, row) == visible(inside)


@settings(max_examples=150)
@given(before=pieces, inside=pieces.filter(bool), after=pieces, repeat=st.integers(10, 40), width=st.integers(30, 70))
def test_a_cut_line_fits_and_still_shows_the_span(
    before: str, inside: str, after: str, repeat: int, width: int
) -> None:
    text = f"true{(before + '.') * repeat}'{inside}'{(after + '.') * repeat}"
    start = 4 + len(before + ".") * repeat + 1
    rows = shown(text, place(text, start, start + len(inside)), width=width)
    assert all(columns(row) <= width for row in rows)
    taken = underlined(rows[1], rows[2])
    assert visible(inside).startswith(taken.rstrip("\u2026"))
    if columns(visible(inside)) <= width - 10:
        assert taken == visible(inside)


@pytest.mark.parametrize(
    ("text", "spot", "expected"),
    [
        ("\tx\ty", (3, 4), ["  |", "1 |     x   y", "  |         ^"]),
        ("\t\tx", (0, 2), ["  |", "1 |         x", "  | ^^^^^^^^"]),
        ("ab\tx", (3, 4), ["  |", "1 | ab  x", "  |     ^"]),
        ("[1,\n2", (5, 5), ["  |", "2 | 2", "  |  ^"]),
        ("[1,\n", (4, 4), ["  |", "2 |", "  | ^"]),
        ("", (0, 0), ["  |", "1 |", "  | ^"]),
        ("\ufeff{", (1, 2), ["  |", "1 | {", "  | ^"]),
        ("a\r\nb\rc\nd", (5, 6), ["  |", "3 | c", "  | ^"]),
        ("x\U0001f44d\U0001f3fdy\u2764\ufe0fz", (6, 7), ["  |", "1 | x\U0001f44dy\u2764z", "  |      ^"]),
        ("ae\u0301b", (2, 3), ["  |", "1 | ae\u0301b", "  |  ^"]),
    ],
    ids=["tabs", "tab-span", "tab-stop", "end", "end-after-newline", "empty", "bom", "line-ends", "emoji", "accent"],
)
def test_small_places(text: str, spot: tuple[int, int], expected: list[str]) -> None:
    assert shown(text, place(text, *spot)) == expected


def test_a_megabyte_on_one_line_is_cut_and_quick() -> None:
    text = "[" + '"\u6f22x",' * 150_000 + '"here"]'
    start = text.index('"here"')
    _, source, row = shown(text, place(text, start, start + 6), width=60)
    assert source.endswith('"here"]')
    assert source.startswith("1 | \u2026")
    assert underlined(source, row) == '"here"'


def test_a_million_combining_characters_are_not_all_shown() -> None:
    text = "a" + "\u0301" * 1_000_000 + "b"
    rows = shown(text, place(text, 500_000, 500_001), width=60)
    assert sum(map(len, rows)) < 1000


def test_a_span_up_to_a_line_end_stays_on_its_line() -> None:
    text = "{\n  // x\n}"
    assert shown(text, place(text, 4, 9)) == ["  |", "2 |   // x", "  |   ^^^^"]


def test_a_label_that_does_not_fit_is_wrapped_below() -> None:
    text = '{"name": 1, "nome": 2}'
    label = Related("a label that is longer than the room beside or below its place", Span(1, 7), Position(1, 2, 1, 8))
    assert shown(text, place(text, 12, 18, related=(label,)), width=40) == [
        "  |",
        '1 | {"name": 1, "nome": 2}',
        "  |  ------     ^^^^^^",
        "  |  |",
        "  |  a label that is longer than the",
        "  |  room beside or below its place",
    ]


def test_one_line_between_two_is_shown_and_more_are_elided() -> None:
    text = "1\n2\n3\n4\n5\n6\n7"
    labels = (Related("a", Span(4, 5), Position(3, 1, 3, 2)), Related("b", Span(12, 13), Position(7, 1, 7, 2)))
    rows = shown(text, place(text, 0, 1, related=labels))
    assert [row[:3] for row in rows] == ["  |", "1 |", "  |", "2 |", "3 |", "  |", "...", "7 |", "  |"]


def test_without_the_text_there_is_no_source() -> None:
    report = Report((FileResult("f.json", "app", readable=True),), (place("[1", 0, 1),))
    assert FORMATS["text"].render(report, PLAIN, 80) == ("error[MC100]: m\n --> f.json:1:1\n\n1 error in 1 file\n")


@given(st.text(), st.integers(0, 30), st.integers(0, 30), st.integers(12, 40))
@settings(max_examples=150)
def test_a_window_is_never_wider_than_its_room(line: str, start: int, length: int, room: int) -> None:
    window = around(line, start, start + length, room)
    assert window.cells[-1] <= room
    first, last = window.columns(start, start + length)
    assert 0 <= first < last


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", ["one two", "three four"]),
        ("see path/to/a/very/long/file.json now", ["see", "path/to/a/very/long/file.json", "now"]),
        ('write "a b c" here', ["write", '"a b c"', "here"]),
        ("write `a b c` here", ["write", "`a b c`", "here"]),
        ("write `something far too long for it`", ["write", "`something", "far too", "long for", "it`"]),
        ("\u6f22\u6f22 \u6f22\u6f22 \u6f22\u6f22", ["\u6f22\u6f22 \u6f22\u6f22", "\u6f22\u6f22"]),
        ("a ` b", ["a ` b"]),
        ("", [""]),
    ],
)
def test_prose_is_wrapped_and_words_stay_whole(text: str, lines: list[str]) -> None:
    assert wrap(text, 10, 10) == lines


# Keys of every sort, some loaded, in every place of a text; spans that fit it or not.
SECRET = "zQ9" + "plainly-made-up" + "7"
noise = st.text(
    st.sampled_from(["a", '"', "\n", "\r", "\t", "\u6f22", "\u0301", "\x1b", "\u202e", ":", "\ud800", "\ufeff"])
)


@settings(max_examples=200)
@given(
    parts=st.lists(noise, min_size=2, max_size=4),
    spot=st.tuples(st.integers(0, 120), st.integers(0, 120)),
    label=st.tuples(st.integers(0, 120), st.integers(0, 120)),
    width=st.integers(20, 120),
    color=st.booleans(),
    name=st.sampled_from(sorted(FORMATS)),
)
def test_nothing_raises_and_no_key_is_shown(
    parts: list[str], spot: tuple[int, int], label: tuple[int, int], width: int, color: bool, name: str
) -> None:
    loaded = dict(redact._loaded)
    redact.remember(SECRET)
    try:
        text = parts[0] + f'"{awkward.KEY}"'.join(SECRET + part for part in parts[1:])
        document = read(text.encode("utf-8", "surrogatepass"), f"{SECRET}.json")
        length = len(document.text)
        start, end = sorted(min(at, length) for at in spot)
        span, other = Span(start, end), Span(*sorted(min(at, length) for at in label))
        finding = Finding(
            "MC100", "n", "error", "m", "", "u", document.name, None, *document.place(span), span,
            (Related("label", other, document.place(other)),),
        )  # fmt: skip
        failure = Failure("unreadable", f"cannot read {SECRET}.json", "", f"{SECRET}.json")
        report = Report((), (finding,), (failure,), {document.name: document})
        output = FORMATS[name].render(report, Style(on=color), width)
    finally:
        redact._loaded.clear()
        redact._loaded.update(loaded)
    for secret in (SECRET, awkward.KEY):
        assert not any(secret[at : at + 6] in output for at in range(len(secret) - 5))
    if name != "json":
        assert not re.search("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", output)
    output.encode("utf-8")
