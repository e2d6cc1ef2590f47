"""`mcapp rules`: list the rules, or explain one of them."""

import sys
from typing import Annotated, Any

import typer

from mcapp.cli.help import build, help_page
from mcapp.cli.options import common
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.errors import UsageProblem, nearest
from mcapp.lint.model import EVIDENCE, SAFE, Bad, Rule, Rules
from mcapp.lint.rules import ALL
from mcapp.terminal.cells import around, wrap
from mcapp.terminal.console import Style, is_terminal, visible
from mcapp.terminal.redact import looks_like_key

# The first digit of a code says what the rule is about.
FAMILIES = {
    "MC0": "Text",
    "MC1": "Shape",
    "MC2": "Requests",
    "MC3": "Placeholders",
    "MC4": "Actions",
    "MC5": "Secrets",
}

# So many lines of a wrong example are shown before and after the place.
AROUND = 12
# A line of so many characters shows a limit by going beyond it.
ENDLESS = 500
# Prose wider than this is hard to read.
WIDEST = 100
# A column of summaries narrower than this is hard to read too: then they get lines of their own.
NARROWEST = 36


@help_page(
    examples="""
    mcapp rules                       every rule
    mcapp rules MC203                 what it is about, with a wrong and a right example
    mcapp rules app-key-in-url        the same by its name
    mcapp rules MC2                   the rules whose code begins like that
    mcapp rules --json                all of it for a program (mcapp schema rules)
    """,
    exits={0: "listed or explained"},
)
def rules(
    ctx: typer.Context,
    code: Annotated[
        str | None,
        typer.Argument(metavar="[CODE]", help="A rule's code or name, or the beginning of one.", show_default=False),
    ] = None,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """List the rules that `mcapp validate` checks, or explain one of them."""
    console = common(ctx).console
    writer = ContentWriter(ctx, output_format, json, lambda: {"rules": []})
    chosen = ALL if code is None else find(code)
    explain = code is not None and len(chosen) == 1

    def text(style: Style, width: int) -> str:
        if explain:
            return explanation(chosen[0], style, min(width, WIDEST))
        return table(chosen, style, width) if is_terminal(sys.stdout) else plain(chosen)

    writer.emit({"rules": [_rule(rule) for rule in chosen]}, text)
    if not explain and is_terminal(sys.stdout):
        console.say(console.err_style.dim("'mcapp rules CODE' explains one of them"))


def find(word: str) -> Rules:
    """The rule that is called `word`, or those whose code or name begins with it. Raises UsageProblem."""
    lower = word.strip().lower()
    exact = tuple(rule for rule in ALL if lower in (rule.code.lower(), rule.name))
    found = exact or tuple(rule for rule in ALL if lower and f"{rule.code.lower()} {rule.name}".startswith(lower))
    found = found or tuple(rule for rule in ALL if lower and rule.name.startswith(lower))
    if found:
        return found
    meant = nearest(word, (name for rule in ALL for name in (rule.name, rule.code)))
    called = "that" if looks_like_key(word) else repr(word)
    raise UsageProblem(
        f"no rule is called {called}", hint=f"did you mean {meant}?" if meant else "'mcapp rules' lists them"
    )


def plain(chosen: Rules) -> str:
    """A line for each rule, its fields separated by tabs: code, name, severity, fix (safe, unsafe or -), summary."""
    return "".join(f"{one.code}\t{one.name}\t{one.severity}\t{one.fix or '-'}\t{one.summary}\n" for one in chosen)


def table(chosen: Rules, style: Style, width: int) -> str:
    """The rules by family, for a terminal of `width` columns: a row for each, or where that is too narrow, a few."""
    name = max(len(one.name) for one in chosen)
    left = 5 + 2 + name + 2 + len("warning") + 2 + len("unsafe fix") + 2
    beside = width - left >= NARROWEST
    indent = left if beside else 7
    lines: list[str] = []
    family = ""
    for one in chosen:
        heading = FAMILIES.get(one.code[:3], "")
        if heading != family:
            lines += [*([""] if lines else []), style.bold(heading)]
            family = heading
        fix = f"{one.fix} fix" if one.fix else ""
        if beside:
            text = wrap(one.summary, width - indent, width - indent)
            severity = style.severity(one.severity, f"{one.severity:<7}")
            lines.append(f"{style.note(one.code)}  {one.name:<{name}}  {severity}  {fix:<10}  {text.pop(0)}")
        else:
            told = f"{one.severity}{', ' if fix else ''}{fix}: {one.summary}"
            text = wrap(told, width - indent, width - indent)
            text[0] = text[0].replace(one.severity, style.severity(one.severity, one.severity), 1)
            lines.append(f"{style.note(one.code)}  {one.name}")
        lines.extend(" " * indent + line for line in text)
    return "\n".join(lines)


def explanation(rule: Rule, style: Style, width: int) -> str:
    """Everything about one rule, its first examples underlined as `validate` would."""

    def prose(text: str, indent: int = 0) -> str:
        paragraphs = (wrap(part, width - indent, width - indent) for part in text.split("\n\n"))
        return "\n\n".join("\n".join(" " * indent + line for line in lines) for lines in paragraphs)

    option = "--fix" if rule.fix == SAFE else "--unsafe-fixes"
    mended = f", mended by mcapp validate {option}" if rule.fix else ""
    status = prose(f"{rule.severity}{mended}").replace(rule.severity, style.severity(rule.severity, rule.severity), 1)
    evidence = "; ".join(EVIDENCE[letter] for letter in rule.evidence if letter in EVIDENCE)
    parts = [
        f"{style.bold(f'{rule.code} {rule.name}')}\n{status}",
        prose(rule.summary),
        *([prose(rule.why)] if rule.why else []),
        f"{style.bold('Evidence')}\n{prose(evidence, 2)}\n{prose(f'Source: {rule.source}', 2)}",
    ]
    if rule.bad:
        parts.append(f"{style.bold('Wrong')}\n{_wrong(rule, rule.bad[0], style, width)}")
        if rule.bad[0].fixed is not None:
            parts.append(f"{style.bold(f'After {option}')}\n{_indented(rule.bad[0].fixed, width)}")
    if rule.good:
        parts.append(f"{style.bold('Right')}\n{_indented(rule.good[0].text, width)}")
    parts.append(style.note(rule.url))
    return "\n\n".join(parts) + "\n"


def _wrong(rule: Rule, example: Bad, style: Style, width: int) -> str:
    """The example as `validate` shows it, but all of its lines."""
    from mcapp.document import read
    from mcapp.lint.check import Settings, check
    from mcapp.report.finding_text import Source, snippet

    # Stray bytes stand in an example as surrogates.
    document = read(example.text.encode("utf-8", "surrogateescape"))
    found = check(document, Settings((rule,), example.kind, example.placeholders)).findings
    if not found:
        return _indented(example.text, width)
    finding = found[0]
    context = range(max(finding.line - AROUND, 1), min(finding.line + AROUND, example.text.count("\n") + 1) + 1)
    return "\n".join(snippet(finding, Source(document), style, width, context)[1])


def _indented(text: str, width: int) -> str:
    """An example as it is; only a line that nobody would read to its end is cut."""

    def cut(line: str) -> str:
        return visible(line.expandtabs(4)) if len(line) < ENDLESS else around(line, 0, 0, width - 2).text

    return "\n".join(f"  {cut(line)}" for line in text.rstrip("\n").split("\n"))


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "fix": rule.fix,
        "summary": rule.summary,
        "why": rule.why,
        "evidence": [{"grade": letter, "meaning": EVIDENCE[letter]} for letter in rule.evidence if letter in EVIDENCE],
        "source": rule.source,
        "url": rule.url,
        "bad": [
            {
                "text": example.text,
                "kind": example.kind,
                "placeholders": example.placeholders,
                "at": [_spot(spot) for spot in example.at],
                "fixed": example.fixed,
            }
            for example in rule.bad
        ],
        "good": [
            {"text": example.text, "kind": example.kind, "placeholders": example.placeholders} for example in rule.good
        ],
    }


def _spot(spot: str | tuple[int, int]) -> dict[str, Any]:
    if isinstance(spot, str):
        return {"pointer": spot, "line": None, "column": None}
    return {"pointer": None, "line": spot[0], "column": spot[1]}


command = build("rules", rules)
