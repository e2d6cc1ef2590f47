"""Edits carried out. A module of its own, because it is wanted more often than what makes them."""

from collections.abc import Iterable

from mcapp.document.places import Edit


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
