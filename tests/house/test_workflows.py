"""The workflows run what the documents say, every action is pinned, and the lock files fit pyproject.toml.

`make workflows` looks for what is unsafe or unknown in them.
"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.harness import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


@every_workflow
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert not [use for use in used if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use)]


def test_one_action_has_one_pin() -> None:
    files = [*WORKFLOWS, *ROOT.glob("action.yml")]
    pins = {pin for path in files for pin in re.findall(r"uses: (\S+@.*)", path.read_text(encoding="utf-8"))}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@every_workflow
def test_no_secret_is_used(path: Path) -> None:
    assert "secrets." not in path.read_text(encoding="utf-8")


def test_the_tour_is_the_readme_s() -> None:
    """What README.md shows at a `$` is typed in every shell, but for the block that it shows by hand."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = {line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ ")}
    typed = (ROOT / ".github/workflows/platforms.yml").read_text(encoding="utf-8")
    assert shown
    assert not [command for command in shown - {"mcapp validate block.json"} if f"- run: {command}\n" not in typed]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.txt", ()), ("build-requirements.txt", ("build",)), ("dev-requirements.txt", ("dev", "build"))],
)
def test_the_lock_file_fits(lock: str, extras: tuple[str, ...]) -> None:
    """Each requirement is pinned within its bounds, and each pin has a hash. `make locks` writes the files."""
    text = (ROOT / ".github" / lock).read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", text, re.MULTILINE))
    blocks = [block for block in re.split(r"\n(?=[a-z])", text) if "==" in block]
    assert len(blocks) == len(pins)
    assert all("--hash=sha256:" in block for block in blocks)
    wanted = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower().replace(".", "-")
        if name == "mcapp":  # `mcapp[build]`: the extra is in `extras`
            continue
        assert name in pins and pins[name] in requirement.specifier, f"{requirement}: run `make locks`"  # noqa: PT018  # one fact
    assert "://" not in text, "no address of an index belongs into the file"
