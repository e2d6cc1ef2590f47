"""Lock an open file: alone or shared, for no longer than a limit. A process that dies gives up its locks.

flock on POSIX. Windows was not tried.
"""

import sys
import time


def acquire(descriptor: int, *, shared: bool, wait: float) -> bool:
    """Whether the lock could be had within `wait` seconds. Closing the descriptor gives it up."""
    deadline = time.monotonic() + wait
    pause = 0.005
    while not _try_lock(descriptor, shared=shared):
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)
    return True


if sys.platform != "win32":
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

else:
    import msvcrt
    import os
    from random import randrange

    # Windows knows no shared lock here: whoever shares takes one byte of many, whoever wants it alone takes them all.
    _BYTES = 1 << 30

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        os.lseek(descriptor, randrange(_BYTES) if shared else 0, os.SEEK_SET)  # noqa: S311  # any free byte will do
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1 if shared else _BYTES)
        except OSError:
            return False
        return True
