"""`mcapp lsp`: a language server for editors."""

import gc
from pathlib import Path

import typer

from mcapp import config as configuration
from mcapp.cli.command import command, common
from mcapp.errors import UsageProblem


@command(
    formats=(),
    examples="""
    pip install "mcapp[lsp]"      what it needs beside mcapp
    mcapp lsp                     started by an editor, for files called app.json, manychat.json or *.manychat.json
    """,
    exits={0: "the editor ended it", 141: "the editor reads nothing more"},
)
def lsp(ctx: typer.Context) -> None:
    """Speaks the Language Server Protocol on standard input and output. It follows mcapp.toml, checks the files that
    `mcapp validate` looks for, opens no socket, and writes nothing: the editor applies the fixes.
    """
    shared = common(ctx)

    def load(folder: Path) -> configuration.Config:
        return configuration.load(shared.config, isolated=shared.isolated, start=folder)

    if shared.config is not None:
        load(Path())  # what the user named is refused at once, not when the editor opens a file
    gc.disable()  # as in __main__.py: thousands of classes are made, and walking them takes a third of the time
    try:
        from mcapp.editor.language_server import run
    except ModuleNotFoundError as error:
        raise UsageProblem(
            f"mcapp lsp needs the package {(error.name or 'pygls').partition('.')[0]}",
            hint='install it with: pip install "mcapp[lsp]"',
        ) from None
    gc.freeze()
    gc.enable()
    run(load)
