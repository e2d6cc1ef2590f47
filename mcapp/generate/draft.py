"""What `mcapp generate` would write, checked with the rules of `validate` before anything is written.

Into an existing App JSON the block is put so that every other byte of the file is kept.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mcapp import files
from mcapp.document import Document, apply
from mcapp.document.edits import edits
from mcapp.document.places import AddElement, AddMember, Change, Path, SetValue
from mcapp.errors import Refused
from mcapp.generate.build import Param, RequestSpec, build, build_auth, build_request, params_json, render
from mcapp.lint.check import Settings, check, read
from mcapp.lint.model import NOTE, Finding
from mcapp.terminal.drawing import unified
from mcapp.terminal.format import file_word

# The file name in findings where there is no file.
BLOCK = "<generated>"
PARAMS = "<auth.params>"


class WriteTarget(NamedTuple):
    """Where the block goes: to stdout (`path` None), into the App JSON at `path` (`into`), or into a new file there.

    `force` replaces what exists; `diff` shows the change instead of writing it.
    """

    path: str | None = None
    into: bool = False
    force: bool = False
    diff: bool = False


STDOUT = WriteTarget()


class Draft(NamedTuple):
    """A text that is ready to be written, or the findings that prevent it.

    `data` is the block as JSON data, `document` the whole text that would be written, `before` the file as it is now
    (None: it does not exist). `findings` are those in the written parts, `documents` the text for each finding's path.
    `missing` are params that the block uses and `auth.params` around it must declare; `kept` the names of params that
    the file declares already.
    """

    target: WriteTarget
    data: Mapping[str, object]
    document: Document
    before: Document | None
    findings: tuple[Finding, ...]
    documents: Mapping[str, Document]
    missing: tuple[dict[str, str], ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def flaw(self) -> Finding | None:
        """The first finding that prevents it: what mcapp writes has no errors and no warnings."""
        return next((finding for finding in self.findings if finding.severity != NOTE), None)

    def refuse_flaw(self) -> None:
        """Raise Refused, with the rule's name as its code, if there is one."""
        if self.flaw:
            raise Refused(self.flaw.message, hint=self.flaw.help, code=self.flaw.name)

    @property
    def changed(self) -> bool:
        """Whether writing it would change anything."""
        return self.before is None or self.before.raw != self.document.raw

    @property
    def diff(self) -> str:
        """What writing it would change, as a unified diff."""
        return unified(None if self.before is None else self.before.text, self.document.text, self.target.path or "")


def make(spec: RequestSpec, target: WriteTarget = STDOUT) -> Draft:
    """The draft for `target`. Raises as `build` and `insert` do, and InputProblem for an unreadable file."""
    # Every rule, also those that the configuration ignores: the result is clean for every reader.
    settings = Settings(placeholders="portable" if spec.portable else "manychat")
    before = None
    if target.path is not None and (target.into or files.exists(target.path, keep=not target.force)):
        before = read(files.read_document(target.path), target.path)
        check(before, Settings(rules=()))  # no diff shows its secrets
    if target.into and before is not None:
        request = build_request(spec, declared_params(before))
        document, written, kept = insert(before, request, spec.params, force=target.force)
        findings = _within(document, check(document, settings).findings, written)
        return Draft(target, {"request": request}, document, before, findings, {document.name: document}, (), kept)
    name = BLOCK if target.path is None else target.path
    data = build(spec)
    document = read(render(data).encode("utf-8"), name)
    findings, documents = check(document, settings).findings, {name: document}
    missing: tuple[dict[str, str], ...] = ()
    if spec.emit == "request" and spec.params:
        # A bare request does not declare its params; checked inside an `auth`, its placeholders can be resolved.
        auth = read(render({"auth": build_auth(spec.params, build_request(spec))}).encode("utf-8"), PARAMS)
        within = _within(auth, check(auth, settings).findings, (("auth", "params"),))
        findings = (*(finding for finding in findings if finding.severity != NOTE), *within)
        documents[PARAMS] = auth
        missing = tuple(params_json(spec.params))
    return Draft(target, data, document, before, findings, documents, missing)


