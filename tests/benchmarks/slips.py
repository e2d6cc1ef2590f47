"""How well broken text is repaired: every slip in the punctuation of realistic App JSON, made on purpose and fixed.

`python -m tests.benchmarks.slips` makes every single slip in every layout; `--draws 20000 --slips 2` draws pairs, and
with another `--seed` other ones; `--draws 25 --large` draws single ones in a document of 1 MB.

Measured in November 2026 (Python 3.11): of the 23,320 single slips 99.9 % restored, none made into another document
without an error or warning, none without an error before, 99.97 % named where they are, 10 ms in the median. Of 20,000
pairs (seeds 1 to 4, whose failures were looked into) 97.1 % restored, none wrong; of 5,000 others 97.2 %, one wrong; of
2,000 times three slips 93.6 %, 0.2 % wrong. A slip in 1 MB: 3.8 times the clean check in the median, 6.1 at most.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

from mcapp.document import Document
from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix
from tests.benchmarks.documents import app

GOOD = Path(__file__).parents[1] / "corpus" / "good"
# An empty indent is one line with spaces, None with separators a line without any.
LAYOUTS: dict[str, dict[str, object]] = {
    "indent 2": {"indent": 2},
    "indent 4": {"indent": 4},
    "one line": {},
    "minified": {"separators": (",", ":")},
}
# What stands for each character when a finger, a word processor or another language was quicker.
NEIGHBOURS = {'"': "'“”", ":": ";=", ",": ";.", "{": "[(", "}": "])", "[": "{(", "]": "})"}
SETTINGS = Settings()


class Slip(NamedTuple):
    """text[at] was lost (`new` is empty), doubled, or replaced."""

    at: int
    old: str
    new: str

    @property
    def kind(self) -> str:
        """`lost "`, `doubled ,`, `( for {`."""
        if not self.new:
            return f"lost {self.old}"
        return f"doubled {self.old}" if self.new == self.old * 2 else f"{self.new} for {self.old}"


class Outcome(NamedTuple):
    """What became of a broken text.

    `result`: restored, same-text (restored to the byte), kept (an error or warning is left), wrong (another document
    without one), unseen (there was no error before). `named`: a finding touches the slip. `seconds` of processor time
    for checking and fixing.
    """

    result: str
    named: bool
    seconds: float
    text: str


def marks(text: str) -> Iterator[int]:
    """The offsets of all structural characters and quotes of a JSON text."""
    inside = escaped = False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif inside and character == "\\":
            escaped = True
        elif character == '"':
            inside = not inside
            yield at
        elif not inside and character in "{}[],:":
            yield at


def slips(text: str) -> Iterator[Slip]:
    """Every single slip of a JSON text."""
    for at in marks(text):
        old = text[at]
        yield from (Slip(at, old, new) for new in ("", old * 2, *NEIGHBOURS[old]))


def documents(names: list[str] | None = None) -> Iterator[tuple[str, str]]:
    """(name and layout, text) of the realistic documents; those with an error or warning of their own are left out."""
    for path in sorted(GOOD.glob("*.json")):
        # What its rules would fix by themselves is not what is measured here.
        good = fix(read(path.read_bytes()), SETTINGS, unsafe=True).document
        if (names and path.stem not in names) or serious(good):
            continue
        data = good.data
        for layout, how in LAYOUTS.items():
            yield f"{path.stem}, {layout}", json.dumps(data, ensure_ascii=False, **how)  # type: ignore[arg-type]


def serious(document: Document) -> int:
    """How many errors and warnings it has."""
    return sum(finding.severity != "note" for finding in check(document, SETTINGS).findings)


def damaged(text: str, made: list[Slip]) -> tuple[str, list[tuple[int, int]]]:
    """The text with the slips, and where each stands in it, with the white space around it."""
    spans, shift = [], 0
    for slip in sorted(made):
        at = slip.at + shift
        text = text[:at] + slip.new + text[at + 1 :]
        shift += len(slip.new) - 1
        spans.append((at, at + len(slip.new)))
    return text, [(len(text[:start].rstrip()), len(text) - len(text[end:].lstrip())) for start, end in spans]


def outcome(text: str, made: list[Slip]) -> Outcome:
    """Break a text, look what is found, fix it."""
    broken, spans = damaged(text, made)
    began = time.process_time()
    document = read(broken.encode())
    findings = check(document, SETTINGS).findings
    fixed = fix(document, SETTINGS, unsafe=True)
    seconds = time.process_time() - began
    places = [f.span for f in findings] + [other.span for f in findings for other in f.related]
    named = all(any(s <= end + 1 and e >= start - 1 for s, e in places) for start, end in spans)
    after = fixed.document.text
    try:
        same = json.dumps(json.loads(after)) == json.dumps(json.loads(text))
    except ValueError:
        same = False
    if not any(f.severity == "error" for f in findings):
        result = "restored" if same and after == broken else "unseen"  # two slips may be one bracket that has moved
    elif after == text:
        result = "same-text"
    elif same:
        result = "restored"
    else:
        result = "kept" if serious(fixed.document) else "wrong"
    return Outcome(result, named, seconds, after)


def single(every: int, names: list[str] | None = None) -> Iterator[tuple[str, str, list[Slip]]]:
    """Each `every`-th single slip: (document, text, slips)."""
    number = 0
    for name, text in documents(names):
        for slip in slips(text):
            if number % every == 0:
                yield name, text, [slip]
            number += 1


def drawn(draws: int, count: int, seed: int = 1) -> Iterator[tuple[str, str, list[Slip]]]:
    """`count` slips at once in a document, drawn at random."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    chosen = [(name, text, list(slips(text))) for name, text in documents()]
    for _ in range(draws):
        name, text, possible = chance.choice(chosen)
        made: dict[int, Slip] = {}
        while len(made) < count:
            slip = chance.choice(possible)
            made[slip.at] = slip
        yield name, text, list(made.values())


