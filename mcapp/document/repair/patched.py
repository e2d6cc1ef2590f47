"""A text while it is repaired, and where everything in it stands in the text that was given."""

from bisect import bisect_right

from mcapp.document.places import Defect, Edit, Span


class Patched:
    """`text` is what has become of the text `original` so far: that with `edits`, which do not touch each other."""

    def __init__(self, text: str) -> None:
        self.original = self.text = text
        self.edits: list[Edit] = []
        self._begins: list[int] = []  # where the new text of each edit begins in `text`

    def replace(self, start: int, end: int, new: str) -> None:
        """Put `new` in the place of text[start:end]."""
        text, begins = self.text, self._begins
        first, last = self._edit_before(start), bisect_right(begins, end)
        if first < 0 or self._end(first) < start:
            first += 1
        at, to = self.start(start), self.end(end)
        whole, begin = new, start
        if first < last:  # what it touches becomes one edit with it
            begin = min(start, begins[first])
            whole = text[begin:start] + new + text[end : max(end, self._end(last - 1))]
            at, to = min(at, self.edits[first].start), max(to, self.edits[last - 1].end)
        self.edits[first:last] = [Edit(at, to, whole)]
        moved = len(new) - (end - start)
        begins[first:] = [begin, *(later + moved for later in begins[last:])]
        self.text = text[:start] + new + text[end:]

    def _edit_before(self, offset: int) -> int:
        return bisect_right(self._begins, offset) - 1

    def _end(self, index: int) -> int:
        return self._begins[index] + len(self.edits[index].text)

    def changed(self, start: int, end: int) -> bool:
        """Whether text[start:end] has something in it that is not in the text that was given."""
        index = self._edit_before(end - 1)
        return index >= 0 and self._end(index) > start

    def start(self, offset: int) -> int:
        """Where what begins at `offset` of `text` begins in the original."""
        index = self._edit_before(offset)
        if index < 0:
            return offset
        edit, end = self.edits[index], self._end(index)
        return edit.start if offset < end else edit.end + offset - end

    def end(self, offset: int) -> int:
        """Where what ends at `offset` of `text` ends in the original."""
        index = self._edit_before(offset - 1)
        if index < 0:
            return offset
        return self.edits[index].end + max(offset - self._end(index), 0)

    def span(self, start: int, end: int) -> Span:
        """Where text[start:end] stands in the original; if it is empty, a place between two characters."""
        if start < end:
            return Span(self.start(start), self.end(end))
        belongs_before = self.text[start - 1 : start].strip() if start else ""
        at = self.end(start) if belongs_before else self.start(start)
        return Span(at, at)

    def defect(self, found: Defect) -> Defect:
        """A defect of `text` as one of the original."""
        return found._replace(
            span=self.span(*found.span),
            related=tuple((self.span(*span), label) for span, label in found.related),
            edits=tuple(Edit(*self.span(edit.start, edit.end), edit.text) for edit in found.edits),
        )
