"""From source files to a report: what a key needs by the uses in them, and how that compares with what it has.

Text, json, markdown, github; schemas/scopes.schema.json describes the JSON.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mcapp import files
from mcapp.errors import Failure, InputProblem, Interrupted
from mcapp.scopes.catalogue import EMPTY, READ, load, suggestion
from mcapp.terminal.cells import hang
from mcapp.terminal.console import Style, failure_block, headed, visible
from mcapp.terminal.drawing import table as columns
from mcapp.terminal.format import Format, failure_row, plain, plural, table
from mcapp.usage import sources
from mcapp.usage.uses import CLASSES, COMMENT, DYNAMIC, MOST, WORDS, Use, find, is_test

KINDS = ("missing", "unused", "unknown-path", "wrong-method", "wrong-parameter")
MISSING, UNUSED, UNKNOWN, METHOD, PARAMETER = KINDS
FAIL_ON_DEFAULT = (MISSING, UNKNOWN, METHOD, PARAMETER)  # what fails in production; an unused scope does not
OBSERVED = "observed"  # the class of a use that a journal holds
_JOURNAL = 100_000_000  # bytes of a journal that are read
_LISTED = 5  # files that a blind spot names
_SHOWN = 50  # places that text and Markdown list of one kind; JSON has them all
_ALWAYS = "text is read, not syntax: what a variable, a database or a service's own ManyChat module calls is not seen"
_HEAD = "# The scopes that the App Key is expected to have, one a line. Written by mcapp scopes --write-expect.\n"
_HEADINGS = ("declared", "granted", "used", "observed", "scope")
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


class Known(NamedTuple):
    """What the uses are compared with.

    `declared` are the scopes that the file `path` expects, with the line of each (None: nothing is declared);
    `verdicts` what the last probe of `key` was granted and denied (None: no probe against ManyChat is remembered).
    """

    declared: Mapping[str, int | None] | None = None
    path: str = ""
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
    def counts(self) -> dict[str, int]:
        """How many uses have each class."""
        return {kind: sum(use.kind == kind for use in self.uses) for kind in CLASSES}


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
    by_path = {endpoint.path: endpoint for endpoint in load()}
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
        endpoint = by_path.get(asked)
        names = tuple(map(str, query)) if isinstance(query, Mapping) else ()
        unknown = "" if endpoint else asked
        found.append(Use(path, number, 1, OBSERVED, f"{method} {asked}", endpoint, unknown, method, names))
    return tuple(found)


def _rows(calls: Mapping[str, Sequence[Use]], known: Known, *, observed: bool) -> Iterator[Row]:
    """A row for each scope that anything speaks of, in the catalogue's order."""
    for scope in (endpoint.scope for endpoint in load()):
        places = calls.get(scope, ())
        seen = sum(use.kind == OBSERVED for use in places)
        declared = None if known.declared is None else scope in known.declared
        granted = None if known.verdicts is None else known.verdicts.get(scope)
        if places or declared or granted:
            yield Row(scope, declared, granted, len(places) - seen, seen if observed else None)


def _missing(calls: Mapping[str, Sequence[Use]], known: Known) -> Iterator[Finding]:
    """Scopes that the code calls, and that are not declared, or that the last probe was denied."""
    for scope, places in calls.items():
        reasons, steps = [], ["add it in the app's API Access tab"]
        if known.declared is not None and scope not in known.declared:
            reasons.append(f"{known.path} does not declare it")
            steps.append(f"to [scopes] in {known.path}")
        if known.verdicts is not None and known.verdicts.get(scope) is False:
            reasons.append(f"the last probe of {known.key} was denied it")
        use = places[0]
        if reasons and use.endpoint and use.endpoint.group != "profile":  # which takes another key
            verb = "was called" if use.kind == OBSERVED else "is called"
            message = f"{scope} {verb} here, but {' and '.join(reasons)}"
            yield Finding(MISSING, message, " and ".join(steps), scope, use.path, use.line, use.column)


def _unused(calls: Mapping[str, Sequence[Use]], known: Known, dynamic: int) -> Iterator[Finding]:
    """Scopes that are declared, or without a declaration granted, and that nothing calls."""
    if known.declared is not None:
        held, text = dict(known.declared), "is declared, but nothing calls it"
    else:
        held = dict.fromkeys(scope for scope, granted in (known.verdicts or {}).items() if granted)
        text = f"is granted to {known.key}, but nothing calls it"
    step = "remove it: a key that may do less can be abused for less"
    if dynamic:
        which = "the dynamic use" if dynamic == 1 else f"one of the {dynamic} dynamic uses"
        step = f"{which} may call it; if not, remove it"
    for scope, line in held.items():
        if scope not in calls:
            yield Finding(UNUSED, f"{scope} {text}", step, scope, known.path or None, line)


