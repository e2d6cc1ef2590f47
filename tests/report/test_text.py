"""The words around the source lines: counts, hints, links, and what is not imported for them."""

import re
import subprocess
import sys

import pytest

from mcapp.document.places import Span
from mcapp.errors import Failure
from mcapp.lint.model import Finding, FindingFix
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Style
from tests.report import awkward

FILES = tuple(FileResult(f"{number}.json", "app", readable=True) for number in range(3))


def finding(severity: str, fix: str = "") -> Finding:
    mend = FindingFix(fix, "mend it", ()) if fix else None
    return Finding(
        "MC100", "n", severity, "m", "", "https://example.com/#mc100", "0.json", "", 1, 1, 1, 2, Span(0, 1), fix=mend
    )


def text(report: Report, *, color: bool = False, name: str = "text") -> str:
    return FORMATS[name].render(report, Style(on=color), 200)


@pytest.mark.parametrize(
    ("findings", "more", "expected"),
    [
        ([], {}, "no problems in 3 files"),
        ([], {"files": FILES[:1]}, "no problems in 1 file"),
        ([], {"files": ()}, "nothing to check"),
        (["note"], {}, "1 note in 3 files"),
        (["error", "error", "warning"], {}, "2 errors, 1 warning in 3 files"),
        (["warning safe"], {}, "1 warning in 3 files (1 fixable with --fix)"),
        (["warning unsafe"], {}, "1 warning in 3 files (1 fixable with --unsafe-fixes)"),
        (["error safe", "error unsafe"], {}, "2 errors in 3 files (1 fixable with --fix, 1 more with --unsafe-fixes)"),
        (["error"], {"fixed": 2}, "fixed 2 problems, 1 error left in 3 files"),
        ([], {"fixed": 1}, "fixed 1 problem, none left in 3 files"),
        (["error"] * 1234, {}, "1,234 errors in 3 files"),
        (
            [],
            {"errors": (Failure("missing", "gone", path="a"),)},
            "no problems in 3 files; 1 path could not be checked",
        ),
        ([], {"files": (), "errors": (Failure("internal", "failed"),)}, "no file was checked"),
    ],
)
def test_the_last_line_counts(findings: list[str], more: dict[str, object], expected: str) -> None:
    found = tuple(finding(*one.split()) for one in findings)
    report = Report(FILES, found)._replace(**more)  # type: ignore[arg-type]  # fields of a Report
    assert text(report).splitlines()[-1] == expected
    assert re.sub(r"\x1b\[[\d;]*m", "", text(report, color=True)).splitlines()[-1] == expected


def test_hints_stand_below_their_error() -> None:
    failure = Failure("unreadable", "permission denied", "first\nsecond", "a.json")
    assert text(Report(errors=(failure,))).splitlines()[:3] == [
        "error: a.json: permission denied",
        "  hint: first",
        "        second",
    ]


@pytest.mark.parametrize(
    ("help", "expected"),
    [
        ("write it so", ["  = help: write it so", "  = fix: mend it (--unsafe-fixes)"]),
        ("mend it", ["  = fix: mend it (--unsafe-fixes)"]),
        ("", ["  = fix: mend it (--unsafe-fixes)"]),
    ],
)
def test_help_and_fix_do_not_say_the_same(help: str, expected: list[str]) -> None:  # noqa: A002  # the field's name
    report = Report(FILES, (finding("error", "unsafe")._replace(help=help),))
    assert [line for line in text(report).splitlines() if " = " in line] == expected


@pytest.mark.parametrize("name", ["text", "concise"])
def test_a_code_is_a_link_only_where_colours_are(name: str) -> None:
    report = Report(FILES, (finding("error"),))
    assert "\x1b]8;;https://example.com/#mc100\x1b\\MC100\x1b]8;;\x1b\\" in text(report, color=True, name=name)
    assert "\x1b" not in text(report, name=name)


@pytest.mark.parametrize("name", ["text", "concise"])
def test_colours_change_nothing_else(name: str) -> None:
    report = awkward.report()
    bare = re.sub(r"\x1b(\[[\d;]*m|\]8;;[^\x1b]*\x1b\\)", "", text(report, color=True, name=name))
    assert bare == text(report, name=name)


def test_concise_says_nothing_where_all_is_well() -> None:
    assert text(Report(FILES), name="concise") == ""


LOADED = """
import sys
from mcapp.terminal.console import Style
from mcapp.document import read
from mcapp.document.places import Span
from mcapp.lint.model import Finding
from mcapp.report import FORMATS
from mcapp.report.result import FileResult, Report
before = set(sys.modules)
findings = (Finding("MC100", "n", "error", "m", "", "u", "a.json", "", 1, 1, 1, 2, Span(0, 1)),) if LINE else ()
documents = {"a.json": read(LINE.encode(), "a.json")} if LINE else {}
FORMATS["text"].render(Report((FileResult("a.json", "app", True),), findings, (), documents), Style(on=False), 80)
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize(
    ("line", "loaded"),
    [("", {"mcapp.report.text"}), ("[1]", {"mcapp.report." + name for name in ("finding_text", "text")})],
    ids=["clean", "ascii"],
)
def test_only_what_is_needed_is_imported(line: str, loaded: set[str]) -> None:
    code = f"LINE = {line!r}{LOADED}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == loaded


def test_of_rich_only_the_widths_are_imported() -> None:
    code = f"LINE = '[\\u6f22]'{LOADED}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rich = {name for name in done.stdout.split() if name.startswith("rich")}
    assert "rich.cells" in rich
    assert not {name for name in rich if not re.match(r"rich(\.cells|\._\w+(\..*)?)?$", name)}
