"""Put the block into an existing App JSON, leaving every other byte unchanged."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mcapp.document import Document, apply
from mcapp.document.edits import edits
from mcapp.document.places import AddElement, AddMember, Change, Path, SetValue
from mcapp.errors import Refused
from mcapp.generate.build import Param, params_json
from mcapp.lint.check import read
from mcapp.terminal.shell import file_word


class Inserted(NamedTuple):
    """The file with the block in it.

    `written` are the paths of the new parts (empty: the file had all of them), `kept` the names of params that the file
    had already, with their own titles.
    """

    document: Document
    written: tuple[Path, ...]
    kept: tuple[str, ...] = ()


def declared_params(document: Document) -> tuple[str, ...]:
    """The names in the file's `auth.params`; those that are not text are left out."""
    auth = _member(document.data, "auth")
    return tuple(_names(_member(auth, "params")))


def insert(
    document: Document, request: Mapping[str, object], params: Sequence[Param] = (), *, force: bool = False
) -> Inserted:
    """Put `request` into the `auth` of `document`, and merge `params` by name.

    Raises Refused: code "not-strict-json" or "not-an-app" for other files, "wrong-type" for an `auth` or `params` of
    the wrong type, and "exists" for a file with another `request`, unless `force`.
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
            hint="--force replaces it; add --diff to see what that would change",
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
    """Add the params that the file lacks; those that it has are not changed."""
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
    """Set the member `key` of the object at `path`, whether it exists or not."""
    there = document.has((*path, key))
    return _change(document, SetValue((*path, key), value) if there else AddMember(path, key, value))


def _change(document: Document, change: Change) -> Document:
    """Apply one change and read the result again: several edits at one position have no order."""
    return read(document.encode(apply(document.text, edits(document, change))), document.name)


def _refuse_unless_app(document: Document) -> None:
    if not document.valid:
        raise Refused(
            f"{document.name} is not strict JSON and was not changed",
            hint=f"mcapp validate {file_word(document.name)} says what is wrong; --fix repairs what is safe to repair",
            code="not-strict-json",
            path=document.name,
        )
    data = document.data
    # An empty object may become an App JSON; anything else must have one of its keys.
    if not isinstance(data, dict) or (data and not data.keys() & {"auth", "actions", "sources", "triggers"}):
        raise Refused(
            f"{document.name} is not an App JSON: it has neither `auth` nor `actions`",
            hint="-o FILE writes the block to a new file; with --emit app as a complete App JSON",
            code="not-an-app",
            path=document.name,
        )


def _wrong_type(document: Document, what: str, wanted: str) -> Refused:
    return Refused(
        f"`{what}` in {document.name} is not {wanted}",
        hint=f"make it {wanted} or null; mcapp validate {file_word(document.name)} shows where",
        code="wrong-type",
        path=document.name,
    )


def _same(one: object, other: object) -> bool:
    """Whether both are the same JSON. In Python `True == 1`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _member(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def _names(params: object) -> list[str]:
    if not isinstance(params, list):
        return []
    return [name for param in params if isinstance(name := _member(param, "name"), str)]
