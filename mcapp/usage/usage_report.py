"""From source files to a report: what a key needs by the uses in them, and how that compares with what it has."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mcapp import files
from mcapp.errors import Failure, InputProblem
from mcapp.scopes.catalogue import EMPTY, READ, Endpoint, load, suggestion
from mcapp.terminal.console import visible
from mcapp.usage import sources
from mcapp.usage.uses import CHAIN, COMMENT, DYNAMIC, LITERAL, MOST, PREFIX, WORDS, Use, find, is_test

KINDS = (MISSING, UNUSED, UNKNOWN, METHOD, PARAMETER) = (
    "missing",
    "unused",
    "unknown-path",
    "wrong-method",
    "wrong-parameter",
)
FAIL_ON_DEFAULT = (MISSING, UNKNOWN, METHOD, PARAMETER)  # what fails in production; an unused scope does not
OBSERVED = "observed"  # the class of a use that a journal holds
_JOURNAL = 100_000_000  # bytes of a journal that are read
_HEAD_OF_A_FILE = 8000  # bytes in which a NUL shows that it is binary, as in git
_LISTED = 5
_ALWAYS = "text is read, not syntax: what a variable, a database or a service's own ManyChat module calls is not seen"
_HEAD = "# The scopes that the App Key is expected to have, one a line. Written by mcapp scopes --write-expect.\n"
_CHANNELS = ("wa", "ig", "tg", "tiktok", "whatsapp", "instagram", "telegram")
# ManyChat wants exactly one of them, so the catalogue requires neither.
_ONE_OF = {"GET /fb/subscriber/findBySystemField": ("email", "phone")}


class Finding(NamedTuple):
    """A consequence; `path` and `line` are None where no file is at fault."""

    kind: str
    message: str
    help: str
    scope: str = ""
    path: str | None = None
    line: int | None = None
    column: int | None = None


class Row(NamedTuple):
    """What is known of one scope. None: nothing declares, no probe was remembered or asked it, no journal was read."""

    scope: str
    declared: bool | None
    granted: bool | None
    used: int
    observed: int | None


class Declared(NamedTuple):
    """The scopes that the configuration expects, and the file that says so, with its text for the lines."""

    scopes: tuple[str, ...]
    path: str
    text: str


class Known(NamedTuple):
    """What the uses are compared with: the declared scopes, and what the last probe of `key` was granted and denied.

    None: nothing declares, no probe against ManyChat is remembered.
    """

    declared: Declared | None = None
    key: str = ""
    verdicts: Mapping[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The result of one run. `uses` are in the order of the files; `failed` is the exit code of an error (0: none)."""

    rows: tuple[Row, ...] = ()
    uses: tuple[Use, ...] = ()
    findings: tuple[Finding, ...] = ()
    blind_spots: tuple[str, ...] = ()
    files: int = 0
    key: str = ""
    errors: tuple[Failure, ...] = ()
    failed: int = 0
    fail_on: tuple[str, ...] = FAIL_ON_DEFAULT

    @property
    def exit_code(self) -> int:
        """0 nothing that --fail-on names was found, 1 something was; or the code of an error."""
        return self.failed or int(any(finding.kind in self.fail_on for finding in self.findings))

    @property
    def needed(self) -> dict[str, list[Use]]:
        """The scopes that the code calls, in the catalogue's order, with the uses that show it."""
        return needed(self.uses)


def needed(uses: Iterable[Use]) -> dict[str, list[Use]]:
    """The scopes in the catalogue's order with the uses that call them; what is a comment calls nothing."""
    found: dict[str, list[Use]] = {endpoint.scope: [] for endpoint in load()}
    for use in uses:
        if use.scope and use.kind not in (COMMENT, DYNAMIC):
            found[use.scope].append(use)
    return {scope: places for scope, places in found.items() if places}


