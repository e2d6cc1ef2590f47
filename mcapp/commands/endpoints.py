"""`mcapp endpoints`: the catalogue of ManyChat's operations."""

import typer

from mcapp.cli.command import argument, command, option
from mcapp.cli.output import ContentWriter
from mcapp.errors import UsageProblem
from mcapp.scopes import endpoint_text, recording
from mcapp.scopes.catalogue import GROUPS, find, load, names
from mcapp.terminal.console import Style


@command(
    examples="""
    mcapp endpoints                              every operation, and what probe sends to it
    mcapp endpoints --group sending
    mcapp endpoints "GET /fb/page/getInfo"       all that is known of one
    mcapp endpoints --compare run.json           does a recorded run agree with it?
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
    scopes: list[str] | None = argument("[SCOPE]...", "Show all that is known of these.", words=names),
    group: list[str] | None = option("NAME", f"Only this group: {', '.join(GROUPS)}. Repeatable.", words=GROUPS),
    compare: str | None = option("FILE", "Say what a recording (mcapp probe --record) confirms and contradicts."),
) -> None:
    for name in group or ():
        if name not in GROUPS:
            raise UsageProblem(f"unknown group {name!r}", hint=f"known groups: {', '.join(GROUPS)}")
    output = ContentWriter(ctx, {"endpoints": []})
    chosen = find(scopes) if scopes else load()
    chosen = tuple(endpoint for endpoint in chosen if not group or endpoint.group in group)
    remarks: dict[str, endpoint_text.Remark] = {}
    if compare is not None:
        remarks = endpoint_text.compare(chosen, recording.read(compare))
    rows = [endpoint_text.endpoint_row(endpoint, remarks.get(endpoint.scope)) for endpoint in chosen]

    def text(style: Style, width: int) -> str:
        if compare is not None:
            return endpoint_text.compared(chosen, remarks, style, width)
        return (endpoint_text.details if scopes else endpoint_text.listing)(chosen, style, width)

    output.emit({"endpoints": rows}, text)
