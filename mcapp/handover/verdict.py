"""What an answer means: would App Setup show success, and if not, why and what to do.

Exactly 200 is documented as success, everything else as an error after which the user is asked to try again (D: the
article "Obtaining API Access through Apps"). That ManyChat gives up after 10 seconds is reported by third parties for
its other requests (I), and therefore said, but never a failure.
"""

from typing import NamedTuple

from mcapp.handover.answer import Answer

SUCCESS, FAILURE, UNDECIDED = "success", "failure", "undecided"
PATIENCE = 10.0  # seconds

_WHY = {
    400: ("the endpoint did not accept what it got", "compare the payload with what it reads"),
    401: ("the endpoint asks for credentials", "ManyChat has none but what auth.request and auth.connection send"),
    403: ("the endpoint refuses the call", "look for a firewall, an allow-list or a CSRF check in front of it"),
    404: ("there is nothing under this path", "compare it with the route of the endpoint"),
    405: ("the endpoint does not take this method", "compare `method` with the route of the endpoint"),
    411: ("the endpoint wants a length", "mcapp sent one; something in between took it away"),
    413: ("the endpoint finds the request too large", "raise its limit"),
    415: ("the endpoint does not take this content type", "compare the Content-Type header with what it reads"),
    422: ("the endpoint read it, and found a value wrong or missing", "its answer tells which"),
    429: ("the endpoint limits calls", "take ManyChat's call out of the limit: it comes once for each install"),
}


class Verdict(NamedTuple):
    """`outcome` is SUCCESS (exactly 200), FAILURE, or UNDECIDED where no whole answer came. `next` may be empty."""

    outcome: str
    reason: str
    next: str = ""


def judge(answer: Answer) -> Verdict:
    """What App Setup would make of the answer."""
    if answer.problem:
        broke_off = answer.problem == "reset" and answer.status is not None
        return Verdict(UNDECIDED, answer.trouble, _ITS_LOG if broke_off else _REMEDIES[answer.problem])
    status = answer.status or 0
    if status == 200:
        return _accepted(answer)
    reason, then = _refused(status, answer)
    page = "" if not answer.is_html or 300 <= status < 400 else "; a web page came with it"
    return Verdict(FAILURE, reason + page, then)


_ITS_LOG = "the endpoint's log may tell why"
_NO_HTTP = f"{_ITS_LOG}; if it is https that listens there, --to begins with https://"
_REMEDIES = {
    "timeout": "answer first and do the work afterwards; --timeout waits longer here, but ManyChat may not",
    "refused": "start the endpoint, and compare the port with the one in --to",
    "dns": "compare the host in --to with the real one",
    "tls": "for an endpoint on this machine use http://; SSL_CERT_FILE names further authorities to trust",
    "connect": "compare host and port in --to with the real ones",
    "protocol": _NO_HTTP,
    "reset": _NO_HTTP,
}


def _accepted(answer: Answer) -> Verdict:
    if answer.elapsed > PATIENCE:
        return Verdict(
            SUCCESS,
            f"200, but after {answer.elapsed:.1f} s",
            f"ManyChat is reported to give up after {PATIENCE:g} s: answer first and do the work afterwards",
        )
    if answer.is_html:
        return Verdict(
            SUCCESS,
            "200, but with a web page: is this the endpoint, or a start page, a login page or a tunnel's warning?",
            "look whether the key arrived",
        )
    return Verdict(SUCCESS, "exactly 200")


def _refused(status: int, answer: Answer) -> tuple[str, str]:
    if 200 < status < 300:
        what = "an empty answer" if status == 204 else "a success for most, but not for ManyChat"
        return f"{status} is {what}: only 200 counts", "answer with exactly 200"
    if 300 <= status < 400:
        return _moved(status, answer.location)
    if status >= 500:
        return f"the endpoint failed with {status}", "its log tells why"
    return _WHY.get(status, (f"{status} is not 200", "answer with exactly 200"))


def _moved(status: int, location: str) -> tuple[str, str]:
    if not location:
        return f"{status} is not 200", "answer with exactly 200"
    hint = "put the URL that answers itself into auth.request"
    if location.partition("?")[0].rstrip("/").lower().endswith(("login", "signin", "sign-in", "sign_in")):
        hint = "let the endpoint be called without a login"
    return f"a redirect to {location}, which is not known to be followed: only 200 counts", hint
