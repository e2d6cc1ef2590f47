"""What `mcapp doctor` looks at around mcapp: Python, the command on PATH, the configuration, the variables."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from mcapp import __version__, config
from mcapp.cli.options import Common
from mcapp.commands.keys.shared import store_wanted
from mcapp.config import OWN, PROJECT, Config, Found
from mcapp.errors import McappError, nearest
from mcapp.keys.checkup import NOTE, OK, WARNING, Check, failed
from mcapp.keys.stores.environment import EnvironmentStore

# Every variable of this name that means something to mcapp.
VARIABLES = ("MCAPP_KEY_STORE", "MCAPP_CONFIG_DIR", "MCAPP_OUTPUT_FORMAT", "MCAPP_NO_INPUT")


def python() -> Iterator[Check]:
    """Which mcapp this is, and whether its name alone runs another one."""
    yield Check("python", OK, f"mcapp {__version__}, Python {platform.python_version()} at {sys.executable}")
    other = shutil.which("mcapp")
    if other and _folder(other) not in {_folder(sys.argv[0]), _folder(sys.executable), _bare(sys.executable)}:
        yield Check("python", NOTE, f"the command mcapp is another one: {other}", code="other-mcapp")


def _folder(path: str) -> str:
    return os.path.dirname(os.path.realpath(path))  # noqa: PTH120  # links followed: where a program really lies


def _bare(path: str) -> str:
    """The folder without the last link followed: the interpreter of a virtual environment is one."""
    return os.path.realpath(os.path.dirname(path))  # noqa: PTH120  # as above


def configuration(shared: Common) -> Iterator[Check]:
    """Which file this run would use, whether it is valid, and what it sets."""
    area = "configuration"
    if shared.config is None and shared.isolated:
        yield Check(area, OK, "none is looked for: --isolated")
        return
    try:
        found = Found(Path(shared.config), ()) if shared.config is not None else config.find()
        if found.path is None:
            yield Check(area, OK, f"none; looked for {OWN} and {PROJECT} {_where(found)}")
            return
        settings = config.load(str(found.path))
        _understood(settings)
    except McappError as error:
        yield failed(area, error)
        return
    table = ", table [tool.mcapp]" if found.path.name == PROJECT else ""
    names = _set(settings)
    yield Check(area, OK, f"{found.path}{table}: {'sets ' + ', '.join(names) if names else 'sets nothing'}")
    beside = found.path.with_name(PROJECT)
    if found.path.name == OWN and _speaks(beside):
        yield Check(
            area, WARNING, f"[tool.mcapp] in {beside} is not used: {OWN} beside it wins", "keep one of them", "unused"
        )


def _understood(settings: Config) -> None:
    """Raise UsageProblem for a rule or scope that does not exist; the commands that use them would."""
    from mcapp.lint.check import choose
    from mcapp.scopes.expect import scopes

    for words in (settings.select, settings.ignore):
        try:
            choose(words)
        except McappError as error:
            error.message = f"{settings.path}: {error.message}"
            raise
    scopes(settings.expect or (), str(settings.path))


def _set(settings: Config) -> list[str]:
    """The keys whose values are not the defaults, as they are spelt in the file."""
    spelt = {"fail_on": "fail-on", "expect": "scopes.expect"}
    plain = Config()._asdict()
    return [
        spelt.get(name, name) for name, value in settings._asdict().items() if name != "path" and value != plain[name]
    ]


def _where(found: Found) -> str:
    first, last = found.folders[0], found.folders[-1]
    return f"in {first}" if first == last else f"from {first} up to {last}"


def _speaks(project: Path) -> bool:
    try:
        return config.speaks(project)
    except McappError:
        return False


def variables() -> Iterator[Check]:
    """What the variables say that decide where keys come from and go to, and how a run reports and asks."""
    area = "environment"
    store = EnvironmentStore()
    try:
        cleaned = store.cleaned()
    except McappError as error:
        yield failed(area, error)
    else:
        if cleaned:
            told = f"{store.variable()} holds a key ({cleaned.secret.hint}, fingerprint {cleaned.secret.fingerprint})"
            yield Check(area, OK, f"{told}; it is used before the default key")
    try:
        store_wanted(None)
    except McappError as error:
        yield failed(area, error)
    yield from _formats()
    no_input = os.environ.get("MCAPP_NO_INPUT", "")
    if no_input.lower() in ("false", "no", "off", "n", "f"):
        hint = "to allow them: unset MCAPP_NO_INPUT"
        yield Check(
            area, WARNING, f"MCAPP_NO_INPUT={no_input} forbids prompts, as everything but 0 does", hint, "no-input"
        )
    for name in sorted(os.environ):
        if name.startswith("MCAPP_") and name not in VARIABLES:
            meant = nearest(name, VARIABLES)
            hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(VARIABLES)}"
            yield Check(area, WARNING, f"{name} means nothing to mcapp", hint, "unknown-variable")
    if os.environ.get("PYTHON_KEYRING_BACKEND"):
        yield Check(area, NOTE, "PYTHON_KEYRING_BACKEND is set; mcapp does not heed it", code="not-heeded")


def _formats() -> Iterator[Check]:
    """MCAPP_OUTPUT_FORMAT speaks for every command: a format that only some know is fine, an unknown one is not."""
    from mcapp import report
    from mcapp.scopes import formats

    known = [*report.FORMATS, *(name for name in formats.FORMATS if name not in report.FORMATS)]
    for word in os.environ.get("MCAPP_OUTPUT_FORMAT", "").split():
        if word.partition("=")[0] not in known:
            hint = f"there are: {', '.join(known)}"
            yield Check(
                "environment", WARNING, f"MCAPP_OUTPUT_FORMAT: no command has the format {word!r}", hint, "format"
            )
