"""A key in the file is shown nowhere: no format, no source line, no diff, no fixed copy on a screen, no error."""

import json
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
