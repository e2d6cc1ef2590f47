"""`mcapp endpoints`: the catalogue of ManyChat's operations."""

from typing import Annotated

import typer

from mcapp.cli.help import build, help_page
from mcapp.cli.options import completing
from mcapp.cli.output import ContentWriter, Json, OutputFormat
from mcapp.errors import UsageProblem
from mcapp.scopes import endpoint_text
from mcapp.scopes.catalogue import GROUPS, find, load


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
        list[str] | None,
        typer.Argument(
            metavar="[SCOPE]...",
            help="Show all that is known of these.",
            autocompletion=completing(lambda: [each.scope for each in load()]),
        ),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=f"Only this group: {', '.join(GROUPS)}. Repeatable.",
            autocompletion=completing(lambda: GROUPS),
        ),
    ] = None,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """List ManyChat's operations: the scopes an App Key can have, and the one harmless request to each."""
    for name in group or ():
        if name not in GROUPS:
            raise UsageProblem(f"unknown group {name!r}", hint=f"known groups: {', '.join(GROUPS)}")
    output = ContentWriter(ctx, output_format, json, lambda: {"endpoints": []})
    chosen = find(scopes) if scopes else load()
    chosen = tuple(endpoint for endpoint in chosen if not group or endpoint.group in group)
    draw = endpoint_text.details if scopes else endpoint_text.listing
    output.emit(
        {"endpoints": [endpoint_text.endpoint_row(endpoint) for endpoint in chosen]},
        lambda style, width: draw(chosen, style, width),
    )


command = build("endpoints", endpoints)
