"""What one answer means. Pure functions of request and answer: status and body together, never the status alone.

LET_IN        GET: 200 "success", or a 400 that comes from the look-up of what cannot exist
VALIDATED     POST {}: 400; granted only if the run proves that the scope is checked before the body (judge.py)
REFUSED       401 "Wrong access token" (documented for an App Key outside its scope)
KEY_REFUSED   401 "Wrong token", "Wrong format token", "Token is required" (recorded): the key itself
EXCEPTION     500 with status "exception" (documented for an app that is no longer installed)
WRITTEN       POST {}: 200 "success"; it should have been refused, and it may have changed something
UNCLEAR       everything else: time-outs, 429, other 5xx, 404, web pages, redirects, broken or odd answers
"""

import re
from typing import NamedTuple

from mcapp.scopes.answer import Answer
from mcapp.scopes.plan import Request

LET_IN, VALIDATED, REFUSED, KEY_REFUSED, EXCEPTION, WRITTEN, UNCLEAR = (
    "let in",
    "refused for the body",
    "refused for the scope",
    "refused for the key",
    "an exception",
    "carried out",
    "unclear",
)

_OUTSIDE = "wrong access token"
_WRONG_KEY = {"wrong token", "wrong format token", "token is required"}
_HEADLINE = "validation error"

# A complaint about the form of a request; one about what the request asked for ("… does not exist") is something else.
_FORM = re.compile(
    r"\b(?:cannot|can't|can not|must not|may not|should not|shouldn't) be (?:blank|empty|null|missing)\b"
    r"|\b(?:must|should|has to|needs to|have to) (?:be|have|contain|match)\b"
    r"|\b(?:required|missing|malformed|invalid|not valid|not allowed|unexpected|unsupported)\b"
    r"|\btoo (?:long|short|big|small)\b"
    r"|\b(?:unknown|wrong) (?:field|parameter|format|type)\b",
    re.IGNORECASE,
)


class Outcome(NamedTuple):
    """What an answer means, as one of the words above, and why in a sentence's worth of words."""

    kind: str
    reason: str


def outcome(request: Request, answer: Answer) -> Outcome:
    """What `answer` says about the scope of `request`."""
    if answer.problem:
        told = "" if answer.status is None else f" (status {answer.status})"
        return Outcome(UNCLEAR, answer.trouble + told)
    status = answer.status
    word, message = answer.told.word, _plain(answer.told.message)
    if status == 401 and word == "error" and message == _OUTSIDE:
        return Outcome(REFUSED, "ManyChat says that the key may not call it, or does not know the key")
    if status == 401 and word == "error" and message in _WRONG_KEY:
        return Outcome(KEY_REFUSED, "ManyChat does not accept the key itself")
    if is_uninstalled(answer):
        return Outcome(
            EXCEPTION, "status 500 with an exception; on every call it would mean that the app is uninstalled"
        )
    if is_written(request, answer):
        return Outcome(WRITTEN, "ManyChat accepted a body that it should have refused")
    if status == 200 and word == "success":
        return Outcome(LET_IN, "the read was answered")
    if status == 400 and word == "error":
        return _refused(request, answer)
    if status == 429:
        return Outcome(UNCLEAR, "too many requests (status 429)")
    if status == 200 and word == "error":
        return Outcome(UNCLEAR, "status 200, but the body says error")
    if status == 401:
        return Outcome(UNCLEAR, "status 401 with a message that nothing is known of")
    return Outcome(UNCLEAR, f"an answer that nothing is known of (status {status})")


def _refused(request: Request, answer: Answer) -> Outcome:
    """A 400 with ManyChat's error body: from the form of the request, or from what it asked for?"""
    told = answer.told
    if request.method == "POST":
        return Outcome(VALIDATED, "the empty body was refused for its form, as it should be")
    if told.code is not None:
        return Outcome(LET_IN, f"the look-up found nothing (code {told.code})")
    # "Validation error" stands over both kinds of complaint; what follows it tells them apart.
    said = [text for text in (told.details or (told.message,)) if _plain(text) not in ("", _HEADLINE)]
    if not said:
        return Outcome(UNCLEAR, "status 400 without a word on what was wrong")
    if not request.query or any(_FORM.search(text) for text in said):
        return Outcome(UNCLEAR, "status 400 for the form of the request, which says nothing of the scope")
    return Outcome(LET_IN, "the look-up found nothing")


def is_key_refused(answer: Answer | None) -> bool:
    """Whether ManyChat refused the key itself: then nothing else is worth sending."""
    if answer is None or answer.problem:
        return False
    return answer.status == 401 and answer.told.word == "error" and _plain(answer.told.message) in _WRONG_KEY


def is_uninstalled(answer: Answer | None) -> bool:
    """Whether it is the answer that an uninstalled app gets on every call (documented)."""
    return answer is not None and not answer.problem and answer.status == 500 and answer.told.word == "exception"


def is_calibrated(answer: Answer | None) -> bool:
    """Whether a write without a key, or with a stranger's, was refused for the key and not for its body."""
    return answer is not None and not answer.problem and answer.status == 401 and answer.told.word == "error"


def is_written(request: Request, answer: Answer) -> bool:
    """Whether a request that ManyChat should have refused was carried out."""
    if request.method == "GET" or answer.problem or answer.status is None:
        return False
    return 200 <= answer.status < 300 and answer.told.word == "success"


def _plain(text: str) -> str:
    return text.strip().rstrip(".!").strip().lower()
