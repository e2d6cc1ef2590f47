"""Many `mcapp keys add` at once, forked from one process so that Python and keyring are imported once.

    python -m tests.keys.crowd STORE FOLDER < keys

Standard input has a key in each line; the n-th is added as `kN`. FOLDER/N is what that command printed. Prints the exit
codes as a JSON list.
"""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import NoReturn

import keyring.backends.SecretService  # noqa: F401  # for the children
import secretstorage  # noqa: F401  # as above

import mcapp.commands.keys
import mcapp.keys.stores  # noqa: F401  # as above
from mcapp.cli.application import run
from mcapp.commands import stored_keys
from mcapp.keys.stores import Timeouts

assert sys.platform != "win32"


def add(number: int, key: bytes, store: str, output: Path, gate: int) -> NoReturn:
    """Wait until all are there, then be `mcapp keys add`."""
    code = 99
    try:
        read, write = os.pipe()
        os.write(write, key)
        os.close(write)
        os.dup2(read, 0)
        with output.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115  # the process ends with it
        os.read(gate, 1)
        code = run(["keys", "add", f"k{number}", "--stdin", "--store", store])
        sys.stdout.flush()
    finally:
        os._exit(code)


def main(store: str, folder: Path) -> None:
    """Fork, open the gate, wait."""
    # What is looked for is a lost key; how long a keyring takes for all of them depends on what else the machine does.
    vars(stored_keys)["Timeouts"] = partial(Timeouts, limit=60.0)
    closed, gate = os.pipe()
    children = []
    for number, line in enumerate(sys.stdin.buffer.read().splitlines()):
        child = os.fork()
        if child == 0:
            os.close(gate)
            add(number, line, store, folder / str(number), closed)
        children.append(child)
    os.close(gate)
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
