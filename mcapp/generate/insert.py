"""Put the block into an existing App JSON. Every byte that is not part of it stays as it was."""

import json
from collections.abc import Mapping, Sequence
from shlex import quote
from typing import NamedTuple

from mcapp.document import Document, apply, read
from mcapp.document.edits import edits
from mcapp.document.places import AddElement, AddMember, Change, Path, SetValue
from mcapp.errors import Refused
from mcapp.generate.build import Param, params_json


class Inserted(NamedTuple):
    """The file with the block in it.

    `written` are the places that are new in it (empty: it said all of that already), `kept` the names of params that
    were there before and keep their own title.
    """

    document: Document
    written: tuple[Path, ...]
    kept: tuple[str, ...] = ()


def declared_params(document: Document) -> tuple[str, ...]:
    """The names in the file's `auth.params`, as far as they can be read."""
    auth = _member(document.data, "auth")
    return tuple(_names(_member(auth, "params")))


def insert(
    document: Document, request: Mapping[str, object], params: Sequence[Param] = (), *, force: bool = False
) -> Inserted:
    """Put `request` into the `auth` of `document`, and merge `params` by name.

    Raises Refused: for a file that is not strict JSON or no App JSON (code "not-an-app"), for an `auth` or `params` of
    the wrong type, and for a `request` that is there already unless `force` (code "exists").
    """
    _refuse_unless_app(document)
    data = document.data
    auth = _member(data, "auth")
    if auth is None:
        whole = {"type": "APIKEY", "params": params_json(params), "request": dict(request)}
        return Inserted(_put(document, (), "auth", whole), (("auth",),))
    if not isinstance(auth, dict):
        raise _wrong_type(document, "auth", "an object")
    old = auth.get("request")
    same = _same(old, request)
    if old is not None and not same and not force:
        raise Refused(
            f"{document.name} has an `auth.request` already",
            hint="--force replaces it; with --diff it is only shown what that would change",
            code="exists",
            path=document.name,
        )
    document, written, kept = _merge_params(document, auth.get("params"), params)
    if not same:
        document = _put(document, ("auth",), "request", dict(request))
        written += (("auth", "request"),)
    return Inserted(document, written, kept)


def _merge_params(
    document: Document, old: object, params: Sequence[Param]
) -> tuple[Document, tuple[Path, ...], tuple[str, ...]]:
    """Add the params that the file lacks; those that it has stay as they are."""
    if not params:
        return document, (), ()
    if old is None:
        return _put(document, ("auth",), "params", params_json(params)), (("auth", "params"),), ()
    if not isinstance(old, list):
        raise _wrong_type(document, "auth.params", "a list")
    known = set(_names(old))
    written: tuple[Path, ...] = ()
    for number, param in enumerate((param for param in params if param.name not in known), len(old)):
        document = _change(document, AddElement(("auth", "params"), params_json([param])[0]))
        written += (("auth", "params", number),)
    return document, written, tuple(param.name for param in params if param.name in known)


def _put(document: Document, path: Path, key: str, value: object) -> Document:
    """Give the object at `path` the member `key`, new or in the place of the one that is there."""
    there = document.has((*path, key))
    return _change(document, SetValue((*path, key), value) if there else AddMember(path, key, value))


def _change(document: Document, change: Change) -> Document:
    """One change after the other, each on the text that the last one left: edits at one spot have no order."""
    return read(document.encode(apply(document.text, edits(document, change))), document.name)


def _refuse_unless_app(document: Document) -> None:
    if not document.valid:
        raise Refused(
            f"{document.name} is not strict JSON and was left untouched",
            hint=f"mcapp validate {quote(document.name)} says what is wrong; --fix mends what is safe to mend",
            code="not-strict-json",
            path=document.name,
        )
    data = document.data
    # An empty object is the beginning of an App JSON; anything else must show that it is one.
    if not isinstance(data, dict) or (data and not data.keys() & {"auth", "actions", "sources", "triggers"}):
        raise Refused(
            f"{document.name} is no App JSON: it has neither `auth` nor `actions`",
            hint="-o FILE writes the block into a new file; --emit app makes it a complete App JSON",
            code="not-an-app",
            path=document.name,
        )


def _wrong_type(document: Document, what: str, wanted: str) -> Refused:
    return Refused(
        f"`{what}` in {document.name} is not {wanted}",
        hint=f"make it {wanted} or null; mcapp validate {quote(document.name)} shows the place",
        code="wrong-type",
        path=document.name,
    )


def _same(one: object, other: object) -> bool:
    """Whether both say the same in JSON. Python's own `==` takes `true` for `1`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _names(params: object) -> list[str]:
    if not isinstance(params, list):
        return []
    return [name for param in params if isinstance(name := _member(param, "name"), str)]
