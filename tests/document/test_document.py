"""Pointers, encodings, and what is not done before it is asked for."""

import subprocess
import sys

import pytest

from mcapp.document import Path, pointer, read


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("a", 0, "b/c"), "/a/0/b~1c"),
        (("a", 0, "~d"), "/a/0/~0d"),
        (("a", 0, "", "0"), "/a/0//0"),
        (("0", 0, 0), "/0/0/0"),
    ],
)
def test_pointers(path: Path, written: str) -> None:
    assert pointer(path) == written


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_read_and_written_back(encoding: str) -> None:
    text = '{\r\n  "é😀": "\ud800"}'
    raw = text.encode(encoding, "surrogatepass")
    document = read(raw)
    assert [defect.kind for defect in document.defects] == ["wrong-encoding"]
    assert document.data == {"é😀": "\ud800"}
    assert not document.valid
    assert document.place(document.key_span(("é😀",))) == (2, 3, 2, 7)
    assert document.encode(document.text) == raw


@pytest.mark.parametrize(
    "raw", [b"\x00", b"1\x00", b"\x001\x002\x00", b"\xff\xfe1", b"\xff\xfe\x00\x00\xff\xff\xff\xff"]
)
def test_what_only_looks_like_another_encoding(raw: bytes) -> None:
    document = read(raw)
    assert document.defects
    assert document.encode(document.text) == raw


def test_a_mark_and_stray_bytes() -> None:
    raw = b'\xef\xbb\xbf{"a": "\xff"}'
    document = read(raw)
    assert [defect.kind for defect in document.defects] == ["byte-order-mark", "wrong-encoding"]
    assert document.encode(document.text) == raw
    assert document.place(document.defects[1].span)[:2] == (1, 8)


def test_nothing_is_done_before_it_is_asked_for() -> None:
    lazy = "'mcapp.document.repair.recover', 'mcapp.document.reader', 'mcapp.document.layout'"
    program = f"""
import sys
from mcapp.document import read
document = read(b'{{"a": [1, 2]}}')
assert document.valid and document.has(('a', 0)) and not document.defects
assert not {{{lazy}}} & sys.modules.keys(), sys.modules.keys()
assert document.span(('a', 0)) == (7, 8)
assert 'mcapp.document.reader' in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_name_is_kept() -> None:
    assert read(b"{}", "app.json").name == "app.json"
    assert read(b"{}").name == "-"
