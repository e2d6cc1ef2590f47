"""`mcapp schema`: print a JSON Schema."""

from typing import Annotated

import typer

from mcapp import schemas
from mcapp.cli.help import build, help_page
from mcapp.cli.options import common, completing
from mcapp.errors import UsageProblem, nearest


@help_page(
    examples="""
    mcapp schema > app.schema.json      the schema of App JSON, for an editor
    mcapp schema report                 the schema of `validate --json`
    """,
    exits={0: "printed"},
)
def schema(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]",
            help=f"One of {', '.join(schemas.NAMES)}.",
            autocompletion=completing(lambda: schemas.NAMES),
        ),
    ] = "app",
) -> None:
    """Print a JSON Schema (draft 2020-12): of App JSON, of the configuration, or of a command's report."""
    if name not in schemas.NAMES:
        meant = nearest(name, schemas.NAMES)
        known = ", ".join(schemas.NAMES)
        raise UsageProblem(
            f"unknown schema {name!r}", hint=f"did you mean {meant}?" if meant else f"known schemas: {known}"
        )
    common(ctx).console.out(schemas.text(name))


command = build("schema", schema)
