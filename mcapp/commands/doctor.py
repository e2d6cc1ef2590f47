"""`mcapp doctor`: whether everything that mcapp needs works here, and whether the stored keys are in order.

`keys.checkup` checks the keys. Here is what is around them: Python, configuration, environment, proxy, certificates.
That writes no file and opens no connection: one is prepared as probe, keys add --verify and send do.
"""

import os
import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import typer

from mcapp import __version__, config
from mcapp.cli.command import command, common, flag
from mcapp.cli.output import ContentWriter
from mcapp.commands.stored_keys import opened
from mcapp.config import OWN, PROJECT, Config
from mcapp.errors import McappError, suggestion
from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, Checkup, failed
from mcapp.keys.stores import Timeouts
from mcapp.keys.vault import from_environment, store_wanted
from mcapp.lint.check import choose as choose_rules
from mcapp.net.target import choose
from mcapp.scopes.expect import scopes
from mcapp.terminal.console import Style, visible
from mcapp.terminal.drawing import table
from mcapp.terminal.format import plural

VARIABLES = ("MCAPP_CONFIG_DIR", "MCAPP_KEY_STORE", "MCAPP_NO_INPUT", "MCAPP_OUTPUT_FORMAT")
_WHO = "probe, keys add --verify and send"


@command(
    examples="""
    mcapp doctor
    mcapp doctor --dry-run      checks, and repairs nothing
    """,
    exits={
        0: "no problems, or all of them repaired",
        1: "a problem that mcapp cannot repair; a broken configuration too, which is 2 elsewhere",
        2: "usage",
    },
    notes="""
    The stores are read, and never written to as a test. What doctor repairs: the index, and what an interrupted add or
    removal left in a store. It does not unlock a keyring. It prepares a connection as probe does, and does
    not open it.
    """,
)
def doctor(ctx: typer.Context, dry_run: bool = flag("--dry-run", "Repair nothing; only report.")) -> None:
    """Each line says what was checked and whether it works; what to do about it follows."""
    shared = common(ctx)
    output = ContentWriter(ctx, {"checks": []})
    areas: list[tuple[str, Callable[[], Iterable[Check]]]] = [
        ("configuration", partial(_configuration, shared.config, isolated=shared.isolated)),
        ("environment", _key),
        ("environment", _variables),
        ("proxy", _proxy),
        ("certificates", _certificates),
    ]
    checks = [Check("python", OK, f"mcapp {__version__}, Python {platform.python_version()} at {sys.executable}")]
    for area, look in areas:
        checks += _examined(area, look)
    if all(check.status != PROBLEM for check in checks if check.area in ("proxy", "certificates")):
        checks += _examined("connection", _connection)
    with opened(ctx) as vault:
        vault.timeouts = Timeouts(say=vault.timeouts.say)  # no keyring's prompt, not even at a terminal
        checks.extend(Checkup(vault).run(repair=not dry_run))
        ok = all(check.status != PROBLEM for check in checks)
        rows = [
            check._asdict()
            | {"code": check.code or None, "message": visible(check.message), "hint": check.hint or None}
            for check in checks
        ]
        output.emit({"checks": rows}, partial(_text, checks), ok=ok)
    if not ok:
        raise typer.Exit(1)


