"""The keys that the emulator knows. They are made up; a real key does not belong here."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mcapp import config, files
from mcapp.errors import ConfigProblem, InputProblem, UsageProblem
from mcapp.scopes.catalogue import GROUPS, find, load

# What ManyChat does with a key.
WORKING, UNINSTALLED, REVOKED, MALFORMED, ACCOUNT = "working", "uninstalled", "revoked", "malformed", "account"
STATES = {
    WORKING: "lets its scopes in, answers 401 Wrong access token to the others",
    UNINSTALLED: "the app was uninstalled: 500 on every call",
    REVOKED: "ManyChat no longer knows it: 401 Wrong token on every call",
    MALFORMED: "it does not look like a key: 401 Wrong format token on every call",
    ACCOUNT: "an account's own API key, which has no scopes: everything is let in",
}

_FILE = {"keys": [{"name": "text", "key": "text", "scopes": "strings", "state": tuple(STATES)}]}


@dataclass(frozen=True, slots=True)
class EmulatedKey:
    """A key: its value, its scopes in full, its state (one of STATES), and the name that the journal calls it.

    Raises UsageProblem for an unknown state.
    """

    value: str
    scopes: frozenset[str] = frozenset()
    state: str = WORKING
    name: str = ""

    def __post_init__(self) -> None:
        if self.state not in STATES:
            raise UsageProblem(f"unknown state {self.state!r}", hint=f"the states are: {', '.join(STATES)}")


def scopes_of(words: Iterable[str]) -> frozenset[str]:
    """The scopes that `words` name: scopes, groups, `reads`, `writes`, or `*` for all. Raises UsageProblem.

    No App Key reaches the Profile API, so `*` does not contain it.
    """
    every = [endpoint for endpoint in load() if endpoint.group != "profile"]
    sets = {group: [endpoint for endpoint in every if endpoint.group == group] for group in GROUPS}
    sets |= {"*": every, "all": every}
    sets |= {"reads": [one for one in every if not one.mutates], "writes": [one for one in every if one.mutates]}
    return frozenset(one.scope for word in words for one in (sets[word] if word in sets else find([word], every)))


def samples() -> tuple[EmulatedKey, ...]:
    """One key for each thing that can be the matter with one; what `mcapp emulate` knows without a file."""
    cases: dict[str, tuple[str, list[str]]] = {
        "all": (WORKING, ["*"]),
        "reads": (WORKING, ["reads"]),
        "some": (WORKING, ["GET /fb/page/getInfo", "GET /fb/page/getTags", "POST /fb/sending/sendContent"]),
        "none": (WORKING, []),
        "uninstalled": (UNINSTALLED, ["*"]),
        "revoked": (REVOKED, ["*"]),
        "account": (ACCOUNT, []),
    }
    return tuple(
        EmulatedKey(f"emulated-{name}", scopes_of(words), state, name) for name, (state, words) in cases.items()
    )


def read_file(path: str) -> tuple[EmulatedKey, ...]:
    """The keys of a TOML file with one `[[keys]]` table each. Raises ConfigProblem.

    [[keys]]
    name = "shop-a"
    key = "made-up-key-of-shop-a"
    scopes = ["page", "POST /fb/sending/sendContent"]
    state = "working"
    """
    try:
        content = files.parse_toml(files.read(path), path)
    except InputProblem as error:
        raise ConfigProblem(error.message, hint=error.hint, path=path) from None
    config.check(Path(path), content, _FILE)
    found: list[EmulatedKey] = []
    for number, row in enumerate(content.get("keys", ()), 1):
        value, problem, hint = row.get("key", ""), "", ""
        if not value:
            problem = "it has no `key`"
        elif not value.isascii() or not value.isprintable() or " " in value:
            problem, hint = "no request can carry this key", "a key is printable ASCII without spaces"
        elif any(value == key.value for key in found):
            problem = "this key is there twice"
        try:
            scopes = scopes_of(row.get("scopes", ()))
        except UsageProblem as error:
            problem, hint = error.message, error.hint
        if problem:
            raise ConfigProblem(f"{path}: [[keys]] number {number}: {problem}", hint=hint, path=path)
        found.append(EmulatedKey(value, scopes, row.get("state", WORKING), row.get("name") or f"key-{number}"))
    if not found:
        raise ConfigProblem(f"{path} has no [[keys]]", path=path)
    return tuple(found)
