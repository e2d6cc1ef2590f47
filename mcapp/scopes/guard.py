"""The transport that a probe sends through: only requests leave the process that are in the plan and harmless.

Every request is checked twice before a socket is opened. It must be one of the plan's, in exactly its form. And it must
be harmless by rules that are here and not in the catalogue, so that a changed row cannot make a run harmful. Only a
request that passes both gets the key, here and nowhere else.
"""

import re
from collections import Counter

import httpx

from mcapp.errors import McappError
from mcapp.keys.secret import Secret
from mcapp.scopes.plan import EMPTY_BODY, NONE, OWN, STRANGER, Plan, Request

# How often one request may be sent in a run: a GET again after a failure, anything else once.
MOST_ATTEMPTS = 3

# Every read of the API is called get… or find…, no write is (public-api: 13 reads, 21 writes).
_READ = re.compile(r"/fb/(?:page|subscriber)/(?:get|find)[A-Za-z]+")
_WRITE = re.compile(r"/fb/(?:page|sending|subscriber)/[A-Za-z]+")
# No field of these is required outright: `{}` might succeed.
_ONLY_NAMED = {"/fb/subscriber/createSubscriber"}
_NEVER = {"/fb/subscriber/verifyBySignedRequest"}

_HEADERS = {"accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent"}


class RefusedByGuard(McappError):
    """A request was stopped before it left the process: the catalogue or the program was changed."""

    default_code = "refused-by-guard"

    def __init__(self, request: str, reason: str) -> None:
        super().__init__(
            f"{request} was not sent: {reason}", hint="mcapp's catalogue of endpoints was changed; install mcapp again"
        )


def objection(request: Request, plan: Plan) -> str:
    """Why this request must not be sent; an empty string if it is harmless. It looks only at what would be sent."""
    if request.auth not in (OWN, NONE, STRANGER) or (request.auth != OWN and request.method != "POST"):
        return "it may carry no key but the probed one"
    if request.method == "GET":
        if not _READ.fullmatch(request.path):
            return "a GET must go to a path that reads"
        if request.body is not None:
            return "a GET must not have a body"
        if any(value != "1" and plan.random not in value for _, value in request.query):
            return "a GET must ask only for what cannot exist"
        return ""
    if request.method != "POST":
        return "only GET and POST are known to be harmless"
    if request.body != EMPTY_BODY or request.query:
        return "a POST must have the body {} and nothing else"
    if not _WRITE.fullmatch(request.path) or request.path in _NEVER:
        return "no POST to it is known to be harmless"
    if not request.named and (request.path in _ONLY_NAMED or not request.endpoint.required):
        return "{} lacks no field that it requires, and it was not named"
    return ""


class Guard(httpx.AsyncBaseTransport):
    """Checks each request, adds the key, and hands it to the transport that opens sockets."""

    def __init__(self, plan: Plan, secret: Secret, inner: httpx.AsyncBaseTransport) -> None:
        self._plan = plan
        self._secret = secret
        self._inner = inner
        self._planned = frozenset(map(id, plan.requests))
        self._sent: Counter[int] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send what the plan holds. Raises RefusedByGuard for anything else."""
        planned = request.extensions.get("mcapp.request")
        if not isinstance(planned, Request) or id(planned) not in self._planned:
            raise RefusedByGuard(f"{request.method} {request.url.path}", "it is not in the plan")
        reason = self._differs(request, planned) or objection(planned, self._plan)
        if reason:
            raise RefusedByGuard(f"{planned.method} {planned.path}", reason)
        self._sent[id(planned)] += 1
        if self._sent[id(planned)] > (MOST_ATTEMPTS if planned.method == "GET" else 1):
            raise RefusedByGuard(f"{planned.method} {planned.path}", "it was already sent as often as allowed")
        headers = dict(request.headers)
        if planned.auth != NONE:
            key = self._secret.reveal() if planned.auth == OWN else self._plan.stranger
            headers["authorization"] = f"Bearer {key}"
        # A new object: the one that exceptions and answers refer to never holds the key.
        sent = httpx.Request(
            request.method, request.url, headers=headers, content=planned.body, extensions=request.extensions
        )
        return await self._inner.handle_async_request(sent)

    def _differs(self, request: httpx.Request, planned: Request) -> str:
        target, url = self._plan.target, request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        # The host as it goes over the wire: `host` decodes international names.
        if (url.scheme, url.raw_host.decode("ascii").strip("[]"), port) != (target.scheme, target.host, target.port):
            return "it goes to a different host than the plan"
        if (request.method, url.raw_path.decode("ascii")) != (planned.method, planned.url):
            return "method, path or query are not the plan's"
        if request.content != (planned.body or b""):
            return "the body is not the plan's"
        if set(request.headers) - _HEADERS or request.headers["host"] != url.netloc.decode("ascii"):
            return "it has a header that no probe has"
        return ""
