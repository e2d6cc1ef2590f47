"""A local ManyChat API for your own test suite: the emulator, and a pytest fixture.

In a `conftest.py`:

    pytest_plugins = ["mcapp.testing"]

In a test:

    def test_the_page_is_shown(manychat):
        key = manychat.key(["GET /fb/page/getInfo"])          # or state="uninstalled", "revoked", …
        manychat.fault("429", "GET /fb/page/getTags", number=1, times=1)
        show_page(api=manychat.base_url, key=key)
        assert [entry.scope for entry in manychat.journal] == ["GET /fb/page/getInfo"]
        assert manychat.unchanged

Without pytest: `with Emulator() as manychat: …`. What it imitates and what it does not: `mcapp emulate --help`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcapp.emulator.emulated_key import STATES, EmulatedKey
from mcapp.emulator.faults import KINDS, Fault
from mcapp.emulator.manychat import BODY_FIRST, KEY_BODY_SCOPE, SCOPE_FIRST, Call
from mcapp.emulator.service import Emulator

__all__ = ["BODY_FIRST", "KEY_BODY_SCOPE", "KINDS", "SCOPE_FIRST", "STATES", "Call", "EmulatedKey", "Emulator", "Fault"]

if TYPE_CHECKING:
    import pytest

try:
    import pytest
except ImportError:  # the emulator works without pytest; the fixture has nobody to serve then
    pass
else:

    @pytest.fixture(name="manychat")
    def manychat() -> Iterator[Emulator]:
        """A fresh emulator on a free port, without keys: `manychat.key(scopes)` makes one."""
        with Emulator() as emulator:
            yield emulator

    __all__ += ["manychat"]  # there only with pytest
