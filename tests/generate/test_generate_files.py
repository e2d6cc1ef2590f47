"""`mcapp generate` and files: `--into`, `-o`, `--force`, `--diff`."""

import json
from pathlib import Path

import pytest

from mcapp.terminal.format import quoted
from tests.harness import Cli

URL = "https://example.com/hook"
APP = """{
  "auth": {
    "type": "APIKEY",
    "params": [{"name": "email", "title": "E-mail"}]
  },
  "actions": []
}
"""


def test_into_an_app_json(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    args = ("generate", "--url", URL, "--into", "app.json", "--param", "email=New title", "--param", "shop",
            "--payload", "key=<<app_token>>", "--payload", "for=<<page_id>> <<shop>> <<email>>")  # fmt: skip
    made = cli(*args)
    assert (made.code, made.out) == (0, "")
    assert made.err == (
        "put auth.request into app.json\n"
        "app.json declares the param `email` already: its title is kept\n"
        "next: mcapp validate app.json\n"
        "      mcapp send app.json --to http://127.0.0.1:3000/hook --set shop=VALUE --set email=VALUE\n"
    )
    after = json.loads(Path("app.json").read_text())
    assert after["auth"]["params"] == [{"name": "email", "title": "E-mail"}, {"name": "shop", "title": "Shop"}]
    assert after["auth"]["request"]["payload"]["for"] == "{{page_id}} [[shop]] [[email]]"
    again = cli(*args)
    assert again.code == 0
    assert again.err.startswith("app.json has this block already: nothing to write\n")


def test_a_note_is_shown_and_stops_nothing(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    made = cli("generate", "--url", URL, "--into", "app.json", "--param", "shop", "--payload", "k=<<app_token>>")
    assert made.code == 0
    assert "note[MC314]: the param `shop` is never used" in made.err
    assert "put auth.request into app.json\nnext: mcapp validate app.json\n" in made.err


def test_the_next_commands_can_be_pasted(cli: Cli) -> None:
    import shlex

    name = "-x y.json"
    assert cli("generate", "--url", URL, "--param", "email", "--emit", "app", "-o", name).code == 0
    made = cli("generate", "--url", f"{URL}?a=1", "--param", "email", "--emit", "app", "-o", name, "--force")
    check, rehearse = made.err.splitlines()[1:3]
    assert cli(*shlex.split(check.partition("mcapp ")[2])).code == 0
    words = shlex.split(rehearse.partition("mcapp ")[2])
    shown = cli(*words, "--dry-run")
    assert shown.code == 0, shown.err
    assert shown.out.startswith("POST http://127.0.0.1:3000/hook?a=1\n")
    assert '"email": "VALUE"' in shown.out


def test_the_files_own_params_can_be_used(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    made = cli(
        "generate", "--url", URL, "--into", "app.json", "--payload", "k=<<app_token>>", "--payload", "e=<<email>>"
    )
    assert made.code == 0, made.err
    assert '"e": "[[email]]"' in Path("app.json").read_text()


def test_a_request_that_is_there_is_kept_unless_forced(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    assert cli("generate", "--url", URL, "--into", "app.json").code == 0
    before = Path("app.json").read_bytes()
    kept = cli("generate", "--url", URL + "/new", "--into", "app.json")
    assert kept.code == 1
    assert kept.err.startswith("error: app.json has an `auth.request` already\n  hint: --force replaces it")
    assert Path("app.json").read_bytes() == before
    assert cli("generate", "--url", URL + "/new", "--into", "app.json", "--force").code == 0
    assert Path("app.json").read_bytes() == before.replace(b"/hook", b"/hook/new")


def test_findings_in_the_rest_of_the_file_do_not_stop_it(cli: Cli) -> None:
    # The action lacks nearly everything, a key is double, and a param is called like a system value.
    Path("app.json").write_text(
        '{"auth": {"params": [{"name": "page_id"}]}, "actions": [{}], "actions": [{"name": 1}], "x": 1}'
    )
    assert cli("validate", "app.json").code == 1
    made = cli("generate", "--url", URL, "--into", "app.json")
    assert made.code == 0, made.err
    assert Path("app.json").read_text().startswith('{"auth": {"params": [{"name": "page_id"}], "request": {"url": ')


def test_findings_in_what_is_written_do(cli: Cli) -> None:
    Path("app.json").write_text(APP)
    made = cli("generate", "--url", "http://example.com/hook", "--into", "app.json")
    assert made.code == 1
    assert "--> app.json:" in made.err
    assert Path("app.json").read_text() == APP


@pytest.mark.parametrize("text", ['{"auth": {},}', "{", '// x\n{"auth": null}', "[]", '{"auth": []}', '{"name": "x"}'])
@pytest.mark.parametrize("more", [[], ["--force"], ["--diff"]])
def test_a_file_that_is_no_app_json_is_left_untouched(cli: Cli, text: str, more: list[str]) -> None:
    Path("app.json").write_text(text)
    made = cli("generate", "--url", URL, "--into", "app.json", *more)
    assert (made.code, made.out) == (1, "")
    assert Path("app.json").read_text() == text


def test_a_new_file(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--emit", "app", "-o", "my app.json")
    assert (made.code, made.out) == (0, "")
    assert made.err == (
        "wrote my app.json\n"
        f"next: mcapp validate {quoted('my app.json')}\n"
        f"      mcapp send {quoted('my app.json')} --to http://127.0.0.1:3000/hook\n"
    )
    assert cli("validate", "my app.json", "--fail-on", "note").code == 0
    kept = cli("generate", "--url", URL + "/new", "-o", "my app.json")
    assert kept.code == 1
    assert kept.err == "error: my app.json exists already\n  hint: --force replaces it\n"
    assert cli("generate", "--url", URL + "/new", "-o", "my app.json", "--force").err.startswith(
        "replaced my app.json\n"
    )
    assert json.loads(Path("my app.json").read_text())["request"]["url"] == URL + "/new"


def test_the_file_is_what_stdout_would_have_been(cli: Cli) -> None:
    printed = cli("generate", "--url", URL, "-o", "-").raw
    cli("generate", "--url", URL, "-o", "block.json")
    assert Path("block.json").read_bytes() == printed


def test_quiet_says_nothing_and_still_prints_the_product(cli: Cli) -> None:
    made = cli("generate", "-q", "--url", URL, "--param", "email")
    assert (made.code, made.err) == (0, "")
    assert "request" in made.json()
    assert cli("generate", "-q", "--url", "http://example.com").err == ""


# ---- --diff ----


def test_diff_shows_and_writes_nothing(cli: Cli) -> None:
    Path("app.json").write_text('{\n  "actions": [],\n  "auth": null\n}')
    made = cli("generate", "--url", URL, "--into", "app.json", "--diff")
    assert (made.code, made.err) == (0, "")
    assert made.out.startswith("--- a/app.json\n+++ b/app.json\n@@ -1,4 +1,")
    assert '\n-  "auth": null\n+  "auth": {\n' in made.out
    assert made.out.endswith(" }\n\\ No newline at end of file\n")
    assert Path("app.json").read_text() == '{\n  "actions": [],\n  "auth": null\n}'


def test_diff_of_a_new_file(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "-o", "new.json", "--diff")
    assert made.code == 0
    assert made.out.startswith("--- /dev/null\n+++ b/new.json\n@@ -0,0 +1,")
    assert not Path("new.json").exists()


def test_diff_in_colour_and_without_what_a_terminal_would_obey(cli: Cli) -> None:
    Path("app.json").write_bytes(b'{\r\n\t"x": "a\xc2\x9b",\r\n\t"actions": []\r\n}')
    made = cli("generate", "--url", URL, "--into", "app.json", "--diff", "--color", "always")
    assert made.code == 0
    assert '\x1b[32m+\t"auth": {\x1b[0m\n' in made.out
    assert "\r" not in made.out
    assert "\x9b" not in made.out


def test_diff_masks_a_key_that_was_in_the_file(cli: Cli) -> None:
    key = "12345678" + ":" + "ab" * 16
    Path("app.json").write_text(f'{{\n  "note": "{key}",\n  "actions": []\n}}')
    made = cli("generate", "--url", URL, "--into", "app.json", "--diff")
    assert made.code == 0
    assert key not in made.out
    assert f'  "note": "{"*" * len(key)}",' in made.out
