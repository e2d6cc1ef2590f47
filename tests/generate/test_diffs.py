"""Unified diffs that `patch` reads, and their colours for people."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcapp.terminal.console import Style
from mcapp.terminal.drawing import colored, unified


@pytest.mark.parametrize(
    ("before", "after", "diff"),
    [
        ("a\n", "a\n", ""),
        ("a\n", "b\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"),
        (None, "a\n", "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n"),
        ("a", "a\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
        ("a\r\n", "b\r\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\r\n+b\r\n"),
        ("a\u2028b\n", "a\u2028c\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\u2028b\n+a\u2028c\n"),
    ],
)
def test_a_diff(before: str | None, after: str, diff: str) -> None:
    assert unified(before, after, "x") == diff


def test_an_absolute_path_is_no_double_slash() -> None:
    assert unified("a\n", "b\n", "/some/x").startswith("--- a/some/x\n+++ b/some/x\n")


def test_colours_and_controls() -> None:
    shown = colored(unified("\x1b[2Jold\tx\r\nsame\n", "new\nsame\n", "x"), Style(on=True))
    assert shown == (
        "\x1b[1m--- a/x\x1b[0m\n\x1b[1m+++ b/x\x1b[0m\n\x1b[1;36m@@ -1,2 +1,2 @@\x1b[0m\n"
        "\x1b[31m-␛[2Jold\tx\x1b[0m\n\x1b[32m+new\x1b[0m\n same\n"
    )
    assert "\x1b" not in colored(unified("a\n", "\x1bb\n", "x"), Style(on=False))


lines = st.lists(st.sampled_from(["a", "b", "", "c\r", "-- d", "++ e", " "]), max_size=8)


@pytest.mark.skipif(sys.platform == "win32" and not shutil.which("git"), reason="there is no git under Wine")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines, lines, st.sampled_from(["", "\n"]), st.sampled_from(["", "\n"]))
def test_git_applies_it(tmp_path: Path, old: list[str], new: list[str], old_end: str, new_end: str) -> None:
    before, after = "\n".join(old) + old_end, "\n".join(new) + new_end
    diff = unified(before, after, "x")
    if not before or not after or not diff:
        return  # git wants other headers where a file is empty
    (tmp_path / "x").write_bytes(before.encode())
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], input=diff.encode(), cwd=tmp_path, check=True, capture_output=True
    )
    assert (tmp_path / "x").read_bytes() == after.encode()
