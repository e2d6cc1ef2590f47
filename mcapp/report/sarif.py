"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

GitHub reads a part of it: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mcapp import __version__
from mcapp.document import Document
from mcapp.document.places import Position, Span
from mcapp.errors import Failure
from mcapp.lint.model import EVIDENCE, HOME, Finding, FindingFix, Rule, by_place
from mcapp.report.finding_text import Source
from mcapp.report.result import Report
from mcapp.terminal.console import Style, visible
from mcapp.terminal.redact import mask

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"

# The name carries a version: a fingerprint that is computed otherwise gets another. GitHub's own
# `primaryLocationLineHash` is left to its upload action, which warns about any value that is not the one it computes.
FINGERPRINT = "mcappFinding/v1"

# The best evidence that a rule has says how sure its findings are, in the words that GitHub knows.
_PRECISION = {"D": "very-high", "R": "very-high", "X": "high", "S": "high", "C": "medium", "I": "medium"}
_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}


def render(report: Report, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """One run with all the rules, the findings as results, and what could not be read as notifications."""
    from mcapp.lint.rules import ALL

    documents = {visible(path): document for path, document in report.documents.items()}
    index = {rule.code: number for number, rule in enumerate(ALL)}
    reasons = {id(one.finding): one.entry.reason for one in report.suppressed}
    run = {
        "tool": {
            "driver": {
                "name": "mcapp",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in ALL],
            }
        },
        "columnKind": "unicodeCodePoints",
        "newlineSequences": ["\r\n", "\n", "\r"],
        "originalUriBaseIds": {BASE: {"description": {"text": "The folder in which mcapp was run."}}},
        "invocations": [
            {
                "executionSuccessful": not report.errors and not report.interrupted,
                "toolExecutionNotifications": [_notification(failure, level) for level, failure in report.failures],
            }
        ],
        "results": [
            _result(finding, index, documents.get(visible(finding.path)), mark, reasons.get(id(finding)))
            for finding, mark in fingerprints(report)
        ],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    precision = next((_PRECISION[letter] for letter in _PRECISION if letter in rule.evidence), "low")
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why or rule.summary},
        "help": {"text": f"{rule.summary}\n\n{rule.why}".strip() + f"\n\n{rule.url}"},
        "helpUri": rule.url,
        "defaultConfiguration": {"level": rule.severity},
        "properties": {
            "precision": precision,
            "problem.severity": _SEVERITY[rule.severity],
            "tags": ["manychat", *(["security"] if "X" in rule.evidence else [])],
            "evidence": [EVIDENCE[letter] for letter in rule.evidence],
            "source": rule.source,
        },
    }


def _result(
    finding: Finding, index: Mapping[str, int], document: Document | None, fingerprint: str, accepted: str | None
) -> dict[str, Any]:
    """A finding. `index` has the rules' numbers by code; `accepted` is why it is suppressed, None if it is not.

    Related places are embedded links as well, without which GitHub does not show them. Braces stay single, although
    section 3.11.5 of the standard would double them: a viewer that does not know that would show `{{{{app_token}}}}`.
    """
    escaped = [re.sub(r"[\\\[\]]", r"\\\g<0>", one.message) for one in finding.related]
    links = [f"See [{text}]({number})." for number, text in enumerate(escaped, 1)]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
        "level": finding.severity,
        "message": {"text": "\n".join((finding.text, *links))},
        "locations": [_location(finding.path, finding.place)],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if finding.pointer is not None:
        result["locations"][0]["logicalLocations"] = [{"fullyQualifiedName": finding.pointer, "kind": "value"}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": one.message}, **_location(finding.path, one.place)}
            for number, one in enumerate(finding.related, 1)
        ]
    if finding.fix and document and (fix := _fix(finding.path, finding.fix, document)):
        result["fixes"] = [fix]
    if accepted is not None:
        suppression = {"kind": "external", "status": "accepted", "justification": visible(accepted)}
        result["suppressions"] = [suppression]
    return result


def _location(path: str, place: Position) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": _artifact(path), "region": _region(place)}}


def _artifact(path: str) -> dict[str, str]:
    pure = Path(visible(path))
    if pure.is_absolute():
        return {"uri": pure.as_uri()}
    return {"uri": quote(pure.as_posix()), "uriBaseId": BASE}


def _region(place: Position) -> dict[str, int]:
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), place, strict=True))


def _fix(path: str, fix: FindingFix, document: Document) -> dict[str, Any] | None:
    """The fix, unless lines and columns cannot express it (a byte order mark has none) or would show a key."""
    replacements = []
    for edit in fix.edits:
        place = document.place(Span(edit.start, edit.end))
        if (edit.end > edit.start and place[:2] == place[2:]) or mask(edit.text) != edit.text:
            return None
        replacements.append({"deletedRegion": _region(place), "insertedContent": {"text": edit.text}})
    return {
        "description": {"text": fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(path), "replacements": replacements}],
        "properties": {"safety": fix.safety},
    }


def fingerprints(report: Report) -> Iterator[tuple[Finding, str]]:
    """A name for each finding that outlives changes elsewhere in the file: made of the rule, the path and the JSON
    pointer, or the line's text where there is none, and a number where that fits more than one. The suppressed ones are
    there too, so that suppressing one does not rename another.
    """
    sources = {visible(path): Source(document) for path, document in report.documents.items()}
    seen: Counter[str] = Counter()
    every: Sequence[Finding] = report.findings
    if report.suppressed:
        every = sorted((*every, *(one.finding for one in report.suppressed)), key=by_place)
    for finding in every:
        path = visible(finding.path)
        where = finding.pointer
        if where is None:
            where = "text " + (sources[path][finding.line].strip() if path in sources else finding.message)
        known = "\0".join((finding.rule, Path(path).as_posix(), where))
        seen[known] += 1
        text = known if seen[known] == 1 else f"{known}\0{seen[known]}"
        yield finding, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _notification(failure: Failure, level: str) -> dict[str, Any]:
    hint = f"\n{failure.hint}" if failure.hint else ""
    notification: dict[str, Any] = {
        "level": level,
        "descriptor": {"id": failure.code},
        "message": {"text": "\n".join(map(visible, f"{failure.message}{hint}".split("\n")))},
    }
    if failure.path is not None:
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(failure.path)}}]
    return notification
