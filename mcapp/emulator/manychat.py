"""ManyChat's behaviour without a network: one call in, one reply out. Keys, order of checks, faults, journal.

Or the answers of a recording (`mcapp probe --record`), in place of those of the emulated account.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Any, NamedTuple

from mcapp.emulator import account
from mcapp.emulator.account import Account, Missing
from mcapp.emulator.emulated_key import ACCOUNT, MALFORMED, REVOKED, UNINSTALLED, WORKING, EmulatedKey, scopes_of
from mcapp.emulator.faults import KINDS, Fault, Kind
from mcapp.emulator.operations import OPERATIONS
from mcapp.errors import UsageProblem
from mcapp.net.server import Reply
from mcapp.scopes.catalogue import Endpoint, load
from mcapp.scopes.recording import Exchange
from mcapp.terminal import redact

# Which check comes first. ManyChat's own order is published nowhere; the first is the likely one.
SCOPE_FIRST, KEY_BODY_SCOPE, BODY_FIRST = "scope-first", "key-body-scope", "body-first"
ORDERS = {
    SCOPE_FIRST: ("key", "scope", "body"),
    KEY_BODY_SCOPE: ("key", "body", "scope"),
    BODY_FIRST: ("body", "key", "scope"),
}

# Values for what a recording knows the type of alone.
_VALUES = {"string": "text", "integer": 1, "number": 1.5, "boolean": True, "null": None}
_TOO_LARGE = 2_000_001  # bytes: one more than probe reads


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request as it arrived. `body` is what its JSON says, None where it is not JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = None
    body: Any = None

    @property
    def key(self) -> str:
        """The key in its header; "" where there is none."""
        return (self.authorization or "").partition(" ")[2].strip()

    @property
    def scope(self) -> str:
        """The endpoint, as the catalogue names it."""
        return f"{self.method} {self.path}"


class Call(NamedTuple):
    """One request in the journal. It holds no key.

    `key` is the name of the key that it carried, "unknown", or None without one; `at` is in seconds since the emulator
    was made; `status` is None if a fault left it without an answer; `changed`: it changed the account.
    """

    number: int
    at: float
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    key: str | None
    status: int | None
    fault: str | None = None
    changed: bool = False

    @property
    def scope(self) -> str:
        """The endpoint, as the catalogue names it."""
        return f"{self.method} {self.path}"


class Replay:
    """The answers of a recording, for each request in turn; the last one is repeated. `ManyChat` holds a lock."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._waiting: dict[tuple[str, str], list[Exchange]] = {}
        for one in exchanges:
            self._waiting.setdefault((one.scope, one.key), []).append(one)

    def answer(self, call: "ApiRequest") -> tuple[Reply, Fault | None]:
        """The reply to a request, with the fault that spoils it on the wire. 404 for what was not recorded."""
        key = "none" if call.authorization is None else "stranger" if call.key.startswith("0:") else "key"
        waiting = self._waiting.get((call.scope, key))
        if not waiting:
            return account.NOT_FOUND, None
        one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if one.problem == "timeout":
            return account.NOT_FOUND, Fault("timeout")
        if one.status is None or one.status < 200:
            return account.NOT_FOUND, Fault("reset")
        reply = _recorded(one, one.status)
        return reply, Fault("truncated") if one.problem == "reset" else None


