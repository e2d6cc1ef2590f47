"""What is measured and what it is measured against: each program installed in a place of its own under .benchmarks/.

mcapp is measured as users have it: the built wheel with its byte code compiled, not the checkout.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.harness import ROOT

PLACE = ROOT / ".benchmarks"
SCHEMA = ROOT / "schemas" / "app.schema.json"
CHECK_JSONSCHEMA = "check-jsonschema==0.39.0"
AJV_CLI = "ajv-cli@5.0.0"

# What a child gets to see: nothing that changes how fast Python is (PYTHONDONTWRITEBYTECODE, PYTHONPATH, …).
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(PLACE / "home"), "LC_ALL": "C.UTF-8"}


def _venv(name: str) -> Path:
    folder = PLACE / name
    if not (folder / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin"


def _pip_install(binaries: Path, *words: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pip = [str(binaries / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--compile", *words], check=True, env=env)


def mcapp() -> Path:
    """Build the wheel of this checkout and install it; returns the folder of its programs."""
    wheels = PLACE / "wheel"
    shutil.rmtree(wheels, ignore_errors=True)
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, wheels], cwd=ROOT, check=True)
    (wheel,) = wheels.glob("*.whl")
    binaries = _venv("mcapp")
    _pip_install(binaries, str(wheel))  # what it depends on
    _pip_install(binaries, "--force-reinstall", "--no-deps", str(wheel))  # itself, though its version is the same
    return binaries


def check_jsonschema() -> Path:
    """Install check-jsonschema; returns the program."""
    binaries = _venv("check-jsonschema")
    program = binaries / "check-jsonschema"
    if not program.exists():
        _pip_install(binaries, CHECK_JSONSCHEMA)
    return program


def ajv() -> Path | None:
    """Install ajv-cli; returns the program, or None where there is no npm."""
    npm = shutil.which("npm")
    folder = PLACE / "ajv"
    program = folder / "node_modules" / ".bin" / "ajv"
    if not program.exists() and npm:
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([npm, "install", "--prefix", folder, *quiet, AJV_CLI], check=True, stdout=subprocess.DEVNULL)
    return program if program.exists() else None
