"""From paths to a report: find the files, read them, find the uses, compare."""

from collections.abc import Mapping, Sequence

from mcapp import files
from mcapp.errors import InputProblem
from mcapp.usage import sources, uses
from mcapp.usage.usage_report import UNUSED, Declared, UsageReport, findings, rows

_HEAD_OF_A_FILE = 8000  # bytes in which a NUL shows that it is binary, as in git
_LISTED = 5

_ALWAYS = "text is read, not syntax: what a variable, a database or a service's own ManyChat module calls is not seen"


def search(
    paths: Sequence[str],
    declared: Declared | None,
    key: str,
    verdicts: Mapping[str, bool] | None,
    calls: Sequence[uses.Use] | None,
    fail_on: tuple[str, ...],
) -> UsageReport:
    """The report on the source files at `paths`. `calls` are those of a journal, None without one."""
    listed = sources.find(paths, uses.WORDS)
    problems = list(listed.problems)
    found: list[uses.Use] = []
    bases: list[str] = []
    cut: list[str] = []
    for path, folder in listed.files:
        try:
            data = files.read(path, most=sources.LARGEST)
        except InputProblem as error:
            if error.code != "missing" or not folder:  # a file that is gone meanwhile is not in the code any more
                problems.append(error)
            continue
        if b"\0" in data[:_HEAD_OF_A_FILE]:
            continue
        in_file = uses.find(data, path, test=uses.is_test(path, folder))
        found += in_file.uses
        bases += [f"{path}:{line}" for line in in_file.bases]
        cut += [path] if in_file.cut else []
    if not listed.files and not problems:
        problems.append(_nothing(paths))
    spots = [_ALWAYS]
    if bases:
        spots.append(f"ManyChat's address without a path, for calls whose path is elsewhere: {_some(bases)}")
    if listed.large:
        spots.append(f"not read, over {sources.LARGEST:,} bytes: {_some(listed.large)}")
    if cut:
        spots.append(f"only the first {uses.MOST} uses in: {_some(cut)}")
    everything = (*found, *(calls or ()))
    consequences = findings(everything, declared, verdicts, key)
    if problems:  # what was not read may call it
        consequences = tuple(finding for finding in consequences if finding.kind != UNUSED)
    return UsageReport(
        rows=rows(everything, declared, verdicts, observed=calls is not None),
        uses=everything,
        findings=consequences,
        blind_spots=tuple(spots),
        files=listed.searched,
        key=key if verdicts is not None else "",
        errors=tuple(error.failure for error in problems),
        failed=2 if problems else 0,
        fail_on=fail_on,
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def _nothing(paths: Sequence[str]) -> InputProblem:
    where = ", ".join(paths) or "this folder"
    return InputProblem(
        f"no source file in {where}",
        hint="name a folder with source code; what git ignores, prose, node_modules, vendor and .venv are left out",
        code="nothing-found",
    )
