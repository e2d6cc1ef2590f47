"""What `mcapp generate` would write, checked with the rules of `validate` before anything is written."""

from collections.abc import Mapping
from typing import NamedTuple

from mcapp import files
from mcapp.document import Document
from mcapp.document.places import Path
from mcapp.generate.build import RequestSpec, build, build_auth, build_request, render
from mcapp.generate.insert import declared_params, insert
from mcapp.lint.check import Settings, check, read
from mcapp.lint.model import NOTE, Finding
from mcapp.terminal.diffs import unified

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


class Draft(NamedTuple):
    """A text that is ready to be written, or the findings that prevent it.

    `data` is the block as JSON data, `document` the whole text that would be written, `before` the file as it is now
    (None: it does not exist). `findings` are those in the written parts, `documents` the text for each finding's path.
    `missing` are params that the block uses and `auth.params` around it must declare; `kept` the names of params that
    the file declares already.
    """

    data: Mapping[str, object]
    document: Document
    before: Document | None
    findings: tuple[Finding, ...]
    documents: Mapping[str, Document]
    missing: tuple[dict[str, str], ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def flawed(self) -> bool:
        """Whether it must not be written: what mcapp writes has no errors and no warnings."""
        return any(finding.severity != NOTE for finding in self.findings)

    @property
    def changed(self) -> bool:
        """Whether writing it would change anything."""
        return self.before is None or self.before.raw != self.document.raw


def draft(spec: RequestSpec, name: str = BLOCK, before: Document | None = None) -> Draft:
    """The block alone, for stdout or for the file `name`, which holds `before` so far. Raises as `build` does."""
    data = build(spec)
    document = read(render(data).encode("utf-8"), name)
    settings = _settings(spec)
    checked = check(document, settings)
    findings, documents = checked.findings, {name: document}
    missing: tuple[dict[str, str], ...] = ()
    if spec.emit == "request" and spec.params:
        # A bare request does not declare its params; checked inside an `auth`, its placeholders can be resolved.
        auth = read(render({"auth": build_auth(spec, build_request(spec))}).encode("utf-8"), PARAMS)
        around = check(auth, settings)
        within = _within(auth, around.findings, (("auth", "params"),))
        findings = (*(finding for finding in findings if finding.severity != NOTE), *within)
        documents[PARAMS] = auth
        missing = tuple({"name": param.name, "title": param.title} for param in spec.params)
    return Draft(data, document, before, findings, documents, missing)


def draft_into(spec: RequestSpec, before: Document, *, force: bool = False) -> Draft:
    """The existing file `before` with the block in it. Raises as `build.build_request` and `insert.insert` do."""
    request = build_request(spec, declared_params(before))
    inserted = insert(before, request, spec.params, force=force)
    checked = check(inserted.document, _settings(spec))
    findings = _within(inserted.document, checked.findings, inserted.written)
    documents = {inserted.document.name: inserted.document}
    return Draft({"request": request}, inserted.document, before, findings, documents, (), inserted.kept)


def make(spec: RequestSpec, target: WriteTarget) -> Draft:
    """The draft for `target`. Raises Refused where something exists already, InputProblem for an unreadable file."""
    if target.path is None:
        return draft(spec)
    if target.into:
        return draft_into(spec, _present(target.path), force=target.force)
    there = files.exists(target.path, keep=not target.force)
    return draft(spec, target.path, _present(target.path) if there else None)


def _present(path: str) -> Document:
    """The file as it is now, whose secrets no diff shows."""
    document = read(files.read_document(path), path)
    check(document, Settings(rules=()))
    return document


def write(made: Draft, target: WriteTarget) -> str:
    """Write the file: "inserted", "created", "replaced", or "unchanged" where it has that text already.

    Raises InputProblem where it cannot be written, or where an --into file has changed since it was read.
    """
    if target.path is None:
        raise ValueError("there is no file to write")
    if not made.changed:
        return "unchanged"
    if target.into and made.before is not None:
        files.write(target.path, made.document.raw, expected=made.before.raw)
        return "inserted"
    files.write(target.path, made.document.raw, replace=target.force)
    return "created" if made.before is None else "replaced"


def diff(made: Draft, target: WriteTarget) -> str:
    """What writing it would change, as a unified diff."""
    return unified(made.before.text if made.before is not None else None, made.document.text, target.path or "")


def _settings(spec: RequestSpec) -> Settings:
    """Every rule, also those that the configuration ignores: the result is clean for every reader."""
    return Settings(placeholders="portable" if spec.portable else "manychat")


def _within(document: Document, findings: tuple[Finding, ...], written: tuple[Path, ...]) -> tuple[Finding, ...]:
    """The findings in the parts that were written; the rest of the file is for `validate`."""
    if not document.valid:  # it was valid before, so the block made it too deep or too large
        return tuple(finding for finding in findings if finding.severity != NOTE)
    spans = []
    for path in written:
        start = document.key_span(path).start if isinstance(path[-1], str) else document.span(path).start
        spans.append((start, document.span(path).end))
    return tuple(f for f in findings if any(start <= f.span.start < end for start, end in spans))
