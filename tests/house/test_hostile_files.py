"""Hostile configurations and files of options: a sentence, exit code 2, within a second and 100 MB.

The ordinary run takes a sample of each kind; MCAPP_HOSTILE=2000 tries that many files.
"""

import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.harness import Cli

if sys.platform == "win32":
    pytest.skip("FIFOs, devices and links as POSIX has them", allow_module_level=True)

import resource

COUNT = int(os.environ.get("MCAPP_HOSTILE", "0")) or 66
SECONDS, MEGABYTES = 1.0, 100  # of this process: its own time, and what it needs in addition

# Where a command reads what somebody else may have written; {} is the file.
READERS: dict[str, tuple[str, ...]] = {
    "mcapp.toml": ("validate", "app.json"),
    "pyproject.toml": ("validate", "app.json"),
    "any.toml": ("--config", "{}", "validate", "app.json"),
    "keys.toml": ("emulate", "--keys", "{}", "--timeout", "0.01"),
    "scopes.txt": ("probe", "--expect-file", "{}", "--dry-run"),
    "payload.json": ("generate", "--url", "https://example.com/a", "--payload-json", "@{}"),
}


def sparse(path: Path, chance: random.Random) -> None:
    with path.open("wb") as file:
        file.truncate(chance.randrange(1 << 24, 3 << 30))


def linked(path: Path, chance: random.Random) -> None:
    path.symlink_to(chance.choice(["/dev/zero", "/proc/self/mem", path.name, ".", "/dev/full", "missing"]))


def text(make: Callable[[random.Random, int], str]) -> Callable[[Path, random.Random], None]:
    """A file with a text of up to a million characters."""

    def write(path: Path, chance: random.Random) -> None:
        data = make(chance, 10 ** chance.randrange(3, 6))
        if path.name == "pyproject.toml":
            data = f"[tool.mcapp]\n{data}"
        path.write_bytes(data.encode("utf-8", "surrogateescape")[:999_999])

    return write


KINDS: dict[str, Callable[[Path, random.Random], None]] = {
    "FIFO": lambda path, _chance: os.mkfifo(path),
    "folder": lambda path, _chance: path.mkdir(),
    "sparse": sparse,
    "link": linked,
    "depth": text(lambda chance, size: "a = " + chance.choice("[{") * size),
    "number": text(lambda chance, size: f"a = {chance.choice(['', '-', '0x', '1e'])}{'9' * max(size, 5000)}x"),
    "dotted": text(lambda chance, size: chance.choice([".", " . ", '."".', ". \t."]).join("a" * size) + " = 1"),
    "table": text(lambda chance, size: f"[{chance.choice('[ ')}{'.'.join('a' * size)}]]"),
    "inline": text(lambda _chance, size: "a = {" + "b.c.d = {" * size),
    "bytes": text(
        lambda chance, size: "=" + "".join(chance.choice("\udcff\0\x1b=[]{}\n\"'.a1") for _ in range(size % 50_000))
    ),
    "keys": text(lambda _chance, size: "".join(f"key-{number} = 1\n" for number in range(size // 10))),
}


def rows() -> Iterator[tuple[int, str, str]]:
    pairs = [(kind, name) for kind in KINDS for name in READERS]
    for number in range(COUNT):
        yield (number, *pairs[number % len(pairs)])


def test_a_sentence_within_a_second(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYCHAT_APP_KEY", "made-up-key-0123456789")
    worst = 0.0
    for number, kind, name in rows():
        place = tmp_path / str(number)
        place.mkdir()
        monkeypatch.chdir(place)
        (place / ".git").mkdir()
        (place / "app.json").write_text(
            '{"request": {"url": "https://example.com/a", "method": "POST", "payload": {"a": "{{app_token}}"}}}'
        )
        KINDS[kind](place / name, random.Random(number))  # noqa: S311  # a test's choice
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        done = cli(*(word.format(name) for word in READERS[name]))
        took = time.process_time() - started
        worst = max(worst, took)
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
        case = f"{kind} as {name}, number {number}"
        # A folder with the name of a configuration is none.
        ignored = (place / name).is_dir() and name in ("mcapp.toml", "pyproject.toml")
        assert done.code == (0 if ignored else 2), f"{case}: {done.code}, {done.err[:300]}"
        if done.code:
            assert done.err.startswith("error: "), case
        assert took < SECONDS, f"{case}: {took:.2f} s"
        assert grown < MEGABYTES, f"{case}: {grown:.0f} MB"
    if COUNT > 100:
        sys.stderr.write(f"\n{COUNT} files, the slowest {worst:.2f} s\n")
