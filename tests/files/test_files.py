"""The atomic writer: the old text or the new one, never a part; only regular files; the mode stays."""

import os
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mcapp import files
from mcapp.errors import InputProblem, McappError, Refused

posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and FIFOs as POSIX has them")


def leftovers(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.startswith(".mcapp-"))


def test_a_new_file_holds_the_bytes(tmp_path: Path) -> None:
    target = tmp_path / "new.json"
    files.write(target, b"\xef\xbb\xbf{}\r\n")
    assert target.read_bytes() == b"\xef\xbb\xbf{}\r\n"
    assert leftovers(tmp_path) == []


def test_an_existing_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old, and longer than the new text")
    files.write(str(target), b"new")
    assert target.read_bytes() == b"new"


def test_text_is_utf_8_and_a_lone_surrogate_does_not_end_the_run(tmp_path: Path) -> None:
    files.write(tmp_path / "report.txt", "naïve \ud800\n")
    assert (tmp_path / "report.txt").read_bytes() == "naïve \\ud800\n".encode()


def test_a_relative_name_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files.write("app.json", b"{}")
    assert (tmp_path / "app.json").read_bytes() == b"{}"


@posix
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o664, 0o755, 0o640])
def test_the_mode_is_kept_whatever_the_umask(tmp_path: Path, mode: int) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old")
    target.chmod(mode)
    before = os.umask(0o077)
    try:
        files.write(target, b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == mode


@posix
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_heeds_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        files.write(tmp_path / "new.json", b"{}", replace=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == mode


@posix
def test_the_text_is_private_until_it_has_the_old_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old")
    target.chmod(0o600)
    seen: list[int] = []
    fchmod = vars(os)["fchmod"]

    def look(descriptor: int, mode: int) -> None:
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        fchmod(descriptor, mode)

    monkeypatch.setattr(os, "fchmod", look)
    files.write(target, b"new")
    assert seen == [0o600]


def test_without_replace_an_existing_file_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old")
    with pytest.raises(Refused) as caught:
        files.write(target, b"new", replace=False)
    assert (caught.value.code, caught.value.exit_code) == ("exists", 1)
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_appears_at_the_last_moment_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    target = tmp_path / "app.json"
    link = os.link

    def late(source: str, name: str, **at: Any) -> None:
        target.write_bytes(b"somebody else's")
        if not links:
            raise OSError(95, "Operation not supported")
        link(source, name, **at)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(Refused, match="exists already"):
        files.write(target, b"new", replace=False)
    assert target.read_bytes() == b"somebody else's"
    assert leftovers(tmp_path) == []


def test_a_new_file_where_there_are_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_source: str, _name: str, **_at: Any) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    files.write(tmp_path / "new.json", b"{}", replace=False)
    assert (tmp_path / "new.json").read_bytes() == b"{}"
    assert leftovers(tmp_path) == []


def test_what_was_saved_in_the_meantime_is_not_lost(tmp_path: Path) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"saved by an editor")
    with pytest.raises(Refused) as caught:
        files.write(target, b"new", expected=b"as it was read")
    assert caught.value.code == "changed"
    assert target.read_bytes() == b"saved by an editor"
    assert leftovers(tmp_path) == []
    files.write(target, b"new", expected=b"saved by an editor")
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old")

    def fail(*_: object, **_at: object) -> None:
        raise error

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(KeyboardInterrupt if isinstance(error, KeyboardInterrupt) else InputProblem) as caught:
        files.write(target, b"new")
    if isinstance(caught.value, InputProblem):
        assert caught.value.message == f"{target} cannot be written: no space left on device"
        assert caught.value.exit_code == 2
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


@posix
def test_a_link_is_named_and_left_alone(tmp_path: Path) -> None:
    real = tmp_path / "real.json"
    real.write_bytes(b"old")
    link = tmp_path / "app.json"
    link.symlink_to(real)
    with pytest.raises(InputProblem) as caught:
        files.write(link, b"new")
    assert caught.value.hint == f"name the file that it leads to: {os.path.realpath(real)}"
    assert link.is_symlink()
    assert real.read_bytes() == b"old"


@posix
def test_a_dangling_link_is_no_free_name(tmp_path: Path) -> None:
    link = tmp_path / "app.json"
    link.symlink_to(tmp_path / "nowhere.json")
    with pytest.raises(InputProblem, match="is a link"):
        files.write(link, b"new", replace=False)
    assert not (tmp_path / "nowhere.json").exists()


@posix
def test_a_fifo_is_refused_without_waiting(tmp_path: Path) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with pytest.raises(InputProblem, match="not a regular file"):
        files.write(fifo, b"new")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="is a folder"):
        files.write(tmp_path, b"new")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="there is no folder") as caught:
        files.write(tmp_path / "no" / "app.json", b"new")
    assert caught.value.code == "unwritable"


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(InputProblem):
        files.write(f"{tmp_path}/a\0b", b"new")


