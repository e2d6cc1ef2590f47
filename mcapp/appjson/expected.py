"""The shape that an App JSON should have, as the repair of a broken text weighs it.

It comes from the schema; what the schema cannot say in a way that helps there is added: an entry of `headers` is one
header, and a document may be the whole App JSON, its `auth` object or a `request`, which its first key shows.
"""

from functools import cache
from json import loads
from typing import Any

from mcapp import schemas
from mcapp.document.repair.machine import ANYTHING, ARRAY, LITERAL, NUMERIC, OBJECT, TEXT, Shape

_KINDS = {"object": OBJECT, "array": ARRAY, "string": TEXT, "number": NUMERIC, "boolean": LITERAL, "null": LITERAL}


@cache
def expected() -> Shape:
    """The shape of any document that can be checked."""
    schema = loads(schemas.text("app"))
    definitions = schema["$defs"]

    @cache
    def defined(name: str) -> Shape:
        return shape(definitions[name], is_header=False)

    def shape(node: dict[str, Any], *, is_header: bool) -> Shape:
        reference = node.get("$ref", "").removeprefix("#/$defs/")
        if reference:
            return defined(reference)
        types = node.get("type", [])
        types = [types] if isinstance(types, str) else types
        made = Shape(sum({_KINDS[each] for each in types}) or ANYTHING, header=is_header)
        if "properties" in node:
            members = {key: shape(value, is_header=False) for key, value in node["properties"].items()}
            made.expect(members, tuple(node.get("required", ())))
        if "items" in node:
            made.item = shape(node["items"], is_header=node is definitions["headerLines"])
        if isinstance(node.get("additionalProperties"), dict):
            made.item = shape(node["additionalProperties"], is_header=False)
        return made

    whole = shape(schema, is_header=False)
    auth, request = defined("auth"), defined("request")
    # Either may be the whole text, with its name or without.
    whole.first = {"": whole}
    fragment = Shape(OBJECT).expect({"auth": auth, "request": request})
    root = Shape(OBJECT)
    root.members = whole.members
    root.first = {
        "": whole,
        "request": fragment,
        **dict.fromkeys(("type", "params", "connection"), auth),
        **dict.fromkeys(("url", "method", "headers", "mapping", "payload"), request),
    }
    whole.first = {}
    return root
