"""`mcapp.testing` as another project's suite uses it."""

import subprocess
import sys
from pathlib import Path

from tests.harness import environment

CONFTEST = 'pytest_plugins = ["mcapp.testing"]\n'
SUITE = """
import urllib.error, urllib.request

def status(url, key):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    try:
        return urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code

def test_scopes(manychat):
    key = manychat.key(["GET /fb/page/getInfo"])
    assert status(manychat.base_url + "/fb/page/getInfo", key) == 200
    assert status(manychat.base_url + "/fb/page/getTags", key) == 401
    assert [entry.scope for entry in manychat.journal] == ["GET /fb/page/getInfo", "GET /fb/page/getTags"]
    assert manychat.unchanged

def test_each_test_has_its_own(manychat):
    assert manychat.journal == ()
    manychat.fault("429", "GET /fb/page/getTags", number=1, times=1)
    key = manychat.key()
    assert [status(manychat.base_url + "/fb/page/getTags", key) for _ in range(2)] == [429, 200]
"""


def test_the_fixture_serves_a_foreign_suite(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mine.py").write_text(SUITE)
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-m", "pytest", "-q", "-W", "error"),
            # asyncio: a plugin that comes with this project's own tests, and warns where it is not configured.
            *("-p", "no:cacheprovider", "-p", "no:asyncio", "."),
        ],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_it_works_without_pytest(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pytest'] = None\n"
        "from mcapp.testing import Emulator, __all__\n"
        "assert 'manychat' not in __all__\n"
        "with Emulator() as emulator: print(emulator.base_url)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("http://127.0.0.1:")
