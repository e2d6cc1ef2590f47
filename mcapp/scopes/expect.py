"""What is expected of a key: read from options, a file or the configuration, compared with what was granted."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial

from mcapp import files
from mcapp.errors import Failure, InputProblem, McappError, UsageProblem
from mcapp.scopes.catalogue import find
from mcapp.scopes.report import DENIED, FAIL_ON, GRANTED, WORKING, Expectation, ProbeReport, ScopeResult

_HEAD = "# The scopes that the App Key is expected to have, one a line. Written by mcapp probe --write-expect.\n"
_MOST = 100_000  # bytes of a file of expectations: the whole catalogue takes two thousand


def scopes(given: Iterable[str], where: str = "") -> tuple[str, ...]:
    """The scopes in full, in the catalogue's order. Raises UsageProblem, which names `where`, for an unknown one."""
    try:
        return tuple(endpoint.scope for endpoint in find(given))
    except UsageProblem as error:
        message = f"{where}: {error.message}" if where else error.message
        raise UsageProblem(message, hint=error.hint, code=error.code) from None


def read_file(path: str, *, empty: bool = False) -> dict[str, str]:
    """The scopes in a file, one a line, each with the comment behind it, which says why it is needed ("" without one).

    `#` begins a comment. Raises InputProblem, where there is no scope only unless `empty`, or UsageProblem.
    """
    raw = files.read(path, most=_MOST, stdin=True)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputProblem(f"{path} is not UTF-8 text", hint="it holds one scope a line", path=path) from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        word, _, reason = line.partition("#")
        if word.strip():
            found |= dict.fromkeys(scopes([word.strip()], f"{path}:{number}"), reason.strip())
    if not found and not empty:
        raise InputProblem(
            f"{path} names no scope", hint="it holds one scope a line; mcapp probe --write-expect writes it", path=path
        )
    return {scope: found[scope] for scope in scopes(found)}


def compare(expected: Collection[str], results: Iterable[ScopeResult]) -> Expectation:
    """Which of `expected` were refused, which stayed uncertain, and what was granted beyond them.

    A mapping says why each is needed, as `read_file` does.
    """
    found = {result.scope: result.verdict for result in results}
    return Expectation(
        expected=tuple(expected),
        reasons=expected if isinstance(expected, Mapping) else {},
        missing=tuple(scope for scope in found if scope in expected and found[scope] == DENIED),
        extra=tuple(scope for scope in found if found[scope] == GRANTED and scope not in expected),
        uncertain=tuple(scope for scope in found if scope in expected and found[scope] not in (DENIED, GRANTED)),
    )


def refuse_other(path: str) -> None:
    """Raise Refused if `path` exists and is not a file of expected scopes, the only kind that is replaced."""
    files.refuse_other(path, partial(read_file, empty=True), "a file of expected scopes")


def record(report: ProbeReport, path: str) -> ProbeReport:
    """Write the granted scopes to `path`, for `--expect-file`; what could not be decided stands there as a comment.

    The same report if that was done, else one with the error: for a key that does not work, an interrupted run, or a
    file that cannot be written.
    """
    if report.key is None or report.key.verdict != WORKING or report.interrupted:
        failure = Failure("not-recorded", f"nothing was written to {path}: the run says too little about the key")
        return replace(report, errors=(*report.errors, failure))
    undecided = "".join(f"# could not be decided: {scope}\n" for scope in report.undecided)
    try:
        refuse_other(path)
        files.write(path, _HEAD + "".join(f"{scope}\n" for scope in report.granted) + undecided)
    except McappError as error:
        return replace(report, errors=(*report.errors, error.failure), failed=error.exit_code)
    return report


def fail_on(given: Iterable[str], known: tuple[str, ...] = FAIL_ON) -> tuple[str, ...]:
    """What `--fail-on` names, repeated or with commas. Raises UsageProblem."""
    named = [word for item in given for word in re.split(r"[,\s]+", item) if word]
    for word in named:
        if word not in known:
            raise UsageProblem(f"--fail-on takes {', '.join(known)}, not {word!r}")
    return tuple(word for word in known if word in named)
