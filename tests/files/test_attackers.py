"""Another user's program swaps the files in a folder while mcapp writes there: nothing outside of the folder changes.

MCAPP_ATTACK=60 lets each attack last for 60 seconds and 200 writes of each kind; the ordinary run takes a sample.
"""

import json
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ATTACKERS = Path(__file__).with_name("attackers.py")
SECONDS = float(os.environ.get("MCAPP_ATTACK", "0"))
NOBODY, SOMEBODY = 65534, 12345

if sys.platform == "win32":
    pytest.skip("users and links as POSIX has them", allow_module_level=True)

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can be two users, and a third")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that other users can reach."""
    with tempfile.TemporaryDirectory(prefix="mcapp-attack-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def tree(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    return {
        path.name: (found.st_mode, found.st_uid, found.st_gid, path.read_bytes())
        for path in folder.iterdir()
        for found in [path.lstat()]
    }


@pytest.mark.parametrize("writer", [0, SOMEBODY], ids=["root", "a plain user"])
def test_no_file_of_the_writer_changes(place: Path, writer: int) -> None:
    shared, victims = place / "shared", place / "victims"
    for folder, owner in ((shared, NOBODY), (victims, writer)):
        folder.mkdir()
        os.chown(folder, owner, owner)
    shared.chmod(0o777)
    for number, name in enumerate(("app.json", "new.json", "keys.toml", "log", ".bashrc", "key")):
        (victims / name).write_text(f"private {name}")
        os.chown(victims / name, writer, writer)
        (victims / name).chmod(0o644 if number % 2 else 0o600)
    before = tree(victims)
    words = [sys.executable, str(ATTACKERS)]
    with subprocess.Popen([*words, "attack", str(NOBODY), shared, victims]) as attacker:
        try:
            done = subprocess.run(
                [*words, "write", str(writer), shared, str(200 if SECONDS else 15), str(SECONDS)],
                capture_output=True,
                check=True,
                timeout=SECONDS * 5 + 60,
            )
            assert attacker.poll() is None, "the attacker gave up"
        finally:
            attacker.kill()
    assert tree(victims) == before
    counts = json.loads(done.stdout)
    assert 0 < sum(counts.values()) - counts["of"] < 6 * counts["of"], "the attacker was never in the way, or always"
    # mcapp leaves no link behind that it made, and no file of the writer's with another user's rights.
    for path in shared.iterdir():
        assert not path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID)
    if SECONDS:
        sys.stderr.write(f"\nwriter {writer}: {counts}\n")
