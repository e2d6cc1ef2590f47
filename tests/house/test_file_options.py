"""No option that names a file hangs: a FIFO that nobody writes to is refused with a sentence, at once, by every one.

The options are read off the commands: one whose metavar names a file and that RUNS does not know fails here.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Cli
from tests.house.commands import LEAVES, command, spelled

if sys.platform == "win32":
    pytest.skip("FIFOs as POSIX has them", allow_module_level=True)

SECONDS = 1.0  # of this process's own time, so that a loaded machine does not count
FIFO = "pipe.json"
URL = "https://example.com/install"
NOWHERE = "http://127.0.0.1:1"

# How a command is run so that it comes to its files; by itself where nothing is said.
ENOUGH: dict[tuple[str, ...], Sequence[str]] = {
    ("generate",): ("--url", URL),
    ("validate",): ("app.json",),
    ("send",): ("app.json", "--to", NOWHERE, "--dry-run"),
    ("listen",): ("--timeout", "0.01"),
    ("keys", "add"): ("--stdin", "--store", "file"),
    ("keys", "show"): ("none",),
    ("keys", "use"): ("none",),
    ("keys", "rename"): ("none", "other"),
    ("keys", "remove"): ("none", "--yes"),
    ("keys", "move"): ("none", "--store", "file"),
    ("keys", "exec"): ("none", "--", "true"),
    ("probe",): ("--dry-run",),
    ("emulate",): ("--timeout", "0.01"),
    ("fleet", "check"): ("--env-prefix", "MANYCHAT_APP_", "--base-url", NOWHERE),
    ("fleet", "merge"): ("none.sqlite",),
}

# An option of one command, and what is typed for it.
RUNS: dict[tuple[str, str], Sequence[str]] = {
    ("generate", "--into"): ("--url", URL, "--into", FIFO),
    ("generate", "--output"): ("--url", URL, "-o", FIFO),
    ("generate", "--payload-json"): ("--url", URL, "--payload-json", f"@{FIFO}"),
    ("validate", "paths"): (FIFO,),
    ("send", "path"): (FIFO, "--to", NOWHERE),
    ("listen", "--app"): ("--app", FIFO, "--timeout", "0.01"),
    ("listen", "--save"): ("--save", FIFO, "--timeout", "0.01"),
    ("probe", "--expect-file"): ("--expect-file", FIFO, "--base-url", NOWHERE),
    ("probe", "--write-expect"): ("--write-expect", FIFO, "--base-url", NOWHERE),
    ("scopes", "paths"): (FIFO,),
    ("scopes", "--observed"): ("--observed", FIFO),
    ("scopes", "--write-expect"): ("--write-expect", FIFO),
    ("endpoints", "--compare"): ("--compare", FIFO),
    ("probe", "--record"): ("--record", FIFO, "--base-url", NOWHERE),
    ("fleet check", "--keys"): ("--keys", FIFO, "--base-url", NOWHERE),
    ("fleet check", "--state"): ("--state", FIFO, "--env-prefix", "MANYCHAT_APP_", "--base-url", NOWHERE),
    ("fleet check", "--expect-file"): ("--expect-file", FIFO, "--env-prefix", "MANYCHAT_APP_", "--base-url", NOWHERE),
    ("fleet report", "--state"): ("--state", FIFO),
    ("fleet merge", "paths"): (FIFO, "--state", "fleet.sqlite"),
    ("fleet merge", "--state"): ("none.sqlite", "--state", FIFO),
    ("emulate", "--replay"): ("--replay", FIFO, "--timeout", "0.01"),
    ("emulate", "--journal"): ("--journal", FIFO, "--timeout", "0.01"),
    ("emulate", "--keys"): ("--keys", FIFO, "--timeout", "0.01"),
    ("schema", "--output"): ("-o", FIFO),
}
# Commands for which no setting of a configuration means anything: they do not look at it.
UNCONFIGURED = {words for words in LEAVES if words[0] in ("keys", "endpoints", "rules", "schema")}
# Options with such a metavar that name no file.
OTHER = {("listen", "--path"): "the path of the URL"}


def names_a_file(param: Any) -> bool:
    return bool(re.search(r"\b(FILE|PATH|DIR|FOLDER)\b", param.metavar or ""))


def found() -> Iterator[tuple[tuple[str, ...], str]]:
    """Every option and argument that names a file, with its command."""
    for words in LEAVES:
        for param in command(*words).params:
            if names_a_file(param):
                yield words, param.name if param.param_type_name == "argument" else max(param.opts, key=len)


COMMON = ("--config", "--output-format")
OWN = [(words, option) for words, option in found() if option not in COMMON and (" ".join(words), option) not in OTHER]


@pytest.fixture(autouse=True)
def _a_fifo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / FIFO, 0o600)
    (tmp_path / "app.json").write_text('{"request": {"url": "https://example.com/a", "method": "GET"}}')
    monkeypatch.setenv("MANYCHAT_APP_KEY", "made-up-key-0123456789")


@contextmanager
def in_time() -> Iterator[None]:
    """Fail instead of waiting for ever."""

    def late(*_: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 30)  # a loaded machine takes its time; what hangs, hangs longer
    started = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.process_time() - started < SECONDS


def test_every_file_option_has_a_run_here() -> None:
    missing = {(" ".join(words), option) for words, option in OWN} - set(RUNS)
    assert not missing, f"say in RUNS what is typed for {sorted(missing)}, so that a FIFO in its place is tried"
    gone = set(RUNS) - {(" ".join(words), option) for words, option in OWN}
    assert not gone, f"take these out of RUNS: {sorted(gone)}"


@pytest.mark.parametrize(("words", "option"), OWN, ids=lambda value: spelled(value) or str(value))
def test_a_fifo_is_refused(cli: Cli, words: tuple[str, ...], option: str) -> None:
    with in_time():
        result = cli(*words, *RUNS[" ".join(words), option])
    said = " ".join((result.out + result.err).split())
    assert result.code == 2, said
    assert FIFO in said
    assert ("folder" if option == "--save" else "not a regular file") in said


@pytest.mark.parametrize("option", COMMON)
@pytest.mark.parametrize("words", LEAVES, ids=spelled)
def test_a_fifo_is_refused_by_what_all_commands_share(cli: Cli, words: tuple[str, ...], option: str) -> None:
    if option not in {opt for param in command(*words).params for opt in param.opts}:
        pytest.skip("it has no such option")
    report = "text" if words == ("demo",) else "json"
    value = FIFO if option == "--config" else f"{report}={FIFO}"
    with in_time():
        result = cli(*words, option, value, *ENOUGH.get(words, ()), stdin="made-up-key-9876543210\n")
    if option == "--output-format" or words not in UNCONFIGURED:
        said = " ".join((result.out + result.err).split())
        assert result.code in (1, 2, 4), said  # doctor reports it as a problem, a key command that no key has that name
        assert f"{FIFO} is not a regular file" in said


def test_a_fifo_is_refused_in_the_variable_that_names_a_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MANYCHAT_APP_KEY")
    monkeypatch.setenv("MANYCHAT_APP_KEY_FILE", f"./{FIFO}")
    with in_time():
        result = cli("probe", "--base-url", NOWHERE)
    assert result.code == 4
    assert f"{FIFO} is not a regular file" in " ".join(result.err.split())
