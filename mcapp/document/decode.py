"""Bytes to text and back, so that what nobody edits is written back byte for byte."""

import codecs
import re

from mcapp.document.lines import BOM
from mcapp.document.places import Defect, Edit, Span

_KIND = "wrong-encoding"
_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32"}
_SAVE = "save the file as UTF-8"
_STRAY = "[\udc80-\udcff]"


def decode(raw: bytes) -> tuple[str, str, tuple[Defect, ...]]:
    """(text, encoding, defects). A byte order mark stays in the text, as its first character.

    JSON is UTF-8 (RFC 8259, section 8.1). UTF-16 and UTF-32 are read all the same; bytes that are not UTF-8 become lone
    surrogates (PEP 383), which `encode` turns back into the same bytes.
    """
    if 0 in raw[:4] or raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        wide = _decode_wide(raw)
        if wide:
            return wide
    defects: tuple[Defect, ...] = ()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "surrogateescape")
        defects = (_stray(raw, text),)
    if text.startswith(BOM):
        defects = (_byte_order_mark(), *defects)
    return text, "utf-8", defects


def encode(text: str, encoding: str) -> bytes:
    """The bytes of a text that `decode` made, or of one that was edited since."""
    return text.encode(encoding, "surrogateescape" if encoding == "utf-8" else "surrogatepass")


def _byte_order_mark() -> Defect:
    return Defect(
        "byte-order-mark",
        Span(0, 1),
        "the file begins with a byte order mark",
        "save it as UTF-8 without a byte order mark",
        edits=(Edit(0, 1, ""),),
    )


def _decode_wide(raw: bytes) -> tuple[str, str, tuple[Defect, ...]] | None:
    """UTF-16 or UTF-32, known by the byte order mark or, as text begins with ASCII, by where the first NULs are."""
    zeros = tuple(byte == 0 for byte in raw[:4])
    if raw.startswith(codecs.BOM_UTF32_LE) or zeros == (False, True, True, True):
        encoding = "utf-32-le"
    elif raw.startswith(codecs.BOM_UTF32_BE) or zeros == (True, True, True, False):
        encoding = "utf-32-be"
    elif raw.startswith(codecs.BOM_UTF16_LE) or (not any(zeros[::2]) and all(zeros[1::2])):
        encoding = "utf-16-le"
    elif raw.startswith(codecs.BOM_UTF16_BE) or (all(zeros[::2]) and not any(zeros[1::2])):
        encoding = "utf-16-be"
    else:
        return None
    try:
        text = raw.decode(encoding, "surrogatepass")
        if encode(text, encoding) != raw:
            return None
    except UnicodeError:
        return None
    start = 1 if text.startswith(BOM) else 0
    cause = f"the file is {_NAMES[encoding]}, but JSON must be UTF-8"
    help = f"{_SAVE}; if `>` of Windows PowerShell wrote it, use mcapp's -o instead"  # noqa: A001  # what it is
    return text, encoding, (Defect(_KIND, Span(start, start), cause, help),)


def _stray(raw: bytes, text: str) -> Defect:
    """The first byte that is not UTF-8, and how many more there are."""
    found = re.search(_STRAY, text)
    first = found.start() if found else 0
    byte = ord(text[first]) - 0xDC00
    more = len(text) - len(raw.decode("utf-8", "ignore")) - 1
    cause = f"the byte 0x{byte:02X} is not UTF-8" + (
        f", nor {'is' if more == 1 else 'are'} {more} more" if more else ""
    )
    # Windows-1252 is what editors on Windows write when they do not write UTF-8; most bytes are a letter there.
    looks = bytes((byte,)).decode("cp1252", "replace")
    looks = f" (in Windows-1252 it would be `{looks}`)" if looks.isprintable() and looks != "\ufffd" else ""
    return Defect(_KIND, Span(first, first + 1), cause + looks, _SAVE)
