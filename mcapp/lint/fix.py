"""Apply the fixes of findings, and check again until there is nothing left to fix."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from mcapp.document import REPORTED, Document, apply
from mcapp.document.places import Edit
from mcapp.lint.check import MOST, Checked, Settings, check, read
from mcapp.lint.model import ERROR, SAFE, UNSAFE

# One fix can reveal the next finding, but not for ever: a text that still changes after this many rounds is not
# a damaged document, and stays unchanged.
ROUNDS = 12


def fix(document: Document, settings: Settings, *, unsafe: bool = False) -> Checked:
    """Apply the safe fixes (with `unsafe` all of them). Text that no fix touches is unchanged, byte for byte.

    Safe fixes that make more errors of a broken text, or lose a value of it, are not applied.
    """
    allowed = (SAFE, UNSAFE) if unsafe else (SAFE,)
    if len(document.defects) >= REPORTED:  # there may be more
        document = read(document.raw, document.name, every_defect=True)
    before = now = check(document, settings, most=None)
    for _ in range(ROUNDS):
        chosen, number = _choose(now, allowed)
        text = apply(now.document.text, chosen)
        if text == now.document.text:
            break
        repaired = read(now.document.encode(text), document.name, every_defect=True)
        then = check(repaired, settings, most=None)._replace(fixed=now.fixed + number)
        if not unsafe and now.document.defects and not _as_good(now, then):
            break
        now = then
    else:
        now = before
    left = now.document
    if len(left.defects) > REPORTED:
        left = read(left.raw, left.name)
    if left is not now.document or len(now.findings) > MOST:
        now = check(left, settings)._replace(fixed=now.fixed)
    return now


def _as_good(before: Checked, after: Checked) -> bool:
    """Whether there are no more errors than before, and every value is still there, in letters and digits."""
    errors = [sum(each.severity == ERROR for each in checked.findings) for checked in (before, after)]
    if errors[1] > errors[0]:
        return False
    same = list(_texts(after.document.data, keys=True))
    changed = set(_texts(before.document.data)).difference(same)  # what is a part of another text now
    whole = "".join(same)
    return all(text in whole for text in changed)


def _texts(data: object, *, keys: bool = False) -> Iterator[str]:
    if isinstance(data, dict):
        if keys:
            yield from _texts(list(data))
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from _texts(each, keys=keys)
    else:
        yield "".join(filter(str.isalnum, str(data).casefold()))


def _choose(checked: Checked, allowed: tuple[str, ...]) -> tuple[list[Edit], int]:
    """The edits of as many whole fixes as do not overlap, and the number of these fixes."""
    taken: list[Edit] = []  # sorted, and never touching each other
    number = 0
    for finding in checked.findings:
        if finding.fix is None or finding.fix.safety not in allowed:
            continue
        new = []
        for edit in finding.fix.edits:
            at = bisect_left(taken, edit)
            if at < len(taken) and taken[at] == edit:
                continue  # two findings may need the same edit: it is made once and fixes both
            # Edits that only share a border meet too, because their order would be a guess.
            if (at < len(taken) and taken[at].start <= edit.end) or (at > 0 and edit.start <= taken[at - 1].end):
                break
            new.append(edit)
        else:
            for edit in new:
                insort(taken, edit)
            number += 1
    return taken, number
