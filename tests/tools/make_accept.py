"""Make mcapp/lint/accept.py from schemas/app.schema.json: `python tests/tools/make_accept.py`.

fastjsonschema turns the schema into Python. What it adds to explain a refusal is taken out again, because the module
only says yes or no and jsonschema explains: that spares the import of fastjsonschema (15 ms at every start) and halves
the time per document (2 kB: 13 us instead of 38; jsonschema needs 690).
"""

import ast
import json
from pathlib import Path
from typing import Any

import fastjsonschema

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "app.schema.json"
MODULE = ROOT / "mcapp" / "lint" / "accept.py"

HEAD = '''\
"""Say at once whether data fits the App JSON schema, and which keys it knows; nothing is explained here.

Generated from schemas/app.schema.json with fastjsonschema: change the schema, not this file, and run
`python tests/tools/make_accept.py`. A test makes it again and compares.
"""
# fmt: off
# ruff: noqa  (generated: its style is the generator's)
# mypy: ignore-errors
# (the generator looks at types through variables that mypy does not follow)

from types import NoneType
from typing import Any, NamedTuple


class Place(NamedTuple):
    """An object that the schema knows: its keys with their types, those that must be there, those that hold places.

    A child is (key, place, whether the key holds an array of them).
    """

    types: dict[str, tuple[type, ...]]
    required: tuple[str, ...]
    children: tuple[tuple[str, str, bool], ...]


def accept(data: object, place: str = "app") -> bool:
    """Whether `data` fits the schema of `place`, a key of PLACES: app, auth, request, action, ..."""
    try:
        _CHECKS[place](data)
    except _Refused:
        return False
    return True


class _Refused(Exception):
    pass

'''

PYTHON_TYPES = {
    "object": "dict",
    "array": "list",
    "string": "str",
    "number": "int, float",
    "boolean": "bool",
    "null": "NoneType",
}


def render() -> str:
    """The text of the module."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    del schema["$id"]  # with it every function would be named after the address
    places = {"app": schema, **schema["$defs"]}
    objects = {name: place for name, place in places.items() if "properties" in place}
    tree = ast.parse(fastjsonschema.compile_to_code(schema, use_default=False, use_formats=False))
    functions = [_Strip().visit(node) for node in tree.body if isinstance(node, ast.FunctionDef)]
    return "\n".join(
        (
            HEAD,
            *(f"{ast.unparse(ast.fix_missing_locations(node))}\n\n" for node in functions),
            "_CHECKS = {",
            *(f"    {name!r}: _{name.lower()}," for name in objects),
            "}",
            "",
            "PLACES = {",
            *(f"    {name!r}: {_place(place, places)}," for name, place in objects.items()),
            "}",
            "",
        )
    )


def _place(place: dict[str, Any], places: dict[str, Any]) -> str:
    types, children = [], []
    for key, value in (place["properties"] | place.get("then", {}).get("properties", {})).items():
        found = _referred(value, places)
        kinds = found.get("type", list(PYTHON_TYPES))
        kinds = [kinds] if isinstance(kinds, str) else kinds
        types.append(f"{key!r}: ({', '.join(PYTHON_TYPES[kind] for kind in kinds)},)")
        target = found.get("items", value).get("$ref")
        if target and "properties" in _referred({"$ref": target}, places):
            children.append((key, target.removeprefix("#/$defs/"), "items" in found))
    text = f"Place({{{', '.join(types)}}}, {tuple(place.get('required', ()))!r}, {tuple(children)!r})"
    return ast.unparse(ast.parse(text))


def _referred(value: dict[str, Any], places: dict[str, Any]) -> dict[str, Any]:
    target = value.get("$ref")
    return places[target.removeprefix("#/$defs/")] if target else value


class _Strip(ast.NodeTransformer):
    """Leave only the decisions of the generated code."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # ast's name
        node.name = _name(node.name)
        node.args = ast.arguments([], [ast.arg("data", ast.Name("Any"))], None, [], [], None, [])
        node.returns = ast.Constant(None)
        node.body.pop()  # return data
        return self.generic_visit(node)

    def visit_Raise(self, _: ast.Raise) -> ast.AST:
        return ast.Raise(ast.Name("_Refused"))

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.type = ast.Name("_Refused")
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        # keys.remove(key) serves "additionalProperties": false, which the schema does not use.
        return None if ".remove(" in ast.unparse(node) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        called = ast.unparse(node.func)
        if called.startswith("validate"):
            return ast.Call(ast.Name(_name(called)), node.args[:1], [])
        if called == "set" and isinstance(node.args[0], ast.Call):  # set(data.keys()): a dict is as good
            return ast.parse(ast.unparse(node.args[0]).removesuffix(".keys()"), mode="eval").body
        return self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        # What `json` reads has no tuples, and no Decimal, whose import costs 1 ms.
        node.elts = [item for item in node.elts if ast.unparse(item) not in ("Decimal", "tuple")]
        return node.elts[0] if len(node.elts) == 1 else node


def _name(generated: str) -> str:
    """validate____defs_form -> _form; validate, the whole document -> _app."""
    return "_" + (generated.removeprefix("validate").removeprefix("____defs_") or "app")


if __name__ == "__main__":
    MODULE.write_text(render(), encoding="utf-8")
