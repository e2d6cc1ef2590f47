"""One answer as the rest of mcapp knows it, and what of it may be kept in a recording.

A recording has the words that ManyChat's messages are made of, and the form of the body: a list of what is known, not a
search for what is secret. A name, an id, a key or an address is never on it. What is left out is marked with `…`.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from mcapp.scopes.catalogue import load
from mcapp.terminal.redact import mask

# What may be the matter with an answer.
PROBLEMS = (
    *("timeout", "refused", "dns", "tls", "reset", "protocol", "connect", "too-large", "encoding", "html"),
    *("content-type", "not-json", "redirect"),
)

_MESSAGE_LIMIT = 200  # characters of a server's message that are kept
OMITTED = "…"
_LONGEST = 500  # characters of a message
_DEPTH = 6
_MOST = 60  # members of an object


@dataclass(frozen=True, slots=True)
class ApiMessage:
    """What an answer's body says about the request: nothing else of it is kept, because the rest is personal data.

    `status` is its field of that name, `details` the texts under `details.messages`, `code` ManyChat's error number.
    `outline` is the form of the body, for a recording.
    """

    status: str = ""
    message: str = ""
    details: tuple[str, ...] = ()
    code: int | None = None
    outline: Any = field(default=None, compare=False)


NO_MESSAGE = ApiMessage()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Without a `status` nothing did; with a `problem` the body cannot be used.

    `problem` is one of PROBLEMS; `explanation` says it in a sentence. `retry_after` and `elapsed` are in seconds.
    """

    status: int | None = None
    problem: str = ""
    explanation: str = ""
    body: ApiMessage = NO_MESSAGE
    retry_after: float | None = None
    elapsed: float = 0.0

    @property
    def message(self) -> str:
        """What the server said, in at most 200 characters."""
        details = "; ".join(detail for detail in self.body.details if detail)
        # Masked before it is cut: half a key is no longer found.
        text = mask(": ".join(part for part in (self.body.message, details) if part))
        return text if len(text) <= _MESSAGE_LIMIT else text[: _MESSAGE_LIMIT - 1] + "…"


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
