"""What is expected of a key, held against what it has: `mcapp probe --expect …`."""

import json
from pathlib import Path

import pytest

from mcapp.scopes.catalogue import GROUPS, READ, load
from mcapp.testing import Emulator
from tests.scopes.conftest import Probe, fits

READS = ["GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows"]


@pytest.mark.parametrize(
    ("expect", "fail_on", "code", "missing", "extra"),
    [
        (READS, None, 1, [READS[2]], []),
        (READS[:2], None, 0, [], []),
        (READS[:1], None, 0, [], [READS[1]]),
        (READS[:1], "extra", 1, [], [READS[1]]),
        (READS, "extra", 0, [READS[2]], []),
        (READS, "extra,missing", 1, [READS[2]], []),
        (READS, "", 0, [READS[2]], []),
        ([], None, 0, [], READS[:2]),
    ],
)
def test_expectations(
    probe_command: Probe,
    emulator: Emulator,
    expect: list[str],
    fail_on: str | None,
    code: int,
    missing: list[str],
    extra: list[str],
) -> None:
    options = [] if fail_on is None else ["--fail-on", fail_on]
    result = probe_command(emulator.key(READS[:2]), "--expect", ",".join(expect), *options, "--json")
    report = fits(result.json())
    assert result.code == code
    assert report["expectation"] == {"missing": missing, "extra": extra, "uncertain": []}
    assert report["ok"] == (code == 0)


def test_an_expected_scope_that_stays_open_is_3(probe_command: Probe, emulator: Emulator) -> None:
    key = emulator.key(READS)
    emulator.fault("html", READS[1])
    assert probe_command(key, "--expect", READS[1]).code == 3
    assert (
        probe_command(key, "--expect", READS[1], "--fail-on", "missing,extra").code == 1
    )  # two others were not expected
    assert probe_command(key, "--expect", READS[0]).code == 0
    assert probe_command(key).code == 3
    assert probe_command(key, "--fail-on", "missing").code == 0


@pytest.mark.parametrize(
    ("options", "expected", "hint"),
    [
        ([], "POST /fb/page/createTag", "add --include-writes"),
        (["--fail-on", "missing"], "POST /fb/page/createTag", "add --include-writes"),
        (["--include-writes"], "POST /fb/subscriber/createSubscriber", "add --only 'POST /fb/subscriber/createSub"),
        (["--include-writes"], "POST /fb/subscriber/verifyBySignedRequest", "leave it out of the expectation"),
        (["--only", READS[0]], READS[1], f"name it too, --only '{READS[1]}'"),
        (["--group", "sending"], READS[1], f"name it too, --only '{READS[1]}'"),
    ],
)
def test_what_cannot_be_decided_is_refused_before_the_first_request(
    probe_command: Probe, emulator: Emulator, options: list[str], expected: str, hint: str
) -> None:
    result = probe_command(emulator.key(["*"]), *options, "--expect", expected, "--json")
    assert result.code == 2
    error = fits(result.json())["errors"][0]
    assert error["code"] == "undecidable"
    assert error["message"].startswith(f"{expected} is expected, but would not be probed: ")
    assert hint in error["hint"]
    assert not emulator.journal


def test_uncertain_ones_are_in_the_report(probe_command: Probe, emulator: Emulator) -> None:
    emulator.fault("html", READS[1])
    report = fits(probe_command(emulator.key(READS), "--expect", ",".join(READS), "--json").json())
    assert report["expectation"] == {"missing": [], "extra": [], "uncertain": [READS[1]]}


@pytest.mark.parametrize("text", ["", "\n# nothing\n"])
def test_a_file_that_names_no_scope_expects_nothing_by_mistake(probe_command: Probe, text: str) -> None:
    Path("scopes.txt").write_text(text)
    result = probe_command("fake-key-fake-key", "--expect-file", "scopes.txt")
    assert result.code == 2
    assert "scopes.txt names no scope" in result.err


def test_the_verdict_is_the_first_and_the_last_line(probe_command: Probe, emulator: Emulator) -> None:
    def ends(*options: str) -> tuple[str, str]:
        lines = probe_command(emulator.key(READS[:2]), *options).out.splitlines()
        return lines[0].partition(": key")[0], lines[-1]

    reads = len([endpoint for endpoint in load() if endpoint.send == READ])
    assert ends() == ("working", f"working, 2 of {reads} scopes granted")
    met = "working, has all 2 expected scopes"
    assert ends("--expect", ",".join(READS[:2])) == (met, met)
    lacking = "lacks 1 of 3 expected scopes"
    assert ends("--expect", ",".join(READS)) == (lacking, f"{lacking}: {READS[2]}")
    assert ends("--expect", ",".join(READS), "--output-format", "github")[1] == f"{lacking}: {READS[2]}"
    extra = "has 1 beyond 1 expected scope"
    assert ends("--expect", READS[0], "--fail-on", "extra") == (extra, f"{extra}: {READS[1]}")


def test_skipped_scopes_take_a_line_for_each_group(probe_command: Probe, emulator: Emulator) -> None:
    rows = [line.split() for line in probe_command(emulator.key(READS)).out.splitlines() if "  skipped" in line[:9]]
    never_read = [[e.group for e in load() if e.send != READ].count(group) for group in GROUPS]
    assert [row[1:3] for row in rows if row[2] == "scopes"] == [[str(n), "scopes"] for n in never_read if n > 1]
    assert len(rows) == len([n for n in never_read if n])


def test_a_scope_asked_by_name_that_is_skipped_is_3(probe_command: Probe, emulator: Emulator) -> None:
    key = emulator.key(["writes"])
    assert (
        probe_command(key, "--only", "POST /fb/page/createTag", "-q").code == 1
    )  # no scope on the key check: a dead key
    key = emulator.key(["*"])
    assert probe_command(key, "--only", "POST /fb/page/createTag", "-q").code == 3
    assert probe_command(key, "--group", "sending", "-q").code == 0


