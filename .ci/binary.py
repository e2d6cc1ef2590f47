"""Build the folder that runs without Python, for the system that this runs on, and an archive of it.

    python .ci/binary.py dist      needs PyInstaller and mcapp's dependencies; leaves dist/mcapp/ and an archive

A folder, because a single file unpacks itself at every start, which takes longer than any check.
"""

import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
sys.path.insert(0, str(CHECKOUT))

from mcapp import __version__  # noqa: E402
from mcapp.keys.stores import ALLOWED  # noqa: E402

# Parts of Python and of libraries that nothing in mcapp needs; PyInstaller would import multiprocessing at each start.
UNUSED = (
    *("tkinter", "unittest", "pydoc", "doctest", "lib2to3", "xmlrpc", "sqlite3", "curses", "readline", "test"),
    *("setuptools", "pkg_resources", "pip", "pygments", "markdown_it", "httpx._main", "trio", "requests"),
    *("charset_normalizer", "urllib3", "multiprocessing", "pytest", "_pytest", "pluggy", "pdb"),
    *("anyio._backends._trio", "httpcore._backends.trio", "_pydecimal", "ftplib", "xml.sax"),
    *("statistics", "webbrowser", "_uuid"),
    *(f"httpcore.{part}.{module}" for part in ("_sync", "_async") for module in ("http2", "socks_proxy")),
)
# Modules that PyInstaller would change at each start: inspect, so that it finds the source, which the folder lacks. The
# zipfile that it imports for that takes a tenth of the start.
UNCHANGED = ("inspect",)


def name() -> str:
    """The system as npm names it: linux-x64, darwin-arm64, win32-x64."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower())
    return f"{sys.platform}-{machine or platform.machine().lower()}"


def build(into: Path) -> Path:
    """Run PyInstaller; the finished folder."""
    with tempfile.TemporaryDirectory() as scratch:
        hooks = Path(scratch) / "hooks"
        (hooks / "rthooks").mkdir(parents=True)
        (hooks / "rthooks" / "nothing.py").touch()
        (hooks / "rthooks.dat").write_text(repr({module: ["nothing.py"] for module in UNCHANGED}))
        options = [
            *("--onedir", "--name", "mcapp", "--noconfirm", "--clean", "--log-level", "WARN", "--noupx"),
            *("--distpath", str(into), "--workpath", scratch, "--specpath", scratch, "--paths", str(CHECKOUT)),
            *("--additional-hooks-dir", str(hooks)),
            *("--collect-submodules", "mcapp", "--collect-data", "mcapp", "--collect-submodules", "rich._unicode_data"),
            *("--add-data", f"{CHECKOUT / 'schemas'}:mcapp/schemas"),
            *(word for backend in ALLOWED.values() for word in ("--hidden-import", backend.module)),
            *(word for module in UNUSED for word in ("--exclude-module", module)),
            *(() if sys.platform == "win32" else ("--strip",)),  # Microsoft's libraries break if they are stripped
        ]
        # The modules are compressed: without that a start takes 7 % less, and the folder has more than 45 MB.
        subprocess.run(  # noqa: S603  # the build itself
            [sys.executable, "-m", "PyInstaller", *options, str(HERE / "frozen.py")], check=True
        )
    folder = into / "mcapp"
    for readme in folder.rglob("README.md"):
        readme.unlink()
    return folder


def main() -> None:
    """Build, pack, and say how large it is."""
    into = Path(sys.argv[1]).resolve()
    folder = build(into)
    kind = "zip" if sys.platform == "win32" else "gztar"
    archive = Path(shutil.make_archive(str(into / f"mcapp-{__version__}-{name()}"), kind, into, "mcapp"))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    sys.stdout.write(f"{folder}: {size / 1e6:.1f} MB, packed {archive.stat().st_size / 1e6:.1f} MB ({archive.name})\n")


if __name__ == "__main__":
    main()
