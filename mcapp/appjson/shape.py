"""Where the data has another shape than App JSON: what the schema rejects, and what it lets pass without knowing it.

Both are computed once per document and reach the rules as Facts.shape_issues and Facts.odd_keys. A document that fits
costs two walks (15 us each for 2 kB); only for one that does not fit jsonschema is imported (40 ms).
"""

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.accept import PLACES, accept
from mcapp.appjson.kinds import APP, APP_KEYS, AUTH, AUTH_KEYS, REQUEST, member, misspelt
from mcapp.document.places import Path

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from mcapp.document import Document

# A file can be wrong in as many places as it has values. Nobody reads more than this many findings of one file.
LIMIT = 1000

# The values of `type` that are known (D, S), and what should be there though nothing is rejected for lack of it.
KNOWN_TYPES = {
    "auth": ("APIKEY",),
    "form": ("string", "number", "select"),
    "mapping": ("string", "number"),
    "source": ("enum:static", "enum:rpc"),
}
ADVISED = {APP: "auth", "action": "description", "trigger": "description"}


class ShapeIssue(NamedTuple):
    """One place with another shape than expected. `rule` names the rule that reports it and tells how to read the rest.

    `path` leads to the value of the wrong type, to the object or array that lacks something, or to the member with the
    odd key; `value` is what stands there. `place` is the key in PLACES of the object that this concerns, `expected`
    holds the types or values that would do. `key` is the key that is missing or meant; `written` the misspelt key that
    stands there instead of a missing one; `renames` says that renaming it gives a member of the right type.
    """

    rule: str
    path: Path
    value: object
    place: str = APP
    expected: tuple[str, ...] = ()
    key: str | None = None
    written: str | None = None
    renames: bool = False


def issues(document: "Document", kind: str | None) -> tuple[ShapeIssue, ...]:
    """What the schema rejects: one issue per root cause, and none about what something unclosed may lack."""
    if not document.readable:
        return ()
    base, place, value = _part(document.data, kind)
    if accept(value, place):
        return ()
    return tuple(islice(_explain(document, base, place, value), LIMIT))


def odd_keys(document: "Document", kind: str | None) -> tuple[ShapeIssue, ...]:
    """Keys that the schema lets pass though no known App JSON has them so: unknown or misspelt ones, types that nobody
    has seen, a list as payload, and those that are missing and should not be.
    """
    if not document.readable:
        return ()
    data: Any = document.data
    base, place, value = _part(data, kind)
    found: list[ShapeIssue] = []
    if base:  # {"request": {…}}: an object that the schema does not have
        found.extend(_odd_keys((), data, {place: (object,)}, place))
    todo = [(base, place, value)]
    while todo and len(found) < LIMIT:
        path, place, value = todo.pop()
        if not isinstance(value, dict):
            continue
        types, required, children = PLACES[place]
        if place in KNOWN_TYPES:
            type_ = value.get("type")
            if isinstance(type_, str) and type_ not in KNOWN_TYPES[place]:
                found.append(ShapeIssue("unknown-type", (*path, "type"), type_, place, KNOWN_TYPES[place]))
            if place == "source" and "type" in value and type_ != "enum:static":
                continue  # the body of an enum:rpc is documented nowhere, that of another type even less
        advised = ADVISED.get(place)
        lacks = advised is not None and advised not in value
        if lacks or not value.keys() <= types.keys():
            odd = _odd_keys(path, value, types, place)
            closed = path not in document.guessed
            # A required key that is missing or misspelt is one finding, and an error: see issues().
            found.extend(issue for issue in odd if not (closed and issue.key in required))
            if lacks and closed and all(issue.key != advised for issue in odd):
                found.append(ShapeIssue(f"missing-{advised}", path, value, place, (), advised))
        if place == REQUEST and isinstance(value.get("payload"), list):
            found.append(ShapeIssue("payload-list", (*path, "payload"), value["payload"], place))
        for key, child, many in children:
            inner = value.get(key)
            if not many:
                todo.append(((*path, key), child, inner))
            elif isinstance(inner, list):
                todo.extend([((*path, key, index), child, item) for index, item in enumerate(inner)])
    return tuple(found)


def _part(data: Any, kind: str | None) -> tuple[Path, str, Any]:
    """Where the schema begins, and with which of its places: at the whole App JSON, or at the part that this is."""
    if kind in (AUTH, REQUEST) and isinstance(data, dict):
        key = member(data, kind, APP_KEYS if kind == AUTH else AUTH_KEYS)
        if key is not None:
            return (key,), kind, data[key]
    return (), kind or APP, data


