"""The rest of the command: what stops it, what it asks for, what it prints for other programs."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.harness import Cli, environment
from tests.pseudo_terminal import CTRL_C, CTRL_D, Terminal
from tests.send.conftest import EMAIL, Arrived, Endpoint, app, report

NOWHERE = "http://127.0.0.1:1/install"


def test_errors_in_auth_request_stop_it(cli: Cli, endpoint: Endpoint) -> None:
    app(request={"headers": ["no colon"]})
    result = cli("send", "--to", endpoint.url)
    assert result.code == 1
    assert "error[MC" in result.out
    assert "no colon" in result.out
    assert "nothing was sent" in result.err
    document = report(cli("send", "--to", endpoint.url, "--json"))
    assert {finding["severity"] for finding in document["findings"]} >= {"error"}
    assert document["answers"] == document["errors"] == []
    assert not endpoint.arrived


def test_broken_json_stops_it(cli: Cli, endpoint: Endpoint) -> None:
    Path("app.json").write_text('{"auth": {"request": {', encoding="utf-8")
    assert cli("send", "--to", endpoint.url).code == 1
    assert not endpoint.arrived


@pytest.mark.parametrize(
    ("right", "wrong"), [("auth", "auht"), ("request", "reqeust"), ("headers", "header"), ("url", "urll")]
)
def test_what_manychat_does_not_know_is_not_sent(cli: Cli, endpoint: Endpoint, right: str, wrong: str) -> None:
    text = Path(app(payload={"page": "{{page_id}}"})).read_text(encoding="utf-8")
    Path("app.json").write_text(text.replace(f'"{right}":', f'"{wrong}":', 1), encoding="utf-8")
    Path("mcapp.toml").write_text('ignore = ["MC1", "MC2"]\n', encoding="utf-8")  # whatever the rules say
    result = cli("send", "--to", endpoint.url)
    assert result.code == 1
    assert f"`{wrong}`" in result.out
    assert f"`{right}`" in result.out
    assert not endpoint.arrived


def test_a_misspelt_part_is_not_there(cli: Cli, endpoint: Endpoint) -> None:
    app(request={"method": None, "metod": "PUT"}, params=[], parms=EMAIL, connection={"header": {"x-a": "b"}})
    text = Path("app.json").read_text(encoding="utf-8").replace('"method": null, ', "")
    Path("app.json").write_text(text, encoding="utf-8")
    result = cli("send", "--to", endpoint.url)
    assert result.code == 0, result.err
    assert "auth.request has no method: sent as POST" in result.err
    assert endpoint.only.method == "POST"
    assert "x-a" not in endpoint.only.headers


def test_errors_in_an_action_do_not(cli: Cli, endpoint: Endpoint) -> None:
    data = json.loads(Path(app()).read_text(encoding="utf-8"))
    data["actions"] = [{"title": 1}]
    Path("app.json").write_text(json.dumps(data), encoding="utf-8")
    assert cli("validate", "app.json").code == 1
    assert cli("send", "--to", endpoint.url).code == 0


@pytest.mark.parametrize("auth", [None, {"type": "APIKEY", "params": []}])
def test_without_auth_request_there_is_nothing_to_send(cli: Cli, endpoint: Endpoint, auth: object) -> None:
    data = json.loads(Path(app()).read_text(encoding="utf-8"))
    data["auth"] = auth
    Path("app.json").write_text(json.dumps(data), encoding="utf-8")
    result = cli("send", "--to", endpoint.url, "--json")
    assert result.code == 1
    assert [error["code"] for error in report(result)["errors"]] == ["no-request"]


def test_a_bare_block_on_standard_input(cli: Cli, endpoint: Endpoint) -> None:
    block = {
        "url": "https://example.com/i",
        "method": "POST",
        "headers": ["x-key: {{app_token}}"],
        "payload": {"a": "[[any]]"},
    }
    text = json.dumps({"request": block})
    assert cli("send", "-", "--to", endpoint.url, stdin=text).code == 2
    result = cli("send", "-", "--to", endpoint.url, "--set", "any=1", stdin=text)
    assert result.code == 0, result.err
    assert json.loads(endpoint.only.body) == {"a": "1"}
    assert "Content-Type" in result.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--to", "127.0.0.1:3000"],
        ["--to", "ftp://127.0.0.1/"],
        ["--to", "http://user:pw@127.0.0.1/"],
        ["--to", "http://127.0.0.1/#x"],
        ["--to", "http://127.0.0.1:99999/"],
        ["--to", "http://127.0.0.1\\@example.com/"],
        ["--to", "http://{{page_id}}/"],
        ["--to", "http://[::1].example.com/"],
        ["--to", NOWHERE, "--set", "email"],
        ["--to", NOWHERE, "--set", "=1"],
        ["--to", NOWHERE, "--set", "emial=1"],
        ["--to", NOWHERE, "--set", "email=1", "--set", "email=2"],
        ["--to", NOWHERE, "--times", "0"],
        ["--to", NOWHERE, "--timeout", "0"],
        ["--to", NOWHERE, "--timeout", "nan"],
        ["--to", NOWHERE, "--dry-run", "--print", "curl"],
        ["--to", NOWHERE, "--print", "wget"],
        ["--to", NOWHERE, "--allow-host", "127.0.0.1"],
        ["none.json", "--to", NOWHERE],
    ],
)
def test_what_cannot_be_meant(cli: Cli, words: list[str]) -> None:
    app(params=EMAIL)
    result = cli("send", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: ")


@pytest.mark.parametrize("to", ["localhost:3000", "127.0.0.1:3000/install", "dev.example.com", "[::1]:3000"])
def test_an_endpoint_without_a_scheme_is_suggested_with_one(cli: Cli, to: str) -> None:
    app()
    assert f"hint: mcapp send --to http://{to}\n" in cli("send", "--to", to).err


def test_a_misspelt_name_is_suggested(cli: Cli) -> None:
    app({"app_token": "{{app_token}}", "e": "[[email]]"}, params=EMAIL)
    assert "did you mean email?" in cli("send", "--to", NOWHERE, "--set", "emial=1").err


def test_a_missing_value_is_named(cli: Cli, endpoint: Endpoint) -> None:
    app({"app_token": "{{app_token}}", "e": "{{email}}"}, params=EMAIL)
    result = cli("send", "--to", endpoint.url, "--json")
    assert result.code == 2
    error = report(result)["errors"][0]
    assert (error["code"], error["hint"]) == ("missing-value", "--set email=VALUE")
    assert not endpoint.arrived


def test_hints_are_quoted_for_the_shell(cli: Cli) -> None:
    app({"app_token": "{{app_token}}", "e": "[[e mail]]"}, params=[{"name": "e mail", "title": "E"}])
    for name in ("my app.json", "-x.json"):
        Path(name).write_text('{"auth": null, "actions": []}', encoding="utf-8")
    mark = '"' if sys.platform == "win32" else "'"
    assert f"hint: --set {mark}e mail=VALUE{mark}\n" in cli("send", "--to", NOWHERE).err
    for name, word in (("my app.json", f"{mark}my app.json{mark}"), ("-x.json", "./-x.json")):
        assert f"--into {word} writes one" in cli("listen", f"--app={name}").err


def test_which_file(cli: Cli, endpoint: Endpoint) -> None:
    assert cli("send", "--to", endpoint.url).code == 2
    app()
    assert cli("send", "--to", endpoint.url).code == 0
    Path("manychat.json").write_bytes(Path("app.json").read_bytes())
    result = cli("send", "--to", endpoint.url)
    assert result.code == 2
    assert "app.json, manychat.json" in result.err


def test_a_person_is_asked(endpoint: Endpoint, terminal: Terminal) -> None:
    app({"app_token": "{{app_token}}", "e": "[[email]]"}, params=EMAIL)
    result = terminal("send", "--to", endpoint.url, typed=[("Your e-mail (email)", 'me"@example.com\n')])
    assert result.code == 0, result.out
    assert json.loads(endpoint.only.body)["e"] == 'me"@example.com'


def test_a_person_may_leave(endpoint: Endpoint, terminal: Terminal) -> None:
    app({"app_token": "{{app_token}}", "e": "[[email]]"}, params=EMAIL)
    assert terminal("send", "--to", endpoint.url, typed=[("Your e-mail (email)", CTRL_D)]).code == 130
    assert not endpoint.arrived


def test_ctrl_c_while_waiting_ends_at_once(endpoint: Endpoint, terminal: Terminal) -> None:
    app()
    over = threading.Event()
    endpoint.before = lambda: len(endpoint.arrived) < 2 or over.wait(20)
    began = time.monotonic()
    words = ["--to", endpoint.url, "--times", "3", "--timeout", "30", "-v"]
    result = terminal("send", *words, typed=[("1 of 3: 200", CTRL_C)])
    over.set()
    assert result.code == 130
    assert "200 OK" in result.out
    assert "these are the answers until then" in result.out
    assert time.monotonic() - began < 15


def test_a_dry_run_sends_nothing(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url, "--dry-run")
    assert result.code == 0
    assert result.out.startswith(f"POST {endpoint.url}\n")
    assert "mcapp-made-up" not in result.out, "a key is masked, also one that opens nothing"
    document = report(cli("send", "--to", endpoint.url, "--dry-run", "--json"))
    assert document["request"]["url"] == endpoint.url
    assert document["values"] == {"page_id": "100000000000001"}
    assert (document["key"], document["answers"], document["app_setup"]) == (None, [], None)
    assert not endpoint.arrived


VALUES = ['it\'s "quoted" $HOME `id` \\ {{page_id}} 100%', "é🎉 two\nlines", "@file;x", "", ".."]
KEY = "fake:key+=" + "0a" * 16


def rehearsed(cli: Cli, endpoint: Endpoint, value: str, form: str) -> tuple[str, Arrived]:
    """What --print gives, and what send itself sends with a real key."""
    app(
        {"app_token": "{{app_token}}", "e": "[[email]]", "n": "a{{app_token}}b"},
        request={
            "url": "https://example.com/i/[[email]]?q=[[email]]",
            "headers": ["Content-Type: application/json", "Authorization: Bearer {{app_token}}", "x-e: [[plain]]"],
        },
        params=[*EMAIL, {"name": "plain", "title": "P"}],
    )
    words = [
        "--to",
        endpoint.base,
        "--set",
        f"email={value}",
        "--set",
        f"plain={value.splitlines()[0] if value else ''}",
    ]
    result = cli("send", *words, "--print", form)
    assert result.code == 0, result.err
    assert not endpoint.arrived
    sent = cli("send", *words, "--key", "MANYCHAT_APP_KEY", env={"MANYCHAT_APP_KEY": KEY})
    assert sent.code == 0, sent.err
    return result.out, endpoint.arrived.pop()


def alike(first: Arrived, second: Arrived) -> None:
    names = ("content-type", "authorization", "x-e", "host", "content-length")
    assert first[:2] == second[:2]
    assert {name: first.headers[name] for name in names} == {name: second.headers[name] for name in names}
    assert first.body == second.body


def run_curl(text: str, key: str = KEY) -> None:
    try:
        done = subprocess.run(
            ["sh", "-c", text],
            env={**environment(), "MANYCHAT_APP_KEY": key},
            capture_output=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no shell")
    if done.returncode == 127:
        pytest.skip("curl is not installed")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell's words")
def test_curl_sends_the_same(cli: Cli, endpoint: Endpoint, value: str) -> None:
    text, sent = rehearsed(cli, endpoint, value, "curl")
    run_curl(text)
    alike(endpoint.only, sent)


@pytest.mark.parametrize("headers", [[], ["Content-Type: application/json"]])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell's words")
def test_curl_says_that_there_is_no_payload_as_send_does(
    cli: Cli, endpoint: Endpoint, headers: list[str], method: str
) -> None:
    request = {"method": method, "headers": ["x-token-header: {{app_token}}", *headers], "payload": None}
    app(request=request)
    result = cli("send", "--to", endpoint.url, "--print", "curl")
    assert cli("send", "--to", endpoint.url).code == 0
    sent = endpoint.arrived.pop()
    run_curl(result.out)
    for name in ("content-length", "content-type"):
        assert endpoint.only.headers.get(name) == sent.headers.get(name)
    assert (endpoint.only.method, endpoint.only.body) == (method, b"")


@pytest.mark.parametrize("value", [value for value in VALUES if value != ".."])  # which httpx resolves
def test_the_httpx_program_sends_the_same(cli: Cli, endpoint: Endpoint, value: str) -> None:
    text, sent = rehearsed(cli, endpoint, value, "httpx")
    done = subprocess.run(
        [sys.executable, "-c", text],
        env={**environment(), "MANYCHAT_APP_KEY": KEY},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"200 ")
    alike(endpoint.only, sent)


@pytest.mark.parametrize("form", ["curl", "httpx"])
@pytest.mark.skipif(os.name != "posix", reason="a POSIX shell's words")
def test_a_printed_program_encodes_a_key_in_the_url(cli: Cli, endpoint: Endpoint, form: str) -> None:
    app(request={"url": "https://example.com/i?k={{app_token}}&p={{page_id}}"})
    text = cli("send", "--to", endpoint.base, "--print", form).out
    key = "fake+key&a=b#c%20/ü?"[:15] + "0123"
    if form == "curl":
        run_curl(text, key)
    else:
        env = {**environment(), "MANYCHAT_APP_KEY": key}
        subprocess.run([sys.executable, "-c", text], env=env, capture_output=True, timeout=60, check=True)
    query = parse_qs(endpoint.only.path.partition("?")[2])
    assert query == {"k": [key], "p": ["100000000000001"]}


def test_the_http_message(cli: Cli) -> None:
    app()
    assert cli("send", "--to", NOWHERE, "--print", "http").out == (
        "POST http://127.0.0.1:1/install HTTP/1.1\n"
        "Content-Type: application/json\n"
        "x-token-header: {{MANYCHAT_APP_KEY}}\n"
        "\n"
        '{"app_token": "{{MANYCHAT_APP_KEY}}", "page": "100000000000001"}\n'
    )


def test_what_is_printed_is_in_the_report(cli: Cli) -> None:
    app()
    plain = cli("send", "--to", NOWHERE, "--print", "curl")
    assert report(cli("send", "--to", NOWHERE, "--print", "curl", "--json"))["printed"] == plain.out


def test_quiet(cli: Cli, endpoint: Endpoint) -> None:
    app()
    result = cli("send", "--to", endpoint.url, "-q")
    assert (result.code, result.out, result.err) == (0, "", "")
