"""Where the JSON Schemas lie: beside the package in a checkout, inside it in an installed wheel."""

from pathlib import Path

NAMES = (
    *("app", "config", "doctor", "emulate", "endpoints", "generate", "keys", "listen", "probe", "report"),
    *("rules", "send"),
)


def folder() -> Path:
    """The folder that holds the schemas. importlib.resources would do the same for 4 ms more."""
    package = Path(__file__).parent
    installed = package / "schemas"
    return installed if installed.is_dir() else package.parent / "schemas"


def text(name: str) -> str:
    """The schema `name` (one of NAMES) as the JSON text that is published."""
    return (folder() / f"{name}.schema.json").read_text(encoding="utf-8")