class ManyChat:
    """The emulated account. Every method may be called from any thread.

    `order` is one of ORDERS. With `replay` the answers are those of a recording, whatever the keys.
    """

    def __init__(
        self, keys: Iterable[EmulatedKey] = (), *, order: str = SCOPE_FIRST, replay: Replay | None = None
    ) -> None:
        if order not in ORDERS:
            raise UsageProblem(f"unknown order {order!r}", hint=f"the orders are: {', '.join(ORDERS)}")
        self.order = order
        self._replay = replay
        self._lock = threading.Lock()
        self._keys: dict[str, EmulatedKey] = {}
        self._account = Account()
        self._first = self._account.snapshot()
        self._faults: list[Fault] = []
        self._journal: list[Call] = []
        self.on_call: Callable[[Call], object] = lambda _: None  # gets what a reset takes out of the journal, too
        self._started = time.monotonic()
        self._endpoints = {endpoint.scope: endpoint for endpoint in load()}
        for key in keys:
            self.add(key)

    def key(self, scopes: Iterable[str] = ("*",), state: str = WORKING, name: str = "") -> str:
        """Make up a key with these scopes (see `emulated_key.scopes_of`) and return its value."""
        value = f"emulated-{token_hex(12)}"
        self.add(EmulatedKey(value, scopes_of(scopes), state, name or f"key-{len(self._keys) + 1}"))
        return value

    def add(self, key: EmulatedKey) -> None:
        """Know this key from now on; one of the same value is replaced."""
        with self._lock:
            self._keys[key.value] = key

    @property
    def keys(self) -> tuple[EmulatedKey, ...]:
        """The keys that it knows."""
        with self._lock:
            return tuple(self._keys.values())

    def fault(
        self, kind: str, scope: str | None = None, *, number: float | None = None, times: int | None = None
    ) -> None:
        """Let something go wrong from now on; see `faults.KINDS` and `Fault`. The newest one that applies counts."""
        self.add_fault(Fault(kind, scope, number, times))

    def add_fault(self, fault: Fault) -> None:
        """Let this go wrong from now on."""
        with self._lock:
            self._faults.insert(0, fault)

    def clear_faults(self) -> None:
        """Remove every fault."""
        with self._lock:
            self._faults.clear()

    def reset(self) -> None:
        """Back to the start: no faults, an empty journal, the account as it was made. The keys stay."""
        with self._lock:
            self._faults.clear()
            self._journal.clear()
            self._account = Account()

    @property
    def journal(self) -> tuple[Call, ...]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return tuple(self._journal)

    def state(self) -> dict[str, Any]:
        """A copy of all that the account holds, as plain data."""
        with self._lock:
            return self._account.snapshot()

    @property
    def unchanged(self) -> bool:
        """Whether the account is as it was made."""
        with self._lock:
            return self._account.data == self._first

    def answer(self, call: ApiRequest) -> tuple[Reply, Fault | None]:
        """The reply to a call, written into the journal; with the fault that spoils it on the wire, if one does."""
        with self._lock:
            fault = self._take_fault(call.scope)
            replayed, recorded = self._replay.answer(call) if self._replay else (None, None)
            fault = fault or recorded
            kind = KINDS[fault.kind] if fault else Kind()
            before = self._account.snapshot() if call.method != "GET" else None
            spoilt = kind.answer(fault) if fault and kind.answer else None
            given = spoilt or (account.NOT_FOUND if kind.silent else replayed or self._right(call))
            key = self._keys.get(call.key)
            # Not one that is too short: with the key "7" every other 7 would be masked.
            sent = "" if redact.repeats(call.key) else call.key
            redact.remember(sent)
            entry = Call(
                number=len(self._journal) + 1,
                at=round(time.monotonic() - self._started, 6),
                method=call.method,
                path=self._hidden(call.path),
                query=self._hidden(dict(call.query)),
                body=self._hidden(call.body),
                key=None if call.authorization is None else key.name if key else "unknown",
                status=None if kind.silent else given.status,
                fault=fault.kind if fault else None,
                changed=before is not None and before != self._account.data,
            )
            self._journal.append(entry)
            self.on_call(entry)
            redact.forget(sent)
            return given, None if spoilt else fault

    def _hidden(self, value: Any, name: str = "") -> Any:
        """`value` without the known keys, the key that was sent, and what stands below the `name` of a credential."""
        if isinstance(value, dict):
            return {self._hidden(key): self._hidden(item, name or key) for key, item in value.items()}
        if isinstance(value, list):
            return [self._hidden(item, name) for item in value]
        if value is not None and redact.is_key_name(name):
            return "***"
        if not isinstance(value, str):
            return value
        for key in self._keys:
            value = value.replace(key, "***")
        return redact.mask(value)

    def _take_fault(self, scope: str) -> Fault | None:
        for number, fault in enumerate(self._faults):
            if fault.scope in (None, scope):
                if fault.times is not None:
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._faults[number : number + 1] = left
                return fault
        return None

    def _right(self, call: ApiRequest) -> Reply:
        endpoint = self._endpoints.get(call.scope)
        if endpoint is None:
            return account.NOT_FOUND
        params = dict(call.query) if call.method == "GET" else call.body
        key = self._keys.get(call.key)
        for check in ORDERS[self.order]:
            if check == "key":
                refused = check_key(call, key)
            elif check == "scope":
                let_in = key and (key.state == ACCOUNT or endpoint.scope in key.scopes or endpoint.group == "profile")
                refused = None if let_in else account.OUT_OF_SCOPE
            else:
                refused = check_fields(endpoint, params)
            if refused is not None:
                return refused
        # An endpoint that has no operation yet (a test names it) succeeds without an effect.
        operation = OPERATIONS.get(call.scope)
        try:
            made = operation(self._account, params) if operation else None
        except Missing as error:
            return error.reply
        return made if isinstance(made, Reply) else account.success(made)