def write(made: Draft) -> str:
    """Write the file: "inserted", "created", "replaced", or "unchanged" where it has that text already.

    Raises InputProblem where it cannot be written, or where an --into file has changed since it was read.
    """
    path, into, force, _ = made.target
    if path is None or not made.changed:
        return "unchanged"
    if into and made.before is not None:
        files.write(path, made.document.raw, expected=made.before.raw)
        return "inserted"
    files.write(path, made.document.raw, replace=force)
    return "created" if made.before is None else "replaced"


def _within(document: Document, findings: tuple[Finding, ...], written: tuple[Path, ...]) -> tuple[Finding, ...]:
    """The findings in the parts that were written; the rest of the file is for `validate`."""
    if not document.valid:  # it was valid before, so the block made it too deep or too large
        return tuple(finding for finding in findings if finding.severity != NOTE)
    spans = []
    for path in written:
        start = document.key_span(path).start if isinstance(path[-1], str) else document.span(path).start
        spans.append((start, document.span(path).end))
    return tuple(f for f in findings if any(start <= f.span.start < end for start, end in spans))


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
    auth = document.data.get("auth") if isinstance(document.data, dict) else None
    params = auth.get("params") if isinstance(auth, dict) else None
    named = (param.get("name") for param in params if isinstance(param, dict)) if isinstance(params, list) else ()
    return tuple(name for name in named if isinstance(name, str))


def insert(
    document: Document, request: Mapping[str, object], params: Sequence[Param] = (), *, force: bool = False
) -> Inserted:
    """Put `request` into the `auth` of `document`, and merge `params` by name.

    Raises Refused: code "not-strict-json" or "not-an-app" for other files, "wrong-type" for an `auth` or `params` of
    the wrong type, and "exists" for a file with another `request`, unless `force`.
    """
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
    auth = data.get("auth")
    if auth is None:
        return Inserted(_put(document, (), "auth", build_auth(params, request)), (("auth",),))
    if not isinstance(auth, dict):
        raise _wrong_type(document, "auth", "an object")
    old = auth.get("request")
    same = json.dumps(old, sort_keys=True) == json.dumps(request, sort_keys=True)  # in Python `True == 1`
    if old is not None and not same and not force:
        raise Refused(
            f"{document.name} has an `auth.request` already",
            hint="--force replaces it; add --diff to see what that would change",
            code="exists",
            path=document.name,
        )
    present, written, kept = auth.get("params"), tuple[Path, ...](), tuple[str, ...]()
    if params and present is None:
        document = _put(document, ("auth",), "params", params_json(params))
        written = (("auth", "params"),)
    elif params:
        if not isinstance(present, list):
            raise _wrong_type(document, "auth.params", "a list")
        known = declared_params(document)
        kept = tuple(param.name for param in params if param.name in known)
        for number, param in enumerate((param for param in params if param.name not in known), len(present)):
            document = _change(document, AddElement(("auth", "params"), params_json([param])[0]))
            written += (("auth", "params", number),)
    if not same:
        document = _put(document, ("auth",), "request", dict(request))
        written += (("auth", "request"),)
    return Inserted(document, written, kept)


def _put(document: Document, path: Path, key: str, value: object) -> Document:
    """Set the member `key` of the object at `path`, whether it exists or not."""
    there = document.has((*path, key))
    return _change(document, SetValue((*path, key), value) if there else AddMember(path, key, value))


def _change(document: Document, change: Change) -> Document:
    """Apply one change and read the result again: several edits at one position have no order."""
    return read(document.encode(apply(document.text, edits(document, change))), document.name)


def _wrong_type(document: Document, what: str, wanted: str) -> Refused:
    return Refused(
        f"`{what}` in {document.name} is not {wanted}",
        hint=f"make it {wanted} or null; mcapp validate {file_word(document.name)} shows where",
        code="wrong-type",
        path=document.name,
    )
