"""Rules as `mcapp rules` shows them: the list, the explanation of one, and the rows of the JSON report."""

from json import dumps
from typing import Any

from mcapp.errors import UsageProblem, suggestion
from mcapp.lint.model import EVIDENCE, SAFE, Rule, Rules
from mcapp.lint.rules import ALL, FAMILIES, NAMES
from mcapp.terminal.cells import around, wrap
from mcapp.terminal.console import Style, visible
from mcapp.terminal.drawing import table
from mcapp.terminal.redact import looks_like_key

ENDLESS = 500  # characters: an example's line of this length shows a limit by going beyond it
READABLE = 100  # columns: wider prose is hard to read
WIDE = 110  # columns from which a rule's severity and fix have columns of their own


def find(word: str) -> Rules:
    """The rule that is called `word`, or those whose code or name begins with it. Raises UsageProblem."""
    lower = word.strip().lower()
    words = [(rule, (code := rule.code.lower(), rule.name, f"{code} {rule.name}")) for rule in ALL if lower]
    exact = tuple(rule for rule, its in words if lower in its)
    if found := exact or tuple(rule for rule, its in words if any(each.startswith(lower) for each in its)):
        return found
    called = "that" if looks_like_key(word) else repr(word)
    raise UsageProblem(f"unknown rule {called}", hint=suggestion(word, NAMES, "'mcapp rules' lists them"))


def listing(chosen: Rules, style: Style, width: int) -> str:
    """The rules by family, for a terminal of `width` columns."""
    rows: list[list[str] | str] = []
    for prefix, heading in FAMILIES.items():
        family = [one for one in chosen if one.code.startswith(prefix)]
        if family:
            rows += [*([""] if rows else []), style.bold(heading)]
        for one in family:
            severity, fix = style.severity(one.severity, one.severity), f"{one.fix} fix" if one.fix else ""
            if width >= WIDE:
                rows.append([style.note(one.code), one.name, severity, fix, one.summary])
            else:
                rows.append([style.note(one.code), one.name, f"{severity}{', ' if fix else ''}{fix}: {one.summary}"])
    return table(rows, style=style, width=width)


def explanation(rule: Rule, style: Style, width: int) -> str:
    """Everything about one rule, its first example underlined as `validate` does it."""
    width = min(width, READABLE)

    def prose(text: str, indent: int = 0) -> str:
        paragraphs = (wrap(part, width - indent, width - indent) for part in text.split("\n\n"))
        return "\n\n".join("\n".join(" " * indent + line for line in lines) for lines in paragraphs)

    option = "--fix" if rule.fix == SAFE else "--unsafe-fixes"
    fixed = f", fixed by mcapp validate {option}" if rule.fix else ""
    status = prose(f"{rule.severity}{fixed}").replace(rule.severity, style.severity(rule.severity, rule.severity), 1)
    evidence = "; ".join(EVIDENCE[letter] for letter in rule.evidence)
    parts = (
        f"{style.bold(f'{rule.code} {rule.name}')}\n{status}",
        prose(rule.summary),
        prose(rule.why),
        f"{style.bold('Evidence')}\n{prose(evidence, 2)}\n{prose(f'Source: {rule.source}', 2)}",
        f"{style.bold('Wrong')}\n{_wrong(rule, style, width)}",
        f"{style.bold('Right' if rule.wrong.fixed is None else f'After {option}')}\n{_right(rule, width)}",
        style.note(rule.url),
    )
    return "\n\n".join(parts) + "\n"


def _wrong(rule: Rule, style: Style, width: int) -> str:
    """The example as `validate` shows it, but all of its lines."""
    from mcapp.lint.check import Settings, check, read
    from mcapp.report.finding_text import Snippet, Source

    text = _legible(rule.wrong.text, width)
    # Stray bytes stand in an example as surrogates.
    document = read(text.encode("utf-8", "surrogateescape"))
    finding, *_ = check(document, Settings((rule,), placeholders=rule.wrong.placeholders)).findings
    every = range(1, text.count("\n") + 2)
    return "\n".join(Snippet(finding, Source(document), style, width, every).rows())


def _right(rule: Rule, width: int) -> str:
    """The example, indented; only a line of ENDLESS characters or more is cut."""
    lines = _legible(rule.right, width).rstrip("\n").split("\n")
    cut = (visible(line) if len(line) < ENDLESS else around(line, 0, 0, width - 2).text for line in lines)
    return "\n".join(f"  {line}" for line in cut)


def _legible(text: str, width: int) -> str:
    """An example spread over lines if one of its lines is too wide, and as it is if it is not JSON or the point is
    its length.
    """
    if not width - 8 < max(map(len, text.split("\n"))) < ENDLESS:
        return text
    from mcapp.document import read

    document = read(text.encode("utf-8", "surrogateescape"))
    if document.defects or not document.readable:
        return text
    return dumps(document.data, ensure_ascii="\\u" in text, indent=2)


def rule_row(rule: Rule) -> dict[str, Any]:
    """A rule in the JSON report, as schemas/rules.schema.json describes it."""
    at, fixed = rule.wrong.at, rule.wrong.fixed
    line, column = (None, None) if isinstance(at, str) else at
    place = {"pointer": at if line is None else None, "line": line, "column": column}
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "fix": rule.fix,
        "summary": rule.summary,
        "why": rule.why,
        "evidence": [{"grade": letter, "meaning": EVIDENCE[letter]} for letter in rule.evidence],
        "source": rule.source,
        "url": rule.url,
        "bad": [{**_example(rule, rule.wrong.text), "at": [place], "fixed": fixed}],
        "good": [_example(rule, rule.right)],
    }


def _example(rule: Rule, text: str) -> dict[str, Any]:
    from mcapp.lint.check import Settings, check, read

    document = read(text.encode("utf-8", "surrogateescape"))
    kind = check(document, Settings(rules=()), only_findings=True).kind
    return {"text": text, "kind": kind, "placeholders": rule.wrong.placeholders}
