"""mcapp: write, check and rehearse the App JSON of a ManyChat app.

The functions that the commands use are open to Python too: `mcapp.validate`, `mcapp.build_request` and
`mcapp.probe`. They are imported when they are first asked for, so that `import mcapp` costs nothing.
"""

from typing import TYPE_CHECKING, Any

# A constant: asking importlib.metadata for it costs 11 ms at every start.
__version__ = "0.1.0"

if TYPE_CHECKING:
    from mcapp.api import build_request, probe, validate
    from mcapp.lint.model import Finding, Rule
    from mcapp.report.result import Report

__all__ = ["Finding", "Report", "Rule", "__version__", "build_request", "probe", "validate"]

_HOMES = {
    "validate": "mcapp.api",
    "build_request": "mcapp.api",
    "probe": "mcapp.api",
    "Finding": "mcapp.lint.model",
    "Rule": "mcapp.lint.model",
    "Report": "mcapp.report.result",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'mcapp' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
