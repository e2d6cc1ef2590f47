"""A file as JSON: its data at once, the places and the defects of its text when they are wanted."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json import JSONDecoder
from typing import TYPE_CHECKING

from mcapp.document.decode import decode, encode
from mcapp.document.lines import BOM, Lines, skip_space
from mcapp.document.places import Defect, Path, Position, Span
from mcapp.document.tree import Child, bounds, find, member

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcapp.document.repair.machine import Expected

MAX_DEPTH = 256
MAX_BYTES = 20_000_000
# So many defects are reported of one text; nobody reads more, and a binary file would have hundreds of thousands.
REPORTED = 100

# Defects that a strict JSON parser does not mind.
_HARMLESS = ("byte-order-mark", "duplicate-key")


def read(
    raw: bytes,
    name: str = "-",
    *,
    max_depth: int = MAX_DEPTH,
    max_bytes: int = MAX_BYTES,
    expected: "Callable[[], Expected] | None" = None,
    every_defect: bool = False,
) -> "Document":
    """Read a file's bytes; whatever they are, there is a Document and no exception.

    More than `max_bytes` are not looked at, and nothing deeper than `max_depth` brackets. `expected` gives the shape
    that the data probably have; it is asked only if the text is broken, and helps to find the repair that fits. Of a
    thousand defects a hundred are reported, unless `every_defect` is to be repaired.
    """
    if len(raw) > max_bytes:
        cause = f"the file is larger than {max_bytes:,} bytes"
        return Document(
            name,
            raw,
            "",
            "utf-8",
            (Defect("too-large", Span(0, 0), cause, "make it smaller: it is not read"),),
            max_depth,
        )
    text, encoding, defects = decode(raw)
    document = Document(name, raw, text, encoding, defects, max_depth)
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

    __slots__ = (
        "_lines",
        "_max_depth",
        "_offsets",
        "_root",
        "data",
        "defects",
        "encoding",
        "guessed",
        "name",
        "raw",
        "readable",
        "text",
        "valid",
        "wrapped",
    )

    def __init__(
        self, name: str, raw: bytes, text: str, encoding: str, defects: tuple[Defect, ...], max_depth: int
    ) -> None:
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
        self._max_depth = max_depth
        self._root: Child | None = None
        self._lines: Lines | None = None
        self._offsets: tuple[Span, Sequence[int]] | None = None

    def take_strict(self) -> bool:
        """Take the data from the standard library's parser; False where that is not enough."""
        text = self.text
        try:
            data, end = _DECODER.raw_decode(text, skip_space(text, self._begin))
        except (ValueError, RecursionError):
            return False
        if skip_space(text, end) < len(text) or _deeper(data, text, self._max_depth):
            return False
        self.data = data
        self.readable = True
        self.valid = all(defect.kind in _HARMLESS for defect in self.defects)
        return True

    def take_damaged(self, expected: "Callable[[], Expected] | None" = None, *, every_defect: bool = False) -> None:
        """Take the data with the places of everything; of a broken text as it is when it is repaired."""
        from mcapp.document.repair.machine import Expected
        from mcapp.document.repair.recover import recover

        with nothing_collected():
            wanted = expected() if expected else Expected()
            most = None if every_defect else REPORTED
            recovered = recover(self.text, self._begin, self._max_depth, self.lines, wanted, most)
        if recovered.reading:
            self.readable = True
            self.data, self._root = recovered.reading.data, recovered.reading.root
            self.guessed = recovered.reading.marked
            self.wrapped = recovered.wrapped
        self.defects = tuple(sorted((*self.defects, *recovered.defects), key=lambda defect: defect.span))
        self.valid = self.readable and all(defect.kind in _HARMLESS for defect in self.defects)

    @property
    def _begin(self) -> int:
        return 1 if self.text.startswith(BOM) else 0

    @property
    def root(self) -> Child:
        """The tree of places; KeyError where nothing could be read."""
        if self._root is None:
            if not self.readable:
                raise KeyError(())
            from mcapp.document.reader import read_json

            with nothing_collected():
                self._root = read_json(self.text, self._begin).root
        return self._root

    @property
    def lines(self) -> Lines:
        """The lines of the text."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

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
        if not path:
            raise KeyError(path)
        key = path[-1]
        if not isinstance(key, str):
            raise KeyError(path)
        return Span(*member(find(self.root, path[:-1]), key)[:2])

    def chars_span(self, path: Path, start: int, end: int) -> Span:
        """Where the characters [start:end] of the string at `path` stand, however they are escaped in the text."""
        literal = self.span(path)
        # Findings come string by string; a string of a megabyte with many of them is taken apart once.
        if self._offsets is None or self._offsets[0] != literal:
            from mcapp.document.tokens import offsets

            self._offsets = (literal, offsets(self.text, literal))
        places = self._offsets[1]
        last = len(places) - 1
        return Span(places[min(start, end, last)], places[min(end, last)])

    def place(self, span: Span) -> Position:
        """Lines and columns of a span, from 1, in code points. A byte order mark takes no column."""
        return self.lines.place(span)

    def line(self, number: int) -> str:
        """The text of line `number`, without its end."""
        return self.lines.line(number)

    def encode(self, text: str) -> bytes:
        """The bytes of the edited text, in the file's own encoding."""
        return encode(text, self.encoding)


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


def _deeper(data: object, text: str, limit: int) -> bool:
    """Whether brackets nest deeper than `limit`: level by level, and only where there are that many brackets at all."""
    if text.count("[") + text.count("{") <= limit:
        return False
    level = [data]
    for _ in range(limit):
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
