"""What the repair of a broken text expects of it: an App JSON, its `auth` object or a `request`, by the schema."""

from functools import cache

from mcapp.appjson.app_schema import OBJECTS
from mcapp.document.repair.machine import Expected


@cache
def expected() -> Expected:
    """The shape of any document that can be checked, by its first key; an entry of `headers` is one header."""
    app, auth, request = OBJECTS["app"], OBJECTS["auth"], OBJECTS["request"]
    first = {key: node for node in (request, auth, app) for key in node.properties}
    return Expected(first, request.properties["headers"].items)