def large(draws: int, seed: int) -> str:
    """Slips in a document of 1 MB, and what reading and checking them takes as a multiple of the clean document."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    text = app(1_000_000).decode()

    def spent(raw: bytes) -> float:
        began = time.process_time()
        check(read(raw), SETTINGS)
        return time.process_time() - began

    clean = min(spent(text.encode()) for _ in range(3))
    made = [[slip] for slip in chance.sample(list(slips(text)), draws)]
    times = [spent(damaged(text, each)[0].encode()) / clean for each in made]
    results = Counter(outcome(text, each).result for each in made)
    return f"1 MB: {dict(results)}; {median(times):.1f} times the clean check in the median, {max(times):.1f} at most\n"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--draws", type=int, default=0)
    parser.add_argument("--slips", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--document", action="append")
    parser.add_argument("--show", nargs="*", default=[], help="print the texts with these results, or `unnamed`")
    parser.add_argument("--large", action="store_true", help="draw single slips in a document of 1 MB")
    options = parser.parse_args()
    if options.large:
        sys.stdout.write(large(options.draws, options.seed))
        return 0
    cases = (
        drawn(options.draws, options.slips, options.seed) if options.draws else single(options.every, options.document)
    )
    results: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    times, named = [], 0
    for name, text, made in cases:
        found = outcome(text, made)
        results[found.result] += 1
        kinds.setdefault(made[0].kind, Counter())[found.result] += 1
        times.append(found.seconds)
        named += found.named
        if found.result in options.show or (not found.named and "unnamed" in options.show):
            at = made[0].at
            sys.stdout.write(
                f"{found.result} {name} {[slip.kind for slip in made]} at {at}: {text[max(0, at - 60) : at + 60]!r}\n"
            )
            sys.stdout.flush()
    total = sum(results.values())
    if not options.draws:
        for kind, counts in sorted(kinds.items()):
            sys.stdout.write(f"{kind:12} {dict(counts)}\n")
    times.sort()
    restored = results["restored"] + results["same-text"]
    sys.stdout.write(
        f"{total:,} texts: {restored / total:.2%} restored ({results['same-text'] / total:.2%} to the byte), "
        f"{results['wrong']} wrong and clean ({results['wrong'] / total:.3%}), {results['unseen']} without an error, "
        f"{named / total:.2%} named; {median(times) * 1000:.1f} ms median, "
        f"{times[len(times) * 99 // 100] * 1000:.1f} ms for the slowest hundredth, {times[-1] * 1000:.0f} ms at most\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
