"""mcapp's own files: never open to others, never half-written, never somebody else's."""

import errno
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcapp import files
from mcapp.errors import NoKey
from mcapp.keys import private_files
from mcapp.keys.private_files import Folder, UnsafeFile, config_folder

if sys.platform == "win32":
    pytest.skip("modes, owners, links and FIFOs as POSIX has them", allow_module_level=True)

NAME = "keys.toml"


def put(folder: Folder, data: bytes = b"content", name: str = NAME) -> Path:
    with folder.lock():
        folder.write(name, data)
    return folder.path / name


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def test_what_is_written_is_read_back(folder: Folder) -> None:
    assert folder.read(NAME) is None
    put(folder, b"one")
    put(folder, b"two")
    assert folder.read(NAME) == b"two"
    assert sorted(path.name for path in folder.path.iterdir()) == [NAME, "lock"]


def test_reading_leaves_no_trace(folder: Folder) -> None:
    assert folder.read(NAME) is None
    assert not folder.path.exists()


@pytest.mark.usefixtures("umask")
def test_every_umask_gives_private_files_and_folders(folder: Folder) -> None:
    deep = Folder(folder.path / "one" / "two")
    put(deep)
    with deep.lock(private_files.BUSY, shared=True):
        pass
    for path in (folder.path, folder.path / "one", deep.path):
        assert mode(path) == 0o700
    assert {mode(path) for path in deep.path.iterdir()} == {0o600}
    put(deep, b"again")
    assert deep.read(NAME) == b"again"


def test_not_for_a_moment_can_others_read_it(folder: Folder) -> None:
    """Every system call that makes or opens a file, under the loosest umask: none gives it a mode beyond 0600."""
    program = (
        "import os, sys; os.umask(0)\n"
        "opened = []\n"
        "def see(event, args):\n"
        "    if event == 'open' and isinstance(args[0], str) and args[0].startswith(sys.argv[1]):\n"
        "        opened.append(args[0])\n"
        "sys.addaudithook(see)\n"
        "real = os.open\n"
        "def watched(path, flags, mode=0o777, **more):\n"
        "    descriptor = real(path, flags, mode, **more)\n"
        "    if flags & os.O_CREAT: print(oct(os.fstat(descriptor).st_mode & 0o7777), flush=True)\n"
        "    return descriptor\n"
        "os.open = watched\n"
        "from pathlib import Path\n"
        "from mcapp.keys.private_files import Folder\n"
        "from mcapp.keys.secret import Secret\n"
        "from mcapp.keys.stores import FileStore\n"
        "store = FileStore(Folder(Path(sys.argv[1])))\n"
        "store.set('a', Secret('fake-0123')); store.set('b', Secret('fake-0123')); store.delete('a')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder.path)], capture_output=True, text=True, timeout=60, check=True
    )
    modes = done.stdout.split()
    assert len(modes) >= 6  # three locks, three new files
    assert set(modes) == {"0o600"}


def refused(folder: Folder, name: str = NAME) -> UnsafeFile:
    """Reading refuses, and so does writing where writing reads first: the store's own way (`FileStore.set`)."""
    with pytest.raises(UnsafeFile) as caught:
        folder.read(name)
    assert caught.value.exit_code == 4
    assert caught.value.path
    return caught.value


def mended(hint: str) -> None:
    """Type the command that the hint names."""
    command = hint.partition(": ")[2]
    assert command, hint
    subprocess.run(["sh", "-c", command], check=True, timeout=60)


@pytest.mark.parametrize("loose", [0o604, 0o640, 0o660, 0o644, 0o601])
def test_a_loose_mode_is_refused_with_the_command_that_mends_it(folder: Folder, loose: int) -> None:
    path = put(folder)
    path.chmod(loose)
    error = refused(folder)
    assert f"mode {loose:04o}" in error.message
    mended(error.hint)
    assert folder.read(NAME) == b"content"


def test_a_link_is_refused_with_the_command_that_mends_it(folder: Folder, tmp_path: Path) -> None:
    put(folder)
    elsewhere = tmp_path / "it's elsewhere.toml"
    (folder.path / NAME).rename(elsewhere)
    (folder.path / NAME).symlink_to(elsewhere)
    error = refused(folder)
    assert "is a link" in error.message
    mended(error.hint)
    assert folder.read(NAME) == b"content"
    assert not (folder.path / NAME).is_symlink()


def test_a_dangling_link_is_refused_and_nothing_is_made_where_it_leads(folder: Folder, tmp_path: Path) -> None:
    put(folder, name="other")
    (folder.path / NAME).symlink_to(tmp_path / "nowhere")
    (folder.path / "lock").unlink()
    (folder.path / "lock").symlink_to(tmp_path / "no lock")
    mended(refused(folder).hint)
    with pytest.raises(UnsafeFile, match="is a link"), folder.lock():
        pass
    assert not list(tmp_path.iterdir())
    (folder.path / "loop").symlink_to("loop")
    mended(refused(folder, "loop").hint)


