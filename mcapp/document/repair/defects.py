"""How many defects of one text are reported, and those that are not the parser's: keys that come twice."""

from mcapp.document.lines import Lines
from mcapp.document.places import Defect, Path, Span

# So many are reported of one file; nobody reads more, and a binary file would have hundreds of thousands.
MOST = 100
# After so many the rest of a text is not worth reading.
TOO_MANY = 10_000


def repeated_keys(repeats: list[tuple[Path, Span, Span]], lines: Lines) -> list[Defect]:
    """A defect for each (path, where the key stands again, where it stood before)."""
    found = []
    for path, again, before in repeats:
        cause = f"the key `{path[-1]}` comes twice: the value on line {lines.number(before.start)} is lost"
        related = ((before, "hidden by the second"),)
        found.append(Defect("duplicate-key", again, cause, "keep one of them", related, (), path))
    return found


def shortened(found: list[Defect], count: int) -> tuple[Defect, ...]:
    """The first of the `count` defects, of which `found` are; the last says how many more there are."""
    if count <= MOST:
        return tuple(found)
    more = "the rest of the text is not read" if count >= TOO_MANY else f"{count - MOST + 1:,} more defects of the text"
    # Its kind is that of the worst that it stands for: not every defect makes a text invalid.
    kinds = [defect.kind for defect in found[MOST - 1 :]]
    kind = next((kind for kind in kinds if kind != "duplicate-key"), "duplicate-key")
    rest = Defect(kind, found[MOST - 1].span, more, "fix the others first")
    return (*found[: MOST - 1], rest)
