"""The `keys` commands as they are typed: what they print, what their JSON says, how they exit."""

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from mcapp import schemas
from mcapp.keys.secret import Secret
from mcapp.keys.vault import Vault
from tests.harness import Cli, Result
from tests.keys.conftest import MakeKey, fits, report

pytestmark = pytest.mark.usefixtures("file_store")


def test_the_schema_itself_is_sound() -> None:
    for name in ("keys", "doctor"):
        jsonschema.Draft202012Validator.check_schema(json.loads(schemas.text(name)))


def test_add_says_what_came_in_and_where_it_went(cli: Cli, make_key: MakeKey, closed_off: Path) -> None:
    key = make_key()
    done = cli("keys", "add", "--stdin", stdin=f'"Bearer {key}"\r\n')
    assert done.code == 0
    assert done.out == (
        f"received 49 characters, …{key[-4:]}, fingerprint {Secret(key).fingerprint}\n"
        f"stored as default in the file {closed_off / 'mcapp' / 'keys.toml'}, in plain text, readable by you alone\n"
        "it is the default key\n"
    )
    assert done.err == "removed: a line end, quotes, 'Bearer'\n"


def test_add_reports_in_json(cli: Cli, make_key: MakeKey) -> None:
    done = cli("keys", "add", "shop-a", "--stdin", "--page-id", "7", "--json", stdin=make_key() + "\n")
    document = report(done)
    (key,) = document["keys"]
    assert (key["name"], key["store"], key["state"], key["default"]) == ("shop-a", "file", "ready", True)
    assert (key["page_id"], key["app"], key["backend"]) == ("7", None, None)
    assert document["default"] == "shop-a"
    assert document["received"] == {"characters": 49, "removed": ["a line end"]}
    assert done.out.isascii()


def test_add_takes_a_key_from_a_variable(cli: Cli, make_key: MakeKey) -> None:
    assert cli("keys", "add", "--from-env", "MY_KEY", env={"MY_KEY": make_key()}).code == 0
    missing = cli("keys", "add", "other", "--from-env", "MY_KEY")
    assert (missing.code, missing.out) == (2, "")
    assert "is not set" in missing.err


def test_an_account_key_is_kept_with_a_warning(cli: Cli) -> None:
    done = cli("keys", "add", "--stdin", "--json", stdin="12345678:" + "ab" * 16)
    assert "warning: it looks like an account's API key" in done.err
    assert report(done)["notes"][0].startswith("warning: it looks like")


def test_a_key_that_replaces_another_keeps_page_and_app(cli: Cli, make_key: MakeKey, shop: str) -> None:
    again = cli("keys", "add", shop, "--stdin", "--force", stdin=make_key(1))
    assert again.code == 0
    assert "as before: page 123, app My app" in again.err
    (key,) = report(cli("keys", "show", shop, "--json"))["keys"]
    assert (key["page_id"], key["app"]) == ("123", "My app")
    assert cli("keys", "add", shop, "--stdin", "--force", "--page-id", "9", stdin=make_key(2)).code == 0
    (key,) = report(cli("keys", "show", shop, "--json"))["keys"]
    assert (key["page_id"], key["app"]) == ("9", None)


@pytest.mark.parametrize("word", ["KEY", "fake0123", "fakefakefakefakefakefake"])
def test_a_key_as_an_argument_is_exposed_now_and_not_repeated(cli: Cli, word: str) -> None:
    refused = cli("keys", "add", "shop-b", word)
    assert refused.code == 2
    assert "treat it as exposed" in refused.err
    assert word not in refused.err.replace("a key", "")


@pytest.mark.skipif(sys.platform == "win32", reason="modes as POSIX has them")
def test_a_file_that_others_can_read_is_not_called_private(cli: Cli, shop: str, vault: Vault) -> None:
    (vault.folder.path / "keys.toml").chmod(0o644)
    shown = cli("keys", "show", shop).out
    assert "readable by you alone" not in shown
    assert "not private: make it private: chmod 600 " in shown


