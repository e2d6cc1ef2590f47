"""A recording of a run, which its owner can read through and publish: `probe --record`, `emulate --replay`.

What was asked is the catalogue's own request; of the answers only status, Retry-After, and what `outline` keeps is
there. schemas/recording.schema.json describes the file.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mcapp import __version__, files
from mcapp.errors import InputProblem
from mcapp.scopes.answer import OMITTED, PROBLEMS, Answer, known_words

if TYPE_CHECKING:
    from mcapp.scopes.plan import Plan, Request

SCHEMA_VERSION = 1
_LARGEST = 5_000_000  # bytes: a run has some fifty exchanges
_LONGEST_WAIT = 86_400  # seconds
_CODES = 10_000  # ManyChat's error numbers are below it
_DETAILS = 100

_API_STATUS = ("success", "error", "exception")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. `key` says whose key it carried: the probed one ("key"), "none", or a "stranger"'s.

    `status` is None where nothing came back; with a `problem` the body could not be used. `api_status`, `message`,
    `details` and `code` are what the body said, `outline` is its form. `retry_after` is in seconds.
    """

    scope: str
    key: str
    status: int | None = None
    problem: str = ""
    retry_after: int | None = None
    api_status: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    code: int | None = None
    outline: Any = None


def exchange(request: "Request", answer: Answer) -> Exchange:
    """What a recording keeps of one request."""
    body = answer.body
    wait = answer.retry_after
    return Exchange(
        scope=request.endpoint.scope,
        key=request.auth,
        status=answer.status,
        problem=answer.problem,
        retry_after=None if wait is None else round(min(wait, _LONGEST_WAIT)),
        api_status=body.status if body.status in ("", *_API_STATUS) else OMITTED,
        message=known_words(body.message),
        details=tuple(dict.fromkeys(map(known_words, body.details)))[:_DETAILS],
        code=None if body.code is None else body.code if 0 <= body.code < _CODES else 0,
        outline=body.outline,
    )


def write(path: str, plan: "Plan", exchanges: Sequence[Exchange], *, complete: bool) -> None:
    """Write the recording. Raises InputProblem, and Refused for a file that is not a recording."""
    refuse_other(path)
    document = {
        "schema_version": SCHEMA_VERSION,
        "mcapp": __version__,
        "host": plan.target.kind,
        "complete": complete,
        "exchanges": [asdict(one) for one in exchanges],
    }
    files.write(path, json.dumps(document, indent=1) + "\n")


def refuse_other(path: str) -> None:
    """Raise Refused if `path` exists and is not a recording, the only kind of file that is replaced."""
    files.refuse_other(path, read, "a recording")


def read(path: str) -> tuple[Exchange, ...]:
    """The exchanges in a recording, in the order of sending. Raises InputProblem."""
    raw = files.read(path, most=_LARGEST, stdin=False)
    try:
        document = json.loads(raw)
        rows = document["exchanges"] if document["schema_version"] == SCHEMA_VERSION else [None]
        return tuple(map(_exchange, rows))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputProblem(
            f"{path} is not a recording", hint="mcapp probe --record writes one", code="not-a-recording", path=path
        ) from None


def _exchange(row: Any) -> Exchange:
    """One row. Raises ValueError, TypeError or KeyError for one that `write` did not write."""
    one = Exchange(**{**row, "details": tuple(row["details"])})
    texts: Iterable[object] = (one.scope, one.key, one.problem, one.api_status, one.message, *one.details)
    numbers = (one.status, one.retry_after, one.code)
    if not all(isinstance(text, str) for text in texts) or one.problem not in ("", *PROBLEMS):
        raise ValueError
    if not all(number is None or (type(number) is int and 0 <= number <= _LONGEST_WAIT) for number in numbers):
        raise ValueError
    if one.status is None and not one.problem:
        raise ValueError
    return one
