"""What `mcapp validate` does with each file: read, fix, check. Also counts them for a person who waits."""

import sys
from collections.abc import Generator, Iterable
from typing import NamedTuple

from mcapp import search
from mcapp.document import Document, read
from mcapp.errors import Failure, InputProblem, Refused
from mcapp.files import read_document, write
from mcapp.lint.check import Settings, check
from mcapp.lint.fix import fix
from mcapp.lint.model import Finding
from mcapp.report.result import FileResult, Report
from mcapp.terminal.console import Console, is_terminal
from mcapp.terminal.diffs import unified
from mcapp.terminal.redact import remember


class Job(NamedTuple):
    """What is done with each file, as the options say."""

    settings: Settings
    fail_on: str = "error"
    stdin_name: str = "-"
    fix: bool = False
    unsafe: bool = False
    diff: bool = False


class Outcome(NamedTuple):
    """What came of one file. The findings are about `document`, which after fixing is not what was read."""

    given: str
    file: FileResult
    findings: tuple[Finding, ...]
    document: Document
    fixed: int = 0
    diff: str = ""


class Judged(NamedTuple):
    """The report on all files, what the fixes would change (`--diff`), and what became of standard input."""

    report: Report
    diffs: tuple[str, ...]
    stdin: Document | None


def judge(found: Iterable[search.Input], job: Job, console: Console) -> Judged:
    """Judge every file, and write those that fixing changed. Ctrl-C keeps what there is."""
    files: list[FileResult] = []
    findings: list[Finding] = []
    errors: list[Failure] = []
    diffs: list[str] = []
    documents: dict[str, Document] = {}
    stdin: Document | None = None
    interrupted = False
    fixed = 0
    progress = _progress(console)
    try:
        for item in found:
            next(progress)
            try:
                if item.problem:
                    raise item.problem
                outcome = _judge(item.path, job)
            except (InputProblem, Refused) as problem:
                errors.append(problem.failure)
                continue
            files.append(outcome.file)
            findings.extend(outcome.findings)
            fixed += outcome.fixed
            if outcome.findings:
                documents[outcome.file.path] = outcome.document
            if outcome.diff:
                diffs.append(outcome.diff)
            if item.path == "-":
                stdin = outcome.document
    except KeyboardInterrupt:
        interrupted = True
        errors.append(Failure("interrupted", "interrupted; this is what was found until then"))
    progress.close()
    report = Report(tuple(files), tuple(findings), tuple(errors), documents, job.fail_on, fixed, interrupted)
    return Judged(report, tuple(diffs), stdin)


def _judge(path: str, job: Job) -> Outcome:
    raw = read_document(path)
    name = job.stdin_name if path == "-" else path
    document = read(raw, name)
    checked = check(document, job.settings)
    fixed, diff = 0, ""
    if job.fix:
        result = fix(document, job.settings, unsafe=job.unsafe)
        changed = result.document.raw != raw
        if job.diff:
            # The file stays as it is, so its findings stay those that it has now.
            diff = unified(document.text, result.document.text, name) if changed else ""
        else:
            document, checked, fixed = result.document, result.checked, result.fixed
            if changed and path != "-":
                write(path, document.raw, expected=raw)
    for secret in checked.secrets:
        remember(secret)
    return Outcome(path, FileResult(name, checked.kind, document.readable), checked.findings, document, fixed, diff)


def _progress(console: Console) -> Generator[None, None, None]:
    """Count the files on a terminal's stderr, from the moment at which waiting starts to feel long."""
    import time

    watched = is_terminal(sys.stderr) and not console.quiet
    started = shown = time.monotonic()
    number = 0
    try:
        while True:
            yield
            number += 1
            if watched and number % 50 == 0:
                now = time.monotonic()
                if now - started > 0.5 and now - shown > 0.1:
                    shown = now
                    sys.stderr.write(f"\rchecking… {number:,} files")
                    sys.stderr.flush()
    finally:
        if shown > started:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
