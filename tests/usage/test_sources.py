"""Which files `mcapp scopes` reads, and that no file stops it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mcapp.usage import sources, uses
from tests.harness import Cli

CALL = 'fetch("https://api.manychat.com/fb/page/getInfo");\n'

posix = pytest.mark.skipif(os.name != "posix", reason="links and FIFOs as POSIX has them")


def write(*names: str, text: str = CALL) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def git(*words: str) -> None:
    if sys.platform == "win32" and not shutil.which("git"):
        pytest.skip("there is no git under Wine")
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words], check=True, capture_output=True
    )


def found(cli: Cli, *words: str) -> list[str]:
    """The files in which something is found, with slashes."""
    return [Path(use["path"]).as_posix() for use in cli("scopes", *words, "--json").json()["uses"]]


@pytest.fixture(params=["git", "no repository", "no git"])
def repository(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """In the test's folder: a repository, none, or one without a git to ask."""
    if request.param != "no repository":
        git("init", "-q", ".")
    if request.param == "no git":
        monkeypatch.setattr(shutil, "which", lambda _name: None)
    return str(request.param)


def test_what_git_ignores_is_left_out_with_and_without_git(cli: Cli, repository: str) -> None:
    write(
        "src/a.js",
        "src/build/b.js",
        "out/c.js",
        "d.tmp.js",
        "src/keep.tmp.js",
        "deep/er/gen/e.js",
        "only/f.js",
        "x/only/g.js",
    )
    write("weird[1].js", "lib/deep/er/h.js", "other/build")  # the last is a file, and build/ a folder
    Path(".gitignore").write_text(
        "# made by the build\nbuild/\n/out\n*.tmp.js\n!keep.tmp.js\ndeep/**/gen\n/only/\nweird\\[1\\].js\n",
        encoding="utf-8",
    )
    Path("lib/.gitignore").write_text("deep/*/h.js\n", encoding="utf-8")
    expected = ["src/a.js", "src/keep.tmp.js", "x/only/g.js", "other/build"]
    if repository != "git":
        expected.append("weird[1].js")  # an escape is not understood without git
    assert sorted(found(cli)) == sorted(expected)


def test_other_peoples_code_and_prose_are_left_out_even_where_git_tracks_them(cli: Cli, repository: str) -> None:
    write(
        "a.js",
        "node_modules/x/b.js",
        "vendor/c.php",
        "api/.venv/d.py",
        "README.md",
        "notes.txt",
        "calls.jsonl",
        "mcapp.log",
    )
    write("mcapp.toml", text='[scopes]\nexpect = ["GET /fb/page/getInfo"]\n')
    if repository == "git":
        git("add", "-f", ".")
    assert found(cli) == ["a.js"]


def test_a_file_that_is_named_is_read_whatever_it_is(cli: Cli, repository: str) -> None:
    write("ignored.js", "notes.txt", "node_modules/b.js")
    Path(".gitignore").write_text("*\n", encoding="utf-8")
    assert repository
    assert found(cli, "ignored.js", "notes.txt", "node_modules/b.js", "./ignored.js") == [
        "ignored.js",
        "notes.txt",
        "node_modules/b.js",
    ]


def test_a_folder_that_git_ignores_is_searched_when_it_is_named(cli: Cli) -> None:
    git("init", "-q", ".")
    write("out/a.js")
    Path(".gitignore").write_text("out\n", encoding="utf-8")
    assert found(cli, "out") == ["out/a.js"]


def test_a_repository_inside_of_another_is_searched(cli: Cli) -> None:
    git("init", "-q", ".")
    write("a.js", "inner/b.js", "tracked/c.js", "vendor/d/e.js")
    for inner in ("inner", "tracked", "vendor/d"):
        git("init", "-q", inner)
    git("-C", "tracked", "add", ".")
    git("-C", "tracked", "commit", "-qm", "x")
    git("add", "tracked")
    assert sorted(found(cli)) == ["a.js", "inner/b.js", "tracked/c.js"]


