"""Deliveries as files: what a developer's own tests can replay. No key is in them, and nobody else can read them."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcapp.errors import InputProblem
from mcapp.files import write
from mcapp.terminal.redact import mask, suspects


def prepare_folder(name: str) -> Path:
    """The folder of this name, made if it is not there. Raises InputProblem where nothing can be written there."""
    if suspects(name):
        raise InputProblem("what stands where --save's folder belongs looks like a key", code="key-as-argument")
    folder = Path(name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK | os.X_OK)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputProblem(f"--save: {name} is no folder to write to: {reason}", code="unwritable", path=name) from None
    if not usable:
        raise InputProblem(f"--save: nothing can be written in {name}", code="unwritable", path=name)
    return folder


def save(folder: Path, delivery: dict[str, Any]) -> Path:
    """Write a delivery, and give the file's path. Raises InputProblem; an existing file is never touched."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = folder / f"delivery-{now}-{os.urandom(6).hex()}.json"
    kept = ("method", "path", "query", "headers", "body_kind", "body", "status")
    text = mask(json.dumps({name: delivery[name] for name in kept}, indent=2)) + "\n"
    write(path, text, replace=False, private=True)
    return path
