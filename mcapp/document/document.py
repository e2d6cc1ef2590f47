"""A file as JSON: its data at once, the places and the defects of its text when they are wanted.

What nobody edits is written back byte for byte.
"""

import codecs
import gc
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from json import JSONDecoder
from typing import TYPE_CHECKING

from mcapp.document.places import (
    BOM,
    MAX_DEPTH,
    Child,
    Defect,
    Edit,
    Lines,
    Path,
    Position,
    Span,
    bounds,
    find,
    member,
    skip_space,
)

if TYPE_CHECKING:
    from mcapp.document.layout import Layout
    from mcapp.document.repair.machine import Expected

MAX_BYTES = 20_000_000
# So many defects are reported of one text; nobody reads more, and a binary file would have hundreds of thousands.
REPORTED = 100

# Defects that a strict JSON parser does not mind.
_HARMLESS = ("byte-order-mark", "duplicate-key")


def read(
    raw: bytes, name: str = "-", *, expected: "Callable[[], Expected] | None" = None, every_defect: bool = False
) -> "Document":
    """Read a file's bytes; whatever they are, there is a Document and no exception.

    More than MAX_BYTES are not looked at, and nothing deeper than MAX_DEPTH brackets. `expected` gives the shape that
    the data probably have; it is asked only if the text is broken, and helps to find the repair that fits. Of a
    thousand defects a hundred are reported, unless `every_defect` is to be repaired.
    """
    if len(raw) > MAX_BYTES:
        cause = f"the file is larger than {MAX_BYTES:,} bytes"
        too_large = Defect("too-large", Span(0, 0), cause, "make it smaller: it is not read")
        return Document(name, raw, "", "utf-8", (too_large,))
    document = Document(name, raw, *decode(raw))
    if not document.take_strict():
        document.take_damaged(expected, every_defect=every_defect)
    return document


class Document:
    """What `read` found.

    `text` is the decoded file, with a byte order mark (U+FEFF) still as its first character. `data` is what could be
    read (None if nothing could: then it is not `readable`); of members with the same key the last wins. It is `valid`
    when a strict JSON parser would accept it, apart from a byte order mark; `wrapped` when the braces around its
    members were missing. Of the objects and arrays in `guessed` not everything could be read, so that nothing can be
    said to be lacking there. `defects` are sorted by place.
    """

    def __init__(self, name: str, raw: bytes, text: str, encoding: str, defects: tuple[Defect, ...]) -> None:
        self.name = name
        self.raw = raw
        self.text = text
        self.encoding = encoding
        self.defects = defects
        self.data: object = None
        self.readable = False
        self.valid = False
        self.wrapped = False
        self.guessed: frozenset[Path] = frozenset()
        self._begin = 1 if text.startswith(BOM) else 0
        self._offsets: tuple[Span, Sequence[int]] | None = None

    def take_strict(self) -> bool:
        """Take the data from the standard library's parser; False where that is not enough."""
        text = self.text
        try:
            data, end = _DECODER.raw_decode(text, skip_space(text, self._begin))
        except (ValueError, RecursionError):
            return False
        if skip_space(text, end) < len(text) or _too_deep(data, text):
            return False
        self.data = data
        self.readable = True
        self.valid = all(defect.kind in _HARMLESS for defect in self.defects)
        return True

    def take_damaged(self, expected: "Callable[[], Expected] | None" = None, *, every_defect: bool = False) -> None:
        """Take the data with the places of everything; of a broken text as it is when it is repaired."""
        from mcapp.document.repair.machine import Expected
        from mcapp.document.repair.recover import Recovery

        with nothing_collected():
            wanted = expected() if expected else Expected()
            most = None if every_defect else REPORTED
            recovered = Recovery(self.text, self._begin, self.lines, wanted, most)
            recovered.run()
        if recovered.reading:
            self.readable = True
            self.data, self.root = recovered.reading.data, recovered.reading.root
            self.guessed = recovered.reading.marked
            self.wrapped = recovered.wrapped is not None
        self.defects = tuple(sorted((*self.defects, *recovered.defects), key=lambda defect: defect.span))
        self.valid = self.readable and all(defect.kind in _HARMLESS for defect in self.defects)

    @cached_property
    def root(self) -> Child:
        """The tree of places; KeyError where nothing could be read."""
        if not self.readable:
            raise KeyError(())
        from mcapp.document.reader import read_json

        with nothing_collected():
            return read_json(self.text, self._begin).root

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    @cached_property
    def layout(self) -> "Layout":
        """How the text is laid out."""
        from mcapp.document.layout import Layout

        return Layout(self.text, self.lines)

    def has(self, path: Path) -> bool:
        """Whether there is a value at `path`."""
        value = self.data
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                if step not in value:
                    return False
                value = value[step]
            elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
                value = value[step]
            else:
                return False
        return self.readable

    def span(self, path: Path) -> Span:
        """Where the value at `path` stands; KeyError or IndexError where there is none."""
        return Span(*bounds(find(self.root, path)))

    def key_span(self, path: Path) -> Span:
        """Where the key of the member at `path` stands, with its quotes; KeyError or IndexError where it has none."""
        key = path[-1] if path else None
        if not isinstance(key, str):
            raise KeyError(path)
        return Span(*member(find(self.root, path[:-1]), key)[:2])

    def chars_span(self, path: Path, start: int, end: int) -> Span:
        """Where the characters [start:end] of the string at `path` stand, however they are escaped in the text."""
        literal = self.span(path)
        # Findings come string by string; a string of a megabyte with many of them is taken apart once.
        if self._offsets is None or self._offsets[0] != literal:
            from mcapp.document.reader import offsets

            self._offsets = (literal, offsets(self.text, literal))
        found = self._offsets[1]
        last = len(found) - 1
        return Span(found[min(start, end, last)], found[min(end, last)])

    def place(self, span: Span) -> Position:
        """Lines and columns of a span, from 1, in code points. A byte order mark takes no column."""
        return self.lines.place(span)

    def line(self, number: int) -> str:
        """The text of line `number`, without its end."""
        return self.lines.line(number)

    def encode(self, text: str) -> bytes:
        """The bytes of the edited text, in the file's own encoding."""
        return text.encode(self.encoding, "surrogateescape" if self.encoding == "utf-8" else "surrogatepass")


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Python looks for no garbage meanwhile: among millions of small objects that are kept it takes very long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _too_deep(data: object, text: str) -> bool:
    """Whether brackets nest deeper than MAX_DEPTH: level by level, and only where there are that many at all."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object's members; if a key comes twice, the tolerant reader has to say where."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("duplicate key")
    return members


def _refuse(constant: str) -> object:
    """`NaN` and the infinities are not JSON (RFC 8259, section 6), but Python's parser takes them."""
    raise ValueError(constant)


