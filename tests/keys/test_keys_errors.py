"""What the `keys` commands say when they cannot do what was asked: on stderr, in JSON, and by their exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Cli
from tests.keys.conftest import MakeKey, report

pytestmark = pytest.mark.usefixtures("file_store")


@pytest.mark.parametrize("pasted", ["", "two words", "{{app_token}}", b"\xff\xfe\x00", "short", "x" * 5000])
def test_what_is_no_key_is_refused_with_2(cli: Cli, pasted: str | bytes) -> None:
    done = cli("keys", "add", "--stdin", "--json", stdin=pasted)
    assert done.code == 2
    assert report(done)["received"] is None
    assert cli("keys", "list").out == ""


def test_a_closed_stdin_holds_no_key() -> None:
    words = [sys.executable, "-m", "mcapp", "keys", "add", "--stdin"]
    done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", *words], capture_output=True, text=True, check=False)
    assert (done.returncode, "the input contains no key" in done.stderr) == (2, True)


def test_a_revealed_key_goes_into_no_report_file(cli: Cli, shop: str, tmp_path: Path) -> None:
    for target in ("json=json", "text=text"):
        done = cli("keys", "show", shop, "--reveal", "--force", "--output-format", target)
        assert (done.code, done.out) == (2, "")
    assert json.loads((tmp_path / "json").read_text())["errors"][0]["code"] == "usage"
    assert not (tmp_path / "text").exists()


def test_a_folder_that_cannot_be_made_is_4_with_a_hint(cli: Cli, make_key: MakeKey) -> None:
    for words in (["add", "--stdin"], ["list"]):
        done = cli("keys", *words, stdin=make_key(), env={"MCAPP_CONFIG_DIR": "/dev/null/mcapp"})
        assert done.code == (4 if words[0] == "add" else 0)
    assert (
        "MCAPP_CONFIG_DIR"
        in cli("keys", "add", "--stdin", stdin=make_key(), env={"MCAPP_CONFIG_DIR": "/proc/mcapp"}).err
    )


def test_an_endless_pipe_is_not_read_to_its_end(cli: Cli) -> None:
    done = cli("keys", "add", "--stdin", stdin=b"0123456789" * 300_000)
    assert done.code == 2
    assert "too many for a key" in done.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "pipe it in with --stdin"),
        (["--stdin", "--from-env", "A"], "two sources for one key"),
        (["--stdin", "--store", "cloud"], "does not name a store that keys can be put into"),
        (["--stdin", "--store", "environment"], "set MANYCHAT_APP_KEY yourself"),
        (["--stdin", "--page-id", "a b"], "--page-id is not an id"),
        (["--stdin", "--app", "a\nb"], "--app is not a name"),
        (["--stdin", "--app", "0a1b2c3d4e5f6a7b8c"], "looks like a key"),
        (["a b", "--stdin"], "cannot be the name of a key"),
        (["a", "b", "--stdin"], "a key is never taken from an argument"),
        (["--stdin", "--json", "--output-format", "text"], "two reports cannot both go to stdout"),
    ],
)
def test_mistakes_in_the_options_go_to_stderr_with_2(
    cli: Cli, make_key: MakeKey, options: list[str], says: str
) -> None:
    done = cli("keys", "add", *options, stdin=make_key())
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_a_key_as_an_argument_is_refused_and_not_repeated(cli: Cli) -> None:
    for key in ("12345678:" + "ab1c" * 8, "0a1b2c3d4e5f6a7b8c9d"):
        for words in (
            ["add", key],
            ["add", "a", key],
            ["show", key],
            ["add", f"--key={key}"],
            ["exec", key, "--", "env"],
        ):
            done = cli("keys", *words, "--stdin" if words[0] == "add" else "--json")
            assert done.code == 2
            assert key[4:16] not in done.out + done.err
    assert "looks like a key itself" in cli("keys", "add", "0a1b2c3d4e5f6a7b8c9d", "--stdin").err


def test_mcapp_key_store_is_used_and_checked(cli: Cli, make_key: MakeKey) -> None:
    wrong = cli("keys", "add", "--stdin", stdin=make_key(), env={"MCAPP_KEY_STORE": "cloud"})
    assert wrong.code == 2
    assert "MCAPP_KEY_STORE does not name a store" in wrong.err
    assert cli("keys", "add", "--stdin", stdin=make_key(), env={"MCAPP_KEY_STORE": ""}).code == 4


UNKNOWN = [
    ["show", "x"],
    ["use", "x"],
    ["rename", "x", "y"],
    ["remove", "x", "--yes"],
    ["move", "x", "--store", "file"],
]


@pytest.mark.parametrize("words", [*UNKNOWN, ["exec", "x", "--", "true"]], ids=lambda words: words[0])
def test_an_unknown_key_is_4_in_text_and_json(cli: Cli, shop: str, words: list[str]) -> None:
    done = cli("keys", *words)
    assert (done.code, done.out) == (4, "")
    assert done.err.startswith("error: there is no key named x\n")
    json_first = [words[0], "--json", *words[1:]]
    document = report(cli("keys", *json_first))
    assert document["errors"][0]["code"] == "unknown-key"
    assert document["errors"][0]["hint"] == f"known keys: {shop}"
    assert document["command"] == f"keys {words[0]}"


@pytest.mark.parametrize("words", [["list"], ["add", "--stdin"], *UNKNOWN], ids=lambda words: words[0])
def test_a_damaged_index_is_4_in_text_and_json_and_left_untouched(
    cli: Cli, make_key: MakeKey, closed_off: Path, shop: str, words: list[str]
) -> None:
    assert shop
    index = closed_off / "mcapp" / "index.toml"
    index.write_text("damaged")
    done = cli("keys", *words, stdin=make_key(1))
    assert (done.code, done.out) == (4, "")
    assert "was left untouched" in done.err
    assert "mcapp doctor" in done.err
    assert report(cli("keys", *words, "--json", stdin=make_key(1)))["errors"][0]["code"] == "corrupt-index"
    assert index.read_text() == "damaged"