def test_add_replaces_only_with_force(cli: Cli, make_key: MakeKey, shop: str) -> None:
    again = cli("keys", "add", shop, "--stdin", stdin=make_key(1))
    assert again.code == 1
    assert again.err.startswith("error: a key named shop-a is already stored (…")
    assert "--force replaces it" in again.err
    twin = cli("keys", "add", "shop-b", "--stdin", stdin=make_key())
    assert twin.code == 1
    assert "this key is already stored under the name shop-a" in twin.err
    assert cli("keys", "add", shop, "--stdin", "--force", stdin=make_key(1)).code == 0
    assert cli("keys", "show", shop, "--reveal", "--force").out == make_key(1) + "\n"


def test_list_shows_a_table_without_any_key(cli: Cli, make_key: MakeKey, shop: str) -> None:
    cli("keys", "add", "shop-b", "--stdin", stdin=make_key(1))
    done = cli("keys", "list")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["NAME", "STORE", "KEY", "FINGERPRINT", "PAGE", "APP", "ADDED"]
    assert lines[1].split()[:4] == [shop, "*", "file", f"…{make_key()[-4:]}"]
    assert lines[2].split()[:2] == ["shop-b", "file"]
    assert [key["name"] for key in report(cli("keys", "list", "--json"))["keys"]] == [shop, "shop-b"]


def test_list_announces_the_environments_key(cli: Cli, make_key: MakeKey, shop: str) -> None:
    env = {"MANYCHAT_APP_KEY": make_key(1)}
    done = cli("keys", "list", env=env)
    assert "MANYCHAT_APP_KEY  environment" in done.out
    assert "MANYCHAT_APP_KEY is set: commands use it instead of the default key" in done.err
    document = report(cli("keys", "list", "--json", env=env))
    assert document["environment"]["fingerprint"] == Secret(make_key(1)).fingerprint
    assert [key["name"] for key in document["keys"]] == [shop]
    bad = cli("keys", "list", env={"MANYCHAT_APP_KEY": "{{app_token}}"})
    assert (bad.code, "holds no usable key" in bad.err) == (0, True)


def test_list_of_nothing(cli: Cli, closed_off: Path) -> None:
    done = cli("keys", "list")
    assert (done.code, done.out) == (0, "")
    assert done.err == "no key is stored yet; store one: mcapp keys add\n"
    assert report(cli("keys", "list", "--json"))["keys"] == []
    assert not list(closed_off.iterdir())


def test_a_narrow_terminal_gets_a_block_for_each_key(cli: Cli, shop: str) -> None:
    done = cli("keys", "list", env={"COLUMNS": "40", "NO_COLOR": "1"}, terminal=True)
    assert done.out.splitlines()[:3] == [
        f"{shop} *",
        "  store: file",
        f"  key: {done.out.split('key: ')[1].split()[0]}",
    ]
    assert max(map(len, done.out.splitlines())) <= 40


def test_show_masks_and_reveals(cli: Cli, make_key: MakeKey, shop: str) -> None:
    done = cli("keys", "show", shop)
    assert done.out.startswith("shop-a\n  key:     …")
    assert "page:    123" in done.out
    assert report(cli("keys", "show", shop, "--json"))["keys"][0]["app"] == "My app"
    refused = cli("keys", "show", shop, "--reveal")
    assert (refused.code, refused.out) == (1, "")
    assert "--force prints it anyway" in refused.err
    revealed = cli("keys", "show", shop, "--reveal", "--force")
    assert revealed.out == make_key() + "\n"
    assert make_key() not in revealed.err
    assert cli("keys", "show", shop, "--reveal", terminal=True).out == make_key() + "\n"
    document = report(cli("keys", "show", shop, "--reveal", "--force", "--json"))
    assert document["secret"] == make_key()


def test_use_rename_and_remove(cli: Cli, make_key: MakeKey, shop: str) -> None:
    cli("keys", "add", "shop-b", "--stdin", stdin=make_key(1))
    assert "shop-b (…" in cli("keys", "use", "shop-b").out
    assert report(cli("keys", "use", "shop-b", "--json"))["default"] == "shop-b"
    assert report(cli("keys", "rename", "shop-b", "shop-c", "--json"))["default"] == "shop-c"
    assert cli("keys", "rename", shop, "shop-c").code == 1
    done = cli("keys", "remove", "shop-c", shop, "--yes", "--json")
    assert [key["name"] for key in report(done)["keys"]] == ["shop-c", shop]
    assert "was the default key" in done.err
    assert cli("keys", "list").out == ""


