"""What is different on Windows, played here: consoles, pipes, keys typed, commands looked up."""

import errno
import io
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import certifi
import pytest
import truststore

from mcapp import files
from mcapp.cli import application
from mcapp.errors import NoKey
from mcapp.keys.paste import BadPaste, clean
from mcapp.keys.private_files import Folder
from mcapp.keys.run_command import batch_line, exit_code, find
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import Vault
from mcapp.net import transport
from mcapp.net.server import Server
from mcapp.search import expanded
from mcapp.terminal import console
from mcapp.terminal.console import is_terminal, prepare_streams, wants_color
from mcapp.terminal.format import remove_command
from tests.doctor.conftest import Doctor
from tests.harness import Cli
from tests.keys.conftest import MakeKey
from tests.platforms.conftest import copy_of

pytestmark = pytest.mark.usefixtures("windows")


class Stream(io.TextIOWrapper):
    """A stream as Python opens it there for a pipe (`mode` None), for a console, or for NUL."""

    def __init__(self, *, tty: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="cp1252", newline="\r\n")
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def fileno(self) -> int:
        return 1


@pytest.fixture
def mode(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The console's mode, last in the list; a console before Windows 10 ignores what it does not know."""
    modes: list[int | None] = [3]
    monkeypatch.setattr(console, "_get_mode", lambda _: modes[-1])
    monkeypatch.setattr(console, "_set_mode", lambda _, mode: modes.append(mode))
    return modes


def test_a_pipe_gets_utf_8_and_line_ends_of_one_byte(monkeypatch: pytest.MonkeyPatch, mode: list[int | None]) -> None:
    out, err = Stream(), Stream()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    prepare_streams()
    out.write("+ “grün” 日本\n")
    out.flush()
    buffer = out.buffer
    assert isinstance(buffer, io.BytesIO)
    assert buffer.getvalue() == "+ “grün” 日本\n".encode()
    assert mode == [3]


def test_an_encoding_that_was_asked_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    out = Stream()
    console._prepare_for_windows(out)
    assert (out.encoding, out.errors) == ("cp1252", "strict")


def test_a_console_is_told_to_obey_escape_codes(monkeypatch: pytest.MonkeyPatch, mode: list[int | None]) -> None:
    out = Stream(tty=True)
    assert not wants_color(None, out)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", out)
    prepare_streams()
    assert mode == [3, 7]
    assert wants_color(None, out)
    assert out.encoding == "cp1252"  # Python itself speaks Unicode to a console


def test_nul_is_not_a_terminal_although_it_says_so(mode: list[int | None]) -> None:
    nul = Stream(tty=True)
    assert is_terminal(nul)
    mode.append(None)
    assert not is_terminal(nul)
    assert not wants_color(None, nul)


def test_a_reader_that_goes_away_is_141(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    monkeypatch.setattr(application, "_drop_output", lambda: None)

    def broken(*_: Any) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("mcapp.cli.output.ReportWriter.write", broken)
    assert cli("rules").code == 141


def test_an_invalid_name_is_not_taken_for_a_reader(monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    def broken(*_: Any) -> None:
        raise OSError(errno.EINVAL, "Invalid argument", "a?b")

    monkeypatch.setattr("mcapp.cli.output.ReportWriter.write", broken)
    assert cli("rules").code == 70
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli("rules").code == 70


# The hidden prompt


def test_a_pasted_key_is_hidden_and_nothing_is_left(prompt: Any, make_key: MakeKey) -> None:
    assert prompt(make_key() + "\r") == make_key()
    assert prompt.left == ""
    assert prompt.shown == "App Key: \n"  # no codes that the console would have to obey


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_two_pasted_lines_are_one_answer_and_refused(prompt: Any, make_key: MakeKey, end: str) -> None:
    pasted = f"{make_key()}{end}{make_key(1)}{end}"
    answer = prompt(pasted)
    assert answer.split() == [make_key(), make_key(1)]
    assert prompt.left == ""
    with pytest.raises(BadPaste):
        clean(answer)


def test_half_a_key_on_each_line_is_never_stored_as_half(prompt: Any, make_key: MakeKey) -> None:
    half = len(make_key()) // 2
    answer = prompt(f"{make_key()[:half]}\r{make_key()[half:]}\r")
    assert answer.replace("\r", "") == make_key()


def test_ctrl_v_says_how_to_paste_and_drops_what_follows(prompt: Any) -> None:
    with pytest.raises(BadPaste) as caught:
        prompt("\x16rest\r")
    assert "right-click or Ctrl+Shift+V" in caught.value.hint
    assert prompt.left == ""


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("abd\bc\r", "abc"),
        ("wrong\x15right\r", "right"),
        ("a\xe0Hb\x00;c\r", "abc"),  # an arrow, F1
        ("ab\x1a\r", "ab"),
    ],
)
def test_a_line_can_be_corrected(prompt: Any, typed: str, answer: str) -> None:
    assert prompt(typed) == answer


@pytest.mark.parametrize(("typed", "error"), [("abc\x03", KeyboardInterrupt), ("\x1a", EOFError), ("\x04", EOFError)])
def test_ctrl_c_and_ctrl_z_end_it(prompt: Any, typed: str, error: type[BaseException]) -> None:
    with pytest.raises(error):
        prompt(typed)


# keys exec: which file is started


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A folder of PATH with programs, and the current folder with others of the same name."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("npm.cmd", "npm", "node.exe", "foo.exe", "both.bat", "both.exe", "note.txt"):
        (folder / name).touch()
    here = tmp_path / "here"
    here.mkdir()
    for name in ("foo.exe", "npm.exe", "planted.exe", "tool.cmd"):
        (here / name).touch()
    os.chdir(here)
    return folder


def environ(folder: Path, kinds: str = ".exe;.bat;.cmd") -> dict[str, str]:
    return {"PATH": os.pathsep.join(["", ".", "here", f'"{folder}"']), "PATHEXT": kinds}


@pytest.mark.parametrize(
    ("name", "found"),
    [("npm", "npm.cmd"), ("npm.cmd", "npm.cmd"), ("node", "node.exe"), ("foo", "foo.exe"), ("both", "both.exe")],
)
def test_a_command_is_found_as_cmd_finds_it(bin_folder: Path, name: str, found: str) -> None:
    assert find(name, environ(bin_folder)) == str(bin_folder / found)


def test_nothing_is_found_in_the_current_folder(bin_folder: Path) -> None:
    for name in ("planted", "planted.exe", "tool", "note.txt", "note"):
        with pytest.raises(FileNotFoundError):
            find(name, environ(bin_folder))


def test_a_path_is_taken_at_its_word(bin_folder: Path) -> None:
    assert find("./tool", environ(bin_folder)) == "./tool.cmd"
    assert find(str(bin_folder / "npm"), environ(bin_folder)) == str(bin_folder / "npm.cmd")
    with pytest.raises(FileNotFoundError):
        find("./npm", environ(bin_folder, ".com"))


def test_arguments_reach_a_batch_file_as_they_are() -> None:
    line = batch_line(r"C:\a b\npm.cmd", ["run", "x&y", 'say "hi"', "100%", "a\\", ""], {"SYSTEMROOT": r"C:\W"})
    assert line == (
        r'"C:\W\System32\cmd.exe" /e:ON /v:OFF /d /c '
        r'""C:\a b\npm.cmd" "run" "x&y" "say ""hi""" "100%%cd:~,%" "a\\" """'
    )


def test_a_line_end_cannot_be_passed_to_a_batch_file() -> None:
    with pytest.raises(OSError, match="line end"):
        batch_line("npm.cmd", ["a\nb"], {})


@pytest.mark.parametrize(
    ("status", "code"), [(0, 0), (3, 3), (0xC000013A, 130), (0xC0000005, -1073741819), (0xFFFFFFFF, -1)]
)
def test_the_end_of_a_process_as_an_exit_code(status: int, code: int) -> None:
    assert exit_code(status) == code


def test_it_is_started_by_its_full_path(bin_folder: Path, monkeypatch: pytest.MonkeyPatch, make_key: MakeKey) -> None:
    started = []

    class Done:
        returncode = 0xC000013A

    def run(line: Any, env: Any, check: bool) -> Done:
        started.append((line, env["MANYCHAT_APP_KEY"], check))
        return Done()

    monkeypatch.setattr("subprocess.run", run)
    given = {**environ(bin_folder), "MANYCHAT_APP_KEY": make_key()}
    module = copy_of("mcapp.keys.run_command")
    assert module.run(["foo", "x"], given) == 130
    assert module.run(["npm", "start"], given) == 130
    assert started[0] == ([str(bin_folder / "foo.exe"), "x"], make_key(), False)
    assert started[1][0] == batch_line(str(bin_folder / "npm.cmd"), ["start"], given)
    with pytest.raises(module.CommandNotFound) as caught:
        module.run(["planted"], given)
    assert 'cmd /c "…"' in caught.value.hint
    assert len(started) == 2


# Files


def test_a_file_that_is_being_replaced_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "app.json").write_bytes(b"{}")
    refusals = [PermissionError(errno.EACCES, "Permission denied")] * 3
    real = os.open

    def busy(*args: Any, **more: Any) -> int:
        if refusals:
            raise refusals.pop()
        return real(*args, **more)

    monkeypatch.setattr(os, "open", busy)
    assert files.read(tmp_path / "app.json") == b"{}"
    assert refusals == []
    refusals[:] = [PermissionError(errno.EACCES, "Permission denied")] * 3
    folder = Folder(tmp_path)
    assert folder.read("app.json") == b"{}"
    assert refusals == []


