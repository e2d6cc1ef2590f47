"""Sends a request, and says what the answer means: would App Setup show success, and if not, why and what to do.

Exactly 200 is documented as success, everything else as an error after which the user is asked to try again (D: the
article "Obtaining API Access through Apps"). That ManyChat gives up after 10 seconds is reported by third parties for
its other requests (I); therefore a slow answer is mentioned, but is not a failure.
"""

import re
from codecs import BOM_UTF8
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp import __version__
from mcapp.errors import Interrupted, McappError, Undecided
from mcapp.handover.render import Prepared
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask

if TYPE_CHECKING:
    import httpx

BODY_LIMIT = 1_000_000  # bytes of an answer that are read; the status is what counts
SUCCESS, FAILURE, UNDECIDED = "success", "failure", "undecided"
MANYCHAT_TIMEOUT = 10.0  # seconds
# What is shown and reported of an answer's body: characters, and lines in text.
_SHOWN, _LINES = 2000, 20

_WHY = {
    400: ("the endpoint did not accept what it got", "compare the payload with what it reads"),
    401: ("the endpoint asks for credentials", "ManyChat sends only those in auth.request and auth.connection"),
    403: ("the endpoint refuses the call", "look for a firewall, an allow-list or a CSRF check in front of it"),
    404: ("nothing is found at this path", "compare it with the route of the endpoint"),
    405: ("the endpoint does not take this method", "compare `method` with the route of the endpoint"),
    415: ("the endpoint does not take this content type", "compare the Content-Type header with what it reads"),
    422: ("the endpoint read it, and found a value wrong or missing", "its answer should say which"),
    429: ("the endpoint limits calls", "exempt ManyChat's call from the limit: it comes once for each install"),
}


class Answer(NamedTuple):
    """What came back. `body` is as received, cut off at BODY_LIMIT (then `whole` is False); `elapsed` in seconds.

    With a `problem` there was no answer, or only part of one: one of timeout, refused, dns, tls, protocol, connect,
    reset. `trouble` is a sentence about it, and `status` the one that had arrived, if any.
    """

    status: int | None = None
    phrase: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = True
    problem: str = ""
    trouble: str = ""
    elapsed: float = 0.0

    @property
    def outcome(self) -> str:
        """SUCCESS (exactly 200), FAILURE, or UNDECIDED without a complete answer."""
        if self.problem:
            return UNDECIDED
        return SUCCESS if self.status == 200 else FAILURE

    def header(self, name: str) -> str:
        """The first header of this name (lower case), or an empty string."""
        return next((value for each, value in self.headers if each.lower() == name), "")


def send(prepared: Prepared, timeout: float) -> Answer:
    """Send it once, within `timeout` seconds from the DNS query to the last byte. No redirects, no cookies.

    What goes wrong becomes the `problem` of the Answer. Raises Undecided where the environment's proxy or certificates
    cannot be used.
    """
    from mcapp.net.transport import make_transport, run_blocking  # httpx and asyncio, 100 ms: not for the help

    return run_blocking(_send(prepared, timeout, make_transport(prepared.target)))


async def _send(prepared: Prepared, timeout: float, inner: "httpx.AsyncBaseTransport") -> Answer:
    import asyncio

    import httpx

    from mcapp.net.transport import explain_failure

    answer = Answer()
    started = monotonic()
    base_url = prepared.target.base_url
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in prepared.headers]
    present = {name.lower() for name, _ in headers}
    # What every client sends, unless the block has it.
    usual = ((b"User-Agent", f"mcapp/{__version__}".encode()), (b"Accept", b"*/*"))
    headers += [(name, value) for name, value in usual if name.lower() not in present]
    request = httpx.Request(
        prepared.method,
        base_url,
        headers=[(b"Host", base_url.partition("://")[2].encode("ascii")), *headers],
        content=prepared.body,
        # The exact path: httpx would normalize it.
        extensions={"target": prepared.path.encode("ascii")},
    )
    try:
        async with inner, asyncio.timeout(timeout):
            response = await inner.handle_async_request(request)
            try:
                raw = response.headers.raw
                received = tuple((str(name, "utf-8", "replace"), str(value, "utf-8", "replace")) for name, value in raw)
                answer = Answer(response.status_code, response.reason_phrase, received)
                body = bytearray()
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > BODY_LIMIT:
                        break
                answer = answer._replace(body=bytes(body[:BODY_LIMIT]), whole=len(body) <= BODY_LIMIT)
            finally:
                await response.aclose()
    except TimeoutError:
        when = "no answer came" if answer.status is None else "the answer did not end"
        answer = answer._replace(problem="timeout", trouble=f"{when} within {timeout:g} s")
    except (httpx.HTTPError, OSError) as error:
        problem, trouble = explain_failure(error, answer.status)
        answer = answer._replace(problem=problem, trouble=trouble)
    return answer._replace(elapsed=monotonic() - started)


