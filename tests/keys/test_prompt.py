"""Pasting a key at a real terminal: any length, hidden, whole, and nothing is left behind when it goes wrong."""

import signal
import sys
import time
from pathlib import Path

import pytest

from mcapp.keys.private_files import Folder
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import Vault
from tests.harness import Process
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session

if sys.platform == "win32":
    pytest.skip("pseudo-terminals are a POSIX thing", allow_module_level=True)

from tests.keys.person import Person

pytestmark = pytest.mark.usefixtures("file_store")

PROMPT = "what you paste stays hidden): "
CTRL_C, CTRL_D, CTRL_U = "\x03", "\x04", "\x15"


def the_key(folder: Folder) -> str:
    """The one key that is stored."""
    vault = Vault(folder, Timeouts())
    (entry,) = vault.index().entries
    return vault.read(entry).reveal()


def nothing(folder: Folder) -> bool:
    return not folder.path.exists() or not Vault(folder, Timeouts()).index().entries


@pytest.mark.parametrize("length", [8, 49, 4094])
@pytest.mark.parametrize("form", ["{}\r", "{}\n", "{}\r\n", "\x1b[200~{}\x1b[201~\r", " \x1b[200~ {}\n\x1b[201~\r"])
def test_a_paste_arrives_whole_and_hidden(folder: Folder, make_key: MakeKey, length: int, form: str) -> None:
    key = make_key(length=length)
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(form.format(key))
        code, shown = person.leaves()
        assert person.restored
        assert person.unread() == b""
    assert code == 0, shown
    assert f"received {length:,} characters" in shown
    assert not any(key[start : start + 8] in shown for start in range(0, length - 8, 4))
    assert the_key(folder) == key


@pytest.mark.parametrize("form", ["{}\r", "\x1b[200~{}\x1b[201~\r"])
def test_six_thousand_characters_are_counted_and_refused(folder: Folder, make_key: MakeKey, form: str) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(form.format(make_key(length=6000)))
        shown = person.sees(PROMPT)
        person.types(CTRL_C)
        code, more = person.leaves()
        assert person.restored
        assert person.unread() == b""
    assert code == 130
    assert "6,000 characters are too many for a key" in " ".join((shown + more).split())
    assert nothing(folder)


@pytest.mark.parametrize(
    "form", ["{0}\r{1}\r", "{0}\n{1}", "\x1b[200~{0}\r{1}\x1b[201~\r", "\x1b[200~{0}\n{1}\n\x1b[201~\r"]
)
def test_two_lines_are_refused_and_the_second_is_not_typed_into_the_shell(
    folder: Folder, make_key: MakeKey, form: str
) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(form.format(make_key(1), make_key(2)))
        if not form.endswith("\r"):
            person.types("\r")
        shown = person.sees(PROMPT)  # the next paste must not land in the shell
        person.types(CTRL_C)
        code, more = person.leaves()
        assert person.restored
        assert person.unread() == b""
    shown += more
    assert code == 130
    assert "character 50 of" in shown
    assert "the input has several lines" in shown
    assert make_key(1)[:12] not in shown
    assert make_key(2)[:12] not in shown
    assert nothing(folder)


@pytest.mark.parametrize("typed", ["", "half a key", "\x1b[200~half a paste"])
def test_ctrl_c_is_130_and_stores_nothing(folder: Folder, typed: str) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(typed + CTRL_C)
        code, shown = person.leaves()
        assert person.restored
        assert person.unread() == b""
    assert code == 130
    assert "Traceback" not in shown
    assert "half" not in shown
    assert nothing(folder)


def test_ctrl_c_with_json_is_a_report_too() -> None:
    with Person("keys", "add", "--json") as person:
        person.sees(PROMPT)
        person.types(CTRL_C)
        code, shown = person.leaves()
    assert code == 130
    assert '"code": "interrupted"' in shown


def test_a_line_can_be_corrected(folder: Folder, make_key: MakeKey) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(f"wrong\u00e4{CTRL_U}ü\x7f{make_key()}xy\x7f\x08\r")
        assert person.leaves()[0] == 0
    assert the_key(folder) == make_key()


def test_after_a_bad_paste_it_asks_again(folder: Folder, make_key: MakeKey) -> None:
    with Person("keys", "add") as person:
        for bad, reason in (("", "the input contains no key"), ("{{app_token}}", "this is a placeholder")):
            person.sees(PROMPT)
            person.types(f"{bad}\r")
            person.sees(reason)
        person.sees(PROMPT)
        person.types(make_key() + "\r")
        assert person.leaves()[0] == 0
    assert the_key(folder) == make_key()


