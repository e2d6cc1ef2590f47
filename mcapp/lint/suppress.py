"""Suppressed findings: which entries of `[[suppress]]` fit which findings of a document.

An entry names rule, file and JSON pointer, never a line or a count. `value` tells findings apart that have these in
common: it is a hash of the text that the finding points at, or of the message where that is only a bracket.
"""

import re
import time
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from mcapp.config import Suppression
from mcapp.document import Document
from mcapp.lint.model import Finding
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
        value = value_of(document, finding)
        for entry in waiting:
            if (
                entry.rule in (finding.rule, finding.name)
                and entry.pointer == pointer_of(finding)
                and entry.value in ("", value)
            ):
                matches.append(Match(finding, entry, expired(entry)))
                if entry.value:
                    waiting.remove(entry)
                break
    return tuple(matches)


def pointer_of(finding: Finding) -> str | None:
    """The finding's pointer as an entry has it: a key that looks like a secret is masked."""
    return None if finding.pointer is None else mask(finding.pointer)


def value_of(document: Document, finding: Finding) -> str:
    """A short hash of what the finding is about, which does not change when lines move."""
    text = document.text[finding.span.start : finding.span.end]
    if text in ("", "{", "["):
        text = _NUMBERS.sub(r"\1", finding.message)
    return sha256(" ".join(text.split()).encode("utf-8", "surrogatepass")).hexdigest()[:12]