def journal(path: str) -> tuple[Use, ...]:
    """The calls in a journal of `mcapp emulate --journal`, a JSON object a line; a last line may be incomplete.

    Raises InputProblem for a file that cannot be read or holds something else.
    """
    by_path = {endpoint.path: endpoint.scope for endpoint in load()}
    lines = files.read(path, most=_JOURNAL, stdin=True).split(b"\n")
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            call = json.loads(line)
            method, asked, query = str(call["method"]), str(call["path"]), call.get("query") or {}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            if number == len(lines):  # the emulator was killed while it wrote
                continue
            raise InputProblem(
                f"{path}:{number} is not a call in a journal",
                hint="mcapp emulate --journal FILE writes one",
                path=path,
                code="not-a-journal",
            ) from None
        scope = by_path.get(asked, "")
        names = tuple(map(str, query)) if isinstance(query, Mapping) else ()
        unknown = "" if scope else asked
        found.append(Use(path, number, 1, OBSERVED, f"{method} {asked}", scope, unknown, method, names))
    return tuple(found)


def rows(uses: Sequence[Use], known: Known, *, observed: bool) -> tuple[Row, ...]:
    """A row for each scope that anything speaks of, in the catalogue's order."""
    calls = needed(uses)
    found = []
    for endpoint in load():
        scope = endpoint.scope
        places = calls.get(scope, ())
        seen = sum(use.kind == OBSERVED for use in places)
        row = Row(
            scope,
            None if known.declared is None else scope in known.declared.scopes,
            None if known.verdicts is None else known.verdicts.get(scope),
            len(places) - seen,
            seen if observed else None,
        )
        if places or row.declared or row.granted:
            found.append(row)
    return tuple(found)


def findings(uses: Sequence[Use], known: Known) -> tuple[Finding, ...]:
    """The consequences, by kind in the order of KINDS, and by place."""
    calls = needed(uses)
    by_scope = {endpoint.scope: endpoint for endpoint in load()}
    found = [_missing(scope, places, known) for scope, places in calls.items() if by_scope[scope].group != "profile"]
    found += _unused(calls, known, sum(use.kind == DYNAMIC for use in uses))
    for use in uses:
        if use.kind != COMMENT and use.unknown:
            found.append(_unknown(use))
        elif use.kind != COMMENT and use.scope:
            found += [_method(use, by_scope[use.scope]), _parameters(use, by_scope[use.scope])]
    return tuple(sorted(filter(None, found), key=lambda finding: KINDS.index(finding.kind)))


def _at(use: Use, kind: str, message: str, step: str) -> Finding:
    return Finding(kind, message, step, use.scope, use.path, use.line, use.column)


def _missing(scope: str, places: Sequence[Use], known: Known) -> Finding | None:
    reasons, steps = [], ["add it in the app's API Access tab"]
    if known.declared is not None and scope not in known.declared.scopes:
        reasons.append(f"{known.declared.path} does not declare it")
        steps.append(f"to [scopes] in {known.declared.path}")
    if known.verdicts is not None and known.verdicts.get(scope) is False:
        reasons.append(f"the last probe of {known.key} was denied it")
    if not reasons:
        return None
    verb = "was called" if places[0].kind == OBSERVED else "is called"
    return _at(places[0], MISSING, f"{scope} {verb} here, but {' and '.join(reasons)}", " and ".join(steps))


def _unused(calls: Collection[str], known: Known, dynamic: int) -> list[Finding]:
    """Scopes that are declared, or without a declaration granted, and that nothing calls."""
    if known.declared is not None:
        held, text = known.declared.scopes, "is declared, but nothing calls it"
    else:
        held = tuple(scope for scope, granted in (known.verdicts or {}).items() if granted)
        text = f"is granted to {known.key}, but nothing calls it"
    step = "remove it: a key that may do less can be abused for less"
    if dynamic:
        which = "the dynamic use" if dynamic == 1 else f"one of the {dynamic} dynamic uses"
        step = f"{which} may call it; if not, remove it"
    return [
        Finding(UNUSED, f"{scope} {text}", step, scope, *_declared_at(known.declared, scope))
        for scope in held
        if scope not in calls
    ]


def _declared_at(declared: Declared | None, scope: str) -> tuple[str | None, int | None]:
    if declared is None:
        return None, None
    path = scope.partition(" ")[2]
    for number, line in enumerate(declared.text.splitlines(), 1):
        if f'{path}"' in line or f"{path}'" in line:
            return declared.path, number
    return declared.path, None


