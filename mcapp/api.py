"""mcapp for Python programs: the functions behind the commands, with the result classes that the commands use."""

import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from mcapp.api_build import build_request
from mcapp.document import read
from mcapp.inputs import read as read_file
from mcapp.lint.run import Settings, check, choose
from mcapp.report.model import FileResult, Report

__all__ = ["build_request", "validate"]


def validate(
    source: str | bytes | PathLike[str] | dict[str, object],
    *,
    kind: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    fail_on: str = "error",
    placeholders: str = "manychat",
    name: str | None = None,
) -> Report:
    """Check one App JSON: its text (str or bytes), a path (`pathlib.Path`), or the data itself (dict).

    `kind` is "app", "auth" or "request"; None finds out. `select` and `ignore` take rule codes, names or beginnings of
    codes; `fail_on` ("error", "warning", "note" or "never") decides what makes `report.ok` false; `placeholders` may be
    "portable", so that `<<name>>` is no finding. `name` is what `finding.path` says; by default the path, or
    "<string>". No configuration file is read, nothing is printed, no socket is opened.

    Raises InputProblem when a path cannot be read, and UsageProblem for a rule, kind or setting that does not exist.

        report = mcapp.validate(Path("app.json"))
        for finding in report.findings:
            print(finding.path, finding.line, finding.rule, finding.message)
    """
    from mcapp.config import FAIL_ON, PLACEHOLDERS
    from mcapp.errors import UsageProblem

    for word, value, known in (
        ("kind", kind, (None, "app", "auth", "request")),
        ("fail_on", fail_on, FAIL_ON),
        ("placeholders", placeholders, PLACEHOLDERS),
    ):
        if value not in known:
            raise UsageProblem(f"{word} cannot be {value!r}", hint=f"it is one of {', '.join(map(repr, known))}")
    if isinstance(source, dict):
        # Lone surrogates can only be written escaped; everything else stays as it is.
        raw = json.dumps(source, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass")
    elif isinstance(source, str):
        raw = source.encode("utf-8", "surrogatepass")
    elif isinstance(source, bytes):
        raw = source
    else:
        raw = read_file(str(Path(source)))
        name = name or str(source)
    document = read(raw, name or "<string>")
    checked = check(document, Settings(choose(select, ignore), kind, placeholders))
    documents = {document.name: document} if checked.findings else {}
    file = FileResult(document.name, checked.kind, document.readable)
    return Report((file,), checked.findings, (), documents, fail_on)
