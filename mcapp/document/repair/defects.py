"""The defects of one text while they are collected: how many are kept, and in which order."""

from mcapp.document.places import Defect, Edit, Path, Span
from mcapp.document.tokens import Token, beginning

# So many are reported of one file; nobody reads more, and a binary file would have hundreds of thousands.
MOST = 100
# After so many the rest of the text is not worth reading.
_TOO_MANY = 10_000


class Complaints:
    """What is wrong with a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.count = 0
        self._found: list[Defect] = []
        self._habits: dict[str, tuple[Defect, list[Edit]]] = {}

    @property
    def full(self) -> bool:
        """Whether so much is wrong that reading on makes no sense."""
        return self.count > _TOO_MANY

    def add(
        self,
        kind: str,
        span: tuple[int, int],
        cause: str,
        help: str = "",  # noqa: A002  # as the field is called
        *,
        edits: tuple[Edit, ...] = (),
        related: tuple[tuple[Span, str], ...] = (),
        path: Path | None = None,
    ) -> None:
        """Report one defect."""
        self._keep(Defect(kind, Span(*span), cause, help, related, edits, path))

    def token(self, token: Token) -> None:
        """Report what is wrong with a token by itself; habits only once, but with the edits for all of them."""
        for defect in token.defects:
            if not token.habitual:
                self._keep(defect)
            elif defect.help in self._habits:
                self._habits[defect.help][1].extend(defect.edits)
            else:
                self._habits[defect.help] = (defect, list(defect.edits))
                self.count += 1

    def shown(self, start: int, end: int) -> str:
        """A piece of the text for a sentence: its first line, shortened."""
        return beginning(self.text[start : min(end, start + 400)])

    def sorted(self) -> tuple[Defect, ...]:
        """All defects by their place, at most MOST; the last one then says how many more there are."""
        habits = [defect._replace(edits=tuple(edits)) for defect, edits in self._habits.values()]
        found = sorted([*self._found, *habits], key=lambda defect: defect.span)
        if self.count <= MOST:
            return tuple(found)
        more = (
            "the rest of the text is not read" if self.full else f"{self.count - MOST + 1:,} more defects of the text"
        )
        # Its kind is that of the worst that it stands for: not every defect makes a text invalid.
        kinds = [defect.kind for defect in found[MOST - 1 :]]
        kind = next((kind for kind in kinds if kind != "duplicate-key"), "duplicate-key")
        rest = Defect(kind, found[MOST - 1].span, more, "mend the others first")
        return (*found[: MOST - 1], rest)

    def _keep(self, defect: Defect) -> None:
        self.count += 1
        if len(self._found) < _TOO_MANY:
            self._found.append(defect)