def _mistakes(use: Use) -> Iterator[Finding]:
    """What is wrong with a call itself."""
    place = (use.scope, use.path, use.line, use.column)
    if use.unknown:
        step = suggestion(use.unknown)
        if use.unknown.strip("/").partition("/")[0] in _CHANNELS:
            step = "the paths under /fb serve every channel; mcapp endpoints lists them"
        yield Finding(UNKNOWN, f"ManyChat has no {use.unknown}", step, *place)
    endpoint = use.endpoint
    if endpoint is None:
        return
    if use.method not in ("", endpoint.method):
        message = f"{use.method} {endpoint.path}: ManyChat has it as {endpoint.method}"
        yield Finding(METHOD, message, "a call with another method is answered with 404", *place)
    # A read that is asked with names that ManyChat does not know, and without one that it needs.
    one_of = _ONE_OF.get(use.scope)
    wanted = one_of or tuple(endpoint.required)
    lacking = set(wanted) - set(use.parameters)
    others = [name for name in use.parameters if name not in wanted]
    suffices = len(lacking) < len(wanted) if one_of else not lacking
    if endpoint.send == READ and wanted and others and not suffices:
        message = f"{endpoint.path} takes {(' or ' if one_of else ' and ').join(wanted)}, not {', '.join(others)}"
        yield Finding(PARAMETER, message, "ManyChat answers 400 to it", *place)


