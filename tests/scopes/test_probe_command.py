"""`mcapp probe` as a user runs it: exit codes, the one JSON document, dry run, interruption."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from mcapp.scopes.catalogue import EMPTY, NAMED, NEVER, READ, load
from mcapp.scopes.probe_formats import FORMATS
from mcapp.testing import Emulator
from tests.harness import Cli, environment
from tests.scopes.conftest import Probe, fits

READS = ["GET /fb/page/getInfo", "GET /fb/page/getTags", "GET /fb/page/getFlows"]
SENT = Counter(endpoint.send for endpoint in load())


def test_a_working_key(probe_command: Probe, emulator: Emulator) -> None:
    result = probe_command(emulator.key(["page"]), "--json")
    report = fits(result.json())
    assert (result.code, report["ok"], report["errors"]) == (0, True, [])
    assert report["key"] | {"fingerprint": "", "reason": ""} == {
        "name": None,
        "source": "environment",
        "fingerprint": "",
        "verdict": "working",
        "reason": "",
        "next": "",
    }
    assert report["base_url"] == emulator.base_url
    granted = sum(endpoint.send == READ and endpoint.group == "page" for endpoint in load())
    skipped = len(load()) - SENT[READ]
    denied = SENT[READ] - granted
    assert report["summary"] == {"granted": granted, "denied": denied, "inconclusive": 0, "skipped": skipped}
    assert [row["scope"] for row in report["scopes"]] == [endpoint.scope for endpoint in load()]
    first = report["scopes"][0] | {"elapsed_ms": 0}
    assert first == {
        "scope": "GET /fb/page/getInfo",
        "group": "page",
        "mutates": False,
        "verdict": "granted",
        "reason": "the read was answered",
        "next": "",
        "status": 200,
        "message": "",
        "attempts": 1,
        "elapsed_ms": 0,
    }
    assert report["expectation"] is report["changes"] is None
    assert "from the environment variable MANYCHAT_APP_KEY" in result.err


@pytest.mark.parametrize(
    ("state", "scopes", "verdict"),
    [
        ("uninstalled", ["*"], "uninstalled"),
        ("revoked", ["*"], "rejected"),
        ("malformed", ["*"], "rejected"),
        ("working", [], "no-scope-or-unknown"),
    ],
)
def test_a_key_that_does_not_work(
    probe_command: Probe, emulator: Emulator, state: str, scopes: list[str], verdict: str
) -> None:
    result = probe_command(emulator.key(scopes, state), "--json")
    report = fits(result.json())
    assert (result.code, report["ok"], report["key"]["verdict"]) == (1, False, verdict)
    assert report["key"]["reason"]
    assert report["key"]["next"]


def test_nobody_answers(cli: Cli, emulator: Emulator) -> None:
    url = emulator.base_url
    emulator.stop()
    result = cli("probe", "--base-url", url, "--rate", "2000", "--json", env={"MANYCHAT_APP_KEY": "fake-key-fake-key"})
    report = fits(result.json())
    assert (result.code, report["key"]["verdict"], report["summary"]["inconclusive"]) == (3, "unreachable", SENT[READ])


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--only", "/me"], "unknown-scope"),
        (["--expect", "getInfo"], "unknown-scope"),
        (["--group", "pages"], "usage"),
        (["--expect-file", "missing.txt"], "missing"),
        (["--config", "missing.toml"], "config"),
    ],
)
def test_what_is_wrong_with_the_question_is_in_the_report(probe_command: Probe, args: list[str], code: str) -> None:
    result = probe_command("fake-key-fake-key", *args, "--json")
    report = fits(result.json())
    assert (result.code, result.err, report["errors"][0]["code"]) == (2, "", code)


@pytest.mark.parametrize(
    "args",
    [
        ["--rate", "0"],
        ["--rate", "nan"],
        ["--rate", "inf"],
        ["--timeout", "-1"],
        ["--deadline", "0"],
        ["--concurrency", "0"],
        ["--concurrency", "11"],
        ["--concurrency", "x"],
        ["--fail-on", "denied"],
        ["--output-format", "sarif"],
        ["--json", "--output-format", "text"],
        ["--nothing"],
    ],
)
def test_wrong_options_are_said_on_stderr_alone(probe_command: Probe, args: list[str]) -> None:
    result = probe_command("fake-key-fake-key", "--json", *args)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")


def test_manychat_is_not_asked_too_fast(cli: Cli) -> None:
    env = {"MANYCHAT_APP_KEY": "fake-key-fake-key"}
    for options in (
        ["--rate", "11"],
        ["--base-url", "https://a.example", "--allow-host", "a.example", "--rate", "10.5"],
    ):
        result = cli("probe", *options, env=env)
        assert result.code == 2
        assert "--rate must be at most 10 a second" in result.err
    assert cli("probe", "--rate", "10", "--dry-run", env=env).code == 0


def test_quiet_answers_by_exit_code_alone(probe_command: Probe, emulator: Emulator) -> None:
    key = emulator.key(READS[:1])
    for args, code in (([], 0), (["--expect", READS[1]], 1)):
        result = probe_command(key, "-q", *args)
        assert (result.code, result.out, result.err) == (code, "", "")
        assert probe_command(key, "-q", "--output-format", "github", *args).out == ""


def test_the_order_is_always_the_same(probe_command: Probe, emulator: Emulator) -> None:
    emulator.latency = 0.01
    key = emulator.key(["*"])
    reports = [probe_command(key, "--json", "--include-writes", "--concurrency", "10").json() for _ in range(3)]
    orders = [[row["scope"] for row in report["scopes"]] for report in reports]
    assert orders[0] == orders[1] == orders[2]


def test_a_dry_run_sends_nothing_and_needs_no_key(probe_command: Probe, emulator: Emulator) -> None:
    text = probe_command(None, "--dry-run", "--include-writes")
    assert text.code == 0
    assert "1  GET /fb/page/getInfo\n     the key check" in text.out
    assert "nothing was sent" in text.out
    plan = fits(probe_command(None, "--dry-run", "--include-writes", "--json").json())
    with_key = SENT[READ] + SENT[EMPTY]
    assert [request["number"] for request in plan["requests"]] == list(range(1, with_key + 3))
    assert [request["key"] for request in plan["requests"]].count("key") == with_key
    assert all(request["harmless"] for request in plan["requests"])
    assert len(plan["skipped"]) == SENT[NAMED] + SENT[NEVER]
    assert probe_command(None, "--dry-run", "--output-format", "junit").code == 2
    assert emulator.journal == ()


def test_what_is_sent_is_what_the_dry_run_shows(probe_command: Probe, emulator: Emulator) -> None:
    plan = probe_command(None, "--dry-run", "--include-writes", "--json").json()
    probe_command(emulator.key(), "--include-writes")
    shown = sorted((request["method"], request["scope"].split(" ")[1], request["key"]) for request in plan["requests"])
    names = {"key-1": "key", None: "none", "unknown": "stranger"}
    assert shown == sorted((entry.method, entry.path, names[entry.key]) for entry in emulator.journal)


def test_several_reports_in_one_run(probe_command: Probe, emulator: Emulator) -> None:
    files = [word for name in FORMATS if name != "json" for word in ("--output-format", f"{name}={name}.out")]
    result = probe_command(emulator.key(READS), "--json", *files)
    fits(result.json())
    for name in FORMATS:
        assert name == "json" or Path(f"{name}.out").read_text()


def test_the_job_summary(probe_command: Probe, emulator: Emulator) -> None:
    Path("summary.md").write_text("before\n")
    result = probe_command(emulator.key(READS), "--output-format", "github", env={"GITHUB_STEP_SUMMARY": "summary.md"})
    assert result.code == 0
    summary = Path("summary.md").read_text()
    assert summary.startswith("before\n### ✅ mcapp probe: working\n")
    assert probe_command(emulator.key(), env={"GITHUB_STEP_SUMMARY": "summary.md"}).code == 0
    assert Path("summary.md").read_text() == summary


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("form", ["json", "jsonl", "text"])
def test_an_interrupted_run_keeps_what_it_has(emulator: Emulator, form: str) -> None:
    key = emulator.key(["*"])
    emulator.fault("timeout", READS[2])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mcapp", "probe", "--base-url", emulator.base_url, "--rate", "2000"),
            *("--output-format", form, "--timeout", "30"),
        ],
        env=environment({"MANYCHAT_APP_KEY": key}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 30
    while len(emulator.journal) < SENT[READ] and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.7)  # for the answers to the others
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    if form == "text":
        assert "interrupted; this is what was found until then" in out
        return
    report = json.loads(out.splitlines()[-1] if form == "jsonl" else out)
    if form == "json":
        fits(report)
        found = {row["scope"]: row["verdict"] for row in report["scopes"]}
        assert found[READS[0]] == found[READS[1]] == "granted"
        assert found[READS[2]] == "inconclusive"
    assert report["ok"] is False
    assert report["errors"][0]["code"] == "interrupted"
    assert report["summary"]["granted"] == SENT[READ] - 1


def test_an_own_error_is_in_the_report_too(
    probe_command: Probe, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("s3cret")

    monkeypatch.setattr("mcapp.scopes.verdicts.scopes", crash)
    result = probe_command(emulator.key(), "--json")
    report = fits(result.json())
    assert (result.code, report["errors"][0]["code"]) == (70, "internal")
    assert "s3cret" not in result.out + result.err


def test_progress_is_shown_to_a_person_alone(cli: Cli, emulator: Emulator) -> None:
    emulator.latency = 0.3  # a run that is over at once shows nothing
    options = ["probe", "--base-url", emulator.base_url, "--rate", "2000"]
    env = {"MANYCHAT_APP_KEY": emulator.key()}
    shown = cli(*options, env=env, terminal=True)
    assert re.search(rf"probing.* \d+/{SENT[READ]} requests", re.sub(r"\x1b\[[0-9;]*m", "", shown.err))
    assert "probing" not in cli(*options, env=env).err
    assert "probing" not in cli(*options, "-q", env=env, terminal=True).err
