"""Where the data has another shape than App JSON: what the schema refuses, and likely mistakes that it allows.

Both are computed once per document and reach the rules as Facts.issues. A document that has none costs one walk (17 us
for 2 kB); jsonschema is imported only for one that does not fit (30 ms and more).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from mcapp.appjson.app_schema import ANY, APP, AUTH, OBJECTS, REQUEST, Types, accepts, at, member, misspelt, smaller
from mcapp.document import Document, nothing_collected
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
    `value` is the value there. `owner` is the name of the schema's object concerned (of a misplaced key: the one that
    it belongs in), `expected` are the types or values that would do. `key` is the key that is missing or was meant;
    `fits` says that the value has a type that this key may have.
    """

    rule: str
    path: Path
    value: object
    owner: str = APP
    expected: tuple[str, ...] = ()
    key: str | None = None
    fits: bool = False


def all_issues(document: Document, kind: str | None, most: int | None = LIMIT) -> tuple[ShapeIssue, ...]:
    """Everything that this module knows of a document; `most` of what the schema refuses (None: all)."""
    base, name, value = _part(document.data, kind)
    if not base and accepts(value, name, _USUAL):
        return ()
    unknown = unknown_keys(document, kind)
    return (*unknown, *issues(document, kind, unknown, most))


def _is_usual(known: Set[str], advised: str | None, types: tuple[str, ...] | None, value: dict[str, Any]) -> bool:
    """Whether `unknown_keys` certainly has nothing to say of an object itself."""
    return (
        value.keys() <= known
        and (advised is None or advised in value)
        and (types is None or value.get("type") in types)
        and value.get("payload").__class__ is not list
    )


_USUAL = {
    node: partial(_is_usual, node.known.keys(), ADVISED.get(name), KNOWN_TYPES.get(name))
    for name, node in OBJECTS.items()
}


def issues(
    document: Document, kind: str | None, unknown: Sequence[ShapeIssue] = (), most: int | None = LIMIT
) -> tuple[ShapeIssue, ...]:
    """What the schema refuses: one issue per root cause, and none about what an unclosed object or array may lack.

    `unknown` are the `unknown_keys` of the document: misspelt keys are read as what was meant.
    """
    if not document.readable:
        return ()
    base, name, value = _part(document.data, kind)
    renamed = {issue.path: str(issue.key) for issue in unknown if issue.rule == "misspelt-key"}
    if renamed:
        value = _as_meant(value, base, renamed)
    if accepts(value, name):
        return ()
    elsewhere = {(issue.owner, issue.key) for issue in unknown if issue.rule == "misplaced-key"}
    written = {(path[:-1], right): path[-1] for path, right in renamed.items()}
    return tuple(islice(_explain(document, base, name, value, written, elsewhere), most))


def _as_meant(value: Any, path: Path, renamed: Mapping[Path, str]) -> Any:
    """A copy of the value with its misspelt keys renamed."""
    if isinstance(value, dict):
        return {renamed.get(at := (*path, key), key): _as_meant(item, at, renamed) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_meant(item, (*path, index), renamed) for index, item in enumerate(value)]
    return value


def unknown_keys(document: Document, kind: str | None) -> tuple[ShapeIssue, ...]:
    """Likely mistakes that the schema allows: unknown, misspelt or misplaced keys, unknown types, a list as payload,
    and keys that should be present.
    """
    if not document.readable:
        return ()
    data: Any = document.data
    base, name, value = _part(data, kind)
    found: list[ShapeIssue] = []
    around: tuple[tuple[str, Any], ...] = ()  # the objects that contain this one, from the inside
    if base:  # {"request": {…}}: an object that the schema does not have
        found.extend(_unknown_in((), data, name, {name: ANY}, ()))
        around = ((APP if name == AUTH else AUTH, data),)
    todo = [(base, name, value, around)]
    while todo:
        path, name, value, around = todo.pop()
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
        written: dict[str | None, Any] = {}
        if lacks or not value.keys() <= node.known.keys():
            unknown = _unknown_in(path, value, name, node.known, around)
            found.extend(unknown)
            written = {issue.key: issue.path[-1] for issue in unknown if issue.rule == "misspelt-key"}
            if lacks and advised not in written and path not in document.guessed:
                found.append(ShapeIssue(f"missing-{advised}", path, value, name, (), advised))
        if name == REQUEST and isinstance(value.get("payload"), list):
            found.append(ShapeIssue("payload-list", (*path, "payload"), value["payload"], name))
        if node.children:
            around = ((name, value), *around)
        for key, child, many in node.children:
            key = written.get(key, key)  # where it stands
            inner = value.get(key)
            if not many:
                todo.append(((*path, key), child, inner, around))
            elif isinstance(inner, list):
                todo.extend([((*path, key, index), child, item, around) for index, item in enumerate(inner)])
    return tuple(found)


