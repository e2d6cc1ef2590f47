"""`mcapp doctor` as it is typed: text, JSON, exit codes. What it finds out is tested in test_checkup.py."""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mcapp import schemas
from mcapp.keys.private_files import Folder
from mcapp.keys.secret import Secret
from mcapp.keys.stores import FileStore
from tests.harness import Cli, Process, Result
from tests.keys.conftest import MakeKey
from tests.keys.secret_service import Session


def checks(result: Result) -> dict[str, Any]:
    """The checks by area; the document fits the schema and agrees with the exit code."""
    document = result.json()
    jsonschema.Draft202012Validator(json.loads(schemas.text("doctor"))).validate(document)
    assert document["ok"] is (result.code == 0)
    return {check["area"]: check for check in document["checks"]}


def test_a_fresh_machine_is_fine_and_stays_untouched(cli: Cli, closed_off: Path) -> None:
    done = cli("doctor", env={"PATH": str(Path(sys.executable).parent)})  # whoever runs this may have another mcapp
    assert (done.code, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert [line.partition(" ")[0] for line in lines] == ["ok"] * 7 + ["note", "", "no"]
    assert lines[-1] == "no problems"
    assert "Python 3." in done.out
    assert "there is no keyring here" in done.out
    assert not list(closed_off.iterdir())


@pytest.mark.usefixtures("shop")
def test_stored_keys_are_checked_against_their_store(cli: Cli, closed_off: Path) -> None:
    assert checks(cli("doctor", "--json"))["key shop-a"]["status"] == "ok"
    store = FileStore(Folder(closed_off / "mcapp"))
    for key_id in store.ids() or ():
        store.delete(key_id)
    for words in (["--dry-run"], [], []):
        done = cli("doctor", *words)
        assert done.code == 1
        assert done.out.endswith("\n1 problem\n")
        assert "the key is gone from the file" in done.out
        lost = checks(cli("doctor", "--json", *words))["key shop-a"]
        assert (lost["status"], lost["code"], lost["repaired"]) == ("problem", "lost-key", False)
    assert "file, lost" in cli("keys", "list").out
    assert cli("keys", "exec", "shop-a", "--", "true").code == 4
    assert cli("keys", "remove", "shop-a", "--yes").code == 0
    assert cli("doctor").code == 0


def test_what_can_be_put_right_is_put_right(cli: Cli, make_key: MakeKey, shop: str, closed_off: Path) -> None:
    (closed_off / "mcapp" / "index.toml").unlink()
    name = f"recovered-{Secret(make_key()).fingerprint}"
    seen = cli("doctor", "--dry-run")
    assert f"warning   key {name}" in seen.out
    done = cli("doctor")
    assert (done.code, f"repaired  key {name}" in done.out) == (0, True)
    assert cli("keys", "rename", name, shop).code == 0
    assert cli("keys", "show", shop, "--reveal", "--force").out == make_key() + "\n"


@pytest.mark.usefixtures("shop")
def test_a_damaged_index_is_a_problem_with_a_way_out_that_works(cli: Cli, closed_off: Path) -> None:
    index = closed_off / "mcapp" / "index.toml"
    index.write_text("damaged")
    done = cli("doctor")
    assert done.code == 1
    assert re.search(rf"mv -- {re.escape(str(index))} {re.escape(str(index))}.old\n +mcapp doctor\n", done.out)
    assert index.read_text() == "damaged"
    index.rename(f"{index}.old")
    assert cli("doctor").code == 0
    assert "recovered-" in cli("keys", "list").out


def test_what_the_environment_decides_is_told(cli: Cli, make_key: MakeKey) -> None:
    env = {"MANYCHAT_APP_KEY": make_key(), "MCAPP_KEY_STORE": "file"}
    done = cli("doctor", env=env)
    assert done.code == 0
    assert f"MANYCHAT_APP_KEY holds a key (…{make_key()[-4:]}, fingerprint " in done.out
    for broken in ({"MANYCHAT_APP_KEY": "{{app_token}}"}, {"MCAPP_KEY_STORE": "cloud"}):
        assert checks(cli("doctor", "--json", env=broken))["environment"]["status"] == "problem"


def test_a_hanging_keyring_is_told_within_seconds(bus: Session, process: Process) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    bus.keyring().send_signal(signal.SIGSTOP)
    before = time.monotonic()
    found = checks(process("doctor", "--json"))
    assert time.monotonic() - before < 5
    assert (found["system store"]["status"], found["system store"]["code"]) == ("warning", "keyring-slow")


def test_an_open_folder_is_told_with_the_command_that_closes_it(cli: Cli, shop: str, closed_off: Path) -> None:
    assert shop
    (closed_off / "mcapp").chmod(0o755)
    assert f"chmod 700 {closed_off / 'mcapp'}" in cli("doctor").out
    (closed_off / "mcapp" / "keys.toml").chmod(0o644)
    done = cli("doctor")
    assert (done.code, f"chmod 600 {closed_off / 'mcapp' / 'keys.toml'}" in done.out) == (1, True)


def test_help_and_quiet(cli: Cli) -> None:
    text = cli("doctor", "--help").out
    assert "mcapp doctor --dry-run" in text
    assert "repairs nothing" in text
    assert cli("doctor", "-q") == Result(0, "", "", b"")
    assert cli("doctor", env={"MCAPP_CONFIG_DIR": os.devnull}).code == 1