_DECODER = JSONDecoder(object_pairs_hook=_members, parse_constant=_refuse)


_SAVE = "save the file as UTF-8"


def decode(raw: bytes) -> tuple[str, str, tuple[Defect, ...]]:
    """(text, encoding, defects). A byte order mark stays in the text, as its first character.

    JSON is UTF-8 (RFC 8259, section 8.1). UTF-16 and UTF-32 are read all the same; bytes that are not UTF-8 become lone
    surrogates (PEP 383), which `Document.encode` turns back into the same bytes.
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
        cause, advice = "the file begins with a byte order mark", "save it as UTF-8 without a byte order mark"
        mark = Defect("byte-order-mark", Span(0, 1), cause, advice, edits=(Edit(0, 1, ""),))
        defects = (mark, *defects)
    return text, "utf-8", defects


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
        if text.encode(encoding, "surrogatepass") != raw:
            return None
    except UnicodeError:
        return None
    start = 1 if text.startswith(BOM) else 0
    cause = f"the file is {encoding[:6].upper()}, but JSON must be UTF-8"
    help = f"{_SAVE}; if `>` of Windows PowerShell wrote it, use mcapp's -o instead"  # noqa: A001  # what it is
    return text, encoding, (Defect("wrong-encoding", Span(start, start), cause, help),)


def _stray(raw: bytes, text: str) -> Defect:
    """The first byte that is not UTF-8, and how many more there are."""
    found = re.search("[\udc80-\udcff]", text)
    first = found.start() if found else 0
    byte = ord(text[first]) - 0xDC00
    more = len(text) - len(raw.decode("utf-8", "ignore")) - 1
    cause = f"the byte 0x{byte:02X} is not UTF-8" + (
        f", nor {'is' if more == 1 else 'are'} {more} more" if more else ""
    )
    # Windows-1252 is what editors on Windows write when they do not write UTF-8; most bytes are a letter there.
    looks = bytes((byte,)).decode("cp1252", "replace")
    looks = f" (in Windows-1252 it would be `{looks}`)" if looks.isprintable() and looks != "\ufffd" else ""
    return Defect("wrong-encoding", Span(first, first + 1), cause + looks, _SAVE)
