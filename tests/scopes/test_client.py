"""Reading a body within its limit."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterable

import pytest

from mcapp.scopes.client import BODY_LIMIT, UnreadableError, parse_body, read_body


async def chunks(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def body(pieces: Iterable[bytes], encoding: str = "", limit: int = BODY_LIMIT) -> bytes:
    return asyncio.run(read_body(chunks(pieces), encoding, limit))


DATA = b'{"status":"success","data":["' + b"abc" * 1000 + b'"]}'


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", DATA),
        ("identity", DATA),
        ("gzip", gzip.compress(DATA, mtime=0)),
        ("X-GZIP", gzip.compress(DATA, mtime=0)),
        ("deflate", zlib.compress(DATA)),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "deflate"],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_it_is_decoded_piece_by_piece(encoding: str, packed: bytes, size: int) -> None:
    assert body((packed[start : start + size] for start in range(0, len(packed), size)), encoding) == DATA


@pytest.mark.parametrize(
    ("pieces", "encoding", "kind"),
    [
        ([b"x" * 60, b"x" * 60], "", "too-large"),
        ([gzip.compress(b"0" * 10_000_000, mtime=0)], "gzip", "too-large"),
        (
            [gzip.compress(b"x" * 60, mtime=0), b"x" * 90],
            "gzip",
            "too-large",
        ),  # what follows the end of the stream counts too
        ([b"no gzip"], "gzip", "encoding"),
        ([b""], "br", "encoding"),
        ([b""], "gzip, gzip", "encoding"),
    ],
    ids=range(6),
)
def test_what_cannot_be_read_is_said(pieces: list[bytes], encoding: str, kind: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        body(pieces, encoding, 100)
    assert caught.value.kind == kind


def test_a_bomb_is_not_unpacked() -> None:
    """A gigabyte of zeros in a megabyte: no more than the limit is ever held."""
    import tracemalloc

    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"0" * 1_000_000) for _ in range(100)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(UnreadableError):
        body([bomb], "gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * BODY_LIMIT


def test_an_endless_body_is_not_read_on() -> None:
    taken = 0

    def endless() -> Iterable[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"0" * 100_000

    with pytest.raises(UnreadableError, match="larger than 2 MB"):
        body(endless())
    assert taken == BODY_LIMIT // 100_000 + 1


@pytest.mark.parametrize(
    ("raw", "content_type", "kind"),
    [
        (b"<!DOCTYPE html><html></html>", "application/json", "html"),
        (b"  \n<html>", "application/json", "html"),
        (b"{}", "text/html; charset=UTF-8", "html"),
        (b"{}", "text/plain", "content-type"),
        (b"{}", "", "content-type"),
        (b"", "application/json", "not-json"),
        (b'{"status":"succ', "application/json", "not-json"),
        (b"[]", "application/json", "not-json"),
        (b'"success"', "application/json", "not-json"),
        (b"[" * 100_000, "application/json", "not-json"),
        (b"1" * 10_000, "application/json", "not-json"),
        (b"\xff\xfe{", "application/json", "not-json"),
    ],
)
def test_what_is_no_answer_of_the_api(raw: bytes, content_type: str, kind: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        parse_body(raw, content_type)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "content_type", ["application/json", "APPLICATION/JSON; charset=utf-8", "application/problem+json"]
)
def test_json_is_called_json_in_several_ways(content_type: str) -> None:
    assert parse_body(b'{"status":"success"}', content_type).status == "success"
