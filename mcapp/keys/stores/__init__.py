"""What can go wrong with a key store, and how long one is waited for."""

from collections.abc import Callable
from typing import NamedTuple

from mcapp.errors import NoKey

SYSTEM, FILE, ENVIRONMENT = "system", "file", "environment"

REMEDIES = """\
start or unlock a keyring (on Linux a Secret Service such as gnome-keyring or KeePassXC), or
keep keys in a private file: --store file, or MCAPP_KEY_STORE=file, or
pass the key in the environment variable MANYCHAT_APP_KEY"""

OTHERWISE = REMEDIES.partition("\n")[2]  # for a keyring that is there, but cannot be used


class StoreProblem(NoKey):
    """A key store cannot do what was asked."""


class NoKeyring(StoreProblem):
    """The system has no keyring, or none that this session can reach; only then the file store may be offered."""

    default_code = "no-keyring"


class KeyringLocked(StoreProblem):
    """The keyring is locked, or was never set up."""

    default_code = "keyring-locked"


class KeyringSlow(StoreProblem):
    """The keyring did not answer within the limit. Whether it did what was asked is not known."""

    default_code = "keyring-slow"


class KeyringFailed(StoreProblem):
    """The keyring answered with an error, or did not keep what it accepted."""

    default_code = "keyring-failed"


class Timeouts(NamedTuple):
    """How long one call to a keyring may take, in seconds, and what to call while mcapp waits.

    `interactive` says that a person can answer the keyring's own prompt; without one no prompt is raised.
    """

    limit: float = 3.0
    interactive: bool = False
    say: Callable[[str], None] = lambda _text: None


def locked(where: str, why: str = "is locked") -> KeyringLocked:
    """The error for a keyring that must be unlocked first."""
    return KeyringLocked(f"{where} {why}", hint=f"unlock it and run this again, or\n{OTHERWISE}")


AT_A_TERMINAL = 30.0  # seconds: time to find and type the keyring's password
