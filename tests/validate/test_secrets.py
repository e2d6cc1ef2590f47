"""A key in the file is shown nowhere: no format, no source line, no diff, no fixed copy on a screen, no error."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import mcapp
from mcapp.report import FORMATS
from tests.harness import Cli

ACCOUNT_KEY = "1234567" + ":" + "5ca1ab1e" * 4
OPAQUE = "Zq8x" + "Kd03" * 5
WORDS = "dXNlcjpwYXNzd29yZA"  # what `Basic` would carry; no digit here gives it away in every place

PLACES = {
    "a header's value": ("headers", ["x-token-header: KEY"]),
    "the token header, opaque": ("headers", ["x-token-header: OPAQUE"]),
    "bearer": ("headers", ["Authorization: Bearer OPAQUE"]),
    "basic": ("headers", ["Authorization: Basic WORDS"]),
    "the payload": ("payload", {"app_token": "KEY", "also": {"deep": ["KEY"]}}),
    "the payload, opaque": ("payload", {"app_token": "OPAQUE"}),
    "the query": ("url", "https://example.com/hook?token=KEY&x={{app_tokn}}"),
    "the user": ("url", "https://user:OPAQUE@example.com/hook"),
    "a key of the payload": ("payload", {"KEY": 1}),
    "a key that is not known": ("KEY", 1),
    "a wrong type": ("method", ["KEY"]),
    "the method": ("method", "KEY"),
    "a url that is none": ("url", "KEY"),
}


def document(place: str) -> str:
    key, value = PLACES[place]
    request: dict[str, object] = {
        "url": "https://example.com/hook", "method": "post", "headers": ["X-A: {{app_token}}"], "mapping": [],
        "payload": None,
    }  # fmt: skip
    request[key] = value
    text = json.dumps({"request": request}, indent=2)
    for word, secret in (("KEY", ACCOUNT_KEY), ("OPAQUE", OPAQUE), ("WORDS", WORDS)):
        text = text.replace(word, secret)
    # A comment next to it makes for a text finding, a fix and a diff on the same lines.
    return text.replace("\n", " // mended\n")


def secrets(text: str) -> list[str]:
    return [secret for secret in (ACCOUNT_KEY, ACCOUNT_KEY.partition(":")[2], OPAQUE, WORDS) if secret in text]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("output", FORMATS)
def test_in_every_format(cli: Cli, place: str, output: str) -> None:
    Path("app.json").write_text(document(place))
    result = cli("validate", "app.json", "--output-format", output, "--output-format", f"{other(output)}=report")
    assert result.code == 1
    assert secrets(result.out + result.err + Path("report").read_text()) == []


def other(output: str) -> str:
    return "json" if output != "json" else "text"


@pytest.mark.parametrize("place", PLACES)
def test_in_the_diff_and_beside_the_fixed_text(cli: Cli, place: str) -> None:
    Path("app.json").write_text(document(place))
    result = cli("validate", "app.json", "--unsafe-fixes", "--diff")
    assert result.code == 1
    assert secrets(result.out + result.err) == []
    result = cli("validate", "-", "--unsafe-fixes", stdin=document(place))
    assert secrets(result.err) == []
    assert secrets(result.out) != [], "the fixed text itself is the user's own, byte for byte"
    result = cli("validate", "app.json", "--unsafe-fixes")
    assert secrets(result.out + result.err) == []
    assert secrets(Path("app.json").read_text()) != []


@pytest.mark.parametrize("place", PLACES)
def test_in_the_terminal(cli: Cli, place: str) -> None:
    Path("app.json").write_text(document(place))
    result = cli("validate", "app.json", "--color", "always", terminal=True)
    assert secrets(result.out + result.err) == []


@pytest.mark.parametrize("place", PLACES)
def test_in_what_python_gets(place: str) -> None:
    report = mcapp.validate(document(place))
    assert secrets(repr([finding._replace(fix=None) for finding in report.findings])) == []


def test_broken_in_the_middle_of_the_key(cli: Cli) -> None:
    text = document("a header's value")
    for cut in range(text.index("1234567"), text.index("1234567") + len(ACCOUNT_KEY), 3):
        result = cli("validate", "-", stdin=text[:cut])
        # A key that is cut off is still most of a key; from the sixteenth character on it looks like one.
        shown = text[text.index("1234567") : cut]
        assert len(shown) < len("1234567:") + 16 or shown not in result.out


# Recognised by no rule, or by rules that are not chosen, and in the text alone.
UNREPORTED = {
    "escaped slash": '{"request": {"method": "x", "payload": {"app_token": "Ab12/cd34+ef56Gh78"}}}'.replace("/", "\\/"),
    "escaped character": '{"request": {"method": "x", "payload": {"app_token": "Ab12/cd34+ef56Gh78"}}}'.replace(
        "+", "\\u002B"
    ),
    "a user": '{"request": {"method": "x", "url": "https://Ab12.cd34!ef56Gh78@example.com/"}}',
    "a user with slashes": '{"request": {"method": "x", "url": "https://Ab12.cd34/ef56:Gh78@example.com/"}}',
    "a user like a host": '{"request": {"method": "x", "url": "https://Ab12cd34/ef56:Gh78@example.com/"}}',
    "a query": '{"request": {"method": "x", "url": "https://example.com/?app_token=Ab12/cd34+ef56Gh78"}}',
    "a scheme": '{"request": {"method": "x", "headers": ["Authorization: Token Ab12/cd34+ef56Gh78"]}}',
    "the first of two": '{"request": {"payload": {"secret": "Ab12/cd34+ef56Gh78", "secret": "x"}, "payload": 1}}',
    "a comment": '{"request": {"method": "x"} // api_key: Ab12/cd34+ef56Gh78\n}',
    "below a name": '{"request": {"method": "x", "payload": {"token": {"is": ["Ab12/cd34+ef56Gh78"]}}}}',
    "letters": '{"request": {"method": "x", "payload": {"token": "AbcdAbcdAbcdAbcd"}}}',
    "digits": '{"request": {"method": "x", "payload": {"token": 9876543219876}}}',
}
PARTS = ("Ab12", "cd34", "ef56", "Gh78", "AbcdAbcd", "98765")


@pytest.mark.parametrize("rules", [(), ("--select", "MC0"), ("--ignore", "MC5")], ids=["all", "select", "ignore"])
@pytest.mark.parametrize("what", UNREPORTED)
def test_whatever_rules_are_chosen(cli: Cli, what: str, rules: tuple[str, ...]) -> None:
    Path("app.json").write_text(UNREPORTED[what])
    for output in FORMATS:
        result = cli("validate", "app.json", *rules, "--output-format", output)
        assert not [part for part in PARTS if part in result.out + result.err], output
    result = cli("validate", "app.json", *rules, "--unsafe-fixes", "--diff")
    assert not [part for part in PARTS if part in result.out + result.err]
    url = ("--url", "https://example.com/hook")
    result = cli("generate", *url, "-o", "app.json", "--force", "--diff")
    assert not [part for part in PARTS if part in result.out + result.err]
    result = cli("send", "app.json", "--to", "http://127.0.0.1:1/x", "--dry-run")
    assert not [part for part in PARTS if part in result.out + result.err]


def test_a_piped_diff_is_a_patch_where_the_text_is_clean_and_says_so_where_it_is_not(cli: Cli) -> None:
    Path("app.json").write_text('{"actions": [] // K\u00e4se\n}\n')
    result = cli("validate", "app.json", "--fix", "--diff")
    subprocess.run(["git", "apply", "-"], input=result.out.encode(), check=True)
    assert Path("app.json").read_text() == '{"actions": []\n}\n'
    assert "cannot apply" not in result.err
    Path("app.json").write_text('{"actions": [] // \x1b[2J\u202e\n::error::x\n##[group]\n}\n')
    result = cli("validate", "app.json", "--fix", "--diff")
    assert "cannot apply" in result.err
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]|^[ +-]?\\s*(?:::|##\\[)", result.out + result.err, re.MULTILINE)