def test_a_read_only_file_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "app.json"
    target.write_bytes(b"old")
    # Root may write everything, so what the system would answer to anybody else is put in its mouth.
    monkeypatch.setattr(os, "access", lambda _path, mode, **_at: mode != os.W_OK)
    with pytest.raises(InputProblem, match="cannot be written: it is read-only"):
        files.write(target, b"new")
    assert target.read_bytes() == b"old"


def test_exists_says_early_what_writing_would_say(tmp_path: Path) -> None:
    assert not files.exists(str(tmp_path / "free.json"), keep=True)
    (tmp_path / "taken.json").write_bytes(b"{}")
    assert files.exists(str(tmp_path / "taken.json"))
    for path in (tmp_path / "taken.json", tmp_path):
        with pytest.raises(McappError) as early:
            files.exists(str(path), keep=True)
        with pytest.raises(McappError) as late:
            files.write(path, b"new", replace=False)
        assert early.value.message == late.value.message


def test_a_missing_folder_is_said_early_too(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="there is no folder"):
        files.exists(str(tmp_path / "no" / "app.json"))


class TestAHostileFolder:
    """Whoever may write to the folder can swap what is in it at any moment; only POSIX can defend against that."""

    pytestmark = posix

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        (tmp_path / "victim").write_bytes(b"private")
        (tmp_path / "victim").chmod(0o600)
        target = tmp_path / "shared" / "app.json"
        target.parent.mkdir()
        target.write_bytes(b"old")
        target.chmod(0o666)
        return target

    def swap(self, monkeypatch: pytest.MonkeyPatch, step: str, target: Path) -> None:
        """At `step` the temporary file becomes a link to a file of the user's own."""
        real = getattr(os, step)

        def swapped(*words: Any, **at: Any) -> Any:
            for temporary in target.parent.glob(".mcapp-*"):
                temporary.unlink()
                temporary.symlink_to("../victim")
            return real(*words, **at)

        monkeypatch.setattr(os, step, swapped)

    @pytest.mark.parametrize("step", ["fchown", "fchmod", "fsync"])
    def test_a_swapped_temporary_file_harms_no_other(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Path, step: str
    ) -> None:
        self.swap(monkeypatch, step, target)
        with pytest.raises(InputProblem, match="the temporary file was replaced by another program"):
            files.write(target, b"new")
        assert (tmp_path / "victim").read_bytes() == b"private"
        assert stat.S_IMODE((tmp_path / "victim").stat().st_mode) == 0o600
        assert not target.is_symlink()
        assert target.read_bytes() == b"old"

    def test_a_folder_that_is_swapped_while_it_is_written_to_is_not_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Path
    ) -> None:
        real = os.fsync

        def swapped(descriptor: int) -> None:
            if target.parent.is_dir() and not (tmp_path / "moved").exists():
                target.parent.rename(tmp_path / "moved")
                target.parent.symlink_to(tmp_path)
            real(descriptor)

        monkeypatch.setattr(os, "fsync", swapped)
        (tmp_path / "app.json").write_bytes(b"the user's own")
        files.write(target, b"new")
        assert (tmp_path / "moved" / "app.json").read_bytes() == b"new"
        assert (tmp_path / "app.json").read_bytes() == b"the user's own"

    @pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root can make another user's link")
    @pytest.mark.parametrize("relative", [True, False])
    def test_another_users_link_to_a_folder_is_not_followed(self, tmp_path: Path, relative: bool) -> None:
        if sys.platform == "win32":
            raise NotImplementedError
        own = tmp_path / "own"
        own.mkdir()
        link = tmp_path / "link"
        link.symlink_to("own" if relative else own)
        files.write(link / ".." / "link" / "app.json", b"old")
        os.chown(link, 12345, 12345, follow_symlinks=False)
        for write in (files.write, files.append):
            with pytest.raises(InputProblem, match="a link of another user leads there"):
                write(str(link / "app.json"), "new")
        assert (own / "app.json").read_bytes() == b"old"

    def test_links_in_a_circle_and_a_file_as_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(InputProblem, match="too many levels"):
            files.write(tmp_path / "a" / "app.json", b"new")
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(InputProblem, match=r"not a directory|there is no folder"):
            files.write(tmp_path / "file" / "app.json", b"new")

    def test_what_is_appended_to_has_one_name(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_bytes(b"private\n")
        (tmp_path / "log").hardlink_to(tmp_path / "victim")
        (tmp_path / "link").symlink_to("victim")
        for name, why in (("log", "it has more than one name"), ("link", "is a link")):
            with pytest.raises(InputProblem, match=why):
                files.append(str(tmp_path / name), "line\n")
        assert (tmp_path / "victim").read_bytes() == b"private\n"

    def test_setuid_and_setgid_are_not_passed_on(self, target: Path) -> None:
        target.chmod(0o6755)
        files.write(target, b"new")
        assert stat.S_IMODE(target.stat().st_mode) == 0o755


@posix
@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
@pytest.mark.parametrize("before", [None, 0o644])
def test_a_private_file_is_private_whatever_it_was(tmp_path: Path, umask: int, before: int | None) -> None:
    target = tmp_path / "keys.toml"
    if before is not None:
        target.write_bytes(b"old")
        target.chmod(before)
    was = os.umask(umask)
    try:
        files.write(target, "new", private=True)
    finally:
        os.umask(was)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_what_a_killed_run_left_under_a_lock_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "keys.toml.new").write_bytes(b"half a k")
    files.write(tmp_path / "keys.toml", b"new", temporary="keys.toml.new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys.toml"]