def test_a_fifo_is_refused_at_once(folder: Folder) -> None:
    put(folder).unlink()
    os.mkfifo(folder.path / NAME, 0o600)
    before = time.monotonic()
    error = refused(folder)
    assert time.monotonic() - before < 5
    assert "is not a regular file but a FIFO" in error.message
    mended(error.hint)
    assert folder.read(NAME) is None


def test_a_fifo_for_a_lock_is_refused_at_once(folder: Folder) -> None:
    put(folder)
    (folder.path / "lock").unlink()
    os.mkfifo(folder.path / "lock", 0o600)
    with pytest.raises(UnsafeFile, match="but a FIFO"), folder.lock():
        pass


def test_a_folder_and_a_socket_are_no_files(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, name="other")
    (folder.path / NAME).mkdir()
    assert "is a folder" in refused(folder).message
    monkeypatch.chdir(folder.path)  # a socket's path may have 107 characters
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert "is not a regular file but a socket" in refused(folder, "socket").message


def test_a_foreign_owner_is_refused(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(folder)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    error = refused(folder)
    assert "belongs to another user" in error.message
    assert error.hint.startswith("take ownership: sudo chown ")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    if path.stat().st_uid == 0:
        os.chown(folder.path, 12345, -1)
    assert "without sudo" in refused(folder).hint


def test_a_foreign_file_that_may_not_be_opened_is_told_so(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    path = put(folder)
    monkeypatch.setattr(files, "open_regular", denied)
    with pytest.raises(NoKey, match="cannot be opened: permission denied"):
        private_files.exists(path)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(UnsafeFile, match="belongs to another user"):
        private_files.exists(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_given_away_is_refused_inside_an_own_folder(folder: Folder) -> None:
    os.chown(put(folder), 12345, -1)
    error = refused(folder)
    assert "uid 12345" in error.message
    assert str(folder.path / NAME) in error.message


@pytest.mark.parametrize("loose", [0o770, 0o702, 0o777])
def test_a_folder_that_others_can_change_is_refused(folder: Folder, loose: int) -> None:
    put(folder)
    folder.path.chmod(loose)
    mended(refused(folder).hint)
    assert mode(folder.path) == 0o700
    assert folder.read(NAME) == b"content"


def test_a_folder_that_others_can_read_is_used(folder: Folder) -> None:
    put(folder)
    folder.path.chmod(0o755)
    assert folder.read(NAME) == b"content"


def test_a_file_in_the_folders_place_is_refused(folder: Folder) -> None:
    folder.path.write_text("")
    assert "is not a folder" in refused(folder).message


def test_a_file_too_large_is_refused(folder: Folder) -> None:
    put(folder, b"x" * (private_files.MAX_BYTES + 1))
    assert "larger than 5,000,000 bytes" in refused(folder).message


def test_what_a_killed_run_left_is_cleared_away(folder: Folder) -> None:
    put(folder)
    (folder.path / f"{NAME}.new").write_bytes(b"half a key")
    put(folder, b"new")
    assert sorted(path.name for path in folder.path.iterdir()) == [NAME, "lock"]
    (folder.path / f"{NAME}.new").symlink_to(folder.path / "victim")
    put(folder, b"newer")
    assert folder.read(NAME) == b"newer"
    assert not (folder.path / "victim").exists()


def test_a_full_disk_is_an_error_with_a_hint(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoKey, match="cannot be written: no space left on device") as caught:
        put(folder, b"new")
    assert "MCAPP_CONFIG_DIR" in caught.value.hint
    assert folder.read(NAME) == b"old"


def test_the_folder_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, closed_off: Path) -> None:
    assert config_folder() == closed_off / "mcapp"
    monkeypatch.setenv("MCAPP_CONFIG_DIR", "~/elsewhere")
    assert config_folder() == closed_off / "elsewhere"
    monkeypatch.setenv("MCAPP_CONFIG_DIR", "here")
    assert config_folder() == Path.cwd() / "here"
    monkeypatch.delenv("MCAPP_CONFIG_DIR")
    assert closed_off in config_folder().parents
    assert config_folder().name == "mcapp"


def test_a_drive_of_windows_gets_no_command_that_cannot_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.release", lambda: "5.15.167.4-microsoft-standard-WSL2")
    drive = Path("/mnt/c/Users/ada/mcapp")
    assert "under WSL" in private_files.make_private(drive)
    assert "MCAPP_CONFIG_DIR" in private_files.make_private(drive)
    assert "chmod" in private_files.make_private(Path("/home/ada/mcapp"))
    monkeypatch.setattr("platform.release", lambda: "6.1.0-18-amd64")
    assert "chmod" in private_files.make_private(drive)
