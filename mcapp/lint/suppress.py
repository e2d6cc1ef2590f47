"""Suppressed findings: which entries of `[[suppress]]` fit which findings, and what a run says about the entries.

An entry names rule, file and JSON pointer, never a line or a count. `value` tells findings apart that have these in
common: it is a hash of the text that the finding points at, or of the message where that is only a bracket.
"""

import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from mcapp.config import Config, Suppression, within
from mcapp.document import Document
from mcapp.errors import Failure
from mcapp.lint.model import Finding, Rules
from mcapp.lint.rules import NAMES
from mcapp.terminal.console import visible
from mcapp.terminal.redact import mask

_NUMBERS = re.compile(r"\b(lines?|columns?) [\d,]+")


class Match(NamedTuple):
    """A finding and the entry that accepts it. Where the entry has expired, the finding is reported all the same."""

    finding: Finding
    entry: Suppression
    expired: bool


def expired(entry: Suppression) -> bool:
    """Whether the entry's last day is over."""
    return bool(entry.expires) and entry.expires < time.strftime("%Y-%m-%d")


def match(document: Document, findings: Sequence[Finding], entries: Iterable[Suppression]) -> tuple[Match, ...]:
    """The findings that `entries`, all of this document's file, accept. An entry with a value accepts one finding."""
    waiting = sorted(entries, key=lambda entry: (expired(entry), not entry.value))
    matches = []
    for finding in findings:
        value = _value(document, finding)
        for entry in waiting:
            if (
                entry.rule in (finding.rule, finding.name)
                and entry.pointer == _pointer(finding)
                and entry.value in ("", value)
            ):
                matches.append(Match(finding, entry, expired(entry)))
                if entry.value:
                    waiting.remove(entry)
                break
    return tuple(matches)


def _pointer(finding: Finding) -> str | None:
    """The finding's pointer as an entry has it: a key that looks like a secret is masked."""
    return None if finding.pointer is None else mask(finding.pointer)


def _value(document: Document, finding: Finding) -> str:
    """A short hash of what the finding is about, which does not change when lines move."""
    text = document.text[finding.span.start : finding.span.end]
    if text in ("", "{", "["):
        text = _NUMBERS.sub(r"\1", finding.message)
    return sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def unused(paths: Iterable[str], config: Config, rules: Rules, matches: Iterable[Match]) -> tuple[int, ...]:
    """The numbers of the entries that match nothing: their rule was applied to their file, or one of them is gone.

    `paths` are the files that were checked.
    """
    used = {id(one.entry) for one in matches}
    checked = {within(config, path) for path in paths}
    applied = {word for rule in rules for word in (rule.code, rule.name)}
    folder = config.path.absolute().parent if config.path else Path()
    found = []
    for number, entry in enumerate(config.suppress):
        if id(entry) not in used:
            gone = entry.rule not in NAMES or not os.path.lexists(folder / entry.file)
            if gone or (entry.file in checked and entry.rule in applied):
                found.append(number)
    return tuple(found)


def warnings(config: Config, unused: Sequence[int]) -> tuple[Failure, ...]:
    """A warning for each entry that has expired or is unused."""
    path = str(config.path).removeprefix(os.getcwd() + os.sep)  # noqa: PTH109  # a prefix
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


def accepted(
    findings: Iterable[Finding], documents: Mapping[str, Document], config: Config, reason: str
) -> tuple[Match, ...]:
    """The findings, each with a new entry that accepts it. `documents` has their texts by path."""
    paths = {visible(path): path for path in documents}
    matches = []
    for finding in findings:
        path = paths[visible(finding.path)]
        value = _value(documents[path], finding)
        entry = Suppression(finding.rule, within(config, path), reason, _pointer(finding), value)
        matches.append(Match(finding, entry, expired=False))
    return tuple(matches)
