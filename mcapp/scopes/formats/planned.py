"""`--dry-run`: every request of a plan, and why it is harmless."""

import textwrap
from collections import Counter
from json import dumps
from typing import Any

from mcapp.scopes.plan import NONE, OWN, Plan, Request
from mcapp.terminal.console import Style

# Which key goes with a request.
_KEYS = {OWN: "the App Key", NONE: "no key"}


def render_text(plan: Plan, style: Style, width: int) -> str:
    """A numbered list, in the order of sending."""
    width = min(width, 110)
    lines = []
    for number, request in enumerate(plan.requests, 1):
        body = f"  {request.body.decode()}" if request.body is not None else ""
        lines.append(f"{number:3}  {style.bold(f'{request.method} {request.url}')}{body}")
        told = f"{request.purpose}; with {_key(request)}. {request.endpoint.harmless}"
        lines += [f"     {style.dim(line)}" for line in textwrap.wrap(told, max(width - 5, 20), break_on_hyphens=False)]
    lines.append("")
    for reason, number in Counter(skip.reason for skip in plan.skipped.values()).items():
        lines += textwrap.wrap(f"left out: {number} ({reason})", max(width, 20), subsequent_indent="  ")
    writes = "; writes only if both calibrations are refused for the key" if plan.writes else ""
    number = len(plan.requests)
    told = f"{number} request{'' if number == 1 else 's'} to {plan.target.base_url}{writes}; nothing was sent"
    lines += textwrap.wrap(told, max(width, 20), break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines)


def render_json(plan: Plan, style: Style, width: int) -> str:  # noqa: ARG001  # every format has this form
    """The same as one document; described in schemas/probe.schema.json."""
    document: dict[str, Any] = {
        "schema_version": 1,
        "command": "probe",
        "dry_run": True,
        "ok": True,
        "base_url": plan.target.base_url,
        "requests": [
            {
                "number": number,
                "scope": request.endpoint.scope,
                "method": request.method,
                "url": plan.target.base_url + request.url,
                "body": None if request.body is None else {},
                "key": request.auth,
                "purpose": request.purpose,
                "harmless": request.endpoint.harmless,
            }
            for number, request in enumerate(plan.requests, 1)
        ],
        "skipped": [{"scope": scope, "reason": skip.reason, "next": skip.next} for scope, skip in plan.skipped.items()],
        "errors": [],
    }
    return dumps(document, indent=2)


def _key(request: Request) -> str:
    return _KEYS.get(request.auth, "a key that nobody has")
