"""A recording of a run, which its owner can read through and publish: `probe --record`, `emulate --replay`.

What was asked is the catalogue's own request; of the answers status and Retry-After are there, the words that
ManyChat's messages are made of, and the form of the body: a list of what is known, not a search for what is secret. A
name, an id, a key or an address is never on it; `…` stands for what is left out. schemas/recording.schema.json
describes the file.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mcapp import __version__, files
from mcapp.errors import InputProblem
from mcapp.scopes.catalogue import load
from mcapp.scopes.classify import PROBLEMS, Answer

if TYPE_CHECKING:
    from mcapp.scopes.plan import Plan, Request

SCHEMA_VERSION = 1
_LARGEST = 5_000_000  # bytes: a run has some fifty exchanges
_LONGEST_WAIT = 86_400  # seconds
_CODES = 10_000  # ManyChat's error numbers are below it
_DETAILS = 100
OMITTED = "…"
_LONGEST = 500  # characters of a message
_DEPTH = 6
_MOST = 60  # members of an object

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


# --- what may be kept of an answer

# The words of ManyChat's messages, and of those that classify.py tells apart.
_WORDS = frozenset(
    """
    a access account accept allowed already an and api are array at attribute authorization bad bearer big body
    boolean by call can cannot be blank characters code contain date day deleted denied does email empty error exceeded
    exception exist exists expired fail failed field fields find flow following for format forbidden found from
    has hasn have header id import in inactive incorrect integer internal invalid is it json key length limit list long
    malformed many match may message messages method missing must name need needs no not null number object of on one
    only option or out page parameter parameters param params per permission phone please plan pro rate ref registered
    request requests required scope send sent server session set short should shouldn small something specified status
    string subscriber subscribers success system t tag take tag_name text than the there this to token too try type
    unauthorized unexpected unknown unsupported url user valid validation value values wa was went whatsapp window with
    within wrong wa_id you your zero
    """.split()  # noqa: SIM905  # a list would have a line for each word
)

# The names of fields in answers that are documented or were recorded.
_FIELDS = frozenset(
    """
    about avatar_link caption category code created custom_fields data description details email email_address error
    field fields first_name flow flows folder_id folders gender id ig_id ig_username is_followup_enabled is_pro items
    key language last_growth_tool last_input_text last_interaction last_name last_seen live_chat_url locale message
    messages name ns optin_email optin_phone optin_whatsapp page_id phone profile_pic status subscribed subscriber
    subscriber_id tag tags timezone type url user_ref user_refs username value wa_id whatsapp_bsuid whatsapp_phone
    whatsapp_username
    """.split()  # noqa: SIM905  # a list would have a line for each word
)


@cache
def _names() -> frozenset[str]:
    """The parameters of the catalogue's operations."""
    return frozenset(name for endpoint in load() for name in (*endpoint.required, *endpoint.query))


def known_words(text: str) -> str:
    """`text` with everything but known words, spaces and plain punctuation left out."""
    known = _WORDS | _names()
    kept = re.sub(r"\w+|[^\w\s.,:;!?'()-]+", lambda match: match[0] if match[0].casefold() in known else OMITTED, text)
    kept = re.sub(rf"{OMITTED}(?:[\s.,:;!?'()-]*{OMITTED})+", OMITTED, kept)
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + OMITTED


def outline(data: object, depth: int = _DEPTH) -> Any:
    """The form of a body: the type of each value under the fields that are known; of a list its first item's."""
    if isinstance(data, dict):
        if depth == 0:
            return {}
        known = _FIELDS | _names()
        named = {name: outline(data[name], depth - 1) for name in sorted(known & data.keys())[:_MOST]}
        return named if len(named) == len(data) else {**named, OMITTED: OMITTED}
    if isinstance(data, list):
        return [outline(data[0], depth - 1)] if data and depth else []
    if data is None or isinstance(data, bool):
        return "null" if data is None else "boolean"
    return {int: "integer", float: "number"}.get(type(data), "string")
