"""A Secret shows itself nowhere, and the belt catches what slipped out all the same."""

import copy
import dataclasses
import io
import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import warnings

import pytest
from rich.console import Console as RichConsole

from mcapp.keys.secret import MaskedLog, Secret, sealed
from mcapp.terminal.redact import mask
from tests.keys.conftest import MakeKey


@dataclasses.dataclass
class Holder:
    name: str
    secret: Secret


def test_every_way_of_printing_gives_a_mask(secret: Secret) -> None:
    key = secret.reveal()
    out = io.StringIO()
    RichConsole(file=out, width=200).print(secret, [secret], {"key": secret})
    holder = Holder("a", secret)
    texts = [
        str(secret),
        repr(secret),
        f"{secret} {secret!r} {secret:>60} {[secret]}",
        "%s %r" % (secret, secret),  # noqa: UP031  # one more way
        repr(holder),
        repr(dataclasses.asdict(holder)),
        repr(vars(holder)),
        out.getvalue(),
        repr(copy.deepcopy([secret, copy.copy(secret)])),
        json.dumps({"key": secret}, default=str),
    ]
    for text in texts:
        assert "***" in text
        assert not any(key[start : start + 6] in text for start in range(len(key) - 6))


def test_it_is_neither_pickled_nor_serialised(secret: Secret) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps({"deep": [Holder("a", secret)]}, protocol=0)
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        vars(secret)


def test_reveal_is_the_way_out_and_equality_needs_none(secret: Secret, make_key: MakeKey) -> None:
    assert secret.reveal() == make_key()
    assert secret == Secret(make_key())
    assert secret != Secret(make_key(1))
    assert secret != make_key()
    with pytest.raises(TypeError):
        hash(secret)


@pytest.mark.parametrize(("length", "tail"), [(8, 0), (19, 0), (20, 4), (49, 4)])
def test_the_hint_shows_four_characters_of_a_long_key(make_key: MakeKey, length: int, tail: int) -> None:
    key = make_key(length=length)
    assert Secret(key).hint == "…" + (key[-4:] if tail else "")
    assert len(Secret(key)) == length


def test_the_fingerprint_is_the_same_for_everybody(make_key: MakeKey) -> None:
    # sha256sum of "fake0000Qz7-w_K2", so that two people can compare without mcapp
    assert Secret("fake0000Qz7-w_K2").fingerprint == "3a6684"
    assert Secret(make_key(1)).fingerprint != Secret(make_key(2)).fingerprint


def test_what_was_made_a_secret_is_masked_everywhere(secret: Secret) -> None:
    key = secret.reveal()
    assert mask(f"x{key}y") == "x" + "*" * len(key) + "y"


def test_the_belt_masks_logs_warnings_and_tracebacks(secret: Secret, capsys: pytest.CaptureFixture[str]) -> None:
    key = secret.reveal()
    with sealed():
        log = logging.getLogger("some.library")
        log.warning("GET https://example.com/?token=%s", key)
        try:
            raise ValueError(f"header X-Token: {key}")  # noqa: TRY301  # to be logged
        except ValueError:
            log.exception("it failed")
            sys.excepthook(*sys.exc_info())
        # One that cannot be formatted; logging itself would complain and print the arguments.
        MaskedLog().handle(logging.LogRecord("some.library", logging.WARNING, "", 1, "%d", (key,), None))
        log.info("not shown: %s", key)
        thread = threading.Thread(target=lambda: (_ for _ in ()).throw(RuntimeError(key)))
        thread.start()
        thread.join()
        warnings.showwarning(key, UserWarning, "file.py", 1)
    err = capsys.readouterr().err
    assert key not in err
    assert err.count("*" * len(key)) >= 5
    assert "GET https://example.com/?token=" in err
    assert "ValueError: header X-Token: " in err
    assert "WARNING some.library: a message that cannot be formatted" in err
    assert "not shown" not in err


def test_the_belt_is_taken_off_whole() -> None:
    def state() -> tuple[object, ...]:
        return (
            sys.excepthook,
            sys.unraisablehook,
            threading.excepthook,
            warnings.showwarning,
            logging.getLogger().handlers[:],
        )

    before = state()
    with sealed():
        assert state() != before
    assert state() == before


@pytest.mark.skipif(os.name != "posix", reason="core files and umask are POSIX")
def test_the_belt_leaves_no_core_file_and_makes_private_files() -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE), os.umask(0o022)
    os.umask(before[1])
    with sealed():
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
        assert os.umask(0o077) == 0o077
    after = resource.getrlimit(resource.RLIMIT_CORE), os.umask(before[1])
    assert after == before


def test_a_traceback_that_ends_the_process_is_masked(make_key: MakeKey) -> None:
    program = (
        "import sys; from mcapp.keys.secret import Secret, sealed\n"
        "key = sys.stdin.read(); Secret(key)\n"
        "on = sealed(); on.__enter__()\n"
        "raise RuntimeError('with ' + key)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=make_key(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "RuntimeError: with ****" in done.stderr
    assert make_key() not in done.stderr
