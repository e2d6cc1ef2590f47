"""The catalogue of ManyChat's operations, as endpoints.toml has it. A scope is one endpoint: `GET /fb/page/getInfo`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mcapp.errors import UsageProblem, nearest

# The endpoint that every run asks first. It needs no parameter, and every published connector checks its key with it.
KEY_CHECK = "GET /fb/page/getInfo"

# Groups whose scopes an App Key can have; `profile` is listed, but takes another key.
GROUPS = ("page", "sending", "subscriber", "profile")

READ, EMPTY, NAMED, NEVER = "read", "empty", "named", "never"
SENDS = (READ, EMPTY, NAMED, NEVER)

GRADES = {
    "D": "documented by ManyChat",
    "S": "seen in recorded answers or in real code",
    "I": "inferred",
    "?": "unknown",
}

_NOTHING: Mapping[str, str] = MappingProxyType({})
_REFUSED = '400, if another POST of the run was refused on the same body with 401 "Wrong access token".'


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation, and its one harmless request. The fields are those that the head of endpoints.toml explains.

    `limit` is in requests a second, 0 where ManyChat states none.
    """

    scope: str
    summary: str
    send: str
    harmless: str
    grade: str
    evidence: str
    effect: str = ""
    granted: str = ""
    limit: int = 0
    deprecated: bool = False
    required: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    query: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.scope.partition(" ")[0]

    @property
    def path(self) -> str:
        """From the first slash on."""
        return self.scope.partition(" ")[2]

    @property
    def group(self) -> str:
        """`page` of `/fb/page/getInfo`; whatever is not below /fb is the Profile API."""
        first, second = self.path.split("/")[1:3]
        return second if first == "fb" else "profile"

    @property
    def mutates(self) -> bool:
        """Whether a real call would change something."""
        return bool(self.effect)


@cache
def load() -> tuple[Endpoint, ...]:
    """The catalogue, in its own order, which is the order of every report."""
    import tomllib

    rows = tomllib.loads(Path(__file__).with_name("endpoints.toml").read_text(encoding="utf-8"))["endpoint"]
    return tuple(map(_endpoint, rows))


def names() -> list[str]:
    """All scopes, for the shell's completion."""
    return [endpoint.scope for endpoint in load()]


def _endpoint(row: dict[str, Any]) -> Endpoint:
    """One row, with what is true of all requests of its kind. Raises ValueError for a row that does not fit."""
    values: dict[str, Any] = {}
    if row["send"] == READ and "query" not in row:
        values = {"harmless": "A read without parameters.", "granted": "200 with status success."}
    elif row["send"] in (EMPTY, NAMED):
        fields = " and ".join(", ".join(row.get("required", ())).rsplit(", ", 1))
        harmless = f"The body is {{}}: without {fields} ManyChat refuses it and changes nothing."
        values = {"harmless": harmless, "granted": _REFUSED}
    for name, value in row.items():
        values[name] = MappingProxyType(value) if isinstance(value, dict) else value
    endpoint = Endpoint(**values)
    if endpoint.send not in SENDS or endpoint.group not in GROUPS or endpoint.grade not in GRADES:
        raise ValueError(f"{endpoint.scope}: an unknown send, group or grade")
    return endpoint


def find(words: Iterable[str], endpoints: Iterable[Endpoint] | None = None) -> tuple[Endpoint, ...]:
    """The endpoints that `words` name, each `METHOD /path` or the bare path, in the catalogue's order.

    Raises UsageProblem for one that the catalogue does not know.
    """
    known = load() if endpoints is None else tuple(endpoints)
    named: set[str] = set()
    for word in words:
        method, _, path = word.strip().rpartition(" ")
        method = method.strip().upper()
        scope = next((one.scope for one in known if one.path == path and method in ("", one.method)), None)
        if scope is None:
            raise UsageProblem(f"unknown scope {word!r}", hint=suggestion(path, known), code="unknown-scope")
        named.add(scope)
    return tuple(endpoint for endpoint in known if endpoint.scope in named)


def suggestion(path: str, known: tuple[Endpoint, ...] | None = None) -> str:
    """A hint for an unknown path: the scopes that end alike, else those that look alike."""
    known = known or load()
    name = path.rpartition("/")[2].lower()
    near = [endpoint.scope for endpoint in known if endpoint.path.rpartition("/")[2].lower() == name]
    if not near:
        paths = {endpoint.path: endpoint.scope for endpoint in known}
        names = {endpoint.path.rpartition("/")[2]: endpoint.scope for endpoint in known}
        meant = nearest(path, paths) or nearest(name, names)
        near = [(paths | names)[meant]] if meant else []
    return f"did you mean {' or '.join(near)}?" if near else "mcapp endpoints lists them all"
