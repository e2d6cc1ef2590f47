"""`python -m tests.benchmarks.fixing`: how the time of `validate --fix` grows. Ends with 1 when a limit is passed.

Documents of 100 kB, 400 kB and 1.6 MB that are full of findings: four times the size may take five times as long. And
checking 1 MB of the worst of them may take ten times as long as 1 MB without a finding. Processor time of this process.
"""

import gc
import sys
from itertools import pairwise
from time import process_time

from mcapp.lint.check import Settings, check, read
from mcapp.lint.fix import fix

SIZES = (100_000, 400_000, 1_600_000)
STEP = 5.0
WORST = 10.0

# An action of each kind; %(n)d is its number.
_REST = '"mapping": []}]'
KINDS = {
    "no finding": '{"name": "a%(n)d", "title": "T", "description": "D.", "requests": [{"url": "https://example.com/%(n)d",'
    ' "method": "POST", "headers": [], ' + _REST + "}",
    "text": '{"name": "a%(n)d", "title": "T", "description": "D.", "requests": [{"url": "https://example.com/%(n)d",'
    ' "method": "POST", "headers": [1,], /* c */ "payload": {"a": 1,}, ' + _REST + ",} // x\n",
    "quotes": "{name: 'a%(n)d', title: 'T', description: 'D.', requests: [{\"url\": \"https://example.com/%(n)d\","
    ' "method": "POST", "headers": [] "payload": {"a": True}, ' + _REST + "}",
    "shape": '{"name": "a%(n)d", "titel": "T", "description": "D.", "requests": [{"url": "https://example.com/%(n)d",'
    ' "method": "post", "headers": {"Accept": "*/*"}, "payload": {"a": "{{User_Id}}"}, ' + _REST + "}",
    "unknown keys": '{"name": "a%(n)d", "title": "T", "description": "D.", "k%(n)d": 1, "requests": [{"method": "POST",'
    ' "url": "https://example.com/%(n)d", "tite%(n)d": 1, "headers": [], ' + _REST + "}",
    "double keys": '{"name": "a%(n)d", "name": "a%(n)d", "title": "T", "description": "D.", "requests": [{'
    '"method": "POST", "method": "POST", "url": "https://example.com/%(n)d", "headers": [], ' + _REST + "}",
    "placeholders": '{"name": "a%(n)d", "title": "T", "description": "D.", "requests": [{"url": "https://x.io/[[par%(n)d]]",'
    ' "method": "POST", "headers": [], "payload": {"a": "{{nam%(n)d}} [[user_id]] <<x%(n)d>>"}, ' + _REST + "}",
    "keys": '{"name": "a%(n)d", "title": "T", "description": "D.", "requests": [{"url": "https://example.com/%(n)d",'
    ' "method": "post", "headers": ["X-Api-Key: %(n)08d:%(n)032x"], "payload": {"token": "Qz%(n)030x"}, ' + _REST + "}",
}


def document(kind: str, size: int) -> bytes:
    """An App JSON of about `size` bytes with actions of this kind."""
    actions: list[str] = []
    length = 0
    while length < size:
        actions.append(KINDS[kind] % {"n": len(actions)})
        length += len(actions[-1]) + 2
    return ('{"actions": [' + ", ".join(actions) + "]}").encode()


def main(kinds: list[str]) -> int:
    """Measure these kinds, or all; print a line for each; 1 when a limit is passed."""
    passed = True
    checked: dict[str, float] = {}
    for kind in kinds or KINDS:
        spent: list[float] = []
        for size in SIZES:
            found = read(document(kind, size))
            gc.collect()
            gc.freeze()
            started = process_time()
            fixed = fix(found, Settings(), unsafe=True)
            spent.append(process_time() - started)
        raw = document(kind, 1_000_000)
        started = process_time()
        check(read(raw))
        checked[kind] = process_time() - started
        steps = [large / small for small, large in pairwise(spent)]
        passed = passed and (kind == "no finding" or max(steps) <= STEP)
        times = ", ".join(f"{seconds:.2f} s" for seconds in spent)
        grown = ", ".join(f"{step:.1f}" for step in steps)
        sys.stdout.write(
            f"{kind:12}  {times} (x {grown}), {fixed.fixed} fixed; 1 MB checked in {checked[kind]:.2f} s\n"
        )
        sys.stdout.flush()
    if "no finding" in checked:
        worst = max(checked, key=lambda kind: checked[kind])
        figure = checked[worst] / checked["no finding"]
        passed = passed and figure <= WORST
        sys.stdout.write(f"the worst, {worst}: {figure:.1f} times the one without a finding\n")
    sys.stdout.write("pass\n" if passed else "FAIL\n")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
