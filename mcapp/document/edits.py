"""Changes of the data as edits of the text."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mcapp.document.model import Change, Edit

if TYPE_CHECKING:
    from mcapp.document.document import Document


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits. Insertions at the same place keep their order; ValueError if two edits overlap."""
    parts = []
    done = 0
    for start, end, new in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if start < done:
            raise ValueError(f"two edits overlap at offset {start}")
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])


def edits(document: "Document", change: Change) -> tuple[Edit, ...]:
    """The edits for one change."""
    raise NotImplementedError