@pytest.mark.parametrize(("typed", "code"), [(CTRL_D, 130), (f"fake-0123{CTRL_D}\r", 0)])
def test_ctrl_d(typed: str, code: int) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.types(typed)
        assert person.leaves()[0] == code
        assert person.restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_restored(folder: Folder, number: signal.Signals) -> None:
    with Person("keys", "add") as person:
        person.sees(PROMPT)
        person.signals(number)
        assert person.leaves()[0] == 128 + number
        assert person.restored
    assert nothing(folder)


def test_stdin_at_a_terminal_is_hidden_too(folder: Folder, make_key: MakeKey) -> None:
    with Person("keys", "add", "--stdin") as person:
        person.sees(PROMPT)
        person.types(make_key() + "\r")
        code, shown = person.leaves()
    assert code == 0
    assert make_key()[:12] not in shown
    assert the_key(folder) == make_key()


def test_a_pipe_on_stdin_is_not_waited_for_although_a_terminal_is_there(folder: Folder) -> None:
    before = time.monotonic()
    with Person("keys", "add", piped=True) as person:  # the pipe stays open, and empty
        code, shown = person.leaves()
    assert time.monotonic() - before < 10
    assert code == 2
    assert "--stdin" in shown
    assert nothing(folder)


def test_a_pipe_is_read_with_a_terminal_present(folder: Folder, make_key: MakeKey) -> None:
    with Person("keys", "add", "--stdin", piped=True) as person:
        assert person.process.stdin
        person.process.stdin.write(make_key().encode())
        person.process.stdin.close()
        assert person.leaves()[0] == 0
    assert the_key(folder) == make_key()


@pytest.mark.parametrize("quiet", [{"MCAPP_NO_INPUT": "1"}, {}])
def test_no_input_forbids_the_prompt(quiet: dict[str, str | None]) -> None:
    with Person("keys", "add", *([] if quiet else ["--no-input"]), env=quiet) as person:
        code, shown = person.leaves()
    assert code == 2
    assert "--stdin" in shown


# The question about the file store

QUESTION = "Keep keys in that file? [y/N] "
AUTO = {"MCAPP_KEY_STORE": None}


def test_without_a_keyring_the_file_is_asked_for_once(folder: Folder, make_key: MakeKey) -> None:
    with Person("keys", "add", env=AUTO) as person:
        person.sees("there is no keyring here")
        person.sees("in plain text, readable by you alone")
        person.sees(QUESTION)
        person.types("y\n")
        person.sees(PROMPT)
        person.types(make_key() + "\r")
        code, shown = person.leaves()
    assert code == 0
    assert str(folder.path / "keys.toml") in shown
    with Person("keys", "add", "b", env=AUTO) as person:
        person.sees(PROMPT)
        person.types(make_key(1) + "\r")
        code, shown = person.leaves()
    assert code == 0
    assert str(folder.path / "keys.toml") in shown
    assert "as you chose before" in shown


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_no_is_4_with_the_remedies_and_stores_nothing(folder: Folder, answer: str) -> None:
    with Person("keys", "add", env=AUTO) as person:
        person.sees(QUESTION)
        person.types(answer)
        code, shown = person.leaves()
    assert code == 4
    assert "MANYCHAT_APP_KEY" in shown
    assert nothing(folder)


def test_a_locked_keyring_is_never_a_reason_for_the_file(folder: Folder, keyring: Session) -> None:
    keyring.lock()
    with Person("keys", "add", env={**AUTO, **keyring.env}) as person:
        code, shown = person.leaves()
    assert code == 4
    assert "is locked" in shown
    assert QUESTION not in shown
    assert PROMPT not in shown  # nobody pastes a key in vain
    assert nothing(folder)


def test_a_script_without_a_keyring_gets_4_at_once_with_three_remedies(process: Process, make_key: MakeKey) -> None:
    before = time.monotonic()
    done = process("keys", "add", "--stdin", stdin=make_key(), env=AUTO)
    assert time.monotonic() - before < 5
    assert (done.code, done.out) == (4, "")
    assert "error: there is no keyring here (" in done.err
    for remedy in ("start or unlock a keyring", "--store file, or MCAPP_KEY_STORE=file", "MANYCHAT_APP_KEY"):
        assert remedy in done.err
    assert max(map(len, done.err.splitlines()[1:])) <= 80  # hints are not wrapped
    assert (
        process("keys", "add", "--stdin", "--json", stdin=make_key(), env=AUTO).json()["errors"][0]["code"]
        == "no-keyring"
    )
    assert not Path("mcapp").exists()
