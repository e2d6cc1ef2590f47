"""The keys that the emulator knows. They are made up; a real key does not belong here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mcapp import files
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

_FIELDS = {"name", "key", "scopes", "state"}


@dataclass(frozen=True, slots=True)
class EmulatedKey:
    """A key: its value, its scopes in full, its state (one of STATES), and the name that the journal calls it."""

    value: str
    scopes: frozenset[str] = frozenset()
    state: str = WORKING
    name: str = ""


def scopes_of(words: Iterable[str]) -> frozenset[str]:
    """The scopes that `words` name: scopes, groups, `reads`, `writes`, or `*` for all. Raises UsageProblem.

    No App Key reaches the Profile API, so `*` does not contain it.
    """
    pages = [endpoint for endpoint in load() if endpoint.group != "profile"]
    found: set[str] = set()
    for word in words:
        if word in ("*", "all"):
            found.update(endpoint.scope for endpoint in pages)
        elif word in ("reads", "writes"):
            found.update(endpoint.scope for endpoint in pages if endpoint.mutates == (word == "writes"))
        elif word in GROUPS:
            found.update(endpoint.scope for endpoint in pages if endpoint.group == word)
        else:
            found.update(endpoint.scope for endpoint in find([word], pages))
    return frozenset(found)


def samples() -> tuple[EmulatedKey, ...]:
    """One key for each thing that can be the matter with one; what `mcapp emulate` knows without a file."""
    return (
        EmulatedKey("emulated-all", scopes_of(["*"]), WORKING, "all"),
        EmulatedKey("emulated-reads", scopes_of(["reads"]), WORKING, "reads"),
        EmulatedKey(
            "emulated-some",
            scopes_of(["GET /fb/page/getInfo", "GET /fb/page/getTags", "POST /fb/sending/sendContent"]),
            WORKING,
            "some",
        ),
        EmulatedKey("emulated-none", frozenset(), WORKING, "none"),
        EmulatedKey("emulated-uninstalled", scopes_of(["*"]), UNINSTALLED, "uninstalled"),
        EmulatedKey("emulated-revoked", scopes_of(["*"]), REVOKED, "revoked"),
        EmulatedKey("emulated-account", frozenset(), ACCOUNT, "account"),
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
    rows = content.get("keys")
    if not isinstance(rows, list) or not rows or set(content) != {"keys"}:
        raise ConfigProblem("the file must hold [[keys]] tables and nothing else", path=path)
    found = tuple(_key(row, number, path) for number, row in enumerate(rows, 1))
    if len({key.value for key in found}) < len(found):
        raise ConfigProblem("the file holds a key twice", path=path)
    return found


def _key(row: object, number: int, path: str) -> EmulatedKey:
    where = f"{path}: [[keys]] number {number}"
    if not isinstance(row, Mapping):
        raise ConfigProblem(f"{where} is not a table", path=path)
    for name in row:
        if name not in _FIELDS:
            raise ConfigProblem(f"{where}: unknown key {name!r}", hint=f"the keys are: {', '.join(sorted(_FIELDS))}")
    value, state = _text(row, "key", where), _text(row, "state", where, WORKING)
    words = row.get("scopes", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ConfigProblem(f"{where}: `scopes` must be a list of strings")
    if state not in STATES:
        raise ConfigProblem(f"{where}: unknown state {state!r}", hint=f"the states are: {', '.join(STATES)}")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ConfigProblem(f"{where}: no request can carry this key", hint="a key is printable ASCII without spaces")
    try:
        scopes = scopes_of(words)
    except UsageProblem as error:
        raise ConfigProblem(f"{where}: {error.message}", hint=error.hint) from None
    return EmulatedKey(value, scopes, state, _text(row, "name", where, f"key-{number}"))


def _text(row: Mapping[str, Any], name: str, where: str, default: str = "") -> str:
    value = row.get(name, default)
    if not isinstance(value, str) or not value:
        raise ConfigProblem(f"{where}: `{name}` must be a string")
    return value
