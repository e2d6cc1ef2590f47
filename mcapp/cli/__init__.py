"""The command-line application: the only room, with the commands, that builds on Typer."""
