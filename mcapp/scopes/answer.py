"""What came back for one request, as far as a verdict can rest on it."""

from dataclasses import dataclass

_KEPT = 200  # characters of a message that a server sent


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer's body says of the request: nothing else of it is kept, because the rest is personal data.

    `word` is its `status`, `details` the texts under `details.messages`, `code` ManyChat's number for the error.
    """

    word: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    code: int | None = None


_NOTHING = Told()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Without a `status` nothing did; with a `problem` the body says nothing that can be used.

    `problem` is one of timeout, refused, dns, tls, reset, protocol, connect, too-large, encoding, html, content-type,
    not-json, redirect; `trouble` says it in words. `retry_after` and `elapsed` are in seconds.
    """

    status: int | None = None
    problem: str = ""
    trouble: str = ""
    told: Told = _NOTHING
    retry_after: float | None = None
    elapsed: float = 0.0

    @property
    def message(self) -> str:
        """What the server said, in at most 200 characters."""
        details = "; ".join(detail for detail in self.told.details if detail)
        text = ": ".join(part for part in (self.told.message, details) if part)
        return text if len(text) <= _KEPT else text[: _KEPT - 1] + "…"
