"""Make the npm packages: the launcher `mcapp`, and `@mcapp-cli/SYSTEM` with the folder of `make binary`.

    python .ci/npm.py dist      after .ci/binary.py dist; needs npm, and no network

The launcher depends optionally on the package of every system, each of which npm installs only on its own system.
Nothing is downloaded by a script at installation.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
sys.path[:0] = [str(HERE), str(CHECKOUT)]

from binary import name  # noqa: E402

from mcapp import __version__  # noqa: E402

SYSTEMS = ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64")
HOME = "https://github.com/mcapp-cli/mcapp"
COMMON: dict[str, Any] = {
    "version": __version__,
    "license": "MIT",
    "homepage": HOME,
    "repository": {"type": "git", "url": f"git+{HOME}.git"},
}


def pack(folder: Path, package: dict[str, Any], readme: str, into: Path) -> None:
    """Add what every package has, and pack it."""
    (folder / "package.json").write_text(json.dumps({**package, **COMMON}, indent=2) + "\n", encoding="utf-8")
    (folder / "README.md").write_text(f"{readme}\n\nSee <{HOME}>.\n", encoding="utf-8")
    shutil.copy(CHECKOUT / "LICENSE", folder / "LICENSE")
    npm = shutil.which("npm")  # on Windows npm is npm.cmd
    if npm is None:
        sys.exit("npm is missing")
    subprocess.run(  # noqa: S603  # the build itself
        [npm, "pack", "--silent", "--offline", "--pack-destination", str(into), str(folder)], check=True
    )


def main() -> None:
    """Pack the system's package and the launcher."""
    into = Path(sys.argv[1]).resolve()
    system = name()
    platform, _, processor = system.partition("-")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "system"
        shutil.copytree(into / "mcapp", folder / "mcapp")  # npm packs no links: their targets instead
        about = {
            "name": f"@mcapp-cli/{system}",
            "description": f"mcapp for {system}; install the package mcapp instead.",
            "os": [platform],
            "cpu": [processor],
            **({"libc": ["glibc"]} if platform == "linux" else {}),
            "preferUnplugged": True,  # Yarn must not leave it in a zip file
            # npm links this one instead of the launcher (the first of the two by path): there Node need not start.
            "bin": {"mcapp": f"mcapp/{'mcapp.exe' if platform == 'win32' else 'mcapp'}"},
        }
        pack(folder, about, f"The program of the npm package `mcapp` for {system}.", into)
        folder = Path(scratch) / "launcher"
        folder.mkdir()
        shutil.copy(HERE / "npm/mcapp.js", folder / "mcapp.js")
        about = {
            "name": "mcapp",
            "description": "Write, check and rehearse the App JSON of a ManyChat app.",
            "keywords": ["manychat", "app-json", "app-key", "linter", "cli"],
            "bin": {"mcapp": "mcapp.js"},
            "engines": {"node": ">=18"},
            "optionalDependencies": {f"@mcapp-cli/{each}": __version__ for each in SYSTEMS},
        }
        readme = (
            "Checks and rehearses the App JSON of a ManyChat app: `npx mcapp validate`. Needs no Python.\n\n"
            "npx alone takes three to six times as long as mcapp does. Where that counts, as in a Git hook, run\n"
            "`node_modules/.bin/mcapp validate`, which npm makes the program itself."
        )
        pack(folder, about, readme, into)


if __name__ == "__main__":
    main()
