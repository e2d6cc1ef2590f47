"""`make bench`: measure the built wheel and hold it to its limits. Ends with 1 when one is passed.

The limits are ratios of medians taken in the same minute on the same machine, because milliseconds drift from machine
to machine and from hour to hour; memory alone is a figure of its own.
"""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import documents, measure, programs

ROUNDS = 15  # of single files: at least nine, more because they are cheap
ROUNDS_MANY = 9
ROUNDS_DEMO = 3


class Row(NamedTuple):
    """One line of the table; `figure` is None where it could not be measured."""

    what: str
    figure: float | None
    limit: float
    unit: str
    detail: str

    @property
    def passed(self) -> bool:
        return self.figure is None or self.figure <= self.limit


def ratio(what: str, times: dict[str, float], one: str, other: str, limit: float) -> Row:
    detail = f"{times[one]:.1f} ms / {times[other]:.1f} ms"
    return Row(what, times[one] / times[other], limit, "x", detail)


def store_a_key(program: Path, folder: Path) -> None:
    """So that `keys list` has something to list: a made-up key, in the file store of the benchmark's own folder."""
    programs.ENVIRONMENT["MCAPP_CONFIG_DIR"] = str(folder / "config")
    command = [str(program), "keys", "add", "bench", "--stdin", "--store", "file", "--force"]
    subprocess.run(
        command, input=b"no-real-key-for-the-benchmark", env=programs.ENVIRONMENT, capture_output=True, check=True
    )


def cold(binaries: Path, folder: Path) -> list[Row]:
    """One ordinary file in a fresh process, the two shortest runs, and the one that knows the stored keys."""
    program = binaries / "mcapp"
    store_a_key(program, folder)
    times = measure.interleaved(
        {
            "pass": [binaries / "python", "-c", "pass"],
            "validate": [program, "validate", "app.json"],
            "check-jsonschema": [programs.check_jsonschema(), "--schemafile", programs.SCHEMA, "app.json"],
            "version": [program, "--version"],
            "help": [program, "--help"],
            "keys list": [program, "keys", "list"],
        },
        folder,
        ROUNDS,
    )
    return [
        ratio("validate app.json / check-jsonschema", times, "validate", "check-jsonschema", 0.4),
        ratio("validate app.json / python -c pass", times, "validate", "pass", 7.5),
        ratio("--version / python -c pass", times, "version", "pass", 7),
        ratio("--help / python -c pass", times, "help", "pass", 14),
        ratio("keys list / python -c pass", times, "keys list", "pass", 10),
    ]


def many(binaries: Path, folder: Path) -> Row:
    """A thousand clean files in one run."""
    what, limit = "1,000 clean files / ajv-cli", 1.1
    ajv = programs.ajv()
    if ajv is None:
        return Row(what, None, limit, "x", "not measured: there is no npm to install ajv-cli")
    times = measure.interleaved(
        {
            "mcapp": [binaries / "mcapp", "validate", "many"],
            "ajv": [ajv, "validate", "--spec=draft2020", "--strict=false", "-s", programs.SCHEMA, "-d", "many/*.json"],
        },
        folder,
        ROUNDS_MANY,
    )
    return ratio(what, times, "mcapp", "ajv", limit)


def growth(binaries: Path, folder: Path) -> list[Row]:
    """Ten times the size, clean and with a finding; in a warm process, where no start-up flatters the ratio."""
    rows = []
    for kind in ("clean", "broken"):
        names = [f"{kind}-{size}.json" for size in documents.SIZES]
        times = measure.warm(binaries / "python", names, folder, ROUNDS_MANY)
        for small, large in pairwise(names):
            row = ratio(f"{large} / {small}", times, large, small, 12)
            # The files consist of whole actions; their sizes are nearly, not exactly, ten to one.
            sizes = (folder / large).stat().st_size / (folder / small).stat().st_size
            rows.append(row._replace(figure=times[large] / times[small] * 10 / sizes))
    return rows


def mistakes(binaries: Path, folder: Path) -> list[Row]:
    """5,000 actions with mistakes, against the same without."""
    kinds = ["none", *documents.MISTAKES, "all"]
    times = measure.fixing(binaries / "python", [f"mistaken-{kind}.json" for kind in kinds], folder)
    clean, _ = times["mistaken-none.json"]
    rows = []
    for kind in kinds[1:]:
        checked, fixed = times[f"mistaken-{kind}.json"]
        detail = f"{checked:.1f} s / {clean:.1f} s"
        rows.append(Row(f"check of 5,000 bad actions ({kind}) / clean", checked / clean, 6, "x", detail))
        rows.append(Row(f"fixing them / check ({kind})", fixed / checked, 3, "x", f"{fixed:.1f} s / {checked:.1f} s"))
    return rows


def memory(binaries: Path, folder: Path) -> Row:
    peak = measure.peak_memory([binaries / "mcapp", "validate", "app.json"], folder)
    return Row("peak memory of validate app.json", peak, 45, "MB", "")


def demo(binaries: Path, folder: Path) -> Row:
    """The whole loop, as somebody sees it who has just installed mcapp: in seconds, for people wait for it."""
    times = measure.interleaved({"demo": [binaries / "mcapp", "demo"]}, folder, ROUNDS_DEMO)
    return Row("mcapp demo", times["demo"] / 1000, 10, "s", "")


def verify(binaries: Path, folder: Path) -> None:
    """What is measured must be what it is said to be: clean files clean, broken ones broken."""
    program = binaries / "mcapp"
    for name in ("app.json", "many", *(path.name for path in folder.glob("clean-*.json"))):
        measure.run([program, "validate", "--fail-on", "note", name], folder)
    for path in folder.glob("broken-*.json"):
        measure.run([program, "validate", path.name], folder, expect=1)
    size = (folder / "app.json").stat().st_size
    if not 1_800 <= size <= 2_600:
        raise measure.WrongAnswerError(f"app.json has {size} bytes, which is no ordinary file any more")


def main() -> int:
    """Measure everything, print the table; 1 when a limit is passed."""
    folder = programs.PLACE / "files"
    sys.stderr.write("installing the wheel, check-jsonschema and ajv-cli\n")
    documents.write(folder)
    binaries = programs.mcapp()
    verify(binaries, folder)
    sys.stderr.write("measuring\n")
    rows = [*cold(binaries, folder), many(binaries, folder), *growth(binaries, folder)]
    rows += [*mistakes(binaries, folder), memory(binaries, folder), demo(binaries, folder)]
    width = max(len(row.what) for row in rows)
    for row in rows:
        figure = f"{'-':>10}" if row.figure is None else f"{row.figure:7.2f} {row.unit:2}"
        verdict = "pass" if row.passed else "FAIL"
        sys.stdout.write(f"{row.what:{width}} {figure}  limit {row.limit:4} {verdict}  {row.detail}\n")
    return 0 if all(row.passed for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