def test_git_finds_what_reading_every_file_finds(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    git("init", "-q", ".")
    for number, word in enumerate(uses.WORDS * 2):
        write(f"src/{number}.js", text=f"// {word.decode()}\n")
    write("src/none.js", text="nothing\n")
    Path("src/latin.js").write_bytes(b"// caf\xe9 \xff\xfe\n" + CALL.encode())
    read = sources.find([], uses.WORDS)
    monkeypatch.setattr(sources, "_SEVERAL", 1)
    asked = sources.find([], uses.WORDS)
    assert [path for path, _ in read.files if path != str(Path("src/none.js"))] == [path for path, _ in asked.files]
    assert read.searched == asked.searched == len(uses.WORDS) * 2 + 2
    assert found(cli) == ["src/latin.js"]


@posix
@pytest.mark.parametrize("how", ["a setting", "a program called git"])
def test_no_program_of_a_repository_is_run(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    git("init", "-q", ".")
    write("a.js")
    git("add", ".")
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n", encoding="utf-8")
    trap.chmod(0o700)
    if how == "a setting":
        for setting in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
            git("config", setting, str(trap))
    else:
        shutil.copy(trap, "git")
        monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sources, "_SEVERAL", 1)
    assert found(cli) == ["a.js"]
    assert not (tmp_path / "sprung").exists()
    if how == "a setting":
        git("ls-files", "--others")
        assert (tmp_path / "sprung").exists(), "the trap would not have sprung"


@posix
def test_links_are_not_followed_not_even_in_a_circle(cli: Cli, repository: str, tmp_path: Path) -> None:
    write("src/a.js", "../outside/b.js")
    assert repository
    Path("src/loop").symlink_to("..", target_is_directory=True)
    Path("src/self.js").symlink_to("self.js")
    Path("src/b.js").symlink_to(tmp_path.parent / "outside" / "b.js")
    assert found(cli, "src") == ["src/a.js"]


@posix
def test_fifos_and_binary_and_huge_files_are_left_out(cli: Cli, repository: str) -> None:
    if sys.platform == "win32":
        raise NotImplementedError
    write("a.js")
    os.mkfifo("pipe.js")
    Path("binary.js").write_bytes(b"\0\1\2" + CALL.encode())
    Path("utf16.js").write_bytes(CALL.encode("utf-16"))
    with Path("sparse.js").open("wb") as file:
        file.truncate(3 << 30)
    assert repository
    report = cli("scopes", "--json").json()
    assert [use["path"] for use in report["uses"]] == ["a.js"]
    assert any("sparse.js" in spot for spot in report["blind_spots"])
    assert report["errors"] == []


def test_what_is_not_utf_8_is_read_all_the_same(cli: Cli) -> None:
    Path("latin.js").write_bytes(b"// caf\xe9\n\xe9\xff = " + CALL.encode())
    (use,) = cli("scopes", "--json").json()["uses"]
    assert (use["line"], use["column"], use["class"]) == (2, 6 + CALL.index("/fb"), "literal")


def test_columns_are_code_points(cli: Cli) -> None:
    write("a.js", text="'äöü😀'; " + CALL)
    assert cli("scopes", "--json").json()["uses"][0]["column"] == 1 + len("'äöü😀'; ") + CALL.index("/fb")


@pytest.mark.parametrize("name", ["missing.js", "missing/"])
def test_what_does_not_exist_is_an_error(cli: Cli, name: str) -> None:
    result = cli("scopes", name, "--json")
    assert result.code == 2
    assert "does not exist" in result.json()["errors"][0]["message"]


def test_nothing_to_read_is_an_error(cli: Cli) -> None:
    write("notes.md")
    result = cli("scopes")
    assert result.code == 2
    assert "no source file in this folder" in result.out


HOSTILE = {
    "one line": b"/fb/subscriber/addTag " * 300,
    "quotes": b"\"'`" * 16_000,
    "escapes": b"`\\" * 22_000,
    "lone apostrophes": b"'\\'" * 16_000,
    "comments": b"/*" * 27_000,
    "slashes": b"/" * 60_000,
    "markup": b"<!-" * 16_000,
    "documentation": b'"""\\"' * 11_000,
    "brackets": b"(" * 27_000 + b"/fb/subscriber/addTag" + b"{" * 27_000,
    "spaces": b"page" + b" " * 60_000 + b".getInfo",
    "groups": b"page(page[page." * 3_000,
    "hosts": b"api.manychat.com/" * 2_000,
    "segments": b"api.manychat.com" + b"/a" * 22_000,
    "patterns": b"=/[" * 16_000,
    "keys": b'{"name": "' * 4_000 + b"/fb/page/getTags",
    "queries": b"/fb/subscriber/getInfo?" + b"a=&" * 16_000,
    "lines": b"\n" * 60_000,
    "indents": b"    \n" * 11_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", ["js", "py", "html"])
def test_no_text_takes_long(name: str, suffix: str) -> None:
    data = HOSTILE[name] + b"\n" + b"https://api.manychat.com/fb/page/getInfo manychat /fb/subscriber/addTag\n" * 20
    started = time.process_time()
    result = uses.find(data, f"a.{suffix}")
    assert time.process_time() - started < 0.7
    assert len(result.uses) <= uses.MOST


def test_more_uses_than_are_listed_are_a_blind_spot(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "MOST", 20)
    write("a.js", text="'/fb/page/getTags'\n" * 21)
    report = cli("scopes", "--json").json()
    assert len(report["uses"]) == 20
    assert any("a.js" in spot for spot in report["blind_spots"])


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_an_error_and_the_rest_is_reported(cli: Cli) -> None:
    write("a.js", "b.js")
    Path("b.js").chmod(0)
    result = cli("scopes", "--json")
    assert result.code == 2
    assert [use["path"] for use in result.json()["uses"]] == ["a.js"]
