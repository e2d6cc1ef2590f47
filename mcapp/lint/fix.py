"""Apply the fixes of findings, and look again until there is nothing left to mend."""

from bisect import bisect_left, insort
from typing import NamedTuple

from mcapp.document import Document, apply, read
from mcapp.document.places import Edit
from mcapp.lint.check import MOST, Checked, Settings, check
from mcapp.lint.model import SAFE, UNSAFE

# Mending one thing can bring the next to light, but not for ever: a text that still changes after so many rounds is
# not a damaged document but something else, and is left as it was.
ROUNDS = 12


class Fixed(NamedTuple):
    """A document after its fixes: what is left of the findings, and how many were mended."""

    document: Document
    checked: Checked
    mended: int


def fix(document: Document, settings: Settings, *, unsafe: bool = False) -> Fixed:
    """Apply the safe fixes (with `unsafe` all of them). What no fix touches stays byte for byte."""
    allowed = (SAFE, UNSAFE) if unsafe else (SAFE,)
    before = Fixed(document, check(document, settings, most=None), 0)
    now = before
    for _ in range(ROUNDS):
        chosen, number = _choose(now.checked, allowed)
        text = apply(now.document.text, chosen)
        if text == now.document.text:
            break
        mended = read(now.document.encode(text), document.name)
        checked = check(mended, settings, most=None)
        checked = checked._replace(secrets=checked.secrets | now.checked.secrets)
        now = Fixed(mended, checked, now.mended + number)
    else:
        now = before
    if len(now.checked.findings) > MOST:
        few = check(now.document, settings)
        now = now._replace(checked=few._replace(secrets=now.checked.secrets))
    return now


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
