"""One module per command: options in, a call to the core, output and exit code out."""
