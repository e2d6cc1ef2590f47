"""Where the data has another shape than App JSON: what the schema refuses, and likely mistakes that it allows.

Both are computed once per document and reach the rules as Facts.shape_issues and Facts.unknown_keys. A document that
fits costs two walks (17 us each for 2 kB); jsonschema is imported only for one that does not fit (30 ms and more).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.app_schema import ANY, OBJECTS, Types, accepts
from mcapp.appjson.kinds import APP, AUTH, REQUEST, member, misspelt
from mcapp.document import Document
from mcapp.document.places import Path

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

# A file can be wrong in as many places as it has values. Nobody reads more than this many findings of one file.
LIMIT = 1000

# The known values of `type` (D, S), and the keys that should be present though the schema does not require them.
KNOWN_TYPES = {
    "auth": ("APIKEY",),
    "form": ("string", "number", "select"),
    "mapping": ("string", "number"),
    "source": ("enum:static", "enum:rpc"),
}
ADVISED = {APP: "auth", "action": "description", "trigger": "description"}


class ShapeIssue(NamedTuple):
    """One place with another shape than expected. `rule` is the name of the rule that reports it.

    `path` leads to the value of the wrong type, to the object or array that lacks something, or to the unknown key;
    `value` is the value there. `owner` is the name of the schema's object concerned, `expected` are the types or values
    that would do. `key` is the key that is missing or was meant; `written` the misspelt key in place of a
    missing one; `renames` says that renaming it gives a member of the right type.
    """

    rule: str
    path: Path
    value: object
    owner: str = APP
    expected: tuple[str, ...] = ()
    key: str | None = None
    written: str | None = None
    renames: bool = False


def issues(document: Document, kind: str | None) -> tuple[ShapeIssue, ...]:
    """What the schema refuses: one issue per root cause, and none about what an unclosed object or array may lack."""
    if not document.readable:
        return ()
    base, name, value = _part(document.data, kind)
    if accepts(value, name):
        return ()
    return tuple(islice(_explain(document, base, name, value), LIMIT))


def unknown_keys(document: Document, kind: str | None) -> tuple[ShapeIssue, ...]:
    """Likely mistakes that the schema allows: unknown or misspelt keys, unknown types, a list as payload, and keys
    that should be present.
    """
    if not document.readable:
        return ()
    data: Any = document.data
    base, name, value = _part(data, kind)
    found: list[ShapeIssue] = []
    if base:  # {"request": {…}}: an object that the schema does not have
        found.extend(_unknown_in((), data, name, {name: ANY}))
    todo = [(base, name, value)]
    while todo and len(found) < LIMIT:
        path, name, value = todo.pop()
        if not isinstance(value, dict):
            continue
        node = OBJECTS[name]
        if name in KNOWN_TYPES:
            type_ = value.get("type")
            if isinstance(type_, str) and type_ not in KNOWN_TYPES[name]:
                found.append(ShapeIssue("unknown-type", (*path, "type"), type_, name, KNOWN_TYPES[name]))
            if name == "source" and "type" in value and type_ != "enum:static":
                continue  # the body of an enum:rpc is not documented, that of another type even less
        advised = ADVISED.get(name)
        lacks = advised is not None and advised not in value
        if lacks or not value.keys() <= node.known.keys():
            unknown = _unknown_in(path, value, name, node.known)
            closed = path not in document.guessed
            # A required key that is missing or misspelt is one finding, and an error: see issues().
            found.extend(issue for issue in unknown if not (closed and issue.key in node.required))
            if lacks and closed and all(issue.key != advised for issue in unknown):
                found.append(ShapeIssue(f"missing-{advised}", path, value, name, (), advised))
        if name == REQUEST and isinstance(value.get("payload"), list):
            found.append(ShapeIssue("payload-list", (*path, "payload"), value["payload"], name))
        for key, child, many in node.children:
            inner = value.get(key)
            if not many:
                todo.append(((*path, key), child, inner))
            elif isinstance(inner, list):
                todo.extend([((*path, key, index), child, item) for index, item in enumerate(inner)])
    return tuple(found)


def _part(data: Any, kind: str | None) -> tuple[Path, str, Any]:
    """Where the schema begins, and with which of its objects: the whole App JSON, or the part that the file holds."""
    if kind in (AUTH, REQUEST) and isinstance(data, dict):
        key = member(data, kind, APP if kind == AUTH else AUTH)
        if key is not None:
            return (key,), kind, data[key]
    return (), kind or APP, data


def _unknown_in(path: Path, value: dict[str, Any], name: str, known: Mapping[str, Types]) -> list[ShapeIssue]:
    """The unknown keys of an object: misspelt, if a known key that is absent is near."""
    found, meant = [], _meant(value, known)
    for key, item in value.items():
        if key in meant:
            fits = item.__class__ in known[meant[key]]
            found.append(ShapeIssue("misspelt-key", (*path, key), item, name, (), meant[key], key, fits))
        elif key not in known:
            found.append(ShapeIssue("unknown-key", (*path, key), item, name, tuple(known), None, key))
    return found


def _meant(value: dict[str, Any], known: Mapping[str, Types]) -> dict[str, str]:
    """The misspelt keys of an object, each with the known key that was meant."""
    found: dict[str, str] = {}
    names = tuple(known)
    for key in value:
        right = None if key in known else misspelt(key, names)
        if right is not None and right not in value and right not in found.values():
            found[key] = right
    return found


@cache
def _validator(name: str) -> "Draft202012Validator":
    import gc
    from json import loads

    from mcapp import schemas

    # None of the objects that the import makes is garbage, and searching them takes a tenth of its time.
    running = gc.isenabled()
    gc.disable()
    try:
        from jsonschema import Draft202012Validator
    finally:
        if running:
            gc.enable()

    schema = loads(schemas.text("app"))
    return Draft202012Validator(schema if name == APP else {"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})


def _explain(document: Document, base: Path, name: str, value: Any) -> Iterator[ShapeIssue]:
    """The errors of jsonschema as issues."""
    smaller, origins = _without_what_fits(value, name)
    seen = set()
    for error in _validator(name).iter_errors(smaller):
        path = tuple(error.absolute_path)
        if len(path) > 1 and path[0] in origins:
            path = (path[0], origins[path[0]][path[1]], *path[2:])
        for issue in _translate(document, base, name, path, error):
            if (issue.rule, issue.path) not in seen:
                seen.add((issue.rule, issue.path))
                yield issue


def _without_what_fits(value: Any, name: str) -> tuple[Any, dict[Any, list[int]]]:
    """The value with only those list entries that do not fit, and their indices: jsonschema needs 350 ms for a MB."""
    if not isinstance(value, dict):
        return value, {}
    smaller, origins = dict(value), {}
    for key, child, many in OBJECTS[name].children:
        entries = value.get(key)
        if many and isinstance(entries, list) and entries:
            bad = [index for index, entry in enumerate(entries) if not accepts(entry, child)]
            if not bad and key not in OBJECTS[name].required:
                del smaller[key]
                continue
            bad = bad or [0]  # an empty list would be a mistake of its own
            smaller[key], origins[key] = [entries[index] for index in bad], bad
    return smaller, origins


def _translate(document: Document, base: Path, name: str, path: Path, error: Any) -> Iterator[ShapeIssue]:
    """One error of jsonschema; `path` leads to it from `base`, where the schema's object `name` begins."""
    value, whole = error.instance, (*base, *path)
    if error.validator in ("required", "minItems"):
        if whole in document.guessed:
            return
        if error.validator == "minItems":
            yield ShapeIssue(f"missing-{path[-1]}", whole, value)
            return
        owner = _owner(name, path)
        known = OBJECTS[owner].known
        written = {right: key for key, right in _meant(value, known).items()}
        for key in error.validator_value:
            if key not in value:
                instead = written.get(key)
                fits = instead is not None and value[instead].__class__ in known[key]
                yield ShapeIssue(f"missing-{key}", whole, value, owner, (), key, instead, fits)
    elif path[-2:-1] == ("headers",) and isinstance(path[-1], int) and isinstance(value, dict):
        # One cause for all entries: [{"Content-Type": "…"}, …]
        yield ShapeIssue("headers-not-a-list", whole[:-1], _at(document.data, whole[:-1]))
    else:
        # "type", and "maxItems", which allows only an empty array in place of a connection.
        types = ["object"] if error.validator == "maxItems" else error.schema["type"]
        expected = (types,) if isinstance(types, str) else tuple(types)
        rule = "wrong-type"
        if path[-1:] == ("headers",) and isinstance(value, dict | list):
            rule = "headers-not-a-list" if isinstance(value, dict) else "headers-not-an-object"
        yield ShapeIssue(rule, whole, value, _owner(name, path[:-1]), expected)


def _owner(name: str, path: Path) -> str:
    """The name of the schema's object at `path`, which leads from the object `name`."""
    for key in path:
        name = next((child for own, child, _ in OBJECTS[name].children if own == key), name)
    return name


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data
