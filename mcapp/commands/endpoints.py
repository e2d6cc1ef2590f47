"""`mcapp endpoints`: the catalogue of ManyChat's operations."""

import textwrap
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from mcapp.cli.help import build, help_page
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.errors import UsageProblem
from mcapp.scopes.catalogue import EMPTY, GRADES, GROUPS, NAMED, NEVER, READ, Endpoint, find, load
from mcapp.terminal.console import Style

_WIDE = 100  # columns from which there is room for the summaries


@help_page(
    examples="""
    mcapp endpoints                              every operation, and what probe sends to it
    mcapp endpoints --group sending
    mcapp endpoints 'GET /fb/page/getInfo'       all that is known of one
    mcapp endpoints --json
    """,
    exits={0: "listed"},
    notes="""
    A scope is one endpoint, written as its method and path; the bare path works too. No request is sent.

    The last column says when `mcapp probe` asks it: read always, write with --include-writes, when named also only if
    --only names it, never because no request to it is known to be harmless.
    """,
)
def endpoints(
    ctx: typer.Context,
    scopes: Annotated[
        list[str] | None, typer.Argument(metavar="[SCOPE]...", help="Show all that is known of these.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"Only this group: {', '.join(GROUPS)}. Repeatable.")
    ] = None,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """List ManyChat's operations: the scopes an App Key can have, and the one harmless request to each."""
    for name in group or ():
        if name not in GROUPS:
            raise UsageProblem(f"there is no group {name!r}", hint=f"there are: {', '.join(GROUPS)}")
    output = ContentWriter(ctx, output_format, json, lambda: {"endpoints": []})
    chosen = find(scopes) if scopes else load()
    chosen = tuple(endpoint for endpoint in chosen if not group or endpoint.group in group)
    draw = _details if scopes else _table
    output.emit(
        {"endpoints": [as_dict(endpoint) for endpoint in chosen]}, lambda style, width: draw(chosen, style, width)
    )


def as_dict(endpoint: Endpoint) -> dict[str, Any]:
    """A row as it stands in a JSON report; `request` is null where none is known to be harmless."""
    request = {"query": dict(endpoint.query), "body": None if endpoint.send == READ else {}}
    return {
        "scope": endpoint.scope,
        "group": endpoint.group,
        "summary": endpoint.summary,
        "mutates": endpoint.mutates,
        "effect": endpoint.effect or None,
        "deprecated": endpoint.deprecated,
        "limit": endpoint.limit or None,
        "required": dict(endpoint.required),
        "send": endpoint.send,
        "request": None if endpoint.send == NEVER else request,
        "harmless": endpoint.harmless,
        "granted": endpoint.granted or None,
        "grade": endpoint.grade,
        "evidence": endpoint.evidence,
    }


# What probe does with an endpoint, in a word or two.
_PROBED = {READ: "read", EMPTY: "write", NAMED: "when named", NEVER: "never"}


def _sent(endpoint: Endpoint) -> str:
    """What probe sends, in full."""
    if endpoint.send == NEVER:
        return "nothing"
    if endpoint.send == READ:
        query = "&".join(f"{name}={value}" for name, value in endpoint.query.items())
        return f"{endpoint.method} {endpoint.path}?{query}" if query else f"{endpoint.method} {endpoint.path}"
    return f"{endpoint.method} {endpoint.path} with the body {{}}" + (
        f", only with --only '{endpoint.scope}'" if endpoint.send == NAMED else ""
    )


def _table(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    """One line for each; what it is for only where there is room."""
    lines: list[str] = []
    column = max((len(endpoint.path) for endpoint in chosen), default=0)
    for group in GROUPS:
        rows = [endpoint for endpoint in chosen if endpoint.group == group]
        if rows:
            lines += ["", style.bold(group)] if lines else [style.bold(group)]
        for endpoint in rows:
            told = style.dim(endpoint.summary) if width >= _WIDE else ""
            lines.append(
                f"  {endpoint.method:4} {endpoint.path:{column}}  {_PROBED[endpoint.send]:10}  {told}".rstrip()
            )
    writes = sum(endpoint.mutates for endpoint in chosen)
    lines += ["", f"{len(chosen) - writes} reads, {writes} writes; mcapp endpoints SCOPE tells all about one"]
    return "\n".join(lines)


def _details(chosen: Sequence[Endpoint], style: Style, width: int) -> str:
    return "\n\n".join(_detail(endpoint, style, min(width, 100)) for endpoint in chosen)


def _detail(endpoint: Endpoint, style: Style, width: int) -> str:
    rows = {
        "what": endpoint.summary + (" Deprecated." if endpoint.deprecated else ""),
        "effect": endpoint.effect or "reads",
        "required": ", ".join(f"{name} ({kind})" for name, kind in endpoint.required.items()) or "nothing",
        "limit": f"{endpoint.limit} requests a second" if endpoint.limit else "none is stated",
        "probe sends": _sent(endpoint),
        "harmless": endpoint.harmless,
        "granted": endpoint.granted,
        "evidence": f"{endpoint.evidence} ({GRADES[endpoint.grade]})",
    }
    column = max(map(len, rows)) + 2
    lines = [style.bold(endpoint.scope)]
    for name, text in rows.items():
        if text:
            head = f"  {style.note(name)}{' ' * (column - len(name))}"
            body = textwrap.wrap(text, max(width - column - 2, 20), break_long_words=False, break_on_hyphens=False)
            lines += [head + body[0], *(" " * (column + 2) + line for line in body[1:])]
    return "\n".join(lines)


command = build("endpoints", endpoints)