def _odd_keys(path: Path, value: dict[str, Any], types: dict[str, tuple[type, ...]], place: str) -> list[ShapeIssue]:
    """The keys that are not known: misspelt, if a known one that is absent looks like it."""
    found, meant = [], _meant(value, types)
    for key in value:
        if key in meant:
            right = meant[key]
            fits = isinstance(value[key], types[right])
            found.append(ShapeIssue("misspelt-key", (*path, key), value[key], place, (), right, key, fits))
        elif key not in types:
            found.append(ShapeIssue("unknown-key", (*path, key), value[key], place, tuple(types), None, key))
    return found


def _meant(value: dict[str, Any], types: dict[str, tuple[type, ...]]) -> dict[str, str]:
    """The misspelt keys of an object, each with the known key that it stands for."""
    found: dict[str, str] = {}
    known = tuple(types)
    for key in value:
        right = None if key in types else misspelt(key, known)
        if right is not None and right not in value and right not in found.values():
            found[key] = right
    return found


@cache
def _validator(place: str) -> "Draft202012Validator":
    from json import loads

    from jsonschema import Draft202012Validator

    from mcapp import schemas

    schema = loads(schemas.text("app"))
    return Draft202012Validator(schema if place == APP else {"$defs": schema["$defs"], "$ref": f"#/$defs/{place}"})


def _explain(document: "Document", base: Path, place: str, value: Any) -> Iterator[ShapeIssue]:
    """The errors of jsonschema as issues."""
    smaller, origins = _without_what_fits(value, place)
    told = set()
    for error in _validator(place).iter_errors(smaller):
        path = tuple(error.absolute_path)
        if len(path) > 1 and path[0] in origins:
            path = (path[0], origins[path[0]][path[1]], *path[2:])
        for issue in _translate(document, base, place, path, error):
            if (issue.rule, issue.path) not in told:
                told.add((issue.rule, issue.path))
                yield issue


def _without_what_fits(value: Any, place: str) -> tuple[Any, dict[Any, list[int]]]:
    """The value with only the list entries that do not fit, and their indices: jsonschema needs 350 ms for a MB."""
    if not isinstance(value, dict):
        return value, {}
    smaller, origins = dict(value), {}
    for key, child, many in PLACES[place].children:
        entries = value.get(key)
        if many and isinstance(entries, list) and entries:
            bad = [index for index, entry in enumerate(entries) if not accept(entry, child)]
            if not bad and key not in PLACES[place].required:
                del smaller[key]
                continue
            bad = bad or [0]  # an empty list would be a mistake of its own
            smaller[key], origins[key] = [entries[index] for index in bad], bad
    return smaller, origins


def _translate(document: "Document", base: Path, place: str, path: Path, error: Any) -> Iterator[ShapeIssue]:
    """One error of jsonschema; `path` leads from `base`, where `place` begins, to where it is."""
    value, whole = error.instance, (*base, *path)
    if error.validator in ("required", "minItems"):
        if whole in document.guessed:
            return
        if error.validator == "minItems":
            yield ShapeIssue(f"missing-{path[-1]}", whole, value)
            return
        place = _place_at(place, path)
        types = PLACES[place].types
        written = {right: key for key, right in _meant(value, types).items()}
        for key in error.validator_value:
            if key not in value:
                odd = written.get(key)
                fits = odd is not None and isinstance(value[odd], types[key])
                yield ShapeIssue(f"missing-{key}", whole, value, place, (), key, odd, fits)
    elif path[-2:-1] == ("headers",) and isinstance(path[-1], int) and isinstance(value, dict):
        # One cause for all entries: [{"Content-Type": "…"}, …]
        yield ShapeIssue("headers-not-a-list", whole[:-1], _at(document.data, whole[:-1]))
    else:
        # "type", and "maxItems" by which an array that stands for a connection must be empty.
        types_ = ["object"] if error.validator == "maxItems" else error.schema["type"]
        expected = (types_,) if isinstance(types_, str) else tuple(types_)
        rule = "wrong-type"
        if path[-1:] == ("headers",) and isinstance(value, dict | list):
            rule = "headers-not-a-list" if isinstance(value, dict) else "headers-not-an-object"
        yield ShapeIssue(rule, whole, value, _place_at(place, path[:-1]), expected)


def _place_at(place: str, path: Path) -> str:
    """The place of the schema that has the object at `path`."""
    for key in path:
        place = next((child for name, child, _ in PLACES[place].children if name == key), place)
    return place


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data
