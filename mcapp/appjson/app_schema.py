"""schemas/app.schema.json, read once: whether data fits it, which keys its objects have, and which of them a file is.

jsonschema would say the same, but takes 30 ms to import and 690 us for a document of 2 kB. Reading the schema here
takes 0.7 ms, and a document of 2 kB 17 us. Tests compare the two on thousands of damaged documents.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from json import loads
from types import NoneType
from typing import Any, NamedTuple

from mcapp import schemas
from mcapp.document.places import Path
from mcapp.errors import nearest

# The types as the JSON reader makes them. The schema does not use "integer".
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (NoneType,),
}
Types = frozenset[type]
ANY: Types = frozenset(each for types in TYPES.values() for each in types)


class SchemaNode:
    """A subschema, with `$ref` followed. It has the keywords that app.schema.json uses; a test names them.

    `types` are the classes that a value may have, `properties` the keys of an object with their nodes, `values` the
    node of its other keys, `items` that of an array's entries, `deep` whether more than `types` is to be checked.
    `known` are the types of each known key, those that depend on a condition (`then`) included. `children` are the
    known keys whose values, or whose entries if the third is true, are objects with a name: (key, name, many).
    """

    __slots__ = (
        *("children", "condition", "const", "deep", "items", "known", "most", "least", "properties", "required"),
        *("then", "types", "values"),
    )

    def __init__(
        self, schema: dict[str, Any], node_of: "Callable[[dict[str, Any]], SchemaNode]", object_names: "Names"
    ) -> None:
        names = schema.get("type", TYPES)
        self.types = frozenset(each for name in ([names] if isinstance(names, str) else names) for each in TYPES[name])
        self.required = tuple(schema.get("required", ()))
        self.properties = {key: node_of(value) for key, value in schema.get("properties", {}).items()}
        self.values, self.items, self.condition, self.then = (
            node_of(schema[keyword]) if keyword in schema else None
            for keyword in ("additionalProperties", "items", "if", "then")
        )
        self.least = schema.get("minItems", 0)
        self.most = schema.get("maxItems")
        self.const = schema.get("const")
        self.deep = not schema.keys().isdisjoint(_DEEP)
        known = {**self.properties, **(self.then.properties if self.then else {})}
        self.known: dict[str, Types] = {key: node.types for key, node in known.items()}
        self.children: tuple[tuple[str, str, bool], ...] = tuple(
            (key, object_names[inner], inner is not node)
            for key, node in known.items()
            for inner in (node, node.items)
            if inner in object_names
        )


# The names of the nodes that are objects with known keys.
Names = dict[SchemaNode | None, str]
_DEEP = frozenset(
    ("required", "properties", "additionalProperties", "items", "minItems", "maxItems", "const", "if", "then")
)


def _read() -> dict[str, SchemaNode]:
    schema = loads(schemas.text("app"))
    made: dict[str, SchemaNode] = {}
    names: Names = {}

    def node(part: dict[str, Any]) -> SchemaNode:
        """The node of a subschema; that of a definition is made once."""
        if "$ref" not in part:
            return SchemaNode(part, node, names)
        name = part["$ref"].removeprefix("#/$defs/")
        if name not in made:
            made[name] = SchemaNode(schema["$defs"][name], node, names)
            if made[name].properties:
                names[made[name]] = name
        return made[name]

    app = node(schema)
    return {"app": app, **{name: made[name] for name in names.values()}}


# The objects of App JSON by name: app, auth, param, connection, request, mapping, action, form, source, choice, ...
OBJECTS: Mapping[str, SchemaNode] = _read()
KEYS: Mapping[str, tuple[str, ...]] = {name: tuple(node.known) for name, node in OBJECTS.items()}


Checks = Mapping[SchemaNode, Callable[[dict[str, Any]], bool]]


def accepts(data: object, name: str = "app", checks: Checks | None = None) -> bool:
    """Whether `data`, as the JSON reader makes it, fits the schema of the object `name` (a key of OBJECTS).

    `checks` has something else that the objects of a node must satisfy.
    """
    return _suits(data, OBJECTS[name], checks or {})


def _fits(value: Any, node: SchemaNode, checks: Checks) -> bool:
    """Whether a value of one of the node's types fits the rest of the node."""
    if value.__class__ is dict:
        if node in checks and not checks[node](value):
            return False
        for key in node.required:
            if key not in value:
                return False
        properties, values = node.properties, node.values
        for key, item in value.items():
            inner = properties.get(key, values)
            if inner is not None and (
                item.__class__ not in inner.types or (inner.deep and not _fits(item, inner, checks))
            ):
                return False
    elif value.__class__ is list:
        if len(value) < node.least or (node.most is not None and len(value) > node.most):
            return False
        inner = node.items
        if inner is not None:
            for item in value:
                if item.__class__ not in inner.types or (inner.deep and not _fits(item, inner, checks)):
                    return False
    if node.const is not None and value != node.const:
        return False
    if node.condition is None or node.then is None:
        return True
    return not _fits(value, node.condition, checks) or _fits(value, node.then, checks)