def check_key(call: ApiRequest, key: EmulatedKey | None) -> Reply | None:
    """ManyChat's complaint about the key, which is the one of the call if that is known; None if all is well."""
    if not call.authorization:
        return account.NO_KEY
    if not call.key or not call.authorization.lower().startswith("bearer "):
        return account.MALFORMED_KEY
    if key is None or key.state == REVOKED:
        return account.UNKNOWN_KEY
    return {MALFORMED: account.MALFORMED_KEY, UNINSTALLED: account.UNINSTALLED}.get(key.state)


def check_fields(endpoint: Endpoint, params: object) -> Reply | None:
    """ManyChat's complaint about missing or badly formed fields, of the types in the catalogue; None if all is well."""
    if not isinstance(params, dict):
        return account.invalid("The body is not a JSON object")  # a guess
    complaints = []
    for name, kind in endpoint.required.items():
        value = params.get(name)
        if value is None or value == "":
            complaints.append(f"{name} cannot be blank.")
        elif not _FORMS[kind](value):
            complaints.append(f"{name} must be an {kind}." if kind[0] in "aio" else f"{name} must be a {kind}.")
    return account.invalid(*complaints) if complaints else None


# Of an integer the digits as a text are taken as well (seen).
_FORMS: dict[str, Callable[[Any], bool]] = {
    "integer": lambda value: type(value) is int or (isinstance(value, str) and value.isdigit()),
    "array": lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value),
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, dict),
    "any": lambda _: True,
}


# --- answers from a recording


def _recorded(one: Exchange, status: int) -> Reply:
    if status in (204, 304):  # which have no body
        return Reply(status, b"", (("Location", "/"),) if status == 304 else ())
    if one.problem == "html":
        return account.page(status, "A web page")
    if one.problem == "redirect":
        return account.page(status, "Elsewhere", Location="https://elsewhere.invalid/")
    headers = [("Content-Type", "text/plain" if one.problem == "content-type" else "application/json")]
    if one.problem == "encoding":
        headers.append(("Content-Encoding", "br"))
    if one.retry_after is not None:
        headers.append(("Retry-After", str(one.retry_after)))
    if one.problem in ("not-json", "too-large"):
        return Reply(status, b"{" if one.problem == "not-json" else b" " * _TOO_LARGE, tuple(headers))
    outline = one.outline if isinstance(one.outline, dict) else {}
    body = {name: _made_up(value) for name, value in outline.items() if name.isascii()}
    said = {"status": one.api_status, "message": one.message}
    body |= {name: text for name, text in said.items() if text or isinstance(body.get(name), str)}
    if one.code is None:
        body.pop("code", None)
    else:
        body["code"] = one.code
    if "details" in body or one.details:
        body["details"] = {"messages": [{"message": text} for text in one.details]}
    return Reply(status, json.dumps(body).encode(), tuple(headers))


def _made_up(outline: Any) -> Any:
    if isinstance(outline, dict):
        return {name: _made_up(value) for name, value in outline.items() if name.isascii()}
    if isinstance(outline, list):
        return [_made_up(outline[0])] if outline else []
    return _VALUES.get(outline) if isinstance(outline, str) else None
