"""What `mcapp validate` does with its files: read each, fix it if asked to, check it, and report on all of them."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from mcapp.config import Config, within
from mcapp.document import Document
from mcapp.errors import Failure, InputProblem, Refused
from mcapp.files import read_document, write
from mcapp.lint.check import Checked, Settings, check, read
from mcapp.report.result import FileResult, Report
from mcapp.search import Input
from mcapp.terminal.drawing import unified

if TYPE_CHECKING:
    from mcapp.lint.model import Finding
    from mcapp.lint.suppress import Match

_SHARE = 100  # files: with fewer for each process, starting one takes longer than it saves (measured)
_TURN = 25  # files that a process checks before the next one's turn


class Job(NamedTuple):
    """What is done with each file. `stdin_name` is the name in the findings on standard input.

    `fix`: apply the safe fixes; `unsafe`: the unsafe ones too; `diff`: write nothing, only show what they would change.
    `config` has the findings that are suppressed.
    """

    settings: Settings
    fail_on: str = "error"
    stdin_name: str = "-"
    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    config: Config = Config()


class Validation(NamedTuple):
    """The report on all files, a diff for each file that fixing would change, and standard input after fixing.

    `unused` are the numbers of the entries of `[[suppress]]` that match nothing any more.
    """

    report: Report
    diffs: tuple[str, ...]
    stdin: Document | None
    unused: tuple[int, ...] = ()


def validate(found: Iterable[Input], job: Job, progress: Callable[[int, int], None]) -> Validation:
    """Check every file, and write those that fixing changed. Ctrl-C ends it and keeps the results so far.

    `progress` is called with the number of files so far and in all. Files that cannot be read or written become errors
    in the report.
    """
    files: list[FileResult] = []
    findings: list[Finding] = []
    errors: list[Failure] = []
    diffs: list[str] = []
    documents: dict[str, Document] = {}
    stdin: Document | None = None
    interrupted = False
    fixed = 0
    matches: list[Match] = []
    try:
        items = list(found)  # before the first file is read, so that the total is known
        with _other_cores(items, job) as kind_if_clean:
            for number, item in enumerate(items):
                progress(number, len(items))
                if kind := kind_if_clean(number):
                    files.append(FileResult(item.path, kind, readable=True))
                    continue
                try:
                    if item.problem:
                        raise item.problem
                    checked, diff = _validate_file(item.path, job)
                except (InputProblem, Refused) as problem:
                    errors.append(problem.failure)
                    continue
                document = checked.document
                files.append(FileResult(document.name, checked.kind, document.readable))
                findings += checked.findings
                matches += checked.matches
                fixed += checked.fixed
                if checked.findings or checked.matches:
                    documents[document.name] = document
                if diff:
                    diffs.append(diff)
                if item.path == "-":
                    stdin = document
    except KeyboardInterrupt:
        interrupted = True
        errors.append(Failure("interrupted", "interrupted; this is what was found until then"))
    report = Report(tuple(files), tuple(findings), tuple(errors), documents, job.fail_on, fixed, interrupted)
    if not job.config.suppress:
        return Validation(report, tuple(diffs), stdin)
    from mcapp.lint.suppress import unused, warnings

    stale = unused([file.path for file in files], job.config, job.settings.rules, matches)
    suppressed = tuple(one for one in matches if not one.expired)
    report = report._replace(suppressed=suppressed, warnings=warnings(job.config, stale))
    return Validation(report, tuple(diffs), stdin, stale)


@contextmanager
def _other_cores(items: Sequence[Input], job: Job) -> Iterator[Callable[[int], str]]:
    """Check many files on all cores: yields a function from the number of a file to its kind if it was found clean.

    The other processes only tell the clean files from the rest: "" leaves a file to the caller, and so does a process
    that ended too early. Only on Linux: a process takes longer to start elsewhere than it saves.
    """
    many = not job.fix and len(items) >= 2 * _SHARE
    # Where the signal is ignored, as some programs that start others leave it, nobody can wait for a process.
    if sys.platform != "linux" or not many or signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        yield lambda _number: ""
        return
    count = min(len(os.sched_getaffinity(0)), len(items) // _SHARE)
    started: dict[int, tuple[int, IO[str]]] = {}
    try:
        with suppress(OSError):  # the system may allow no more of them: the first process does the work of the rest
            for own in range(1, count):
                reading, writing = os.pipe()
                process = os.fork()
                if process == 0:
                    try:
                        os.close(reading)  # so that writing fails once the first process is gone
                        for number, item in enumerate(items):
                            if number // _TURN % count == own:
                                os.write(writing, f"{_kind_if_clean(item, job)}\n".encode())
                    finally:
                        os._exit(0)  # whatever happened: the first process checks the rest and reports it
                os.close(writing)
                started[own] = process, os.fdopen(reading)

        def known(number: int) -> str:
            own = number // _TURN % count
            return started[own][1].readline().strip() if own in started else ""

        yield known
    finally:
        for process, lines in started.values():
            lines.close()
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _kind_if_clean(item: Input, job: Job) -> str:
    if item.problem or item.path == "-":
        return ""
    try:
        checked, _ = _validate_file(item.path, job)
    except (InputProblem, Refused):
        return ""
    clean = checked.document.readable and not checked.findings and not checked.matches
    return (checked.kind or "") if clean else ""


def _validate_file(path: str, job: Job) -> tuple[Checked, str]:
    """Read, fix and check one file ("-": standard input); the diff is what fixing would change.

    Raises InputProblem if it cannot be read or written, Refused if it was changed while it was being fixed.
    """
    raw = read_document(path)
    name = job.stdin_name if path == "-" else path
    document = read(raw, name)
    settings = job.settings
    if job.config.suppress:
        own = within(job.config, name)
        settings = settings._replace(suppressions=tuple(one for one in job.config.suppress if one.file == own))
    if not job.fix:
        return check(document, settings, only_findings=True), ""
    from mcapp.lint.fix import fix  # most runs only check

    fixed = fix(document, settings, unsafe=job.unsafe)
    changed = fixed.document.raw != raw
    if job.diff:
        # Nothing is written, so the findings remain those of the present text.
        diff = unified(document.text, fixed.document.text, name) if changed else ""
        return check(document, settings, only_findings=True), diff
    if changed and path != "-":
        write(path, fixed.document.raw, expected=raw)
    return fixed, ""
