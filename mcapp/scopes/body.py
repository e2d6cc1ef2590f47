"""An answer's body, read within its limit whatever the server sends: endless, compressed a thousandfold, cut off."""

import json
import zlib
from collections.abc import AsyncIterable
from typing import Any

from mcapp.scopes.answer import Told

# The largest honest answers are lists of a hundred contacts or of all automations: some hundred kB. Ten requests may
# be under way at once, and all of them together must leave the process below 80 MB.
LIMIT = 2_000_000
_PIECE = 65_536
_DEPTH = 4


class UnreadableError(Exception):
    """The body is none that a verdict can rest on. `kind` is a word for programs, the message one for people."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


async def read(chunks: AsyncIterable[bytes], encoding: str, limit: int = LIMIT) -> bytes:
    """The decoded body. `chunks` are the bytes as they came over the wire, `encoding` the Content-Encoding header.

    Neither the bytes on the wire nor the decoded ones are kept beyond `limit`. Raises UnreadableError.
    """
    decode = _decoder(encoding.strip().lower(), limit)
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise _too_large(limit)
        decode(chunk, body)
    return bytes(body)


def _decoder(encoding: str, limit: int) -> Any:
    if encoding in ("", "identity"):

        def plain(chunk: bytes, body: bytearray) -> None:
            body += chunk

        return plain
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise UnreadableError(
            "encoding", f"the answer is compressed in a form that was not asked for ({encoding[:40]})"
        )
    # 32 + 15: zlib recognises a gzip and a zlib header by itself.
    unpack = zlib.decompressobj(32 + zlib.MAX_WBITS)

    def packed(chunk: bytes, body: bytearray) -> None:
        try:
            while chunk:
                body += unpack.decompress(chunk, _PIECE)
                if len(body) > limit:
                    raise _too_large(limit)
                chunk = unpack.unconsumed_tail
        except zlib.error:
            raise UnreadableError("encoding", "the answer's compression is broken") from None

    return packed


def _too_large(limit: int) -> UnreadableError:
    return UnreadableError("too-large", f"the answer is larger than {limit // 1_000_000} MB; reading was stopped")


def told(raw: bytes, content_type: str) -> Told:
    """What the body says. Raises UnreadableError for anything but a JSON object that is called JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    start = raw[:200].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")) or kind in ("text/html", "application/xhtml+xml"):
        raise UnreadableError("html", "a web page came instead of an answer of the API")
    if kind != "application/json" and not kind.endswith("+json"):
        raise UnreadableError("content-type", f"the answer is not called JSON but {kind[:60] or 'nothing'}")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableError("not-json", "the answer is broken or incomplete JSON") from None
    if not isinstance(data, dict):
        raise UnreadableError("not-json", "the answer is JSON, but no object")
    code = data.get("code")
    details = data.get("details")
    return Told(
        word=_text(data.get("status")),
        message=_text(data.get("message")),
        details=tuple(_texts(details.get("messages"), _DEPTH)) if isinstance(details, dict) else (),
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object, depth: int) -> list[str]:
    """Every text in `details.messages`: a list of {"message"}, or an object keyed by field (both are recorded)."""
    if isinstance(value, str):
        return [value]
    if depth == 0:
        return []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in list(inner)[:20] for text in _texts(item, depth - 1)]
