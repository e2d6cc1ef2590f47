"""What is typed wrongly: exit code 2, one sentence with a suggestion, nothing on stdout, no key repeated."""

import json
import re
import sys
from pathlib import Path

import pytest

from mcapp.cli.application import COMMANDS
from tests.harness import Cli
from tests.house.commands import LEAVES, options, spelled

# Made here, so that no scanner finds a key in the source. The first has the form of an account's API key, which is
# masked wherever it stands; the second has no form but that of a key, and may be the name of a folder.
ACCOUNT_KEY = "12345678" + ":" + "ab" * 16
OTHER_KEY = "a1B2" * 10
KEYS = [ACCOUNT_KEY, OTHER_KEY]

every_command = pytest.mark.parametrize("words", LEAVES, ids=spelled)
with_a_key = pytest.mark.parametrize("key", KEYS, ids=["account key", "other key"])


def mistyped(word: str) -> str:
    return word[:-2] + word[-1] + word[-2] if word[-1] != word[-2] else word[:-1]


# Of three letters, no other word is near enough to be meant.
@pytest.mark.parametrize("name", [name for name in COMMANDS if len(name) > 3])
def test_an_unknown_command_suggests_the_nearest(cli: Cli, name: str) -> None:
    result = cli(mistyped(name))
    assert (result.code, result.out) == (2, "")
    assert f"no such command '{mistyped(name)}'" in result.err
    assert re.search(rf"did you mean .*\b{name}\b", result.err, re.IGNORECASE)
    assert "mcapp --help" in result.err


@pytest.mark.parametrize(
    ("words", "meant"), [("lint app.json", "validate"), ("keys rm a", "remove"), ("keys ls", "list")]
)
def test_another_programs_name_for_a_command_suggests_it(cli: Cli, words: str, meant: str) -> None:
    result = cli(*words.split())
    assert (result.code, result.out) == (2, "")
    assert f"did you mean {meant}?" in result.err


def test_a_word_like_no_command_gets_no_suggestion(cli: Cli) -> None:
    result = cli("zzzz")
    assert result.code == 2
    assert "did you mean" not in result.err.lower()


@every_command
def test_an_unknown_option_suggests_the_nearest(cli: Cli, words: tuple[str, ...]) -> None:
    for option in options(*words):
        result = cli(*words, mistyped(option))
        assert (result.code, result.out) == (2, ""), option
        assert f"no such option: {mistyped(option)}" in result.err
        assert re.search(rf"did you mean .*{option}\b", result.err), f"{option} is not suggested: {result.err}"
        assert f"mcapp {' '.join(words)} --help" in result.err


@every_command
@pytest.mark.parametrize("option", ["--color", "--config"])
def test_an_option_without_its_value(cli: Cli, words: tuple[str, ...], option: str) -> None:
    result = cli(*words, option)
    assert (result.code, result.out) == (2, "")
    assert option in result.err


MISPLACED = [
    ["{key}", "{key}", "{key}"],
    ["--{key}"],
    ["-{key}"],
    ["--unknown", "{key}"],
    ["--unknown={key}"],
    ["--color", "{key}"],
    ["--color={key}"],
    ["--quiet={key}"],
]


@with_a_key
@pytest.mark.parametrize("misplaced", MISPLACED, ids=" ".join)
@pytest.mark.parametrize("words", [(), *LEAVES], ids=spelled)
def test_a_key_in_the_wrong_place_is_not_repeated(
    cli: Cli, words: tuple[str, ...], misplaced: list[str], key: str
) -> None:
    if words in TAKING_FILES and misplaced[0] == "{key}":
        key = ACCOUNT_KEY
    result = cli(*words, *(word.format(key=key) for word in misplaced))
    assert result.code in (1, 2)
    assert key not in result.out + result.err


# What names a file or a folder is shown even where it looks like a key without a form, and so is the product itself.
TAKING_FILES = [("validate",), ("scopes",)]
SHOWN = {"--config", "--stdin-filename", "--into", "--output", "--save", "--record", "--replay", "--compare"}
SERVES = {(("emulate",), "--journal")}  # any name is a file that it can write: it starts, and does not end


@every_command
@with_a_key
def test_no_option_repeats_a_key(cli: Cli, words: tuple[str, ...], key: str) -> None:
    """Each option of each command that takes a value is given a key for one."""
    takes_value = [name for name, param in options(*words).items() if not getattr(param, "is_flag", False)]
    assert "--color" in takes_value
    for option in takes_value:
        if key == OTHER_KEY and (option in SHOWN or words == ("generate",)):
            continue
        if (words, option) in SERVES:
            continue
        for given in ([option, key], [f"{option}={key}"]):
            result = cli(*words, *given)
            assert key not in result.out + result.err, f"mcapp {' '.join(words)} {given[0]} repeats it"
            assert result.code in (0, 1, 2, 4), f"mcapp {' '.join(words)} {option} KEY: {result.err}"


@every_command
def test_global_options_are_taken_before_and_after(cli: Cli, words: tuple[str, ...]) -> None:
    for result in (cli("--color", "sometimes", *words), cli(*words, "--color", "sometimes")):
        assert (result.code, result.out) == (2, "")
        assert "is not one of auto, always, never" in result.err


