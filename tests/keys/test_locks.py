"""Locks: one at a time, or many who share; nobody waits for ever, and the dead hold nothing."""

import multiprocessing
import multiprocessing.synchronize
import os
import threading
import time
from pathlib import Path

import pytest

from mcapp.keys.private_files import LOCK, Folder, StoreBusy


def test_a_lock_keeps_others_out_until_it_is_given_up(folder: Folder) -> None:
    order = []

    def other() -> None:
        with folder.lock():
            order.append("other")

    with folder.lock():
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_a_lock_is_waited_for_no_longer_than_the_limit(folder: Folder) -> None:
    with folder.lock(), pytest.raises(StoreBusy, match="another mcapp") as caught, folder.lock(wait=0.1):
        pass
    assert caught.value.exit_code == 4
    with folder.lock():
        pass


def test_who_gets_a_lock_shows_it_to_those_who_wait(folder: Folder) -> None:
    with folder.lock():
        pass
    os.utime(folder.path / LOCK, (0, 0))
    with folder.lock():
        assert (folder.path / LOCK).stat().st_mtime > 0


def test_while_others_get_it_in_turn_a_lock_is_waited_for(folder: Folder) -> None:
    def others() -> None:
        with folder.lock():
            started.set()
            for _ in range(8):
                time.sleep(0.1)
                os.utime(folder.path / LOCK)  # as the next one does

    started = threading.Event()
    thread = threading.Thread(target=others)
    thread.start()
    started.wait()
    with folder.lock(wait=0.4):
        thread.join()


def test_a_shared_lock_is_shared_and_keeps_the_lone_one_out(folder: Folder) -> None:
    shared = folder.lock("b", shared=True), folder.lock("b", shared=True)
    with shared[0], shared[1], pytest.raises(StoreBusy), folder.lock("b", wait=0.05):
        pass
    with folder.lock("b"), pytest.raises(StoreBusy), folder.lock("b", shared=True, wait=0.05):
        pass


def _hold(path: str, ready: "multiprocessing.synchronize.Event") -> None:
    with Folder(Path(path)).lock():
        ready.set()
        time.sleep(60)


def test_a_killed_process_loses_its_lock(folder: Folder) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=_hold, args=(str(folder.path), ready))
    holder.start()
    assert ready.wait(60)
    with pytest.raises(StoreBusy), folder.lock(wait=0):
        pass
    holder.kill()
    holder.join()
    with folder.lock(wait=5):
        pass