class TestReading:
    def test_no_more_than_the_bound_is_read(self, tmp_path: Path) -> None:
        with (tmp_path / "sparse.toml").open("wb") as file:
            file.truncate(3 << 30)
        with pytest.raises(InputProblem, match="is larger than 1,000,000 bytes") as caught:
            files.read(tmp_path / "sparse.toml")
        assert caught.value.code == "too-large"
        assert len(files.read(tmp_path / "sparse.toml", most=10, cut=True)) == 10

    def test_a_file_at_the_bound_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_bytes(b"12345")
        assert files.read(tmp_path / "a", most=5) == b"12345"
        with pytest.raises(InputProblem, match="larger than 4 bytes"):
            files.read(tmp_path / "a", most=4)

    def test_standard_input_is_a_file_only_where_the_caller_says_so(self, tmp_path: Path) -> None:
        with pytest.raises(InputProblem, match="- does not exist"):
            files.read("-")
        assert tmp_path

    @posix
    def test_a_socket_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        if sys.platform == "win32":
            raise NotImplementedError
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("app.sock")
            with pytest.raises(InputProblem, match="not a regular file but a socket"):
                files.read("app.sock")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = " + "9" * 5000, "digits"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        (".".join("a" * 200_000) + " = 1", "more than 40 parts"),
        ("[" + " . ".join("a" * 200_000) + "]", "more than 40 parts"),
        ('."".'.join("a" * 200_000) + " = 1", "more than 40 parts"),
        ("a = " + "9" * 60_000 + "x", "digits"),
        ("a = '" + "a" * 60_000, "Expected"),
        ("a = ", "Invalid value"),
        ('a = "\udcff"', "not UTF-8 text"),
    ],
    ids=["digits", "depth", "dotted", "table", "quoted", "long number", "long word", "cut", "encoding"],
)
def test_hostile_toml_is_refused_at_once(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "mcapp.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    started = time.process_time()
    with pytest.raises(InputProblem, match=reason) as caught:
        files.parse_toml(files.read(tmp_path / "mcapp.toml"), tmp_path / "mcapp.toml")
    assert caught.value.code == "not-toml"
    assert time.process_time() - started < 2
    assert len(caught.value.message) < 500 + len(str(tmp_path))


def test_where_no_folder_can_be_held_open_paths_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set())  # as on Windows
    monkeypatch.chdir(tmp_path)
    files.write("app.json", b"old", replace=False)
    files.write("app.json", b"new", expected=b"old")
    files.write(tmp_path / "keys.toml", "k", private=True, temporary="keys.toml.new")
    files.append("log", "a\n")
    assert (tmp_path / "app.json").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.json", "keys.toml", "log"]
    with pytest.raises(Refused, match="exists already"):
        files.write("app.json", b"third", replace=False)
    with pytest.raises(InputProblem, match="there is no folder no"):
        files.exists("no/app.json")


def test_what_is_appended_to_is_a_regular_file(tmp_path: Path) -> None:
    files.append(str(tmp_path / "log"), "one\n")
    files.append(str(tmp_path / "log"), "two \ud800\n")
    assert (tmp_path / "log").read_bytes() == b"one\ntwo \\ud800\n"
    with pytest.raises(InputProblem, match="the summary is a folder"):
        files.append(str(tmp_path), "three\n", name="the summary")


def test_a_kernel_file_without_data_at_the_moment_is_not_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_yet(_descriptor: int, _most: int) -> bytes:
        raise BlockingIOError

    (tmp_path / "kmsg").touch()
    monkeypatch.setattr(os, "read", nothing_yet)
    with pytest.raises(InputProblem) as caught:
        files.read(tmp_path / "kmsg")
    assert caught.value.code == "not-a-file"
