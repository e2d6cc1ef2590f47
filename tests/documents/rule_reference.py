"""Writes the reference of all rules, mcapp/lint/rules/README.md, from the rules themselves."""

import json
import re
import textwrap
from typing import Any

from mcapp.lint.check import Settings, check, read
from mcapp.lint.model import EVIDENCE, SAFE, Example, Rule, Rules
from mcapp.lint.rules import FAMILIES

WIDTH = 100
# A line of an example that is longer shows a limit by exceeding it.
ENDLESS = 200
OPTIONS = {"safe": "`mcapp validate --fix`", "unsafe": "`mcapp validate --unsafe-fixes`"}

INTRODUCTION = """\
<!-- Made from the rules by `pytest --update tests/documents`. Edit the rules instead. -->
# The rules

What `mcapp validate` checks, rule by rule. `mcapp rules CODE` prints the same in a terminal.

Severity says what happens if you ignore a finding. **error**: ManyChat does not accept the App JSON, or the App Key is
lost or exposed. **warning**: it is probably wrong, or it blocks a listing. **note**: advice.

Evidence says how well it is known that the rule is right. A rule that rests only on an inference, a guess or an open
question is never an error. ManyChat's documents are cited by their titles: "Dev Program - Quick Start", "Dev Program -
Obtaining API Access through Apps", "Technical Specification" (in Notion), "Dev Tools: External request".

A fix is **safe** if it cannot change what the file means. `--fix` applies the safe ones, `--unsafe-fixes` all of them.

Below *Wrong* stands an example that the rule reports and what it says about it; below *Right*, the same after the fix,
or another example that the rule accepts.
"""


def reference(rules: Rules) -> str:
    """The whole document."""
    parts = [INTRODUCTION, contents(rules)]
    family = ""
    for rule in rules:
        if FAMILIES[rule.code[:3]] != family:
            family = FAMILIES[rule.code[:3]]
            parts.append(f"## {family}\n")
        parts.append(page(rule))
    return "\n".join(parts)


def contents(rules: Rules) -> str:
    """The table of contents."""
    rows = ["| code | name | severity | fix | what it finds |", "|---|---|---|---|---|"]
    for rule in rules:
        summary = rule.summary.replace("[[", r"\[\[").replace("|", r"\|")
        cells = (f"[{rule.code}](#{rule.code.lower()})", f"`{rule.name}`", rule.severity, rule.fix or "", summary)
        rows.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(rows) + "\n"


def page(rule: Rule) -> str:
    """Everything about one rule."""
    grades = "; ".join(EVIDENCE[letter] for letter in rule.evidence)
    parts = [
        f'### <a id="{rule.code.lower()}"></a>{rule.code} {rule.name}',
        f"**{rule.severity}**" + (f", {rule.fix} fix" if rule.fix else ""),
        prose(rule.summary),
        *([prose(rule.why)] if rule.why else []),
        "**Wrong**",
        block(rule, rule.wrong.text),
        *findings(rule, rule.wrong),
        "**Right**",
        block(rule, rule.right),
        prose(f"**Evidence:** {grades}. Source: {rule.source}."),
        f"**Fix:** {fix(rule)}",
    ]
    return "\n\n".join(parts) + "\n"


def prose(text: str) -> str:
    """Paragraphs, each wrapped for whoever reads the source."""
    text = re.sub(r"(?<!`)\[\[(?!`)", r"\[\[", text)
    return "\n\n".join(
        "\n".join(textwrap.wrap(part, 120, break_long_words=False, break_on_hyphens=False))
        for part in text.split("\n\n")
    )


def findings(rule: Rule, example: Example) -> list[str]:
    """What the rule says about the example as it is shown."""
    settings = Settings(rules=(rule,), placeholders=example.placeholders)
    found = check(read(shown(rule, example.text).encode("utf-8", "surrogateescape")), settings).findings
    lines = []
    for finding in found:
        place = f"At `{finding.pointer}`" if finding.pointer else f"Line {finding.line}, column {finding.column}"
        lines.append(f"> {place}: {finding.message}." + (f" Help: {finding.help}." if finding.help else ""))
    return ["\n>\n".join(lines)]


def fix(rule: Rule) -> str:
    """How its fix is applied, in words."""
    if rule.fix is None:
        return "none; what is right depends on what you meant."
    if rule.fix == SAFE:
        return f"safe: {OPTIONS['safe']} applies it."
    return f"unsafe, because it may change what the file means: {OPTIONS['unsafe']} applies it; read the result."


def block(rule: Rule, example: str) -> str:
    """An example as a code block."""
    text = shown(rule, example)
    lines = [line if len(line) <= ENDLESS else f"{line[:60]} … ({len(line):,} characters)" for line in text.split("\n")]
    text = "\n".join(lines).strip("\n").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return f"```{'json' if strict(text) else 'text'}\n{text}\n```"


def shown(rule: Rule, text: str) -> str:
    """An example on as many lines as it needs. A rule on the text itself shows its own layout."""
    if not rule.code.startswith("MC0") and strict(text):
        return layout(json.loads(text))
    return text.replace(', "requests": [{', ',\n    "requests": [{')


def strict(text: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(text, parse_constant=lambda name: int(name))  # Python's own reader accepts NaN
    except ValueError:
        return False
    return True


def layout(data: Any, indent: int = 0, used: int = 0) -> str:
    """JSON text in which a container stands on one line only below the second level and where it fits."""
    flat = json.dumps(data, ensure_ascii=False)
    if not isinstance(data, (dict, list)) or not data or (indent >= 2 and indent * 2 + used + len(flat) <= WIDTH):
        return flat
    pad = "  " * (indent + 1)
    if isinstance(data, dict):
        opening, closing = "{}"
        entries = []
        for key, value in data.items():
            name = json.dumps(key, ensure_ascii=False)
            entries.append(f"{pad}{name}: {layout(value, indent + 1, len(name) + 2)}")
    else:
        opening, closing = "[]"
        entries = [f"{pad}{layout(value, indent + 1)}" for value in data]
    return opening + "\n" + ",\n".join(entries) + "\n" + "  " * indent + closing
