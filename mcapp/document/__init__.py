"""JSON text to data: a place for every key and value, the defects of the text, edits that leave the rest alone.

document = read(raw, "app.json")
document.data, document.defects
document.place(document.span(("auth", "request", "url")))
apply(document.text, edits(document, RenameKey(("auth", "reqeust"), "request")))  # from mcapp.document.edits
"""

from mcapp.document.document import REPORTED, Document, nothing_collected, read
from mcapp.document.places import Edit, Path, Position, Span, apply, pointer

__all__ = ["REPORTED", "Document", "Edit", "Path", "Position", "Span", "apply", "nothing_collected", "pointer", "read"]
