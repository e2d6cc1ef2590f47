"""`mcapp generate` from the command line: stdout, stderr, files and exit codes."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Cli, Process

URL = "https://example.com/hook"


def test_the_block_is_the_product_and_validates(cli: Cli) -> None:
    made = cli("generate", "--url", URL)
    assert made.code == 0
    assert made.err == ""
    assert made.json() == {
        "request": {
            "url": URL,
            "method": "POST",
            "headers": ["Content-Type: application/json", "x-token-header: {{app_token}}"],
            "mapping": [],
            "payload": {
                "app_token": "{{app_token}}",
                "page_id": "{{page_id}}",
                "app_id": "{{app_id}}",
                "app_version": "{{app_version}}",
            },
        }
    }
    assert cli("validate", "-", "--fail-on", "warning", stdin=made.raw).code == 0


def test_through_a_real_pipe(process: Process) -> None:
    made = process("generate", "--url", URL)
    assert (made.code, made.err) == (0, "")
    checked = process("validate", "-", stdin=made.raw)
    assert checked.code == 0, checked.out


def test_every_option_that_shapes_the_block(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "base.json").write_text('{"shop": {"id": 7}, "note": "old"}')
    made = cli(
        *("generate", "--url", "https://example.com/<<page_id>>", "--method", "put", "--emit", "auth"),
        *("--header", "X-Shop: <<shop>>", "--payload-json", "@base.json", "--payload", "note=new"),
        *("--payload", "shop.name=<<shop>>", "--payload", r"a\.b:=[true]", "--param", "shop=Your shop"),
        *("--token-in", "both", "--token-header", "X-Key"),
    )
    assert made.code == 0, made.err
    assert made.json() == {
        "auth": {
            "type": "APIKEY",
            "params": [{"name": "shop", "title": "Your shop"}],
            "request": {
                "url": "https://example.com/{{page_id}}",
                "method": "PUT",
                "headers": ["Content-Type: application/json", "X-Key: {{app_token}}", "X-Shop: [[shop]]"],
                "mapping": [],
                "payload": {
                    "app_token": "{{app_token}}",
                    "shop": {"id": 7, "name": "[[shop]]"},
                    "note": "new",
                    "a.b": [True],
                },
            },
        }
    }


def test_the_default_payload_delivers_every_param(cli: Cli) -> None:
    payload = cli("generate", "--url", URL, "--param", "email", "--param", "page_token").json()["request"]["payload"]
    assert payload == {
        "app_token": "{{app_token}}",
        "page_id": "{{page_id}}",
        "app_id": "{{app_id}}",
        "app_version": "{{app_version}}",
        "email": "[[email]]",
        "page_token": "[[page_token]]",
    }


def test_system_adds_to_a_payload_of_ones_own(cli: Cli) -> None:
    given = ("generate", "--url", URL, "--payload", "k=<<app_token>>", "--payload", "app_id=x")
    payload = cli(*given, "--system", "page_id,app_id").json()["request"]["payload"]
    assert payload == {"page_id": "{{page_id}}", "app_id": "x", "k": "{{app_token}}"}
    for words in ((*given, "--system", "app_token"), ("generate", "--url", URL, "--system", "page_id")):
        assert cli(*words).code == 2


def test_the_payload_from_stdin(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--payload-json", "-", stdin='{"k": "<<app_token>>"}')
    assert made.json()["request"]["payload"] == {"k": "{{app_token}}"}


@pytest.mark.parametrize("emit", ["request", "auth", "app"])
@pytest.mark.parametrize("placeholders", ["manychat", "portable"])
def test_all_that_is_emitted_validates(cli: Cli, emit: str, placeholders: str) -> None:
    Path("mcapp.toml").write_text(f'placeholders = "{placeholders}"')
    made = cli("generate", "--url", URL, "--emit", emit)
    assert ("<<app_token>>" in made.out) == (placeholders == "portable")
    checked = cli("validate", "-", "--fail-on", "note", stdin=made.raw)
    assert checked.code == 0, checked.out


def test_portable_as_an_option_beats_the_configuration(cli: Cli) -> None:
    Path("mcapp.toml").write_text('placeholders = "portable"')
    assert "<<" not in cli("generate", "--url", URL, "--placeholders", "manychat").out
    assert "<<" in cli("generate", "--isolated", "--url", URL, "--placeholders", "portable").out


def test_params_that_the_block_does_not_hold_are_told(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--param", "email=Your e-mail", "--payload", "k=<<app_token>> <<email>>")
    assert made.code == 0
    assert made.json()["request"]["payload"] == {"k": "{{app_token}} [[email]]"}
    assert made.err == (
        "the block needs these params in `auth` (--into and --emit auth write them):\n"
        '  "params": [\n    {\n      "name": "email",\n      "title": "Your e-mail"\n    }\n  ]\n'
    )


# ---- what is not written ----


def test_http_prints_the_finding_and_writes_nothing(cli: Cli) -> None:
    made = cli("generate", "--url", "http://example.com/hook", "-o", "app.json")
    assert made.code == 1
    assert made.out == ""
    assert "error[MC2" in made.err
    assert '"url": "http://example.com/hook"' in made.err
    assert made.err.endswith("nothing was written: what mcapp writes has no errors and no warnings\n")
    assert not Path("app.json").exists()


def test_a_warning_is_enough(cli: Cli) -> None:
    made = cli("generate", "--url", "https://app.local/hook")
    assert (made.code, made.out) == (1, "")
    assert "warning[MC2" in made.err
    assert "--fix" not in made.err


def test_rules_that_the_configuration_leaves_out_still_count(cli: Cli) -> None:
    Path("mcapp.toml").write_text('ignore = ["MC"]')
    assert cli("generate", "--url", "http://example.com/hook").code == 1


@pytest.mark.parametrize("emit", ["request", "auth"])
def test_a_param_called_like_a_system_value(cli: Cli, emit: str) -> None:
    made = cli("generate", "--url", URL, "--param", "page_id=Page", "--emit", emit)
    assert (made.code, made.out) == (1, "")
    assert "page_id" in made.err


def test_an_unknown_name(cli: Cli) -> None:
    made = cli("generate", "--url", URL, "--payload", "k=<<app_tokn>>")
    assert (made.code, made.out) == (1, "")
    assert made.err == (
        "error: <<app_tokn>> is neither a ManyChat value nor a declared param\n  hint: did you mean <<app_token>>?\n"
    )


def test_a_key_written_out_is_refused_and_not_shown(cli: Cli) -> None:
    key = "12345678" + ":" + "ab" * 16
    for args in (["--payload", f"k={key}"], ["--header", f"x-key: {key}"], ["--payload", key], ["--param", f"a={key}"]):
        made = cli("generate", "--url", URL, *args)
        assert made.code in (1, 2)
        assert key not in made.out + made.err
        assert made.out == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "--url is missing, and there is no terminal to ask for it"),
        (["--url", URL, "--into", "a.json", "-o", "b.json"], "--into and -o cannot both be given"),
        (["--url", URL, "--into", "a.json", "--emit", "app"], "--emit has no effect with --into"),
        (["--url", URL, "--into", "-"], "--into needs a file"),
        (["--url", URL, "--diff"], "--diff compares with a file"),
        (["--url", URL, "-o", "-", "--diff"], "--diff compares with a file"),
        (["--url", URL, "--payload", "a=1", "--payload", "a.b=2"], "--payload a and --payload a.b contradict"),
        (["--url", URL, "--payload", "a"], "a --payload without `=`"),
        (["--url", URL, "--payload-json", "[]"], "--payload-json must be an object"),
        (["--url", URL, "--payload-json", "{"], "--payload-json is not strict JSON"),
        (["--url", URL, "--payload-json", "@none.json"], "none.json does not exist"),
        (["--url", URL, "--method", "GET", "--payload", "a=1"], "a GET request has no payload"),
        (["--url", URL, "--method", "PATCH"], "invalid value for '--method'"),
        (["--url", URL, "--emit", "all"], "invalid value for '--emit'"),
        (["--url", URL, "--token-in", "url"], "invalid value for '--token-in'"),
        (["--url", URL, "--placeholders", "mine"], "invalid value for '--placeholders'"),
        (["--url", URL, "--output-format", "sarif"], "unknown output format 'sarif'"),
        (["--url", URL, "--param", "a/b"], "`a/b` is not a valid param name"),
        (["--url", URL, "--payload", "k=\udc80"], "an argument is not valid UTF-8"),
        (["--url", URL, "-o", "no/such/app.json"], "there is no folder no/such"),
        (["--url", URL, "-o", "."], ". is a folder"),
        (["--url", URL, "--into", "missing.json"], "missing.json does not exist"),
        (["--url", URL, "--into", "."], ". is a folder"),
    ],
)
def test_what_ends_with_2(cli: Cli, args: list[str], message: str) -> None:
    made = cli("generate", *args)
    assert made.code == 2
    assert made.out == ""
    assert message in made.err


def test_no_socket_and_no_key_store() -> None:
    names = ("socket", "ssl", "httpx", "keyring", "jsonschema", "mcapp.keys.store")
    code = (
        "import sys; from mcapp.cli.application import run; code = run(['generate', '--url', 'https://example.com/hook']);"
        f"print(code, [name for name in {names} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("0 []\n")


@pytest.mark.parametrize("option", ["--url", "--header"])
def test_a_key_in_the_wrong_option_is_not_repeated(cli: Cli, option: str) -> None:
    key = secrets.token_hex(20)
    url = () if option == "--url" else ("--url", "https://example.com/a")
    for more in ((), ("--json",)):
        result = cli("generate", *url, option, key, *more)
        assert result.code == 1
        assert key not in result.out + result.err