def test_a_configuration_is_named_before_or_after(cli: Cli) -> None:
    before, after = cli("--config", "none.toml", "validate", "x"), cli("validate", "x", "--config", "none.toml")
    assert before.code == 2
    assert "none.toml" in before.err
    assert before == after


def test_quiet_is_quiet_before_and_after(cli: Cli) -> None:
    Path("broken.json").write_text('{"auth": [}', encoding="utf-8")
    loud, before, after = (
        cli("validate", "broken.json"),
        cli("-q", "validate", "broken.json"),
        cli("validate", "-q", "broken.json"),
    )
    assert (loud.code, before.code, after.code) == (1, 1, 1)
    assert loud.out
    assert before.out == after.out == before.err == after.err == ""


def test_a_bug_is_one_sentence_without_values(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "s3cret-value"  # noqa: S105  # stands for whatever a local variable holds

    def crash(_name: str) -> str:
        raise ZeroDivisionError(secret)

    monkeypatch.setattr("mcapp.schemas.text", crash)
    result = cli("schema")
    assert (result.code, result.out) == (70, "")
    assert f"mcapp itself failed: ZeroDivisionError at {Path('commands', 'schema.py')}:" in result.err
    assert secret not in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("end", [KeyboardInterrupt, EOFError])
def test_an_interruption_ends_with_130(cli: Cli, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]) -> None:
    def interrupt(_name: str) -> str:
        raise end

    monkeypatch.setattr("mcapp.schemas.text", interrupt)
    result = cli("schema")
    assert (result.code, result.out) == (130, "")
    assert "Traceback" not in result.err


def test_with_json_an_error_is_inside_the_document(cli: Cli) -> None:
    result = cli("validate", "--json", "missing.json")
    assert result.code == 2
    report = json.loads(result.out)
    assert report["ok"] is False
    assert [error["path"] for error in report["errors"]] == ["missing.json"]
    assert {"code", "message", "hint"} <= set(report["errors"][0])


@pytest.mark.parametrize(
    "words",
    [
        ("validate", "app.json"),
        ("validate", "./app.json"),
        ("validate",),
        ("validate", "--fix"),
        ("send", "app.json", "--to", "http://127.0.0.1:1", "--dry-run"),
        ("listen", "--app", "app.json", "--timeout", "0.01"),
        ("generate", "--url", "https://example.com/a", "--into", "app.json", "--force"),
        ("emulate", "--keys", "app.json", "--timeout", "0.01"),
        ("probe", "--expect-file", "app.json", "--dry-run"),
    ],
)
@pytest.mark.parametrize("path", ["app.json", "../{}/app.json", "link.json"])
def test_no_report_replaces_what_the_run_reads(cli: Cli, tmp_path: Path, words: tuple[str, ...], path: str) -> None:
    text = '{"request": {"url": "https://example.com/a", "method": "get"}}'
    (tmp_path / "app.json").write_text(text)
    if path == "link.json":
        if sys.platform == "win32":
            pytest.skip("links as POSIX has them")
        (tmp_path / "link.json").symlink_to("app.json")
    result = cli(*words, "--output-format", f"json={path.format(tmp_path.name)}")
    assert (result.code, result.out) == (2, "")
    assert "app.json, which this run uses" in " ".join(result.err.split())
    assert (tmp_path / "app.json").read_text() == text


@pytest.mark.parametrize(
    "key", ["Ab12/cd34.ef56!gh78", "AbcdEfghIjklMnop", "a1b2c3d4", "../Ab12cd34ef56", "Ab12 cd34 ef"]
)
@pytest.mark.parametrize(
    "words",
    [("keys", "add", "KEY"), ("keys", "show", "KEY"), ("keys", "rename", "a", "KEY"), ("probe", "--key", "KEY"),
     ("listen", "--store-as", "KEY", "--timeout", "0.01"),
     ("probe", "--base-url", "http://KEY@127.0.0.1:1"), ("probe", "--base-url", "KEY"),
     ("send", "app.json", "--to", "http://127.0.0.1:1/", "--set", "KEY=1"),
     ("send", "app.json", "--to", "http://127.0.0.1:1/", "--times", "KEY"),
     ("KEY",), ("keys", "KEY"), ("validate", "--as", "KEY"), ("generate", "--method", "KEY"), ("validate", "--KEY"),
     ("keys", "add", "--store", "KEY", "--stdin")],
    ids=" ".join,
)  # fmt: skip
def test_what_may_be_a_key_is_never_repeated(cli: Cli, words: tuple[str, ...], key: str) -> None:
    Path("app.json").write_text('{"request": {"url": "https://example.com/", "headers": ["a: {{app_token}}"]}}')
    result = cli(*(word.replace("KEY", key) for word in words))
    assert result.code in (2, 4) or words[0] == "listen"  # which listens where there is a keyring
    assert key not in result.out + result.err


def test_a_value_that_may_be_a_key_is_left_out_of_the_sentence(cli: Cli) -> None:
    assert cli("validate", "--select", "zzzzzzzzzzzz").err.startswith("error: unknown rule '…'\n")
    assert cli("validate", "--select=zzzzzzzzzzzz").err.startswith("error: unknown rule '…'\n")