def test_a_private_file_is_not_read_while_another_process_may_replace_it(tmp_path: Path) -> None:
    mine, other = Folder(tmp_path / "mcapp"), Folder(tmp_path / "mcapp")
    with mine.lock():
        mine.write("index.toml", b"old")
    read: list[bytes | None] = []
    with mine.lock():
        reader = threading.Thread(target=lambda: read.append(other.read("index.toml")))
        reader.start()
        time.sleep(0.05)
        assert read == []
        assert mine.read("index.toml") == b"old"  # whoever holds the lock reads without asking for it
        mine.write("index.toml", b"new")
    reader.join()
    assert read == [b"new"]


def test_a_file_that_is_being_read_is_replaced_in_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusals = [PermissionError(errno.EACCES, "Permission denied")] * 4
    real = os.replace

    def busy(*args: Any, **more: Any) -> None:
        if refusals:
            raise refusals.pop()
        real(*args, **more)

    monkeypatch.setattr(os, "replace", busy)
    files.write(tmp_path / "app.json", "{}")
    assert (tmp_path / "app.json").read_bytes() == b"{}"


def test_a_folder_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("waits"))

    def refuse(*_: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    with pytest.raises(PermissionError):
        files.patiently(lambda: refuse())


def test_who_can_read_the_key_file(closed_off: Path, tmp_path: Path) -> None:
    assert Folder(closed_off / "mcapp").readers() == "readable by you alone"
    assert Folder(tmp_path / "elsewhere").readers() == "readable by everyone who may open that folder"


def test_hints_are_commands_of_this_shell(tmp_path: Path) -> None:
    (tmp_path / "my keys").mkdir()
    folder = Folder(tmp_path / "my keys")
    (folder.path / "index.toml").write_text("damaged")
    with pytest.raises(NoKey) as caught:
        Vault(folder, Timeouts()).index()
    path = folder.path / "index.toml"
    assert caught.value.code == "corrupt-index"
    assert caught.value.hint.endswith(f'\nmove "{path}" "{path}.old"\nmcapp doctor')
    assert remove_command(path) == f'del "{path}"'


# The command line


def test_patterns_are_expanded_where_no_shell_does(cli: Cli, tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "other.txt", "sub/c.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('{"request": ')
    assert expanded(["?.json", "other.txt", "*/*.json"]) == [
        "a.json",
        "b.json",
        "other.txt",
        str(Path("sub", "c.json")),
    ]
    done = cli("validate", "*.json", "--output-format", "concise")
    assert (done.code, "\na.json:" in f"\n{done.out}", "\nb.json:" in done.out) == (1, True, True)
    missing = cli("validate", "*.jsonc")
    assert (missing.code, "*.jsonc does not exist" in missing.err + missing.out) == (2, True)


def test_elsewhere_a_pattern_is_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    monkeypatch.setattr(sys, "platform", "linux")
    assert expanded(["*.json"]) == ["*.json"]


@pytest.mark.parametrize("form", ["github", "azure"])
def test_annotations_name_the_file_as_the_repository_does(cli: Cli, tmp_path: Path, form: str) -> None:
    name = r"apps\app.json"  # elsewhere a name of its own
    (tmp_path / "apps").mkdir()
    (tmp_path / name).write_text('{"request": ')
    out = cli("validate", name, "--output-format", form).out
    assert "apps/app.json" in out
    assert form == "github" or name not in out  # github prints the text report as well


def test_a_diff_names_the_file_as_git_does(cli: Cli, tmp_path: Path) -> None:
    name = r"apps\app.json"  # elsewhere a name of its own
    (tmp_path / "apps").mkdir()
    (tmp_path / name).write_text('{"auth": null,, "actions": []}')
    out = cli("validate", name, "--unsafe-fixes", "--diff", "-q").out
    assert out.startswith("--- a/apps/app.json\n+++ b/apps/app.json\n")


def test_listen_takes_a_path_without_a_slash(cli: Cli) -> None:
    done = cli("listen", "--path", "install", "--once", "--timeout", "0.01")
    assert "/install\n" in done.out + done.err


def test_git_bash_is_named_where_it_has_changed_a_path(cli: Cli) -> None:
    done = cli("listen", "--path", "C:/Git/install", env={"MSYSTEM": "MINGW64"})
    assert (done.code, "--path install" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["powershell", "pwsh"])
def test_completion_changes_no_policy_of_powershell(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, closed_off: Path
) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: (name, f"/bin/{name}"))
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("starts PowerShell"))
    done = cli("--install-completion")
    assert done.code == 2
    assert "mcapp --show-completion | Add-Content $PROFILE" in done.err
    assert not any(closed_off.iterdir())