def search(
    paths: Sequence[str],
    known: Known,
    calls: Sequence[Use] | None,
    fail_on: tuple[str, ...],
    watch: Callable[[int, int], None] = lambda _done, _all: None,
) -> UsageReport:
    """The report on the source files at `paths`. `calls` are those of a journal, None without one.

    `watch(done, all)` is called after each file.
    """
    listed = sources.find(paths, WORDS)
    problems = listed.problems
    found: list[Use] = []
    bases: list[str] = []
    cut: list[str] = []
    try:
        for number, (path, folder, data) in enumerate(sources.read(listed), 1):
            in_file = find(data, path, test=is_test(path, folder))
            found += in_file.uses
            bases += [f"{path}:{line}" for line in in_file.bases]
            cut += [path] if in_file.cut else []
            watch(number, len(listed.files))
    except KeyboardInterrupt:
        problems.append(Interrupted("interrupted; this is what was found until then"))
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
    called = needed(everything)
    consequences = [*_missing(called, known)]
    if not problems:  # what was not read may call it
        consequences += _unused(called, known, sum(use.kind == DYNAMIC for use in everything))
    for use in everything:
        if use.kind != COMMENT:
            consequences += _mistakes(use)
    return UsageReport(
        rows=tuple(_rows(called, known, observed=calls is not None)),
        uses=everything,
        findings=tuple(sorted(consequences, key=lambda finding: KINDS.index(finding.kind))),
        blind_spots=tuple(spots),
        files=listed.searched,
        key=known.key if known.verdicts is not None else "",
        errors=tuple(error.failure for error in problems),
        failed=problems[-1].exit_code if problems else 0,
        fail_on=fail_on,
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{', '.join(names[:_LISTED])}{more}"


def declared_in(text: str, scopes: Iterable[str]) -> dict[str, int | None]:
    """The lines of a configuration that declare the scopes."""
    lines = list(enumerate(text.splitlines(), 1))
    found: dict[str, int | None] = {}
    for scope in scopes:
        path = scope.partition(" ")[2]
        found[scope] = next((number for number, line in lines if f'{path}"' in line or f"{path}'" in line), None)
    return found


def expectation(uses: Sequence[Use]) -> str:
    """A file for `mcapp probe --expect-file`: each scope that is called, and as a comment the place that needs it."""
    lines, unprobed = [], []
    for scope, places in needed(uses).items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        line = f"{scope}  # {visible(places[0].path)}:{places[0].line}{more}\n"
        if places[0].endpoint and places[0].endpoint.send in (READ, EMPTY):
            lines.append(line)
        else:
            unprobed.append(f"# no ordinary run of probe can decide: {line}")
    dynamic = [f"# unknown operation: {visible(use.path)}:{use.line}\n" for use in uses if use.kind == DYNAMIC]
    return "".join([_HEAD, *lines, *unprobed, *dynamic])


# --- the formats


def _cells(row: Row) -> list[str]:
    """A row of the table: what is not known is a question mark."""
    words = {None: "?", True: "yes", False: "no"}
    observed = "?" if row.observed is None else str(row.observed)
    return [words[row.declared], words[row.granted], str(row.used), observed, row.scope]


def _place(one: Use | Finding) -> str:
    """`src/app.js:3:14`, as far as it is known."""
    numbers = (str(number) for number in (one.line, one.column) if number)
    return ":".join([visible(one.path), *numbers]) if one.path else ""


def _classes(report: UsageReport) -> str:
    """`12 literal, 3 prefix-elsewhere, … in 40 files`."""
    classes = ", ".join(f"{number} {kind}" for kind, number in report.counts.items())
    return f"{classes} in {plural(report.files, 'file')}"


def _more(total: int) -> list[str]:
    return [f"and {total - _SHOWN} more; --json lists them all"] if total > _SHOWN else []


def render_text(report: UsageReport, style: Style, width: int) -> str:
    """The table of scopes, the uses, the findings, and what cannot be seen."""
    lines = []
    if report.rows:
        lines += [columns([_cells(row) for row in report.rows], _HEADINGS, style=style, width=width), ""]
    if report.files:
        lines += hang("", _classes(report), width, 0)
    calls = [use for use in report.uses if use.kind not in (COMMENT, OBSERVED)]
    calls.sort(key=lambda use: use.kind != DYNAMIC)
    places = []
    for use in calls[:_SHOWN]:
        kind = style.warning(DYNAMIC) if use.kind == DYNAMIC else use.kind
        places.append([kind, _place(use), use.scope or visible(use.unknown or use.text)])
    if places:
        lines += ["", columns(places, style=style, width=width), *_more(len(calls))]
    for finding in report.findings:
        level = "error" if finding.kind in report.fail_on else "warning"
        head, place = style.severity(level, f"{level}[{finding.kind}]"), _place(finding)
        lines += ["", *headed(head, visible(finding.message), style, width)]
        lines += [f" {style.note('-->')} {place}"] if place else []
        lines += hang("  = help: ", visible(finding.help), width, 10)
    if report.blind_spots:
        lines += ["", style.note("blind spots") + style.bold(":")]
    for spot in report.blind_spots:
        lines += hang("  ", visible(spot), width, 2)
    for failure in report.errors:
        lines += ["", failure_block(failure, style, width)]
    return "\n".join(lines).strip("\n") + "\n"


def render_json(report: UsageReport, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """schemas/scopes.schema.json describes it."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "command": "scopes",
        "ok": report.exit_code == 0,
        "key": report.key or None,
        "summary": {"files": report.files, **report.counts},
        "scopes": [row._asdict() for row in report.rows],
        "uses": [
            {
                "path": visible(use.path),
                "line": use.line,
                "column": use.column,
                "class": use.kind,
                "text": visible(use.text),
                "scope": use.scope or None,
                "unknown": visible(use.unknown) or None,
                "method": visible(use.method) or None,
                "parameters": [visible(name) for name in use.parameters],
            }
            for use in report.uses
        ],
        "findings": [
            {
                **finding._asdict(),
                "message": visible(finding.message),
                "help": visible(finding.help),
                "scope": finding.scope or None,
                "path": None if finding.path is None else visible(finding.path),
                "failing": finding.kind in report.fail_on,
            }
            for finding in report.findings
        ],
        "blind_spots": [visible(each) for each in report.blind_spots],
        "errors": [failure_row(failure) for failure in report.errors],
    }
    return json.dumps(document, indent=2)


def render_markdown(report: UsageReport, style: Style, width: int) -> str:  # noqa: ARG001  # as above
    """The same for a job summary or a comment."""
    lines = [f"### {'✅' if report.exit_code == 0 else '❌'} mcapp scopes", "", f"{plain(_classes(report))}.", ""]
    if report.rows:
        lines += [f"| {' | '.join(_HEADINGS)} |", f"|{'---|' * len(_HEADINGS)}"]
        for row in report.rows:
            *rest, scope = _cells(row)
            lines.append(f"| {' | '.join(rest)} | <code>{plain(scope)}</code> |")
        lines.append("")
    if report.findings:
        lines += ["| | Place | Finding |", "|---|---|---|"]
        for finding in report.findings[:_SHOWN]:
            place = f"<code>{plain(_place(finding))}</code>" if finding.path else ""
            lines.append(f"| {finding.kind} | {place} | {plain(visible(finding.message))}<br>{plain(finding.help)} |")
        lines += ["", *_more(len(report.findings))]
    dynamic = [f"{_place(use)} {visible(use.text)}" for use in report.uses if use.kind == DYNAMIC]
    if dynamic:
        notes = [*dynamic[:_SHOWN], *_more(len(dynamic))]
        lines += ["**dynamic: the operation is unknown**", "", *(f"- <code>{plain(note)}</code>" for note in notes), ""]
    lines += [f"- {plain(visible(each))}" for each in report.blind_spots]
    lines += [f"- **error**: {plain(visible(failure.message))}" for failure in report.errors]
    return "\n".join(lines).rstrip("\n") + "\n"


def render_github(report: UsageReport, style: Style, width: int) -> str:
    """The text, fenced off so that no source file can give the runner orders; then an annotation for each finding."""
    from mcapp.report.annotations import Annotation, github  # it imports the linter: 20 ms

    found = [
        Annotation(
            "error" if finding.kind in report.fail_on else "warning",
            f"{visible(finding.message)}\n{finding.help}",
            finding.kind,
            f"mcapp {finding.kind}",
            finding.path,
            (finding.line or 1) if finding.path else None,
        )
        for finding in report.findings
    ]
    return github(render_text(report, style, width), found)


FORMATS = table(
    Format("text", render_text, people=True),
    Format("json", render_json, machine=True),
    Format("markdown", render_markdown),
    Format("github", render_github, people=True, summary=render_markdown, commands=True),
)
