"""What a run says about the entries of `[[suppress]]`, and the entries that would suppress what it found."""

import os
from collections.abc import Sequence
from pathlib import Path

from mcapp.config import Config, Suppression, within
from mcapp.errors import Failure
from mcapp.lint.model import Rules
from mcapp.lint.rules import NAMES
from mcapp.lint.suppress import Match, expired, pointer_of, value_of
from mcapp.report.result import Report
from mcapp.terminal.console import visible


def unused(report: Report, config: Config, rules: Rules, matches: Sequence[Match]) -> tuple[int, ...]:
    """The numbers of the entries that match nothing: their rule was applied to their file, or one of them is gone."""
    used = {id(one.entry) for one in matches}
    checked = {within(config, file.path) for file in report.files}
    applied = {word for rule in rules for word in (rule.code, rule.name)}

    def gone(entry: Suppression) -> bool:
        folder = config.path.absolute().parent if config.path else Path()
        return entry.rule not in NAMES or not os.path.lexists(folder / entry.file)

    return tuple(
        number
        for number, entry in enumerate(config.suppress)
        if id(entry) not in used and (gone(entry) or (entry.file in checked and entry.rule in applied))
    )


def warnings(config: Config, unused: Sequence[int]) -> tuple[Failure, ...]:
    """A warning for each entry that has expired or is unused."""
    path = str(config.path)
    here = os.getcwd() + os.sep  # noqa: PTH109  # a prefix
    path = path.removeprefix(here)
    found = []
    for number, entry in enumerate(config.suppress):
        what = f"the suppression of {entry.rule} in {entry.file}{f' at {entry.pointer}' if entry.pointer else ''}"
        if expired(entry):
            text = f"{what} expired on {entry.expires} ({entry.reason})"
            found.append(Failure("expired-suppression", text, "fix the finding, or set another date", path))
        elif number in unused:
            hint = "'mcapp validate --prune-suppressions' removes it"
            found.append(Failure("unused-suppression", f"{what} matches nothing any more", hint, path))
    return tuple(found)


def entries(report: Report, config: Config, reason: str) -> tuple[Suppression, ...]:
    """An entry for each finding of the report, in the same order."""
    paths = {visible(path): path for path in report.documents}
    found = []
    for finding in report.findings:
        path = paths[visible(finding.path)]
        value = value_of(report.documents[path], finding)
        found.append(Suppression(finding.rule, within(config, path), reason, pointer_of(finding), value))
    return tuple(found)
