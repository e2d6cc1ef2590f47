"""`mcapp schema`: print a JSON Schema."""

import json

import typer

from mcapp import config, files, schemas
from mcapp.cli.command import argument, command, common, flag, option
from mcapp.errors import InputProblem, UsageProblem, suggestion

VSCODE_FILE = "./.vscode/app.schema.json"  # from the root of the workspace, where VS Code looks


@command(
    formats=(),
    examples="""
    mcapp schema app -o .vscode/app.schema.json      the schema of App JSON, for an editor
    mcapp schema app --vscode                        the setting that makes VS Code use that file
    mcapp schema report                              the schema of `validate --json`
    """,
    exits={0: "printed or written", 1: "another file would be overwritten"},
)
def schema(
    ctx: typer.Context,
    name: str = argument("[NAME]", f"One of {', '.join(schemas.NAMES)}.", words=schemas.NAMES, default="app"),
    out: str | None = option("FILE", "Write it into this file, in UTF-8.", "-o", "--output"),
    vscode: bool = flag("--vscode", "The setting for VS Code's settings.json instead, for your `files`."),
) -> None:
    if name not in schemas.NAMES:
        hint = suggestion(name, schemas.NAMES, f"known schemas: {', '.join(schemas.NAMES)}")
        raise UsageProblem(f"unknown schema {name!r}", hint=hint)
    shared = common(ctx)
    text = schemas.text(name)
    if vscode:
        if name != "app":
            raise UsageProblem(f"--vscode is for the schema app, not {name}", hint="leave one of them out")
        patterns = config.load(shared.config, isolated=shared.isolated).files
        text = json.dumps({"json.schemas": [{"fileMatch": [*patterns], "url": VSCODE_FILE}]}, indent=2) + "\n"
    if out is None:
        shared.console.out(text)
    else:
        files.refuse_other(out, lambda path: _check_schema(path, text), "a JSON Schema")
        files.write(out, text)
        shared.console.say(f"wrote {out}")
    if vscode:
        shared.console.say(f"next: mcapp schema app -o {VSCODE_FILE}")


def _check_schema(path: str, text: str) -> None:
    """Raise InputProblem unless the file is a JSON Schema or has this text already."""
    old = files.read(path).decode("utf-8", "replace")
    if old != text and not old.lstrip("\ufeff{ \t\r\n").startswith('"$schema": "https://json-schema.org/'):
        raise InputProblem(f"{path} is not a JSON Schema")
