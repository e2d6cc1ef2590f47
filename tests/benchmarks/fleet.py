"""`python -m tests.benchmarks.fleet [KEYS]`: time and memory of a check of 10,000 keys.

Ends with 1 at a limit: the time may be 1.1 times the larger of keys / rate and keys x latency / concurrency,
the peak of memory 1.2 times that of 100 keys. The emulator runs in a process of its own; the start of a check, which is
the time of a check of one key, does not count.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.harness import ROOT

FEW, MANY = 100, 10_000
TIME, MEMORY = 1.1, 1.2
# (latency in seconds, requests a second, concurrency): the rate is the bound, then the latency.
SETTINGS = [(0.02, 60.0, 10), (0.2, 100_000.0, 10)]


@contextmanager
def emulator(folder: Path, keys: int, latency: float) -> Iterator[str]:
    """Runs `mcapp emulate` with these keys and this latency; gives its base URL."""
    text = "".join(f'[[keys]]\nname="n{n}"\nkey="{value(n)}"\nscopes=["page"]\n' for n in range(keys))
    (folder / "keys.toml").write_text(text, encoding="ascii")
    with (folder / "emulator").open("w+b") as log, subprocess.Popen(
        [sys.executable, "-m", "mcapp", "emulate", "--keys", folder / "keys.toml", "--latency", str(latency)],
        stderr=log, stdout=subprocess.DEVNULL, cwd=ROOT,
    ) as process:  # fmt: skip
        try:
            while not (found := re.search(rb"listening on (\S+)\n", (folder / "emulator").read_bytes())):
                time.sleep(0.05)
            yield found[1].decode()
        finally:
            process.kill()


def value(number: int) -> str:
    """A made-up key."""
    return f"made-up-key-of-number-{number:010}"


def measure(folder: Path, base_url: str, keys: int, rate: float, concurrency: int) -> tuple[float, float]:
    """The seconds and the peak of memory, in MB, of a check of so many keys."""
    path = folder / "keys.jsonl"
    path.write_text("".join(json.dumps({"key": value(number)}) + "\n" for number in range(keys)), encoding="ascii")
    state = folder / f"state-{time.time_ns()}"
    command: list[str | Path] = [
        *(sys.executable, "-m", "mcapp", "fleet", "check", "--keys", path, "--state", state),
        *("--base-url", base_url, "--rate", str(rate), "--concurrency", str(concurrency)),
    ]
    if sys.platform == "win32":
        raise NotImplementedError
    environment = {"PATH": os.environ.get("PATH", os.defpath)}
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    said = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, said
    assert said.startswith(f"{keys:,} of {keys:,} key"), said
    return time.monotonic() - started, usage.ru_maxrss / 1024


def main() -> int:
    """Measure, and print a line for each setting."""
    keys = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    passed = True
    for latency, rate, concurrency in SETTINGS:
        with tempfile.TemporaryDirectory() as name, emulator(Path(name), keys, latency) as base_url:
            folder = Path(name)
            start, _ = measure(folder, base_url, 1, rate, concurrency)
            _, small = measure(folder, base_url, FEW, rate, concurrency)
            took, large = measure(folder, base_url, keys, rate, concurrency)
        took -= start - latency
        bound = max(keys / rate, keys * latency / concurrency)
        fine = took <= TIME * bound and large <= MEMORY * small
        passed = passed and fine
        sys.stdout.write(
            f"{keys:,} keys, {rate:,.0f} a second, latency {latency * 1000:.0f} ms, {concurrency} at once: "
            f"{took:.1f} s, {took / bound:.3f} x {bound:.1f} s (limit {TIME}); "
            f"{large:.1f} MB, {large / small:.3f} x {small:.1f} MB (limit {MEMORY})  {'pass' if fine else 'FAIL'}\n"
        )
        sys.stdout.flush()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