def _part(data: Any, kind: str | None) -> tuple[Path, str, Any]:
    """Where the schema begins, and with which of its objects: the whole App JSON, or the part that the file holds."""
    if kind in (AUTH, REQUEST) and isinstance(data, dict):
        key = member(data, kind, APP if kind == AUTH else AUTH)
        if key is not None:
            return (key,), kind, data[key]
    return (), kind or APP, data


def _unknown_in(
    path: Path, value: dict[str, Any], name: str, known: Mapping[str, Types], around: tuple[tuple[str, Any], ...]
) -> list[ShapeIssue]:
    """The unknown keys of an object: misspelt, if a known key that is absent is near; misplaced, if it is the key of
    a part that an object around this one, or the `auth` beside it, lacks, or of one that belongs further inside.
    """
    found: list[ShapeIssue] = []
    names = tuple(known)
    taken = set(value)
    homes = dict(around)
    if name == APP and isinstance(value.get(AUTH), dict):
        homes[AUTH] = value[AUTH]
    for each in WITHIN[name]:
        homes.setdefault(each, {})
    for key, item in value.items():
        if key in known:
            continue
        right = misspelt(key, names) if len(found) < LIMIT else None
        if right is not None and right not in taken:
            taken.add(right)
            found.append(
                ShapeIssue("misspelt-key", (*path, key), item, name, (), right, item.__class__ in known[right])
            )
            continue
        places = [owner for owner, there in homes.items() if key not in there]
        home = next((owner for owner in places if item.__class__ in _PARTS[owner].get(key, ())), None)
        if home is not None:
            found.append(ShapeIssue("misplaced-key", (*path, key), item, home, (name,), key))
        else:
            found.append(ShapeIssue("unknown-key", (*path, key), item, name, names))
    return found


def _within(name: str) -> tuple[str, ...]:
    """The names of all objects that an object contains, the nearest first."""
    found = [name]
    for each in found:
        found += [child for _, child, _ in OBJECTS[each].children if child not in found]
    return tuple(found[1:])


# The keys of an object whose values are objects or lists, with their types.
_PARTS = {
    name: {key: types for key, types in node.known.items() if types.isdisjoint((str, int, float, bool))}
    for name, node in OBJECTS.items()
}
WITHIN = {name: _within(name) for name in OBJECTS}


@cache
def _validator(name: str) -> "Draft202012Validator":
    from json import loads

    from mcapp import schemas

    with nothing_collected():  # none of the objects that the import makes is garbage
        from jsonschema import Draft202012Validator

    schema = loads(schemas.text("app"))
    definitions = schema.pop("$defs")

    def written_out(part: Any) -> Any:
        """The schema with its definitions in place: looking up a reference takes as long as three other keywords."""
        if isinstance(part, dict):
            if "$ref" in part:
                return written_out(definitions[part["$ref"].removeprefix("#/$defs/")])
            return {keyword: written_out(value) for keyword, value in part.items()}
        return part

    return Draft202012Validator(written_out(schema if name == APP else definitions[name]))


def _explain(
    document: Document,
    base: Path,
    name: str,
    value: Any,
    written: Mapping[tuple[Path, Any], Any],
    elsewhere: Set[tuple[str, str | None]],
) -> Iterator[ShapeIssue]:
    """The errors of jsonschema as issues. `written` are the misspelt keys, by their object's path and what was meant;
    `elsewhere` are the (object, key) pairs that stand in a wrong place, and are not missing.
    """
    origins: dict[Path, list[int]] = {}
    seen = set()
    for error in _validator(name).iter_errors(smaller(value, OBJECTS[name], (), origins)):
        path: Path = ()
        whole = base
        for step in error.absolute_path:
            there = origins[path][step] if path in origins and isinstance(step, int) else step
            path = (*path, there)
            whole = (*whole, written.get((whole, there), there))
        for issue in _translate(document, name, path, whole, error):
            place = issue.path
            # That a misspelt key has a wrong value too is worth saying when it is spelt right.
            misread = issue.rule == "wrong-type" and bool(path) and written.get((place[:-1], path[-1])) == place[-1]
            if (issue.rule, place) not in seen and (issue.owner, issue.key) not in elsewhere and not misread:
                seen.add((issue.rule, place))
                yield issue


def _translate(document: Document, name: str, path: Path, whole: Path, error: Any) -> Iterator[ShapeIssue]:
    """One error of jsonschema; `path` leads to it from the schema's object `name`, `whole` from the root of the file,
    through misspelt keys.
    """
    value = at(document.data, whole)
    if error.validator in ("required", "minItems"):
        if whole in document.guessed:
            return
        if error.validator == "minItems":
            yield ShapeIssue(f"missing-{path[-1]}", whole, value)
            return
        owner = _owner(name, path)
        for key in error.validator_value:
            if key not in error.instance:
                yield ShapeIssue(f"missing-{key}", whole, value, owner, (), key)
    elif path[-2:-1] == ("headers",) and isinstance(path[-1], int) and isinstance(value, dict):
        # One cause for all entries: [{"Content-Type": "…"}, …]
        yield ShapeIssue("headers-not-a-list", whole[:-1], at(document.data, whole[:-1]))
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