_ITS_LOG = "the endpoint's log may say why"
_NO_HTTP = f"{_ITS_LOG}; if the endpoint expects https, begin --to with https://"
_REMEDIES = {
    "timeout": "answer first and do the work afterwards; --timeout waits longer here, but ManyChat may not",
    "refused": "start the endpoint, and compare the port with the one in --to",
    "dns": "compare the host in --to with the real one",
    "tls": "for an endpoint on this machine use http://; SSL_CERT_FILE names further certificate authorities to trust",
    "connect": "compare host and port in --to with the real ones",
    "protocol": _NO_HTTP,
    "reset": _NO_HTTP,
}


def evaluate(answer: Answer) -> tuple[str, str]:
    """What the answer means, and what to do, which may be empty."""
    status = answer.status or 0
    if answer.problem:
        was_cut = answer.problem == "reset" and answer.status is not None
        return answer.trouble, _ITS_LOG if was_cut else _REMEDIES[answer.problem]
    if status == 200 and answer.elapsed > MANYCHAT_TIMEOUT:
        hint = f"ManyChat is reported to give up after {MANYCHAT_TIMEOUT:g} s: answer first and do the work afterwards"
        return f"200, but after {answer.elapsed:.1f} s", hint
    # Flask calls every text HTML, so there must be a tag: PHP reports an error as `<br />` and more, with status 200.
    tag = rb"<[a-z!/?]" if answer.header("content-type").lower().startswith("text/html") else rb"<(?:!doctype )?html"
    if status == 200 and re.match(tag, answer.body.removeprefix(BOM_UTF8).lstrip(), re.IGNORECASE):
        doubt = "200, but with a web page: is this the endpoint, or a start page, a login page or a tunnel's warning?"
        return doubt, "check that the key arrived"
    if status == 200:
        return "exactly 200", ""
    if 200 < status < 300:
        what = "an empty answer" if status == 204 else "a success in HTTP, but not for ManyChat"
        return f"{status} is {what}: only 200 counts", "answer with exactly 200"
    location = answer.header("location")
    if 300 <= status < 400 and location:
        login = location.partition("?")[0].rstrip("/").lower().endswith(("login", "signin", "sign-in", "sign_in"))
        hint = "make the endpoint reachable without a login" if login else "put the final URL into auth.request"
        return f"a redirect to {location}, which ManyChat is not known to follow: only 200 counts", hint
    if status >= 500:
        return f"the endpoint failed with {status}", _ITS_LOG
    return _WHY.get(status, (f"{status} is not 200", "answer with exactly 200"))


