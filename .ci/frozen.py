"""The program of `make binary`: mcapp, with the environment that the user has.

PyInstaller's start-up code sets variables for itself, and every command that mcapp starts would inherit them
(`keys exec`): a program of the system that loads the libraries of this folder instead of its own fails.
"""

import os
import sys

for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LIBPATH"):
    original = os.environ.pop(f"{name}_ORIG", None)
    if original is not None:
        os.environ[name] = original
    elif os.environ.get(name) == getattr(sys, "_MEIPASS", ""):
        del os.environ[name]
for name in [name for name in os.environ if name.startswith(("_PYI_", "_MEIPASS"))]:
    del os.environ[name]

from mcapp.__main__ import main  # noqa: E402  # nothing of mcapp sees the other environment

main()