def test_expectations_from_a_file(probe_command: Probe, emulator: Emulator) -> None:
    Path("scopes.txt").write_text(f"# what we need\n{READS[0]}\n\n  /fb/page/getTags   # by its path\n")
    assert probe_command(emulator.key(READS[:2]), "--expect-file", "scopes.txt").code == 0
    assert probe_command(emulator.key(READS[:1]), "--expect-file", "scopes.txt").code == 1
    both = probe_command(emulator.key(READS[:2]), "--expect-file", "scopes.txt", "--expect", READS[2], "--json")
    assert both.json()["expectation"]["missing"] == [READS[2]]
    Path("scopes.txt").write_text("GET /fb/page/getTags\nGET /fb/page/getTag\n")
    wrong = probe_command("fake-key-fake-key", "--expect-file", "scopes.txt")
    assert wrong.code == 2
    assert "scopes.txt:2: unknown scope" in wrong.err


def test_expectations_from_the_configuration(probe_command: Probe, emulator: Emulator) -> None:
    Path("mcapp.toml").write_text(f"[scopes]\nexpect = {json.dumps(READS)}\n")
    key = emulator.key(READS[:2])
    assert probe_command(key).code == 1
    assert probe_command(key, "--isolated").code == 0
    assert probe_command(key, "--expect", READS[0]).code == 0
    # A question about some scopes is judged by what is expected of those.
    assert probe_command(key, "--only", READS[0]).code == 0
    assert probe_command(key, "--only", READS[2]).code == 1
    Path("mcapp.toml").write_text('[scopes]\nexpect = ["GET /me"]\n')
    wrong = probe_command(key)
    assert wrong.code == 2
    assert "mcapp.toml: unknown scope 'GET /me'" in wrong.err


def test_what_is_granted_can_be_recorded_and_held_to(probe_command: Probe, emulator: Emulator) -> None:
    key = emulator.key(READS[:2])
    recorded = probe_command(key, "--write-expect", "scopes.txt")
    assert recorded.code == 0
    assert "wrote 2 scopes to scopes.txt" in recorded.err
    lines = Path("scopes.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == READS[:2]
    assert probe_command(key, "--expect-file", "scopes.txt", "--fail-on", "missing,extra,inconclusive").code == 0
    assert probe_command(emulator.key(READS), "--expect-file", "scopes.txt", "--fail-on", "extra").code == 1
    # It may be recorded anew, but no other file is replaced.
    assert probe_command(emulator.key(READS), "--write-expect", "scopes.txt").code == 0
    Path("notes.txt").write_text("do not lose this\n")
    refused = probe_command(key, "--write-expect", "notes.txt", "--json")
    assert (refused.code, refused.json()["errors"][0]["code"]) == (1, "exists")
    assert Path("notes.txt").read_text() == "do not lose this\n"


def test_nothing_is_recorded_of_a_key_that_does_not_work(probe_command: Probe, emulator: Emulator) -> None:
    result = probe_command(emulator.key(["*"], "revoked"), "--write-expect", "scopes.txt", "--json")
    assert result.code == 1
    assert fits(result.json())["errors"][0]["code"] == "not-recorded"
    assert not Path("scopes.txt").exists()
    result = probe_command(emulator.key(), "--write-expect", "no/such/folder", "--json")
    assert (result.code, fits(result.json())["errors"][0]["code"]) == (2, "unwritable")


def test_what_stays_open_is_noted_in_the_record(probe_command: Probe, emulator: Emulator) -> None:
    emulator.fault("html", READS[1])
    probe_command(emulator.key(READS), "--write-expect", "scopes.txt")
    assert f"# could not be decided: {READS[1]}\n" in Path("scopes.txt").read_text()


def test_the_recipe_for_ci(probe_command: Probe, emulator: Emulator) -> None:
    needed = [*READS[:2], "POST /fb/sending/sendContent"]
    assert probe_command(emulator.key(needed), "--include-writes", "--write-expect", "scopes.txt").code == 0
    recipe = ("--include-writes", "--expect-file", "scopes.txt", "--output-format", "github")
    green = probe_command(emulator.key(needed), *recipe)
    assert (green.code, green.out.splitlines()[-1]) == (0, "working, has all 3 expected scopes")
    red = probe_command(emulator.key(needed[:2]), *recipe)
    assert (red.code, red.out.splitlines()[-1]) == (1, f"lacks 1 of 3 expected scopes: {needed[2]}")


def test_the_comment_behind_a_scope_says_why_it_is_needed(probe_command: Probe, emulator: Emulator) -> None:
    Path("scopes.txt").write_text(
        f"# all of them\n{READS[0]}\n{READS[2]}  # src/flows.js:12\n{READS[1]}  # src/tags.js:3\n", encoding="utf-8"
    )
    key = emulator.key(READS[:2])
    result = probe_command(key, "--expect-file", "scopes.txt")
    assert result.code == 1
    assert f"expected, but denied:\n  {READS[2]} (src/flows.js:12)\n" in result.out
    assert "src/tags.js" not in result.out
    report = fits(probe_command(key, "--expect-file", "scopes.txt", "--json").json())
    assert report["expectation"]["missing"] == [READS[2]]
    assert report["expectation"]["reasons"] == {READS[1]: "src/tags.js:3", READS[2]: "src/flows.js:12"}
    for name in ("github", "junit"):
        said = probe_command(key, "--expect-file", "scopes.txt", "--output-format", name).out
        assert "needed by src/flows.js:12" in said
