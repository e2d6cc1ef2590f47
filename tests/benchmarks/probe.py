"""`python -m tests.benchmarks.probe`: how long a probe takes after its key check. Ends with 1 when a limit is passed.

The limit is 1.15 times the larger of (requests - 1) / rate + latency and ceil(requests / concurrency) x latency: what
the rate and the concurrency alone would cost. The emulator runs in a process of its own, so that it takes no time from
the probe; each figure is the median of some runs in fresh processes, without their start-up.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from statistics import median

from tests.harness import ROOT

LATENCIES = (0.05, 0.2, 1.0)
RATES = (4.0, 10.0, 1000.0)
CONCURRENCY = 4
ROUNDS = 3
LIMIT = 1.15

_PROBE = """
import json, sys, time
from mcapp.net import target
from mcapp.scopes import plan
from mcapp.net.transport import skip_sniffio
from mcapp.scopes.verdicts import run_probe
from mcapp.scopes.plan import Limits
from mcapp.keys.secret import Secret
base_url, rate, concurrency, writes = sys.argv[1:]
planned = plan.build(target.choose(base_url), plan.Selection(include_writes=writes == "True"))
skip_sniffio()
times = []
limits = Limits(rate=float(rate), concurrency=int(concurrency))
identity = Secret("emulated-reads")
report = run_probe(planned, identity, limits, watch=lambda *_: times.append(time.monotonic()))
ended = time.monotonic()
assert report.exit_code == 0, report
print(json.dumps([len(planned.requests) - 1, ended - times[0]]))
"""


@contextmanager
def emulator(latency: float) -> Iterator[str]:
    """Runs `mcapp emulate` with this latency; gives its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mcapp", "emulate", "--latency", str(latency)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        bufsize=0,
    )
    try:
        assert process.stderr is not None
        yield process.stderr.readline().decode().split()[-1]
    finally:
        process.kill()
        process.communicate()


def measure(base_url: str, rate: float, *, writes: bool) -> tuple[int, float]:
    """The number of requests after the key check, and the seconds that they took."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, base_url, str(rate), str(CONCURRENCY), str(writes)],
        cwd=ROOT,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        stdout=subprocess.PIPE,
        check=True,
    )
    number, seconds = json.loads(done.stdout)
    return number, seconds


def main() -> int:
    """Measure every combination and print a line for each."""
    passed = True
    for latency in LATENCIES:
        with emulator(latency) as base_url:
            for rate in RATES:
                for writes in (False, True):
                    runs = [measure(base_url, rate, writes=writes) for _ in range(ROUNDS)]
                    number = runs[0][0]
                    took = median(seconds for _, seconds in runs)
                    bound = max((number - 1) / rate + latency, ceil(number / CONCURRENCY) * latency)
                    fine = took <= LIMIT * bound
                    passed = passed and fine
                    what = f"latency {latency * 1000:4.0f} ms, rate {rate:4.0f}/s, {number} requests"
                    sys.stdout.write(
                        f"{what}  {took:6.3f} s  {took / bound:5.2f} x {bound:6.3f} s  limit {LIMIT}  "
                        f"{'pass' if fine else 'FAIL'}\n"
                    )
                    sys.stdout.flush()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
