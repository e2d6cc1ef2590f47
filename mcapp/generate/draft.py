"""What `generate` would write, judged by the same lint as `validate` before anything is written."""

from collections.abc import Mapping
from typing import NamedTuple

from mcapp.document import Document, read
from mcapp.document.places import Path
from mcapp.generate.build import RequestSpec, build, build_auth, build_request, render
from mcapp.generate.insert import declared_params, insert
from mcapp.lint.check import Settings, check
from mcapp.lint.model import NOTE, Finding

# What findings name where there is no file.
BLOCK = "<generated>"
PARAMS = "<auth.params>"


class Draft(NamedTuple):
    """A text that is ready to be written, or the findings that stand against it.

    `data` is what was asked for, `document` the whole text that would be written, `before` the file as it is (None:
    there is none). `findings` are those in what is written. `documents` has the text behind each finding's path.
    `missing` are params that the block needs and that `auth.params` around it must declare; `kept` the names of params
    that the file declares already. `secrets` are texts that no output may show.
    """

    data: Mapping[str, object]
    document: Document
    before: Document | None
    findings: tuple[Finding, ...]
    documents: Mapping[str, Document]
    missing: tuple[dict[str, str], ...] = ()
    kept: tuple[str, ...] = ()
    secrets: frozenset[str] = frozenset()

    @property
    def flawed(self) -> bool:
        """Whether it must not be written: everything that is written has no error and no warning."""
        return any(finding.severity != NOTE for finding in self.findings)

    @property
    def changed(self) -> bool:
        """Whether writing it would change anything."""
        return self.before is None or self.before.raw != self.document.raw


def draft(spec: RequestSpec, name: str = BLOCK, before: Document | None = None) -> Draft:
    """The block alone, as it goes to stdout or into the new file `name`, in the place of `before`.

    Raises as `build.build` does.
    """
    data = build(spec)
    document = read(render(data).encode("utf-8"), name)
    settings = _settings(spec)
    checked = check(document, settings)
    findings, documents, secrets = checked.findings, {name: document}, checked.secrets
    missing: tuple[dict[str, str], ...] = ()
    if spec.emit == "request" and spec.params:
        # The block does not hold its params, and alone it cannot be judged by them. Around it, they can.
        auth = read(render({"auth": build_auth(spec, build_request(spec))}).encode("utf-8"), PARAMS)
        around = check(auth, settings)
        within = _within(auth, around.findings, (("auth", "params"),))
        findings = (*(finding for finding in findings if finding.severity != NOTE), *within)
        documents[PARAMS] = auth
        secrets |= around.secrets
        missing = tuple({"name": param.name, "title": param.title} for param in spec.params)
    return Draft(data, document, before, findings, documents, missing, (), secrets)


def draft_into(spec: RequestSpec, before: Document, *, force: bool = False) -> Draft:
    """The existing file `before` with the block in it. Raises as `build.build_request` and `insert.insert` do."""
    request = build_request(spec, declared_params(before))
    inserted = insert(before, request, spec.params, force=force)
    checked = check(inserted.document, _settings(spec))
    findings = _within(inserted.document, checked.findings, inserted.written)
    documents = {inserted.document.name: inserted.document}
    return Draft(
        {"request": request}, inserted.document, before, findings, documents, (), inserted.kept, checked.secrets
    )


def _settings(spec: RequestSpec) -> Settings:
    """Every rule, whatever the configuration leaves out: what is written is clean for everybody."""
    return Settings(placeholders="portable" if spec.portable else "manychat")


def _within(document: Document, findings: tuple[Finding, ...], written: tuple[Path, ...]) -> tuple[Finding, ...]:
    """The findings that lie in the places that were written; the rest of the file is not generate's business."""
    if not document.valid:  # it was valid before: the block made it too deep or too large
        return tuple(finding for finding in findings if finding.severity != NOTE)
    spans = []
    for path in written:
        start = document.key_span(path).start if isinstance(path[-1], str) else document.span(path).start
        spans.append((start, document.span(path).end))
    return tuple(f for f in findings if any(start <= f.span.start < end for start, end in spans))