def test_remove_asks_or_wants_yes(cli: Cli, shop: str) -> None:
    script = cli("keys", "remove", shop)
    assert (script.code, script.out) == (2, "")
    assert "--yes removes them" in script.err
    declined = cli("keys", "remove", shop, stdin="n\n", terminal=True)
    assert declined.code == 1
    assert "nothing was removed" in declined.err
    assert cli("keys", "remove", shop, stdin="", terminal=True).code == 130
    assert cli("keys", "list").out
    assert cli("keys", "remove", shop, stdin="y\n", terminal=True).code == 0
    assert cli("keys", "list").out == ""


def test_move_needs_a_place_and_says_where_it_went(cli: Cli, shop: str) -> None:
    nowhere = cli("keys", "move", shop, env={"MCAPP_KEY_STORE": None})
    assert (nowhere.code, "--store system" in nowhere.err) == (2, True)
    there = cli("keys", "move", shop, "--store", "file", "--json")
    assert report(there)["errors"][0]["code"] == "there-already"
    assert there.code == 1
    assert cli("keys", "move", shop, "--store", "system").code == 4


def test_path_prints_the_folder_alone(cli: Cli, closed_off: Path) -> None:
    assert cli("keys", "path").out == f"{closed_off / 'mcapp'}\n"
    assert report(cli("keys", "path", "--json"))["paths"]["file"] == str(closed_off / "mcapp" / "keys.toml")


@pytest.mark.skipif(sys.platform == "win32", reason="no file has such a name there")
def test_the_folders_name_drives_no_terminal(cli: Cli, tmp_path: Path, make_key: MakeKey) -> None:
    env = {"MCAPP_CONFIG_DIR": str(tmp_path / "a\x1b[2J")}
    for words in (["add", "x", "--stdin"], ["show", "x"], ["show", "x", "--reveal", "--force"], ["path"]):
        done = cli("keys", *words, stdin=make_key(), env=env)
        assert (done.code, "\x1b" in done.out + done.err) == (0, False)


def test_a_report_can_go_into_a_file_besides(cli: Cli, shop: str, tmp_path: Path) -> None:
    done = cli("keys", "list", "--output-format", "text", "--output-format", "json=out.json")
    assert done.out.startswith("NAME")
    fits(json.loads((tmp_path / "out.json").read_text()))
    failed = cli("keys", "show", "x", "--output-format", "json=error.json")
    assert "there is no key named x" in failed.err
    assert json.loads((tmp_path / "error.json").read_text())["ok"] is False
    assert cli("keys", "list", env={"MCAPP_OUTPUT_FORMAT": "json"}).json()["keys"][0]["name"] == shop
    assert cli("keys", "list", env={"MCAPP_OUTPUT_FORMAT": "sarif"}).out.startswith("NAME")


def test_quiet_prints_nothing_but_what_was_asked_for(cli: Cli, make_key: MakeKey, shop: str) -> None:
    for words in (["list"], ["show", shop], ["use", shop], ["path"]):
        assert cli("keys", *words, "-q") == Result(0, "", "", b"")
    assert cli("keys", "show", shop, "--reveal", "--force", "-q").out == make_key() + "\n"
    assert cli("keys", "list", "-q", "--json").json()["ok"] is True


def test_help_tells_examples_options_and_exit_codes(cli: Cli) -> None:
    assert cli("keys").out == cli("keys", "--help").out
    assert "Unknown" not in cli("keys", "--help").out
    for name in ("add", "list", "show", "use", "rename", "remove", "move", "exec", "path"):
        text = cli("keys", name, "--help").out
        assert f"mcapp keys {name}" in text
        assert text.index("Examples:") < text.index("Usage:") < text.index("Exit codes:")
        assert "130" in text
    assert "did you mean" in cli("keys", "lsit").err.lower()


def test_names_complete(shop: str) -> None:
    from mcapp.cli.command import completing
    from mcapp.commands.stored_keys import stored_names

    complete = completing(stored_names)
    assert complete("sh") == [shop]
    assert complete("x") == []
    (Path(os.environ["MCAPP_CONFIG_DIR"]) / "index.toml").write_text("damaged")
    assert complete("") == []
