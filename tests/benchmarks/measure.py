"""Time and memory of whole processes, and of repeated work in a warm one."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from tests.benchmarks.programs import ENVIRONMENT

Command = Sequence[str | Path]

# The kernel counts into a child's peak what its parent held when it was started, so a small process starts it.
_LAUNCHER = """
import os, sys
null = os.open(os.devnull, os.O_RDWR)
streams = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=streams)
print(os.wait4(pid, 0)[2].ru_maxrss)
"""


class WrongAnswerError(Exception):
    """A program that is to be measured did not do what it is measured for."""


def run(command: Command, cwd: Path, expect: int = 0) -> float:
    """Run it once, its output thrown away; returns the wall-clock time in milliseconds."""
    if sys.platform == "win32":
        raise NotImplementedError
    words = [str(word) for word in command]
    null = os.open(os.devnull, os.O_RDWR)
    streams = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    here = Path.cwd()
    os.chdir(cwd)
    try:
        start = time.perf_counter()
        pid = os.posix_spawn(words[0], words, ENVIRONMENT, file_actions=streams)
        _, status = os.waitpid(pid, 0)
        elapsed = time.perf_counter() - start
    finally:
        os.chdir(here)
        os.close(null)
    code = os.waitstatus_to_exitcode(status)
    if code != expect:
        raise WrongAnswerError(f"{' '.join(words)} ended with {code} instead of {expect}")
    return elapsed * 1000


def interleaved(commands: Mapping[str, Command], cwd: Path, rounds: int) -> dict[str, float]:
    """The median time of each command in milliseconds; every round runs each once, and one round before is not counted.

    Raises WrongAnswerError when a command does not end with 0.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            elapsed = run(command, cwd)
            if number:
                times[name].append(elapsed)
    return {name: median(values) for name, values in times.items()}


def peak_memory(command: Command, cwd: Path) -> float:
    """The peak resident size of the process in MB."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _LAUNCHER, *map(str, command)],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage counts bytes on macOS, kB elsewhere
    return int(done.stdout) * unit / 1e6


# Times `mcapp.validate` on each file, interleaved, in one process whose imports are done and frozen as the command's
# are; what one file leaves behind is collected before the next, which would else pay for it. Processor time: nothing
# waits here, and what else the machine does would weigh on the long runs more than on the short ones.
_WARM = """
import gc, json, sys, time
from pathlib import Path
from statistics import median
import mcapp
rounds, *names = sys.argv[1:]
files = {name: Path(name).read_bytes() for name in names}
times = {name: [] for name in names}
for number in range(int(rounds) + 1):
    gc.freeze()
    for name, raw in files.items():
        gc.collect()
        start = time.process_time()
        mcapp.validate(raw)
        elapsed = time.process_time() - start
        if number:
            times[name].append(elapsed * 1000)
print(json.dumps({name: median(values) for name, values in times.items()}))
"""


# The same for the check and the fixing of large files, which take seconds.
_FIXING = """
import gc, json, sys, time
from pathlib import Path
from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
def timed(work, raw):
    gc.collect()
    start = time.process_time()
    work(read(raw), Settings())
    return time.process_time() - start
def fix_all(document, settings):
    assert fix(document, settings, unsafe=True).fixed or "none" in name, "nothing was fixed"
times = {}
for name in sys.argv[1:]:
    raw = Path(name).read_bytes()
    times[name] = [min(timed(check, raw) for _ in range(2)), timed(fix_all, raw)]
print(json.dumps(times))
"""


def fixing(python: Path, names: Sequence[str], cwd: Path) -> dict[str, tuple[float, float]]:
    """The processor time in seconds that checking each file takes, and that checking and fixing it takes."""
    done = subprocess.run([python, "-c", _FIXING, *names], cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    return {name: (checked, fixed) for name, (checked, fixed) in json.loads(done.stdout).items()}


def warm(python: Path, names: Sequence[str], cwd: Path, rounds: int) -> dict[str, float]:
    """The median processor time in milliseconds that a running Python needs to validate each file's content."""
    done = subprocess.run(
        [python, "-c", _WARM, str(rounds), *names], cwd=cwd, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True
    )
    times: dict[str, float] = json.loads(done.stdout)
    return times
