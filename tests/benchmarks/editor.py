"""`python -m tests.benchmarks.editor`: how long an editor waits for `mcapp lsp`. Ends with 1 when a limit is passed.

From the start to the answer of `initialize`, as a multiple of `mcapp --version`; and from a keystroke in a file of
100 kB to its diagnostics, in milliseconds, beside one `json.loads` of the same text.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.documents import app
from tests.editor.client import Client

ROUNDS = 15
KEYSTROKES = 40
INITIALIZE = 6  # times `mcapp --version`
KEYSTROKE = 50  # ms


def start() -> tuple[float, float]:
    """Medians of both in milliseconds, interleaved; the first round is not counted."""
    servers, versions = [], []
    for _ in range(ROUNDS + 1):
        begun = time.perf_counter()
        with Client() as client:
            client.initialize()
            servers.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-m", "mcapp", "--version"], stdout=subprocess.DEVNULL, check=True)
        versions.append(time.perf_counter() - begun)
    return median(servers[1:]) * 1000, median(versions[1:]) * 1000


def keystrokes() -> tuple[float, float]:
    """Medians of a keystroke's answer, and of reading the text, in milliseconds. A letter is typed into a string."""
    text = app(100_000).decode()
    line, character = next(
        (number, one.index("Creates") + 3) for number, one in enumerate(text.split("\n")) if "Creates" in one
    )
    answers, parses = [], []
    with tempfile.TemporaryDirectory() as folder, Client() as client:
        client.initialize()
        uri = client.open(Path(folder, "app.json"), text)
        client.found(uri)
        place = {"line": line, "character": character}
        for _ in range(KEYSTROKES):
            begun = time.perf_counter()
            client.change(uri, {"range": {"start": place, "end": place}, "text": "x"})
            client.published(uri)
            answers.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            json.loads(text)
            parses.append(time.perf_counter() - begun)
    return median(answers) * 1000, median(parses) * 1000


def main() -> int:
    """Measure both, print a line each."""
    server, version = start()
    answer, parse = keystrokes()
    sys.stdout.write(
        f"initialize / --version   {server / version:6.2f} x   limit {INITIALIZE}   {server:.0f} / {version:.0f} ms\n"
        f"keystroke in 100 kB      {answer:6.1f} ms  limit {KEYSTROKE}  beside json.loads: {parse:.1f} ms\n"
    )
    return 0 if server <= INITIALIZE * version and answer <= KEYSTROKE else 1


if __name__ == "__main__":
    sys.exit(main())
