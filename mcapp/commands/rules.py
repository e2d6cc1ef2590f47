"""`mcapp rules`: list the rules, or explain one of them."""

import sys
from functools import partial

import typer

from mcapp.cli.command import argument, command, common
from mcapp.cli.output import ContentWriter
from mcapp.lint.rules import ALL, NAMES
from mcapp.report import rule_text
from mcapp.terminal.console import is_terminal


@command(
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
    code: str | None = argument(
        "[CODE]", "A rule's code or name, or the beginning of one.", words=NAMES, show_default=False
    ),
) -> None:
    console = common(ctx).console
    writer = ContentWriter(ctx, {"rules": []})
    chosen = ALL if code is None else rule_text.find(code)
    explain = code is not None and len(chosen) == 1
    text = partial(rule_text.explanation, chosen[0]) if explain else partial(rule_text.listing, chosen)
    wanted = (
        chosen if any(target.format.machine for target in writer.targets) else ()
    )  # reading the examples takes time
    writer.emit({"rules": list(map(rule_text.rule_row, wanted))}, text)
    if not explain and is_terminal(sys.stdout):
        console.say(console.err_style.dim("'mcapp rules CODE' explains one of them"))
