"""`mcapp doctor`: does everything that mcapp needs work here, and are the stored keys in order."""

import os
import platform
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mcapp import __version__
from mcapp.commands.base import build, common, spec
from mcapp.commands.keys_common import opened, store_wanted
from mcapp.commands.keys_output import Json, Output, OutputFormat
from mcapp.console import Style, visible
from mcapp.errors import McappError
from mcapp.keys.checkup import NOTE, OK, PROBLEM, WARNING, Check, Checkup, failed
from mcapp.keys.stores.environment import EnvironmentStore


@spec(
    examples="""
    mcapp doctor
    mcapp doctor --dry-run      looks, and puts nothing right
    """,
    exits={0: "all is well, or was put right", 1: "something is wrong that mcapp cannot put right"},
    notes="""
    The stores are read, never written to for a test. Put right are the index, and what an add or a removal that was
    cut short has left in a store. A locked keyring is not unlocked.
    """,
)
def doctor(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Put nothing right; only tell.")] = False,
    output_format: OutputFormat = None,
    json: Json = False,
) -> None:
    """Check Python, the key stores, and the index of the stored keys; settle what was cut short."""
    console = common(ctx).console
    output = Output(ctx, output_format, json, lambda: {"checks": []})
    checks = [_python(), *_environment()]
    with opened(ctx) as vault:
        # No prompt is raised from here, at a terminal neither: looking is not worth a password.
        vault.patience = vault.patience._replace(interactive=False, limit=3.0)
        checks.extend(Checkup(vault).run(repair=not dry_run))
        ok = all(check.status != PROBLEM for check in checks)
        output.emit({"checks": [_shown(check) for check in checks]}, _text(console.style, checks), ok=ok)
    if not ok:
        raise typer.Exit(1)


def _python() -> Check:
    return Check("python", OK, f"mcapp {__version__}, Python {platform.python_version()} at {sys.executable}")


def _environment() -> Iterator[Check]:
    """What the variables say that decide where keys come from and go to."""
    store = EnvironmentStore()
    try:
        cleaned = store.cleaned()
    except McappError as error:
        yield failed("environment", error)
    else:
        if cleaned:
            told = f"{store.variable()} holds a key ({cleaned.secret.hint}, fingerprint {cleaned.secret.fingerprint})"
            yield Check("environment", OK, f"{told}; it is used before the default key")
    try:
        store_wanted(None)
    except McappError as error:
        yield failed("environment", error)
    if os.environ.get("PYTHON_KEYRING_BACKEND"):
        yield Check("environment", NOTE, "PYTHON_KEYRING_BACKEND is set; mcapp does not heed it")


def _shown(check: Check) -> dict[str, Any]:
    return {
        "area": check.area,
        "status": check.status,
        "code": check.code or None,
        "message": visible(check.message),
        "hint": check.hint or None,
        "repaired": check.repaired,
    }


def _text(style: Style, checks: list[Check]) -> str:
    colours = {OK: style.good, NOTE: style.note, WARNING: style.warning, PROBLEM: style.error}
    width = max(len(check.area) for check in checks)
    lines = []
    for check in checks:
        status = "repaired" if check.repaired else check.status
        lines.append(f"{colours[check.status](f'{status:8}')}  {check.area:{width}}  {visible(check.message)}")
        lines.extend(" " * (width + 12) + visible(line) for line in check.hint.split("\n") if line)
    problems = sum(check.status == PROBLEM for check in checks)
    lines.append("" if not problems else f"{problems} problem{'s' if problems > 1 else ''}")
    return "\n".join(lines).rstrip("\n")


command = build("doctor", doctor)