def test_completion_of_another_shell_is_installed(cli: Cli, monkeypatch: pytest.MonkeyPatch, closed_off: Path) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    with pytest.raises(SystemExit) as caught:
        cli("--install-completion")
    assert caught.value.code == 0
    assert list(closed_off.rglob("mcapp.sh"))


def test_a_name_that_no_file_can_have_does_not_exist() -> None:
    assert str(files.unreadable("*.json", OSError(errno.EINVAL, "Invalid argument"))) == "*.json does not exist"


def test_utf_16_of_powershell_says_how_to_avoid_it(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "app.json").write_bytes('{"auth": null}'.encode("utf-16"))
    assert "use mcapp's -o instead" in cli("validate", "app.json").out


def test_a_port_is_taken_alone() -> None:
    server = Server(("127.0.0.1", 0), BaseHTTPRequestHandler, None)
    assert server.socket.getsockopt(socket.SOL_SOCKET, vars(socket)["SO_EXCLUSIVEADDRUSE"])
    server.stop()


# Certificates


def test_what_the_system_trusts_is_trusted(doctor: Doctor) -> None:
    assert isinstance(transport.trust().context(), truststore.SSLContext)
    (check,) = doctor("certificates")
    assert (check["status"], check["message"]) == ("ok", "trusts the authorities that this system trusts")
    (check,) = doctor("proxy")
    assert check["message"].endswith("connect directly; a script (PAC) in the system's settings is not used")


def test_certificates_that_a_variable_names_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", certifi.where())
    assert not isinstance(transport.trust().context(), truststore.SSLContext)
