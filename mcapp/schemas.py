"""The published JSON Schemas: next to the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

NAMES = (
    *("app", "config", "doctor", "emulate", "endpoints", "fleet", "generate", "keys", "listen", "probe", "report"),
    *("recording", "rules", "scopes", "send"),
)


def folder() -> Path:
    """The folder of the schemas. importlib.resources would find it as well, but importing that takes 4 ms."""
    package = Path(__file__).parent
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def text(name: str) -> str:
    """The schema `name` (one of NAMES) as the JSON text that is published."""
    return (folder() / f"{name}.schema.json").read_text(encoding="utf-8")
