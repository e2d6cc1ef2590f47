"""mcapp.toml and [tool.mcapp]: found, read, and refused with a sentence that helps."""

import json
from pathlib import Path

import pytest

from mcapp import schemas
from mcapp.config import KEYS, Config, load
from mcapp.errors import ConfigProblem


def test_nothing_found_means_the_defaults(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert load(start=tmp_path) == Config()


def test_it_is_found_upwards_to_the_repository_root(tmp_path: Path) -> None:
    (tmp_path / "mcapp.toml").write_text('ignore = ["MC1"]')
    repository = tmp_path / "repository"
    below = repository / "apps" / "one"
    below.mkdir(parents=True)
    assert load(start=below).ignore == ("MC1",)
    (repository / ".git").mkdir()
    assert load(start=below).ignore == (), "a file outside the repository is not the repository's"
    (repository / "mcapp.toml").write_text('ignore = ["MC2"]')
    assert load(start=below).ignore == ("MC2",)


def test_a_git_worktree_has_a_git_file_as_its_root(tmp_path: Path) -> None:
    (tmp_path / "mcapp.toml").write_text('ignore = ["MC1"]')
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / ".git").write_text("gitdir: elsewhere")
    assert load(start=tree) == Config()


def test_pyproject_counts_only_with_its_own_table(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "mcapp-example"\n')
    assert load(start=tmp_path) == Config()
    project.write_text('[tool.mcapp]\nfail-on = "warning"\n')
    assert load(start=tmp_path).fail_on == "warning"
    (tmp_path / "mcapp.toml").write_text('fail-on = "note"')
    assert load(start=tmp_path).fail_on == "note", "mcapp.toml is the nearer one"


def test_everything_it_may_say(tmp_path: Path) -> None:
    path = tmp_path / "mcapp.toml"
    path.write_text(
        'files = ["apps/*/app.json"]\nselect = ["MC"]\nignore = ["unknown-key"]\nfail-on = "never"\n'
        'placeholders = "portable"\n[scopes]\nexpect = ["GET /fb/page/getInfo"]\n'
    )
    assert load(str(path)) == Config(
        path, ("apps/*/app.json",), ("MC",), ("unknown-key",), "never", "portable", ("GET /fb/page/getInfo",)
    )
    assert load(str(path), isolated=True).path == path, "what is named outright is meant"
    assert load(isolated=True, start=tmp_path) == Config()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('ignroe = ["MC1"]', "unknown key `ignroe`", "did you mean ignore?"),
        ("[scopes]\nexpects = []", "unknown key `scopes.expects`", "did you mean expect?"),
        ('base-url = "https://evil.example"', "unknown key `base-url`", "known keys: files"),
        ('ignore = "MC1"', "`ignore` must be a list of strings", ""),
        ("select = [1]", "`select` must be a list of strings", ""),
        ('fail-on = "eror"', "`fail-on` must be one of error, warning, note, never", ""),
        ("scopes = []", "`scopes` must be a table", ""),
        ('files = ["../../etc/*"]', "which leads out of the configuration's folder", "apps/*/manifest.json"),
        ('files = ["/etc/app.json"]', "which leads out of the configuration's folder", "apps/*/manifest.json"),
        ('files = ["C:/app.json"]', "which leads out of the configuration's folder", "apps/*/manifest.json"),
        ("ignore = [", "is not valid TOML", ""),
        ("a = 'caf\xe9'", "is not valid TOML", ""),
    ],
)
def test_what_it_cannot_say(tmp_path: Path, text: str, message: str, hint: str) -> None:
    path = tmp_path / "mcapp.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigProblem) as caught:
        load(str(path))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert str(path) in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="does not exist"):
        load(str(tmp_path / "none.toml"))


def test_the_published_schema_knows_the_same_keys() -> None:
    schema = json.loads(schemas.text("config"))
    assert set(schema["properties"]) == set(KEYS)
    assert set(schema["properties"]["scopes"]["properties"]) == set(KEYS["scopes"])
    assert schema["additionalProperties"] is False
    assert schema["properties"]["scopes"]["additionalProperties"] is False
    for key in ("fail-on", "placeholders"):
        assert tuple(schema["properties"][key]["enum"]) == KEYS[key]
