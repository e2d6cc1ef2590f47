"""Another user, who changes what is in a folder all the time, and a program that writes there.

    python attackers.py write UID FOLDER COUNT SECONDS    prints how many writes of each kind succeeded
    python attackers.py attack UID FOLDER VICTIMS         until it is killed

FOLDER is the attacker's; VICTIMS is a folder that only the writer may change. Root becomes UID after the imports.
"""

# The fewer calls, the faster the attack.
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH114, PTH208, PTH211

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mcapp import files
from mcapp.errors import McappError, nearest

assert sys.platform != "win32"


def attack(folder: str, victims: str) -> None:
    """Swap every file in the folder, as fast as it goes: for a link to a victim, a second name of one, or another."""
    os.chdir(folder)
    names = sorted(os.listdir(victims))
    turn = 0
    # What mcapp calls its temporary files in a folder that is private otherwise.
    lures = ["keys.toml.new", "app.json", "new.json", "keys.toml", "log", "sub"]
    while True:
        turn += 1
        found = [name for name in os.listdir(".") if name.startswith((".mcapp-", "keys.toml.new"))]
        for name in found or [secrets.choice(lures)]:
            victim = f"{victims}/{secrets.choice(names)}"
            with contextlib.suppress(OSError):
                if name == "sub":
                    _swap_folder(victims)
                    continue
                if turn % 4:
                    os.unlink(name)
                elif turn % 8:
                    os.rename(name, f"moved-{turn % 100}")
                if turn % 3 == 0:
                    os.link(victim, name)
                elif turn % 3 == 1:
                    os.symlink(victim, name)
                elif turn % 5 == 0:
                    Path(name).write_bytes(b"the attacker's")


def _swap_folder(victims: str) -> None:
    """`sub` is a folder, and then a link to the victims."""
    if os.path.islink("sub"):
        os.unlink("sub")
        os.mkdir("sub")
    else:
        with contextlib.suppress(OSError):
            os.rename("sub", f"sub-{secrets.token_hex(4)}")
        os.symlink(victims, "sub")
    os.chmod("sub", 0o777)  # noqa: S103  # the writer shall get in


KINDS: dict[str, Callable[[str], None]] = {
    "fix": lambda text: files.write("app.json", text, expected=files.read_document("app.json")),
    "report": lambda text: files.write("app.json", text),
    "new": lambda text: files.write("new.json", text, replace=False),
    "store": lambda text: files.write("keys.toml", text, private=True, temporary="keys.toml.new"),
    "append": lambda text: files.append("log", text),
    "folder": lambda text: files.write("sub/app.json", text),
}


def write(folder: str, count: int, seconds: float) -> dict[str, int]:
    """Write at least `count` times in each way, for at least this time; how often each succeeded."""
    os.chdir(folder)
    done = dict.fromkeys(KINDS, 0)
    number, until = 0, time.monotonic() + seconds
    while number < count or time.monotonic() < until:
        number += 1
        for kind, how in KINDS.items():
            with contextlib.suppress(McappError):
                how(f"{kind} {number}")
                done[kind] += 1
    return {**done, "of": number}


if __name__ == "__main__":
    mode, uid, *rest = sys.argv[1:]
    nearest("a", ["b"])  # imports what another user may not be able to read
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
    if mode == "attack":
        attack(*rest)
    else:
        sys.stdout.write(json.dumps(write(rest[0], int(rest[1]), float(rest[2]))))
