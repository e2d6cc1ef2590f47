"""One answer, and what it means. Pure functions of request and answer: status and body together, never status alone."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    from mcapp.scopes.plan import Request

# GET: 200 "success", or a 400 that comes from looking up what cannot exist.
LET_IN = "let in"
# POST {}: 400; granted only if the run proves that the scope is checked before the body (verdicts.py).
VALIDATED = "refused for the body"
REFUSED = "refused for the scope"  # 401 "Wrong access token" (documented for an App Key outside its scope)
KEY_REFUSED = "refused for the key"  # 401 "Wrong token", "Wrong format token", "Token is required" (recorded)
EXCEPTION = "an exception"  # 500 with status "exception" (documented for an app that is no longer installed)
WRITTEN = "carried out"  # POST {}: 200 "success"; it should have been refused, and it may have changed something
UNCLEAR = "unclear"  # all else: time-outs, 429, other 5xx, 404, web pages, redirects, invalid or unexpected answers

# What may be the matter with an answer.
PROBLEMS = (
    *("timeout", "refused", "dns", "tls", "reset", "protocol", "connect", "too-large", "encoding", "html"),
    *("content-type", "not-json", "redirect"),
)
_MESSAGE_LIMIT = 200  # characters of a server's message that are kept

_OUTSIDE = "wrong access token"
_WRONG_KEY = {"wrong token", "wrong format token", "token is required"}
_HEADLINE = "validation error"

# A complaint about the form of a request; one about what the request asked for ("… does not exist") is something else.
_FORM = re.compile(
    r"\b(?:cannot|can't|can not|must not|may not|should not|shouldn't) be (?:blank|empty|null|missing)\b"
    r"|\b(?:must|should|has to|needs to|have to) (?:be|have|contain|match)\b"
    r"|\b(?:required|missing|malformed|invalid|not valid|not allowed|unexpected|unsupported)\b"
    r"|\btoo (?:long|short|big|small)\b"
    r"|\b(?:unknown|wrong) (?:field|parameter|format|type)\b"
    r"|\bonly [a-z_ ,]{1,60} can be specified\b",
    re.IGNORECASE,
)


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


class Outcome(NamedTuple):
    """What an answer means: `kind` is one of the words above, `reason` says why."""

    kind: str
    reason: str


def classify(request: "Request", answer: Answer | None) -> Outcome:
    """What `answer` says about the scope of `request`; None is a request that was not answered."""
    if answer is None:
        return Outcome(UNCLEAR, "not answered")
    status = answer.status
    if answer.problem:
        return Outcome(UNCLEAR, answer.explanation + ("" if status is None else f" (status {status})"))
    match status, answer.body.status:
        case 401, "error" if _plain(answer.body.message) == _OUTSIDE:
            return Outcome(REFUSED, "ManyChat says that the key may not call it, or does not know the key")
        case 401, "error" if _plain(answer.body.message) in _WRONG_KEY:
            return Outcome(KEY_REFUSED, "ManyChat does not accept the key itself")
        case 500, "exception":
            return Outcome(EXCEPTION, "status 500 with an exception; on every call it means an uninstalled app")
        case int(), "success" if 200 <= status < 300 and request.method != "GET":
            return Outcome(WRITTEN, "ManyChat accepted a body that it should have refused")
        case 200, "success":
            return Outcome(LET_IN, "the read was answered")
        case 400, "error":
            return _bad_request(request, answer)
        case 429, _:
            return Outcome(UNCLEAR, "too many requests (status 429)")
        case 200, "error":
            return Outcome(UNCLEAR, "status 200, but the body says error")
        case 401, _:
            return Outcome(UNCLEAR, "status 401 with an unknown message")
    return Outcome(UNCLEAR, f"an unknown answer (status {status})")


def _bad_request(request: "Request", answer: Answer) -> Outcome:
    """A 400 with ManyChat's error body: because of the request's form, or because of what it asked for?"""
    body = answer.body
    if request.method == "POST":
        return Outcome(VALIDATED, "the empty body was refused for its form, as it should be")
    if body.code is not None:
        return Outcome(LET_IN, f"the look-up found nothing (code {body.code})")
    # "Validation error" stands over both kinds of complaint; what follows it tells them apart.
    texts = [text for text in (body.details or (body.message,)) if _plain(text) not in ("", _HEADLINE)]
    if not texts:
        return Outcome(UNCLEAR, "status 400 that does not say what was wrong")
    if not request.query or any(_FORM.search(text) for text in texts):
        return Outcome(UNCLEAR, "status 400 for the form of the request, which says nothing about the scope")
    return Outcome(LET_IN, "the look-up found nothing")


def is_calibrated(answer: Answer | None) -> bool:
    """Whether a write without a key, or with a key that nobody has, was refused for the key and not for its body."""
    return answer is not None and not answer.problem and (answer.status, answer.body.status) == (401, "error")


def _plain(text: str) -> str:
    return text.strip().rstrip(".!").strip().lower()
