"""A process that is killed again and again while it adds, replaces and removes keys; run by test_killed.py.

    python -m tests.keys.killed STORE ROUNDS SEED

Every round forks, so that Python and keyring are imported once; the child works until SIGKILL ends it. Then the index
must parse, and every few rounds doctor's part runs and both sides must agree. Prints one JSON object; exits with a
message if something is wrong.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from mcapp.keys.checkup import PROBLEM, Checkup
from mcapp.keys.index import READY
from mcapp.keys.private_files import Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FILE, SYSTEM, FileStore, Timeouts
from mcapp.keys.vault import Vault

assert sys.platform != "win32"

NAMES = ("a", "b", "c")
DOCTOR_EVERY = 5  # rounds: what several kills left behind is settled together


def work(vault: Vault, store: str, seed: int) -> None:
    """Add, replace, move and remove, without an end."""
    chance = random.Random(seed)  # noqa: S311  # no secret depends on it
    while True:
        name = chance.choice(NAMES)
        if vault.index().find(name) and chance.random() < 0.4:
            vault.remove([name])
        else:
            secret = Secret(f"fake-{chance.randrange(10**12):012d}-0123456789abcdef")
            vault.add(name, secret, vault.store(store), force=True)


def one_round(vault: Vault, store: str, seed: int, delay: float) -> None:
    """Let a child work for `delay` seconds and kill it."""
    child = os.fork()
    if child == 0:
        try:
            work(vault, store, seed)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the parent must hear of it
            sys.stderr.write(f"the child failed: {error!r}\n")
        finally:
            os._exit(3)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"


def agree(vault: Vault, store: str) -> None:
    """Every entry is ready and has its secret; every secret has an entry."""
    for check in Checkup(vault).run():
        assert check.status != PROBLEM, check
        # Doctor would find a secret without an entry in these two stores; in a keyring that cannot list it would not.
        assert check.code != "stray-key", check
    index = vault.index()
    for entry in index.entries:
        assert entry.state == READY, entry
        assert vault.read(entry).fingerprint == entry.fingerprint, entry
    for place in (vault.store(store), FileStore(vault.folder)):
        known = {entry.id for entry in index.entries if entry.store == place.name}
        held = set(place.ids() or ())
        assert held == known, f"{place.name} holds {held}, the index knows {known}"


def main(store: str, rounds: int, seed: int) -> None:
    """Kill `rounds` times."""
    assert store in (FILE, SYSTEM)
    chance = random.Random(seed)  # noqa: S311  # as above
    vault = Vault(Folder(Path(os.environ["MCAPP_CONFIG_DIR"])), Timeouts(limit=20))
    agree(vault, store)  # imports what there is to import
    # As long as one change and a bit take here, so that a kill can meet every moment of one.
    before = time.monotonic()
    vault.add("a", Secret("fake-0123-warm-up-0123456789"), vault.store(store), force=False)
    longest = 1.2 * (time.monotonic() - before)
    unfinished = fresh = 0
    for number in range(1, rounds + 1):
        one_round(vault, store, seed + number, chance.uniform(0.001, longest))
        index = vault.index()
        unfinished += sum(entry.state != READY for entry in index.entries)
        fresh += any(vault.folder.path.glob("*.new"))
        if number % DOCTOR_EVERY == 0 or number == rounds:
            agree(vault, store)
    print(json.dumps({"kills": rounds, "unfinished": unfinished, "half_written": fresh}))  # noqa: T201  # the result


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
