"""The file of keys."""

from pathlib import Path

import pytest

from mcapp.emulator.emulated_key import read_file, samples, scopes_of
from mcapp.errors import ConfigProblem
from tests.harness import Cli

GOOD = """
[[keys]]
name = "shop-a"
key = "made-up-key-of-shop-a"
scopes = ["page", "POST /fb/sending/sendContent"]

[[keys]]
key = "made-up-too"
state = "uninstalled"
"""


def test_keys_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(GOOD)
    first, second = read_file(str(path))
    assert (first.name, first.value, first.state) == ("shop-a", "made-up-key-of-shop-a", "working")
    assert first.scopes == scopes_of(["page"]) | {"POST /fb/sending/sendContent"}
    assert (second.name, second.state, second.scopes) == ("key-2", "uninstalled", frozenset())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"has no \[\[keys\]\]"),
        ("[keys]\nname = 'x'\n", "must be an array of tables"),
        ("keys = [1]\n", "`keys` must be a table"),
        (GOOD + "[other]\n", "unknown key `other`"),
        ("[[keys]]\nname = 'x'\n", "has no `key`"),
        ("[[keys]]\nkey = 5\n", "`keys.key` must be a string"),
        ("[[keys]]\nkey = 'a b'\n", "no request can carry"),
        ("[[keys]]\nkey = 'x'\nscope = []\n", "unknown key `keys.scope`"),
        ("[[keys]]\nkey = 'x'\nscopes = 'page'\n", "a list of strings"),
        ("[[keys]]\nkey = 'x'\nscopes = ['/me']\n", "unknown scope '/me'"),
        ("[[keys]]\nkey = 'x'\nstate = 'gone'\n", "`keys.state` must be one of"),
        ("[[keys]]\nkey = 'x'\n[[keys]]\nkey = 'x'\n", "twice"),
        ("[[keys\n", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_reason(tmp_path: Path, text: str, message: str, cli: Cli) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(ConfigProblem, match=message):
        read_file(str(path))
    result = cli("emulate", "--keys", str(path), "--timeout", "0")
    assert result.code == 2
    assert "error:" in result.err


def test_a_missing_file(cli: Cli) -> None:
    result = cli("emulate", "--keys", "missing.toml", "--json")
    assert (result.code, result.json()["errors"][0]["path"]) == (2, "missing.toml")


def test_the_samples_have_names_and_values_of_their_own() -> None:
    keys = samples()
    assert len({key.value for key in keys}) == len({key.name for key in keys}) == len(keys)
    assert {key.state for key in keys} >= {"working", "uninstalled", "revoked", "account"}
