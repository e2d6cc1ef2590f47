"""Apply the fixes of findings, and look again until there is nothing left to mend."""

from bisect import bisect_left, insort
from typing import NamedTuple

from mcapp.document import Document, apply, read
from mcapp.document.model import Edit
from mcapp.lint.model import SAFE, UNSAFE
from mcapp.lint.run import MOST, Checked, Settings, check

# Each round mends at least one finding of a kind that mending cannot bring back, so a few rounds are enough; a rule
# whose fix calls for another fix and back again would be a bug, and must not become a loop.
ROUNDS = 25


class Fixed(NamedTuple):
    """A document after its fixes: what is left of the findings, and how many were mended."""

    document: Document
    checked: Checked
    count: int


def fix(document: Document, settings: Settings, *, unsafe: bool = False) -> Fixed:
    """Apply the safe fixes (with `unsafe` all of them). What no fix touches stays byte for byte."""
    allowed = (SAFE, UNSAFE) if unsafe else (SAFE,)
    checked = check(document, settings, most=None)
    secrets = checked.secrets
    count = 0
    for _ in range(ROUNDS):
        chosen, number = _choose(checked, allowed)
        if not chosen:
            break
        text = apply(document.text, chosen)
        if text == document.text:
            break
        document = read(document.encode(text), document.name)
        checked = check(document, settings, most=None)
        secrets |= checked.secrets
        count += number
    if len(checked.findings) > MOST:
        checked = check(document, settings)
    return Fixed(document, checked._replace(secrets=secrets), count)


def _choose(checked: Checked, allowed: tuple[str, ...]) -> tuple[list[Edit], int]:
    """The edits of as many whole fixes as do not get into each other's way, and how many fixes these are."""
    taken: list[Edit] = []  # sorted, and never touching each other
    number = 0
    for finding in checked.findings:
        if finding.fix is None or finding.fix.safety not in allowed:
            continue
        # Two findings may ask for the same edit: it is made once and mends both.
        edits = [edit for edit in finding.fix.edits if not _has(taken, edit)]
        if not any(_meets(taken, edit) for edit in edits):
            for edit in edits:
                insort(taken, edit)
            number += 1
    return taken, number


def _has(taken: list[Edit], edit: Edit) -> bool:
    at = bisect_left(taken, edit)
    return at < len(taken) and taken[at] == edit


def _meets(taken: list[Edit], edit: Edit) -> bool:
    """Whether `edit` touches a neighbour; two that only share a border do too, their order would be a guess."""
    at = bisect_left(taken, edit)
    return (at < len(taken) and taken[at].start <= edit.end) or (at > 0 and edit.start <= taken[at - 1].end)
