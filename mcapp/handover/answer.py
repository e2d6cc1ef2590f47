"""What came back for one request."""

from typing import NamedTuple

BODY_LIMIT = 1_000_000  # bytes of an answer that are read; the status is what counts


class Answer(NamedTuple):
    """What came back. `body` is what came over the wire, cut off at BODY_LIMIT (`whole` tells); `elapsed` in seconds.

    With a `problem` there was no answer, or it did not end: one of timeout, refused, dns, tls, protocol, connect,
    reset. `trouble` says it in words, and `status` is what had come until then.
    """

    status: int | None = None
    phrase: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = True
    problem: str = ""
    trouble: str = ""
    elapsed: float = 0.0

    def header(self, name: str) -> str:
        """The first header of this name (lower case), or an empty text."""
        return next((value for each, value in self.headers if each.lower() == name), "")

    @property
    def location(self) -> str:
        """Where a redirect leads, as the server wrote it."""
        return self.header("location")

    @property
    def is_html(self) -> bool:
        """Whether a web page came, by what it is called or by how it begins."""
        kind = self.header("content-type").partition(";")[0].strip().lower()
        start = self.body[:200].lstrip().lower()
        return kind in ("text/html", "application/xhtml+xml") or start.startswith((b"<!doctype html", b"<html"))
