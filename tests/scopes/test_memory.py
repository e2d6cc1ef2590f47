"""A probe stays small whatever a server sends: measured in a process of its own."""

import subprocess
import sys

import pytest

from mcapp.testing import Emulator
from tests.harness import environment
from tests.hostile import hostile_kinds  # noqa: F401  # a fixture

LIMIT = 80  # MB

# The kernel counts into a child's peak what its parent held when it was started, so a small process starts it.
START = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)"
MEASURE = """
import resource, sys
from mcapp.cli.application import run
code = run(sys.argv[1:])
unit = 1 if sys.platform == "darwin" else 1024
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, file=sys.stderr)
"""


@pytest.mark.parametrize("kind", [None, "gzip-bomb", "endless"])
def test_the_peak_of_a_whole_run(kind: str | None) -> None:
    if sys.platform == "win32":
        pytest.skip("there is no getrusage")
    with Emulator() as emulator:
        key = emulator.key()
        if kind:
            emulator.fault(kind)
        done = subprocess.run(
            [
                *(sys.executable, "-I", "-S", "-c", START, sys.executable, "-c", MEASURE),
                *(
                    "probe",
                    "--base-url",
                    emulator.base_url,
                    "--rate",
                    "1000",
                    "--concurrency",
                    "10",
                    "--include-writes",
                ),
                "--json",
            ],
            env=environment({"MANYCHAT_APP_KEY": key}),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        code, peak = done.stderr.split()[-2:]
        assert int(code) == (3 if kind else 0)
        assert float(peak) <= LIMIT
        assert len(emulator.journal) >= 13
