"""The program's entry: `mcapp` and `python -m mcapp`."""

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit code."""
    # Nothing that is imported from here on is ever garbage, and walking it costs a quarter of a short run.
    # cli/application.py switches the collector on again, with all of that frozen, once the command is imported.
    gc.disable()
    if sys.platform == "win32":
        import signal

        signal.signal(signal.SIGBREAK, signal.default_int_handler)  # Ctrl-Break ends a run as Ctrl-C does
    try:
        from mcapp.cli.application import run

        code = run()
    except KeyboardInterrupt:  # while modules load, or once more while the first one is being answered
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