def smaller(value: Any, node: SchemaNode, path: tuple[Any, ...], origins: dict[tuple[Any, ...], list[int]]) -> Any:
    """The value with hardly more than what does not fit the node: jsonschema takes 350 ms for a whole MB.

    `origins` gets, for each list (by its path in the value), the indices of the entries that are left.
    """
    if value.__class__ is dict and node.condition is None:
        found = {}
        for key, item in value.items():
            inner = node.properties.get(key, node.values)
            if inner is not None and (key in node.required or not _suits(item, inner, {})):
                found[key] = smaller(item, inner, (*path, key), origins)
        return found
    if value.__class__ is list and node.items is not None and node.most is None:
        inner = node.items
        # A list that fits keeps an entry, because without any it might not.
        left = [index for index, item in enumerate(value) if not _suits(item, inner, {})] or [0][: len(value)]
        origins[path] = left
        return [smaller(value[index], inner, (*path, index), origins) for index in left]
    return value


def _suits(value: Any, node: SchemaNode, checks: Checks) -> bool:
    return value.__class__ in node.types and (not node.deep or _fits(value, node, checks))


APP, AUTH, REQUEST = "app", "auth", "request"
KINDS = (APP, AUTH, REQUEST)


class Kind(NamedTuple):
    """What a document is (None: unknown), and the paths of its `auth` and its auth.request, if it has them."""

    name: str | None
    auth: Path | None = None
    request: Path | None = None


def at(data: Any, path: Path | None) -> Any:
    """The value at a path that exists in the data; None without a path."""
    if path is None:
        return None
    for key in path:
        data = data[key]
    return data


def kind_of(data: object, kind: str | None = None) -> Kind:
    """The kind of `data`: `kind` if the user named it, otherwise by its keys, misspelt ones included.

    `{"auth": …}` alone is AUTH; with any further key of an App JSON it is an APP. An object without a known key counts
    as an APP, because that is what most files are; anything but an object has no kind.
    """
    if not isinstance(data, dict):
        return Kind(kind)
    if kind is None:
        within = ((APP, AUTH), (AUTH, REQUEST), (REQUEST, REQUEST))
        kind = next((part if known == {part} else name for name, part in within if (known := _meant(data, name))), APP)
    if kind == REQUEST:
        key = member(data, REQUEST, AUTH)
        return Kind(REQUEST, None, () if key is None else (key,))
    key = member(data, AUTH, APP)
    if key is None and kind == APP:
        return Kind(APP)
    path = () if key is None else (key,)
    auth = at(data, path)
    if not isinstance(auth, dict):
        return Kind(kind)
    key = member(auth, REQUEST, AUTH)
    return Kind(kind, path, None if key is None else (*path, key))


def _meant(data: dict[str, object], name: str) -> set[str]:
    """Which keys of the object `name` the data has, misspelt ones included."""
    known = KEYS[name]
    # `requests`, a key of an action, is not a misspelt `request`.
    found = {key if key in known else None if key in _ANYWHERE else misspelt(key, known) for key in data}
    return {key for key in found if key}


_ANYWHERE = frozenset(key for keys in KEYS.values() for key in keys)


def member(data: dict[str, object], key: str, name: str) -> str | None:
    """The key under which `data`, an object `name` of the schema, has its `key`: itself, or a misspelling of it.

    None if there is neither. A value under a misspelt key is checked as what was meant, so that the one mistake is
    reported once.
    """
    if key in data:
        return key
    known = KEYS[name]
    return next((each for each in data if each not in known and misspelt(each, known) == key), None)


def misspelt(key: str, known: tuple[str, ...]) -> str | None:
    """The one of `known` that `key` is a misspelling of, if any: `actoins`, `Headers`, `pay_load`."""
    return _nearest(key, known) if len(key) <= _LONGEST else None


# Longer keys are not misspellings; and a file full of them must not fill the cache with megabytes.
_LONGEST = 30
_nearest = lru_cache(maxsize=1024)(nearest)