class Outcome:
    """The answers to the requests that were sent, in order; `expected` is the status that counts as right here."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.answers: list[Answer] = []
        self.interrupted = False

    @property
    def app_setup(self) -> str | None:
        """What App Setup would show: "success" or "error"; None where there was no complete answer."""
        outcomes = {answer.outcome for answer in self.answers}
        if FAILURE in outcomes:
            return "error"
        return "success" if outcomes == {SUCCESS} else None

    @property
    def exit_code(self) -> int:
        """0 if every answer has the expected status, 1 if one has another, 3 if one is missing, 130 after Ctrl-C."""
        if self.interrupted:
            return 130
        if any(not answer.problem and answer.status != self.expected for answer in self.answers):
            return 1
        return 3 if any(answer.problem for answer in self.answers) else 0

    @property
    def errors(self) -> list[McappError]:
        """Why answers are missing."""
        missing = [answer for answer in self.answers if answer.problem]
        errors: list[McappError] = [
            Undecided(answer.trouble, hint=evaluate(answer)[1], code=answer.problem) for answer in missing
        ]
        return [*errors, Interrupted("interrupted")] if self.interrupted else errors


def answers_json(outcome: Outcome) -> list[dict[str, Any]]:
    """The answers, as in schemas/send.schema.json."""
    rows = []
    for answer in outcome.answers:
        (body, whole), (reason, then) = _body(answer), evaluate(answer)
        rows.append(
            {
                "status": answer.status,
                "outcome": answer.outcome,
                "reason": visible(reason),
                "next": visible(then),
                "headers": [{"name": mask(name), "value": mask(value)} for name, value in answer.headers],
                "body": body,
                "body_complete": whole,
                "elapsed_ms": round(answer.elapsed * 1000),
            }
        )
    return rows


def outcome_text(outcome: Outcome, style: Style) -> str:
    """The answers and the verdict. An answer like the one before it takes one line."""
    parts: list[str] = []
    several = len(outcome.answers) > 1
    last: tuple[int | None, bytes] | None = None
    for number, answer in enumerate(outcome.answers, 1):
        repeated = (answer.status, answer.body) == last and not answer.problem
        last = (answer.status, answer.body)
        parts.append(_answer_text(answer, style, f"{number}: " if several else "", short=repeated))
    if outcome.interrupted:
        parts.append("interrupted; these are the answers until then")
    parts.append(_verdict_text(outcome, style))
    return "\n\n".join(part for part in parts if part)


def _answer_text(answer: Answer, style: Style, number: str, *, short: bool) -> str:
    if answer.status is None:
        return style.warning(f"{number}no answer: ") + visible(answer.trouble)
    paint = style.good if answer.status == 200 else style.warning
    head = f"{answer.status} {visible(answer.phrase)}".rstrip()
    lines = [f"{number}{paint(head)} {style.dim(f'in {answer.elapsed * 1000:.0f} ms')}"]
    if short:
        return lines[0] + style.dim(", the same answer")
    lines += [f"  {style.note(visible(name))}: {visible(value)}" for name, value in answer.headers]
    body, whole = _body(answer)
    shown = body.splitlines()
    if shown:
        lines += ["", *(f"  {visible(line)}" for line in shown[:_LINES])]
    if not whole or len(shown) > _LINES:
        lines.append(style.dim(f"  … ({len(answer.body):,} bytes{'' if answer.whole else ', and more'})"))
    return "\n".join(lines)


def _verdict_text(outcome: Outcome, style: Style) -> str:
    if not outcome.answers:
        return ""
    # The first answer that is not 200 decides: it is what the user of the app would see.
    answer = next((answer for answer in outcome.answers if answer.outcome != SUCCESS), outcome.answers[-1])
    reason, then = evaluate(answer)
    sentence = {
        "success": style.good("App Setup would show success"),
        "error": style.error("App Setup would show an error") + " and ask the user to try again",
        None: style.warning("It is not known whether App Setup would show success"),
    }[outcome.app_setup]
    lines = [sentence if answer.status is None else f"{sentence}: {visible(reason)}"]
    if then:
        lines.append(f"  {style.note('help:')} {visible(then)}")
    statuses = {answer.status for answer in outcome.answers}
    if len(statuses) > 1 and 200 in statuses:
        differ = "the answers differ; ManyChat may call again at every save, retry and reinstall"
        lines.append(f"  {style.note('note:')} {differ}")
    if outcome.expected != 200:
        kept = all(answer.status == outcome.expected for answer in outcome.answers)
        lines.append(f"  the status is {'' if kept else 'not '}the expected {outcome.expected}")
    return "\n".join(lines)


def _body(answer: Answer) -> tuple[str, bool]:
    """The beginning of the body as text, masked before it is cut, and whether it is complete."""
    if answer.header("content-encoding").lower() not in ("", "identity"):
        return f"({len(answer.body):,} bytes, compressed)", False
    text = mask(answer.body.decode("utf-8", "replace"))
    return text[:_SHOWN], answer.whole and len(text) <= _SHOWN
