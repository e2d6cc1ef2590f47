"""The wheel: what is in it, and that it runs with its schemas away from the checkout.

`.ci/wheel-check` goes further and installs it with pip, which needs a network.
"""

import email
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

import mcapp
from mcapp import schemas
from mcapp.cli.application import COMMANDS
from tests.harness import ROOT, environment

if sys.platform == "win32":
    pytest.importorskip("hatchling", reason="under Wine nothing is built")

BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"mcapp-{mcapp.__version__}.dist-info/METADATA"))


def test_it_holds_the_package_and_the_schemas_and_nothing_else(names: set[str]) -> None:
    sources = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "mcapp").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "README.md"
    }
    data = {f"mcapp/schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")}
    info = f"mcapp-{mcapp.__version__}.dist-info"
    about = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert names == sources | data | about
    assert "mcapp/py.typed" in names
    assert data == {f"mcapp/schemas/{name}.schema.json" for name in schemas.NAMES}


def test_both_hold_what_git_tracks_and_nothing_that_lies_beside_it(tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not listed:
        pytest.skip("this is not a checkout")
    tracked = [name for name in listed.split("\0") if (ROOT / name).is_file()]
    for name in tracked:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for place in ("", "mcapp/", "mcapp/keys/", "schemas/", "tests/", "tests/keys/"):
        for name in (".env", "keys.toml", "notes.txt", "key.pem", "app.json", "index.toml.new"):
            (tmp_path / place / name).write_text("private")
    build = "from hatchling.build import *; print(build_wheel('out'), build_sdist('out'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=tmp_path, capture_output=True, text=True, check=True)
    wheel, sdist = done.stdout.split()[-2:]
    with zipfile.ZipFile(tmp_path / "out" / wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    package = {name for name in tracked if name.startswith("mcapp/") and not name.endswith("README.md")}
    assert names == package | {f"mcapp/{name}" for name in tracked if name.endswith(".schema.json")}
    with tarfile.open(tmp_path / "out" / sdist) as archive:
        names = {member.partition("/")[2] for member in archive.getnames()}
    assert names - {"PKG-INFO", ".gitignore"} <= set(tracked)
    wanted = {name for name in tracked if name.startswith(("mcapp/", "schemas/", "tests/"))}
    assert wanted - names == set()


def test_its_papers_are_in_order(wheel: Path, metadata: Message) -> None:
    assert wheel.name == f"mcapp-{mcapp.__version__}-py3-none-any.whl"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert [line for line in needed if line.startswith("typer")] == ["typer<0.29,>=0.26"]
    assert len(needed) < 10
    with zipfile.ZipFile(wheel) as archive:
        entries = archive.read(f"mcapp-{mcapp.__version__}.dist-info/entry_points.txt").decode()
    assert entries.split() == ["[console_scripts]", "mcapp", "=", "mcapp.__main__:main"]


def test_it_runs_where_it_is_unpacked(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")  # noqa: S202  # it was built here
    env = environment({"PYTHONPATH": str(tmp_path / "site")})

    def run(*args: str) -> str:
        done = subprocess.run([sys.executable, *args], env=env, capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    assert Path(run("-c", "import mcapp; print(mcapp.__file__)").strip()).is_relative_to(tmp_path)
    for name in schemas.NAMES:
        assert run("-m", "mcapp", "schema", name) == schemas.text(name)
    for name in COMMANDS:
        assert run("-m", "mcapp", name, "--help").startswith(
            ("Write", "Check", "Find", "List", "Print", COMMANDS[name][:10])
        )
