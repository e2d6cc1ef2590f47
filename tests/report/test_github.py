"""Annotations that GitHub's runner reads as they are meant, and no other command."""

import re

from mcapp.document import read
from mcapp.document.places import Span
from mcapp.errors import Failure
from mcapp.lint.model import Finding
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Style

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def rendered(report: Report) -> list[str]:
    return FORMATS["github"].render(report, Style(on=False), 80).splitlines()


def finding(severity: str = "error", path: str = "app.json", message: str = "m", help: str = "") -> Finding:  # noqa: A002  # the field's name
    return Finding("MC203", "a-name", severity, message, help, "https://example.com", path, "", 3, 7, 4, 1, Span(0, 1))


def unescape(text: str) -> str:
    """What the runner makes of a property or a message."""
    return re.sub("%([0-9A-F]{2})", lambda match: chr(int(match.group(1), 16)), text)


def test_everything_comes_back_as_it_was() -> None:
    one = finding(path="a,b:c%0A.json", message="100%, 5:7 ::error::", help="say `a,b`")
    (line,) = [line for line in rendered(Report(findings=(one,))) if COMMAND.match(line)]
    kind, properties, message = COMMAND.fullmatch(line).groups()  # type: ignore[union-attr]  # matched above
    told = dict(pair.split("=", 1) for pair in properties.split(","))
    assert kind == "error"
    assert {key: unescape(value) for key, value in told.items()} == {
        "file": "a,b:c%0A.json",
        "line": "3",
        "col": "7",
        "title": "MC203 a-name",
    }
    assert unescape(message) == "100%, 5:7 ::error::\nsay `a,b`"


def test_a_source_line_cannot_command_the_runner() -> None:
    text = '["##[add-mask]x",\n::add-mask::y\n]'
    document = read(text.encode(), "app.json")
    span = Span(18, 31)
    one = finding()._replace(line=2, column=1, end_line=2, end_column=14, span=span)
    report = Report((FileResult("app.json", None, readable=True),), (one,), documents={"app.json": document})
    lines = rendered(report)
    stop = lines[0].removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", stop)
    resume = lines.index(f"::{stop}::")
    assert any("::add-mask::y" in line for line in lines[:resume])
    assert all(COMMAND.fullmatch(line) for line in lines[resume + 1 :])
    assert not any(stop in line for line in lines[1:resume])


def test_the_tokens_of_two_reports_differ() -> None:
    assert rendered(Report(findings=(finding(),)))[0] != rendered(Report())[0]


def test_ten_of_a_kind_are_annotated_and_the_rest_is_counted() -> None:
    many = (*(finding("note") for _ in range(12)), *(finding("error") for _ in range(10)), finding("warning"))
    report = Report(findings=many, errors=(Failure("missing", "no such file", path="gone.json"),))
    lines = rendered(report)
    found = [match.group(1) for match in map(COMMAND.fullmatch, lines) if match]
    assert found == ["error"] * 10 + ["warning"] + ["notice"] * 10
    assert lines[-1] == "GitHub shows 10 annotations of a kind per step: 3 findings above have none."


def test_nothing_is_said_about_a_limit_that_was_not_met() -> None:
    assert "per step" not in "".join(rendered(Report(findings=(finding(),) * 10)))


def test_the_summary_shows_text_and_no_markup() -> None:
    one = finding(message="`<b>|` & <img src=x> | [a](http://x) *b*", path="a|b`.json")
    row = FORMATS["markdown"].render(Report(findings=(one,)), Style(on=False), 80).splitlines()[6]
    assert row.count("|") == 4
    assert "<code>&#60;b&#62;&#124;</code> &#38; &#60;img" in row
    assert row.count("](http") == 1  # the rule's own link
    assert "*b*" not in row


def test_the_summary_is_bounded() -> None:
    report = Report(findings=(finding(message="x" * 300, help="y" * 300),) * 5000)
    text = FORMATS["markdown"].render(report, Style(on=False), 80)
    assert len(text.encode()) < 1024 * 1024
    assert "4,500 more findings not shown here." in text