def _unknown(use: Use) -> Finding:
    channel = use.unknown.strip("/").partition("/")[0] in _CHANNELS
    step = "the paths under /fb serve every channel; mcapp endpoints lists them" if channel else suggestion(use.unknown)
    return _at(use, UNKNOWN, f"ManyChat has no {use.unknown}", step)


def _method(use: Use, endpoint: Endpoint) -> Finding | None:
    if use.method in ("", endpoint.method):
        return None
    message = f"{use.method} {endpoint.path}: ManyChat has it as {endpoint.method}"
    return _at(use, METHOD, message, "a call with another method is answered with 404")


def _parameters(use: Use, endpoint: Endpoint) -> Finding | None:
    """Whether a read is asked with names that ManyChat does not know, and without one that it needs."""
    one_of = _ONE_OF.get(endpoint.scope)
    wanted = one_of or tuple(endpoint.required)
    if endpoint.send != READ or not use.parameters or not wanted:
        return None
    lacking = set(wanted) - set(use.parameters)
    others = [name for name in use.parameters if name not in wanted]
    if not others or not lacking or (one_of and len(lacking) < len(wanted)):
        return None
    message = f"{endpoint.path} takes {(' or ' if one_of else ' and ').join(wanted)}, not {', '.join(others)}"
    return _at(use, PARAMETER, message, "ManyChat answers 400 to it")


def search(paths: Sequence[str], known: Known, calls: Sequence[Use] | None, fail_on: tuple[str, ...]) -> UsageReport:
    """The report on the source files at `paths`. `calls` are those of a journal, None without one."""
    listed = sources.find(paths, WORDS)
    problems = list(listed.problems)
    found: list[Use] = []
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
        in_file = find(data, path, test=is_test(path, folder))
        found += in_file.uses
        bases += [f"{path}:{line}" for line in in_file.bases]
        cut += [path] if in_file.cut else []
    if not listed.files and not problems:
        nothing = InputProblem(
            f"no source file in {', '.join(paths) or 'this folder'}",
            hint="name a folder with source code; what git ignores, prose, node_modules, vendor and .venv are left out",
            code="nothing-found",
        )
        problems.append(nothing)
    spots = [_ALWAYS]
    if bases:
        spots.append(f"ManyChat's address without a path, for calls whose path is elsewhere: {_some(bases)}")
    if listed.large:
        spots.append(f"not read, over {sources.LARGEST:,} bytes: {_some(listed.large)}")
    if cut:
        spots.append(f"only the first {MOST} uses in: {_some(cut)}")
    everything = (*found, *(calls or ()))
    consequences = findings(everything, known)
    if problems:  # what was not read may call it
        consequences = tuple(finding for finding in consequences if finding.kind != UNUSED)
    return UsageReport(
        rows=rows(everything, known, observed=calls is not None),
        uses=everything,
        findings=consequences,
        blind_spots=tuple(spots),
        files=listed.searched,
        key=known.key if known.verdicts is not None else "",
        errors=tuple(error.failure for error in problems),
        failed=2 if problems else 0,
        fail_on=fail_on,
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


# --- --write-expect


def expectation(report: UsageReport) -> str:
    """A file for `mcapp probe --expect-file`: each scope that is called, and as a comment the place that needs it."""
    by_scope = {endpoint.scope: endpoint for endpoint in load()}
    lines, unprobed = [], []
    for scope, places in report.needed.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        line = f"{scope}  # {visible(places[0].path)}:{places[0].line}{more}\n"
        if by_scope[scope].send in (READ, EMPTY):
            lines.append(line)
        else:
            unprobed.append(f"# no ordinary run of probe can decide: {line}")
    dynamic = [f"# unknown operation: {visible(use.path)}:{use.line}\n" for use in report.uses if use.kind == DYNAMIC]
    return "".join([_HEAD, *lines, *unprobed, *dynamic])


def counts(uses: Iterable[Use]) -> dict[str, int]:
    listed = [use.kind for use in uses]
    return {kind: listed.count(kind) for kind in (LITERAL, PREFIX, CHAIN, COMMENT, DYNAMIC)}