def _examined(area: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """What is found in this area; an error is a problem there."""
    try:
        yield from look()
    except McappError as error:
        yield failed(area, error)


def _configuration(path: str | None, *, isolated: bool) -> Iterator[Check]:
    """Which file this run uses (`path` is --config), whether it is valid, and what it sets."""
    area = "configuration"
    if path is None and isolated:
        yield Check(area, OK, "none: --isolated")
        return
    found = Path(path) if path is not None else config.find()
    if found is None:
        yield Check(area, OK, f"none; looked for {OWN} and {PROJECT} from {Path.cwd()} upwards")
        return
    settings = config.load(str(found))
    choose_rules(settings.select, settings.ignore, found)  # as validate does
    scopes(settings.expect or (), str(found))  # as probe does
    names = [
        {"fail_on": "fail-on", "expect": "scopes.expect"}.get(name, name)
        for name, value in settings._asdict().items()
        if name != "path" and value != getattr(Config(), name)
    ]
    in_table = ", table [tool.mcapp]" if found.name == PROJECT else ""
    yield Check(area, OK, f"{found}{in_table}: {'sets ' + ', '.join(names) if names else 'sets nothing'}")


def _key() -> Iterator[Check]:
    key = from_environment()
    if key:
        what = f"a key ({key.secret.hint}, fingerprint {key.secret.fingerprint})"
        yield Check("environment", OK, f"{key.variable} holds {what}; it is used before the default key")


def _variables() -> Iterator[Check]:
    for name in sorted(os.environ):
        if name.startswith("MCAPP_") and name not in VARIABLES:
            hint = suggestion(name, VARIABLES, f"known are: {', '.join(VARIABLES)}")
            yield Check("environment", WARNING, f"{name} is not a variable that mcapp knows", hint, "unknown-variable")
    store_wanted(None)


def _connection() -> list[Check]:
    from mcapp.net.transport import make_transport  # httpx, 100 ms: not for the help

    make_transport(choose())
    return []


def _proxy() -> Iterator[Check]:
    from mcapp.net import transport  # as above

    manychat = choose()
    proxy = transport.proxy(manychat)
    named = {name.lower(): name for name in sorted(os.environ) if os.environ[name]}  # of two spellings the lower case
    bypass, unused = named.get("no_proxy"), named.get("https_proxy") or named.get("all_proxy")
    if proxy is not None:
        proxy.check()
        besides = f"; {bypass} does not cover {manychat.host}" if bypass else ""
        message = f"{_WHO} reach https hosts through {proxy.shown} ({proxy.source}){besides}; never this machine"
    elif unused and bypass:
        message = f"{bypass} covers {manychat.host}, so {unused} is not used for it"
    else:
        script = "" if sys.platform == "linux" else "; a script (PAC) in the system's settings is not used"
        message = f"none: {_WHO} connect directly{script}"
    yield Check("proxy", OK, message)


def _certificates() -> Iterator[Check]:
    from mcapp.net import transport  # as above

    area, trust = "certificates", transport.trust()
    try:
        trust.context()
    except OSError as error:
        hint = "reinstall them: python -m pip install --force-reinstall certifi"
        yield Check(area, PROBLEM, f"cannot read the certificates of certifi: {error.strerror}", hint, "connection")
        return
    if trust.source:
        which = f"only the authorities in {trust.path} ({trust.source})"
    else:
        which = f"the authorities {'of certifi' if sys.platform == 'linux' else 'that this system trusts'}"
    through = transport.route(choose()).proxy if trust.source else ""
    both = f"; with the proxy {through}, anyone who controls both can read App Keys" if through else ""
    yield Check(area, NOTE if both else OK, f"trusts {which}{both}")
    if trust.key_log:
        message = f"{transport.KEY_LOG} is set: with that file, recorded traffic can be decrypted, App Keys included"
        yield Check(area, WARNING, message, f"unset {transport.KEY_LOG}", "key-log")


def _text(checks: list[Check], style: Style, width: int) -> str:
    """A line for each check, with what to do below it; and the verdict."""
    colours = {OK: style.good, NOTE: style.note, WARNING: style.warning, PROBLEM: style.error}
    rows: list[Sequence[str] | str] = []
    for check in checks:
        status = "repaired" if check.repaired else check.status
        rows.append([colours[check.status](f"{status:8}"), check.area, visible(check.message)])
        # Not wrapped: it may be a command.
        rows += [f"      {visible(line)}" for line in check.hint.split("\n") if line]
    # What was repaired is not counted as a warning.
    repaired = sum(check.repaired for check in checks)
    problems = sum(check.status == PROBLEM for check in checks)
    warnings = sum(check.status == WARNING and not check.repaired for check in checks)
    parts = [plural(problems, "problem") if problems else "no problems"]
    if warnings:
        parts.append(plural(warnings, "warning"))
    if repaired:
        parts.append(f"{repaired} repaired")
    colour = style.error if problems else style.good
    return "\n".join([table(rows, style=style, width=width), "", colour(", ".join(parts))])
